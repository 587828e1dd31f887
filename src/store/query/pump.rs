//! The pump: carries an answer that flows from its worker to whoever reads it, until its end, its deadline, or until nobody listens.

use std::time::Duration;

use bytes::Bytes;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{
    QueryError, QueryPool,
    child::Worker,
    fair::Seat,
    frame::{End, Frame},
    pool::out_of_turn,
    running::Registered,
    turns::Turn,
};

/// What a query's client is to pay: the time that the worker told, or all of it where the worker did not live to tell.
#[derive(Debug)]
pub(super) struct Bill {
    seat: Option<Seat>,
    began: Instant,
    paid: bool,
}

impl Bill {
    pub(super) fn new(seat: Option<Seat>, began: Instant) -> Self {
        Self { seat, began, paid: false }
    }

    pub(super) fn pay(&mut self, end: End) {
        self.paid = true;
        if let Some(seat) = &self.seat {
            seat.spent(Duration::from_micros(end.busy));
        }
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        if let (false, Some(seat)) = (self.paid, &self.seat) {
            seat.spent(self.began.elapsed());
        }
    }
}

/// Carries the rest of an answer from a worker to whoever reads it.
#[derive(Debug)]
pub(super) struct Pump {
    pub(super) pool: QueryPool,
    pub(super) worker: Worker,
    pub(super) send: mpsc::Sender<Result<Option<Bytes>, QueryError>>,
    /// When the query's time is up, and how long it was.
    pub(super) deadline: Instant,
    pub(super) time: Duration,
    pub(super) bill: Bill,
    pub(super) registered: Registered,
    /// Held until the answer is at its end.
    #[expect(dead_code, reason = "it is held, and let go when this is dropped")]
    pub(super) turn: Turn,
}

/// How far an answer was carried.
#[derive(Debug)]
enum Carried {
    /// To its end: the worker is free.
    Whole,
    /// As far as somebody listened: the worker is still busy with it.
    Unheard,
}

impl Pump {
    pub(super) async fn run(mut self) {
        let gone = self.send.clone();
        let stop = self.registered.stop.clone();
        let ended = tokio::select! {
            () = gone.closed() => None,
            () = stop.cancelled() => Some(Ok(Err(QueryError::Cancelled))),
            ended = timeout_at(self.deadline, self.carry()) => Some(ended),
        };
        let error = match ended {
            // Nobody listens any more: the worker is killed as it is dropped.
            None | Some(Ok(Ok(Carried::Unheard))) => return self.pool.lost(),
            Some(Ok(Ok(Carried::Whole))) => return self.pool.take_back(self.worker),
            Some(Ok(Err(error))) => error,
            Some(Err(_)) => QueryError::Deadline { seconds: self.time.as_secs_f64() },
        };
        drop(self.worker);
        self.pool.lost();
        // The reader may be slow or stuck; the worker is gone, and the error waits in the channel or is told by its closing.
        if self.send.try_send(Err(error)).is_err() {
            tracing::debug!("an answer was broken off before its reader could be told why");
        }
    }

    async fn carry(&mut self) -> Result<Carried, QueryError> {
        loop {
            let piece = match self.worker.frame().await? {
                Frame::Data(bytes) => Some(Bytes::from(bytes)),
                Frame::End(end) => {
                    self.bill.pay(end);
                    None
                }
                Frame::Error(fault) => return Err(fault.into()),
                _ => return Err(out_of_turn()),
            };
            let last = piece.is_none();
            let heard = self.send.send(Ok(piece)).await.is_ok();
            if last {
                return Ok(Carried::Whole);
            }
            if !heard {
                return Ok(Carried::Unheard);
            }
        }
    }
}
