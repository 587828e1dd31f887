//! What holds an update and the one who waits for it together: it can be stopped until it is about to be committed, and not after.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use oxigraph::sparql::CancellationToken;

const RUNNING: u8 = 0;
const STOPPED: u8 = 1;
const SETTLED: u8 = 2;

/// Stops an update, or learns that it is too late for that. Cheap to clone.
///
/// The engine looks at it when it scans quads, and we look at it at every quad that is to be changed and before the commit. What it does not
/// reach (a sort, a count over the product of unrelated patterns, a growing string, the planning of a join) runs in a process that is killed.
#[derive(Clone, Default)]
pub struct Ticket {
    state: Arc<AtomicU8>,
    token: CancellationToken,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Ticket {
    /// Stops it. Says whether that was in time: if so, nothing will have been changed.
    pub fn stop(&self) -> bool {
        let before = self.state.compare_exchange(RUNNING, STOPPED, Ordering::AcqRel, Ordering::Acquire);
        let stopped = matches!(before, Ok(_) | Err(STOPPED));
        if stopped {
            self.token.cancel();
        }
        stopped
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.state.load(Ordering::Acquire) == STOPPED
    }

    /// From here on it cannot be stopped. Says whether it may go on.
    pub(in crate::store) fn settle(&self) -> bool {
        self.state.compare_exchange(RUNNING, SETTLED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    pub(super) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped_is_never_committed_and_the_other_way_round() {
        let first = Ticket::default();
        assert!(first.stop() && first.stop() && !first.settle() && first.is_stopped());
        let second = Ticket::default();
        assert!(second.settle() && !second.stop() && !second.is_stopped());
    }
}
