//! A SPARQL query from the command line. It runs in the process that asked for it, so that stopping that process stops it: over the store
//! where it has that open, else over a snapshot that the serving process lends it.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{anyhow, bail};
use oxigraph::store::Store as Quads;
use serde::{Deserialize, Serialize};

use super::{House, Listener, Outlet, Report};
use crate::store::{
    open_snapshot,
    query::{AnswerFormat, AnswerKind, Formats, Request, Shortcuts, answer},
};

/// A query and the format of its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Query {
    /// The query's text.
    pub text: String,
    /// `json`, `xml`, `csv`, `tsv`, `ttl`, `nt`, `nq`, `trig`, `rdf`, `jsonld`; JSON and Turtle by default.
    pub format: Option<String>,
}

/// A snapshot that the serving process keeps for as long as we are connected.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Lent {
    pub folder: PathBuf,
    pub version: u64,
    pub base: String,
}

pub(super) fn run(house: &House, job: &Query, listener: Listener<'_>) -> anyhow::Result<Report> {
    ask(house.store.quads(), house.store.base().as_str(), house.store.version(), job, listener)
}

/// Asks a snapshot.
pub(super) fn ask_lent(lent: &Lent, job: &Query, listener: Listener<'_>) -> anyhow::Result<Report> {
    ask(&open_snapshot(&lent.folder)?, &lent.base, lent.version, job, listener)
}

fn ask(quads: &Quads, base: &str, version: u64, job: &Query, listener: Listener<'_>) -> anyhow::Result<Report> {
    let formats = formats(job.format.as_deref())?;
    let shortcuts = Shortcuts::new(base, None);
    let base = format!("{base}sparql");
    let request = Request {
        query: job.text.clone(),
        base,
        formats,
        default_graphs: Vec::new(),
        named_graphs: Vec::new(),
        union: true,
        max_rows: None,
        rdf_12: true,
        explain: false,
    };
    let out = ToOutlet { outlet: listener.outlet, buffer: Vec::new() };
    let (mut out, finished) = answer(quads, &shortcuts, &request, out, |_| ()).map_err(|fault| match fault.place {
        Some((line, column)) => anyhow!("line {line}, column {column}: {}", fault.message),
        None if fault.message.is_empty() => {
            anyhow!("the answer of this query cannot be had in the format `{}`", job.format.as_deref().unwrap_or("json"))
        }
        None => anyhow!("{}", fault.message),
    })?;
    out.flush()?;
    let mut report = Report::default();
    report.figure("rows", finished.rows);
    report.figure("version", version);
    Ok(report)
}

fn formats(name: Option<&str>) -> anyhow::Result<Formats> {
    let Some(name) = name else { return Ok(Formats { table: Some(AnswerFormat::Json), graph: Some(AnswerFormat::Turtle) }) };
    let named = AnswerFormat::named(name);
    if named.is_empty() {
        bail!("`{name}` is no format of answers: json, xml, csv, tsv for tables; ttl, nt, nq, trig, rdf, jsonld for graphs");
    }
    let of = |kind: AnswerKind| named.iter().copied().find(|f| f.kind() == kind);
    Ok(Formats { table: of(AnswerKind::Table), graph: of(AnswerKind::Graph) })
}

/// Writes into a job's outlet, in pieces of a reasonable size.
pub(super) struct ToOutlet<'o> {
    pub outlet: &'o dyn Outlet,
    pub buffer: Vec<u8>,
}

impl Write for ToOutlet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= 1 << 16 {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.outlet.write(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}
