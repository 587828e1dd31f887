//! Equal questions at the same time are asked once: those who come later wait for the first one's answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Mutex as Waiting;

use crate::store::query::{Answer, QueryError, QueryPool, Question};

/// The questions that are under way, by what their answers depend on.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<String, Arc<Flight>>>);

/// Held by the one who asks; what came of it, for those who wait.
type Flight = Waiting<Option<Landed>>;

#[derive(Debug)]
enum Landed {
    Answer(Answer),
    Deadline(f64),
    Memory(u64),
    Busy(usize, u64),
}

impl Landed {
    /// What others may have of an answer: all of it, if it is there whole, or that it cannot be had.
    fn of(answered: &Result<Answer, QueryError>) -> Option<Self> {
        match answered {
            Ok(answer) => answer.copy().map(Self::Answer),
            Err(QueryError::Deadline { seconds }) => Some(Self::Deadline(*seconds)),
            Err(QueryError::Memory { megabytes }) => Some(Self::Memory(*megabytes)),
            Err(QueryError::Busy { running, retry_seconds }) => Some(Self::Busy(*running, *retry_seconds)),
            Err(_) => None,
        }
    }

    fn copy(&self) -> Option<Result<Answer, QueryError>> {
        Some(match self {
            Self::Answer(answer) => Ok(answer.copy()?),
            Self::Deadline(seconds) => Err(QueryError::Deadline { seconds: *seconds }),
            Self::Busy(running, retry_seconds) => Err(QueryError::Busy { running: *running, retry_seconds: *retry_seconds }),
            Self::Memory(megabytes) => Err(QueryError::Memory { megabytes: *megabytes }),
        })
    }
}

impl Flights {
    /// Asks, or waits for somebody who asks the same. `key` is what the answer depends on, the store's version included.
    pub(super) async fn ask(&self, pool: &QueryPool, key: String, question: Question) -> Result<Answer, QueryError> {
        let flight = Arc::clone(self.flights().entry(key.clone()).or_default());
        let mut landed = flight.lock().await;
        let told = landed.as_ref().and_then(Landed::copy);
        let answered = match told {
            Some(told) => told,
            None => pool.ask(question).await,
        };
        if landed.is_none() {
            *landed = Landed::of(&answered);
        }
        drop(landed);
        // The last one out takes it off the list: nothing is kept for later.
        let mut flights = self.flights();
        if Arc::strong_count(&flight) <= 2 {
            flights.remove(&key);
        }
        answered
    }

    fn flights(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Flight>>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Who went away while asking leaves an entry that nobody else holds.
        if flights.len() > 1000 {
            flights.retain(|_, flight| Arc::strong_count(flight) > 1);
        }
        flights
    }
}
