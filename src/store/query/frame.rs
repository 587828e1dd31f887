//! What a worker and its parent say to one another: a length, then the words.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::{
    AnswerFormat, AnswerKind, Fault,
    draft::{DraftFault, DraftRequest, Drafted},
};

/// How long a frame may be: an answer's piece is 64 KiB, a draft's two hundred quads of any length that an update's text can hold.
pub(super) const LONGEST: usize = 256 << 20;
/// How long a piece of an answer is.
pub(super) const PIECE: usize = 64 << 10;

/// The format to use for each kind of answer; which kind it is, only the parsed query tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Formats {
    /// For SELECT and ASK, if the client takes any.
    pub table: Option<AnswerFormat>,
    /// For CONSTRUCT and DESCRIBE, if the client takes any.
    pub graph: Option<AnswerFormat>,
}

impl Formats {
    /// The format for a kind of answer.
    pub fn of(&self, kind: AnswerKind) -> Option<AnswerFormat> {
        match kind {
            AnswerKind::Table => self.table,
            AnswerKind::Graph => self.graph,
        }
    }
}

/// What a worker is asked.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Request {
    /// The query's text.
    pub query: String,
    /// Against what relative IRIs in it are resolved: the endpoint's own address.
    pub base: String,
    /// How to write the answer.
    pub formats: Formats,
    /// Graphs that the protocol says are the default graph.
    pub default_graphs: Vec<String>,
    /// Graphs that the protocol says are the named ones.
    pub named_graphs: Vec<String>,
    /// Whether the default graph is the union of all, where neither query nor protocol say.
    pub union: bool,
    /// After how many rows or triples to stop.
    pub max_rows: Option<u64>,
    /// Whether the client reads RDF 1.2: triple terms, and strings with a direction.
    pub rdf_12: bool,
    /// Whether to tell how the query is done, and what it meets, in the place of its answer.
    pub explain: bool,
}

/// What a worker may be asked.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) enum Task {
    /// A query.
    Query(Request),
    /// To think an update through.
    Draft(DraftRequest),
}

/// The beginning of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Head {
    pub(super) kind: AnswerKind,
    pub(super) format: AnswerFormat,
}

/// The end of a complete answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct End {
    /// Rows or triples.
    pub(super) rows: u64,
    /// Characters that XML forbids and that were left out.
    pub(super) dropped: u64,
    /// How long the worker's processor was busy with it, in microseconds.
    pub(super) busy: u64,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Ready,
    Head(Head),
    Data(Vec<u8>),
    End(End),
    Error(Fault),
    Drafted(Drafted),
    DraftFault(DraftFault),
}

impl Frame {
    /// Writes the frame: a letter, a length, the words. When it goes on its way, the writer tells.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Ready => put(out, b'R', &[]),
            Self::Head(head) => put(out, b'H', &serde_json::to_vec(head)?),
            Self::Data(bytes) => put(out, b'D', bytes),
            Self::End(end) => put(out, b'E', &serde_json::to_vec(end)?),
            Self::Error(fault) => put(out, b'X', &serde_json::to_vec(fault)?),
            Self::Drafted(end) => put(out, b'U', &serde_json::to_vec(end)?),
            Self::DraftFault(fault) => put(out, b'V', &serde_json::to_vec(fault)?),
        }
    }

    /// Reads a frame of this letter from its words.
    pub(super) fn parse(letter: u8, words: Vec<u8>) -> io::Result<Self> {
        Ok(match letter {
            b'R' => Self::Ready,
            b'H' => Self::Head(serde_json::from_slice(&words)?),
            b'D' => Self::Data(words),
            b'E' => Self::End(serde_json::from_slice(&words)?),
            b'X' => Self::Error(serde_json::from_slice(&words)?),
            b'U' => Self::Drafted(serde_json::from_slice(&words)?),
            b'V' => Self::DraftFault(serde_json::from_slice(&words)?),
            _ => return Err(io::Error::other("a worker said something else than an answer")),
        })
    }
}

fn put(out: &mut impl Write, letter: u8, words: &[u8]) -> io::Result<()> {
    let length = u32::try_from(words.len()).map_err(io::Error::other)?;
    out.write_all(&[letter])?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(words)
}

/// A task as it goes to a worker.
pub(super) fn pack(task: &Task) -> io::Result<Vec<u8>> {
    let words = serde_json::to_vec(task)?;
    let length = u32::try_from(words.len()).map_err(io::Error::other)?;
    Ok([length.to_be_bytes().as_slice(), &words].concat())
}

/// The next task; nothing where the parent is gone.
pub(super) fn next_task(input: &mut impl Read) -> io::Result<Option<Task>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::Error::other("a request is too long"));
    }
    let mut words = vec![0; length];
    input.read_exact(&mut words)?;
    Ok(Some(serde_json::from_slice(&words)?))
}
