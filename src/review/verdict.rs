//! Verdicts as they stand in the store, and what they come to.

use jiff::Timestamp;
use oxigraph::model::{GraphNameRef, LiteralRef, NamedNode, NamedOrBlankNode, Term, TermRef};
use serde::{Deserialize, Serialize};

use super::ReviewError;
use crate::{
    rdf::{
        RecordKey,
        ns::{dcterms, enr, oa},
    },
    store::{Store, StoreError},
};

/// What a person may decide about an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It is right.
    Accept,
    /// It is wrong.
    Reject,
    /// It is wrong, and another concept is right.
    Correct,
}

impl Decision {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Correct => "correct",
        }
    }
}

/// One event: who decided what, when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The event's IRI.
    pub iri: NamedNode,
    /// The annotation that was judged.
    pub annotation: NamedNode,
    /// The concept that the annotation named.
    pub concept: NamedNode,
    /// The property that it was proposed for.
    pub property: NamedNode,
    /// What was decided.
    pub decision: Decision,
    /// The concept that is right instead.
    pub correction: Option<NamedNode>,
    /// By whom.
    pub who: NamedNode,
    /// When.
    pub at: Timestamp,
}

/// What the verdicts about one concept and property of a record come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has looked.
    Open,
    /// The last verdict accepts it.
    Accepted,
    /// The last verdict rejects or corrects it.
    Rejected,
}

/// The verdicts about a record's annotations, the oldest first. They outlive the annotations that they judged: what a person decided
/// about a concept holds when a tagger names it again.
pub fn verdicts_of(store: &Store, record: &RecordKey) -> Result<Vec<Verdict>, ReviewError> {
    let graph = store.base().review_graph();
    let key = TermRef::Literal(LiteralRef::new_simple_literal(record.as_str()));
    let mut verdicts = Vec::new();
    for quad in store.quads().quads_for_pattern(None, Some(enr::RECORD), Some(key), Some(GraphNameRef::from(graph.as_ref()))) {
        if let NamedOrBlankNode::NamedNode(iri) = quad.map_err(StoreError::from)?.subject {
            verdicts.extend(read(store, &graph, iri)?);
        }
    }
    verdicts.sort_by(|a, b| (a.at, a.iri.as_str()).cmp(&(b.at, b.iri.as_str())));
    Ok(verdicts)
}

impl Standing {
    /// What the verdicts come to for this property and concept: the last word holds.
    pub fn of(verdicts: &[Verdict], property: &NamedNode, concept: &NamedNode) -> Self {
        let mut standing = Self::Open;
        for verdict in verdicts.iter().filter(|v| v.property == *property) {
            if verdict.correction.as_ref() == Some(concept) {
                standing = Self::Accepted;
            } else if verdict.concept == *concept {
                standing = if verdict.decision == Decision::Accept { Self::Accepted } else { Self::Rejected };
            }
        }
        standing
    }
}

fn read(store: &Store, graph: &NamedNode, iri: NamedNode) -> Result<Option<Verdict>, ReviewError> {
    let node = |predicate| -> Result<Option<NamedNode>, ReviewError> {
        Ok(match store.object(&iri, predicate, graph)? {
            Some(Term::NamedNode(n)) => Some(n),
            _ => None,
        })
    };
    let at = match store.object(&iri, dcterms::CREATED, graph)? {
        Some(Term::Literal(l)) => l.value().parse().ok(),
        _ => None,
    };
    let decision = match node(oa::HAS_BODY)? {
        Some(body) if body == enr::ACCEPTED => Some(Decision::Accept),
        Some(body) if body == enr::REJECTED => Some(Decision::Reject),
        Some(body) if body == enr::CORRECTED => Some(Decision::Correct),
        _ => None,
    };
    let parts = (node(oa::HAS_TARGET)?, node(enr::CONCEPT)?, node(enr::PROPOSED_PROPERTY)?, decision, node(dcterms::CREATOR)?, at);
    let (Some(annotation), Some(concept), Some(property), Some(decision), Some(who), Some(at)) = parts else { return Ok(None) };
    let correction = node(enr::CORRECTION)?;
    Ok(Some(Verdict { iri, annotation, concept, property, decision, correction, who, at }))
}
