//! Taking a vocabulary release or a mapping set back whole: its graph goes, a tombstone stays.

use anyhow::bail;
use oxigraph::model::{Literal, NamedNode, Term, Triple};

use crate::{
    jobs::{House, Listener, Report, load::relabel},
    rdf::ns::{dcterms, enr, prov, rdf, xsd},
    store::{Change, StoreError},
    vocab::{LabelIndex, Release, Vocabularies},
};

pub(super) fn run(house: &House, name: &str, release: Option<&str>, listener: Listener<'_>) -> anyhow::Result<Report> {
    let found = find(house, name, release)?;
    listener.progress.begin(&format!("retracting {}", found.name()), None);
    take_back(house, &found, listener)?;
    let relabelled = relabel(house)?;
    LabelIndex::open(&house.store)?;
    let (statements, concepts) = super::resting_on_obsolete(house, listener)?;
    let mut report = Report::default();
    report.line(format!("{} is taken back: {} triples of <{}> are gone", found.name(), found.triples, found.graph.as_str()));
    if statements > 0 {
        report.line(format!("  {statements} statements rest on {concepts} concepts that no vocabulary has any more, or has otherwise: `glossator vocabulary obsolete` lists them"));
    }
    report.figure("retracted", found.graph.as_str());
    report.figure("triples", found.triples);
    report.figure("relabelled", relabelled);
    report.figure("resting_on_obsolete", statements);
    report.figure("version", house.store.version());
    Ok(report)
}

/// Empties the graph in pieces, and says in the same step as the last of them that it was taken back.
pub(in crate::jobs) fn take_back(house: &House, found: &Release, listener: Listener<'_>) -> anyhow::Result<()> {
    let store = &house.store;
    let old = store.about(&found.graph)?.into_iter().filter(|q| q.graph_name == store.meta_graph().into()).collect();
    let mut change = Change { remove: old, ..Change::default() };
    let tombstones = store.base().tombstone_graph();
    let text = |text: &str| Term::from(Literal::new_simple_literal(text));
    let at = Literal::new_typed_literal(store.clock().now().to_string(), xsd::DATE_TIME);
    for (predicate, object) in [
        (rdf::TYPE, Term::from(enr::TOMBSTONE)),
        (dcterms::TITLE, text(&found.scheme)),
        (enr::RELEASE, text(&found.release)),
        (prov::INVALIDATED_AT_TIME, at.into()),
    ] {
        change.add(found.graph.clone(), predicate, object, tombstones.clone());
    }
    let nothing = std::iter::empty::<Result<Triple, StoreError>>();
    store.replace_graph(&found.graph, nothing, |_| change, listener.progress)?;
    Ok(())
}

/// The one release or mapping set that is meant.
fn find(house: &House, name: &str, release: Option<&str>) -> anyhow::Result<Release> {
    let vocabularies = Vocabularies::new(&house.store)?;
    let all = vocabularies.releases().iter().chain(vocabularies.mapping_sets());
    let meant =
        |r: &&Release| r.graph == NamedNode::new_unchecked(name) || (r.scheme == name && release.is_none_or(|wanted| wanted == r.release));
    let mut found: Vec<Release> = all.filter(meant).cloned().collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => bail!(
            "there is no vocabulary or mapping set `{name}{}`: `glossator vocabulary list` lists them",
            release.map(|r| format!(" {r}")).unwrap_or_default()
        ),
        _ => {
            let names: Vec<&str> = found.iter().map(|r| r.release.as_str()).collect();
            bail!("`{name}` has several releases: say which with --release ({})", names.join(", "))
        }
    }
}
