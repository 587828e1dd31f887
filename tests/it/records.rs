//! Records are read: the good ones taken, the untidy ones mended with a note, the broken ones refused with a reason.

mod archives;
mod broken;
mod field;
mod many;
mod mended;
mod view;

use std::{ops::ControlFlow, path::PathBuf};

use glossator::records::{Note, NoteKind, ReadSettings, ReadSummary, Record, Rejected, Taken, read_document, read_paths};

/// What became of a document, sorted.
#[derive(Debug, Default)]
struct Read {
    records: Vec<Record>,
    rejected: Vec<Rejected>,
    skipped: Vec<(String, String)>,
    summary: ReadSummary,
}

impl Read {
    fn put(&mut self, taken: Taken) -> ControlFlow<()> {
        match taken {
            Taken::Record(record) => self.records.push(*record),
            Taken::Rejected(rejected) => self.rejected.push(rejected),
            Taken::Skipped { source, reason } => self.skipped.push((source, reason)),
        }
        ControlFlow::Continue(())
    }

    fn document(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::with(name, bytes, &ReadSettings::default())
    }

    fn with(name: &str, bytes: impl AsRef<[u8]>, settings: &ReadSettings) -> Self {
        let mut read = Self::default();
        read.summary = read_document(name, bytes.as_ref(), settings, &mut |taken| read.put(taken)).unwrap();
        read
    }

    fn paths(paths: &[PathBuf]) -> Self {
        let mut read = Self::default();
        read.summary = read_paths(paths, &ReadSettings::default(), &mut |taken| read.put(taken)).unwrap();
        read
    }

    /// The only record that there is.
    fn one(&self) -> &Record {
        assert_eq!((self.records.len(), self.rejected.len()), (1, 0), "{self:#?}");
        &self.records[0]
    }

    /// The only refusal that there is: its line and reason.
    fn refusal(&self) -> (Option<u64>, &str) {
        assert_eq!((self.records.len(), self.rejected.len()), (0, 1), "{self:#?}");
        (self.rejected[0].line, &self.rejected[0].reason)
    }
}

/// A fixture of ours.
fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/records").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn read_fixture(name: &str) -> Read {
    Read::document(name, fixture(name))
}

fn kinds(record: &Record) -> Vec<NoteKind> {
    record.notes.iter().map(|n| n.kind).collect()
}

fn note<'r>(record: &'r Record, part: &str) -> &'r Note {
    record.notes.iter().find(|n| n.text.contains(part)).unwrap_or_else(|| panic!("no note with `{part}` in {:#?}", record.notes))
}

/// An external record with these statements on its CHO.
fn external(statements: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<edm:ProvidedCHO rdf:about="http://museum.example/cho/1">
{statements}
</edm:ProvidedCHO>
<ore:Aggregation rdf:about="http://museum.example/aggregation/1"><edm:aggregatedCHO rdf:resource="http://museum.example/cho/1"/></ore:Aggregation>
</rdf:RDF>"#
    )
}
