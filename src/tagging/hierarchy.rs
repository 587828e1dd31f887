//! The hierarchy as far as tagging needs it; a vocabulary stands behind it.

use oxigraph::model::NamedNode;

/// Which concepts stand above which.
pub trait Hierarchy {
    /// All concepts above this one, along every broader, without the concept itself.
    fn ancestors(&self, concept: &NamedNode) -> Vec<NamedNode>;

    /// The one concept right above this one along which sums are made, where there is one.
    fn preferred_parent(&self, concept: &NamedNode) -> Option<NamedNode>;

    /// Whether the concept may be stated: no guide term, hierarchy name, facet or collection.
    fn taggable(&self, concept: &NamedNode) -> bool;

    /// Whether the vocabulary has the concept at all.
    fn knows(&self, concept: &NamedNode) -> bool {
        self.taggable(concept) || self.preferred_parent(concept).is_some() || !self.ancestors(concept).is_empty()
    }

    /// What the concept is called, for people.
    fn label(&self, _concept: &NamedNode) -> Option<String> {
        None
    }
}

/// No hierarchy at all: every concept stands alone and may be stated.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHierarchy;

impl Hierarchy for NoHierarchy {
    fn ancestors(&self, _concept: &NamedNode) -> Vec<NamedNode> {
        Vec::new()
    }

    fn preferred_parent(&self, _concept: &NamedNode) -> Option<NamedNode> {
        None
    }

    fn taggable(&self, _concept: &NamedNode) -> bool {
        true
    }
}
