//! The runs that the store knows of.

use oxigraph::model::{GraphNameRef, NamedNode, NamedOrBlankNode, TermRef};
use serde_json::json;

use super::{House, Report};
use crate::rdf::{
    ns::{enr, mls, prov, rdf},
    text_of,
};

pub(super) fn run(house: &House) -> anyhow::Result<Report> {
    let store = &house.store;
    let meta = store.meta_graph();
    let text = |run: &NamedNode, predicate| -> anyhow::Result<String> {
        Ok(store.object(run, predicate, &meta)?.map(text_of).unwrap_or_default())
    };
    let mut rows = Vec::new();
    for run in all(house)? {
        let graphs = store.subjects(prov::WAS_GENERATED_BY, &run, &meta)?.len();
        rows.push(json!({
            "run": run.as_str(),
            "started": text(&run, prov::STARTED_AT_TIME)?,
            "ended": text(&run, prov::ENDED_AT_TIME)?,
            "agent": text(&run, prov::WAS_ASSOCIATED_WITH)?,
            "provider": text(&run, enr::PROVIDER)?,
            "enrichments": graphs,
            "retracted": text(&run, prov::INVALIDATED_AT_TIME)?,
        }));
    }
    rows.sort_by(|a, b| a["started"].as_str().cmp(&b["started"].as_str()));
    let mut report = Report::default();
    if rows.is_empty() {
        report.line("no run yet: `glossator tag` makes one");
    }
    for row in &rows {
        let state = match (row["retracted"].as_str(), row["ended"].as_str()) {
            (Some(at), _) if !at.is_empty() => format!("retracted {at}"),
            (_, Some(at)) if !at.is_empty() => format!("ended {at}"),
            _ => "did not end".to_owned(),
        };
        report.line(format!(
            "{}  started {}, {state}, {} enrichments, by {}",
            row["run"].as_str().unwrap_or_default(),
            row["started"].as_str().unwrap_or_default(),
            row["enrichments"],
            row["agent"].as_str().unwrap_or_default()
        ));
    }
    report.figure("runs", rows);
    Ok(report)
}

/// The run with this IRI, or with this last part of its IRI.
pub(super) fn find(house: &House, name: &str) -> anyhow::Result<Option<NamedNode>> {
    Ok(all(house)?.into_iter().find(|run| run.as_str() == name || run.as_str().rsplit('/').next() == Some(name)))
}

fn all(house: &House) -> anyhow::Result<Vec<NamedNode>> {
    let meta = house.store.meta_graph();
    let mut runs = Vec::new();
    let quads = house.store.quads().quads_for_pattern(
        None,
        Some(rdf::TYPE),
        Some(TermRef::from(mls::RUN)),
        Some(GraphNameRef::from(meta.as_ref())),
    );
    for quad in quads {
        if let NamedOrBlankNode::NamedNode(run) = quad?.subject {
            runs.push(run);
        }
    }
    Ok(runs)
}
