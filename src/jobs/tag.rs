//! A record is enriched: its picture is looked at, the scores become predictions, the predictions are described and put.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::bail;
use jiff::Timestamp;
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};

use super::{
    House, Listener, Report,
    candidates::Candidate,
    error_lines::{ErrorLine, ErrorLines},
    opened::Opened,
    pace::Pace,
    pictures::PictureSources,
    stages::{Outcome, Stages, Viewed},
};
use crate::{
    enrichment::{EnrichmentFacts, Seen, TaggerCard, Work, describe, describe_members, describe_run, describe_tagger},
    model::{Bundle, Device, Scorer, Scores},
    rdf::{
        mint::short_key,
        ns::{dcterms, prov},
    },
    store::Change,
    tagging::Tagger,
    vocab::{StoredHierarchy, Vocabularies},
};

/// How many pictures are described before they are written, and how long they wait for it: each time, the engine puts a dozen files on disk.
const WRITTEN_AT_ONCE: usize = 512;
const WRITTEN_AFTER: Duration = Duration::from_secs(2);

/// Look at the pictures of the records.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tag {
    /// Which tagger: its id, or id@version; the only one by default.
    pub tagger: Option<String>,
    /// On which device; as set by default.
    pub device: Option<Device>,
    /// Only records of this data set.
    pub data_set: Option<String>,
    /// At most so many pictures.
    pub limit: Option<u64>,
    /// Where else pictures may come from.
    pub sources: PictureSources,
    /// Other words for zero-shot facets: facet and template.
    #[serde(default)]
    pub prompts: BTreeMap<String, String>,
}

pub(super) fn run(house: &House, job: &Tag, listener: Listener<'_>) -> anyhow::Result<Report> {
    let open = || house.open_tagger(job.tagger.as_deref(), job.device, &job.prompts, listener.progress);
    let Opened { card, members, tagger, scorer } = open()?;
    let (provider, why_not) = (provider_of(scorer.as_ref()), scorer.provider().why_not.clone());
    let mut sessions = vec![scorer];
    for _ in 1..house.settings.stages.sessions {
        sessions.push(open()?.scorer);
    }
    for facet in tagger.facets() {
        house.settings.enrichment.property(facet)?;
    }
    let vocabularies = vocabularies(house, &tagger)?;
    let pictures = house.pictures(&job.sources)?;
    listener.progress.begin("looking at pictures", Some(house.store.index().len()?));
    let mut tagging = Tagging {
        house,
        card,
        members,
        tagger,
        provider,
        why_not,
        vocabularies,
        waiting: Change::default(),
        described: 0,
        written: Instant::now(),
        run: None,
        started: house.store.clock().now(),
        counts: Counts::default(),
        errors: ErrorLines::of(house, "tag"),
        listener,
    };
    let begun = Instant::now();
    let (agent, fixed) = (tagging.card.clone(), tagging.vocabularies.clone());
    let known = |candidate: &Candidate, checksum: &str| {
        let graph = house.store.base().enrichment_graph(&work(candidate, checksum, &fixed).key(&agent));
        candidate.earlier.iter().any(|earlier| earlier.graph == graph && earlier.run.is_some())
    };
    let stages = Stages {
        store: &house.store,
        pictures: &pictures,
        settings: &house.settings.stages,
        rights: &house.settings.records.rights,
        data_set: job.data_set.as_deref(),
        limit: job.limit,
        known: &known,
        stopped: &|| listener.progress.stopped(),
    };
    let pace = Pace::default();
    let passed = stages.run(&mut sessions, &pace, &mut |candidate, outcome| tagging.take(candidate, outcome));
    // What was described when something failed is kept.
    tagging.write()?;
    passed?;
    tagging.finish(begun, &pace)
}

/// Prepares the tagger over the loaded vocabularies; its concepts have to be there.
pub(super) fn tagger(house: &House, bundle: &Bundle) -> anyhow::Result<Tagger> {
    let tagger = Tagger::new(bundle, &StoredHierarchy::new(&house.store)?)?;
    if let Some(first) = tagger.missing().first() {
        bail!(
            "{} of the concepts of {} are in none of the loaded vocabularies, <{}> among them: load the vocabulary that its labels map to first (`glossator load`)",
            tagger.missing().len(),
            bundle.id(),
            first.as_str()
        );
    }
    Ok(tagger)
}

/// The vocabulary releases that hold the tagger's concepts, with the checksums of their content.
fn vocabularies(house: &House, tagger: &Tagger) -> anyhow::Result<Vec<(NamedNode, String)>> {
    let vocabularies = Vocabularies::new(&house.store)?;
    let mut used = Vec::new();
    for release in vocabularies.releases() {
        let holds = |concept: &NamedNode| -> anyhow::Result<bool> {
            Ok(house
                .store
                .quads()
                .quads_for_pattern(Some(concept.as_ref().into()), None, None, Some(release.graph.as_ref().into()))
                .next()
                .is_some())
        };
        let mut holds_one = false;
        for concept in tagger.concepts() {
            holds_one = holds_one || holds(concept)?;
        }
        if holds_one {
            used.push((release.graph.clone(), release.checksum.clone()));
        }
    }
    used.sort_unstable_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    Ok(used)
}

fn work(candidate: &Candidate, checksum: &str, vocabularies: &[(NamedNode, String)]) -> Work {
    Work {
        record: candidate.listed.key.clone(),
        cho: NamedNode::new_unchecked(&candidate.listed.cho),
        record_digest: candidate.digest.clone(),
        picture_checksum: checksum.to_owned(),
        vocabularies: vocabularies.to_vec(),
    }
}

pub(super) fn provider_of(scorer: &dyn Scorer) -> String {
    let provided = scorer.provider();
    format!("{}, {}", provided.runtime, provided.provider)
}

#[derive(Debug, Default)]
struct Counts {
    pictures: u64,
    tagged: u64,
    abstained: u64,
    unchanged: u64,
    annotations: u64,
    /// How many were looked at in place of a better web resource that may not be looked at or is no picture.
    second_best: u64,
}

struct Tagging<'t> {
    house: &'t House,
    card: TaggerCard,
    /// Who looks together, where it is an ensemble.
    members: Vec<TaggerCard>,
    tagger: Tagger,
    provider: String,
    /// What would have computed before that, and why it does not.
    why_not: Vec<String>,
    vocabularies: Vec<(NamedNode, String)>,
    /// What is described and not yet written, of how many pictures, and when something was last written.
    waiting: Change,
    described: usize,
    written: Instant,
    run: Option<NamedNode>,
    started: Timestamp,
    counts: Counts,
    errors: ErrorLines,
    listener: Listener<'t>,
}

impl Tagging<'_> {
    fn take(&mut self, candidate: Candidate, outcome: Outcome) -> anyhow::Result<()> {
        self.listener.progress.advance(1);
        match outcome {
            Outcome::Known => self.counts.unchanged += 1,
            Outcome::Missing(reason) => self.errors.add(ErrorLine { what: candidate.listed.cho, line: None, reason })?,
            Outcome::Scored(viewed, scores) => {
                self.describe(candidate, viewed, &scores)?;
                if self.described >= WRITTEN_AT_ONCE || self.written.elapsed() >= WRITTEN_AFTER {
                    self.write()?;
                }
            }
        }
        Ok(())
    }

    /// Puts what was described in one transaction.
    fn write(&mut self) -> anyhow::Result<()> {
        self.house.store.commit(std::mem::take(&mut self.waiting))?;
        (self.described, self.written) = (0, Instant::now());
        Ok(())
    }

    fn describe(&mut self, candidate: Candidate, viewed: Viewed, scores: &Scores) -> anyhow::Result<()> {
        let mut change = std::mem::take(&mut self.waiting);
        let facets = self.tagger.predict(scores);
        let store = &self.house.store;
        let work = work(&candidate, &viewed.checksum, &self.vocabularies);
        let key = work.key(&self.card);
        let run = match &self.run {
            Some(run) => run.clone(),
            None => self.begin_run(&key, &mut change)?,
        };
        if !candidate.passed_over.is_empty() {
            self.counts.second_best += 1;
        }
        let web_resource = NamedNode::new(viewed.iri)?;
        let seen = Seen {
            service: candidate.ask.as_ref().ok().and_then(|ask| ask.service.clone()),
            web_resource,
            checksum: viewed.checksum,
            width: viewed.width,
            height: viewed.height,
            decoder: viewed.decoder,
            through: viewed.through,
            notes: candidate.passed_over,
        };
        let enrichment = describe(store.base(), &work, &seen, &self.card, &facets, &run, &self.house.settings.enrichment)?;
        self.replace_earlier(&candidate.earlier, &enrichment.graph, &mut change);
        self.counts.pictures += 1;
        self.counts.annotations += enrichment.annotations as u64;
        if enrichment.annotations == 0 {
            self.counts.abstained += 1;
        } else {
            self.counts.tagged += 1;
        }
        if !enrichment.triples.is_empty() {
            change.put.push((enrichment.graph, enrichment.triples));
        }
        change.add.extend(enrichment.about);
        change.touched.push(candidate.listed.key);
        self.described += 1;
        self.waiting = change;
        Ok(())
    }

    /// A run begins with its first new piece of work, and is named by it: where there is nothing to do, there is no run.
    fn begin_run(&mut self, first: &str, change: &mut Change) -> anyhow::Result<NamedNode> {
        let store = &self.house.store;
        let mut attempt = 0_u32;
        let run = loop {
            let run = store.base().run(&short_key([first, &attempt.to_string()]));
            if store.object(&run, prov::STARTED_AT_TIME, &store.meta_graph())?.is_none() {
                break run;
            }
            // It was retracted, and is done once more.
            attempt += 1;
        };
        change.add.extend(describe_tagger(store.base(), &self.card));
        change.add.extend(describe_members(store.base(), &self.card, &self.members));
        change.add.extend(describe_run(store.base(), &run, &self.card, &self.vocabularies, &self.provider, self.started, None));
        self.run = Some(run.clone());
        Ok(run)
    }

    /// What the same tagger said before about an earlier state of record, picture, model or vocabulary is replaced, not deleted.
    fn replace_earlier(&self, earlier: &[EnrichmentFacts], graph: &NamedNode, change: &mut Change) {
        let base = self.house.store.base();
        let agents = base.tagger(&self.card.id, "").into_string();
        for earlier in earlier {
            let same_tagger = earlier.agent.as_ref().is_some_and(|a| a.as_str().starts_with(&agents));
            if same_tagger && earlier.graph != *graph && earlier.replaced_by.is_none() {
                change.add(earlier.graph.clone(), dcterms::IS_REPLACED_BY, graph.clone(), base.meta_graph());
            }
        }
    }

    fn finish(self, begun: Instant, pace: &Pace) -> anyhow::Result<Report> {
        let store = &self.house.store;
        let stopped = self.listener.progress.stopped();
        if let Some(run) = &self.run {
            let mut change = Change::default();
            let ended = Some(store.clock().now());
            change.add.extend(describe_run(store.base(), run, &self.card, &self.vocabularies, &self.provider, self.started, ended));
            store.commit(change)?;
        }
        let seconds = begun.elapsed().as_secs_f64();
        let rate = self.counts.pictures as f64 / seconds.max(1e-3);
        let mut report = Report::default();
        report.line(format!(
            "{} pictures looked at by {} {} on {}: {} records tagged with {} annotations, {} without a tag; {} were done before",
            self.counts.pictures,
            self.card.id,
            self.card.version,
            self.provider,
            self.counts.tagged,
            self.counts.annotations,
            self.counts.abstained,
            self.counts.unchanged
        ));
        report.line(format!("{seconds:.1} s, {rate:.1} pictures a second"));
        if self.counts.second_best > 0 {
            report.line(format!(
                "{} times another than the best web resource was looked at: the best may not be, or is no picture (enr:note says which)",
                self.counts.second_best
            ));
        }
        pace.tell(self.counts.pictures, &mut report);
        report.lines.extend(self.why_not.iter().map(|reason| format!("not on {reason}")));
        if let Some(run) = &self.run {
            report.line(format!("run {}", run.as_str()));
            report.figure("run", run.as_str());
        }
        if stopped {
            report.line("stopped before the end: run the same command again, and it goes on with what is left");
        }
        for (name, value) in [
            ("pictures", self.counts.pictures),
            ("tagged", self.counts.tagged),
            ("abstained", self.counts.abstained),
            ("unchanged", self.counts.unchanged),
            ("annotations", self.counts.annotations),
            ("second_best", self.counts.second_best),
            ("without_picture", self.errors.count()),
            ("version", store.version()),
        ] {
            report.figure(name, value);
        }
        report.figure("seconds", seconds);
        report.figure("provider", self.provider.as_str());
        report.figure("stopped", stopped);
        self.errors.finish(&mut report, "without a picture")?;
        Ok(report)
    }
}
