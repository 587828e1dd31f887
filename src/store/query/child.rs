//! A worker as its parent holds it: a process that dies when it is let go.

use std::{path::Path, process::Stdio, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::{
    QueryError,
    frame::{Frame, LONGEST, Task, pack},
};
use crate::store::Snapshot;

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
}

impl Worker {
    /// Starts a worker and waits until it has opened the snapshot.
    pub(super) async fn start(program: &Path, snapshot: Arc<Snapshot>, megabytes: u64) -> Result<Self, QueryError> {
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
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| failed(std::io::Error::other("it has no pipes")))?;
        let output = BufReader::with_capacity(128 << 10, output);
        let mut worker = Self { child, input, output, snapshot, megabytes, answers: 0 };
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

    /// Hands it a task.
    pub(super) async fn send(&mut self, task: &Task) -> Result<(), QueryError> {
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
