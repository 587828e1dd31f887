//! Things to which nothing in a record leads: Europeana drops them, so their provider described them in vain.

use std::collections::HashSet;

use oxigraph::model::{NamedOrBlankNodeRef, Term, TermRef, Triple};

use super::{Finding, Rule};
use crate::rdf::{
    ns::{edm, ore, rdf, skos},
    prefixed,
};

/// The classes of things that somebody has to name.
const NAMED_BY_OTHERS: [oxigraph::model::NamedNodeRef<'static>; 5] =
    [edm::WEB_RESOURCE, edm::AGENT, edm::PLACE, edm::TIME_SPAN, skos::CONCEPT];

/// The orphans of a record.
pub(super) fn orphans(triples: &[Triple]) -> Vec<Finding> {
    let named: HashSet<NamedOrBlankNodeRef<'_>> = triples
        .iter()
        .filter(|t| t.predicate != rdf::TYPE && TermRef::from(t.subject.as_ref()) != t.object.as_ref())
        .filter_map(|t| match &t.object {
            Term::NamedNode(node) => Some(node.as_ref().into()),
            Term::BlankNode(node) => Some(node.as_ref().into()),
            Term::Literal(_) | Term::Triple(_) => None,
        })
        .collect();
    // One IRI may name a web resource and the CHO itself: then it is reached.
    let reached = |subject: NamedOrBlankNodeRef<'_>| {
        let is_centre = |t: &Triple| {
            t.subject.as_ref() == subject
                && t.predicate == rdf::TYPE
                && [edm::PROVIDED_CHO, ore::AGGREGATION, ore::PROXY, edm::EUROPEANA_AGGREGATION].iter().any(|c| t.object == (*c).into())
        };
        named.contains(&subject) || triples.iter().any(is_centre)
    };
    let mut told = HashSet::new();
    let mut findings = Vec::new();
    for triple in triples.iter().filter(|t| t.predicate == rdf::TYPE) {
        let Term::NamedNode(class) = &triple.object else { continue };
        if NAMED_BY_OTHERS.contains(&class.as_ref()) && !reached(triple.subject.as_ref()) && told.insert(&triple.subject) {
            let text = format!(
                "Nothing in the record names this {}, so nobody will see it. Link to it from the object (or the aggregation), or leave it out.",
                prefixed(class.as_str())
            );
            findings.push(Finding::of_rule(Rule::Orphan, triple.subject.clone(), &text));
        }
    }
    findings
}
