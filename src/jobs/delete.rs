//! Deleting records: what the provider said goes, and what we said about it; that they were stays, so that harvesters hear of it.

use anyhow::bail;
use oxigraph::model::{GraphName, Literal, NamedNode, Term};
use serde::{Deserialize, Serialize};

use super::{House, Listener, Report, retract::retract_graph};
use crate::{
    enrichment::enrichments_of,
    rdf::{
        RecordKey,
        ns::{edm, enr, xsd},
    },
    store::{Change, Listed, Listing, tombstone},
};

/// How many records go in one transaction.
const BATCH: usize = 100;

/// Which records to delete.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Delete {
    /// The IRIs of their CHOs, or their keys.
    pub records: Vec<String>,
    /// All those of this data set.
    pub data_set: Option<String>,
}

pub(super) fn run(house: &House, job: &Delete, listener: Listener<'_>) -> anyhow::Result<Report> {
    let store = &house.store;
    let mut records = Vec::new();
    for name in &job.records {
        let key = RecordKey::parse(name).or_else(|| NamedNode::new(name).ok().map(|cho| RecordKey::of(cho.as_ref())));
        let Some(listed) = key.map(|key| store.index().record(&key)).transpose()?.flatten() else {
            bail!("there is no record <{name}>: give the IRI of its CHO, or its key");
        };
        records.push(listed);
    }
    if let Some(name) = &job.data_set {
        let set = store.base().data_set(name);
        let of_set = store.index().page(Listing::DataSet(set.as_str()), None, usize::MAX)?;
        if of_set.is_empty() {
            bail!("the data set `{name}` has no record");
        }
        records.extend(of_set);
    }
    records.sort_by(|a, b| a.key.cmp(&b.key));
    records.dedup_by(|a, b| a.key == b.key);
    listener.progress.begin("deleting", Some(records.len() as u64));
    let at = Literal::new_typed_literal(store.clock().now().to_string(), xsd::DATE_TIME);
    let (mut deleted, mut stopped) = (0, false);
    for batch in records.chunks(BATCH) {
        let mut change = Change::default();
        for listed in batch {
            bury(house, listed, &at, &mut change)?;
        }
        store.commit(change)?;
        deleted += batch.len();
        listener.progress.advance(batch.len() as u64);
        if listener.progress.stopped() {
            stopped = true;
            break;
        }
    }
    let mut report = Report::default();
    report.line(format!("{deleted} records are deleted; harvesters are told for good"));
    report.figure("deleted", deleted);
    report.figure("stopped", stopped);
    report.figure("version", store.version());
    Ok(report)
}

/// Adds to a change what deletes one record.
pub(super) fn bury(house: &House, listed: &Listed, at: &Literal, change: &mut Change) -> anyhow::Result<()> {
    let store = &house.store;
    let (base, key, meta) = (store.base(), &listed.key, GraphName::from(store.meta_graph()));
    for facts in enrichments_of(store, key)? {
        let run = facts.run.unwrap_or_else(|| base.store());
        retract_graph(house, &facts.graph, &run, at, change)?;
    }
    let (source, published) = (base.source_graph(key), base.published_graph(key));
    if listed.published {
        change.add.extend(tombstone(store, &published, key, []));
    }
    let text = |value: &str| Term::from(Literal::new_simple_literal(value));
    let sets = [(enr::DATA_SET, NamedNode::new_unchecked(&listed.data_set).into()), (edm::DATA_PROVIDER, text(&listed.provider))];
    change.add.extend(tombstone(store, &source, key, sets));
    for graph in [&source, &published] {
        change.remove.extend(store.about(graph)?.into_iter().filter(|q| q.graph_name == meta));
    }
    change.drop.extend([source, base.statements_graph(key), published]);
    change.touched.push(key.clone());
    Ok(())
}
