//! The sources that were harvested, and how far.

use oxigraph::model::{GraphNameRef, NamedOrBlankNode, TermRef};
use serde_json::{Value, json};

use crate::{
    jobs::{House, Report},
    rdf::{
        ns::{dcterms, enr, rdf},
        text_of,
    },
};

pub(super) fn run(house: &House) -> anyhow::Result<Report> {
    let store = &house.store;
    let meta = store.meta_graph();
    let graph = || Some(GraphNameRef::from(meta.as_ref()));
    let (mut report, mut rows) = (Report::default(), Vec::new());
    for quad in store.quads().quads_for_pattern(None, Some(rdf::TYPE), Some(TermRef::from(enr::SOURCE)), graph()) {
        let NamedOrBlankNode::NamedNode(source) = quad?.subject else { continue };
        let text = |predicate| -> anyhow::Result<String> { Ok(store.object(&source, predicate, &meta)?.map(text_of).unwrap_or_default()) };
        let state: Value = serde_json::from_str(&text(enr::HARVEST_STATE)?).unwrap_or_default();
        let held = store.quads().quads_for_pattern(None, Some(enr::HARVESTED_FROM), Some(TermRef::from(&source)), graph()).count();
        let until = state["harvested_until"].as_str().unwrap_or_default();
        let under_way = !state["under_way"].is_null();
        let title = text(dcterms::TITLE)?;
        let stands = match (until, under_way) {
            ("", true) => "under way".to_owned(),
            ("", false) => "never to its end".to_owned(),
            (until, true) => format!("until {until}, and under way"),
            (until, false) => format!("until {until}"),
        };
        report.line(format!("{title}: {held} records, {stands}"));
        rows.push(json!({ "source": source.as_str(), "title": title, "records": held, "harvested_until": until, "under_way": under_way }));
    }
    if rows.is_empty() {
        report.line("nothing was harvested yet");
    }
    report.figure("sources", rows);
    Ok(report)
}
