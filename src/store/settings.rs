//! What an operator may set about the store.

use serde::{Deserialize, Serialize};

/// How much of the sorted index is held in memory: unless it is told, its engine takes up to a gibibyte.
pub(super) const CACHED_BYTES: usize = 16 << 20;
/// The same of the originals, which are written once and read one by one.
pub(super) const CACHED_ORIGINALS: usize = 8 << 20;

/// Memory and threads for bulk loading, and how far behind a snapshot may be.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Memory for one bulk load, in megabytes.
    pub bulk_megabytes: usize,
    /// Threads for one bulk load.
    pub bulk_threads: usize,
    /// How old a snapshot may be before a query that comes after a change waits for a new one, in milliseconds (at most 1000).
    pub snapshot_milliseconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { bulk_megabytes: 256, bulk_threads: 2, snapshot_milliseconds: 400 }
    }
}
