//! Manners towards each host: how many requests at once, how soon one after the other, and when it asked us to wait.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

/// Beyond so many hosts, those that nobody is asking are forgotten.
const REMEMBERED: usize = 4096;

/// A host that did not answer so many times in a row, each with its retries, is left alone for a while: thousands of records may name it.
pub(crate) const SILENT_TIMES: u32 = 3;
/// For so long.
pub(crate) const LEFT_ALONE: Duration = Duration::from_mins(5);

/// Who may ask whom, and when.
#[derive(Debug)]
pub(crate) struct Politeness {
    parallel: usize,
    delay: Duration,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    turns: Arc<Semaphore>,
    next: Mutex<Instant>,
    /// What the host asks for itself, where that is longer than what we keep with everybody.
    delay: Mutex<Duration>,
    silence: Mutex<Silence>,
}

/// How often in a row a host did not answer, and until when it is left alone for that.
#[derive(Debug, Default)]
struct Silence {
    times: u32,
    until: Option<Instant>,
}

impl Politeness {
    pub(crate) fn new(parallel: usize, delay: Duration) -> Self {
        Self { parallel: parallel.max(1), delay, hosts: Mutex::default() }
    }

    /// Waits until the host may be asked. The turn ends when what is given back is dropped.
    pub(crate) async fn turn(&self, host: &str) -> Option<OwnedSemaphorePermit> {
        let host = self.host(host);
        let permit = Arc::clone(&host.turns).acquire_owned().await.ok();
        let at = {
            let mut next = host.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = (*next).max(Instant::now());
            *next = at + *host.delay.lock().unwrap_or_else(PoisonError::into_inner);
            at
        };
        sleep_until(at).await;
        permit
    }

    /// The host wants nobody to ask before this time has gone by.
    pub(crate) fn pause(&self, host: &str, wait: Duration) {
        let host = self.host(host);
        let mut next = host.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next).max(Instant::now() + wait);
    }

    /// The host wants at least so much time between two requests.
    pub(crate) fn slow_down(&self, host: &str, delay: Duration) {
        let host = self.host(host);
        let mut kept = host.delay.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = (*kept).max(delay);
    }

    /// Whether the host is left alone for now, since it did not answer several times in a row.
    pub(crate) fn is_left_alone(&self, host: &str) -> bool {
        let host = self.host(host);
        let silence = host.silence.lock().unwrap_or_else(PoisonError::into_inner);
        silence.until.is_some_and(|until| Instant::now() < until)
    }

    /// The host answered, or once more it did not.
    pub(crate) fn heard(&self, host: &str, answered: bool) {
        let host = self.host(host);
        let mut silence = host.silence.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            *silence = Silence::default();
            return;
        }
        silence.times += 1;
        if silence.times >= SILENT_TIMES {
            silence.until = Some(Instant::now() + LEFT_ALONE);
        }
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() > REMEMBERED {
            let now = Instant::now();
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || *host.next.lock().unwrap_or_else(PoisonError::into_inner) > now);
        }
        let fresh = || {
            Arc::new(Host {
                turns: Arc::new(Semaphore::new(self.parallel)),
                next: Mutex::new(Instant::now()),
                delay: Mutex::new(self.delay),
                silence: Mutex::default(),
            })
        };
        Arc::clone(hosts.entry(name.to_owned()).or_insert_with(fresh))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_host_is_asked_twice_at_once_and_not_thrice() {
        let manners = Politeness::new(2, Duration::ZERO);
        let (first, _second) = (manners.turn("a").await, manners.turn("a").await);
        let third = tokio::time::timeout(Duration::from_millis(30), manners.turn("a")).await;
        assert!(third.is_err());
        assert!(manners.turn("b").await.is_some());
        drop(first);
        assert!(manners.turn("a").await.is_some());
    }

    #[test]
    fn a_silent_host_is_left_alone_for_a_while() {
        let manners = Politeness::new(2, Duration::ZERO);
        for _ in 0..SILENT_TIMES {
            assert!(!manners.is_left_alone("a"));
            manners.heard("a", false);
        }
        assert!(manners.is_left_alone("a") && !manners.is_left_alone("b"));
        manners.heard("a", true);
        manners.heard("a", false);
        assert!(!manners.is_left_alone("a"), "an answer is a new beginning");
    }

    #[tokio::test]
    async fn a_pause_and_a_delay_are_kept() {
        let manners = Politeness::new(2, Duration::from_millis(20));
        let start = Instant::now();
        drop(manners.turn("a").await);
        drop(manners.turn("a").await);
        assert!(start.elapsed() >= Duration::from_millis(20));
        manners.pause("a", Duration::from_millis(60));
        drop(manners.turn("a").await);
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}
