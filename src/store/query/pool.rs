//! The pool: hands each query to a worker over the newest snapshot, stops it at its deadline or when nobody listens, and says which
//! version answered.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{
    AnswerFormat, AnswerStream, DraftRequest, Formats, QueryError, Request, Settings,
    child::Worker,
    draft::{Hearing, error_of},
    fair::{Ledger, Seat},
    frame::{End, Frame, Head, Task},
    guard::check,
    pump::{Bill, Pump},
    running::{Registered, Running},
    turns::{Turn, Turns},
};
use crate::store::{
    Snapshot, Store,
    update::{Draft, Ticket, UpdateError},
};

/// What somebody asks.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own that the protocol asks with yes or no")]
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The query's text.
    pub query: String,
    /// How to write each kind of answer.
    pub formats: Formats,
    /// Graphs that the protocol says are the default graph.
    pub default_graphs: Vec<String>,
    /// Graphs that the protocol says are the named ones.
    pub named_graphs: Vec<String>,
    /// After how many rows or triples to stop.
    pub max_rows: Option<u64>,
    /// How long it may take, if that is less than what the settings allow.
    pub timeout: Option<Duration>,
    /// Whether it came in an address, where texts are short.
    pub in_address: bool,
    /// Whether it must see every change that was acknowledged: for those who read what they wrote.
    pub fresh: bool,
    /// Whether the default graph is the store's own, whatever the settings say.
    pub own_default_graph: bool,
    /// Whether the client reads RDF 1.2.
    pub rdf_12: bool,
    /// Whether to tell how it is done in the place of its answer.
    pub explain: bool,
    /// Who asks, for fair use; nobody is counted where nobody is named.
    pub client: Option<String>,
    /// By which id it can be stopped; none where it is empty.
    pub id: String,
}

/// An answer that has begun well.
#[derive(Debug)]
pub struct Answer {
    /// The store's version that it was given from.
    pub version: u64,
    /// The format.
    pub format: AnswerFormat,
    /// Rows or triples, where the whole answer is there already.
    pub rows: Option<u64>,
    /// The answer's bytes.
    pub body: AnswerStream,
}

impl Answer {
    /// The same once more, where the whole of it is there and nobody has begun to read it.
    pub fn copy(&self) -> Option<Self> {
        Some(Self { version: self.version, format: self.format, rows: self.rows, body: self.body.copy()? })
    }
}

/// Workers, and the turns that queries take. Cheap to clone.
#[derive(Clone, Debug)]
pub struct QueryPool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<Store>,
    settings: Settings,
    program: PathBuf,
    turns: Arc<Turns>,
    ledger: Arc<Ledger>,
    running: Arc<Running>,
    idle: Mutex<Vec<Worker>>,
    /// Held by whoever starts workers that nobody waits for.
    starting: tokio::sync::Mutex<()>,
    killed: AtomicU64,
}

/// The beginning of an answer.
#[derive(Debug)]
struct Opening {
    head: Head,
    pieces: Vec<Bytes>,
    end: Option<End>,
}

impl QueryPool {
    /// A pool whose workers are this very program.
    pub fn new(store: Arc<Store>, settings: Settings) -> Result<Self, QueryError> {
        let program = std::env::current_exe().map_err(|source| QueryError::Worker { doing: "find the program of", source })?;
        Ok(Self::with_program(store, settings, program))
    }

    /// A pool whose workers are another program: for tests, which are not the program themselves.
    pub fn with_program(store: Arc<Store>, settings: Settings, program: PathBuf) -> Self {
        let turns = Arc::new(Turns::new(settings.parallel, settings.reserved, settings.queue));
        let ledger = Arc::new(Ledger::new(settings.fair_use.clone()));
        Self(Arc::new(Inner {
            running: Arc::new(Running::slow_after(settings.slow_seconds)),
            store,
            settings,
            program,
            turns,
            ledger,
            idle: Mutex::default(),
            starting: tokio::sync::Mutex::default(),
            killed: AtomicU64::new(0),
        }))
    }

    /// What was set.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The version from which a query would be answered now; `fresh` as in [`Question::fresh`].
    pub async fn version(&self, fresh: bool) -> Result<u64, QueryError> {
        Ok(self.0.snapshot(fresh).await?.version())
    }

    /// How many workers were killed at their deadline, because nobody listened, or died over a query.
    pub fn killed(&self) -> u64 {
        self.0.killed.load(Ordering::Relaxed)
    }

    /// Starts workers until enough are ready.
    pub async fn warm(&self) -> Result<(), QueryError> {
        self.0.top_up().await
    }

    /// What each client has had.
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// The queries that are under way.
    pub fn running(&self) -> &Running {
        &self.0.running
    }

    /// How many queries run, and how many wait for their turn.
    pub fn figures(&self) -> (usize, usize) {
        self.0.turns.figures()
    }

    /// Answers a question. The future, and the answer's stream, kill the worker when they are dropped before the end.
    pub async fn ask(&self, question: Question) -> Result<Answer, QueryError> {
        let inner = &self.0;
        let client = question.client.clone();
        let seat = client.as_deref().map(|client| inner.ledger.admit(client)).transpose()?;
        let registered = inner.running.register(&question.id, client.as_deref(), &question.query);
        let stop = registered.stop.clone();
        let answered = tokio::select! {
            () = stop.cancelled() => {
                self.lost();
                Err(QueryError::Cancelled)
            }
            answered = self.ask_seated(question, seat, registered) => answered,
        };
        if let (Some(client), Err(QueryError::Refused(_) | QueryError::Query(_))) = (&client, &answered) {
            inner.ledger.mistaken(client);
        }
        answered
    }

    async fn ask_seated(&self, question: Question, seat: Option<Seat>, registered: Registered) -> Result<Answer, QueryError> {
        let inner = &self.0;
        let guard = &inner.settings.guard;
        check(&question.query, &if question.in_address { guard.in_address() } else { guard.clone() })?;
        let most = Duration::from_secs_f64(inner.settings.deadline_seconds.clamp(0.001, 86_400.0));
        let time = question.timeout.map_or(most, |t| t.min(most));
        let turn = inner.turn(question.client.as_deref().unwrap_or_default()).await?;
        let began = Instant::now();
        let mut bill = Bill::new(seat, began);
        let deadline = began + time;
        let fresh = question.fresh;
        let task = Task::Query(inner.request(question));
        let opened = timeout_at(deadline, inner.open(&task, fresh, turn.has_others())).await;
        let Ok(opened) = opened else {
            self.lost();
            return Err(QueryError::Deadline { seconds: time.as_secs_f64() });
        };
        let (worker, opening) =
            opened.inspect_err(|error| if matches!(error, QueryError::Memory { .. }) { self.lost() } else { self.refill() })?;
        let version = worker.version();
        let format = opening.head.format;
        let body = if let Some(end) = opening.end {
            self.take_back(worker);
            bill.pay(end);
            note_dropped(end, format);
            AnswerStream::whole(opening.pieces)
        } else {
            let (send, receive) = mpsc::channel(4);
            let pump = Pump { pool: self.clone(), worker, send, deadline, time, bill, registered, turn };
            tokio::spawn(pump.run());
            AnswerStream::flowing(opening.pieces, receive)
        };
        Ok(Answer { version, format, rows: opening.end.map(|e| e.rows), body })
    }

    /// Finds out what an update comes to, in a process that is killed when the ticket is stopped or this is dropped: over the newest version,
    /// or over a snapshot that is handed in. Says for which version the draft is.
    pub async fn draft(&self, request: DraftRequest, snapshot: Option<Snapshot>, ticket: &Ticket) -> Result<(u64, Draft), UpdateError> {
        let base = self.0.store.base().clone();
        let thinking = async {
            let mut worker = match snapshot {
                Some(own) => Worker::start(&self.0.program, Arc::new(own), self.0.settings.worker_megabytes, false).await?,
                None => self.0.worker(true, false).await?,
            };
            worker.send(&Task::Draft(request)).await?;
            let mut hearing = Hearing::default();
            loop {
                match worker.frame().await? {
                    Frame::Data(piece) => hearing.take(&piece)?,
                    Frame::Drafted(end) => {
                        let version = worker.version();
                        self.0.give_back(worker);
                        return Ok(Ok((version, hearing.end(end)?)));
                    }
                    Frame::DraftFault(fault) => {
                        self.0.give_back(worker);
                        return Ok(Err(error_of(fault, &base)));
                    }
                    _ => return Err(out_of_turn()),
                }
            }
        };
        let stopped = async {
            while !ticket.is_stopped() {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        let thought: Result<_, QueryError> = tokio::select! {
            () = stopped => {
                self.lost();
                return Err(UpdateError::Stopped);
            }
            thought = thinking => thought,
        };
        thought.map_err(|error| match error {
            QueryError::Memory { megabytes } => {
                self.lost();
                UpdateError::Memory { megabytes }
            }
            QueryError::Store(error) => UpdateError::Store(error),
            other => UpdateError::Evaluation(other.to_string()),
        })?
    }

    /// Takes a worker back that ended an answer cleanly.
    pub(super) fn take_back(&self, worker: Worker) {
        self.0.give_back(worker);
        self.refill();
    }

    /// Counts a worker that is no more, and sees to another.
    pub(super) fn lost(&self) {
        self.0.killed.fetch_add(1, Ordering::Relaxed);
        self.refill();
    }

    /// Starts a worker in the place of one that is gone, while nobody waits for it.
    fn refill(&self) {
        if self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).len() >= self.0.settings.warm {
            return;
        }
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            if let Err(error) = inner.top_up().await {
                tracing::warn!(%error, "no query worker could be made ready");
            }
        });
    }
}

impl Inner {
    async fn snapshot(&self, fresh: bool) -> Result<Arc<Snapshot>, QueryError> {
        if let Some(snapshot) = self.store.snapshot_at_hand(fresh) {
            return Ok(snapshot);
        }
        let store = Arc::clone(&self.store);
        let made = tokio::task::spawn_blocking(move || if fresh { store.fresh_snapshot() } else { store.snapshot() }).await;
        Ok(made.map_err(|e| QueryError::Worker { doing: "make a snapshot for", source: std::io::Error::other(e) })??)
    }

    fn request(&self, question: Question) -> Request {
        Request {
            query: question.query,
            base: format!("{}sparql", self.store.base().as_str()),
            formats: question.formats,
            default_graphs: question.default_graphs,
            named_graphs: question.named_graphs,
            union: self.settings.union_default_graph && !question.own_default_graph,
            max_rows: question.max_rows,
            rdf_12: question.rdf_12,
            explain: question.explain,
        }
    }

    /// Waits for a turn, among not too many and not too long.
    async fn turn(&self, client: &str) -> Result<Turn, QueryError> {
        let seconds = self.settings.queue_seconds.clamp(0.0, 3600.0);
        let busy = || QueryError::Busy { running: self.turns.figures().0, retry_seconds: (seconds.ceil() as u64).max(1) };
        self.turns.take(client, Duration::from_secs_f64(seconds)).await.ok_or_else(busy)
    }

    /// Hands the request to a worker and reads how its answer begins.
    async fn open(&self, task: &Task, fresh: bool, beside_others: bool) -> Result<(Worker, Opening), QueryError> {
        let mut worker = self.worker(fresh, beside_others).await?;
        if beside_others {
            worker.send_beside_others(task).await?;
        } else {
            worker.send(task).await?;
        }
        let hold = Instant::now() + Duration::from_millis(self.settings.hold_milliseconds);
        match self.opening(&mut worker, hold).await {
            Ok(opening) => Ok((worker, opening)),
            Err(error) => {
                if matches!(
                    error,
                    QueryError::Query(_) | QueryError::NotAcceptable { .. } | QueryError::Evaluation(_) | QueryError::Refused(_)
                ) {
                    // The worker itself is well.
                    self.give_back(worker);
                }
                Err(error)
            }
        }
    }

    /// Reads until the end, until enough is there, or until the time of holding back is over and something is there.
    async fn opening(&self, worker: &mut Worker, hold: Instant) -> Result<Opening, QueryError> {
        let mut head = None;
        let mut pieces = Vec::new();
        let mut size = 0;
        loop {
            let frame = match head {
                // A frame that is read by half is read on: it is the stream's next.
                Some(head) if size > 0 => {
                    if Instant::now() >= hold || size >= self.settings.hold_bytes {
                        return Ok(Opening { head, pieces, end: None });
                    }
                    if timeout_at(hold, worker.readable()).await.is_err() {
                        return Ok(Opening { head, pieces, end: None });
                    }
                    worker.frame().await?
                }
                _ => worker.frame().await?,
            };
            match frame {
                Frame::Head(begun) => head = Some(begun),
                Frame::Data(bytes) => {
                    size += bytes.len();
                    pieces.push(Bytes::from(bytes));
                }
                Frame::Error(fault) => return Err(fault.into()),
                Frame::End(end) => {
                    let head = head.ok_or_else(out_of_turn)?;
                    return Ok(Opening { head, pieces, end: Some(end) });
                }
                Frame::Ready | Frame::Drafted(_) | Frame::DraftFault(_) => return Err(out_of_turn()),
            }
        }
    }

    /// A worker over the newest snapshot: an idle one, or a new one. Those over older snapshots go.
    async fn worker(&self, fresh: bool, beside_others: bool) -> Result<Worker, QueryError> {
        let snapshot = self.snapshot(fresh).await?;
        if let Some(worker) = self.idle_worker(snapshot.version()) {
            return Ok(worker);
        }
        Worker::start(&self.program, snapshot, self.settings.worker_megabytes, beside_others).await
    }

    fn idle_worker(&self, version: u64) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|worker| worker.version() >= version);
        while let Some(mut worker) = idle.pop() {
            if worker.version() == version && worker.lives() {
                return Some(worker);
            }
        }
        None
    }

    /// Keeps a worker that ended an answer cleanly, if it is of use.
    fn give_back(&self, mut worker: Worker) {
        worker.answers += 1;
        let is_up = worker.is_up_again();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = idle.iter().map(Worker::version).max().unwrap_or(0);
        let room = idle.len() < self.settings.warm.max(self.settings.parallel);
        if room && is_up && worker.version() >= newest && worker.answers < self.settings.answers_per_worker {
            idle.push(worker);
        }
    }

    /// Starts workers until enough are ready, one after the other: a start costs more than a light query, which it should not hold up.
    async fn top_up(&self) -> Result<(), QueryError> {
        let _alone = self.starting.lock().await;
        loop {
            let snapshot = self.snapshot(false).await?;
            let ready = {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.retain(|worker| worker.version() >= snapshot.version());
                idle.len()
            };
            if ready >= self.settings.warm {
                return Ok(());
            }
            let worker = Worker::start(&self.program, snapshot, self.settings.worker_megabytes, false).await?;
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        }
    }
}

pub(super) fn out_of_turn() -> QueryError {
    QueryError::Worker { doing: "understand", source: std::io::Error::other("it spoke out of turn") }
}

fn note_dropped(end: End, format: AnswerFormat) {
    if end.dropped > 0 {
        tracing::info!(characters = end.dropped, format = format.ending(), "an answer left out characters that XML forbids");
    }
}
