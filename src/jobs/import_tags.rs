//! Importing tags: what a service or a crowd said becomes claims of that agent, linked to concepts where one label is one concept, kept as text
//! where not, and never published before a person has looked.

use std::{collections::HashSet, path::PathBuf};

use anyhow::{Context as _, bail};
use oxigraph::model::{GraphName, NamedNode, TermRef};
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use serde::{Deserialize, Serialize};

use super::{
    House, Listener, Report,
    begin::{Agent, Begun},
    claims::{Claims, Matched},
    error_lines::{ErrorLine, ErrorLines},
    link::vocabularies,
};
use crate::{
    enrichment::{ClaimWork, TaggerCard, annotations_of, describe_claims},
    linking::{
        Linker,
        tags::{BadTag, DragFill, Filled, StopList, Tag, TagFormat, read_tags},
    },
    rdf::{
        RecordKey,
        ns::{AAT, edm},
    },
    store::{Change, Listed},
};

/// How much of what is sorted is held in memory.
const SORTED_BYTES: usize = 32 << 20;
/// How many things that tags are about go in one transaction.
const BATCH: usize = 200;
/// What a tag is about, its line and its place there; the tag.
const SORTED: TableDefinition<'_, (&str, u64, u64), &[u8]> = TableDefinition::new("tags");

/// Import what an agent said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportTags {
    /// The file, by its absolute path.
    pub file: PathBuf,
    /// Who said so: `Google Cloud Vision`, `Zooniverse: Criminal Characters`.
    pub agent: String,
    /// Which version of them.
    pub version: String,
    /// The format; told from the content where it is not given.
    pub format: Option<TagFormat>,
    /// What stands before names that are no IRIs, to make the IRIs of web resources or objects of them.
    pub prefix: Option<String>,
    /// The facet that the tags answer.
    pub facet: String,
    /// The language of labels that tell none.
    pub language: Option<String>,
    /// Labels that are never linked; a list of ours where none is given.
    pub stop_list: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct Counts {
    tags: u64,
    things: u64,
    unchanged: u64,
    linked: u64,
    texts: u64,
    stopped: u64,
    homographs: u64,
    votes: u64,
}

struct Importing<'i> {
    house: &'i House,
    job: &'i ImportTags,
    begun: Begun<'i>,
    claims: Claims<'i>,
    counts: Counts,
    errors: ErrorLines,
}

pub(super) fn run(house: &House, job: &ImportTags, listener: Listener<'_>) -> anyhow::Result<Report> {
    if job.agent.trim().is_empty() {
        bail!("an agent needs a name: --agent \"Google Cloud Vision\"");
    }
    house.settings.enrichment.property(&job.facet)?;
    let stop_list = job.stop_list.as_deref().map(StopList::read).transpose()?.unwrap_or_default();
    let linker = Linker::new(&house.store, &house.settings.linking)?;
    let vocabularies = vocabularies(house, &linker)?;
    let scratch = tempfile::tempdir().context("making a folder to sort the tags in")?;
    let sorted = Database::builder().set_cache_size(SORTED_BYTES).create(scratch.path().join("tags.redb"))?;
    let mut importing = Importing {
        house,
        job,
        begun: Begun::new(house, card(job), vocabularies, "import").of(Agent::Outside),
        claims: Claims::new(linker, stop_list, job),
        counts: Counts::default(),
        errors: ErrorLines::of(house, "import-tags"),
    };
    listener.progress.begin("reading tags", None);
    importing.sort(&sorted, listener)?;
    listener.progress.begin("importing tags", Some(importing.counts.tags));
    let stopped = importing.import(&sorted, listener)?;
    importing.report(stopped)
}

fn card(job: &ImportTags) -> TaggerCard {
    TaggerCard {
        id: job.agent.trim().to_owned(),
        version: job.version.clone(),
        title: job.agent.trim().to_owned(),
        status: "candidate".to_owned(),
        licence: String::new(),
        model_checksum: String::new(),
        settings_digest: String::new(),
        calibrated_on: Vec::new(),
    }
}

impl Importing<'_> {
    /// Puts the file's tags in the order of what they are about, on disk: a crowd's votes lie scattered over its file.
    fn sort(&mut self, sorted: &Database, listener: Listener<'_>) -> anyhow::Result<()> {
        let write = sorted.begin_write()?;
        let mut filled = Vec::new();
        let mut failed = None;
        {
            let mut table = write.open_table(SORTED)?;
            let mut place = 0;
            read_tags(&self.job.file, self.job.format, |read| {
                let done = self.sorted(read, &mut table, &mut place, &mut filled);
                listener.progress.advance(1);
                if let Err(error) = done {
                    failed = Some(error);
                }
                failed.is_none() && !listener.progress.stopped()
            })?;
        }
        if let Some(error) = failed {
            return Err(error);
        }
        self.drag_fill(&filled)?;
        write.commit()?;
        if listener.progress.stopped() {
            bail!("stopped while the file was being read: nothing was changed");
        }
        Ok(())
    }

    fn sorted(
        &mut self,
        read: Result<Tag, BadTag>,
        table: &mut redb::Table<'_, (&str, u64, u64), &[u8]>,
        place: &mut u64,
        filled: &mut Vec<Filled>,
    ) -> anyhow::Result<()> {
        let tag = match read {
            Ok(tag) => tag,
            Err(BadTag { line, reason }) => return self.bad(line, reason),
        };
        self.counts.tags += 1;
        *place += 1;
        if let Some(id) = tag.concept.as_deref().and_then(|c| c.rsplit('/').next()).and_then(|id| id.parse().ok()) {
            // A run ends where the ids no longer count up: then it is looked at, so that no more than one is held.
            if filled.last().is_some_and(|last| id != last.id + 1) {
                let run = std::mem::take(filled);
                self.drag_fill(&run)?;
            }
            let agrees = self.claims.agrees(tag.concept.as_deref().unwrap_or_default(), &tag.label)?;
            filled.push(Filled { line: tag.line, id, label: tag.label.clone(), agrees });
        }
        let bytes = serde_json::to_vec(&(&tag.label, &tag.language, tag.score, &tag.concept, &tag.annotator, tag.count))?;
        table.insert((tag.about.as_str(), tag.line, *place), bytes.as_slice())?;
        Ok(())
    }

    fn drag_fill(&mut self, run: &[Filled]) -> anyhow::Result<()> {
        for found in DragFill::find(run) {
            let (first, last) = (found.lines.first().copied().unwrap_or_default(), found.lines.last().copied().unwrap_or_default());
            let reason = format!(
                "lines {first} to {last}: the ids count up from {} on line {} to {} while the labels do not agree with them, as when a spreadsheet fills a column in; these ids are left out, the labels are kept",
                found.ids.0, found.first, found.ids.1
            );
            self.bad(first, reason)?;
            self.claims.distrust(found.lines);
        }
        Ok(())
    }

    fn bad(&mut self, line: u64, reason: String) -> anyhow::Result<()> {
        self.errors.add(ErrorLine { what: self.job.file.display().to_string(), line: Some(line), reason })
    }

    /// Imports what was sorted, thing by thing. Says whether somebody stopped it.
    fn import(&mut self, sorted: &Database, listener: Listener<'_>) -> anyhow::Result<bool> {
        let read = sorted.begin_read()?;
        let table = read.open_table(SORTED)?;
        let (mut about, mut tags): (String, Vec<Tag>) = (String::new(), Vec::new());
        let (mut change, mut waiting) = (Change::default(), 0);
        for row in table.iter()? {
            let (key, bytes) = row?;
            let (thing, line, _) = key.value();
            if thing != about {
                self.thing(&about, &std::mem::take(&mut tags), &mut change)?;
                thing.clone_into(&mut about);
                waiting += 1;
            }
            let (label, language, score, concept, annotator, count) = serde_json::from_slice(bytes.value())?;
            tags.push(Tag { about: about.clone(), label, language, score, concept, annotator, count, line });
            listener.progress.advance(1);
            if waiting == BATCH {
                self.house.store.commit(std::mem::take(&mut change))?;
                waiting = 0;
                if listener.progress.stopped() {
                    return Ok(true);
                }
            }
        }
        self.thing(&about, &tags, &mut change)?;
        self.house.store.commit(change)?;
        Ok(false)
    }

    fn thing(&mut self, about: &str, tags: &[Tag], change: &mut Change) -> anyhow::Result<()> {
        let Some(first) = tags.first().map(|t| t.line) else { return Ok(()) };
        let Some((listed, seen)) = self.find(about)? else {
            let reason = format!(
                "`{about}` is no record here, and no web resource of one: give its IRI, or say with --prefix what stands before such names ({} tags)",
                tags.len()
            );
            return self.bad(first, reason);
        };
        self.counts.things += 1;
        let mut notes = Vec::new();
        let matched = self.claims.of(tags, &mut notes)?;
        for (line, reason) in notes {
            self.bad(line, reason)?;
        }
        let store = &self.house.store;
        let claims: Vec<_> = matched.iter().map(|m| m.claim.clone()).collect();
        let cho = NamedNode::new_unchecked(&listed.cho);
        let work = ClaimWork { record: listed.key.clone(), cho, seen: seen.clone(), vocabularies: self.begun.vocabularies.clone() };
        let key = work.key(&self.begun.card, &claims);
        let graph = store.base().enrichment_graph(&key);
        if claims.is_empty() || Begun::is_done(&self.house.store, &graph)? {
            self.counts.unchanged += 1;
            return Ok(());
        }
        let run = self.begun.run(&key, change)?;
        let enrichment = describe_claims(store.base(), &work, &self.begun.card, &claims, &run, &self.house.settings.enrichment)?;
        let of_the_same = |graph: &NamedNode| Ok(annotations_of(store, graph)?.first().is_some_and(|a| a.web_resource == seen));
        self.begun.replace_earlier(&self.house.store, &listed.key, &graph, of_the_same, change)?;
        self.count(&matched);
        change.put.push((enrichment.graph, enrichment.triples));
        change.add.extend(enrichment.about);
        change.touched.push(listed.key);
        Ok(())
    }

    fn count(&mut self, matched: &[Matched]) {
        for Matched { claim, stopped, homograph } in matched {
            if claim.concept.is_some() {
                self.counts.linked += 1;
            } else {
                self.counts.texts += 1;
            }
            self.counts.stopped += u64::from(*stopped);
            self.counts.homographs += u64::from(*homograph);
            self.counts.votes += claim.crowd.as_ref().map_or(0, |c| c.votes);
        }
    }

    /// The record that a name is about, and what of it was looked at: a web resource, or the object itself.
    fn find(&self, about: &str) -> anyhow::Result<Option<(Listed, NamedNode)>> {
        let store = &self.house.store;
        if let Some(key) = RecordKey::parse(about)
            && let Some(listed) = store.index().record(&key)?
        {
            let cho = NamedNode::new_unchecked(&listed.cho);
            return Ok(Some((listed, cho)));
        }
        let names = std::iter::once(about.to_owned()).chain(self.job.prefix.iter().map(|prefix| format!("{prefix}{about}")));
        for iri in names.filter_map(|name| NamedNode::new(name).ok()) {
            if let Some(listed) = store.index().record(&RecordKey::of(iri.as_ref()))? {
                return Ok(Some((listed, iri)));
            }
            for role in [edm::IS_SHOWN_BY, edm::HAS_VIEW, edm::OBJECT] {
                for quad in store.quads().quads_for_pattern(None, Some(role), Some(TermRef::NamedNode(iri.as_ref())), None) {
                    let GraphName::NamedNode(graph) = quad?.graph_name else { continue };
                    let key = store.base().local(graph.as_str()).and_then(|l| l.strip_prefix("graph/source/")).and_then(RecordKey::parse);
                    if let Some(listed) = key.map(|key| store.index().record(&key)).transpose()?.flatten() {
                        return Ok(Some((listed, iri)));
                    }
                }
            }
        }
        Ok(None)
    }

    fn report(self, stopped: bool) -> anyhow::Result<Report> {
        let run = self.begun.end()?;
        let Counts { tags, things, unchanged, linked, texts, stopped: listed, homographs, votes } = self.counts;
        let mut report = Report::default();
        report.line(format!(
            "{tags} tags of {} about {things} pictures or objects: {linked} claims name a concept, {texts} are kept as text ({listed} on the stop-list, {homographs} with several meanings); {unchanged} were imported before",
            self.job.agent
        ));
        if votes > 0 {
            report.line(format!("  {votes} votes"));
        }
        report.line("none of it is published before a person accepts it");
        if let Some(run) = &run {
            report.line(format!("run {}", run.as_str()));
            report.figure("run", run.as_str());
        }
        if stopped {
            report.line("stopped before the end: run the same command again, and it goes on with what is left");
        }
        let figures = [("tags", tags), ("things", things), ("unchanged", unchanged), ("linked", linked), ("texts", texts)];
        for (name, value) in figures.into_iter().chain([("on_stop_list", listed), ("homographs", homographs), ("votes", votes)]) {
            report.figure(name, value);
        }
        report.figure("bad", self.errors.count());
        report.figure("stopped", stopped);
        report.figure("version", self.house.store.version());
        self.errors.finish(&mut report, "lines that could not be taken as they are")?;
        Ok(report)
    }
}

/// The IRI of a concept that a file names by its IRI or by its AAT number.
pub(super) fn concept_iri(name: &str) -> Option<NamedNode> {
    let digits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    let iri = match name.strip_prefix("aat:") {
        Some(id) => format!("{AAT}{id}"),
        None if digits => format!("{AAT}{name}"),
        None => name.to_owned(),
    };
    NamedNode::new(iri).ok()
}

/// Lines whose ids are not believed.
pub(super) type Distrusted = HashSet<u64>;
