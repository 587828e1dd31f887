//! The loaded vocabularies as the hierarchy that tagging asks.

use oxigraph::model::NamedNode;

use super::Hierarchy;
use crate::vocab::StoredHierarchy;

impl Hierarchy for StoredHierarchy<'_> {
    fn ancestors(&self, concept: &NamedNode) -> Vec<NamedNode> {
        StoredHierarchy::ancestors(self, concept)
    }

    fn preferred_parent(&self, concept: &NamedNode) -> Option<NamedNode> {
        StoredHierarchy::preferred_parent(self, concept)
    }

    fn taggable(&self, concept: &NamedNode) -> bool {
        StoredHierarchy::taggable(self, concept)
    }

    fn knows(&self, concept: &NamedNode) -> bool {
        StoredHierarchy::known(self, concept)
    }

    fn label(&self, concept: &NamedNode) -> Option<String> {
        self.vocabularies().label(concept.as_str(), &["en"]).ok().flatten().map(|label| label.text)
    }
}
