//! A concept's page, and finding concepts by their labels.

use super::{
    Shown, ours,
    words::{concept_link, link, path_to},
};
use crate::{
    rdf::ns::skos,
    serve::{
        SourceError, Visitor,
        pages::{ConceptLink, ConceptView, Hit, Path, SearchView, Text},
    },
    vocab::{Alignment, ConceptKind, Direction, Vocabularies},
};

/// How many narrower concepts are listed.
const NARROWER: usize = 200;
/// How many records are shown on a concept's page, and how many are counted.
const RECORDS: usize = 12;
const COUNTED: usize = 1_000;
/// How many concepts a search shows.
const HITS: usize = 50;

impl Shown {
    pub(super) fn concept_view(&self, visitor: &Visitor, iri: &str) -> Result<ConceptView, SourceError> {
        let vocabularies = self.vocabularies()?;
        let Some(concept) = vocabularies.concept(iri).map_err(ours)? else {
            return Err(SourceError::NotFound(format!("<{iri}> is in none of the vocabularies that are loaded here")));
        };
        let iri = concept.iri.as_str();
        let label = concept_link(&vocabularies, visitor, iri)?.label;
        let mut preferred: Vec<Text> = Vec::new();
        let mut others: Vec<Text> = Vec::new();
        for label in &concept.labels {
            let text = Text { text: label.text.clone(), language: label.language.clone() };
            if label.preferred { preferred.push(text) } else { others.push(text) }
        }
        preferred.sort_by_key(|text| visitor.rank(&text.language));
        let narrower = vocabularies.narrower(iri, NARROWER + 1).map_err(ours)?;
        let more_narrower = u64::from(narrower.len() > NARROWER);
        let narrower = narrower.iter().take(NARROWER).map(|n| concept_link(&vocabularies, visitor, n.as_str()));
        let mut narrower = narrower.collect::<Result<Vec<_>, _>>()?;
        narrower.sort_by(|a, b| a.label.text.cmp(&b.label.text));
        let listed = self.with_concept(&vocabularies, iri, None, COUNTED)?;
        let release = vocabularies.releases().iter().find(|r| r.graph == concept.graph);
        Ok(ConceptView {
            label,
            kind: kind(concept.kind).to_owned(),
            notes: concept.notes.iter().map(|(text, language)| Text { text: text.clone(), language: language.clone() }).collect(),
            preferred,
            others,
            paths: paths(&vocabularies, visitor, iri)?,
            narrower,
            more_narrower,
            alignments: alignments(&vocabularies, visitor, iri)?,
            records_total: listed.len() as u64,
            records: self.cards(&vocabularies, visitor, listed.get(..RECORDS).unwrap_or(&listed))?,
            release: release
                .map(|r| link(format!("{} {}", r.scheme, r.release), r.source.as_deref().unwrap_or_default()))
                .unwrap_or_default(),
            licence: release.and_then(|r| r.licence.as_deref()).map(|l| link(l, l)).unwrap_or_default(),
            iri: iri.to_owned(),
        })
    }

    pub(super) fn search_view(&self, visitor: &Visitor, beginning: &str) -> Result<SearchView, SourceError> {
        let mut view = SearchView { beginning: beginning.to_owned(), ..SearchView::default() };
        if beginning.is_empty() {
            return Ok(view);
        }
        let vocabularies = self.vocabularies()?;
        let hits = vocabularies.search(beginning, &[], HITS + 1).map_err(ours)?;
        view.more = hits.len() > HITS;
        for hit in hits.into_iter().take(HITS) {
            view.hits.push(Hit {
                concept: concept_link(&vocabularies, visitor, &hit.concept)?,
                found: Text { text: hit.label, language: hit.language },
                path: path_to(&vocabularies, visitor, &hit.concept)?,
            });
        }
        Ok(view)
    }
}

/// One way down for each immediate parent: a concept may hang in several places.
fn paths(vocabularies: &Vocabularies<'_>, visitor: &Visitor, iri: &str) -> Result<Vec<Path>, SourceError> {
    let first = path_to(vocabularies, visitor, iri)?;
    let preferred = vocabularies.preferred_parent(iri).map_err(ours)?;
    let own = concept_link(vocabularies, visitor, iri)?;
    let mut paths = vec![first];
    for parent in vocabularies.broader(iri).map_err(ours)? {
        if Some(&parent) != preferred.as_ref() {
            let mut path = path_to(vocabularies, visitor, parent.as_str())?;
            path.steps.push(own.clone());
            paths.push(path);
        }
    }
    paths.retain(|path| path.steps.len() > 1);
    Ok(paths)
}

fn alignments(vocabularies: &Vocabularies<'_>, visitor: &Visitor, iri: &str) -> Result<Vec<(String, ConceptLink)>, SourceError> {
    let mut shown = Vec::new();
    for Alignment { from, to, property, direction, graph } in vocabularies.alignments(iri).map_err(ours)? {
        let (other, word) = match direction {
            Direction::Forward => (to, match_word(property.as_str(), false)),
            Direction::Backward => (from, match_word(property.as_str(), true)),
        };
        // Who says so: of several mapping sets one may be wrong.
        let set = vocabularies.release_of(&graph).map(|set| format!(" ({})", set.name())).unwrap_or_default();
        shown.push((format!("{word}{set}"), concept_link(vocabularies, visitor, other.as_str())?));
    }
    shown.sort_by(|a, b| (&a.0, &a.1.iri).cmp(&(&b.0, &b.1.iri)));
    shown.dedup();
    Ok(shown)
}

fn match_word(property: &str, backward: bool) -> &'static str {
    match (property.strip_prefix(skos::NS), backward) {
        (Some("exactMatch") | None, _) => "exact match",
        (Some("closeMatch"), _) => "close match",
        (Some("relatedMatch"), _) => "related match",
        (Some("broadMatch"), false) | (Some("narrowMatch"), true) => "broader there",
        _ => "narrower there",
    }
}

fn kind(kind: ConceptKind) -> &'static str {
    match kind {
        ConceptKind::Concept => "concept",
        ConceptKind::GuideTerm => "guide term",
        ConceptKind::Hierarchy => "hierarchy",
        ConceptKind::Facet => "facet",
        ConceptKind::Collection => "collection",
        ConceptKind::Obsolete => "obsolete concept",
        ConceptKind::Scheme => "scheme",
        ConceptKind::Agent => "agent",
        ConceptKind::Organization => "organisation",
        ConceptKind::Place => "place",
        ConceptKind::TimeSpan => "time span",
    }
}
