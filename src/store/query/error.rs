//! What can become of a query instead of an answer.

use serde::{Deserialize, Serialize};

use super::{AnswerKind, Refusal};
use crate::store::StoreError;

/// A query without an answer, and whose fault that is.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The guard did not let it pass.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is not SPARQL, or asks for what the engine does not know.
    #[error("{}", .0.message)]
    Query(Fault),
    /// Nothing that the client accepts can carry this kind of answer.
    #[error("the answer to this query is a {}, which none of the accepted formats can carry", match .kind { AnswerKind::Table => "table", AnswerKind::Graph => "graph" })]
    NotAcceptable {
        /// The kind of answer.
        kind: AnswerKind,
    },
    /// Others are being answered.
    #[error("{running} queries are running and others wait; try again in {retry_seconds} s")]
    Busy {
        /// How many run at once.
        running: usize,
        /// When to try again.
        retry_seconds: u64,
    },
    /// The client has had its share.
    #[error("your address {what}; try again in {retry_seconds} s")]
    FairUse {
        /// Of what.
        what: &'static str,
        /// When to try again.
        retry_seconds: u64,
    },
    /// Somebody stopped it who may.
    #[error("the query was stopped by its id")]
    Cancelled,
    /// The time was up.
    #[error(
        "the query took longer than {seconds} s and was stopped. Ask for less at once (LIMIT, a more selective pattern), or take the data whole"
    )]
    Deadline {
        /// The time that it had.
        seconds: f64,
    },
    /// The worker died over it.
    #[error("the query needed more than the memory limit of {megabytes} MB, or went too deep, and was stopped")]
    Memory {
        /// The limit.
        megabytes: u64,
    },
    /// It failed while it ran.
    #[error("the query failed: {}", .0.message)]
    Evaluation(Fault),
    /// No snapshot could be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The worker could not be started or spoken to.
    #[error("cannot {doing} a query worker: {source}")]
    Worker {
        /// What we were doing.
        doing: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// Whose fault it is that a query has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Blame {
    /// The query's.
    Query,
    /// What was asked for cannot be had in these formats.
    Formats(AnswerKind),
    /// It asks another endpoint.
    Service,
    /// Ours.
    Engine,
}

/// What a worker says when there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Fault {
    /// Whose fault it is.
    pub blame: Blame,
    /// What is wrong.
    pub message: String,
    /// Where in the query, if it is there: line and column, from 1.
    pub place: Option<(usize, usize)>,
}

impl From<Fault> for QueryError {
    fn from(fault: Fault) -> Self {
        match fault.blame {
            Blame::Query => Self::Query(fault),
            Blame::Formats(kind) => Self::NotAcceptable { kind },
            Blame::Service => {
                let (line, column) = fault.place.unwrap_or((1, 1));
                Self::Refused(Refusal { limit: super::Limit::Service, found: 1, allowed: 0, line, column })
            }
            Blame::Engine => Self::Evaluation(fault),
        }
    }
}
