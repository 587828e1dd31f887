//! What an operator may set about queries.

use serde::{Deserialize, Serialize};

use super::{FairUse, GuardLimits};

/// Time, memory and numbers for queries that come from outside.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How long a query may take, its answer's way to the client included, in seconds. A request may ask for less.
    pub deadline_seconds: f64,
    /// How much a worker's address space may grow, in megabytes. What the files of the store take of it counts.
    pub worker_megabytes: u64,
    /// How many queries run at once, each in a process of its own.
    pub parallel: usize,
    /// How many more may run for clients that have none running, so that nobody waits behind one who asks much.
    pub reserved: usize,
    /// How many more may wait for their turn.
    pub queue: usize,
    /// How long one may wait for its turn, in seconds.
    pub queue_seconds: f64,
    /// How many workers are kept ready when nobody asks.
    pub warm: usize,
    /// How many answers one worker gives before another takes its place.
    pub answers_per_worker: u32,
    /// How long the beginning of an answer is held back, so that a query that fails early fails with a proper status, in milliseconds.
    pub hold_milliseconds: u64,
    /// How much of an answer is held back at most, in bytes.
    pub hold_bytes: usize,
    /// A query that takes longer than this is told of in the log, with its text, in seconds. 0 tells of none.
    pub slow_seconds: f64,
    /// Whether the default graph is the union of all graphs. Otherwise it is the store's own default graph, which is empty here.
    pub union_default_graph: bool,
    /// What one client may have.
    pub fair_use: FairUse,
    /// What a query's text may look like.
    pub guard: GuardLimits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline_seconds: 30.0,
            worker_megabytes: 2048,
            parallel: 2,
            reserved: 1,
            queue: 32,
            queue_seconds: 10.0,
            warm: 1,
            answers_per_worker: 1000,
            hold_milliseconds: 300,
            hold_bytes: 1 << 20,
            slow_seconds: 5.0,
            union_default_graph: true,
            fair_use: FairUse::default(),
            guard: GuardLimits::default(),
        }
    }
}
