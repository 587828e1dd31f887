//! Linking: what the records say in words becomes annotations, beside those of their pictures.

use std::{collections::BTreeMap, time::Instant};

use anyhow::bail;
use oxigraph::model::{NamedNode, NamedOrBlankNodeRef, TermRef, Triple};
use serde::{Deserialize, Serialize};

use super::{House, Listener, Report, begin::Begun, walk::Walk};
use crate::{
    enrichment::{TaggerCard, TextWork, describe_links},
    linking::{Link as Linked, Linker, Method, Said, said_by},
    rdf::{iri::spellings, mint::digest, ns::enr, text_of},
    records::RecordView,
    store::{Change, Listed, Reader, Stretches},
    vocab::Vocabularies,
};

/// The linker's name among the agents, and its version: another way of linking is another version.
const ID: &str = "glossator-text-linker";
const VERSION: &str = "1";

/// Link what records say.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Link {
    /// Only records of this data set.
    pub data_set: Option<String>,
    /// At most so many records.
    pub limit: Option<u64>,
    /// The language of texts without a tag, where the record does not tell it; as set by default.
    pub language: Option<String>,
}

#[derive(Debug, Default)]
struct Counts {
    records: u64,
    linked: u64,
    unchanged: u64,
    texts: u64,
    sure: u64,
    suggestions: u64,
    stated: u64,
    by_method: BTreeMap<&'static str, u64>,
}

struct Linking<'l> {
    house: &'l House,
    linker: Linker<'l>,
    begun: Begun<'l>,
    properties: Vec<NamedNode>,
    untagged: String,
    counts: Counts,
}

pub(super) fn run(house: &House, job: &Link, listener: Listener<'_>) -> anyhow::Result<Report> {
    let mut settings = house.settings.linking.clone();
    if let Some(language) = &job.language {
        settings.untagged.clone_from(language);
    }
    let properties = settings.properties()?;
    for (_, property) in &properties {
        house.settings.enrichment.property(&property.facet)?;
    }
    let properties: Vec<NamedNode> = properties.into_iter().map(|(property, _)| property).collect();
    listener.progress.begin("reading labels", None);
    let linker = Linker::new(&house.store, &settings)?;
    let vocabularies = vocabularies(house, &linker)?;
    if vocabularies.is_empty() {
        bail!("no vocabulary is loaded: `glossator load` one, so that words can be linked to its concepts");
    }
    let card = card(&linker, &settings);
    let mut linking = Linking {
        house,
        linker,
        begun: Begun::new(house, card, vocabularies, "cpu"),
        properties,
        untagged: settings.untagged,
        counts: Counts::default(),
    };
    let begun = Instant::now();
    listener.progress.begin("linking words", Some(house.store.index().len()?));
    let mut stretches = Stretches::new(&house.store)?;
    let mut stopped = false;
    for page in Walk::new(&house.store, job.data_set.as_deref()) {
        let mut page = page?;
        if let Some(limit) = job.limit {
            page.truncate(usize::try_from(limit - linking.counts.records).unwrap_or(usize::MAX));
        }
        let mut change = Change::default();
        for listed in &page {
            linking.record(listed, stretches.reader()?, &mut change)?;
        }
        house.store.commit(change)?;
        listener.progress.advance(page.len() as u64);
        stopped = listener.progress.stopped();
        if stopped || job.limit == Some(linking.counts.records) {
            break;
        }
    }
    linking.report(begun, stopped)
}

/// Every release whose labels are searched, with the checksum of its content.
pub(super) fn vocabularies(house: &House, linker: &Linker<'_>) -> anyhow::Result<Vec<(NamedNode, String)>> {
    let releases = Vocabularies::new(&house.store)?;
    let searched: Vec<&str> = linker.graphs().collect();
    let used = releases.releases().iter().filter(|r| searched.contains(&r.graph.as_str()));
    let mut used: Vec<(NamedNode, String)> = used.map(|r| (r.graph.clone(), r.checksum.clone())).collect();
    used.sort_unstable_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    Ok(used)
}

fn card(linker: &Linker<'_>, settings: &crate::linking::Settings) -> TaggerCard {
    let measured = settings.properties.values().filter(|p| p.sure);
    let mut calibrated_on: Vec<(String, String)> = measured.map(|p| (p.facet.clone(), settings.calibrated_on.clone())).collect();
    calibrated_on.sort();
    calibrated_on.dedup();
    TaggerCard {
        id: ID.to_owned(),
        version: VERSION.to_owned(),
        title: "Glossator’s text linker".to_owned(),
        status: settings.status.clone(),
        licence: "Apache-2.0".to_owned(),
        model_checksum: linker.vectors().checksum().to_owned(),
        settings_digest: digest([settings.digest()]),
        calibrated_on,
    }
}

impl Linking<'_> {
    fn record(&mut self, listed: &Listed, store: &Reader, change: &mut Change) -> anyhow::Result<()> {
        self.counts.records += 1;
        let source = store.base().source_graph(&listed.key);
        let record_digest = store.object(&source, enr::CANONICAL_DIGEST, &store.meta_graph())?.map(text_of).unwrap_or_default();
        let cho = NamedNode::new_unchecked(&listed.cho);
        let work = TextWork { record: listed.key.clone(), cho: cho.clone(), record_digest, vocabularies: self.begun.vocabularies.clone() };
        let key = work.key(&self.begun.card);
        let graph = store.base().enrichment_graph(&key);
        if Begun::is_done(store, &graph)? {
            self.counts.unchanged += 1;
            return Ok(());
        }
        let triples = store.triples(&source)?;
        let links = self.links(&cho, &triples)?;
        let run = self.begun.run(&key, change)?;
        let enrichment = describe_links(store.base(), &work, &self.begun.card, &links, &run, &self.house.settings.enrichment)?;
        self.begun.replace_earlier(store, &listed.key, &graph, |_| Ok(true), change)?;
        self.count(&links);
        if !enrichment.triples.is_empty() {
            change.put.push((enrichment.graph, enrichment.triples));
        }
        change.add.extend(enrichment.about);
        change.touched.push(listed.key.clone());
        Ok(())
    }

    /// What the record's texts name, each concept once for a facet, the surest first; what the provider states by its IRI is left out.
    fn links(&mut self, cho: &NamedNode, triples: &[Triple]) -> anyhow::Result<Vec<(Said, Linked)>> {
        let mut all: Vec<(Said, Linked)> = Vec::new();
        let stated = stated(cho, triples);
        for said in said_by(cho.as_ref(), triples, &self.properties, &self.untagged) {
            self.counts.texts += 1;
            for link in self.linker.link(&said)? {
                if stated.iter().any(|iri| spellings(iri).iter().any(|s| s == link.concept.as_str())) {
                    self.counts.stated += 1;
                } else {
                    all.push((said.clone(), link));
                }
            }
        }
        // What is equal keeps the linker's order, which knows the expected branch and the words' meaning.
        all.sort_by_cached_key(|(_, link)| (link.facet.clone(), link.confidence.is_none(), link.method, -(link.score * 1e6) as i64));
        let mut seen: Vec<(String, NamedNode)> = Vec::new();
        all.retain(|(_, link)| {
            let key = (link.facet.clone(), link.concept.clone());
            let new = !seen.contains(&key);
            seen.push(key);
            new
        });
        Ok(all)
    }

    fn count(&mut self, links: &[(Said, Linked)]) {
        self.counts.linked += u64::from(!links.is_empty());
        for (_, link) in links {
            if link.confidence.is_some() {
                self.counts.sure += 1;
            } else {
                self.counts.suggestions += 1;
            }
            *self.counts.by_method.entry(link.method.as_str()).or_default() += 1;
        }
    }

    fn report(self, begun: Instant, stopped: bool) -> anyhow::Result<Report> {
        let run = self.begun.end()?;
        let Counts { records, linked, unchanged, texts, sure, suggestions, stated, by_method } = self.counts;
        let seconds = begun.elapsed().as_secs_f64();
        let mut report = Report::default();
        report.line(format!(
            "{records} records with {texts} texts read by {ID} {VERSION}: {linked} records linked, {sure} sure links, {suggestions} suggestions; {unchanged} were done before"
        ));
        let methods: Vec<String> = by_method.iter().map(|(method, count)| format!("{count} by {method}")).collect();
        if !methods.is_empty() {
            report.line(format!("  {}; {stated} left out because the provider states them", methods.join(", ")));
        }
        report.line(format!("{seconds:.1} s, {:.0} records a second", records as f64 / seconds.max(1e-3)));
        if let Some(run) = &run {
            report.line(format!("run {}", run.as_str()));
            report.figure("run", run.as_str());
        }
        if stopped {
            report.line("stopped before the end: run the same command again, and it goes on with what is left");
        }
        let figures = [("records", records), ("linked", linked), ("unchanged", unchanged), ("texts", texts), ("sure", sure)];
        for (name, value) in
            figures.into_iter().chain([("suggestions", suggestions), ("stated", stated), ("version", self.house.store.version())])
        {
            report.figure(name, value);
        }
        for method in [Method::Label, Method::Homograph, Method::Words, Method::Likeness] {
            report.figure(&format!("by_{}", method.as_str()), by_method.get(method.as_str()).copied().unwrap_or(0));
        }
        report.figure("seconds", seconds);
        report.figure("stopped", stopped);
        Ok(report)
    }
}

/// The IRIs that the provider states of the CHO, by any property.
fn stated(cho: &NamedNode, triples: &[Triple]) -> Vec<String> {
    let view = RecordView::new(cho.as_ref(), triples);
    let subjects: Vec<NamedOrBlankNodeRef<'_>> =
        std::iter::once(NamedOrBlankNodeRef::from(cho.as_ref())).chain(view.proxies().iter().copied()).collect();
    let objects = triples.iter().filter(|t| subjects.contains(&t.subject.as_ref())).map(|t| t.object.as_ref());
    objects.filter_map(|o| if let TermRef::NamedNode(node) = o { Some(node.as_str().to_owned()) } else { None }).collect()
}
