//! Recording a verdict: an event about an annotation, and for a correction the person's own annotation beside it.

use jiff::{Timestamp, ToSpan as _};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};

use super::{Decision, ReviewError, Verdict, verdicts_of};
use crate::{
    enrichment::{Annotation, annotation},
    rdf::{
        RecordKey,
        mint::short_key,
        ns::{dcterms, enr, foaf, oa, rdf, xsd},
    },
    store::{Change, Store},
    vocab::Vocabularies,
};

/// What became of a verdict.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The record that it is about.
    pub record: RecordKey,
    /// What is to be written; empty where the same person had decided the same before.
    pub change: Change,
}

/// Prepares the verdict of a person on an annotation; the caller commits the change, and publishes the record anew.
pub fn decide(
    store: &Store,
    annotation_iri: &str,
    decision: Decision,
    correction: Option<&str>,
    who: &str,
) -> Result<Decided, ReviewError> {
    let annotation_iri = annotation_iri.trim();
    let missing = || ReviewError::NoAnnotation(annotation_iri.to_owned());
    let iri = NamedNode::new(annotation_iri).map_err(|_| missing())?;
    let judged = annotation(store, &iri)?.ok_or_else(missing)?;
    let record = RecordKey::of(judged.cho.as_ref());
    if store.index().record(&record)?.is_none() {
        return Err(ReviewError::NoRecord(annotation_iri.to_owned()));
    }
    let person = person(store, who)?;
    let correction = corrected_concept(store, decision, correction, &judged)?;
    let verdicts = verdicts_of(store, &record)?;
    let last_of_theirs = verdicts.iter().rfind(|v| v.annotation == iri && v.who == person);
    if last_of_theirs.is_some_and(|v| v.decision == decision && v.correction == correction) {
        return Ok(Decided { record, change: Change::default() });
    }
    let at = after(verdicts.last(), store.clock().now());
    let change = write(store, &judged, &record, &Verdicted { decision, correction, person, name: who.trim(), at });
    Ok(Decided { record, change })
}

/// A verdict's time: now, but behind every earlier verdict on the record, so that the last word is always known.
fn after(last: Option<&Verdict>, now: Timestamp) -> Timestamp {
    match last {
        Some(last) if last.at >= now => last.at.checked_add(1.millisecond()).unwrap_or(now),
        _ => now,
    }
}

/// Who decided what, when.
struct Verdicted<'v> {
    decision: Decision,
    correction: Option<NamedNode>,
    person: NamedNode,
    name: &'v str,
    at: Timestamp,
}

/// A person is named by an IRI of their own (an ORCID, say), or by a name under our base.
fn person(store: &Store, who: &str) -> Result<NamedNode, ReviewError> {
    let who = who.trim();
    if who.is_empty() || who.chars().any(char::is_control) {
        return Err(ReviewError::Who(who.to_owned()));
    }
    if who.starts_with("http://") || who.starts_with("https://") {
        return NamedNode::new(who).map_err(|_| ReviewError::Who(who.to_owned()));
    }
    Ok(store.base().person(who))
}

fn corrected_concept(
    store: &Store,
    decision: Decision,
    correction: Option<&str>,
    judged: &Annotation,
) -> Result<Option<NamedNode>, ReviewError> {
    let iri = match (decision, correction) {
        (Decision::Correct, Some(iri)) => iri,
        (Decision::Correct, None) => return Err(ReviewError::Concept("a correction needs the concept that is right: --to IRI".to_owned())),
        (_, Some(_)) => return Err(ReviewError::Concept("only a correction names another concept; use `review correct`".to_owned())),
        (_, None) => return Ok(None),
    };
    let vocabularies = Vocabularies::new(store)?;
    let Some(concept) = vocabularies.concept(iri)? else {
        return Err(ReviewError::Concept(format!("<{iri}> is in none of the loaded vocabularies")));
    };
    if !vocabularies.is_taggable(concept.iri.as_str())? {
        return Err(ReviewError::Concept(format!(
            "<{}> orders the hierarchy and is never a tag: choose one of its narrower concepts",
            concept.iri.as_str()
        )));
    }
    if concept.iri == judged.concept {
        return Err(ReviewError::Concept(format!("<{}> is what the annotation says already: accept it instead", concept.iri.as_str())));
    }
    Ok(Some(concept.iri))
}

fn write(store: &Store, judged: &Annotation, record: &RecordKey, verdict: &Verdicted<'_>) -> Change {
    let base = store.base();
    let Verdicted { decision, correction, person, name, at } = verdict;
    let (decision, at) = (*decision, at.to_string());
    let review = base.review(judged.iri.as_ref(), person.as_str(), decision.as_str(), &at);
    let graph = base.review_graph();
    let created = Literal::new_typed_literal(&at, xsd::DATE_TIME);
    let mut change = Change::default();
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
        change.add(subject.clone(), predicate, object, graph.clone());
    };
    say(&review, rdf::TYPE, oa::ANNOTATION.into());
    say(&review, oa::MOTIVATED_BY, oa::ASSESSING.into());
    say(&review, oa::HAS_TARGET, judged.iri.clone().into());
    say(&review, oa::HAS_BODY, body(decision).into());
    say(&review, enr::RECORD, Literal::new_simple_literal(record.as_str()).into());
    say(&review, enr::CONCEPT, judged.concept.clone().into());
    say(&review, enr::PROPOSED_PROPERTY, judged.property.clone().into());
    say(&review, dcterms::CREATOR, person.clone().into());
    say(&review, dcterms::CREATED, created.clone().into());
    say(person, rdf::TYPE, foaf::PERSON.into());
    if base.local(person.as_str()).is_some() {
        say(person, foaf::NAME, Literal::new_simple_literal(*name).into());
    }
    if let Some(concept) = correction {
        // The person's own statement: an annotation without score and confidence, on the same target.
        let key = short_key([judged.iri.as_str(), person.as_str()]);
        let own = base.annotation(&key, judged.property.as_ref(), concept.as_ref(), "");
        let target = base.target(&key, "");
        say(&review, enr::CORRECTION, concept.clone().into());
        say(&own, rdf::TYPE, oa::ANNOTATION.into());
        say(&own, oa::MOTIVATED_BY, oa::EDITING.into());
        say(&own, oa::HAS_BODY, concept.clone().into());
        say(&own, oa::HAS_TARGET, target.clone().into());
        say(&own, enr::PROPOSED_PROPERTY, judged.property.clone().into());
        say(&own, enr::FACET, Literal::new_simple_literal(&judged.facet).into());
        say(&own, dcterms::CREATOR, person.clone().into());
        say(&own, dcterms::CREATED, created.into());
        say(&target, rdf::TYPE, oa::SPECIFIC_RESOURCE.into());
        say(&target, oa::HAS_SOURCE, judged.web_resource.clone().into());
        say(&target, oa::HAS_SCOPE, judged.cho.clone().into());
    }
    change.touched.push(record.clone());
    change
}

fn body(decision: Decision) -> NamedNodeRef<'static> {
    match decision {
        Decision::Accept => enr::ACCEPTED,
        Decision::Reject => enr::REJECTED,
        Decision::Correct => enr::CORRECTED,
    }
}
