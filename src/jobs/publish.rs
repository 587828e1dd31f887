//! Publishing: every record's publication is derived by the policy, and what differs from what stands is put.

use std::collections::HashSet;

use oxigraph::model::{Literal, Quad, Triple};
use serde::{Deserialize, Serialize};

use super::{House, Listener, Report, walk::Walk};
use crate::{
    publication::{Policy, Publication, describe_policy, policy_in_force, publication_of},
    rdf::{
        RecordKey,
        ns::{enr, rdf},
    },
    store::{Change, Listed, tombstone},
};

/// How many records are looked at between two commits.
const PAGE: usize = 200;

/// Derive what is published.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Publish {
    /// The policy; by default the one in force, else the built-in one.
    pub policy: Option<Policy>,
}

pub(super) fn run(house: &House, job: &Publish, listener: Listener<'_>) -> anyhow::Result<Report> {
    let policy = match &job.policy {
        Some(policy) => policy.clone(),
        None => policy_in_force(&house.store)?.unwrap_or_default(),
    };
    policy.check().map_err(anyhow::Error::msg)?;
    super::measured::refuse_scores(house, &policy)?;
    let mut change = Change::default();
    describe_policy(&house.store, &policy, &mut change)?;
    house.store.commit(change)?;
    listener.progress.begin("publishing", Some(house.store.index().len()?));
    let (mut records, mut published, mut statements, mut changed, mut stopped) = (0_u64, 0_u64, 0_u64, 0_u64, false);
    for page in Walk::new(&house.store, None) {
        let page = page?;
        let mut change = Change::default();
        for listed in &page {
            let publication = publication_of(&house.store, listed, &policy)?;
            records += 1;
            published += u64::from(!publication.triples.is_empty());
            statements += publication.statements.len() as u64;
            changed += u64::from(put(house, listed, publication, &policy, &mut change)?);
        }
        house.store.commit(change)?;
        listener.progress.advance(page.len() as u64);
        if listener.progress.stopped() {
            stopped = true;
            break;
        }
    }
    let mut report = Report::default();
    report.line(format!(
        "policy `{}`: {statements} statements on {published} of {records} records; {changed} publications changed",
        policy.name
    ));
    if statements == 0 {
        report.line("nothing is sure enough for this policy, and nothing was accepted by a person");
    }
    report.figure("policy", policy.name.as_str());
    report.figure("records", records);
    report.figure("published", published);
    report.figure("statements", statements);
    report.figure("changed", changed);
    report.figure("stopped", stopped);
    report.figure("version", house.store.version());
    Ok(report)
}

/// Derives the publications of these records anew, by the policy in force. Nothing to do where nothing was ever published.
pub(super) fn publish_anew(house: &House, records: &[RecordKey]) -> anyhow::Result<u64> {
    let Some(policy) = policy_in_force(&house.store)? else { return Ok(0) };
    let mut changed = 0;
    for keys in records.chunks(PAGE) {
        let mut change = Change::default();
        for key in keys {
            let Some(listed) = house.store.index().record(key)? else { continue };
            let publication = publication_of(&house.store, &listed, &policy)?;
            changed += u64::from(put(house, &listed, publication, &policy, &mut change)?);
        }
        house.store.commit(change)?;
    }
    Ok(changed)
}

/// Adds to the change what makes this the record's publication, if it is not so already.
fn put(house: &House, listed: &Listed, publication: Publication, policy: &Policy, change: &mut Change) -> anyhow::Result<bool> {
    let standing: HashSet<Triple> = house.store.triples(&publication.graph)?.into_iter().collect();
    let derived: HashSet<Triple> = publication.triples.iter().cloned().collect();
    if standing == derived {
        return Ok(false);
    }
    let (meta, graph) = (house.store.meta_graph(), publication.graph.clone());
    for quad in house.store.about(&graph)? {
        change.remove.push(quad);
    }
    if derived.is_empty() {
        // Harvesters hear for good that there was something.
        change.add.extend(tombstone(&house.store, &graph, &listed.key, []));
        change.drop.push(graph);
    } else {
        let by = house.store.base().policy(&policy.name, &policy.digest());
        let about = [
            Quad::new(graph.clone(), rdf::TYPE, enr::PUBLISHED_GRAPH, meta.clone()),
            Quad::new(graph.clone(), enr::RECORD, Literal::new_simple_literal(listed.key.as_str()), meta.clone()),
            Quad::new(graph.clone(), crate::rdf::ns::prov::WAS_DERIVED_FROM, by, meta),
        ];
        change.remove.retain(|q| !about.contains(q));
        change.add.extend(about);
        change.put.push((graph, publication.triples));
    }
    change.touched.push(listed.key.clone());
    Ok(true)
}
