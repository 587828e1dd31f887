//! What stands in the store of one record: its provider's statements, and what is said about the graph that holds them.

use oxigraph::model::{BlankNode, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, Triple};

use super::{House, reading::Manner};
use crate::{
    rdf::{
        RecordKey,
        ns::{dcat, dcterms, edm, enr, foaf, rdf, xsd},
        text_of,
    },
    records::{Record, StatementNote},
};

/// What is said about the record's graph: where it came from, what it is called, what it says in short.
pub(super) fn about(house: &House, manner: &Manner, record: &Record, digest: &str) -> Vec<Quad> {
    let store = &house.store;
    let (base, meta) = (store.base(), store.meta_graph());
    let graph = base.source_graph(&record.key);
    let view = record.view();
    let said = || view.data_set().map(str::to_owned).or_else(|| manner.otherwise.clone());
    let data_set = manner.data_set.clone().or_else(said).unwrap_or_else(|| "default".to_owned());
    let set = base.data_set(&data_set);
    let mut quads = Vec::new();
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        quads.push(Quad::new(subject.clone(), predicate, object, meta.clone()));
    };
    let text = |value: &str| Term::from(Literal::new_simple_literal(value));
    say(&graph, rdf::TYPE, enr::SOURCE_GRAPH.into());
    say(&graph, enr::RECORD, text(record.key.as_str()));
    say(&graph, foaf::PRIMARY_TOPIC, record.cho.clone().into());
    say(&graph, enr::DATA_SET, set.clone().into());
    say(&graph, enr::CANONICAL_DIGEST, text(digest));
    say(&graph, enr::ORIGINAL_DIGEST, text(&record.original.checksum));
    say(&graph, dcterms::SOURCE, text(&record.original.source));
    say(&graph, dcterms::FORMAT, text(record.original.media_type()));
    if let Some(title) = view.titles().first().map(|t| text_of(t.into_owned())) {
        say(&graph, dcterms::TITLE, text(&title));
    }
    if let Some(provider) = view.data_provider().map(|t| text_of(t.into_owned())) {
        say(&graph, edm::DATA_PROVIDER, text(&provider));
    }
    for note in &record.notes {
        let line = note.line.map(|l| format!(" (line {l})")).unwrap_or_default();
        say(&graph, enr::NOTE, text(&format!("{}{line}", note.text)));
    }
    say(&set, rdf::TYPE, dcat::DATASET.into());
    say(&set, dcterms::TITLE, text(&data_set));
    quads
}

/// The record whose source graph this is.
pub(super) fn key_of(house: &House, graph: &NamedNode) -> Option<RecordKey> {
    RecordKey::parse(house.store.base().local(graph.as_str())?.strip_prefix("graph/source/")?)
}

/// Blank nodes are the record's own: their names carry its key, so that two records' never meet.
pub(super) fn scoped(key: &RecordKey, triples: &[Triple]) -> Vec<Triple> {
    triples.iter().map(|t| Triple::new(scoped_subject(key, &t.subject), t.predicate.clone(), scoped_object(key, &t.object))).collect()
}

fn scoped_subject(key: &RecordKey, subject: &NamedOrBlankNode) -> NamedOrBlankNode {
    match subject {
        NamedOrBlankNode::BlankNode(b) => BlankNode::new_unchecked(format!("r{key}{}", b.as_str())).into(),
        NamedOrBlankNode::NamedNode(_) => subject.clone(),
    }
}

fn scoped_object(key: &RecordKey, object: &Term) -> Term {
    match object {
        Term::BlankNode(b) => BlankNode::new_unchecked(format!("r{key}{}", b.as_str())).into(),
        other => other.clone(),
    }
}

/// What Europeana's attributes said, as statements about statements.
pub(super) fn statements(house: &House, record: &Record) -> Vec<Triple> {
    let mut triples = Vec::new();
    for StatementNote { subject, predicate, object, generated_by, confidence } in &record.statements {
        let (subject, object) = (scoped_subject(&record.key, subject), scoped_object(&record.key, object));
        let statement = house.store.base().statement(&record.key, &subject.to_string(), predicate.as_str(), &object.to_string());
        triples.push(Triple::new(statement.clone(), rdf::TYPE, rdf::STATEMENT));
        triples.push(Triple::new(statement.clone(), rdf::SUBJECT, subject));
        triples.push(Triple::new(statement.clone(), rdf::PREDICATE, predicate.clone()));
        triples.push(Triple::new(statement.clone(), rdf::OBJECT, object));
        if let Some(by) = generated_by {
            triples.push(Triple::new(statement.clone(), edm::WAS_GENERATED_BY, Literal::new_simple_literal(by.as_str())));
        }
        if let Some(confidence) = confidence {
            let level = Literal::new_typed_literal(confidence, xsd::DECIMAL);
            triples.push(Triple::new(statement, edm::CONFIDENCE_LEVEL, level));
        }
    }
    triples
}
