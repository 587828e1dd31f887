//! Concepts that records name and no loaded vocabulary has: listed, or fetched from the hosts that an operator allows.

use std::collections::BTreeMap;

use oxigraph::model::{Literal, NamedNode, TermRef};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{
    House, Listener, Report,
    error_lines::{ErrorLine, ErrorLines},
    query::ToOutlet,
    walk::Walk,
};
use crate::{
    net::{Client, NetError, Reply, Request},
    rdf::{
        mint::short_key,
        ns::{dc, dcterms, edm, foaf, prov, rdf, xsd},
    },
    records::RecordView,
    store::{Change, Listed, Reader, Stretches},
    vocab::{self, Dereferenced, RDF_FORMS, Vocabularies},
};

/// How many concepts of a host are kept in one go.
const KEPT_AT_ONCE: usize = 500;
/// How many are shown in the report.
const SHOWN: usize = 20;
/// The largest document that is taken for one concept, in bytes.
const MOST_BYTES: u64 = 4 << 20;

/// List the concepts that are named and not held, or fetch them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Dereference {
    /// Whether they are fetched.
    pub fetch: bool,
    /// Only those that records of this data set name.
    pub data_set: Option<String>,
    /// At most so many, those that most records name first.
    pub limit: Option<u64>,
    /// Whether all of them are put out as CSV.
    pub csv: bool,
    /// Whether addresses in private networks may be asked.
    pub allow_private: bool,
}

/// A concept that is not held.
struct Missing {
    iri: String,
    records: u64,
    host: String,
    /// Whether the operator lets us ask there.
    allowed: bool,
    /// What became of it.
    outcome: &'static str,
}

pub(super) fn run(house: &House, job: &Dereference, listener: Listener<'_>) -> anyhow::Result<Report> {
    let mut missing = missing(house, job, listener)?;
    let found = missing.len();
    if let Some(limit) = job.limit {
        missing.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    let mut report = Report::default();
    let mut errors = ErrorLines::of(house, "dereference");
    if job.fetch {
        fetch(house, job, &mut missing, listener, &mut errors, &mut report)?;
    }
    tell(house, job, &missing, found, &mut report);
    if job.csv {
        put_out(&missing, listener)?;
    }
    errors.finish(&mut report, "not fetched")?;
    report.figure("version", house.store.version());
    Ok(report)
}

/// The concepts that records name and no vocabulary has, those that most records name first.
fn missing(house: &House, job: &Dereference, listener: Listener<'_>) -> anyhow::Result<Vec<Missing>> {
    let store = &house.store;
    let vocabularies = Vocabularies::new(store)?;
    listener.progress.begin("looking for concepts", Some(store.index().len()?));
    // `None` for those that are held.
    let mut named: BTreeMap<String, Option<u64>> = BTreeMap::new();
    let mut stretches = Stretches::new(store)?;
    for page in Walk::new(store, job.data_set.as_deref()) {
        for listed in &page? {
            for iri in concepts(stretches.reader()?, listed)? {
                if !named.contains_key(&iri) {
                    let held = vocabularies.is_known(&iri)?;
                    named.insert(iri.clone(), (!held).then_some(0));
                }
                if let Some(Some(records)) = named.get_mut(&iri) {
                    *records += 1;
                }
            }
            listener.progress.advance(1);
        }
        if listener.progress.stopped() {
            break;
        }
    }
    let hosts = &house.settings.dereference.hosts;
    let mut missing: Vec<Missing> = named
        .into_iter()
        .filter_map(|(iri, records)| {
            let host = Url::parse(&iri).ok()?.host_str()?.to_owned();
            let allowed = hosts.iter().any(|h| h.eq_ignore_ascii_case(&host));
            Some(Missing { iri, records: records?, host, allowed, outcome: "" })
        })
        .collect();
    missing.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.iri.cmp(&b.iri)));
    Ok(missing)
}

/// The IRIs that a record gives where concepts belong, each once.
fn concepts(store: &Reader, listed: &Listed) -> anyhow::Result<Vec<String>> {
    let triples = store.triples(&store.base().source_graph(&listed.key))?;
    let cho = NamedNode::new_unchecked(&listed.cho);
    let view = RecordView::new(cho.as_ref(), &triples);
    let mut found: Vec<String> = [dc::TYPE, dc::SUBJECT, dc::FORMAT, dcterms::MEDIUM, edm::HAS_TYPE]
        .into_iter()
        .flat_map(|property| view.said(property))
        .filter_map(|value| if let TermRef::NamedNode(iri) = value { Some(iri.as_str().to_owned()) } else { None })
        .filter(|iri| store.base().local(iri).is_none() && (iri.starts_with("http://") || iri.starts_with("https://")))
        .collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn fetch(
    house: &House,
    job: &Dereference,
    missing: &mut [Missing],
    listener: Listener<'_>,
    errors: &mut ErrorLines,
    report: &mut Report,
) -> anyhow::Result<()> {
    let client = house.client(job.allow_private)?;
    let wanted = missing.iter().filter(|m| m.allowed).count();
    listener.progress.begin("fetching concepts", Some(wanted as u64));
    let run = begin_run(house)?;
    let mut fetched: BTreeMap<String, Vec<Dereferenced>> = BTreeMap::new();
    let mut kept = 0_u64;
    for one in missing.iter_mut() {
        if listener.progress.stopped() {
            report.line("stopped before the end: run the same command again, and it goes on with what is left");
            break;
        }
        if !one.allowed {
            one.outcome = "its host is not among dereference.hosts";
            continue;
        }
        listener.progress.advance(1);
        match concept(house, &client, &one.iri) {
            Ok(found) => {
                one.outcome = "fetched";
                kept += 1;
                let of_host = fetched.entry(one.host.clone()).or_default();
                of_host.push(found);
                if of_host.len() >= KEPT_AT_ONCE {
                    vocab::keep(&house.store, &one.host, &std::mem::take(of_host), &run, listener.progress)?;
                }
            }
            Err(reason) => {
                one.outcome = "not fetched";
                errors.add(ErrorLine { what: one.iri.clone(), line: None, reason })?;
            }
        }
    }
    for (host, concepts) in fetched.into_iter().filter(|(_, concepts)| !concepts.is_empty()) {
        let graph = vocab::keep(&house.store, &host, &concepts, &run, listener.progress)?;
        report.line(format!("concepts of {host} stand in <{}>", graph.as_str()));
    }
    if kept > 0 {
        end_run(house, &run)?;
        report.figure("run", run.as_str());
    }
    report.figure("fetched", kept);
    Ok(())
}

/// What stands behind a concept's IRI.
fn concept(house: &House, client: &Client, iri: &str) -> Result<Dereferenced, String> {
    let request = Request { accept: Some(RDF_FORMS), max_bytes: Some(MOST_BYTES), ..Request::found_in_data(iri) };
    let reply: Result<Reply, NetError> = house.waiting.block_on(client.send(&request));
    match reply.map_err(|e| e.to_string())? {
        Reply::Fetched(found) => Dereferenced::read(iri, &found.bytes, &found.media_type, &found.final_url),
        Reply::Unchanged => Err("the host says that it did not change, and we do not have it".to_owned()),
    }
}

/// The activity that fetches: time stands on it alone.
fn begin_run(house: &House) -> anyhow::Result<NamedNode> {
    let (store, meta) = (&house.store, house.store.meta_graph());
    let started = store.clock().now().to_string();
    let run = store.base().run(&short_key(["dereference", &started, &store.version().to_string()]));
    let agent = store.base().tagger("glossator", env!("CARGO_PKG_VERSION"));
    let mut change = Change::default();
    change.add(run.clone(), rdf::TYPE, prov::ACTIVITY, meta.clone());
    change.add(run.clone(), prov::WAS_ASSOCIATED_WITH, agent.clone(), meta.clone());
    change.add(run.clone(), prov::STARTED_AT_TIME, Literal::new_typed_literal(started, xsd::DATE_TIME), meta.clone());
    change.add(agent.clone(), rdf::TYPE, prov::SOFTWARE_AGENT, meta.clone());
    change.add(agent, foaf::NAME, Literal::new_simple_literal("Glossator"), meta);
    store.commit(change)?;
    Ok(run)
}

fn end_run(house: &House, run: &NamedNode) -> anyhow::Result<()> {
    let mut change = Change::default();
    let ended = Literal::new_typed_literal(house.store.clock().now().to_string(), xsd::DATE_TIME);
    change.add(run.clone(), prov::ENDED_AT_TIME, ended, house.store.meta_graph());
    house.store.commit(change)?;
    Ok(())
}

fn tell(house: &House, job: &Dereference, missing: &[Missing], found: usize, report: &mut Report) {
    if found == 0 {
        report.line("every concept that the records name is in a loaded vocabulary");
    } else {
        report.line(format!("{found} concepts are named by records and are in none of the loaded vocabularies"));
    }
    let mut hosts: BTreeMap<&str, (u64, u64, bool)> = BTreeMap::new();
    for one in missing {
        let (concepts, records, allowed) = hosts.entry(&one.host).or_default();
        *concepts += 1;
        *records += one.records;
        *allowed = one.allowed;
    }
    for (host, (concepts, records, allowed)) in &hosts {
        let may = if *allowed { "" } else { " (not among dereference.hosts)" };
        report.line(format!("  {host}: {concepts} concepts, named {records} times{may}"));
    }
    for one in missing.iter().take(SHOWN) {
        let outcome = if one.outcome.is_empty() { String::new() } else { format!(": {}", one.outcome) };
        report.line(format!("  <{}> in {} records{outcome}", one.iri, one.records));
    }
    if missing.len() > SHOWN {
        report.line(format!("  … and {} more; --csv FILE writes them all", missing.len() - SHOWN));
    }
    if !job.fetch && missing.iter().any(|m| m.allowed) {
        report.line("--fetch gets those of the hosts that you allow; a whole release, loaded, is better where there is one");
    }
    report.figure("missing", found);
    let hosts: Vec<_> = hosts
        .iter()
        .map(|(host, (concepts, records, allowed))| json!({ "host": host, "concepts": concepts, "named": records, "allowed": allowed }))
        .collect();
    report.figure("hosts", hosts);
    report.figure("allowed_hosts", house.settings.dereference.hosts.clone());
}

fn put_out(missing: &[Missing], listener: Listener<'_>) -> anyhow::Result<()> {
    let mut table = csv::Writer::from_writer(ToOutlet { outlet: listener.outlet, buffer: Vec::new() });
    table.write_record(["concept", "records", "host", "allowed", "outcome"])?;
    for one in missing {
        table.write_record([&one.iri, &one.records.to_string(), &one.host, &one.allowed.to_string(), one.outcome])?;
    }
    table.flush()?;
    Ok(())
}
