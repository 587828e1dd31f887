//! What linking must know of a concept, kept: whether it may be stated, which release speaks for it, what stands above it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use oxigraph::model::NamedNode;

use super::LinkingError;
use crate::{
    store::Store,
    vocab::{LabelHit, StoredHierarchy},
};

/// How many concepts are kept; beyond that all are forgotten and asked anew.
const KEPT: usize = 50_000;

/// What is kept of one concept.
#[derive(Clone, Debug)]
struct Kept {
    home: Option<String>,
    scheme: String,
}

/// The concepts of the loaded vocabularies.
#[derive(Debug)]
pub struct Concepts<'s> {
    hierarchy: StoredHierarchy<'s>,
    kept: Mutex<HashMap<String, Kept>>,
    /// Facets and other tops that a setting names, and whether each is loaded.
    tops: Mutex<HashMap<String, bool>>,
}

impl<'s> Concepts<'s> {
    /// The concepts of a store.
    pub fn new(store: &'s Store) -> Result<Self, LinkingError> {
        Ok(Self { hierarchy: StoredHierarchy::new(store)?, kept: Mutex::default(), tops: Mutex::default() })
    }

    /// The hierarchy and the vocabularies behind it.
    pub fn hierarchy(&self) -> &StoredHierarchy<'s> {
        &self.hierarchy
    }

    /// Whether a label leads to a concept that may be stated, and is a label of the release that speaks for it.
    pub fn stands(&self, hit: &LabelHit) -> Result<bool, LinkingError> {
        let home = self.ask(&hit.concept)?.home;
        Ok(home.as_deref() == Some(hit.graph.as_str()) && self.hierarchy.taggable(&NamedNode::new_unchecked(hit.concept.as_str())))
    }

    /// The short name of the scheme that describes it.
    pub fn scheme(&self, concept: &str) -> Result<String, LinkingError> {
        Ok(self.ask(concept)?.scheme)
    }

    /// Whether a concept is below one of these tops. It is let in where no top is named, or its vocabulary has none of them.
    pub fn is_within(&self, concept: &str, tops: &[String]) -> Result<bool, LinkingError> {
        if tops.is_empty() {
            return Ok(true);
        }
        let node = NamedNode::new_unchecked(concept);
        let above = self.hierarchy.ancestors(&node);
        if above.iter().any(|above| tops.iter().any(|top| top == above.as_str())) {
            return Ok(true);
        }
        let scheme = self.scheme(concept)?;
        for top in tops {
            if self.has(top, &scheme)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a top is loaded as a part of this scheme.
    fn has(&self, top: &str, scheme: &str) -> Result<bool, LinkingError> {
        let key = format!("{scheme} {top}");
        if let Some(known) = self.tops.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(*known);
        }
        let has = self.hierarchy.vocabularies().scheme_of(top)?.as_deref() == Some(scheme);
        self.tops.lock().unwrap_or_else(PoisonError::into_inner).insert(key, has);
        Ok(has)
    }

    fn ask(&self, concept: &str) -> Result<Kept, LinkingError> {
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(concept) {
            return Ok(kept.clone());
        }
        let vocabularies = self.hierarchy.vocabularies();
        let home = vocabularies.home_graph(concept)?.map(NamedNode::into_string);
        let scheme = vocabularies.scheme_of(concept)?.unwrap_or_default();
        let found = Kept { home, scheme };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(concept.to_owned(), found.clone());
        Ok(found)
    }
}
