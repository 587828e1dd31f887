//! The turns that queries take: so many at once, with a place kept for whoever has none, so that nobody waits behind one who asks much.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

/// Who runs and who waits.
#[derive(Debug)]
pub(super) struct Turns {
    parallel: usize,
    /// How many more may run for clients that have nothing running.
    reserved: usize,
    /// How many may wait.
    queue: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: HashMap<String, usize>,
    total: usize,
    /// In the order in which they came.
    waiting: Vec<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    client: String,
    call: oneshot::Sender<Turn>,
}

/// A turn, until it is let go.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    client: String,
}

impl Turn {
    /// Whether the client has more than this one.
    pub(super) fn has_others(&self) -> bool {
        self.turns.state().running.get(&self.client).is_some_and(|count| *count > 1)
    }
}

impl Turns {
    pub(super) fn new(parallel: usize, reserved: usize, queue: usize) -> Self {
        Self { parallel: parallel.max(1), reserved, queue, state: Mutex::default() }
    }

    /// Waits for a turn, among not too many and not too long. Nothing where either is too much.
    pub(super) async fn take(self: &Arc<Self>, client: &str, patience: Duration) -> Option<Turn> {
        let called = {
            let mut state = self.state();
            if self.may_run(&state, client) && !state.waiting.iter().any(|w| self.may_run(&state, &w.client)) {
                state.begin(client);
                return Some(Turn { turns: Arc::clone(self), client: client.to_owned() });
            }
            if state.waiting.len() >= self.queue {
                return None;
            }
            let (call, called) = oneshot::channel();
            state.waiting.push(Waiter { client: client.to_owned(), call });
            called
        };
        let turn = tokio::time::timeout(patience, called).await.ok().and_then(Result::ok);
        if turn.is_none() {
            self.state().waiting.retain(|waiter| !waiter.call.is_closed());
        }
        turn
    }

    /// How many run, and how many wait.
    pub(super) fn figures(&self) -> (usize, usize) {
        let state = self.state();
        (state.total, state.waiting.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_run(&self, state: &State, client: &str) -> bool {
        let own = state.running.get(client).copied().unwrap_or(0);
        state.total < self.parallel || (own == 0 && state.total < self.parallel + self.reserved)
    }

    /// Calls whoever's turn it is: who has least running, and of those who came first.
    fn call(self: &Arc<Self>) {
        loop {
            let mut state = self.state();
            state.waiting.retain(|waiter| !waiter.call.is_closed());
            let next = state.waiting.iter().enumerate().filter(|(_, w)| self.may_run(&state, &w.client));
            let next = next.min_by_key(|(place, w)| (state.running.get(&w.client).copied().unwrap_or(0), *place));
            let Some((place, _)) = next else { return };
            let waiter = state.waiting.remove(place);
            state.begin(&waiter.client);
            drop(state);
            // Who went away gives the turn back as it is dropped here.
            drop(waiter.call.send(Turn { turns: Arc::clone(self), client: waiter.client }));
        }
    }
}

impl State {
    fn begin(&mut self, client: &str) {
        self.total += 1;
        *self.running.entry(client.to_owned()).or_default() += 1;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        {
            let mut state = self.turns.state();
            state.total -= 1;
            if let Some(count) = state.running.get_mut(&self.client) {
                *count -= 1;
                if *count == 0 {
                    state.running.remove(&self.client);
                }
            }
        }
        self.turns.call();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn who_has_nothing_running_does_not_wait_behind_who_asks_much() {
        let turns = Arc::new(Turns::new(2, 1, 8));
        let mut flood = vec![turns.take("flood", LONG).await.expect("a turn"), turns.take("flood", LONG).await.expect("a turn")];
        let behind = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take("flood", LONG).await }
        });
        tokio::task::yield_now().await;
        let quiet = turns.take("quiet", Duration::ZERO).await;
        assert!(quiet.is_some(), "the place that is kept");
        assert!(turns.take("other", Duration::from_millis(5)).await.is_none(), "and no more than that");
        drop(quiet);
        drop(flood.pop());
        assert!(behind.await.expect("joined").is_some());
        drop(flood);
        assert_eq!(turns.figures(), (0, 0));
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_who_leaves_it_is_forgotten() {
        let turns = Arc::new(Turns::new(1, 0, 1));
        let first = turns.take("a", LONG).await.expect("a turn");
        assert!(turns.take("b", Duration::from_millis(5)).await.is_none());
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take("b", LONG).await }
        });
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(turns.take("c", LONG).await.is_none(), "there is no place to wait");
        waiting.abort();
        assert!(waiting.await.is_err());
        drop(first);
        assert!(turns.take("c", Duration::ZERO).await.is_some());
        assert_eq!(turns.figures(), (0, 0));
    }
}
