//! Taking a run back whole: its graphs go, tombstones stay, and what was published of it is derived anew.

use anyhow::bail;
use oxigraph::model::{Literal, NamedNode, NamedOrBlankNode, Quad, Term};

use super::{House, Listener, Report, publish::publish_anew, runs};
use crate::{
    enrichment::annotations_of,
    rdf::{
        RecordKey,
        ns::{dcterms, enr, prov, rdf, xsd},
    },
    store::Change,
};

/// How many graphs go in one transaction.
const BATCH: usize = 100;

pub(super) fn run(house: &House, name: &str, listener: Listener<'_>) -> anyhow::Result<Report> {
    let store = &house.store;
    let Some(run) = runs::find(house, name)? else {
        bail!("there is no run `{name}`: `glossator runs` lists them");
    };
    let meta = store.meta_graph();
    let graphs = store.subjects(prov::WAS_GENERATED_BY, &run, &meta)?;
    listener.progress.begin("retracting", Some(graphs.len() as u64));
    let at = Literal::new_typed_literal(store.clock().now().to_string(), xsd::DATE_TIME);
    let (mut annotations, mut dropped) = (0, 0);
    let mut records: Vec<RecordKey> = Vec::new();
    for batch in graphs.chunks(BATCH) {
        let mut change = Change::default();
        for graph in batch {
            let NamedOrBlankNode::NamedNode(graph) = graph else { continue };
            dropped += 1;
            annotations += retract_graph(house, graph, &run, &at, &mut change)?;
        }
        // Graphs that waited behind a retracted one stand for themselves again.
        records.extend(change.touched.iter().cloned());
        store.commit(change)?;
        listener.progress.advance(batch.len() as u64);
    }
    if dropped > 0 {
        let mut change = Change::default();
        change.add(run.clone(), prov::INVALIDATED_AT_TIME, at, meta);
        store.commit(change)?;
    }
    let republished = publish_anew(house, &records)?;
    let mut report = Report::default();
    report.line(format!("{dropped} enrichments with {annotations} annotations are taken back; {republished} publications changed"));
    report.figure("run", run.as_str());
    report.figure("enrichments", dropped);
    report.figure("annotations", annotations);
    report.figure("republished", republished);
    report.figure("version", store.version());
    Ok(report)
}

/// Adds to a change what takes one enrichment back; says how many annotations it had.
pub(super) fn retract_graph(house: &House, graph: &NamedNode, run: &NamedNode, at: &Literal, change: &mut Change) -> anyhow::Result<u64> {
    let store = &house.store;
    let (meta, tombstones) = (store.meta_graph(), store.base().tombstone_graph());
    let found = annotations_of(store, graph)?;
    for annotation in &found {
        for (predicate, object) in [
            (rdf::TYPE, Term::from(enr::TOMBSTONE)),
            (prov::WAS_GENERATED_BY, run.clone().into()),
            (prov::INVALIDATED_AT_TIME, at.clone().into()),
            (enr::CONCEPT, annotation.concept.clone().into()),
        ] {
            change.add(annotation.iri.clone(), predicate, object, tombstones.clone());
        }
    }
    // The graph's own name answers too, even where the tagger had said nothing in it.
    for (predicate, object) in [
        (rdf::TYPE, Term::from(enr::TOMBSTONE)),
        (prov::WAS_GENERATED_BY, run.clone().into()),
        (prov::INVALIDATED_AT_TIME, at.clone().into()),
    ] {
        change.add(graph.clone(), predicate, object, tombstones.clone());
    }
    for quad in store.about(graph)? {
        if let (true, Term::Literal(key)) = (quad.predicate == enr::RECORD, &quad.object)
            && let Some(key) = RecordKey::parse(key.value())
        {
            // The record stays among those of the run: its harvesters are told.
            change.add(graph.clone(), enr::RECORD, Literal::new_simple_literal(key.as_str()), tombstones.clone());
            change.touched.push(key);
        }
        change.remove.push(quad);
    }
    for replaced in store.subjects(dcterms::IS_REPLACED_BY, graph, &meta)? {
        change.remove.push(Quad::new(replaced, dcterms::IS_REPLACED_BY, graph.clone(), meta.clone()));
    }
    change.drop.push(graph.clone());
    Ok(found.len() as u64)
}
