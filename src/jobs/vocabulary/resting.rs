//! What rests on a concept: annotations, publications and verdicts, record by record, and the label maps of taggers.

use std::collections::{BTreeSet, HashMap};

use oxigraph::model::{GraphNameRef, NamedNode, NamedOrBlankNode, Term};

use crate::{
    enrichment::{annotations_of, enrichments_of},
    jobs::House,
    rdf::{RecordKey, ns::enr, text_of},
    review::verdicts_of,
    store::Listed,
    vocab::{Obsolete, Vocabularies},
};

/// What kind of statement rests on a concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resting {
    Annotation,
    Publication,
    Verdict,
    LabelMap,
}

impl Resting {
    pub(super) const ALL: [Self; 4] = [Self::Annotation, Self::Publication, Self::Verdict, Self::LabelMap];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Annotation => "annotation",
            Self::Publication => "publication",
            Self::Verdict => "verdict",
            Self::LabelMap => "label map",
        }
    }
}

/// One statement that rests on a concept.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) resting: Resting,
    /// The annotation, the proxy, the verdict; for a label map, its tagger.
    pub(super) iri: String,
    /// The property of the CHO; for a label map, its facet.
    pub(super) property: String,
    pub(super) concept: String,
}

/// Concepts with what became of them, each looked up once.
pub(super) struct Fates<'v> {
    vocabularies: Vocabularies<'v>,
    ours: String,
    known: HashMap<String, Option<Obsolete>>,
}

impl<'v> Fates<'v> {
    pub(super) fn new(house: &'v House) -> anyhow::Result<Self> {
        let ours = house.store.base().as_str().to_owned();
        Ok(Self { vocabularies: Vocabularies::new(&house.store)?, ours, known: HashMap::new() })
    }

    pub(super) fn vocabularies(&self) -> &Vocabularies<'v> {
        &self.vocabularies
    }

    /// Whether a concept is no longer what it was. What we minted ourselves (a text that names no concept) is none.
    pub(super) fn is_obsolete(&mut self, concept: &str) -> anyhow::Result<bool> {
        if let Some(known) = self.known.get(concept) {
            return Ok(known.is_some());
        }
        let found = if concept.starts_with(&self.ours) { None } else { self.vocabularies.fate(concept)? };
        let is_obsolete = found.is_some();
        self.known.insert(concept.to_owned(), found);
        Ok(is_obsolete)
    }

    pub(super) fn of(&self, concept: &str) -> Option<&Obsolete> {
        self.known.get(concept)?.as_ref()
    }
}

/// The records on which somebody decided something about such a concept.
pub(super) fn judged(house: &House, fates: &mut Fates<'_>) -> anyhow::Result<BTreeSet<RecordKey>> {
    let graph = house.store.base().review_graph();
    let mut judged = BTreeSet::new();
    for predicate in [enr::CONCEPT, enr::CORRECTION] {
        let quads = house.store.quads().quads_for_pattern(None, Some(predicate), None, Some(GraphNameRef::from(graph.as_ref())));
        for quad in quads {
            let quad = quad?;
            let Term::NamedNode(concept) = &quad.object else { continue };
            if fates.is_obsolete(concept.as_str())?
                && let NamedOrBlankNode::NamedNode(event) = &quad.subject
            {
                let key = house.store.object(event, enr::RECORD, &graph)?.map(text_of);
                judged.extend(key.as_deref().and_then(RecordKey::parse));
            }
        }
    }
    Ok(judged)
}

/// What rests on such concepts in one record.
pub(super) fn of_record(house: &House, listed: &Listed, fates: &mut Fates<'_>) -> anyhow::Result<Vec<Statement>> {
    let store = &house.store;
    let mut statements = Vec::new();
    // What a later enrichment replaced is kept for the record's history, and nothing follows from it.
    for facts in enrichments_of(store, &listed.key)?.into_iter().filter(|facts| facts.replaced_by.is_none()) {
        for annotation in annotations_of(store, &facts.graph)? {
            if annotation.text.is_none() && fates.is_obsolete(annotation.concept.as_str())? {
                statements.push(statement(Resting::Annotation, annotation.iri.as_str(), &annotation.property, &annotation.concept));
            }
        }
    }
    let verdicts = verdicts_of(store, &listed.key)?;
    // What is published is what was annotated, or what somebody said is right instead; everything else on a proxy is no concept.
    let mut publishable: BTreeSet<&str> = listed.concepts.iter().map(String::as_str).collect();
    publishable.extend(verdicts.iter().filter_map(|verdict| verdict.correction.as_ref()).map(NamedNode::as_str));
    let proxy = store.base().aggregator_proxy(&listed.key);
    for triple in store.triples(&store.base().published_graph(&listed.key))? {
        if let Term::NamedNode(concept) = &triple.object
            && triple.subject == NamedOrBlankNode::from(proxy.clone())
            && publishable.contains(concept.as_str())
            && fates.is_obsolete(concept.as_str())?
        {
            statements.push(statement(Resting::Publication, proxy.as_str(), &triple.predicate, concept));
        }
    }
    for verdict in &verdicts {
        for concept in std::iter::once(&verdict.concept).chain(&verdict.correction) {
            if fates.is_obsolete(concept.as_str())? {
                statements.push(statement(Resting::Verdict, verdict.iri.as_str(), &verdict.property, concept));
            }
        }
    }
    Ok(statements)
}

/// The rows of taggers' label maps that name such concepts.
pub(super) fn of_label_maps(house: &House, fates: &mut Fates<'_>) -> anyhow::Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for model in house.models()? {
        let tagger = format!("{}@{}", model.bundle.id(), model.bundle.version());
        for head in model.bundle.heads() {
            let named: BTreeSet<&String> = head.labels.iter().filter_map(|row| row.iri.as_ref()).collect();
            for concept in named {
                if fates.is_obsolete(concept)? {
                    let (iri, property) = (tagger.clone(), head.facet.clone());
                    statements.push(Statement { resting: Resting::LabelMap, iri, property, concept: concept.clone() });
                }
            }
        }
    }
    Ok(statements)
}

fn statement(resting: Resting, iri: &str, property: &NamedNode, concept: &NamedNode) -> Statement {
    Statement { resting, iri: iri.to_owned(), property: property.as_str().to_owned(), concept: concept.as_str().to_owned() }
}
