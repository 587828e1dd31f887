//! Reading enrichments back from the store: for the reviewer, the policy and the pages.

use oxigraph::model::{GraphNameRef, Literal, LiteralRef, NamedNode, NamedOrBlankNode, Term, TermRef};

use super::EnrichmentError;
use crate::{
    rdf::{
        RecordKey,
        ns::{dcterms, enr, foaf, oa, prov, rdf, skos, soa},
        text_of,
    },
    store::Reader,
};

/// One published statement about a CHO, as it stands in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Its IRI.
    pub iri: NamedNode,
    /// The graph that holds it.
    pub graph: NamedNode,
    /// The concept that it names.
    pub concept: NamedNode,
    /// The property of the CHO that it is proposed for.
    pub property: NamedNode,
    /// What it points at: a view of the CHO, or a part of it.
    pub target: NamedNode,
    /// The CHO.
    pub cho: NamedNode,
    /// The web resource that was looked at.
    pub web_resource: NamedNode,
    /// The facet that it answers.
    pub facet: String,
    /// The raw score, and the local name of its kind.
    pub score: Option<(f64, String)>,
    /// The calibrated confidence, where there is one.
    pub confidence: Option<f64>,
    /// The rank among the facet's predictions, from 1.
    pub rank: Option<u32>,
    /// The network's own label.
    pub model_label: String,
    /// How that label maps to the concept: exactMatch, closeMatch or broadMatch.
    pub mapping: String,
    /// Who says so.
    pub creator: NamedNode,
    /// What is said in words, where no concept is named: a caption, or what somebody said; [`Annotation::concept`] is the text's own address then.
    pub text: Option<Literal>,
    /// The part of the picture, as a media fragment; the whole of it where there is none.
    pub region: Option<String>,
    /// Where that part can be looked at by itself, if the picture has an image service.
    pub alone: Option<NamedNode>,
    /// The words of the record that name the concept, and the property that has them.
    pub words: Option<(String, NamedNode)>,
}

/// What is said about one enrichment's graph.
#[derive(Clone, Debug)]
pub struct EnrichmentFacts {
    /// The graph.
    pub graph: NamedNode,
    /// The run that made it.
    pub run: Option<NamedNode>,
    /// The tagger that made it.
    pub agent: Option<NamedNode>,
    /// The facets on which the tagger said nothing, and why.
    pub abstained: Vec<String>,
    /// What decoded the picture.
    pub decoder: String,
    /// What it was derived from: picture, source graph, vocabulary releases.
    pub derived_from: Vec<NamedNode>,
    /// The enrichment that took its place, if one did.
    pub replaced_by: Option<NamedNode>,
}

/// The enrichments of a record, those that were replaced last.
pub fn enrichments_of(store: &Reader, record: &RecordKey) -> Result<Vec<EnrichmentFacts>, EnrichmentError> {
    let meta = store.meta_graph();
    let key = TermRef::Literal(LiteralRef::new_simple_literal(record.as_str()));
    let mut found = Vec::new();
    for graph in store.subjects(enr::RECORD, key, &meta)? {
        let NamedOrBlankNode::NamedNode(graph) = graph else { continue };
        if store.base().local(graph.as_str()).is_some_and(|l| l.starts_with("graph/enrichment/")) {
            found.push(facts(store, graph)?);
        }
    }
    found.sort_by(|a, b| (a.replaced_by.is_some(), a.graph.as_str()).cmp(&(b.replaced_by.is_some(), b.graph.as_str())));
    Ok(found)
}

fn facts(store: &Reader, graph: NamedNode) -> Result<EnrichmentFacts, EnrichmentError> {
    let meta = store.meta_graph();
    let node = |term: Option<Term>| match term {
        Some(Term::NamedNode(n)) => Some(n),
        _ => None,
    };
    Ok(EnrichmentFacts {
        run: node(store.object(&graph, prov::WAS_GENERATED_BY, &meta)?),
        agent: node(store.object(&graph, prov::WAS_ATTRIBUTED_TO, &meta)?),
        replaced_by: node(store.object(&graph, dcterms::IS_REPLACED_BY, &meta)?),
        abstained: store.objects(&graph, enr::ABSTAINED, &meta)?.into_iter().map(text_of).collect(),
        decoder: store.object(&graph, enr::DECODER, &meta)?.map(text_of).unwrap_or_default(),
        derived_from: store.objects(&graph, prov::WAS_DERIVED_FROM, &meta)?.into_iter().filter_map(|t| node(Some(t))).collect(),
        graph,
    })
}

/// The annotations in one graph, by facet and rank.
pub fn annotations_of(store: &Reader, graph: &NamedNode) -> Result<Vec<Annotation>, EnrichmentError> {
    let mut found = Vec::new();
    for quad in store.quads().quads_for_pattern(None, Some(oa::HAS_BODY), None, Some(GraphNameRef::from(graph.as_ref()))) {
        let quad = quad.map_err(crate::store::StoreError::from)?;
        if let NamedOrBlankNode::NamedNode(iri) = quad.subject {
            found.extend(read(store, graph, iri)?);
        }
    }
    found.sort_by(|a, b| (&a.facet, a.rank, a.concept.as_str()).cmp(&(&b.facet, b.rank, b.concept.as_str())));
    Ok(found)
}

/// The annotation with this IRI, wherever it stands.
pub fn annotation(store: &Reader, iri: &NamedNode) -> Result<Option<Annotation>, EnrichmentError> {
    for quad in store.about(iri)? {
        if quad.predicate == oa::HAS_BODY
            && let oxigraph::model::GraphName::NamedNode(graph) = quad.graph_name
        {
            return read(store, &graph, iri.clone());
        }
    }
    Ok(None)
}

/// `None` for what is no claim about a CHO, such as a review.
fn read(store: &Reader, graph: &NamedNode, iri: NamedNode) -> Result<Option<Annotation>, EnrichmentError> {
    let one = |predicate| store.object(&iri, predicate, graph);
    let node = |term: Option<Term>| match term {
        Some(Term::NamedNode(n)) => Some(n),
        _ => None,
    };
    let (Some(concept), Some(property), Some(target)) =
        (node(one(oa::HAS_BODY)?), node(one(enr::PROPOSED_PROPERTY)?), node(one(oa::HAS_TARGET)?))
    else {
        return Ok(None);
    };
    let on_target = |predicate| -> Result<Option<NamedNode>, EnrichmentError> {
        let quad = store.quads().quads_for_pattern(Some((&target).into()), Some(predicate), None, None).next();
        Ok(node(quad.transpose().map_err(crate::store::StoreError::from)?.map(|q| q.object)))
    };
    let (Some(web_resource), Some(cho)) = (on_target(oa::HAS_SOURCE)?, on_target(oa::HAS_SCOPE)?) else { return Ok(None) };
    let Some(creator) = node(one(dcterms::CREATOR)?) else { return Ok(None) };
    let is_text = store.objects(&concept, rdf::TYPE, graph)?.contains(&Term::from(oa::TEXTUAL_BODY));
    let text = match store.object(&concept, rdf::VALUE, graph)? {
        Some(Term::Literal(text)) if is_text => Some(text),
        _ => None,
    };
    let selector = on_target(oa::HAS_SELECTOR)?;
    let region = match &selector {
        Some(selector) => store.object(selector, rdf::VALUE, graph)?.map(text_of),
        None => None,
    };
    let words = match (selector, on_target(enr::SOURCE_PROPERTY)?) {
        (Some(selector), Some(property)) => store.object(&selector, oa::EXACT, graph)?.map(|words| (text_of(words), property)),
        _ => None,
    };
    let alone = on_target(foaf::DEPICTION)?;
    let kind = node(one(enr::SCORE_KIND)?).and_then(|k| k.as_str().strip_prefix(enr::NS).map(str::to_owned)).unwrap_or_default();
    let number = one(enr::RAW_SCORE)?.map(text_of).and_then(|t| t.parse().ok());
    Ok(Some(Annotation {
        graph: graph.clone(),
        concept,
        property,
        cho,
        web_resource,
        creator,
        text,
        words,
        facet: one(enr::FACET)?.map(text_of).unwrap_or_default(),
        score: number.map(|number| (number, kind)),
        confidence: one(soa::CONFIDENCE)?.map(text_of).and_then(|t| t.parse().ok()),
        rank: one(enr::RANK)?.map(text_of).and_then(|t| t.parse().ok()),
        model_label: one(enr::MODEL_LABEL)?.map(text_of).unwrap_or_default(),
        mapping: node(one(enr::MATCH)?).and_then(|m| m.as_str().strip_prefix(skos::NS).map(str::to_owned)).unwrap_or_default(),
        region,
        alone,
        target,
        iri,
    }))
}
