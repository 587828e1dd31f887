//! The worker: a process of its own that opens a snapshot and answers one query after the other, until its parent is gone or kills it.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    os::fd::{AsFd, BorrowedFd},
    path::Path,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use oxigraph::store::Store as Quads;
use rlimit::Resource;
use rustix::{
    event::{PollFd, PollFlags, poll},
    time::{ClockId, clock_gettime},
};

use super::{
    QueryError, Request, Shortcuts, answer,
    draft::think,
    frame::{End, Frame, Head, PIECE, Task, next_task},
};
use crate::store::open_snapshot;

/// The stack in which queries are parsed and evaluated: what the guard lets through fits.
const STACK: usize = 64 << 20;
/// How long a piece of an answer that is not full waits.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a worker whose parent is gone has to end by itself.
const GRACE: Duration = Duration::from_millis(100);

/// Answers queries over a snapshot: requests come on the standard input, frames go to the standard output. Ends when the input does.
pub fn run_worker(folder: &Path, megabytes: u64) -> Result<(), QueryError> {
    let failed = |doing| move |source| QueryError::Worker { doing, source };
    limit(megabytes).map_err(failed("limit the memory of"))?;
    let quads = open_snapshot(folder)?;
    let (input, output) = (own(io::stdin().as_fd()).map_err(failed("ask"))?, own(io::stdout().as_fd()).map_err(failed("hear"))?);
    let folder = folder.to_path_buf();
    let answering = thread::Builder::new()
        .name("query".to_owned())
        .stack_size(STACK)
        .spawn(move || answer_all(&quads, &folder, input, output))
        .map_err(failed("start a thread in"))?;
    thread::Builder::new().name("parent".to_owned()).spawn(end_with_parent).map_err(failed("start a thread in"))?;
    answering.join().map_err(|_| failed("end")(io::Error::other("the query thread panicked")))?.map_err(failed("hear"))
}

/// No more memory than this, and no core dumps of what others asked.
fn limit(megabytes: u64) -> io::Result<()> {
    Resource::CORE.set(0, 0)?;
    let bytes = megabytes.saturating_mul(1 << 20);
    Resource::AS.set(bytes, bytes)
}

/// A pipe of ours, without the locks and the lines of the standard streams.
fn own(pipe: BorrowedFd<'_>) -> io::Result<File> {
    Ok(File::from(pipe.try_clone_to_owned()?))
}

/// Waits until nobody is there any more who could ask or hear. Nothing that is asked for is wanted then, and the engine cannot be told so.
fn end_with_parent() {
    let input = io::stdin();
    // Only its closing is told of where nothing is asked for.
    while let Err(rustix::io::Errno::INTR) = poll(&mut [PollFd::new(&input, PollFlags::empty())], None) {}
    // One that waits for a question sees the same, and ends in peace.
    thread::sleep(GRACE);
    std::process::abort();
}

fn answer_all(quads: &Quads, folder: &Path, input: File, output: File) -> io::Result<()> {
    let (mut input, mut out) = (BufReader::new(input), BufWriter::with_capacity(2 * PIECE, output));
    Frame::Ready.write(&mut out)?;
    out.flush()?;
    let mut shortcuts: Option<Shortcuts> = None;
    while let Some(task) = next_task(&mut input)? {
        let last = match task {
            Task::Query(request) => {
                let base = request.base.strip_suffix("sparql").unwrap_or_default();
                answer_one(quads, shortcuts.get_or_insert_with(|| Shortcuts::new(base, Some(folder))), &request, &mut out)?
            }
            Task::Draft(request) => think(quads, &request, &mut out)?,
        };
        last.write(&mut out)?;
        out.flush()?;
    }
    Ok(())
}

/// Writes an answer but for its last frame, which says how it went. A short answer waits for it, to go with it.
fn answer_one(quads: &Quads, shortcuts: &Shortcuts, request: &Request, out: &mut impl Write) -> io::Result<Frame> {
    let head = Rc::new(Cell::new(None));
    let pieces = Pieces { out, head: Rc::clone(&head), buffer: Vec::with_capacity(PIECE), sent: Instant::now() };
    let before = busy_microseconds();
    let begin = |format: super::AnswerFormat| head.set(Some(Head { kind: format.kind(), format }));
    match answer(quads, shortcuts, request, pieces, begin) {
        Ok((mut pieces, finished)) => {
            pieces.send()?;
            let busy = busy_microseconds().saturating_sub(before);
            Ok(Frame::End(End { rows: finished.rows, dropped: finished.dropped, busy }))
        }
        Err(fault) => Ok(Frame::Error(fault)),
    }
}

/// How long the processor was busy with this thread, in microseconds.
fn busy_microseconds() -> u64 {
    let told = clock_gettime(ClockId::ThreadCPUTime);
    (told.tv_sec.unsigned_abs()).saturating_mul(1_000_000).saturating_add(told.tv_nsec.unsigned_abs() / 1000)
}

/// Cuts what is written into frames. The head goes with the first of them, so that what fails before any row fails properly.
#[derive(Debug)]
struct Pieces<W: Write> {
    out: W,
    head: Rc<Cell<Option<Head>>>,
    buffer: Vec<u8>,
    sent: Instant,
}

impl<W: Write> Pieces<W> {
    fn send(&mut self) -> io::Result<()> {
        if let Some(head) = self.head.take() {
            Frame::Head(head).write(&mut self.out)?;
            // What stands in the buffer now may be no more than the table's first line.
        }
        if !self.buffer.is_empty() {
            let bytes = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
            Frame::Data(bytes).write(&mut self.out)?;
        }
        self.sent = Instant::now();
        Ok(())
    }
}

impl<W: Write> Write for Pieces<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == PIECE || self.sent.elapsed() > PATIENCE {
            self.send()?;
            self.out.flush()?;
        }
        Ok(taken)
    }

    /// Pieces are sent when they are full or old; serializers that flush often change nothing.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query::AnswerFormat;

    #[test]
    fn an_answer_is_cut_into_pieces_behind_its_head() {
        let head = Head { kind: AnswerFormat::Csv.kind(), format: AnswerFormat::Csv };
        let mut pieces = Pieces { out: Vec::new(), head: Rc::new(Cell::new(Some(head))), buffer: Vec::new(), sent: Instant::now() };
        pieces.write_all(&vec![b'x'; PIECE + 10]).expect("written");
        pieces.send().expect("sent");
        let mut seen = Vec::new();
        let mut rest = pieces.out.as_slice();
        while let [letter, a, b, c, d, tail @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            seen.push((*letter, length));
            rest = &tail[length..];
        }
        assert_eq!(seen.iter().map(|s| s.0).collect::<Vec<_>>(), [b'H', b'D', b'D']);
        assert_eq!((seen[1].1, seen[2].1), (PIECE, 10));
    }
}
