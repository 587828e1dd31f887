//! A record's publication, derived: the aggregator's proxy with what is sure enough or accepted, in plain EDM.

use std::collections::{BTreeMap, HashMap, HashSet};

use oxigraph::model::{Literal, NamedNode, NamedOrBlankNodeRef, Term, Triple};

use super::{Policy, PublicationError, Status};
use crate::{
    enrichment::{Annotation, annotations_of, enrichments_of},
    rdf::{
        Base, RecordKey,
        ns::{edm, enr, ore, prov, rdf},
    },
    records::{RecordView, Role},
    review::{Decision, Standing, Verdict, verdicts_of},
    store::{Listed, Store},
    vocab::Vocabularies,
};

/// The statements of a publication: property and concept (or text), and the annotations that they come from.
type Statements = BTreeMap<(String, String), Vec<NamedNode>>;
/// The words of the texts among them, by their IRIs.
type Texts = HashMap<String, Literal>;

/// What is published for one record.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The graph.
    pub graph: NamedNode,
    /// The aggregator's proxy and aggregation; empty where nothing is published.
    pub triples: Vec<Triple>,
    /// The statements: property, concept, and the annotations that they come from.
    pub statements: BTreeMap<(String, String), Vec<NamedNode>>,
}

/// Derives what the policy publishes for a record. Deterministic, and without time: the same store gives the same triples.
pub fn publication_of(store: &Store, listed: &Listed, policy: &Policy) -> Result<Publication, PublicationError> {
    let verdicts = verdicts_of(store, &listed.key)?;
    let mut texts = HashMap::new();
    let statements = statements(store, &listed.key, policy, &verdicts, &mut texts)?;
    let graph = store.base().published_graph(&listed.key);
    let triples = if statements.is_empty() { Vec::new() } else { proxy(store, listed, policy, (&statements, &texts))? };
    Ok(Publication { graph, triples, statements })
}

fn statements(
    store: &Store,
    record: &RecordKey,
    policy: &Policy,
    verdicts: &[Verdict],
    texts: &mut Texts,
) -> Result<Statements, PublicationError> {
    let vocabularies = Vocabularies::new(store)?;
    let mut stated: BTreeMap<(String, String), Vec<NamedNode>> = BTreeMap::new();
    for facts in enrichments_of(store, record)?.iter().filter(|f| f.replaced_by.is_none()) {
        let status = tagger_status(store, facts.agent.as_ref())?;
        for annotation in annotations_of(store, &facts.graph)? {
            let publish = match standing(&vocabularies, verdicts, &annotation)? {
                Standing::Rejected => false,
                Standing::Accepted => policy.accepted,
                Standing::Open => policy.publishes(&annotation, status),
            };
            if publish {
                if let Some(text) = annotation.text {
                    texts.insert(annotation.concept.as_str().to_owned(), text);
                }
                let key = (annotation.property.into_string(), annotation.concept.into_string());
                stated.entry(key).or_default().push(annotation.iri);
            }
        }
    }
    if policy.accepted {
        for verdict in verdicts.iter().filter(|v| v.decision == Decision::Correct) {
            if let Some(concept) = &verdict.correction
                && Standing::of(verdicts, &verdict.property, concept) == Standing::Accepted
            {
                let from = stated.entry((verdict.property.as_str().to_owned(), concept.as_str().to_owned())).or_default();
                from.push(verdict.iri.clone());
            }
        }
    }
    for from in stated.values_mut() {
        from.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        from.dedup();
    }
    keep_most_specific(&vocabularies, &mut stated)?;
    Ok(stated)
}

/// What people decided about this concept, or follows from it: who rejects a concept rejects its descendants, who accepts one accepts its
/// ancestors.
fn standing(vocabularies: &Vocabularies<'_>, verdicts: &[Verdict], annotation: &Annotation) -> Result<Standing, PublicationError> {
    let own = Standing::of(verdicts, &annotation.property, &annotation.concept);
    if own != Standing::Open || verdicts.is_empty() {
        return Ok(own);
    }
    for ancestor in vocabularies.ancestors(annotation.concept.as_str())? {
        if Standing::of(verdicts, &annotation.property, &ancestor) == Standing::Rejected {
            return Ok(Standing::Rejected);
        }
    }
    for verdict in verdicts.iter().filter(|v| v.property == annotation.property) {
        let accepted = match verdict.decision {
            Decision::Accept => &verdict.concept,
            Decision::Correct => verdict.correction.as_ref().unwrap_or(&verdict.concept),
            Decision::Reject => continue,
        };
        let holds = Standing::of(verdicts, &verdict.property, accepted) == Standing::Accepted;
        if holds && vocabularies.ancestors(accepted.as_str())?.contains(&annotation.concept) {
            return Ok(Standing::Accepted);
        }
    }
    Ok(Standing::Open)
}

/// Only the most specific concept is stated; its ancestors follow from the vocabulary.
fn keep_most_specific(
    vocabularies: &Vocabularies<'_>,
    stated: &mut BTreeMap<(String, String), Vec<NamedNode>>,
) -> Result<(), PublicationError> {
    let mut implied = HashSet::new();
    for (property, concept) in stated.keys() {
        for ancestor in vocabularies.ancestors(concept)? {
            implied.insert((property.clone(), ancestor.into_string()));
        }
    }
    stated.retain(|key, _| !implied.contains(key));
    Ok(())
}

fn tagger_status(store: &Store, agent: Option<&NamedNode>) -> Result<Status, PublicationError> {
    let Some(agent) = agent else { return Ok(Status::Demo) };
    Ok(match store.object(agent, enr::TAGGER_STATUS, &store.meta_graph())? {
        Some(Term::NamedNode(s)) if s == enr::APPROVED => Status::Approved,
        Some(Term::NamedNode(s)) if s == enr::CANDIDATE => Status::Candidate,
        _ => Status::Demo,
    })
}

fn proxy(
    store: &Store,
    listed: &Listed,
    policy: &Policy,
    (statements, texts): (&Statements, &Texts),
) -> Result<Vec<Triple>, PublicationError> {
    let base: &Base = store.base();
    let cho = NamedNode::new_unchecked(&listed.cho);
    let source = store.triples(&base.source_graph(&listed.key))?;
    let view = RecordView::new(cho.as_ref(), &source);
    let (proxy, aggregation) = (base.aggregator_proxy(&listed.key), base.aggregator_aggregation(&listed.key));
    let mut triples = vec![
        Triple::new(proxy.clone(), rdf::TYPE, ore::PROXY),
        Triple::new(proxy.clone(), ore::PROXY_FOR, cho.clone()),
        Triple::new(proxy.clone(), ore::PROXY_IN, aggregation.clone()),
        Triple::new(proxy.clone(), edm::EUROPEANA_PROXY, Literal::new_simple_literal("false")),
    ];
    for lineage in view.proxies() {
        if let NamedOrBlankNodeRef::NamedNode(lineage) = lineage {
            triples.push(Triple::new(proxy.clone(), ore::LINEAGE, lineage.into_owned()));
        }
    }
    if let Some(kind) = view.edm_type() {
        triples.push(Triple::new(proxy.clone(), edm::TYPE, Literal::new_simple_literal(kind)));
    }
    for ((property, concept), annotations) in statements {
        // An accepted caption is published as its words.
        let object = texts.get(concept).map_or_else(|| Term::from(NamedNode::new_unchecked(concept)), |text| text.clone().into());
        triples.push(Triple::new(proxy.clone(), NamedNode::new_unchecked(property), object));
        for annotation in annotations {
            triples.push(Triple::new(proxy.clone(), prov::WAS_DERIVED_FROM, annotation.clone()));
        }
    }
    let name = Literal::new_simple_literal(&policy.aggregator);
    triples.push(Triple::new(aggregation.clone(), rdf::TYPE, ore::AGGREGATION));
    triples.push(Triple::new(aggregation.clone(), edm::AGGREGATED_CHO, cho.clone()));
    triples.push(Triple::new(aggregation.clone(), edm::DATA_PROVIDER, name.clone()));
    triples.push(Triple::new(aggregation.clone(), edm::PROVIDER, name));
    for resource in view.web_resources().iter().filter(|r| r.role == Role::IsShownBy) {
        triples.push(Triple::new(aggregation.clone(), edm::IS_SHOWN_BY, resource.iri.into_owned()));
    }
    if let Some(page) = view.is_shown_at() {
        triples.push(Triple::new(aggregation.clone(), edm::IS_SHOWN_AT, page.into_owned()));
    }
    if let Some(rights) = view.rights() {
        triples.push(Triple::new(aggregation, edm::RIGHTS, rights.into_owned()));
    }
    Ok(triples)
}
