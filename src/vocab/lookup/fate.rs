//! What became of a concept that something rests on: withdrawn, replaced, moved to another facet, no longer a tag, or gone.

use std::collections::HashSet;

use oxigraph::model::{NamedNode, NamedNodeRef, Term};

use super::{ConceptKind, Home, Vocabularies, spelled};
use crate::{
    rdf::{
        ns::{dcterms, owl},
        text_of,
    },
    vocab::VocabError,
};

/// How many steps from one replacement to the next are followed.
const MOST_STEPS: usize = 20;

/// What became of a concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Others took its place.
    Replaced,
    /// Its vocabulary has withdrawn it, and names nothing in its place.
    Withdrawn,
    /// It is not described any more.
    Gone,
    /// It orders the hierarchy now, or collects concepts, and is no tag.
    NoTag(ConceptKind),
    /// It stands under another facet than before.
    Moved {
        /// The facet before.
        from: NamedNode,
        /// The facet now.
        to: NamedNode,
    },
}

impl Fate {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
            Self::Gone => "gone",
            Self::NoTag(_) => "no longer a tag",
            Self::Moved { .. } => "moved",
        }
    }
}

/// A concept that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obsolete {
    /// What became of it.
    pub fate: Fate,
    /// What stands in its place, after all steps.
    pub replaced_by: Vec<NamedNode>,
    /// The graph of the release that says so; for a concept of which nothing is known, none.
    pub release: Option<NamedNode>,
}

impl Vocabularies<'_> {
    /// What became of a concept in the newest release of its vocabulary. `None` where it is what it was.
    ///
    /// Releases follow one another where they are dated, or named by a date. Those that are not stand beside one another, as parts: what
    /// one of them lacks is not taken to be gone.
    pub fn fate(&self, iri: &str) -> Result<Option<Obsolete>, VocabError> {
        let obsolete = |fate, replaced_by: Vec<NamedNode>, release: Option<usize>| {
            let release = release.and_then(|r| self.releases.get(r)).map(|r| r.graph.clone());
            Ok(Some(Obsolete { fate, replaced_by, release }))
        };
        let Some(home) = self.home(iri)? else {
            let (replaced_by, release) = self.replacements(iri)?;
            return obsolete(if replaced_by.is_empty() { Fate::Gone } else { Fate::Replaced }, replaced_by, release);
        };
        if let Some(current) = self.follower(home.release) {
            let (replaced_by, told) = self.replacements(iri)?;
            let fate = if replaced_by.is_empty() { Fate::Gone } else { Fate::Replaced };
            return obsolete(fate, replaced_by, told.or(Some(current)));
        }
        let kind = self.kind_at(&home)?;
        let (replaced_by, _) = self.replacements(iri)?;
        if !replaced_by.is_empty() {
            return obsolete(Fate::Replaced, replaced_by, Some(home.release));
        }
        if kind == ConceptKind::Obsolete || self.is_deprecated(&home)? {
            return obsolete(Fate::Withdrawn, Vec::new(), Some(home.release));
        }
        if !kind.is_taggable() {
            return obsolete(Fate::NoTag(kind), Vec::new(), Some(home.release));
        }
        match self.moved(&home)? {
            Some(fate) => obsolete(fate, Vec::new(), Some(home.release)),
            None => Ok(None),
        }
    }

    /// A later release of the same vocabulary than this one. The release that speaks for a concept is the newest that describes it, so
    /// where there is a later one, that one does not.
    fn follower(&self, release: usize) -> Option<usize> {
        let own = self.releases.get(release)?;
        let time = own.time()?;
        let later = |r: &super::Release| r.scheme == own.scheme && r.time().is_some_and(|t| t > time);
        self.releases.iter().position(later)
    }

    fn is_deprecated(&self, home: &Home) -> Result<bool, VocabError> {
        let said = self.objects_in(home.release, home.node.as_ref(), owl::DEPRECATED)?;
        Ok(said.map(text_of).any(|value| matches!(value.as_str(), "true" | "1")))
    }

    /// Whether an earlier release had it under another facet.
    fn moved(&self, home: &Home) -> Result<Option<Fate>, VocabError> {
        let Some(to) = self.facet_at(home)? else { return Ok(None) };
        for earlier in self.earlier(home.release) {
            for node in spelled(home.node.as_str()) {
                if !self.describes(earlier, node.as_str())? {
                    continue;
                }
                let before = Home { node, release: earlier };
                return Ok(match self.facet_at(&before)? {
                    Some(from) if from != to => Some(Fate::Moved { from, to }),
                    _ => None,
                });
            }
        }
        Ok(None)
    }

    /// The earlier releases of the same vocabulary, the last one first.
    fn earlier(&self, release: usize) -> Vec<usize> {
        let Some(own) = self.releases.get(release) else { return Vec::new() };
        let Some(time) = own.time() else { return Vec::new() };
        let before = |(_, r): &(usize, &super::Release)| r.scheme == own.scheme && r.time().is_some_and(|t| t < time);
        self.releases.iter().enumerate().filter(before).map(|(place, _)| place).collect()
    }

    /// What took a concept's place, and which release says so: `dcterms:isReplacedBy`, or `dcterms:replaces` on the other side, over any
    /// number of steps.
    fn replacements(&self, iri: &str) -> Result<(Vec<NamedNode>, Option<usize>), VocabError> {
        let mut seen = HashSet::from([iri.to_owned()]);
        let (mut ends, mut told) = (Vec::new(), None);
        let mut next = vec![iri.to_owned()];
        for step in 0..MOST_STEPS {
            let mut further = Vec::new();
            for at in next {
                let (found, release) = self.replaced_at(&at)?;
                told = told.or(release);
                if found.is_empty() && step > 0 {
                    ends.push(NamedNode::new_unchecked(at));
                }
                further.extend(found.into_iter().map(NamedNode::into_string).filter(|f| seen.insert(f.clone())));
            }
            if further.is_empty() {
                break;
            }
            next = further;
        }
        ends.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        ends.dedup();
        Ok((ends, told))
    }

    fn replaced_at(&self, iri: &str) -> Result<(Vec<NamedNode>, Option<usize>), VocabError> {
        for (place, _) in self.releases.iter().enumerate() {
            let mut found = Vec::new();
            for node in spelled(iri) {
                let by = self.objects_in(place, node.as_ref(), dcterms::IS_REPLACED_BY)?;
                found.extend(by.filter_map(|term| if let Term::NamedNode(by) = term { Some(by) } else { None }));
                found.extend(self.subjects_in(place, dcterms::REPLACES, node.as_str(), MOST_STEPS)?);
            }
            found.retain(|by: &NamedNode| by.as_str() != iri);
            if !found.is_empty() {
                return Ok((found, Some(place)));
            }
        }
        Ok((Vec::new(), None))
    }

    /// What a label says of a concept that may be gone: of the newest release that describes it.
    pub fn last_label(&self, iri: NamedNodeRef<'_>) -> Result<String, VocabError> {
        Ok(self.label(iri.as_str(), &["en"])?.map(|label| label.text).unwrap_or_default())
    }
}
