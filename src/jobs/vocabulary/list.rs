//! The vocabularies and mapping sets that are loaded, with who made them, when, how and under which licence.

use serde_json::{Value, json};

use crate::{
    jobs::{House, Report},
    vocab::{Release, Vocabularies},
};

pub(super) fn run(house: &House) -> anyhow::Result<Report> {
    let vocabularies = Vocabularies::new(&house.store)?;
    let mut report = Report::default();
    let (releases, sets) = (vocabularies.releases(), vocabularies.mapping_sets());
    if releases.is_empty() && sets.is_empty() {
        report.line("no vocabulary yet: `glossator load FILE` takes one in");
    }
    for (what, of_kind) in [("vocabulary releases", releases), ("mapping sets", sets)] {
        if !of_kind.is_empty() {
            report.line(format!("{what}: {}, the newest first", of_kind.len()));
        }
        for release in of_kind {
            report.lines.extend(lines(release));
        }
    }
    report.figure("vocabularies", releases.iter().map(told).collect::<Vec<_>>());
    report.figure("mapping_sets", sets.iter().map(told).collect::<Vec<_>>());
    report.figure("version", house.store.version());
    Ok(report)
}

fn lines(release: &Release) -> Vec<String> {
    let date = release.date.as_ref().map(|date| format!(" of {date}")).unwrap_or_default();
    let mut lines = vec![format!("  {}{date}: {} triples in <{}>", release.name(), release.triples, release.graph.as_str())];
    let said = [
        ("by", release.authors.join(", ")),
        ("method", release.methods.join(", ")),
        ("licence", release.licence.clone().unwrap_or_default()),
        ("from", release.source.clone().unwrap_or_default()),
    ];
    let said: Vec<String> = said.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name} {value}")).collect();
    if !said.is_empty() {
        lines.push(format!("    {}", said.join("; ")));
    }
    lines
}

fn told(release: &Release) -> Value {
    json!({
        "name": release.scheme,
        "release": release.release,
        "graph": release.graph.as_str(),
        "date": release.date,
        "authors": release.authors,
        "methods": release.methods,
        "licence": release.licence,
        "source": release.source,
        "sha256": release.checksum,
        "triples": release.triples,
    })
}
