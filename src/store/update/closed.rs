//! The graphs that are closed to changes from outside, and what changes them instead.

use oxigraph::model::{GraphName, NamedNode};

use super::UpdateError;
use crate::rdf::Base;

/// Where a closed graph's name begins under the base (with a slash: and what follows), and who changes it.
const CLOSED: [(&str, &str); 8] = [
    ("graph/meta", "follows all that the commands do"),
    ("graph/source/", "holds what a provider said, and is changed by `glossator ingest`"),
    ("graph/statements/", "holds what a provider said of its statements, and is changed by `glossator ingest`"),
    ("graph/enrichment/", "is changed by `glossator tag` and `glossator retract`"),
    ("graph/review", "is changed by `glossator review`"),
    ("graph/published/", "is derived by `glossator publish`"),
    ("graph/tombstones", "is changed by `glossator retract`, `glossator publish` and `glossator delete`"),
    ("graph/staging/", "is being filled to take another graph's place"),
];

/// Tells closed graphs from the operator's.
#[derive(Clone, Debug)]
pub struct Closed(Base);

impl Closed {
    /// The closed graphs under this base.
    pub fn under(base: &Base) -> Self {
        Self(base.clone())
    }

    /// Why the graph is closed, if it is.
    pub fn reason(&self, graph: &str) -> Option<&'static str> {
        let local = self.0.local(graph)?;
        let is_in = |name: &str| if name.ends_with('/') { local.starts_with(name) } else { local == name };
        CLOSED.iter().find(|(name, _)| is_in(name)).map(|(_, reason)| *reason)
    }

    /// An error where the graph is closed.
    pub fn refuse(&self, graph: &NamedNode) -> Result<(), UpdateError> {
        match self.reason(graph.as_str()) {
            Some(reason) => Err(UpdateError::Closed { graph: graph.as_str().to_owned(), reason }),
            None => Ok(()),
        }
    }

    /// The same for the name of any graph. The default graph is open.
    pub(super) fn refuse_any(&self, graph: &GraphName) -> Result<(), UpdateError> {
        match graph {
            GraphName::NamedNode(graph) => self.refuse(graph),
            GraphName::BlankNode(_) | GraphName::DefaultGraph => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_are_closed_and_others_are_not() {
        let closed = Closed::under(&Base::new("https://e.example/").expect("a base"));
        for graph in ["graph/meta", "graph/source/1", "graph/review", "graph/published/a", "graph/tombstones", "graph/staging/x"] {
            assert!(closed.reason(&format!("https://e.example/{graph}")).is_some(), "{graph}");
        }
        for graph in [
            "https://e.example/graph/vocab/aat/1",
            "https://e.example/mine",
            "https://e.example/graph/metal",
            "http://o.example/graph/meta",
        ] {
            assert_eq!(closed.reason(graph), None, "{graph}");
        }
    }

    #[test]
    fn every_graph_that_a_command_writes_is_closed() {
        use crate::rdf::RecordKey;
        let base = Base::new("https://e.example/").expect("a base");
        let closed = Closed::under(&base);
        let record = RecordKey::of(oxigraph::model::NamedNodeRef::new_unchecked("http://m.example/1"));
        for graph in [
            base.meta_graph(),
            base.source_graph(&record),
            base.statements_graph(&record),
            base.enrichment_graph("w"),
            base.review_graph(),
            base.published_graph(&record),
            base.tombstone_graph(),
            base.staging_graph(base.review_graph().as_ref()),
        ] {
            assert!(closed.refuse(&graph).is_err(), "{graph}");
        }
    }
}
