//! A SPARQL query from the command line: asked of the live store by the one who has it open.

use std::io::{self, Write};

use anyhow::{anyhow, bail};
use serde::{Deserialize, Serialize};

use super::{House, Listener, Outlet, Report};
use crate::store::query::{AnswerFormat, AnswerKind, Formats, Request, answer};

/// A query and the format of its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Query {
    /// The query's text.
    pub text: String,
    /// `json`, `xml`, `csv`, `tsv`, `ttl`, `nt`, `nq`, `trig`, `rdf`, `jsonld`; JSON and Turtle by default.
    pub format: Option<String>,
}

pub(super) fn run(house: &House, job: &Query, listener: Listener<'_>) -> anyhow::Result<Report> {
    let formats = formats(job.format.as_deref())?;
    let base = format!("{}sparql", house.store.base().as_str());
    let request = Request {
        query: job.text.clone(),
        base,
        formats,
        default_graphs: Vec::new(),
        named_graphs: Vec::new(),
        union: true,
        max_rows: None,
    };
    let out = ToOutlet { outlet: listener.outlet, buffer: Vec::new() };
    let (mut out, finished) = answer(house.store.quads(), &request, out, |_| ()).map_err(|fault| match fault.place {
        Some((line, column)) => anyhow!("line {line}, column {column}: {}", fault.message),
        None if fault.message.is_empty() => {
            anyhow!("the answer of this query cannot be had in the format `{}`", job.format.as_deref().unwrap_or("json"))
        }
        None => anyhow!("{}", fault.message),
    })?;
    out.flush()?;
    let mut report = Report::default();
    report.figure("rows", finished.rows);
    report.figure("version", house.store.version());
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
