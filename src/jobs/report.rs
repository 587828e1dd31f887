//! What a job says while it runs, and at the end.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::telemetry::Progress;

/// Where a job's output goes besides its report: lines of a query's answer, an export's bytes.
pub trait Outlet: Send + Sync {
    /// Takes the next bytes.
    fn write(&self, bytes: &[u8]) -> std::io::Result<()>;
}

/// Who listens to a job: for its progress, and for what it puts out.
#[derive(Clone, Copy)]
pub struct Listener<'l> {
    /// Where it stands.
    pub progress: &'l dyn Progress,
    /// What it puts out.
    pub outlet: &'l dyn Outlet,
}

impl std::fmt::Debug for Listener<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

/// What a job did, for people and for machines.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The figures, by name: the last line of standard output under `--json`.
    pub figures: Map<String, Value>,
    /// What a person reads at the end.
    pub lines: Vec<String>,
    /// Whether some records were rejected or failed, while the others are done.
    pub partial: bool,
    /// Whether it could not be done to its end: what was done stands, and the lines say what is missing.
    #[serde(default)]
    pub failed: bool,
}

impl Report {
    /// Sets one figure.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Adds a line for people.
    pub fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// The process's exit code: 0 done, 1 not done to its end, 3 done with some records rejected.
    pub fn exit_code(&self) -> u8 {
        match (self.failed, self.partial) {
            (true, _) => 1,
            (false, true) => 3,
            (false, false) => 0,
        }
    }
}
