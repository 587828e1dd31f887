//! The facets to which concepts belong, kept: every candidate tells them, and the way up is the same for thousands.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    serve::SourceError,
    vocab::{ConceptKind, Vocabularies},
};

/// How many concepts are kept; beyond that all are forgotten and asked anew.
const KEPT: usize = 200_000;

type Facets = Arc<Vec<String>>;

/// What is known of the facets, as long as the vocabularies stay as they are.
#[derive(Debug, Default)]
pub(in crate::serve) struct Branches(Mutex<(String, HashMap<String, Facets>)>);

impl Branches {
    /// The facets (or, in a vocabulary without them, the top concepts) above a concept, sorted.
    pub(super) fn of(&self, vocabularies: &Vocabularies<'_>, iri: &str) -> Result<Facets, SourceError> {
        self.settle(vocabularies);
        self.climb(vocabularies, iri, &mut HashSet::new())
    }

    /// Forgets everything if other vocabularies are loaded now.
    fn settle(&self, vocabularies: &Vocabularies<'_>) {
        let releases: Vec<String> = vocabularies.releases().iter().map(|r| format!("{} {}", r.graph.as_str(), r.checksum)).collect();
        let releases = releases.join("\n");
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != releases || kept.1.len() > KEPT {
            *kept = (releases, HashMap::new());
        }
    }

    fn climb(&self, vocabularies: &Vocabularies<'_>, iri: &str, climbing: &mut HashSet<String>) -> Result<Facets, SourceError> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).1.get(iri) {
            return Ok(Arc::clone(known));
        }
        // A circle has no top; a tree deeper than this is none.
        if climbing.len() > 200 || !climbing.insert(iri.to_owned()) {
            return Ok(Facets::default());
        }
        let mut facets: Vec<String> = Vec::new();
        let kind = vocabularies.kind(iri).map_err(ours)?;
        if kind == Some(ConceptKind::Facet) {
            facets.push(iri.to_owned());
        } else if kind.is_some() {
            let mut top = true;
            for parent in vocabularies.broader(iri).map_err(ours)? {
                if vocabularies.is_known(parent.as_str()).map_err(ours)? {
                    top = false;
                    facets.extend(self.climb(vocabularies, parent.as_str(), climbing)?.iter().cloned());
                }
            }
            if top {
                facets.extend(vocabularies.facet(iri).map_err(ours)?.map(oxigraph::model::NamedNode::into_string).filter(|f| f != iri));
            }
        }
        climbing.remove(iri);
        facets.sort_unstable();
        facets.dedup();
        let facets = Arc::new(facets);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.insert(iri.to_owned(), Arc::clone(&facets));
        Ok(facets)
    }
}

fn ours(error: impl std::fmt::Display) -> SourceError {
    SourceError::Failed(error.to_string())
}
