//! Tables of alignments: each row names one concept in several vocabularies, so each becomes `skos:exactMatch` from one of them to the others.

use std::{
    cell::RefCell,
    collections::{BTreeSet, VecDeque},
    io::{BufReader, Read},
};

use csv::StringRecord;
use oxigraph::model::{Literal, NamedNode, Triple};

use super::{
    family::{Family, value},
    form::Form,
    mapping_facts::MappingFacts,
    notes::Notes,
    report::TableFigures,
    source::Document,
    sssom::Sssom,
};
use crate::{
    rdf::ns::{EUROPEANA_ITEM, rdfs, skos},
    vocab::VocabError,
};

/// A map from labels to IRIs is read whole.
const MOST_MAP: u64 = 64 << 20;

/// The statements of all rows of some tables.
pub(super) struct Rows<'t> {
    documents: VecDeque<&'t Document>,
    open: Option<OpenTable>,
    waiting: VecDeque<Triple>,
    about: About<'t>,
    given: bool,
    files: String,
}

/// What holds for all tables of a load.
#[derive(Clone, Copy)]
pub(super) struct About<'t> {
    /// The graph of the mapping set.
    pub(super) graph: &'t NamedNode,
    /// What the set says about itself.
    pub(super) facts: &'t MappingFacts,
    /// Where notes go.
    pub(super) notes: &'t RefCell<Notes>,
    /// Where the rows are counted.
    pub(super) figures: &'t RefCell<TableFigures>,
    /// How many bad lines are let pass.
    pub(super) most_bad: u64,
}

/// A table that is being read.
struct OpenTable {
    name: String,
    columns: Vec<Column>,
    /// For SSSOM: how its rows are read.
    sssom: Option<Sssom>,
    rows: RowReader,
}

enum RowReader {
    Csv(Box<csv::Reader<Box<dyn Read>>>),
    Map(std::vec::IntoIter<(String, String)>),
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Label,
    Iris(Family),
    Ignored,
}

/// One row, put right.
#[derive(Default)]
struct Row {
    label: Option<String>,
    iris: BTreeSet<(Family, String)>,
}

impl<'t> Rows<'t> {
    pub(super) fn new(documents: &'t [Document], about: About<'t>) -> Self {
        *about.figures.borrow_mut() = TableFigures::default();
        let files = documents.iter().map(|d| d.name.as_str()).collect::<Vec<_>>().join(", ");
        let documents = documents.iter().filter(|d| d.form != Form::MappingMetadata).collect();
        Self { documents, open: None, waiting: VecDeque::new(), about, given: false, files }
    }

    fn advance(&mut self) -> Result<Option<Triple>, VocabError> {
        loop {
            if let Some(triple) = self.waiting.pop_front() {
                self.given = true;
                return Ok(Some(triple));
            }
            if let Some(open) = &mut self.open {
                match open.next_row()? {
                    Some((line, record)) => self.take(line, &record)?,
                    None => self.open = None,
                }
            } else if let Some(document) = self.documents.pop_front() {
                self.open = Some(OpenTable::open(document, &self.about)?);
            } else if self.given {
                return Ok(None);
            } else {
                return Err(VocabError::Empty { files: self.files.clone() });
            }
        }
    }

    fn take(&mut self, line: u64, record: &StringRecord) -> Result<(), VocabError> {
        let Some(open) = &self.open else { return Ok(()) };
        let mut notes = self.about.notes.borrow_mut();
        let mut figures = self.about.figures.borrow_mut();
        let row = match &open.sssom {
            Some(sssom) => {
                sssom.take(line, record, &mut notes, &mut figures, &mut self.waiting);
                None
            }
            None => Some(read_row(open, line, record, &mut notes, &mut figures)),
        };
        if let Some((_, item)) = row.iter().flat_map(|row| &row.iris).find(|(_, iri)| iri.starts_with(EUROPEANA_ITEM)) {
            // Pictures and objects would become the same as a concept.
            let reason = format!(
                "line {line} names the object <{item}>: this is a table of objects and no mapping set. `glossator ingest --mapping` reads it"
            );
            return Err(VocabError::UnknownForm { file: open.name.clone(), reason });
        }
        if notes.bad_lines > self.about.most_bad {
            let first = notes.first_bad.clone().unwrap_or_default();
            return Err(VocabError::TooManyBadLines { file: open.name.clone(), most: self.about.most_bad, first });
        }
        let Some(row) = row else { return Ok(()) };
        count(&row, &mut figures);
        let mut iris = row.iris.into_iter();
        // Europeana's concept comes first in the order, then AAT's.
        let Some((_, anchor)) = iris.next() else { return Ok(()) };
        let anchor = NamedNode::new_unchecked(anchor);
        if let Some(label) = row.label {
            self.waiting.push_back(Triple::new(anchor.clone(), rdfs::LABEL, Literal::new_simple_literal(label)));
        }
        for (_, other) in iris {
            self.waiting.push_back(Triple::new(anchor.clone(), skos::EXACT_MATCH, NamedNode::new_unchecked(other)));
        }
        Ok(())
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Triple, VocabError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

fn count(row: &Row, figures: &mut TableFigures) {
    let has = |family| u64::from(row.iris.iter().any(|(f, _)| *f == family));
    figures.rows += 1;
    figures.with_europeana += has(Family::Europeana);
    figures.with_aat += has(Family::Aat);
    figures.with_wikidata += has(Family::Wikidata);
    figures.with_dbpedia += has(Family::Dbpedia);
    if row.iris.len() > 1 {
        figures.mapped += 1;
    } else {
        figures.unmapped.push(row.label.clone().or_else(|| row.iris.first().map(|(_, iri)| iri.clone())).unwrap_or_default());
    }
}

fn read_row(open: &OpenTable, line: u64, record: &StringRecord, notes: &mut Notes, figures: &mut TableFigures) -> Row {
    let mut row = Row::default();
    for (cell, column) in record.iter().zip(&open.columns) {
        if *column == Column::Ignored || cell.trim().is_empty() {
            continue;
        }
        let trimmed = cell.trim();
        if trimmed != cell {
            figures.trimmed += 1;
            notes.add(&open.name, Some(line), format!("white space around `{trimmed}` was trimmed"));
        }
        let Column::Iris(expected) = *column else {
            row.label = Some(trimmed.to_owned());
            continue;
        };
        match value(trimmed, expected) {
            Ok(value) => {
                if expected != Family::Other && value.family != expected {
                    figures.misplaced += 1;
                    let iri = &value.iri;
                    notes.add(
                        &open.name,
                        Some(line),
                        format!("{iri} stands in the column of {expected}; it was kept as one of {}", value.family),
                    );
                }
                if let Some(odd) = value.odd {
                    notes.mended += 1;
                    notes.add(&open.name, Some(line), odd);
                }
                row.iris.insert((value.family, value.iri.into_string()));
            }
            Err(reason) => notes.bad(&open.name, Some(line), &reason),
        }
    }
    row
}

impl OpenTable {
    fn open(document: &Document, about: &About<'_>) -> Result<Self, VocabError> {
        let refuse = |reason: String| VocabError::UnknownForm { file: document.name.clone(), reason };
        let text = document.open()?;
        let (Form::Table(delimiter) | Form::Sssom(delimiter)) = document.form else {
            let columns = vec![Column::Label, Column::Iris(Family::Other)];
            return Ok(Self {
                name: document.name.clone(),
                columns,
                sssom: None,
                rows: RowReader::Map(label_map(document, text)?.into_iter()),
            });
        };
        let is_sssom = matches!(document.form, Form::Sssom(_));
        let comment = is_sssom.then_some(b'#');
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .comment(comment)
            .from_reader(Box::new(UnixLines::new(text)) as Box<dyn Read>);
        let header = rows.headers().map_err(|e| refuse(e.to_string()))?.clone();
        if is_sssom {
            let sssom = Some(Sssom::new(&document.name, about.graph, about.facts, &header));
            return Ok(Self { name: document.name.clone(), columns: Vec::new(), sssom, rows: RowReader::Csv(Box::new(rows)) });
        }
        let columns = columns(&header);
        if !columns.iter().any(|c| matches!(c, Column::Iris(_))) {
            return Err(refuse("its header names no column of IRIs (such as europeana, getty_aat, wikidata, dbpedia)".to_owned()));
        }
        Ok(Self { name: document.name.clone(), columns, sssom: None, rows: RowReader::Csv(Box::new(rows)) })
    }

    fn next_row(&mut self) -> Result<Option<(u64, StringRecord)>, VocabError> {
        match &mut self.rows {
            RowReader::Csv(rows) => {
                let mut record = StringRecord::new();
                match rows.read_record(&mut record) {
                    Ok(false) => Ok(None),
                    Ok(true) => Ok(Some((record.position().map_or(0, csv::Position::line), record))),
                    Err(error) => {
                        let place = error.position().map_or_else(String::new, |p| format!(":{}", p.line()));
                        Err(VocabError::Syntax { file: self.name.clone(), place, reason: error.to_string() })
                    }
                }
            }
            RowReader::Map(pairs) => Ok(pairs.next().map(|(label, iri)| (0, StringRecord::from(vec![label, iri])))),
        }
    }
}

/// The first column that is no column of IRIs holds the label.
fn columns(header: &StringRecord) -> Vec<Column> {
    let mut labelled = false;
    let of = |name: &str| match Family::of_header(name) {
        Some(family) => Column::Iris(family),
        None if labelled => Column::Ignored,
        None => {
            labelled = true;
            Column::Label
        }
    };
    header.iter().map(of).collect()
}

fn label_map(document: &Document, text: Box<dyn Read>) -> Result<Vec<(String, String)>, VocabError> {
    let syntax = |error: &serde_json::Error| VocabError::Syntax {
        file: document.name.clone(),
        place: format!(":{}:{}", error.line(), error.column()),
        reason: error.to_string(),
    };
    let map: serde_json::Map<String, serde_json::Value> = serde_json::from_reader(text.take(MOST_MAP)).map_err(|e| syntax(&e))?;
    Ok(map.into_iter().filter_map(|(label, iri)| iri.as_str().map(|iri| (label, iri.to_owned()))).collect())
}

/// Ends every line with a line feed alone. The table's reader numbers lines one too low where they end with two characters.
struct UnixLines {
    bytes: std::iter::Peekable<std::io::Bytes<BufReader<Box<dyn Read>>>>,
}

impl UnixLines {
    fn new(text: Box<dyn Read>) -> Self {
        Self { bytes: BufReader::new(text).bytes().peekable() }
    }
}

impl Read for UnixLines {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        for place in buffer {
            let Some(mut byte) = self.bytes.next().transpose()? else { break };
            if byte == b'\r' && matches!(self.bytes.peek(), Some(Ok(b'\n'))) {
                byte = self.bytes.next().transpose()?.unwrap_or(byte);
            }
            *place = byte;
            filled += 1;
        }
        Ok(filled)
    }
}
