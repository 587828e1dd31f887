//! A worker as its parent holds it: a process that dies when it is let go.

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{Instant, timeout_at},
};

use super::{
    QueryError,
    frame::{Frame, LONGEST, Task, pack},
};
use crate::store::Snapshot;

/// How long a query runs before it makes way for those that are answered at once.
const PATIENCE: Duration = Duration::from_millis(200);
/// How much it makes way then: as `nice` counts it.
const MAKES_WAY: i32 = 15;

/// A running worker. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    snapshot: Arc<Snapshot>,
    megabytes: u64,
    /// How many answers it gave.
    pub(super) answers: u32,
    /// When it makes way for others, if it still works on its task then.
    until: Instant,
    makes_way: bool,
}

impl Worker {
    /// Starts a worker and waits until it has opened the snapshot. One that is started beside others of the same client makes way from the first.
    pub(super) async fn start(program: &Path, snapshot: Arc<Snapshot>, megabytes: u64, makes_way: bool) -> Result<Self, QueryError> {
        let failed = |source| QueryError::Worker { doing: "start", source };
        let mut child = Command::new(program)
            .arg("query-worker")
            .arg(snapshot.folder())
            .arg(megabytes.to_string())
            // Each of the allocator's arenas reserves 64 MiB of address space, which is what is limited.
            .env("MALLOC_ARENA_MAX", "2")
            // What opens the write door is no business of who answers the public.
            .env_remove("GLOSSATOR_WRITE_TOKEN")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own: all of its threads make way together.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| failed(std::io::Error::other("it has no pipes")))?;
        let output = BufReader::with_capacity(128 << 10, output);
        let mut worker =
            Self { child, input, output, snapshot, megabytes, answers: 0, until: Instant::now() + PATIENCE * 50, makes_way: false };
        if makes_way {
            worker.make_way();
        }
        match worker.frame().await {
            Ok(Frame::Ready) => Ok(worker),
            Ok(_) => Err(failed(std::io::Error::other("it spoke before it was ready"))),
            Err(_) => Err(failed(std::io::Error::other(format!("it ended at once ({})", worker.epitaph().await)))),
        }
    }

    /// The version that it answers from.
    pub(super) fn version(&self) -> u64 {
        self.snapshot.version()
    }

    /// Whether it still runs.
    pub(super) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Lets the light queries of others go first.
    fn make_way(&mut self) {
        self.makes_way = true;
        if let Err(error) = self.place(MAKES_WAY) {
            tracing::debug!(%error, "a query that takes long does not make way");
        }
    }

    /// Whether it stands where it began in the order of those who wait for the processor. Coming up again is for administrators, in most places.
    pub(super) fn is_up_again(&mut self) -> bool {
        if self.makes_way && self.place(0).is_ok() {
            self.makes_way = false;
        }
        !self.makes_way
    }

    fn place(&self, niceness: i32) -> std::io::Result<()> {
        let group = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        let group = group.ok_or_else(|| std::io::Error::other("it has ended"))?;
        Ok(rustix::process::setpriority_pgrp(Some(group), niceness)?)
    }

    /// Hands it a task.
    pub(super) async fn send(&mut self, task: &Task) -> Result<(), QueryError> {
        self.send_within(task, PATIENCE).await
    }

    /// Hands it a task of a client who has others under way: it makes way sooner.
    pub(super) async fn send_beside_others(&mut self, task: &Task) -> Result<(), QueryError> {
        self.send_within(task, PATIENCE / 10).await
    }

    async fn send_within(&mut self, task: &Task, patience: Duration) -> Result<(), QueryError> {
        self.until = Instant::now() + patience;
        let failed = |source| QueryError::Worker { doing: "ask", source };
        let words = pack(task).map_err(failed)?;
        self.input.write_all(&words).await.map_err(failed)?;
        self.input.flush().await.map_err(failed)
    }

    /// Waits until it says something, or is dead. Nothing is lost when this is dropped.
    pub(super) async fn readable(&mut self) {
        drop(self.output.fill_buf().await);
    }

    /// The next frame that it says. A worker that dies over a query died of it.
    pub(super) async fn frame(&mut self) -> Result<Frame, QueryError> {
        if !self.makes_way && (timeout_at(self.until, self.readable()).await.is_err() || Instant::now() > self.until) {
            self.make_way();
        }
        let died = |_| QueryError::Memory { megabytes: self.megabytes };
        let letter = self.output.read_u8().await.map_err(died)?;
        let length = self.output.read_u32().await.map_err(died)? as usize;
        if length > LONGEST {
            return Err(QueryError::Worker { doing: "hear", source: std::io::Error::other("it says too much at once") });
        }
        let mut words = vec![0; length];
        self.output.read_exact(&mut words).await.map_err(|_| QueryError::Memory { megabytes: self.megabytes })?;
        Frame::parse(letter, words).map_err(|source| QueryError::Worker { doing: "hear", source })
    }

    async fn epitaph(&mut self) -> String {
        self.child.wait().await.map_or_else(|e| e.to_string(), |s| s.to_string())
    }
}
