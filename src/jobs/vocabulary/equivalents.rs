//! What is the same as a concept, and which mapping set or release says so.

use anyhow::bail;
use oxigraph::model::NamedNode;
use serde_json::{Value, json};

use crate::{
    jobs::{House, Report},
    rdf::ns::short,
    vocab::{Alignment, Equivalent, Vocabularies},
};

pub(super) fn run(house: &House, concept: &str) -> anyhow::Result<Report> {
    let Ok(iri) = NamedNode::new(concept.trim()) else {
        bail!("`{concept}` is no IRI: name the concept by its whole IRI, as in http://vocab.getty.edu/aat/300041620");
    };
    let vocabularies = Vocabularies::new(&house.store)?;
    let mut report = Report::default();
    let label = vocabularies.last_label(iri.as_ref())?;
    let found = vocabularies.equivalents_told(iri.as_str())?;
    // What is only near is told too: it is no equivalent, and nobody should have to ask twice.
    let near: Vec<Alignment> = vocabularies
        .alignments(iri.as_str())?
        .into_iter()
        .filter(|a| !found.iter().any(|e| e.steps.len() == 1 && e.steps.first() == Some(a)))
        .filter(|a| !found.iter().any(|e| e.iri == *a.other()))
        .collect();
    if found.is_empty() && near.is_empty() {
        report.line(format!(
            "nothing is said to be the same as <{}> {label}, in {} releases and {} mapping sets",
            iri.as_str(),
            vocabularies.releases().len(),
            vocabularies.mapping_sets().len()
        ));
    } else {
        report.line(format!("<{}> {label}", iri.as_str()));
    }
    for equivalent in &found {
        report.lines.extend(lines(&vocabularies, equivalent)?);
    }
    for alignment in &near {
        report.line(format!("  near: {}", step(&vocabularies, alignment)?));
    }
    let mut rows = Vec::new();
    for equivalent in &found {
        let steps = equivalent.steps.iter().map(|a| told(&vocabularies, a)).collect::<Result<Vec<_>, _>>()?;
        rows.push(
            json!({ "concept": equivalent.iri.as_str(), "label": vocabularies.last_label(equivalent.iri.as_ref())?, "steps": steps }),
        );
    }
    let near = near.iter().map(|a| told(&vocabularies, a)).collect::<Result<Vec<_>, _>>()?;
    report.figure("concept", iri.as_str());
    report.figure("equivalents", rows);
    report.figure("near", near);
    Ok(report)
}

fn lines(vocabularies: &Vocabularies<'_>, equivalent: &Equivalent) -> anyhow::Result<Vec<String>> {
    let label = vocabularies.last_label(equivalent.iri.as_ref())?;
    let mut lines = vec![format!("  = <{}> {label}", equivalent.iri.as_str()).trim_end().to_owned()];
    if equivalent.steps.is_empty() {
        lines.push("      another spelling of it".to_owned());
    }
    for alignment in &equivalent.steps {
        lines.push(format!("      {}", step(vocabularies, alignment)?));
    }
    Ok(lines)
}

/// One alignment in words: what it says, and who says it.
fn step(vocabularies: &Vocabularies<'_>, alignment: &Alignment) -> anyhow::Result<String> {
    let set = vocabularies.release_of(&alignment.graph).map_or_else(|| alignment.graph.as_str().to_owned(), crate::vocab::Release::name);
    let justification = vocabularies.justification(alignment)?;
    let mut said = vec![set];
    said.extend(justification.confidence.map(|c| format!("confidence {c}")));
    said.extend(justification.reasons.iter().map(|r| short(r)));
    said.extend(justification.authors.iter().map(|a| format!("by {a}")));
    let property = short(alignment.property.as_str());
    Ok(format!("<{}> {property} <{}>, says {}", alignment.from.as_str(), alignment.to.as_str(), said.join(", ")))
}

fn told(vocabularies: &Vocabularies<'_>, alignment: &Alignment) -> anyhow::Result<Value> {
    let release = vocabularies.release_of(&alignment.graph);
    let justification = vocabularies.justification(alignment)?;
    Ok(json!({
        "from": alignment.from.as_str(),
        "property": alignment.property.as_str(),
        "to": alignment.to.as_str(),
        "graph": alignment.graph.as_str(),
        "set": release.map(|r| r.scheme.clone()),
        "release": release.map(|r| r.release.clone()),
        "authors": release.map(|r| r.authors.clone()),
        "date": release.and_then(|r| r.date.clone()),
        "licence": release.and_then(|r| r.licence.clone()),
        "confidence": justification.confidence,
        "justification": justification.reasons,
        "mapping_authors": justification.authors,
        "comments": justification.comments,
    }))
}
