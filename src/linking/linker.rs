//! The linker: from a text to the concepts that it names.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use oxigraph::model::NamedNode;

use super::{
    Concepts, Link, LinkingError, MediaReader, Method, PropertySettings, Reads, Said, Settings,
    language::{primary, speak_alike},
};
use crate::{
    model::TextVectors,
    store::Store,
    tagging::Confidence,
    vocab::{Fit, Form, LabelHit, LabelIndex, is_measure_or_media_type},
};

/// How many labels of like spelling are compared by meaning.
const CANDIDATES: usize = 100;
/// What part spelling has in likeness; meaning has the rest. Chosen on one half of the museums' terms, as were the two below.
const SPELLING: f64 = 0.5;
/// What a label that is the text is worth in the order, and a concept of the expected branch.
const SAME: f64 = 1.0;
const EXPECTED: f64 = 0.2;
/// The longest text that may name a concept as a whole, in characters.
const LONGEST_NAME: usize = 80;
/// How many texts' links are kept; beyond that all are forgotten.
const KEPT: usize = 20_000;

/// What a label of somebody else's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One concept.
    One(NamedNode),
    /// Several: it takes a person to choose.
    Several,
    /// None.
    Nothing,
}

/// A candidate for what a text means.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The label by which it was found.
    pub hit: LabelHit,
    /// How the label is the text, where it is.
    pub fit: Option<Fit>,
    /// How alike the two are, from 0 to 1.
    pub score: f64,
    /// Whether it is of the expected branch.
    pub expected: bool,
}

type Key = (NamedNode, String, Option<String>);

/// Links texts to the concepts of the loaded vocabularies.
#[derive(Debug)]
pub struct Linker<'s> {
    index: LabelIndex<'s>,
    concepts: Concepts<'s>,
    vectors: TextVectors,
    settings: Settings,
    properties: HashMap<NamedNode, PropertySettings>,
    sure: Confidence,
    /// How many labels each release's graph has.
    labels: HashMap<String, u64>,
    kept: Mutex<HashMap<Key, Vec<Link>>>,
}

impl<'s> Linker<'s> {
    /// Brings the index of labels up to the store, and reads the text model.
    pub fn new(store: &'s Store, settings: &Settings) -> Result<Self, LinkingError> {
        let index = LabelIndex::open(store)?;
        Ok(Self {
            labels: index.labels()?,
            index,
            concepts: Concepts::new(store)?,
            vectors: TextVectors::built_in()?,
            properties: settings.properties()?.into_iter().map(|(p, s)| (p, s.clone())).collect(),
            sure: settings.sure()?,
            settings: settings.clone(),
            kept: Mutex::default(),
        })
    }

    /// The text model.
    pub fn vectors(&self) -> &TextVectors {
        &self.vectors
    }

    /// The concepts that it links to.
    pub fn concepts(&self) -> &Concepts<'s> {
        &self.concepts
    }

    /// The labels that it searches.
    pub fn index(&self) -> &LabelIndex<'s> {
        &self.index
    }

    /// The graphs of the releases whose labels it searches.
    pub fn graphs(&self) -> impl Iterator<Item = &str> {
        self.labels.keys().map(String::as_str)
    }

    /// What one text of a record names, the surest first.
    pub fn link(&self, said: &Said) -> Result<Vec<Link>, LinkingError> {
        let Some(settings) = self.properties.get(&said.property) else { return Ok(Vec::new()) };
        let key = (said.property.clone(), said.text.clone(), said.spoken.language().map(str::to_owned));
        if let Some(links) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(links.clone());
        }
        let links = self.look(&said.text, said.spoken.language(), settings)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, links.clone());
        Ok(links)
    }

    fn look(&self, text: &str, language: Option<&str>, settings: &PropertySettings) -> Result<Vec<Link>, LinkingError> {
        if is_measure_or_media_type(text) {
            return Ok(Vec::new());
        }
        let whole = trimmed(text, 0..text.len());
        let named = self.name(text, whole.clone(), language, settings, settings.reads == Reads::Name)?;
        if settings.reads == Reads::Materials {
            return if named.iter().any(|l| l.confidence.is_some()) { Ok(named) } else { self.materials(text, language, settings) };
        }
        if named.iter().any(|l| l.method != Method::Likeness) {
            return Ok(named);
        }
        let mut links = Vec::new();
        let (parts, is_list) = parts(text);
        for part in parts {
            // What stands between slashes and dashes is a part of a heading: it names less than the whole.
            let mut found = self.name(text, part, language, settings, false)?;
            if !is_list {
                for link in &mut found {
                    link.confidence = None;
                }
            }
            links.extend(found);
        }
        Ok(if links.is_empty() { named } else { links })
    }

    /// The one concept that a label of somebody else's names, if it names one: the same words, in whatever case and number.
    pub fn names(&self, label: &str, language: Option<&str>) -> Result<Named, LinkingError> {
        let anything = PropertySettings { facet: String::new(), reads: Reads::Name, within: Vec::new(), sure: false };
        let language = language.map(primary);
        let mut same = self.same(label, language.as_deref(), &anything)?;
        same.retain(|ranked| speak_alike(&ranked.hit.language, language.as_deref()));
        Ok(match same.as_slice() {
            [] => Named::Nothing,
            [only] => Named::One(NamedNode::new_unchecked(only.hit.concept.as_str())),
            _ => Named::Several,
        })
    }

    /// What a stretch of a text names as a whole.
    fn name(
        &self,
        text: &str,
        words: Range<usize>,
        language: Option<&str>,
        settings: &PropertySettings,
        by_likeness: bool,
    ) -> Result<Vec<Link>, LinkingError> {
        let name = &text[words.clone()];
        if name.chars().count() > LONGEST_NAME || name.chars().count() < 2 || is_measure_or_media_type(name) {
            return Ok(Vec::new());
        }
        let link = |ranked: Ranked, method, confidence| Link {
            concept: NamedNode::new_unchecked(ranked.hit.concept),
            label: ranked.hit.label,
            facet: settings.facet.clone(),
            method,
            words: words.clone(),
            score: ranked.score,
            confidence,
        };
        let same = self.same(name, language, settings)?;
        if let [only] = same.as_slice() {
            let confidence = self.is_sure(name, only, language, settings).then_some(self.sure);
            let method = if only.expected { Method::Label } else { Method::Homograph };
            return Ok(vec![link(only.clone(), method, confidence)]);
        }
        if !same.is_empty() {
            let ranked = self.in_order(name, language, same)?;
            let most = self.settings.suggestions;
            return Ok(ranked.into_iter().take(most).map(|ranked| link(ranked, Method::Homograph, None)).collect());
        }
        // The text model speaks English, and likeness of spelling alone says little.
        if !by_likeness || language.is_none_or(|l| l != "en") {
            return Ok(Vec::new());
        }
        let ranked = self.rank(name, language, &settings.within, self.settings.suggestions)?;
        let enough = |ranked: &Ranked| ranked.score >= self.settings.least_score;
        Ok(ranked.into_iter().filter(enough).map(|ranked| link(ranked, Method::Likeness, None)).collect())
    }

    fn materials(&self, text: &str, language: Option<&str>, settings: &PropertySettings) -> Result<Vec<Link>, LinkingError> {
        let reader = MediaReader::new(&self.index, &self.concepts, &settings.within);
        let link = |material: super::Material| Link {
            concept: NamedNode::new_unchecked(material.hit.concept),
            label: material.hit.label,
            facet: settings.facet.clone(),
            method: Method::Words,
            words: material.words,
            score: 1.0,
            confidence: None,
        };
        Ok(reader.read(text, language)?.into_iter().map(link).collect())
    }

    /// The concepts one of whose labels is this text, of the first scheme that has one; in the text's own language, if there are such.
    fn same(&self, text: &str, language: Option<&str>, settings: &PropertySettings) -> Result<Vec<Ranked>, LinkingError> {
        let mut found: Vec<Ranked> = Vec::new();
        for (hit, fit) in self.index.named(text)? {
            let known = found.iter().any(|r| r.hit.concept == hit.concept && speaks_before(&r.hit, &hit, language));
            if !known && self.concepts.stands(&hit)? {
                found.retain(|r| r.hit.concept != hit.concept);
                let expected = self.concepts.is_within(&hit.concept, &settings.within)?;
                found.push(Ranked { hit, fit: Some(fit), score: 1.0, expected });
            }
        }
        if found.iter().any(|r| speak_alike(&r.hit.language, language)) {
            found.retain(|r| speak_alike(&r.hit.language, language));
        }
        self.of_the_first_scheme(found)
    }

    fn of_the_first_scheme(&self, mut found: Vec<Ranked>) -> Result<Vec<Ranked>, LinkingError> {
        let mut first: Option<(usize, String)> = None;
        let mut schemes = Vec::new();
        for ranked in &found {
            let scheme = self.concepts.scheme(&ranked.hit.concept)?;
            let place = self.settings.schemes.iter().position(|s| *s == scheme).unwrap_or(usize::MAX);
            if first.as_ref().is_none_or(|first| (place, &scheme) < (first.0, &first.1)) {
                first = Some((place, scheme.clone()));
            }
            schemes.push(scheme);
        }
        let mut schemes = schemes.into_iter();
        found.retain(|_| schemes.next() == first.as_ref().map(|(_, scheme)| scheme.clone()));
        Ok(found)
    }

    /// A hit is sure where all of this holds: the property may be applied, text and label are English, the label has no qualifier (a
    /// vocabulary sets apart what has several meanings) or the text has the same one, the branch is the expected one, and the release is
    /// large enough to know the word's other meanings. Measured: 99 % of such hits were right, and 86 % of those with a qualifier.
    fn is_sure(&self, text: &str, only: &Ranked, language: Option<&str>, settings: &PropertySettings) -> bool {
        let english = language == Some("en") && (only.hit.language.is_empty() || primary(&only.hit.language) == "en");
        let unqualified = Form::of(&only.hit.label).qualifier.is_none() || Form::of(text).qualifier.is_some();
        // Around a comma the words were put into another order, which a list of two would not want.
        let as_written = !text.contains(',');
        let large = self.labels.get(&only.hit.graph).is_some_and(|n| *n >= self.settings.least_labels);
        settings.sure && english && unqualified && as_written && large && only.expected && text.chars().count() > 2
    }

    /// The concepts that a text may mean, the likeliest first: those with a label that is the text, then by likeness of spelling and meaning.
    pub fn rank(&self, text: &str, language: Option<&str>, within: &[String], most: usize) -> Result<Vec<Ranked>, LinkingError> {
        let mut found: Vec<Ranked> = Vec::new();
        for (hit, fit) in self.index.named(text)? {
            if speak_alike(&hit.language, language) && !found.iter().any(|r| r.hit.concept == hit.concept) && self.concepts.stands(&hit)? {
                found.push(Ranked { hit, fit: Some(fit), score: 1.0, expected: false });
            }
        }
        for (hit, score) in self.index.like(text, CANDIDATES, |hit| speak_alike(&hit.language, language))? {
            if !found.iter().any(|r| r.hit.concept == hit.concept) && self.concepts.stands(&hit)? {
                found.push(Ranked { hit, fit: None, score, expected: false });
            }
        }
        for ranked in &mut found {
            ranked.expected = !within.is_empty() && self.concepts.is_within(&ranked.hit.concept, within)?;
        }
        let mut ranked = self.in_order(text, language, found)?;
        ranked.truncate(most);
        Ok(ranked)
    }

    /// Puts candidates in order; spelling is in their score already, meaning is added here.
    fn in_order(&self, text: &str, language: Option<&str>, mut found: Vec<Ranked>) -> Result<Vec<Ranked>, LinkingError> {
        let english = language.is_none_or(|l| l == "en");
        let own = if english { self.vectors.embed(text)? } else { Vec::new() };
        let mut order: Vec<(f64, Ranked)> = Vec::with_capacity(found.len());
        for mut ranked in found.drain(..) {
            let label_is_english = ranked.hit.language.is_empty() || primary(&ranked.hit.language) == "en";
            let likeness = if english && label_is_english {
                let meaning = f64::from(TextVectors::likeness(&own, &self.vectors.embed(&ranked.hit.label)?)).max(0.0);
                SPELLING * ranked.score + (1.0 - SPELLING) * meaning
            } else {
                SPELLING * ranked.score
            };
            let mut place = likeness - if ranked.hit.preferred { 0.0 } else { 0.01 };
            if ranked.fit.is_some() {
                place += SAME;
            } else {
                ranked.score = likeness;
            }
            if ranked.expected {
                place += EXPECTED;
            }
            order.push((place, ranked));
        }
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.hit.concept.cmp(&b.1.hit.concept)));
        Ok(order.into_iter().map(|(_, ranked)| ranked).collect())
    }
}

/// Whether a label that is known already goes before another of the same concept: one in the text's language does.
fn speaks_before(known: &LabelHit, other: &LabelHit, language: Option<&str>) -> bool {
    speak_alike(&known.language, language) || !speak_alike(&other.language, language)
}

/// A stretch of a text without the white space around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..(start + part.trim().len())
}

/// The parts of a list, and whether it is one: semicolons and bars separate equals, slashes and double dashes narrow a heading down.
fn parts(text: &str) -> (Vec<Range<usize>>, bool) {
    let is_list = text.contains([';', '|']);
    let separators: &[&str] = if is_list { &[";", "|"] } else { &[" -- ", "--", "/", " > "] };
    let mut cuts: Vec<(usize, usize)> = separators.iter().flat_map(|s| text.match_indices(s).map(|(at, s)| (at, at + s.len()))).collect();
    if cuts.is_empty() {
        return (Vec::new(), is_list);
    }
    cuts.sort_unstable();
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, behind) in cuts.into_iter().chain(std::iter::once((text.len(), text.len()))) {
        if at > from {
            parts.push(trimmed(text, from..at));
        }
        from = from.max(behind);
    }
    parts.retain(|part| !part.is_empty());
    (parts, is_list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_headings_have_parts() {
        let of = |text: &'static str| {
            let (ranges, is_list) = parts(text);
            (ranges.into_iter().map(|r| &text[r]).collect::<Vec<_>>(), is_list)
        };
        assert_eq!(of("lute; harp ;"), (vec!["lute", "harp"], true));
        assert_eq!(of("South Asia -- History"), (vec!["South Asia", "History"], false));
        assert_eq!(of("Syndicalism/Trade Unions"), (vec!["Syndicalism", "Trade Unions"], false));
        assert_eq!(of("a lute").0.len(), 0);
    }
}
