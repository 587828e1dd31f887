//! The store as an update that is being thought through would leave it: what stands, less what is removed, and what is added.

use std::collections::{HashMap, HashSet};

use oxigraph::{
    model::{GraphName, GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, TermRef},
    store::{StorageError, Store as Quads},
};

/// Quads that nothing writes to, and what an update would change in them. The quads themselves stay as they are.
pub(super) struct Overlay<'o> {
    standing: &'o Quads,
    added: Quads,
    removed: HashSet<Quad>,
    /// The named graphs that would be there, or would not, where that differs from what stands.
    graphs: HashMap<NamedOrBlankNode, bool>,
}

/// What an update comes to: applied to the version that it was thought through for, it is the update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Quads that stand and go.
    pub removed: Vec<Quad>,
    /// Quads that come.
    pub added: Vec<Quad>,
    /// Named graphs that come, be they empty.
    pub created: Vec<NamedNode>,
    /// Named graphs that go.
    pub dropped: Vec<GraphName>,
}

impl<'o> Overlay<'o> {
    pub(super) fn over(standing: &'o Quads) -> Result<Self, StorageError> {
        Ok(Self { standing, added: Quads::new()?, removed: HashSet::new(), graphs: HashMap::new() })
    }

    pub(super) fn contains(&self, quad: &Quad) -> Result<bool, StorageError> {
        Ok(self.added.contains(quad)? || (self.standing.contains(quad)? && !self.removed.contains(quad)))
    }

    pub(super) fn insert(&mut self, quad: &Quad) -> Result<(), StorageError> {
        if let Some(graph) = named(quad.graph_name.as_ref()) {
            self.create(graph)?;
        }
        if self.standing.contains(quad)? {
            self.removed.remove(quad);
            return Ok(());
        }
        self.added.insert(quad)
    }

    pub(super) fn remove(&mut self, quad: &Quad) -> Result<(), StorageError> {
        if self.standing.contains(quad)? {
            self.removed.insert(quad.clone());
            return Ok(());
        }
        self.added.remove(quad)
    }

    pub(super) fn quads_for_pattern(
        &self,
        subject: Option<NamedOrBlankNodeRef<'_>>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<TermRef<'_>>,
        graph: Option<GraphNameRef<'_>>,
    ) -> impl Iterator<Item = Result<Quad, StorageError>> + use<'_, 'o> {
        let standing = self.standing.quads_for_pattern(subject, predicate, object, graph);
        let added = self.added.quads_for_pattern(subject, predicate, object, graph);
        standing.filter(|quad| self.removed.is_empty() || !matches!(quad, Ok(quad) if self.removed.contains(quad))).chain(added)
    }

    pub(super) fn named_graphs(&self) -> impl Iterator<Item = Result<NamedOrBlankNode, StorageError>> + use<'_, 'o> {
        let standing = self.standing.named_graphs();
        let standing = standing.filter(|graph| !matches!(graph, Ok(graph) if self.graphs.contains_key(graph)));
        standing.chain(self.graphs.iter().filter(|(_, there)| **there).map(|(graph, _)| Ok(graph.clone())))
    }

    pub(super) fn contains_named_graph(&self, graph: NamedOrBlankNodeRef<'_>) -> Result<bool, StorageError> {
        match self.graphs.get(&graph.into_owned()) {
            Some(there) => Ok(*there),
            None => self.standing.contains_named_graph(graph),
        }
    }

    pub(super) fn create(&mut self, graph: NamedOrBlankNodeRef<'_>) -> Result<(), StorageError> {
        if !self.contains_named_graph(graph)? {
            self.graphs.insert(graph.into_owned(), true);
        }
        Ok(())
    }

    /// Lets a graph be no more that holds nothing any more.
    pub(super) fn forget(&mut self, graph: NamedOrBlankNodeRef<'_>) {
        self.graphs.insert(graph.into_owned(), false);
    }

    pub(super) fn into_draft(self) -> Result<Draft, StorageError> {
        let mut draft = Draft { removed: self.removed.into_iter().collect(), ..Draft::default() };
        for quad in &self.added {
            draft.added.push(quad?);
        }
        for (graph, there) in self.graphs {
            let stands = self.standing.contains_named_graph(graph.as_ref())?;
            match graph {
                NamedOrBlankNode::NamedNode(graph) if there && !stands => draft.created.push(graph),
                graph if !there && stands => draft.dropped.push(graph.into()),
                _ => {}
            }
        }
        Ok(draft)
    }
}

/// A graph's name, unless it is the default graph.
pub(super) fn named(graph: GraphNameRef<'_>) -> Option<NamedOrBlankNodeRef<'_>> {
    match graph {
        GraphNameRef::NamedNode(graph) => Some(graph.into()),
        GraphNameRef::BlankNode(graph) => Some(graph.into()),
        GraphNameRef::DefaultGraph => None,
    }
}

#[cfg(test)]
mod tests {
    use oxigraph::model::Literal;

    use super::*;

    fn quad(number: u8, graph: &str) -> Quad {
        let node = NamedNode::new_unchecked("http://e.example/a");
        Quad::new(node.clone(), node, Literal::new_simple_literal(number.to_string()), NamedNode::new_unchecked(graph))
    }

    #[test]
    fn what_comes_and_goes_again_is_no_change() {
        let standing = Quads::new().expect("quads");
        standing.insert(&quad(1, "http://e.example/g")).expect("inserted");
        let mut overlay = Overlay::over(&standing).expect("an overlay");
        overlay.remove(&quad(1, "http://e.example/g")).expect("removed");
        assert!(!overlay.contains(&quad(1, "http://e.example/g")).expect("looked"));
        assert_eq!(overlay.quads_for_pattern(None, None, None, None).count(), 0);
        overlay.insert(&quad(1, "http://e.example/g")).expect("inserted");
        overlay.insert(&quad(2, "http://e.example/h")).expect("inserted");
        assert_eq!(overlay.named_graphs().count(), 2);
        overlay.remove(&quad(2, "http://e.example/h")).expect("removed");
        overlay.forget(NamedNodeRef::new_unchecked("http://e.example/h").into());
        assert_eq!(overlay.into_draft().expect("a draft"), Draft::default());
    }

    #[test]
    fn a_graph_that_was_there_is_dropped() {
        let standing = Quads::new().expect("quads");
        standing.insert(&quad(1, "http://e.example/g")).expect("inserted");
        let mut overlay = Overlay::over(&standing).expect("an overlay");
        overlay.remove(&quad(1, "http://e.example/g")).expect("removed");
        overlay.forget(NamedNodeRef::new_unchecked("http://e.example/g").into());
        let draft = overlay.into_draft().expect("a draft");
        assert_eq!((draft.removed.len(), draft.dropped.len()), (1, 1));
    }
}
