//! Asides read back from the store: what a tagger says of the digital picture, and of two things on it. Neither is proposed for the object.

use oxigraph::model::{GraphNameRef, NamedNode, NamedOrBlankNode, Term};

use super::EnrichmentError;
use crate::{
    rdf::{
        ns::{dcterms, dqv, enr, oa, rdf, soa},
        text_of,
    },
    store::Store,
};

/// One aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Aside {
    /// The annotation.
    pub iri: NamedNode,
    /// What is said.
    pub said: Said,
    /// The network's own label.
    pub model_label: String,
    /// The raw score, and the local name of its kind.
    pub score: Option<(f64, String)>,
    /// The calibrated confidence, where there is one.
    pub confidence: Option<f64>,
    /// Who says so.
    pub creator: NamedNode,
}

/// What an aside says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Something was noticed about the digital picture.
    OfThePicture(NamedNode),
    /// One thing does something to another: the targets of both, and what it does.
    Between {
        /// Who does it.
        subject: NamedNode,
        /// What it does.
        relation: NamedNode,
        /// To whom.
        object: NamedNode,
    },
}

/// The asides in one graph.
pub fn asides_of(store: &Store, graph: &NamedNode) -> Result<Vec<Aside>, EnrichmentError> {
    let mut found = Vec::new();
    for quad in store.quads().quads_for_pattern(None, Some(oa::HAS_BODY), None, Some(GraphNameRef::from(graph.as_ref()))) {
        let quad = quad.map_err(crate::store::StoreError::from)?;
        if let (NamedOrBlankNode::NamedNode(iri), Term::NamedNode(body)) = (quad.subject, quad.object) {
            found.extend(read(store, graph, iri, body)?);
        }
    }
    found.sort_by(|a, b| a.iri.as_str().cmp(b.iri.as_str()));
    Ok(found)
}

/// `None` for what is said of the object.
fn read(store: &Store, graph: &NamedNode, iri: NamedNode, body: NamedNode) -> Result<Option<Aside>, EnrichmentError> {
    let node = |subject: &NamedNode, predicate| -> Result<Option<NamedNode>, EnrichmentError> {
        Ok(match store.object(subject, predicate, graph)? {
            Some(Term::NamedNode(node)) => Some(node),
            _ => None,
        })
    };
    let said = match node(&iri, oa::MOTIVATED_BY)? {
        Some(why) if why == oa::LINKING => {
            let (subject, relation, object) = (node(&body, rdf::SUBJECT)?, node(&body, rdf::PREDICATE)?, node(&body, rdf::OBJECT)?);
            let (Some(subject), Some(relation), Some(object)) = (subject, relation, object) else { return Ok(None) };
            Said::Between { subject, relation, object }
        }
        Some(why) if why == dqv::QUALITY_ASSESSMENT => Said::OfThePicture(body),
        _ => return Ok(None),
    };
    let Some(creator) = node(&iri, dcterms::CREATOR)? else { return Ok(None) };
    let number = |predicate| -> Result<Option<f64>, EnrichmentError> {
        Ok(store.object(&iri, predicate, graph)?.map(text_of).and_then(|text| text.parse().ok()))
    };
    let kind = node(&iri, enr::SCORE_KIND)?.and_then(|k| k.as_str().strip_prefix(enr::NS).map(str::to_owned)).unwrap_or_default();
    let model_label = store.object(&iri, enr::MODEL_LABEL, graph)?.map(text_of).unwrap_or_default();
    Ok(Some(Aside { said, model_label, score: number(enr::RAW_SCORE)?.map(|n| (n, kind)), confidence: number(soa::CONFIDENCE)?, creator, iri }))
}
