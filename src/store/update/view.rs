//! An overlay, as the engine's evaluator reads it: the store with what the operations before have done.

use oxigraph::{
    model::{GraphName, GraphNameRef, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, Term, TermRef},
    store::StorageError,
};
use spareval::{InternalQuad, QueryableDataset};

use super::overlay::Overlay;

/// An overlay, to be read.
#[derive(Clone, Copy)]
pub(super) struct View<'v, 'o>(pub(super) &'v Overlay<'o>);

impl<'v, 'o: 'v> QueryableDataset<'v> for View<'v, 'o> {
    type InternalTerm = Term;
    type Error = StorageError;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Term>,
        predicate: Option<&Term>,
        object: Option<&Term>,
        graph_name: Option<Option<&Term>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Term>, StorageError>> + use<'v, 'o> {
        let any_named = graph_name.is_none();
        let found = places(subject, predicate, graph_name)
            .map(|(subject, predicate, graph)| self.0.quads_for_pattern(subject, predicate, object.map(TermRef::from), graph));
        // A pattern with a literal where none can stand finds nothing. No graph named means any graph but the default one.
        found
            .into_iter()
            .flatten()
            .filter(move |quad| !any_named || !matches!(quad, Ok(quad) if quad.graph_name.is_default_graph()))
            .map(|quad| quad.map(internal))
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Term, StorageError>> + use<'v, 'o> {
        self.0.named_graphs().map(|graph| graph.map(Term::from))
    }

    fn contains_internal_graph_name(&self, graph_name: &Term) -> Result<bool, StorageError> {
        match node(graph_name) {
            Some(graph) => self.0.contains_named_graph(graph),
            None => Ok(false),
        }
    }

    fn internalize_term(&self, term: Term) -> Result<Term, StorageError> {
        Ok(term)
    }

    fn externalize_term(&self, term: Term) -> Result<Term, StorageError> {
        Ok(term)
    }
}

type Places<'p> = (Option<NamedOrBlankNodeRef<'p>>, Option<NamedNodeRef<'p>>, Option<GraphNameRef<'p>>);

/// The terms of a pattern, each as what can stand in its place; nothing where one cannot.
#[expect(clippy::option_option, reason = "the evaluator's own way: no graph, the default graph, a named one")]
fn places<'p>(subject: Option<&'p Term>, predicate: Option<&'p Term>, graph: Option<Option<&'p Term>>) -> Option<Places<'p>> {
    let subject = match subject {
        Some(term) => Some(node(term)?),
        None => None,
    };
    let predicate = match predicate {
        Some(Term::NamedNode(predicate)) => Some(predicate.as_ref()),
        Some(_) => return None,
        None => None,
    };
    let graph = match graph {
        Some(Some(term)) => Some(GraphNameRef::from(node(term)?)),
        Some(None) => Some(GraphNameRef::DefaultGraph),
        None => None,
    };
    Some((subject, predicate, graph))
}

fn node(term: &Term) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        Term::NamedNode(node) => Some(node.into()),
        Term::BlankNode(node) => Some(node.into()),
        _ => None,
    }
}

fn internal(quad: Quad) -> InternalQuad<Term> {
    InternalQuad {
        subject: quad.subject.into(),
        predicate: quad.predicate.into(),
        object: quad.object,
        graph_name: match quad.graph_name {
            GraphName::NamedNode(graph) => Some(NamedOrBlankNode::from(graph).into()),
            GraphName::BlankNode(graph) => Some(NamedOrBlankNode::from(graph).into()),
            GraphName::DefaultGraph => None,
        },
    }
}
