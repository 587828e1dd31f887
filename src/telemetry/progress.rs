//! How long work shows where it stands, and how it learns that it should stop.

/// Where long work tells how far it is. The terminal, a log, and a client at the other end of the socket each listen in their own way.
pub trait Progress: Send + Sync {
    /// A stage begins: what it does, of how many units, if that is known.
    fn begin(&self, stage: &str, total: Option<u64>);
    /// So many units more are done.
    fn advance(&self, units: u64);
    /// A line for the person who waits: a note about one record, a warning.
    fn say(&self, line: &str);
    /// Whether the work should end at the next point where nothing is lost.
    fn stopped(&self) -> bool;
    /// Nothing is half done just now: what is short and waits may come between.
    fn rest(&self) {}
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &str, _total: Option<u64>) {}
    fn advance(&self, _units: u64) {}
    fn say(&self, _line: &str) {}
    fn stopped(&self) -> bool {
        false
    }
}
