//! Reading a table: rows of one CHO are put together, and each record is read like any other document.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    ops::ControlFlow,
    path::Path,
};

use bytes::Bytes;
use oxigraph::{io::RdfFormat, model::NamedNode};
use serde::Serialize;

use super::{
    Mapping, Oddity, OddityKind, TableError,
    draw::Drawer,
    oddities::Oddities,
    rows::{Row, rows},
};
use crate::records::{ReadSettings, Rejected, Taken, read_as};

/// What was in a table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableSummary {
    /// Rows with something in them.
    pub rows: u64,
    /// Rows with nothing in them.
    pub blank: u64,
    /// CHOs in more than one row.
    pub repeated: u64,
    /// What was odd, by value.
    pub oddities: Vec<Oddity>,
    /// How many oddities there were beyond those.
    pub untold: u64,
    /// Values of open lists: the property's number in the mapping, the value, in how many rows it stands, and in which line first.
    pub words: Vec<(usize, String, u64, u64)>,
    /// Whether the reader was asked to stop before the end.
    pub stopped: bool,
}

/// Reads a table by a mapping. What becomes of each record is handed on, as it is for documents.
pub fn read_table(
    path: &Path,
    mapping: &Mapping,
    settings: &ReadSettings,
    take: &mut dyn FnMut(Taken) -> ControlFlow<()>,
) -> Result<TableSummary, TableError> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let drawer = Drawer { mapping, oddities: Oddities::default(), counted: HashMap::new() };
    let mut reading = Reading {
        name,
        drawer,
        settings,
        take,
        summary: TableSummary::default(),
        expected: HashMap::new(),
        open: HashMap::new(),
        failure: None,
    };
    // How many rows each CHO has is counted first, so that only rows that belong together are held back.
    let most = settings.max_document_bytes;
    rows(path, mapping, most, &mut |row| {
        reading.count(&row);
        ControlFlow::Continue(())
    })?;
    reading.expected.retain(|_, rows| *rows > 1);
    reading.summary.repeated = reading.expected.len() as u64;
    rows(path, mapping, most, &mut |row| reading.row(row))?;
    reading.finish()
}

struct Reading<'r> {
    name: String,
    drawer: Drawer<'r>,
    settings: &'r ReadSettings,
    take: &'r mut dyn FnMut(Taken) -> ControlFlow<()>,
    summary: TableSummary,
    /// By a CHO's hash, in how many rows it still stands.
    expected: HashMap<u64, u32>,
    open: HashMap<NamedNode, Vec<Row>>,
    failure: Option<TableError>,
}

fn hash(cho: &NamedNode) -> u64 {
    let mut hasher = DefaultHasher::new();
    cho.as_str().hash(&mut hasher);
    hasher.finish()
}

impl Reading<'_> {
    fn count(&mut self, row: &Row) {
        if let (false, Ok(cho)) = (row.is_blank(), self.drawer.cho(row)) {
            *self.expected.entry(hash(&cho)).or_default() += 1;
        }
    }

    fn row(&mut self, row: Row) -> ControlFlow<()> {
        if row.is_blank() {
            self.summary.blank += 1;
            return ControlFlow::Continue(());
        }
        self.summary.rows += 1;
        if row.strange {
            let text = || "bytes that are not UTF-8 were read as Windows-1252".to_owned();
            self.drawer.oddities.add(OddityKind::Encoding, "", "", row.line, text);
        }
        let cho = match self.drawer.cho(&row) {
            Ok(cho) => cho,
            Err(reason) => {
                let bytes = Bytes::from(format!("{row:?}"));
                let rejected = Rejected { source: self.name.clone(), line: Some(row.line), reason, bytes, notes: Vec::new() };
                return self.hand_on(Taken::Rejected(rejected));
            }
        };
        let Some(left) = self.expected.get_mut(&hash(&cho)) else { return self.record(&cho, &[row]) };
        *left -= 1;
        let last = *left == 0;
        let rows = self.open.entry(cho.clone()).or_default();
        rows.push(row);
        if !last {
            return ControlFlow::Continue(());
        }
        let rows = self.open.remove(&cho).unwrap_or_default();
        for row in &rows {
            let text = || format!("the CHO stands in {} rows; they were put together", rows.len());
            self.drawer.oddities.add(OddityKind::Repeated, "", cho.as_str(), row.line, text);
        }
        self.record(&cho, &rows)
    }

    fn record(&mut self, cho: &NamedNode, rows: &[Row]) -> ControlFlow<()> {
        let triples = self.drawer.draw(cho, rows);
        let mut document = String::new();
        for triple in &triples {
            document.extend([triple.to_string().as_str(), " .\n"]);
        }
        let line = rows.first().map(|r| r.line);
        let (take, summary) = (&mut *self.take, &mut self.summary);
        let read = read_as(&self.name, &Bytes::from(document), RdfFormat::NTriples, self.settings, &mut |mut taken| {
            match &mut taken {
                Taken::Record(record) => record.original.line = line,
                Taken::Rejected(rejected) => rejected.line = line,
                Taken::Skipped { .. } => {}
            }
            let flow = take(taken);
            summary.stopped |= flow.is_break();
            flow
        });
        match read {
            Ok(_) if self.summary.stopped => ControlFlow::Break(()),
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure = Some(error.into());
                ControlFlow::Break(())
            }
        }
    }

    fn hand_on(&mut self, taken: Taken) -> ControlFlow<()> {
        let flow = (self.take)(taken);
        self.summary.stopped |= flow.is_break();
        flow
    }

    fn finish(mut self) -> Result<TableSummary, TableError> {
        // Two CHOs with one hash would leave rows behind: they are nobody's loss.
        if !self.summary.stopped && self.failure.is_none() {
            for (cho, rows) in std::mem::take(&mut self.open) {
                if self.record(&cho, &rows).is_break() {
                    break;
                }
            }
        }
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.summary.untold = self.drawer.oddities.untold;
        self.summary.oddities = self.drawer.oddities.into_list();
        let words = self.drawer.counted.into_iter().map(|((property, word), (rows, line))| (property, word, rows, line));
        self.summary.words = words.collect();
        self.summary.words.sort_unstable();
        Ok(self.summary)
    }
}
