//! What can become of an update instead of a change.

use crate::store::{
    StoreError,
    query::{Fault, Refusal},
};

/// An update that changed nothing, and why.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The guard did not let it pass.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is no SPARQL update, or asks for what the engine does not know.
    #[error("{}", .0.message)]
    Syntax(Fault),
    /// Graphs are named by the protocol and by the update.
    #[error("`using-graph-uri` and `using-named-graph-uri` cannot be combined with USING or WITH (SPARQL 1.1 Protocol, section 2.2.3)")]
    UsingTwice,
    /// It loads from elsewhere.
    #[error("LOAD is refused: this service fetches nothing on behalf of an update. Send the graph itself by PUT or POST to /graph-store")]
    Load,
    /// It asks another endpoint.
    #[error("this endpoint asks no other endpoint: SERVICE is refused")]
    Service,
    /// It reaches for a graph that is not the operator's.
    #[error("the graph <{graph}> is closed to changes from outside: it {reason}")]
    Closed {
        /// The graph.
        graph: String,
        /// Who changes it.
        reason: &'static str,
    },
    /// Its pattern is too large.
    #[error("a WHERE clause of this update has more than {allowed} triple patterns")]
    Patterns {
        /// How many are allowed.
        allowed: usize,
    },
    /// It changes too much at once.
    #[error(
        "the update inserts and removes more than {allowed} quads; nothing was done. Do it in parts, or put or delete whole graphs at /graph-store"
    )]
    TooMuch {
        /// How many quads one update may change.
        allowed: usize,
    },
    /// There is no such graph.
    #[error("there is no graph <{0}>; nothing was done. SILENT would pass over that")]
    NoSuchGraph(String),
    /// There is such a graph already.
    #[error("there is a graph <{0}> already; nothing was done. SILENT would pass over that")]
    GraphExists(String),
    /// The time was up, or nobody waits any more.
    #[error("the update took too long and was stopped; nothing was done")]
    Stopped,
    /// The process that thought it through died over it.
    #[error("the update needed more than the memory limit of {megabytes} MB, or went too deep, and was stopped; nothing was done")]
    Memory {
        /// The limit.
        megabytes: u64,
    },
    /// It failed while it ran.
    #[error("the update failed, and nothing was done: {0}")]
    Evaluation(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<oxigraph::store::StorageError> for UpdateError {
    fn from(error: oxigraph::store::StorageError) -> Self {
        Self::Store(error.into())
    }
}
