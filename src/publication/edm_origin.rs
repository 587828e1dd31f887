//! Who made a statement, and how sure they were: the provider's own attributes, and the grounds of what we publish.

use std::collections::HashMap;

use oxigraph::model::{NamedNode, NamedOrBlankNode, Term, Triple};

use super::{PublicationError, edm_thing::Origin};
use crate::{
    enrichment::annotation,
    rdf::{
        RecordKey,
        ns::{edm, ore, prov, rdf},
    },
    review::verdicts_of,
    store::Store,
    tagging::Confidence,
};

/// What Europeana's attributes said in the provider's record, by the statement.
pub(super) fn origins_in_record(store: &Store, record: &RecordKey) -> Result<HashMap<Triple, Origin>, PublicationError> {
    let mut parts: HashMap<NamedOrBlankNode, Vec<Triple>> = HashMap::new();
    for triple in store.triples(&store.base().statements_graph(record))? {
        parts.entry(triple.subject.clone()).or_default().push(triple);
    }
    Ok(parts.values().filter_map(|statement| origin_of(statement)).collect())
}

fn origin_of(statement: &[Triple]) -> Option<(Triple, Origin)> {
    let part = |property| statement.iter().find(|t| t.predicate == property).map(|t| t.object.clone());
    let text = |property| match part(property) {
        Some(Term::Literal(literal)) => Some(literal.value().to_owned()),
        _ => None,
    };
    let subject: NamedOrBlankNode = match part(rdf::SUBJECT)? {
        Term::NamedNode(node) => node.into(),
        Term::BlankNode(node) => node.into(),
        _ => return None,
    };
    let Term::NamedNode(predicate) = part(rdf::PREDICATE)? else { return None };
    let origin = Origin { by: text(edm::WAS_GENERATED_BY), confidence: text(edm::CONFIDENCE_LEVEL) };
    Some((Triple::new(subject, predicate, part(rdf::OBJECT)?), origin))
}

/// A statement that is published: property, concept, and its ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published {
    pub(super) property: NamedNode,
    pub(super) concept: NamedNode,
    pub(super) origin: Origin,
}

/// What is published for a record, as property and concept.
pub fn published_concepts(store: &Store, record: &RecordKey) -> Result<Vec<(NamedNode, NamedNode)>, PublicationError> {
    let proxy = NamedOrBlankNode::from(store.base().aggregator_proxy(record));
    let mut published: Vec<(NamedNode, NamedNode)> = Vec::new();
    for triple in store.triples(&store.base().published_graph(record))? {
        if let Term::NamedNode(concept) = triple.object
            && triple.subject == proxy
            && is_statement(&triple.predicate)
        {
            published.push((triple.predicate, concept));
        }
    }
    published.sort_by(|a, b| (a.0.as_str(), a.1.as_str()).cmp(&(b.0.as_str(), b.1.as_str())));
    Ok(published)
}

/// Whether a property of our proxy states something about the CHO, and does not only hold the proxy together.
pub(super) fn is_statement(property: &NamedNode) -> bool {
    let structure = [ore::NS, prov::NS, rdf::NS];
    !structure.iter().any(|namespace| property.as_str().starts_with(namespace)) && property.as_ref() != edm::TYPE
}

/// What stands in the record's published graph, in a settled order.
pub(super) fn published_statements(store: &Store, record: &RecordKey) -> Result<Vec<Published>, PublicationError> {
    let proxy = NamedOrBlankNode::from(store.base().aggregator_proxy(record));
    let graph = store.triples(&store.base().published_graph(record))?;
    let of_proxy: Vec<&Triple> = graph.iter().filter(|t| t.subject == proxy).collect();
    let grounds = Grounds::of(store, record, &of_proxy)?;
    let mut published = Vec::new();
    for triple in of_proxy.iter().filter(|t| is_statement(&t.predicate)) {
        if let Term::NamedNode(concept) = &triple.object {
            let origin = grounds.origin(&triple.predicate, concept);
            published.push(Published { property: triple.predicate.clone(), concept: concept.clone(), origin });
        }
    }
    published.sort_by(|a, b| (a.property.as_str(), a.concept.as_str()).cmp(&(b.property.as_str(), b.concept.as_str())));
    Ok(published)
}

/// What a proxy was derived from.
#[derive(Debug, Default)]
struct Grounds {
    /// What taggers said: property, concept, confidence where it is calibrated.
    tagged: Vec<(NamedNode, NamedNode, Option<f64>)>,
    /// What people stated themselves.
    corrected: Vec<(NamedNode, NamedNode)>,
}

impl Grounds {
    fn of(store: &Store, record: &RecordKey, proxy: &[&Triple]) -> Result<Self, PublicationError> {
        let mut grounds = Self::default();
        let verdicts = verdicts_of(store, record)?;
        let review = store.base().review_graph();
        for triple in proxy.iter().filter(|t| t.predicate == prov::WAS_DERIVED_FROM) {
            let Term::NamedNode(from) = &triple.object else { continue };
            if let Some(verdict) = verdicts.iter().find(|v| v.iri == *from) {
                let correction = verdict.correction.clone();
                grounds.corrected.extend(correction.map(|concept| (verdict.property.clone(), concept)));
            } else if let Some(found) = annotation(store, from)? {
                if found.graph == review {
                    grounds.corrected.push((found.property, found.concept));
                } else {
                    grounds.tagged.push((found.property, found.concept, found.confidence));
                }
            }
        }
        Ok(grounds)
    }

    /// A tagger's calibrated confidence, the highest; else the person who said it; else the software, which does not say how sure it is.
    fn origin(&self, property: &NamedNode, concept: &NamedNode) -> Origin {
        let tagged = self.tagged.iter().filter(|(p, c, _)| p == property && c == concept);
        let confidence =
            tagged.filter_map(|(_, _, confidence)| Confidence::new((*confidence)?)).max_by(|a, b| a.value().total_cmp(&b.value()));
        let by_person = confidence.is_none() && self.corrected.iter().any(|(p, c)| p == property && c == concept);
        let by = if by_person { prov::PERSON } else { prov::SOFTWARE_AGENT };
        let by = by.as_str().strip_prefix(prov::NS).map(str::to_owned);
        Origin { by, confidence: confidence.map(|c| c.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_calibrated_confidence_is_told() {
        let iri = |s: &str| NamedNode::new_unchecked(format!("http://x.example/{s}"));
        let grounds = Grounds {
            tagged: vec![
                (iri("p"), iri("a"), Some(0.5)),
                (iri("p"), iri("a"), Some(0.870_04)),
                (iri("p"), iri("a"), None),
                (iri("p"), iri("b"), None),
                (iri("p"), iri("c"), None),
            ],
            corrected: vec![(iri("p"), iri("c")), (iri("p"), iri("a"))],
        };
        let told = |concept: &str| {
            let origin = grounds.origin(&iri("p"), &iri(concept));
            (origin.by.unwrap(), origin.confidence)
        };
        assert_eq!(told("a"), ("SoftwareAgent".to_owned(), Some("0.87".to_owned())));
        assert_eq!(told("b"), ("SoftwareAgent".to_owned(), None));
        assert_eq!(told("c"), ("Person".to_owned(), None));
    }
}
