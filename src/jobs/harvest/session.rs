//! One harvest while it runs: what it reads, what it notes about its source, and what it says at the end.

use std::{
    ops::ControlFlow,
    path::PathBuf,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::Timestamp;
use oxigraph::{
    io::RdfFormat,
    model::{GraphNameRef, Literal, NamedNode, NamedOrBlankNode, Quad, Term, TermRef, Triple},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{Harvest, asker::Asker, seen::Seen, source::Source};
use crate::{
    jobs::{
        House, Listener, Report,
        reading::{Harvested, Manner, Reading},
        source_graph::key_of,
    },
    rdf::{
        mint::short_key,
        ns::{enr, foaf, prov, rdf, xsd},
        text_of,
    },
    records::{self, Note, ReadSettings, Record, Rejected, Taken},
    store::Change,
};

/// Where nothing was found, it is written down this often how far the harvest came.
const REST: Duration = Duration::from_secs(2);
/// How often the log hears how far it is.
const TELL: Duration = Duration::from_secs(30);

/// A harvest that runs.
pub(super) struct Session<'h> {
    pub(super) house: &'h House,
    pub(super) listener: Listener<'h>,
    pub(super) source: Source,
    pub(super) reading: Reading<'h>,
    pub(super) asker: Asker<'h>,
    pub(super) seen: Option<Seen>,
    /// What the person who asked should know besides the figures.
    pub(super) remarks: Vec<String>,
    /// Records, headers or items that the source listed to us in this run.
    pub(super) listed: u64,
    /// What an aggregation is given where it states nothing for the property.
    pub(super) lacking: Vec<(NamedNode, Term)>,
    settings: ReadSettings,
    began: Timestamp,
    clock: Instant,
    run: NamedNode,
    run_is_told: bool,
    committed: Instant,
    told: Instant,
    gone: u64,
    kept_back: u64,
}

/// What became of one document.
#[derive(Debug, Default)]
pub(super) struct ItemOutcome {
    /// How many records it held.
    pub(super) records: usize,
    /// Why it, or a part of it, was refused.
    pub(super) refused: Option<String>,
}

impl<'h> Session<'h> {
    pub(super) fn open(
        house: &'h House,
        job: &Harvest,
        listener: Listener<'h>,
        source: Source,
        otherwise: Option<String>,
    ) -> anyhow::Result<Self> {
        let began = house.store.clock().now();
        let run = house.store.base().run(&short_key([source.key.as_str(), &began.to_string()]));
        let harvest = Harvested { source: source.iri.clone(), run: run.clone(), take_over: job.take_over };
        let manner = Manner { job: "harvest", data_set: job.data_set.clone(), otherwise, harvest: Some(harvest) };
        let settings = ReadSettings { relative_references: house.store.base().relative_references(), ..house.settings.records.clone() };
        Ok(Self {
            house,
            listener,
            reading: Reading::new(house, manner),
            asker: Asker::new(house, listener, job.allow_private)?,
            seen: None,
            remarks: Vec::new(),
            listed: 0,
            lacking: Vec::new(),
            settings,
            source,
            began,
            clock: Instant::now(),
            run,
            run_is_told: false,
            committed: Instant::now(),
            told: Instant::now(),
            gone: 0,
            kept_back: 0,
        })
    }

    /// When it began.
    pub(super) fn began(&self) -> Timestamp {
        self.began
    }

    /// Where we keep what belongs to harvests.
    pub(super) fn folder(&self) -> PathBuf {
        self.house.store.folder().join("harvest")
    }

    pub(super) fn state<S: DeserializeOwned>(&self) -> anyhow::Result<Option<S>> {
        self.source.state(self.house)
    }

    /// Says something to the person who waits, and again at the end.
    pub(super) fn remark(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.remarks.contains(&text) {
            self.listener.progress.say(&text);
            self.remarks.push(text);
        }
    }

    /// Begins to note what a full listing shows; whether what was noted of it before is still there.
    pub(super) fn note_seen(&mut self, walk: &str) -> anyhow::Result<bool> {
        let seen = Seen::open(&self.folder(), &self.source.key, walk)?;
        let fresh = seen.fresh;
        self.seen = Some(seen);
        Ok(!fresh)
    }

    /// Reads one document that the source gives under an identifier.
    pub(super) fn read(
        &mut self,
        identifier: &str,
        shown: &str,
        datestamp: Option<Timestamp>,
        bytes: &Bytes,
        format: RdfFormat,
        notes: &[Note],
    ) -> anyhow::Result<ItemOutcome> {
        self.reading.begin_item(identifier, datestamp)?;
        let (mut outcome, mut failure) = (ItemOutcome::default(), None);
        let (reading, lacking) = (&mut self.reading, &self.lacking);
        records::read_as(shown, bytes, format, &self.settings, &mut |mut taken| {
            match &mut taken {
                Taken::Record(record) => {
                    outcome.records += 1;
                    complete(record, lacking);
                    record.notes.splice(0..0, notes.iter().cloned());
                }
                Taken::Rejected(rejected) => {
                    outcome.refused = Some(rejected.reason.clone());
                    rejected.notes.splice(0..0, notes.iter().cloned());
                }
                Taken::Skipped { .. } => {}
            }
            failure = reading.take(taken).err();
            if failure.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        self.end_item(identifier)?;
        Ok(outcome)
    }

    /// Refuses what the source gives under an identifier before it can be read.
    pub(super) fn refuse(&mut self, identifier: &str, reason: String, bytes: Bytes) -> anyhow::Result<()> {
        self.reading.begin_item(identifier, None)?;
        let rejected = Rejected { source: identifier.to_owned(), line: None, reason, bytes, notes: Vec::new() };
        self.reading.rejected(&rejected)?;
        self.end_item(identifier)
    }

    /// Ends with what the source gives under an identifier, and notes that it was listed.
    pub(super) fn end_item(&mut self, identifier: &str) -> anyhow::Result<()> {
        let (keys, _) = self.reading.end_item()?;
        self.see(identifier);
        if let Some(seen) = &mut self.seen {
            for key in keys {
                seen.add(format!("k:{key}"));
            }
        }
        Ok(())
    }

    /// Notes that an identifier was listed.
    pub(super) fn see(&mut self, identifier: &str) {
        if let Some(seen) = self.seen.as_mut().filter(|_| !identifier.is_empty()) {
            seen.add(format!("i:{identifier}"));
        }
    }

    /// Whether an identifier was listed before in this full listing, and what it gave is in the store.
    pub(super) fn has_taken(&self, identifier: &str) -> anyhow::Result<bool> {
        let seen = self.seen.as_ref().map_or(Ok(false), |seen| seen.has(&format!("i:{identifier}")))?;
        Ok(seen && !self.reading.held_as(identifier)?.is_empty())
    }

    /// So many more were listed.
    pub(super) fn advance(&mut self, listed: u64) {
        self.listed += listed;
        self.listener.progress.advance(listed);
        if self.told.elapsed() >= TELL {
            self.told = Instant::now();
            let per_second = self.per_second();
            tracing::info!(source = self.source.title(), listed = self.listed, per_second, "harvesting");
        }
    }

    fn per_second(&self) -> f64 {
        let rate = self.listed as f64 / self.clock.elapsed().as_secs_f64().max(0.001);
        (rate * 10.0).round() / 10.0
    }

    /// Commits what was read together with how far the harvest came, where there is something to commit or some time has gone by.
    pub(super) fn checkpoint<S: Serialize>(&mut self, state: &S) -> anyhow::Result<()> {
        if self.reading.found || self.committed.elapsed() >= REST { self.commit(state) } else { Ok(()) }
    }

    /// Commits what was read together with how far the harvest came.
    pub(super) fn commit<S: Serialize>(&mut self, state: &S) -> anyhow::Result<()> {
        if let Some(seen) = &mut self.seen {
            seen.flush()?;
        }
        if self.reading.found && !self.run_is_told {
            let quads = self.about_run();
            self.reading.change.add.extend(quads);
            self.run_is_told = true;
        }
        self.source.put_state(self.house, state, &mut self.reading.change)?;
        self.reading.commit()?;
        self.reading.found = false;
        self.committed = Instant::now();
        // Nothing of the harvest is half done here, and what it knows of records it asks the store anew.
        self.listener.progress.rest();
        Ok(())
    }

    /// A run is written down with the first thing that it found.
    fn about_run(&self) -> Vec<Quad> {
        let (base, meta) = (self.house.store.base(), self.house.store.meta_graph());
        let version = env!("CARGO_PKG_VERSION");
        let agent = base.tagger("glossator", version);
        let quad = |s: &NamedNode, p, o: Term| Quad::new(s.clone(), p, o, meta.clone());
        vec![
            quad(&self.run, rdf::TYPE, prov::ACTIVITY.into()),
            quad(&self.run, rdf::TYPE, enr::HARVEST.into()),
            quad(&self.run, prov::USED, self.source.iri.clone().into()),
            quad(&self.run, prov::WAS_ASSOCIATED_WITH, agent.clone().into()),
            quad(&self.run, prov::STARTED_AT_TIME, time(self.began)),
            quad(&agent, rdf::TYPE, prov::SOFTWARE_AGENT.into()),
            quad(&agent, foaf::NAME, Literal::new_simple_literal(format!("Glossator {version}")).into()),
        ]
    }

    /// Deletes what we hold from the source and a full listing did not show, unless that is so much that it is rather the listing that is
    /// at fault.
    pub(super) fn bury_missing(&mut self, accept: bool) -> anyhow::Result<()> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let (store, meta) = (&self.house.store, self.house.store.meta_graph());
        let (mut held, mut missing) = (0_u64, Vec::new());
        let graph = GraphNameRef::from(meta.as_ref());
        for quad in store.quads().quads_for_pattern(None, Some(enr::HARVESTED_FROM), Some(TermRef::from(&self.source.iri)), Some(graph)) {
            let NamedOrBlankNode::NamedNode(record) = quad?.subject else { continue };
            let Some(key) = key_of(self.house, &record) else { continue };
            held += 1;
            let identifier = store.object(&record, enr::SOURCE_IDENTIFIER, &meta)?.map(text_of).unwrap_or_default();
            if !seen.has(&format!("k:{key}"))? && !seen.has(&format!("i:{identifier}"))? {
                missing.push(key);
            }
        }
        let most = self.house.settings.harvest.max_gone_percent;
        if !accept && missing.len() as u64 * 100 > held * most {
            self.kept_back = missing.len() as u64;
            self.remark(format!(
                "{} of the {held} records that we hold from this source were not listed: more than {most} in a hundred, so none was deleted. If they are really gone, run the command again with --full --accept-deletions",
                missing.len()
            ));
            return Ok(());
        }
        self.listener.progress.begin("deleting what is gone", Some(missing.len() as u64));
        for key in &missing {
            self.reading.bury(key)?;
            self.listener.progress.advance(1);
        }
        self.gone = missing.len() as u64;
        Ok(())
    }

    /// Whether there is something to say of a run: something changed.
    fn end_run(&mut self, stopped: bool) -> anyhow::Result<()> {
        if !self.run_is_told {
            return Ok(());
        }
        let meta = self.house.store.meta_graph();
        let reading = &self.reading;
        let figures = json!({
            "listed": self.listed, "new": reading.new, "changed": reading.changed, "unchanged": reading.unchanged,
            "deleted": reading.deleted, "rejected": reading.refused(), "requests": self.asker.requests, "stopped": stopped,
        });
        let mut change = Change::default();
        change.add(self.run.clone(), prov::ENDED_AT_TIME, time(self.house.store.clock().now()), meta.clone());
        change.add(self.run.clone(), enr::FIGURES, Literal::new_typed_literal(figures.to_string(), rdf::JSON), meta);
        self.house.store.commit(change)?;
        Ok(())
    }

    /// The end: everything is committed, and this is what was done.
    pub(super) fn finish<S: Serialize>(mut self, state: &S, end: End) -> anyhow::Result<Report> {
        self.commit(state)?;
        let stopped = matches!(end, End::Stopped);
        self.end_run(stopped)?;
        if matches!(end, End::Done)
            && let Some(seen) = self.seen.take()
        {
            seen.forget()?;
        }
        let (per_second, seconds) = (self.per_second(), self.clock.elapsed().as_secs_f64());
        let (deleted, gone) = (self.reading.deleted, self.gone);
        let mut report = self.reading.report()?;
        report.lines.insert(0, format!("from {}", self.source.title()));
        report.line(format!("{deleted} deleted ({gone} of them were no longer listed)"));
        report.line(format!("{} listed in {seconds:.1} s, {per_second} a second, by {} requests", self.listed, self.asker.requests));
        for remark in &self.remarks {
            report.line(remark);
        }
        for (name, value) in [
            ("harvested", self.listed),
            ("deleted", deleted),
            ("gone", gone),
            ("not_deleted", self.kept_back),
            ("requests", self.asker.requests),
        ] {
            report.figure(name, value);
        }
        report.figure("seconds", (seconds * 1000.0).round() / 1000.0);
        report.figure("per_second", per_second);
        report.figure("source", self.source.iri.as_str());
        if self.run_is_told {
            report.figure("run", self.run.as_str());
        }
        report.figure("remarks", json!(self.remarks));
        report.figure("stopped", stopped);
        match end {
            End::Done => {}
            End::Stopped => report.line("stopped before the end: run the same command again, and it goes on from there"),
            End::Failed(reason) => {
                report.line(format!("not to the end: {reason}"));
                report.line("what came before that is in the store; run the same command again, and it goes on from there");
                report.figure("failed", reason);
                report.failed = true;
            }
        }
        Ok(report)
    }
}

/// Gives the record's aggregation what the operator says for all of the source, where the record says nothing.
fn complete(record: &mut Record, lacking: &[(NamedNode, Term)]) {
    for (property, value) in lacking {
        let view = record.view();
        let aggregation = view.aggregations().first().map(|a| a.into_owned());
        let said = aggregation.as_ref().is_none_or(|a| record.triples.iter().any(|t| t.subject == *a && t.predicate == *property));
        if let Some(aggregation) = aggregation.filter(|_| !said) {
            record.triples.push(Triple::new(aggregation, property.clone(), value.clone()));
        }
    }
}

/// How a harvest ended.
pub(super) enum End {
    Done,
    Stopped,
    Failed(String),
}

fn time(at: Timestamp) -> Term {
    Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME).into()
}
