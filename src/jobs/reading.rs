//! Reading records into the store: the one way in for them, wherever they come from.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap, HashSet},
};

use jiff::Timestamp;
use oxigraph::model::{GraphName, Literal, LiteralRef, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, TermRef};
use serde_json::json;

use super::{
    House, Report,
    delete::bury,
    error_lines::{ErrorLine, ErrorLines},
    quarantine::{quarantine, refuse},
    source_graph::{about, key_of, scoped, statements},
};
use crate::{
    rdf::{
        RecordKey,
        ns::{dcterms, enr, prov, xsd},
        text_of,
    },
    records::{Record, Rejected, Taken},
    store::Change,
};

/// How many records go in one transaction.
const BATCH: usize = 200;

/// How what is read is taken in.
#[derive(Clone, Debug, Default)]
pub(super) struct Manner {
    /// Which job it is: its report is named after it.
    pub(super) job: &'static str,
    /// The data set that all of it belongs to.
    pub(super) data_set: Option<String>,
    /// The data set where neither that nor the record says one; `default` where this says none either.
    pub(super) otherwise: Option<String>,
    /// Where it is harvested from.
    pub(super) harvest: Option<Harvested>,
}

/// A source, and the run that asks it.
#[derive(Clone, Debug)]
pub(super) struct Harvested {
    pub(super) source: NamedNode,
    pub(super) run: NamedNode,
    /// Whether records that came from another source become this one's.
    pub(super) take_over: bool,
}

/// What the source gives under one identifier.
#[derive(Clone, Debug, Default)]
struct Given {
    identifier: String,
    datestamp: Option<Timestamp>,
    /// Its records.
    keys: Vec<RecordKey>,
    /// Whether some of it was refused: then what we hold of it stays.
    refused: bool,
}

/// Reads into the store: the one way in for records, wherever they come from.
pub(super) struct Reading<'h> {
    house: &'h House,
    manner: Manner,
    pub(super) change: Change,
    waiting: Vec<(String, bytes::Bytes)>,
    /// Which source gave each CHO in this run. A harvest asks the store instead, so that its memory does not grow.
    given: HashMap<RecordKey, (String, String)>,
    item: Given,
    /// The identifiers that the waiting change is about.
    pending: HashSet<String>,
    /// Whether the change that waits says more than where the harvest stands.
    pub(super) found: bool,
    pub(super) new: u64,
    pub(super) changed: u64,
    pub(super) unchanged: u64,
    pub(super) deleted: u64,
    repeated: u64,
    /// CHOs that were given twice in this run, with different statements.
    contradicted: u64,
    noted: u64,
    skipped: u64,
    notes: BTreeMap<String, u64>,
    errors: ErrorLines,
}

impl<'h> Reading<'h> {
    pub(super) fn new(house: &'h House, manner: Manner) -> Self {
        let errors = ErrorLines::of(house, manner.job);
        Self {
            house,
            manner,
            change: Change::default(),
            waiting: Vec::new(),
            given: HashMap::new(),
            item: Given::default(),
            pending: HashSet::new(),
            found: false,
            new: 0,
            changed: 0,
            unchanged: 0,
            deleted: 0,
            repeated: 0,
            contradicted: 0,
            noted: 0,
            skipped: 0,
            notes: BTreeMap::new(),
            errors,
        }
    }

    pub(super) fn take(&mut self, taken: Taken) -> anyhow::Result<()> {
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
        if self.manner.harvest.is_some() {
            self.item.keys.push(record.key.clone());
            // What waits about this record must stand before it is compared.
            if self.change.touched.contains(&record.key) {
                self.commit()?;
            }
        } else if let Some((source, earlier)) = self.given.get(&record.key) {
            if *earlier == digest {
                self.repeated += 1;
                return Ok(());
            }
            self.contradicted += 1;
            let reason =
                format!("the CHO <{}> was given before, by {source}, with other statements: the first one stands", record.cho.as_str());
            return self.rejected(&refuse(record, reason));
        }
        if self.manner.harvest.is_none() {
            self.given.insert(record.key.clone(), (record.original.source.clone(), digest.clone()));
        }
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
        let mut said = about(self.house, &self.manner, record, &digest);
        let same = |predicate: NamedNodeRef<'_>| {
            let object = |quads: &[Quad]| quads.iter().find(|q| q.predicate == predicate).map(|q| q.object.clone());
            object(&before) == object(&said)
        };
        let unchanged = known && [enr::CANONICAL_DIGEST, enr::ORIGINAL_DIGEST, enr::DATA_SET].into_iter().all(same);
        let owned = match self.owner(&before, unchanged) {
            Ok(owned) => owned,
            Err(reason) => {
                self.contradicted += 1;
                return self.rejected(&refuse(record, format!("the CHO <{}> {reason}", record.cho.as_str())));
            }
        };
        if unchanged {
            self.unchanged += 1;
            if owned {
                // It is this source's now: that is noted, and no harvester of ours need hear of it.
                let origin = self.origin(&graph);
                let is_origin = |q: &Quad| origin.iter().any(|o| o.predicate == q.predicate);
                self.change.remove.extend(before.into_iter().filter(is_origin));
                self.change.add.extend(origin);
                self.pending.insert(self.item.identifier.clone());
                self.found = true;
            }
            return Ok(());
        }
        said.extend(self.origin(&graph));
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
        self.pending.insert(self.item.identifier.clone());
        self.found = true;
        self.waiting.push((record.original.checksum.clone(), record.original.bytes.clone()));
        if self.change.touched.len() >= BATCH { self.commit() } else { Ok(()) }
    }

    /// Begins with what the source gives under an identifier.
    pub(super) fn begin_item(&mut self, identifier: &str, datestamp: Option<Timestamp>) -> anyhow::Result<()> {
        self.item = Given { identifier: identifier.to_owned(), datestamp, ..Given::default() };
        if self.pending.contains(identifier) { self.commit() } else { Ok(()) }
    }

    /// Ends with it: what it held before and holds no longer is deleted. The keys of its records, and whether some of it was refused.
    pub(super) fn end_item(&mut self) -> anyhow::Result<(Vec<RecordKey>, bool)> {
        let item = std::mem::take(&mut self.item);
        if !item.refused {
            for key in self.held_as(&item.identifier)? {
                if !item.keys.contains(&key) {
                    self.bury(&key)?;
                }
            }
        }
        Ok((item.keys, item.refused))
    }

    /// Deletes what the source gave under an identifier; how many records that were.
    pub(super) fn delete_item(&mut self, identifier: &str) -> anyhow::Result<usize> {
        if self.pending.contains(identifier) {
            self.commit()?;
        }
        let keys = self.held_as(identifier)?;
        for key in &keys {
            self.bury(key)?;
        }
        // Told twice, it is deleted once.
        self.pending.insert(identifier.to_owned());
        Ok(keys.len())
    }

    /// Deletes one record.
    pub(super) fn bury(&mut self, key: &RecordKey) -> anyhow::Result<()> {
        let Some(listed) = self.house.store.index().record(key)? else { return Ok(()) };
        let at = Literal::new_typed_literal(self.house.store.clock().now().to_string(), xsd::DATE_TIME);
        bury(self.house, &listed, &at, &mut self.change)?;
        self.deleted += 1;
        self.found = true;
        if self.change.touched.len() >= BATCH { self.commit() } else { Ok(()) }
    }

    /// The records that we hold from the source under an identifier.
    pub(super) fn held_as(&self, identifier: &str) -> anyhow::Result<Vec<RecordKey>> {
        let Some(harvest) = self.manner.harvest.as_ref().filter(|_| !identifier.is_empty()) else { return Ok(Vec::new()) };
        let (store, meta) = (&self.house.store, self.house.store.meta_graph());
        let name = LiteralRef::new_simple_literal(identifier);
        let mut keys = Vec::new();
        for graph in store.subjects(enr::SOURCE_IDENTIFIER, TermRef::Literal(name), &meta)? {
            let NamedOrBlankNode::NamedNode(graph) = graph else { continue };
            if store.object(&graph, enr::HARVESTED_FROM, &meta)? == Some(harvest.source.clone().into()) {
                keys.extend(key_of(self.house, &graph));
            }
        }
        Ok(keys)
    }

    /// Whether the record becomes the item's that is being read. One CHO may be given by two sources, or by one source under two
    /// identifiers: then the later version stands, and another source's record only gives way where the operator says so.
    fn owner(&self, before: &[Quad], unchanged: bool) -> Result<bool, String> {
        let Some(harvest) = &self.manner.harvest else { return Ok(false) };
        let said = |predicate: NamedNodeRef<'_>| before.iter().find(|q| q.predicate == predicate).map(|q| q.object.clone());
        let (owner, identifier) = (said(enr::HARVESTED_FROM), said(enr::SOURCE_IDENTIFIER).map(text_of).unwrap_or_default());
        let Some(owner) = owner else { return Ok(true) };
        if owner != Term::from(harvest.source.clone()) {
            return match (harvest.take_over, unchanged) {
                (true, _) => Ok(true),
                (false, true) => Ok(false),
                (false, false) => Err(format!("was harvested from {}: that stands. --take-over makes it this source's", text_of(owner))),
            };
        }
        if identifier == self.item.identifier {
            return Ok(!unchanged);
        }
        let standing: Option<Timestamp> = said(enr::SOURCE_DATESTAMP).and_then(|t| text_of(t).parse().ok());
        match self.item.datestamp.cmp(&standing) {
            Ordering::Greater => Ok(true),
            _ if unchanged => Ok(false),
            _ => Err(format!("is also given as `{identifier}`, with other statements: that one stands, since this one is not later")),
        }
    }

    /// Where the record comes from.
    fn origin(&self, graph: &NamedNode) -> Vec<Quad> {
        let Some(harvest) = &self.manner.harvest else { return Vec::new() };
        let meta = self.house.store.meta_graph();
        let quad = |predicate: NamedNodeRef<'_>, object: Term| Quad::new(graph.clone(), predicate, object, meta.clone());
        let mut origin = vec![
            quad(enr::HARVESTED_FROM, harvest.source.clone().into()),
            quad(enr::SOURCE_IDENTIFIER, Literal::new_simple_literal(&self.item.identifier).into()),
            quad(prov::WAS_GENERATED_BY, harvest.run.clone().into()),
        ];
        if let Some(at) = self.item.datestamp {
            origin.push(quad(enr::SOURCE_DATESTAMP, Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME).into()));
        }
        origin
    }

    /// Commits what waits.
    pub(super) fn commit(&mut self) -> anyhow::Result<()> {
        self.pending.clear();
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

    /// Refuses what cannot be taken in.
    pub(super) fn rejected(&mut self, rejected: &Rejected) -> anyhow::Result<()> {
        self.item.refused = true;
        quarantine(self.house, rejected)?;
        self.errors.add(ErrorLine { what: rejected.source.clone(), line: rejected.line, reason: rejected.reason.clone() })
    }

    /// How many were refused.
    pub(super) fn refused(&self) -> u64 {
        self.errors.count()
    }

    /// What was done, with the first of what was refused.
    pub(super) fn report(self) -> anyhow::Result<Report> {
        let mut report = Report::default();
        let taken = self.new + self.changed + self.unchanged;
        report.line(format!("{taken} records: {} new, {} changed, {} unchanged", self.new, self.changed, self.unchanged));
        if self.repeated > 0 {
            report.line(format!("{} records were given more than once, alike", self.repeated));
        }
        if self.noted > 0 {
            report
                .line(format!("{} of them were taken in with notes, which stand on their pages and in `glossator validate`:", self.noted));
            report.lines.extend(self.notes.iter().map(|(kind, count)| format!("  {count} {}", note_words(kind))));
        }
        if self.skipped > 0 {
            report
                .line(format!("{} files are no records (tables, pictures, lists) and were passed over; the log names them", self.skipped));
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

/// What a kind of note means, for those who did not write it.
fn note_words(kind: &str) -> &str {
    match kind {
        "mended" => "could not be read as written, and were mended",
        "left-out" => "say nothing in RDF, and were left out (an empty link, an empty language)",
        "untidy" => "were taken as they are, though it is not good practice",
        "relative" => "relative references, resolved against the base of this store: the provider should give whole IRIs",
        "lifted" => "Europeana's attributes on statements, kept beside the record",
        "orphan" => "things described that no record names",
        "merged" => "things described more than once, joined",
        "more" => "notes more than are kept",
        other => other,
    }
}
