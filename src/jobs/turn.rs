//! Whose turn it is: one job writes at a time. A long one lends its turn, where nothing of it is half done, to those that a person waits for.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The one turn.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Held by a long job to its end, also while it lends its turn: so no other long one comes between.
    long: Mutex<()>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    taken: bool,
    /// How many short jobs wait.
    waiting: usize,
}

/// The turn, while somebody has it.
#[derive(Debug)]
pub(super) struct Taken<'t> {
    turn: &'t Turn,
    _long: Option<MutexGuard<'t, ()>>,
}

impl Turn {
    /// Whether somebody has it.
    pub(super) fn is_taken(&self) -> bool {
        self.state().taken
    }

    /// Takes it when it is free, for a job that a person waits for.
    pub(super) fn take_for_a_moment(&self) -> Taken<'_> {
        let mut state = self.state();
        state.waiting += 1;
        state = self.changed.wait_while(state, |state| state.taken).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.taken = true;
        Taken { turn: self, _long: None }
    }

    /// Takes it when it is free, for any other job.
    pub(super) fn take(&self) -> Taken<'_> {
        let long = self.long.lock().unwrap_or_else(PoisonError::into_inner);
        self.take_again();
        Taken { turn: self, _long: Some(long) }
    }

    /// Lends it to the short jobs that wait, if any do, and takes it back after them. For whoever has it.
    pub(super) fn lend(&self) {
        if self.state().waiting > 0 {
            self.give_back();
            self.take_again();
        }
    }

    fn take_again(&self) {
        let free = |state: &mut State| state.taken || state.waiting > 0;
        let mut state = self.changed.wait_while(self.state(), free).unwrap_or_else(PoisonError::into_inner);
        state.taken = true;
    }

    fn give_back(&self) {
        self.state().taken = false;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.turn.give_back();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc,
        thread,
        time::{Duration, Instant},
    };

    use super::*;

    #[test]
    fn a_long_job_lends_its_turn_to_a_short_one_and_to_no_other_long_one() {
        let turn = Turn::default();
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            let held = turn.take();
            let (short, long) = (tell.clone(), tell.clone());
            let turn = &turn;
            scope.spawn(move || {
                let _taken = turn.take();
                long.send("other").unwrap();
            });
            scope.spawn(move || {
                let _taken = turn.take_for_a_moment();
                short.send("short").unwrap();
            });
            let begun = Instant::now();
            while turn.state().waiting == 0 && begun.elapsed() < Duration::from_secs(10) {
                thread::yield_now();
            }
            assert!(told.try_recv().is_err(), "nobody comes between while nothing is lent");
            turn.lend();
            assert_eq!(told.try_recv(), Ok("short"));
            assert!(turn.is_taken() && told.try_recv().is_err());
            turn.lend();
            tell.send("first").unwrap();
            drop(held);
        });
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["first", "other"]);
    }
}
