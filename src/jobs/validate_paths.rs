//! Checking what files and archives hold: one thread reads, the others check, and what was found leaves in the order of the records.

use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread,
};

use crossbeam_channel::{Receiver, bounded};
use oxigraph::{io::RdfFormat, model::NamedNode};

use super::{Listener, Report, ValidationBench, validate::in_parallel, validation_report::Reporting};
use crate::{
    rdf::text_of,
    records::{self, Note, NoteKind, Original, Record, Rejected, Taken, text_of_document},
    validation::{Checked, Checker, Finding, Rule, Survey, metadata_tier},
};

/// How many records may wait to be checked: each holds on to its document.
const AHEAD: usize = 64;

/// What is to be checked.
enum Item {
    Record(Box<Record>, Arc<Document>),
    Rejected(Rejected),
}

/// A document, looked over when its first record is checked.
struct Document {
    original: Original,
    survey: OnceLock<Option<Survey>>,
}

impl Document {
    fn survey(&self, base: &str) -> Option<&Survey> {
        let of_xml = || {
            (self.original.format == RdfFormat::RdfXml)
                .then(|| text_of_document(&self.original.bytes))
                .flatten()
                .map(|t| Survey::of(&t, base))
        };
        self.survey.get_or_init(of_xml).as_ref()
    }
}

pub(super) fn run(
    bench: &ValidationBench,
    checker: &Checker,
    paths: &[PathBuf],
    mut reporting: Reporting<'_>,
    listener: Listener<'_>,
) -> anyhow::Result<Report> {
    let (items_in, items) = bounded::<Item>(AHEAD);
    let summary = thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut last: Option<Arc<Document>> = None;
            records::read_paths(paths, &bench.records, &mut |taken| {
                let item = match taken {
                    Taken::Record(record) => {
                        let document = document_of(&record, &mut last);
                        Item::Record(record, document)
                    }
                    Taken::Rejected(rejected) => Item::Rejected(rejected),
                    Taken::Skipped { source, reason } => {
                        tracing::info!(source, reason, "passed over");
                        return ControlFlow::Continue(());
                    }
                };
                let wanted = !listener.progress.stopped() && items_in.send(item).is_ok();
                if wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
        });
        let done = check_all(bench, checker, &items, &mut reporting, listener);
        // Where checking ended by an error, the reader stops when nobody takes what it sends.
        drop(items);
        match reader.join() {
            Ok(read) => done.and_then(|()| Ok(read?)),
            Err(_) => anyhow::bail!("reading the records ended unexpectedly; run the command again"),
        }
    })?;
    reporting.end(summary.stopped)
}

/// Records of one document come one after the other, and share it.
fn document_of(record: &Record, last: &mut Option<Arc<Document>>) -> Arc<Document> {
    match last {
        Some(document) if document.original.source == record.original.source && document.original.checksum == record.original.checksum => {
            Arc::clone(document)
        }
        _ => Arc::clone(last.insert(Arc::new(Document { original: record.original.clone(), survey: OnceLock::new() }))),
    }
}

fn check_all(
    bench: &ValidationBench,
    checker: &Checker,
    items: &Receiver<Item>,
    reporting: &mut Reporting<'_>,
    listener: Listener<'_>,
) -> anyhow::Result<()> {
    loop {
        let some: Vec<Item> = items.iter().take(AHEAD).collect();
        if some.is_empty() {
            return Ok(());
        }
        let count = some.len() as u64;
        let check = |item| Some(check(bench, checker, item));
        for checked in in_parallel(bench.validation.threads, some, &check) {
            reporting.add(checked)?;
        }
        listener.progress.advance(count);
    }
}

fn check(bench: &ValidationBench, checker: &Checker, item: Item) -> Checked {
    match item {
        Item::Record(record, document) => record_checked(bench, checker, &record, &document),
        Item::Rejected(rejected) => {
            let finding = Finding::of_rule(Rule::Unreadable, NamedNode::new_unchecked(&rejected.source), &sentence(&rejected.reason));
            Checked {
                record: rejected.source.clone(),
                provider: String::new(),
                title: String::new(),
                source: rejected.source,
                line: rejected.line,
                read: false,
                tier: None,
                tier_enriched: None,
                findings: vec![finding.at(rejected.line)],
            }
        }
    }
}

fn record_checked(bench: &ValidationBench, checker: &Checker, record: &Record, document: &Document) -> Checked {
    let survey = document.survey(&bench.records.relative_references);
    let mut findings = checker.check(record.cho.as_str(), &record.triples, survey);
    if checker.is_europeanas() {
        let told: Vec<u64> = findings.iter().filter_map(|f| f.line.filter(|_| f.is_of_document())).collect();
        findings.extend(record.notes.iter().filter(|n| n.line.is_none_or(|l| !told.contains(&l))).filter_map(|n| noted(record, n)));
    }
    let view = record.view();
    let text = |term: Option<oxigraph::model::TermRef<'_>>| term.map(|t| text_of(t.into_owned())).unwrap_or_default();
    Checked {
        record: record.cho.as_str().to_owned(),
        provider: text(view.data_provider()),
        title: text(view.titles().into_iter().next()),
        source: record.original.source.clone(),
        line: record.original.line,
        read: true,
        tier: Some(metadata_tier(record.cho.as_ref(), &record.triples)),
        tier_enriched: None,
        findings,
    }
}

/// What was done to a record when it was read, as a finding; what says nothing to its provider is none.
fn noted(record: &Record, note: &Note) -> Option<Finding> {
    let rule = match note.kind {
        NoteKind::Mended => Rule::Mended,
        NoteKind::LeftOut => Rule::LeftOut,
        NoteKind::Untidy | NoteKind::Merged | NoteKind::Relative => Rule::Untidy,
        NoteKind::Lifted | NoteKind::Orphan | NoteKind::More => return None,
    };
    Some(Finding::of_rule(rule, record.cho.clone(), &sentence(&note.text)).at(note.line))
}

/// Begins with a capital, ends with a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let begun: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    if begun.ends_with(['.', '!', '?']) { begun } else { format!("{begun}.") }
}
