//! What is said about one thing of ours, by whom: point look-ups, bounded, from the store as it is now.

use std::collections::HashSet;

use oxigraph::model::{GraphName, GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, TermRef};

use super::void;
use crate::{
    rdf::{
        Base,
        iri::encode_segment,
        ns::{enr, oa, prov, rdf, rdfs, soa, void as void_ns},
        plain,
    },
    serve::SourceError,
    store::{Store, query::Settings},
};

/// How many statements a description holds; no thing of ours comes near, a graph may.
const MOST: usize = 10_000;
/// How many statements that point to a thing are told.
const MOST_POINTING: usize = 100;

/// Everything that a document about a thing says.
#[derive(Clone, Debug, Default)]
pub(super) struct Description {
    /// What is said about it, and about what belongs to it.
    pub(super) quads: Vec<Quad>,
    /// What points to it.
    pub(super) pointing: Vec<Quad>,
    /// Whether more points to it than is told.
    pub(super) more_pointing: bool,
    /// It was taken back, and this is what is left to say.
    pub(super) gone: bool,
    /// What a reader should know about the description itself.
    pub(super) notes: Vec<String>,
}

impl Description {
    /// All statements, what is said about the thing first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Quad> {
        self.quads.iter().chain(&self.pointing)
    }

    /// The objects of the thing's statements with this predicate.
    pub(super) fn objects<'d>(&'d self, subject: &'d NamedNode, predicate: NamedNodeRef<'static>) -> impl Iterator<Item = &'d Term> {
        let of = move |q: &&Quad| q.predicate == predicate && matches!(&q.subject, NamedOrBlankNode::NamedNode(s) if s == subject);
        self.quads.iter().filter(of).map(|q| &q.object)
    }
}

pub(super) fn ours(error: impl std::fmt::Display) -> SourceError {
    SourceError::Failed(error.to_string())
}

/// What kind of thing an IRI of ours names, by its path.
pub(super) fn class_of<'i>(base: &Base, iri: &'i str) -> &'i str {
    base.local(iri).map_or("", |local| local.split('/').next().unwrap_or_default())
}

/// Whether it is a document, which answers itself.
pub(super) fn is_document(base: &Base, iri: &NamedNode) -> bool {
    class_of(base, iri.as_str()) == "graph"
}

/// What is said about a thing, if anything is.
pub(super) fn describe(store: &Store, queries: &Settings, iri: &NamedNode) -> Result<Option<Description>, SourceError> {
    let base = store.base();
    if is_document(base, iri) {
        return graph(store, iri);
    }
    let tombstones = GraphName::from(base.tombstone_graph());
    let (gone, said): (Vec<Quad>, Vec<Quad>) = store.about(iri).map_err(ours)?.into_iter().partition(|q| q.graph_name == tombstones);
    let (pointing, more_pointing) = pointing(store, iri)?;
    if said.is_empty() && (!gone.is_empty() || pointing.is_empty()) {
        return taken_back(store, iri, gone);
    }
    let mut description = Description { quads: said, pointing, more_pointing, ..Description::default() };
    match class_of(base, iri.as_str()) {
        "annotation" => annotation(store, iri, &mut description)?,
        "dataset" => description.quads.extend(void::data_set(store, queries, iri)?),
        _ => {}
    }
    attach(store, &mut description)?;
    order(iri, &mut description.quads);
    Ok(Some(description))
}

/// What is left of a thing that was taken back: its tombstone, or that of the graph to which it belonged.
fn taken_back(store: &Store, iri: &NamedNode, mut quads: Vec<Quad>) -> Result<Option<Description>, SourceError> {
    let base = store.base();
    let work = base
        .local(iri.as_str())
        .and_then(|l| l.strip_prefix("target/").or(l.strip_prefix("annotation/")))
        .and_then(|l| l.split('/').next());
    if let (true, Some(work)) = (quads.is_empty(), work) {
        let tombstones = base.tombstone_graph();
        let graph = base.enrichment_graph(work);
        quads = store.about(&graph).map_err(ours)?;
        quads.retain(|q| q.graph_name == GraphName::from(tombstones.clone()));
    }
    if quads.is_empty() {
        return Ok(None);
    }
    order(iri, &mut quads);
    let notes = vec![told(&quads)];
    Ok(Some(Description { quads, gone: true, notes, ..Description::default() }))
}

/// What a tombstone says, in words.
fn told(quads: &[Quad]) -> String {
    let one = |predicate: NamedNodeRef<'_>| quads.iter().rfind(|q| q.predicate == predicate).map(|q| plain(&q.object));
    let when = one(prov::INVALIDATED_AT_TIME).map(|t| format!(" at {t}")).unwrap_or_default();
    let run = one(prov::WAS_GENERATED_BY).map(|r| format!(", with all of the run <{r}>")).unwrap_or_default();
    let concept = one(enr::CONCEPT).map(|c| format!(" It named the concept <{c}>.")).unwrap_or_default();
    format!("This was taken back{when}{run}.{concept}")
}


fn pointing(store: &Store, iri: &NamedNode) -> Result<(Vec<Quad>, bool), SourceError> {
    let found = store.quads().quads_for_pattern(None, None, Some(TermRef::from(iri.as_ref())), None).take(MOST_POINTING + 1);
    let mut quads = found.collect::<Result<Vec<_>, _>>().map_err(ours)?;
    let more = quads.len() > MOST_POINTING;
    quads.truncate(MOST_POINTING);
    Ok((quads, more))
}

/// What is constant for an annotation's graph is said once there; here it is spelled out on the annotation: the run, and what it was
/// derived from (picture, source graph, vocabulary, model), the mapping from labels, the decoder. Then what people said of it.
fn annotation(store: &Store, iri: &NamedNode, description: &mut Description) -> Result<(), SourceError> {
    let meta = store.meta_graph();
    let say = |quads: &mut Vec<Quad>, predicate: NamedNodeRef<'_>, object: Term| {
        quads.push(Quad::new(iri.clone(), predicate, object, GraphName::DefaultGraph));
    };
    let mut graphs: Vec<NamedNode> = Vec::new();
    for quad in &description.quads {
        if let (GraphName::NamedNode(graph), true) = (&quad.graph_name, quad.predicate == oa::HAS_BODY) {
            graphs.push(graph.clone());
        }
    }
    let mut spelled = Vec::new();
    for graph in &graphs {
        for predicate in [prov::WAS_GENERATED_BY, prov::WAS_DERIVED_FROM, enr::DECODER] {
            for object in store.objects(graph, predicate, &meta).map_err(ours)? {
                if let (true, Term::NamedNode(run)) = (predicate == prov::WAS_GENERATED_BY, &object) {
                    for used in store.objects(run, prov::USED, &meta).map_err(ours)? {
                        match class_of(store.base(), &plain(&used)) {
                            "model" => say(&mut spelled, prov::WAS_DERIVED_FROM, used),
                            "label-map" => say(&mut spelled, enr::LABEL_MAPPING, used),
                            _ => {}
                        }
                    }
                }
                say(&mut spelled, predicate, object);
            }
        }
    }
    let reviews = store.base().review_graph();
    for review in store.subjects(oa::HAS_TARGET, iri, &reviews).map_err(ours)? {
        if let NamedOrBlankNode::NamedNode(review) = review {
            say(&mut spelled, soa::HAS_REVIEW, review.clone().into());
            spelled.extend(store.about(&review).map_err(ours)?);
        }
    }
    description.quads.append(&mut spelled);
    Ok(())
}

/// Blank nodes, an annotation's target, and what is named as a part of a thing (`…#words`) belong to what points to them.
fn attach(store: &Store, description: &mut Description) -> Result<(), SourceError> {
    let mut seen: HashSet<NamedOrBlankNode> = description.quads.iter().map(|q| q.subject.clone()).collect();
    let mut at = 0;
    while let Some(quad) = description.quads.get(at).cloned() {
        at += 1;
        let node: NamedOrBlankNode = match quad.object {
            Term::BlankNode(node) => node.into(),
            Term::NamedNode(node) if belongs(store.base(), &quad.predicate, &node) || is_part(&quad.subject, &node) => node.into(),
            _ => continue,
        };
        if description.quads.len() < MOST && seen.insert(node.clone()) {
            description.quads.extend(store.about(&node).map_err(ours)?);
        }
    }
    Ok(())
}

fn is_part(whole: &NamedOrBlankNode, node: &NamedNode) -> bool {
    let NamedOrBlankNode::NamedNode(whole) = whole else { return false };
    node.as_str().strip_prefix(whole.as_str()).is_some_and(|rest| rest.starts_with('#'))
}

/// Targets and their selectors, the texts of captions, and statements between regions.
fn belongs(base: &Base, predicate: &NamedNode, node: &NamedNode) -> bool {
    let class = class_of(base, node.as_str());
    match predicate.as_ref() {
        oa::HAS_TARGET | oa::HAS_SELECTOR | rdf::SUBJECT | rdf::OBJECT => class == "target",
        oa::HAS_BODY => class == "text" || class == "annotation",
        _ => false,
    }
}

/// A graph: what is said about it, and what it holds, unless that is a vocabulary or larger than anybody reads.
fn graph(store: &Store, iri: &NamedNode) -> Result<Option<Description>, SourceError> {
    let base = store.base();
    let tombstones = GraphName::from(base.tombstone_graph());
    let (gone, about): (Vec<Quad>, Vec<Quad>) = store.about(iri).map_err(ours)?.into_iter().partition(|q| q.graph_name == tombstones);
    if !store.has_graph(iri).map_err(ours)? {
        // A tagger that said nothing leaves an empty graph, which is described all the same.
        if about.is_empty() {
            return taken_back(store, iri, gone);
        }
    }
    let mut description = Description { quads: about, ..Description::default() };
    let own = |predicate: NamedNodeRef<'_>, object: Term| Quad::new(iri.clone(), predicate, object, GraphName::DefaultGraph);
    let vocabulary = base.local(iri.as_str()).is_some_and(|l| l.starts_with("graph/vocab/"));
    let name = GraphNameRef::from(iri.as_ref());
    let mut held: Vec<Quad> = Vec::new();
    if !vocabulary {
        let found = store.quads().quads_for_pattern(None, None, None, Some(name)).take(MOST + 1);
        held = found.collect::<Result<_, _>>().map_err(ours)?;
    }
    if vocabulary || held.len() > MOST {
        description.notes.push(if vocabulary {
            "This describes the release. What it says of single concepts stands on their pages, and the whole of it can be queried."
                .to_owned()
        } else {
            format!("This graph holds more than {MOST} statements, so they are not sent here: query them.")
        });
        held.clear();
    }
    description.quads.push(own(rdf::TYPE, void_ns::DATASET.into()));
    description.quads.push(own(void_ns::SPARQL_ENDPOINT, NamedNode::new_unchecked(format!("{}sparql", base.as_str())).into()));
    description.quads.push(own(rdfs::SEE_ALSO, NamedNode::new_unchecked(query_address(base, iri)).into()));
    order(iri, &mut description.quads);
    order(iri, &mut held);
    description.quads.extend(held);
    Ok(Some(description))
}

/// The address at the endpoint that gives a graph's statements.
fn query_address(base: &Base, graph: &NamedNode) -> String {
    let query = format!("CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{}> {{ ?s ?p ?o }} }} LIMIT 10000", graph.as_str());
    format!("{}sparql?query={}", base.as_str(), encode_segment(&query))
}

/// The thing itself first, its class first; then by what is described, so that documents are the same each time.
pub(super) fn order(iri: &NamedNode, quads: &mut [Quad]) {
    quads.sort_by_cached_key(|quad| {
        let own = matches!(&quad.subject, NamedOrBlankNode::NamedNode(s) if s == iri);
        let class = quad.predicate == rdf::TYPE;
        (!own, quad.subject.to_string(), !class, quad.predicate.as_str().to_owned(), quad.object.to_string(), quad.graph_name.to_string())
    });
}
