//! The queries that are under way: each has an id, by which the one who asked, or the operator, stops it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::rdf::mint::short_key;

/// The queries that are under way.
#[derive(Debug)]
pub struct Running {
    entries: Mutex<BTreeMap<String, Entry>>,
    /// From how long on a query is slow, and told of in the log.
    slow: Option<Duration>,
}

#[derive(Clone, Debug)]
struct Entry {
    client: Option<String>,
    query: Arc<str>,
    stop: CancellationToken,
    began: Instant,
}

/// A query that is under way, as the operator sees it.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// Its id.
    pub id: String,
    /// Who asks; nobody where it is the operator.
    pub client: Option<String>,
    /// Its text.
    pub query: Arc<str>,
    /// Since when, in milliseconds.
    pub milliseconds: u64,
}

/// A query's place in the list, until it is let go.
#[derive(Debug)]
pub(super) struct Registered {
    running: Arc<Running>,
    id: Option<String>,
    query: Arc<str>,
    began: Instant,
    pub(super) stop: CancellationToken,
}

impl Running {
    /// No queries yet; those that take more than so many seconds will be told of in the log.
    pub(super) fn slow_after(seconds: f64) -> Self {
        let slow = (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(1e6)));
        Self { entries: Mutex::default(), slow }
    }

    /// Whether a query with this id is under way.
    pub fn has(&self, id: &str) -> bool {
        self.entries().contains_key(id)
    }

    /// Every query that is under way, by id.
    pub fn list(&self) -> Vec<UnderWay> {
        let told = |(id, entry): (&String, &Entry)| UnderWay {
            id: id.clone(),
            client: entry.client.clone(),
            query: Arc::clone(&entry.query),
            milliseconds: entry.began.elapsed().as_millis() as u64,
        };
        self.entries().iter().map(told).collect()
    }

    /// Stops a query: the client's own, or any where no client is named. Says whether there was one.
    pub fn stop(&self, id: &str, client: Option<&str>) -> bool {
        let entries = self.entries();
        let Some(entry) = entries.get(id).filter(|entry| client.is_none() || entry.client.as_deref() == client) else { return false };
        entry.stop.cancel();
        true
    }

    /// Takes a query up. One without an id, or with one that is taken, cannot be stopped by it.
    pub(super) fn register(self: &Arc<Self>, id: &str, client: Option<&str>, query: &str) -> Registered {
        let (stop, query, began) = (CancellationToken::new(), Arc::<str>::from(query), Instant::now());
        let mut entries = self.entries();
        let free = !id.is_empty() && !entries.contains_key(id);
        if free {
            let entry = Entry { client: client.map(str::to_owned), query: Arc::clone(&query), began, stop: stop.clone() };
            entries.insert(id.to_owned(), entry);
        }
        Registered { running: Arc::clone(self), id: free.then(|| id.to_owned()), query, began, stop }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        if self.running.slow.is_some_and(|slow| took > slow) {
            let text: String = self.query.chars().take(2000).collect();
            tracing::warn!(milliseconds = took.as_millis() as u64, key = short_key([&*self.query]), query = ?text, "a slow query");
        }
        if let Some(id) = &self.id {
            self.running.entries().remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_and_the_operator_stop_a_query() {
        let running = Arc::new(Running::slow_after(0.0));
        let query = running.register("q1", Some("198.51.100.0/24"), "ASK {}");
        assert!(!running.stop("q1", Some("203.0.113.0/24")) && !query.stop.is_cancelled());
        assert!(running.stop("q1", Some("198.51.100.0/24")) && query.stop.is_cancelled());
        assert!(running.stop("q1", None) && !running.stop("q2", None));
        let twin = running.register("q1", None, "ASK {}");
        drop(twin);
        assert!(running.has("q1"), "a twin does not take its place");
        assert_eq!(running.list().len(), 1);
        drop(query);
        assert!(running.list().is_empty());
    }
}
