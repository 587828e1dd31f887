//! The socket in the store's folder: while somebody serves the store, the other commands hand their jobs over and see their progress.
//!
//! One connection is one job. The client sends the job as a line of JSON; what comes back is a line of JSON for each step, the last of
//! them the report or the error. A client that goes away stops its job at the next point where nothing is lost.

use std::{
    fs::Permissions,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use super::{
    Harvest, HarvestFrom, House, Job, Listener, Outlet, Report,
    query::{Lent, ask_lent},
    turn::Turn,
};
use crate::telemetry::Progress;

/// The longest job that is taken, in bytes: a query, or a list of paths.
const LONGEST_JOB: u64 = 16 << 20;

/// A step of a job, as it travels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Begin {
        stage: String,
        total: Option<u64>,
    },
    Advance(u64),
    Say(String),
    /// A piece of what the job puts out: so many bytes follow the line.
    Out(usize),
    /// A snapshot to ask; it stays until the client goes.
    Lent(Lent),
    Report(Box<Report>),
    Error(String),
}

/// Where the socket of a store lies.
fn socket_of(folder: &Path) -> PathBuf {
    folder.join("glossator.sock")
}

/// Hands a job over to whoever serves the store in this folder. `None` if nobody does.
pub fn hand_over(folder: &Path, job: &Job, listener: Listener<'_>) -> anyhow::Result<Option<Report>> {
    let Ok(mut stream) = UnixStream::connect(socket_of(folder)) else { return Ok(None) };
    let mut line = serde_json::to_vec(job)?;
    line.push(b'\n');
    stream.write_all(&line).context("handing the job to the serving process")?;
    let stop = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    stream_timeout(&stop)?;
    let mut line = String::new();
    loop {
        match reader.read_line(&mut line) {
            Ok(0) => bail!("the serving process ended before the job did; what it had acknowledged is in the store"),
            Ok(_) => {}
            // A time-out in the middle of a line keeps what was read of it.
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                if listener.progress.stopped() {
                    stop.shutdown(std::net::Shutdown::Write).context("asking the serving process to stop")?;
                }
                continue;
            }
            Err(error) => return Err(error).context("listening to the serving process"),
        }
        match serde_json::from_str(&line).context("reading what the serving process says")? {
            Step::Begin { stage, total } => listener.progress.begin(&stage, total),
            Step::Advance(units) => listener.progress.advance(units),
            Step::Say(text) => listener.progress.say(&text),
            Step::Lent(lent) => match job {
                Job::Query(query) => return ask_lent(&lent, query, listener).map(Some),
                _ => bail!("the serving process lends a snapshot to a job that is no query: is it of another version?"),
            },
            Step::Out(size) => listener.outlet.write(&read_piece(&mut reader, size)?)?,
            Step::Report(report) => return Ok(Some(*report)),
            Step::Error(message) => bail!("{message}"),
        }
        line.clear();
    }
}

/// Reads a piece whole, however it arrives.
fn read_piece(reader: &mut impl std::io::Read, size: usize) -> anyhow::Result<Vec<u8>> {
    let mut piece = vec![0; size];
    let mut filled = 0;
    while let Some(rest) = piece.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => bail!("the serving process ended in the middle of its answer"),
            Ok(read) => filled += read,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error).context("listening to the serving process"),
        }
    }
    Ok(piece)
}

/// So that a stop is seen while the other side is silent.
fn stream_timeout(stream: &UnixStream) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(200))).context("setting up the socket")
}

/// The serving side: it takes jobs until it is dropped, one writer's job after the other.
#[derive(Debug)]
pub struct SocketServer {
    path: PathBuf,
    ending: Arc<AtomicBool>,
}

impl SocketServer {
    /// Listens in the store's folder, for this user alone.
    pub fn start(house: House) -> anyhow::Result<Self> {
        let path = socket_of(house.store.folder());
        // We hold the store's lock, so a socket that is there is a dead process's.
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| format!("clearing away {}", path.display()))?;
        }
        let listener = UnixListener::bind(&path).with_context(|| format!("listening on {}", path.display()))?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).with_context(|| format!("closing {} to others", path.display()))?;
        let ending = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ending);
        let turn = Arc::new(Turn::default());
        thread::Builder::new().name("jobs".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::Acquire) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (house, turn, ending) = (house.clone(), Arc::clone(&turn), Arc::clone(&seen));
                let spawned = thread::Builder::new().name("job".to_owned()).spawn(move || {
                    if let Err(error) = serve_one(&house, &turn, &ending, stream) {
                        tracing::warn!(error = %format!("{error:#}"), "a job's client went away");
                    }
                });
                if let Err(error) = spawned {
                    tracing::error!(%error, "no thread for a job");
                }
            }
        })?;
        Ok(Self { path, ending })
    }
}

impl Drop for SocketServer {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Release);
        // Wakes the listener, which then sees that it is over.
        drop(UnixStream::connect(&self.path));
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket was gone already");
        }
    }
}

fn serve_one(house: &House, turn: &Arc<Turn>, ending: &Arc<AtomicBool>, stream: UnixStream) -> anyhow::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?.take(LONGEST_JOB));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let wire = Arc::new(Wire {
        stream: Mutex::new(stream.try_clone()?),
        gone: AtomicBool::new(false),
        ending: Arc::clone(ending),
        turn: Arc::clone(turn),
        lends: AtomicBool::new(false),
    });
    let job: Job = match serde_json::from_str(&line) {
        Ok(job) => job,
        Err(error) => {
            return wire
                .send(&Step::Error(format!("the serving process does not understand this job ({error}): is it of another version?")));
        }
    };
    let client = watch(stream, Arc::clone(&wire))?;
    if matches!(job, Job::Query(_)) {
        return lend(house, &wire, client);
    }
    // Exports read; everything else waits for its turn.
    let reads = match &job {
        Job::Export(_) | Job::Dump(_) | Job::Runs | Job::Harvest(Harvest { from: HarvestFrom::Sources, .. }) => true,
        Job::Vocabulary(job) => job.reads(),
        _ => false,
    };
    let brief = is_brief(&job);
    if !reads && turn.is_taken() {
        wire.tell(&Step::Say(waits(brief).to_owned()));
    }
    let guard = match (reads, brief) {
        (true, _) => None,
        (false, true) => Some(turn.take_for_a_moment()),
        (false, false) => Some(turn.take()),
    };
    wire.lends.store(guard.is_some() && !brief, Ordering::Release);
    tracing::info!(job = job.name(), "a job begins");
    let done = house.run(&job, Listener { progress: wire.as_ref(), outlet: wire.as_ref() });
    drop(guard);
    match done {
        Ok(report) => {
            tracing::info!(job = job.name(), figures = %serde_json::Value::Object(report.figures.clone()), "a job is done");
            wire.send(&Step::Report(Box::new(report)))
        }
        Err(error) => {
            tracing::warn!(job = job.name(), error = %format!("{error:#}"), "a job failed");
            wire.send(&Step::Error(format!("{error:#}")))
        }
    }
}

/// Whether a person waits for it, and it is safe between two steps of a harvest: it rests on nothing that a harvest keeps in mind.
fn is_brief(job: &Job) -> bool {
    matches!(job, Job::Review(_) | Job::Publish(_) | Job::Retract { .. } | Job::Delete(_) | Job::Model(_))
}

fn waits(brief: bool) -> &'static str {
    if brief {
        "another job is running: this one goes between two of its steps if it is a harvest, and waits for its end otherwise"
    } else {
        "another job is running: this one waits for its end"
    }
}

/// A query runs in its client's process, over a snapshot: nothing that it does can hold up or bring down the one who serves.
fn lend(house: &House, wire: &Wire, client: JoinHandle<()>) -> anyhow::Result<()> {
    let snapshot = house.store.fresh_snapshot()?;
    let base = house.store.base().as_str().to_owned();
    wire.send(&Step::Lent(Lent { folder: snapshot.folder().to_path_buf(), version: snapshot.version(), base }))?;
    client.join().map_err(|_| anyhow::anyhow!("the watch over a client broke off"))
}

/// Notices that the client went away, or wants to stop: it closes its side.
fn watch(mut stream: UnixStream, wire: Arc<Wire>) -> anyhow::Result<JoinHandle<()>> {
    let watching = thread::Builder::new().name("job's client".to_owned()).spawn(move || {
        let mut byte = [0];
        while matches!(stream.read(&mut byte), Ok(n) if n > 0) {}
        wire.gone.store(true, Ordering::Release);
    })?;
    Ok(watching)
}

/// The client at the other end, as a job sees it.
struct Wire {
    stream: Mutex<UnixStream>,
    gone: AtomicBool,
    ending: Arc<AtomicBool>,
    turn: Arc<Turn>,
    /// Whether its job has the turn, and may lend it.
    lends: AtomicBool,
}

impl Wire {
    fn send(&self, step: &Step) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(step)?;
        line.push(b'\n');
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.write_all(&line)?;
        Ok(())
    }

    fn tell(&self, step: &Step) {
        if self.send(step).is_err() {
            self.gone.store(true, Ordering::Release);
        }
    }
}

impl Progress for Wire {
    fn begin(&self, stage: &str, total: Option<u64>) {
        self.tell(&Step::Begin { stage: stage.to_owned(), total });
    }

    fn advance(&self, units: u64) {
        self.tell(&Step::Advance(units));
    }

    fn say(&self, line: &str) {
        self.tell(&Step::Say(line.to_owned()));
    }

    fn rest(&self) {
        if self.lends.load(Ordering::Acquire) {
            self.turn.lend();
        }
    }

    fn stopped(&self) -> bool {
        self.gone.load(Ordering::Acquire) || self.ending.load(Ordering::Acquire)
    }
}

impl Outlet for Wire {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut message = serde_json::to_vec(&Step::Out(bytes.len()))?;
        message.push(b'\n');
        message.extend_from_slice(bytes);
        self.stream.lock().unwrap_or_else(PoisonError::into_inner).write_all(&message)
    }
}
