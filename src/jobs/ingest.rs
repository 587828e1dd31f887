//! Reading records into the store: what is new or changed is put, what is unchanged is left alone, what is broken goes to quarantine.

use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
    path::PathBuf,
};

use anyhow::Context as _;
use oxigraph::model::{BlankNode, GraphName, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, Triple};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    House, Listener, Report,
    error_lines::{ErrorLine, ErrorLines},
};
use crate::{
    rdf::{
        RecordKey,
        ns::{dcat, dcterms, edm, enr, foaf, rdf},
        text_of,
    },
    records::{self, Record, Rejected, StatementNote, Taken},
    store::Change,
};

/// How many records go in one transaction.
const BATCH: usize = 200;

/// Which records to read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ingest {
    /// Files, folders and archives; absolute.
    pub paths: Vec<PathBuf>,
    /// The data set that they belong to; by default what the record says, else `default`.
    pub data_set: Option<String>,
}

pub(super) fn run(house: &House, job: &Ingest, listener: Listener<'_>) -> anyhow::Result<Report> {
    let mut reading = Reading::new(house, job);
    let mut failure = None;
    let settings =
        records::ReadSettings { relative_references: house.store.base().relative_references(), ..house.settings.records.clone() };
    listener.progress.begin("reading records", None);
    let summary = records::read_paths(&job.paths, &settings, &mut |taken| {
        listener.progress.advance(1);
        if let Err(error) = reading.take(taken) {
            failure = Some(error);
            return ControlFlow::Break(());
        }
        if listener.progress.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let summary = summary?;
    reading.commit()?;
    let mut report = reading.report()?;
    report.figure("stopped", summary.stopped);
    if summary.stopped {
        report.line("stopped before the end: run the same command again, and it goes on where there is something new");
    }
    Ok(report)
}

struct Reading<'h> {
    house: &'h House,
    job: &'h Ingest,
    change: Change,
    waiting: Vec<(String, bytes::Bytes)>,
    /// Which source gave each CHO in this run.
    given: HashMap<RecordKey, (String, String)>,
    new: u64,
    changed: u64,
    unchanged: u64,
    repeated: u64,
    /// CHOs that were given twice in this run, with different statements.
    contradicted: u64,
    noted: u64,
    skipped: u64,
    notes: BTreeMap<String, u64>,
    errors: ErrorLines,
}

impl<'h> Reading<'h> {
    fn new(house: &'h House, job: &'h Ingest) -> Self {
        Self {
            house,
            job,
            change: Change::default(),
            waiting: Vec::new(),
            given: HashMap::new(),
            new: 0,
            changed: 0,
            unchanged: 0,
            repeated: 0,
            contradicted: 0,
            noted: 0,
            skipped: 0,
            notes: BTreeMap::new(),
            errors: ErrorLines::of(house, "ingest"),
        }
    }

    fn take(&mut self, taken: Taken) -> anyhow::Result<()> {
        match taken {
            Taken::Record(record) => self.record(&record),
            Taken::Rejected(rejected) => self.rejected(&rejected),
            Taken::Skipped { source, reason } => {
                self.skipped += 1;
                tracing::info!(source, reason, "passed over");
                Ok(())
            }
        }
    }

    fn record(&mut self, record: &Record) -> anyhow::Result<()> {
        let digest = match record.canonical_digest() {
            Ok(digest) => digest,
            Err(error) => return self.rejected(&refuse(record, error.to_string())),
        };
        if let Some((source, earlier)) = self.given.get(&record.key) {
            if *earlier == digest {
                self.repeated += 1;
                return Ok(());
            }
            self.contradicted += 1;
            let reason =
                format!("the CHO <{}> was given before, by {source}, with other statements: the first one stands", record.cho.as_str());
            return self.rejected(&refuse(record, reason));
        }
        self.given.insert(record.key.clone(), (record.original.source.clone(), digest.clone()));
        for note in &record.notes {
            *self.notes.entry(serde_json::to_value(note.kind)?.as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        self.noted += u64::from(!record.notes.is_empty());
        let store = &self.house.store;
        let (graph, meta) = (store.base().source_graph(&record.key), store.meta_graph());
        let standing = store.about(&graph)?;
        let standing_in = |place: &NamedNode| standing.iter().filter(|q| q.graph_name == GraphName::from(place.clone())).cloned().collect();
        let (before, buried): (Vec<Quad>, Vec<Quad>) = (standing_in(&meta), standing_in(&store.base().tombstone_graph()));
        let known = before.iter().any(|q| q.predicate == enr::RECORD);
        let said = about(self.house, self.job, record, &digest);
        let same = |predicate: NamedNodeRef<'_>| {
            let object = |quads: &[Quad]| quads.iter().find(|q| q.predicate == predicate).map(|q| q.object.clone());
            object(&before) == object(&said)
        };
        if known && [enr::CANONICAL_DIGEST, enr::ORIGINAL_DIGEST, enr::DATA_SET].into_iter().all(same) {
            self.unchanged += 1;
            return Ok(());
        }
        if known {
            self.changed += 1;
        } else {
            self.new += 1;
        }
        // The datestamp is the writer's to give.
        self.change.remove.extend(before.into_iter().filter(|q| q.predicate != dcterms::MODIFIED));
        // A record that was deleted is back.
        self.change.remove.extend(buried);
        self.change.put.push((graph, scoped(&record.key, &record.triples)));
        let statements = statements(self.house, record);
        let statements_graph = store.base().statements_graph(&record.key);
        if statements.is_empty() {
            self.change.drop.push(statements_graph);
        } else {
            self.change.put.push((statements_graph, statements));
        }
        self.change.add.extend(said);
        self.change.touched.push(record.key.clone());
        self.waiting.push((record.original.checksum.clone(), record.original.bytes.clone()));
        if self.change.touched.len() >= BATCH { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        // The originals first: a record in the store always has its bytes.
        self.house.store.originals().keep(self.waiting.iter().map(|(checksum, bytes)| (checksum.as_str(), bytes.as_ref())))?;
        self.waiting.clear();
        let mut change = std::mem::take(&mut self.change);
        // What stands on both sides stays.
        let kept: std::collections::HashSet<&Quad> = change.add.iter().collect();
        change.remove = change.remove.iter().filter(|q| !kept.contains(q)).cloned().collect();
        self.house.store.commit(change)?;
        Ok(())
    }

    fn rejected(&mut self, rejected: &Rejected) -> anyhow::Result<()> {
        quarantine(self.house, rejected)?;
        self.errors.add(ErrorLine { what: rejected.source.clone(), line: rejected.line, reason: rejected.reason.clone() })
    }

    fn report(self) -> anyhow::Result<Report> {
        let mut report = Report::default();
        let taken = self.new + self.changed + self.unchanged;
        report.line(format!("{taken} records: {} new, {} changed, {} unchanged", self.new, self.changed, self.unchanged));
        if self.repeated > 0 {
            report.line(format!("{} records were given more than once, alike", self.repeated));
        }
        if self.noted > 0 {
            let kinds: Vec<String> = self.notes.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            report.line(format!("{} of them were taken in with notes ({})", self.noted, kinds.join(", ")));
        }
        for (name, value) in [
            ("records", taken),
            ("new", self.new),
            ("changed", self.changed),
            ("unchanged", self.unchanged),
            ("repeated", self.repeated),
            ("contradicted", self.contradicted),
            ("noted", self.noted),
            ("passed_over", self.skipped),
            ("rejected", self.errors.count() - self.contradicted),
            ("version", self.house.store.version()),
        ] {
            report.figure(name, value);
        }
        report.figure("notes", json!(self.notes));
        if self.contradicted > 0 {
            report.line(format!(
                "{} documents give a CHO that an earlier one gave otherwise: the first one stands, the others are in quarantine",
                self.contradicted
            ));
        }
        self.errors.finish(&mut report, "rejected or contradicted, and kept in quarantine")?;
        Ok(report)
    }
}

fn refuse(record: &Record, reason: String) -> Rejected {
    Rejected {
        source: record.original.source.clone(),
        line: record.original.line,
        reason,
        bytes: record.original.bytes.clone(),
        notes: record.notes.clone(),
    }
}

/// What is said about the record's graph: where it came from, what it is called, what it says in short.
fn about(house: &House, job: &Ingest, record: &Record, digest: &str) -> Vec<Quad> {
    let store = &house.store;
    let (base, meta) = (store.base(), store.meta_graph());
    let graph = base.source_graph(&record.key);
    let view = record.view();
    let data_set = job.data_set.clone().or_else(|| view.data_set().map(str::to_owned)).unwrap_or_else(|| "default".to_owned());
    let set = base.data_set(&data_set);
    let mut quads = Vec::new();
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        quads.push(Quad::new(subject.clone(), predicate, object, meta.clone()));
    };
    let text = |value: &str| Term::from(Literal::new_simple_literal(value));
    say(&graph, rdf::TYPE, enr::SOURCE_GRAPH.into());
    say(&graph, enr::RECORD, text(record.key.as_str()));
    say(&graph, foaf::PRIMARY_TOPIC, record.cho.clone().into());
    say(&graph, enr::DATA_SET, set.clone().into());
    say(&graph, enr::CANONICAL_DIGEST, text(digest));
    say(&graph, enr::ORIGINAL_DIGEST, text(&record.original.checksum));
    say(&graph, dcterms::SOURCE, text(&record.original.source));
    say(&graph, dcterms::FORMAT, text(record.original.media_type()));
    if let Some(title) = view.titles().first().map(|t| text_of(t.into_owned())) {
        say(&graph, dcterms::TITLE, text(&title));
    }
    if let Some(provider) = view.data_provider().map(|t| text_of(t.into_owned())) {
        say(&graph, edm::DATA_PROVIDER, text(&provider));
    }
    for note in &record.notes {
        let line = note.line.map(|l| format!(" (line {l})")).unwrap_or_default();
        say(&graph, enr::NOTE, text(&format!("{}{line}", note.text)));
    }
    say(&set, rdf::TYPE, dcat::DATASET.into());
    say(&set, dcterms::TITLE, text(&data_set));
    quads
}

/// Blank nodes are the record's own: their names carry its key, so that two records' never meet.
fn scoped(key: &RecordKey, triples: &[Triple]) -> Vec<Triple> {
    triples.iter().map(|t| Triple::new(scoped_subject(key, &t.subject), t.predicate.clone(), scoped_object(key, &t.object))).collect()
}

fn scoped_subject(key: &RecordKey, subject: &NamedOrBlankNode) -> NamedOrBlankNode {
    match subject {
        NamedOrBlankNode::BlankNode(b) => BlankNode::new_unchecked(format!("r{key}{}", b.as_str())).into(),
        NamedOrBlankNode::NamedNode(_) => subject.clone(),
    }
}

fn scoped_object(key: &RecordKey, object: &Term) -> Term {
    match object {
        Term::BlankNode(b) => BlankNode::new_unchecked(format!("r{key}{}", b.as_str())).into(),
        other => other.clone(),
    }
}

/// What Europeana's attributes said, as statements about statements.
fn statements(house: &House, record: &Record) -> Vec<Triple> {
    let mut triples = Vec::new();
    for StatementNote { subject, predicate, object, generated_by, confidence } in &record.statements {
        let (subject, object) = (scoped_subject(&record.key, subject), scoped_object(&record.key, object));
        let statement = house.store.base().statement(&record.key, &subject.to_string(), predicate.as_str(), &object.to_string());
        triples.push(Triple::new(statement.clone(), rdf::TYPE, rdf::STATEMENT));
        triples.push(Triple::new(statement.clone(), rdf::SUBJECT, subject));
        triples.push(Triple::new(statement.clone(), rdf::PREDICATE, predicate.clone()));
        triples.push(Triple::new(statement.clone(), rdf::OBJECT, object));
        if let Some(by) = generated_by {
            triples.push(Triple::new(statement.clone(), edm::WAS_GENERATED_BY, Literal::new_simple_literal(by.as_str())));
        }
        if let Some(confidence) = confidence {
            let level = Literal::new_typed_literal(confidence, crate::rdf::ns::xsd::DECIMAL);
            triples.push(Triple::new(statement, edm::CONFIDENCE_LEVEL, level));
        }
    }
    triples
}

/// Keeps the bytes of what was refused, and the reason beside them. Refused again, it is the same file.
fn quarantine(house: &House, rejected: &Rejected) -> anyhow::Result<()> {
    let folder = house.store.folder().join("quarantine");
    std::fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
    let key = crate::rdf::mint::short_key([rejected.source.as_bytes(), rejected.bytes.as_ref()]);
    let name: String =
        rejected.source.chars().rev().take_while(|c| !matches!(c, '/' | '!' | '\\')).collect::<Vec<_>>().into_iter().rev().collect();
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).take(80).collect();
    let bytes = folder.join(format!("{}-{name}", &key[..12]));
    let reason = folder.join(format!("{}-{name}.reason.json", &key[..12]));
    let told = json!({ "source": rejected.source, "line": rejected.line, "reason": rejected.reason, "notes": rejected.notes });
    std::fs::write(&bytes, &rejected.bytes).with_context(|| format!("writing {}", bytes.display()))?;
    std::fs::write(&reason, serde_json::to_vec_pretty(&told)?).with_context(|| format!("writing {}", reason.display()))
}
