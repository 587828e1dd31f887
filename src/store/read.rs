//! Small bounded questions to the quads, without SPARQL: what a page or a job asks a thousand times.

use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, Term, TermRef, Triple};

use super::{Store, StoreError};

impl Store {
    /// Every triple of one graph, in the store's own order. For graphs of one record's size.
    pub fn triples(&self, graph: &NamedNode) -> Result<Vec<Triple>, StoreError> {
        self.quads.quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))).map(|q| Ok(Triple::from(q?))).collect()
    }

    /// The objects of a subject and predicate, in one graph.
    pub fn objects<'s>(
        &self,
        subject: impl Into<NamedOrBlankNodeRef<'s>>,
        predicate: NamedNodeRef<'_>,
        graph: &NamedNode,
    ) -> Result<Vec<Term>, StoreError> {
        let graph = GraphNameRef::from(graph.as_ref());
        self.quads.quads_for_pattern(Some(subject.into()), Some(predicate), None, Some(graph)).map(|q| Ok(q?.object)).collect()
    }

    /// One object of a subject and predicate, in one graph.
    pub fn object<'s>(
        &self,
        subject: impl Into<NamedOrBlankNodeRef<'s>>,
        predicate: NamedNodeRef<'_>,
        graph: &NamedNode,
    ) -> Result<Option<Term>, StoreError> {
        let graph = GraphNameRef::from(graph.as_ref());
        let first = self.quads.quads_for_pattern(Some(subject.into()), Some(predicate), None, Some(graph)).next();
        Ok(first.transpose()?.map(|q| q.object))
    }

    /// The subjects that have this object by this predicate, in one graph.
    pub fn subjects<'o>(
        &self,
        predicate: NamedNodeRef<'_>,
        object: impl Into<TermRef<'o>>,
        graph: &NamedNode,
    ) -> Result<Vec<NamedOrBlankNode>, StoreError> {
        let graph = GraphNameRef::from(graph.as_ref());
        self.quads.quads_for_pattern(None, Some(predicate), Some(object.into()), Some(graph)).map(|q| Ok(q?.subject)).collect()
    }

    /// What stands about a subject anywhere, with its graph. For subjects of a concept's size.
    pub fn about<'s>(&self, subject: impl Into<NamedOrBlankNodeRef<'s>>) -> Result<Vec<Quad>, StoreError> {
        self.quads.quads_for_pattern(Some(subject.into()), None, None, None).map(|q| Ok(q?)).collect()
    }

    /// Whether the graph holds anything.
    pub fn has_graph(&self, graph: &NamedNode) -> Result<bool, StoreError> {
        Ok(self.quads.quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))).next().transpose()?.is_some())
    }
}
