//! From tags to claims: which concept a label names, if it names one; what a crowd's votes come to.

use std::collections::{BTreeMap, BTreeSet};

use super::import_tags::{Distrusted, ImportTags, concept_iri};
use crate::{
    enrichment::{Claim, Crowd},
    linking::{
        Linker, Named,
        tags::{StopList, Tag},
    },
    vocab::Form,
};

/// A claim, and why it names no concept where it does not.
#[derive(Clone, Debug)]
pub(super) struct Matched {
    pub(super) claim: Claim,
    pub(super) stopped: bool,
    pub(super) homograph: bool,
}

/// Makes claims of tags.
#[derive(Debug)]
pub(super) struct Claims<'c> {
    linker: Linker<'c>,
    stop_list: StopList,
    facet: String,
    language: Option<String>,
    distrusted: Distrusted,
}

impl<'c> Claims<'c> {
    pub(super) fn new(linker: Linker<'c>, stop_list: StopList, job: &ImportTags) -> Self {
        Self { linker, stop_list, facet: job.facet.clone(), language: job.language.clone(), distrusted: Distrusted::new() }
    }

    /// From now on the ids on these lines are not believed.
    pub(super) fn distrust(&mut self, lines: Vec<u64>) {
        self.distrusted.extend(lines);
    }

    /// Whether a label is one of a concept's.
    pub(super) fn agrees(&self, concept: &str, label: &str) -> anyhow::Result<bool> {
        let Some(iri) = concept_iri(concept) else { return Ok(false) };
        let wanted = Form::of(label);
        let labels = self.linker.concepts().hierarchy().vocabularies().labels(iri.as_str())?;
        Ok(labels.iter().any(|l| {
            let own = Form::of(&l.text);
            own.plain == wanted.plain || own.singular == wanted.singular
        }))
    }

    /// The claims that one thing's tags come to, by rank. What is wrong with a line goes to the notes.
    pub(super) fn of(&self, tags: &[Tag], notes: &mut Vec<(u64, String)>) -> anyhow::Result<Vec<Matched>> {
        let is_crowd = tags.iter().any(|t| t.annotator.is_some() || t.count.is_some());
        let mut said = if is_crowd { votes(tags) } else { scores(tags) };
        said.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.label.cmp(&b.label)));
        let mut claims = Vec::new();
        for (rank, said) in (1_u32..).zip(said) {
            claims.push(self.claim(said, rank, notes)?);
        }
        Ok(claims)
    }

    fn claim(&self, said: Said, rank: u32, notes: &mut Vec<(u64, String)>) -> anyhow::Result<Matched> {
        let language = said.language.or_else(|| self.language.clone());
        let stopped = self.stop_list.has(&said.label);
        let (mut concept, mut homograph) = (None, false);
        if let Some(given) = said.concept.filter(|_| !self.distrusted.contains(&said.line)) {
            concept = self.given(&given, said.line, notes)?;
        }
        if concept.is_none() && !stopped {
            match self.linker.names(&said.label, language.as_deref())? {
                Named::One(found) => concept = Some(found),
                Named::Several => homograph = true,
                Named::Nothing => {}
            }
        }
        let Said { label, score, crowd, .. } = said;
        let stopped = stopped && concept.is_none();
        Ok(Matched { claim: Claim { label, language, concept, facet: self.facet.clone(), score, rank, crowd }, stopped, homograph })
    }

    /// The concept that the file itself names, if it is known and may be stated.
    fn given(&self, name: &str, line: u64, notes: &mut Vec<(u64, String)>) -> anyhow::Result<Option<oxigraph::model::NamedNode>> {
        let vocabularies = self.linker.concepts().hierarchy().vocabularies();
        let known = concept_iri(name).map(|iri| vocabularies.concept(iri.as_str())).transpose()?.flatten();
        match known {
            None => notes.push((line, format!("the concept `{name}` is in none of the loaded vocabularies; the label is kept"))),
            Some(concept) if !concept.kind.is_taggable() => {
                notes.push((line, format!("`{name}` orders the hierarchy and is never a tag; the label is kept")));
            }
            Some(concept) => return Ok(Some(concept.iri)),
        }
        Ok(None)
    }
}

/// A label with what was said by it.
struct Said {
    label: String,
    language: Option<String>,
    concept: Option<String>,
    score: f64,
    line: u64,
    crowd: Option<Crowd>,
}

/// A service's labels, each once with its best score; without a number it is 1: they said so.
fn scores(tags: &[Tag]) -> Vec<Said> {
    let mut best: BTreeMap<String, Said> = BTreeMap::new();
    for tag in tags {
        let score = tag.score.unwrap_or(1.0);
        let standing = best.get(&tag.label).map(|said| said.score);
        if standing.is_none_or(|standing| score > standing) {
            let (label, language, concept) = (tag.label.clone(), tag.language.clone(), tag.concept.clone());
            best.insert(tag.label.clone(), Said { label, language, concept, score, line: tag.line, crowd: None });
        }
    }
    best.into_values().collect()
}

/// A crowd's labels with their votes: the same word in another case or number is the same answer, in the spelling that came first.
fn votes(tags: &[Tag]) -> Vec<Said> {
    let mut by_label: BTreeMap<String, (Said, Crowd, BTreeMap<String, u64>)> = BTreeMap::new();
    let mut voters: BTreeSet<&str> = BTreeSet::new();
    let mut nameless = 0;
    for tag in tags {
        let count = tag.count.unwrap_or(1);
        let (label, language, concept) = (tag.label.clone(), tag.language.clone(), tag.concept.clone());
        let entry = by_label.entry(Form::of(&tag.label).singular).or_insert_with(|| {
            (Said { label, language, concept, score: 0.0, line: tag.line, crowd: None }, Crowd::default(), BTreeMap::new())
        });
        entry.1.votes += count;
        match tag.annotator.as_deref() {
            Some(who) => {
                voters.insert(who);
                *entry.2.entry(who.to_owned()).or_default() += count;
            }
            None => nameless += count,
        }
    }
    let voters = voters.len() as u64 + nameless;
    let most = by_label.values().map(|(_, crowd, _)| crowd.votes).max().unwrap_or(0);
    let with_most = by_label.values().filter(|(_, crowd, _)| crowd.votes == most).count();
    let told = by_label.into_values().map(|(said, crowd, by)| {
        let majority = crowd.votes == most && with_most == 1;
        let score = (crowd.votes as f64 / voters.max(1) as f64).min(1.0);
        Said { score, crowd: Some(Crowd { voters, majority, by: by.into_iter().collect(), ..crowd }), ..said }
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(label: &str, who: &str) -> Tag {
        Tag { about: "a".to_owned(), label: label.to_owned(), annotator: Some(who.to_owned()), ..Tag::default() }
    }

    #[test]
    fn votes_are_counted_and_none_is_lost() {
        let said = votes(&[vote("Lutes", "ada"), vote("lute", "bob"), vote("guitar", "eve")]);
        let lute = said.iter().find(|s| s.label == "Lutes").and_then(|s| s.crowd.clone()).unwrap();
        assert_eq!((lute.votes, lute.voters, lute.majority, lute.by.len()), (2, 3, true, 2));
        let guitar = said.iter().find(|s| s.label == "guitar").unwrap();
        assert!((guitar.score - 1.0 / 3.0).abs() < 1e-9 && !guitar.crowd.as_ref().unwrap().majority);
        let tied = votes(&[vote("lute", "ada"), vote("guitar", "bob")]);
        assert!(tied.iter().all(|s| !s.crowd.as_ref().unwrap().majority));
    }
}
