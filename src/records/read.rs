//! Walks files, folders and archives and hands on what becomes of every record, one at a time and always in the same order.

use std::{
    fs::File,
    io::{BufReader, Cursor},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use oxigraph::io::RdfFormat;
use walkdir::WalkDir;

use super::{
    ReadSettings, Record, RecordsError, Rejected,
    archive::{is_passed_over, read_source},
    document,
};
use crate::rdf::syntax;

/// What became of something that was to be read.
#[derive(Debug)]
pub enum Taken {
    /// A record, taken in.
    Record(Box<Record>),
    /// A record or a document that is refused.
    Rejected(Rejected),
    /// Something that is no record and does not claim to be.
    Skipped {
        /// Where it was found.
        source: String,
        /// Why it was left.
        reason: String,
    },
}

/// How much was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ReadSummary {
    /// Records taken in.
    pub records: u64,
    /// Records and documents refused.
    pub rejected: u64,
    /// Things that are no records.
    pub skipped: u64,
    /// Folders and what systems leave in archives: nobody is told.
    pub passed_over: u64,
    /// Whether the reader was asked to stop before the end.
    pub stopped: bool,
}

/// Hands on and counts.
pub(super) struct Sink<'t> {
    take: &'t mut dyn FnMut(Taken) -> ControlFlow<()>,
    summary: ReadSummary,
}

impl<'t> Sink<'t> {
    fn new(take: &'t mut dyn FnMut(Taken) -> ControlFlow<()>) -> Self {
        Self { take, summary: ReadSummary::default() }
    }

    pub(super) fn take(&mut self, taken: Taken) -> ControlFlow<()> {
        match &taken {
            Taken::Record(_) => self.summary.records += 1,
            Taken::Rejected(_) => self.summary.rejected += 1,
            Taken::Skipped { .. } => self.summary.skipped += 1,
        }
        let flow = (self.take)(taken);
        self.summary.stopped |= flow.is_break();
        flow
    }

    pub(super) fn pass_over(&mut self) {
        self.summary.passed_over += 1;
    }
}

/// Reads files, folders and archives. A record that cannot be taken is handed on as refused; an error is only what cannot be opened at all.
pub fn read_paths(
    paths: &[PathBuf],
    settings: &ReadSettings,
    take: &mut dyn FnMut(Taken) -> ControlFlow<()>,
) -> Result<ReadSummary, RecordsError> {
    settings.check()?;
    let mut sink = Sink::new(take);
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|reason| RecordsError::Path { path: path.clone(), reason })?;
        let flow =
            if kind.is_dir() { read_folder(path, settings, &mut sink) } else { read_file(path, &shown(path, path), settings, &mut sink) };
        if flow.is_break() {
            break;
        }
    }
    Ok(sink.summary)
}

/// Reads one document, or an archive, that is in memory already: an upload, or an answer of a harvest.
pub fn read_document(
    name: &str,
    bytes: &[u8],
    settings: &ReadSettings,
    take: &mut dyn FnMut(Taken) -> ControlFlow<()>,
) -> Result<ReadSummary, RecordsError> {
    settings.check()?;
    let mut sink = Sink::new(take);
    let _stopped = read_source(name, &mut Cursor::new(bytes), settings, &mut sink);
    Ok(sink.summary)
}

/// Reads one document whose syntax is known, whatever its name and its first characters look like.
pub fn read_as(
    name: &str,
    bytes: &Bytes,
    format: RdfFormat,
    settings: &ReadSettings,
    take: &mut dyn FnMut(Taken) -> ControlFlow<()>,
) -> Result<ReadSummary, RecordsError> {
    settings.check()?;
    let mut sink = Sink::new(take);
    let _stopped = document::read(name, bytes, format, settings, &mut sink);
    Ok(sink.summary)
}

/// Reads one file under a name of the caller's: an archive that was fetched is known by its address, not by where we keep it.
pub fn read_file_as(
    name: &str,
    path: &Path,
    settings: &ReadSettings,
    take: &mut dyn FnMut(Taken) -> ControlFlow<()>,
) -> Result<ReadSummary, RecordsError> {
    settings.check()?;
    let mut sink = Sink::new(take);
    let _stopped = read_file(path, name, settings, &mut sink);
    Ok(sink.summary)
}

fn read_folder(folder: &Path, settings: &ReadSettings, sink: &mut Sink<'_>) -> ControlFlow<()> {
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                let source = e.path().map_or_else(String::new, |p| shown(folder, p));
                refuse(sink, &source, &e.to_string())?;
                continue;
            }
        };
        let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let source = shown(folder, entry.path());
        if entry.file_type().is_dir() || is_passed_over(&slashes(inside)) {
            sink.pass_over();
        } else if entry.file_type().is_symlink() {
            sink.take(Taken::Skipped { source, reason: "it is a link; links in folders are not followed".to_owned() })?;
        } else {
            read_file(entry.path(), &source, settings, sink)?;
        }
    }
    ControlFlow::Continue(())
}

fn read_file(path: &Path, source: &str, settings: &ReadSettings, sink: &mut Sink<'_>) -> ControlFlow<()> {
    match File::open(path) {
        Ok(file) => read_source(source, &mut BufReader::new(file), settings, sink),
        Err(e) => refuse(sink, source, &e.to_string()),
    }
}

fn refuse(sink: &mut Sink<'_>, source: &str, error: &str) -> ControlFlow<()> {
    let reason = format!("it cannot be opened: {error}");
    sink.take(Taken::Rejected(Rejected { source: source.to_owned(), line: None, reason, bytes: bytes::Bytes::new(), notes: Vec::new() }))
}

/// The name under which a file is shown: from the last part of the path that was asked for, so that no place on our disk is published.
fn shown(asked: &Path, path: &Path) -> String {
    if asked.is_relative() {
        return slashes(path);
    }
    let above = asked.parent().unwrap_or(asked);
    slashes(path.strip_prefix(above).unwrap_or(path))
}

fn slashes(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The syntax of a document: from its name, or else from its first characters.
pub(super) fn syntax_of(name: &str, bytes: &[u8]) -> Option<RdfFormat> {
    let member = name.rsplit('!').next().unwrap_or(name);
    syntax::from_file_name(member).or_else(|| sniff(bytes))
}

fn sniff(bytes: &[u8]) -> Option<RdfFormat> {
    if quick_xml::encoding::detect_encoding(bytes).is_some_and(|d| d.encoding().name() != "UTF-8") {
        return Some(RdfFormat::RdfXml);
    }
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096)).unwrap_or_default());
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let first = head.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
    if head.starts_with('{') || head.starts_with('[') {
        Some(syntax::JSON_LD)
    } else if begins_turtle(first) {
        Some(RdfFormat::TriG)
    } else if first.starts_with('<') {
        Some(RdfFormat::RdfXml)
    } else {
        None
    }
}

/// A directive of Turtle, or an IRI in angle brackets. It is read as `TriG`, since every Turtle document is that too.
fn begins_turtle(word: &str) -> bool {
    let directive = ["@prefix", "@base", "prefix", "base"].contains(&word.to_ascii_lowercase().as_str());
    directive || (word.starts_with('<') && ["://", "<urn:", "<#"].iter().any(|sign| word.contains(sign)))
}
