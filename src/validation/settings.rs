//! What an operator may set about validation: how much of a long report is written out.

use serde::{Deserialize, Serialize};

/// How large a report may become. Everything is counted; only so much is written out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many findings are written out one by one in JSON and RDF.
    pub max_findings: u64,
    /// How many records are shown one by one on the page.
    pub records_on_page: usize,
    /// How many examples of each rule are shown.
    pub examples: usize,
    /// How many threads validate; as many as there are cores where it is 0.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_findings: 1_000_000, records_on_page: 200, examples: 5, threads: 0 }
    }
}
