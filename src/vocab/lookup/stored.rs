//! The hierarchy for those who ask the same concepts again and again: the answers of the store, kept.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use oxigraph::model::NamedNode;

use super::Vocabularies;
use crate::{store::Store, vocab::VocabError};

/// How many concepts are kept; beyond that all are forgotten and asked anew.
const KEPT: usize = 50_000;

/// What is kept of one concept.
#[derive(Clone, Debug, Default)]
struct Kept {
    known: bool,
    taggable: bool,
    preferred_parent: Option<NamedNode>,
    ancestors: Vec<NamedNode>,
}

/// The hierarchy of the loaded vocabularies as it was when this was made. A concept that cannot be looked up is told to the log and
/// answered for as if it were unknown.
#[derive(Debug)]
pub struct StoredHierarchy<'s> {
    vocabularies: Vocabularies<'s>,
    kept: Mutex<HashMap<NamedNode, Kept>>,
}

impl<'s> StoredHierarchy<'s> {
    /// The hierarchy of a store's vocabularies.
    pub fn new(store: &'s Store) -> Result<Self, VocabError> {
        Ok(Self { vocabularies: Vocabularies::new(store)?, kept: Mutex::default() })
    }

    /// Everything broader, breadth first.
    pub fn ancestors(&self, concept: &NamedNode) -> Vec<NamedNode> {
        self.ask(concept, |kept| kept.ancestors.clone())
    }

    /// The one parent along which the tree is shown.
    pub fn preferred_parent(&self, concept: &NamedNode) -> Option<NamedNode> {
        self.ask(concept, |kept| kept.preferred_parent.clone())
    }

    /// Whether pictures may be tagged with it.
    pub fn taggable(&self, concept: &NamedNode) -> bool {
        self.ask(concept, |kept| kept.taggable)
    }

    /// Whether a loaded release describes it.
    pub fn known(&self, concept: &NamedNode) -> bool {
        self.ask(concept, |kept| kept.known)
    }

    /// What it rests on, for questions asked once.
    pub fn vocabularies(&self) -> &Vocabularies<'s> {
        &self.vocabularies
    }

    fn ask<A>(&self, concept: &NamedNode, answer: impl Fn(&Kept) -> A) -> A {
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(concept) {
            return answer(kept);
        }
        let found = self.look_up(concept).unwrap_or_else(|error| {
            tracing::warn!(concept = concept.as_str(), %error, "a concept cannot be looked up");
            Kept::default()
        });
        let given = answer(&found);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(concept.clone(), found);
        given
    }

    fn look_up(&self, concept: &NamedNode) -> Result<Kept, VocabError> {
        let Some(home) = self.vocabularies.home(concept.as_str())? else { return Ok(Kept::default()) };
        Ok(Kept {
            known: true,
            taggable: self.vocabularies.kind_at(&home)?.is_taggable(),
            preferred_parent: self.vocabularies.preferred(&home)?,
            ancestors: self.vocabularies.above(&home)?.into_iter().map(|ancestor| ancestor.node).collect(),
        })
    }
}
