//! Predictions put into words: annotations in a graph of their own, and what is said once about that graph, its tagger and its run.

use jiff::Timestamp;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Quad, Triple};

use super::{EnrichmentError, Seen, Settings, TaggerCard, Work, picture_targets::Targets};
use crate::{
    model::About,
    rdf::{
        Base,
        ns::{activity_streams, dcterms, ebucore, enr, foaf, mls, oa, prov, rdf, skos, soa, spdx, xsd},
    },
    tagging::{FacetPredictions, Mapping, Prediction, ScoreKind},
};

/// All that one tagger adds to one record.
#[derive(Clone, Debug)]
pub struct Enrichment {
    /// The graph that holds the annotations; it may be empty where the tagger said nothing.
    pub graph: NamedNode,
    /// The annotations.
    pub triples: Vec<Triple>,
    /// What is said about the graph and the picture, for the graph of graphs.
    pub about: Vec<Quad>,
    /// How many annotations there are.
    pub annotations: usize,
}

/// Describes what a tagger saw. `run` is the activity that made it.
pub fn describe(
    base: &Base,
    work: &Work,
    seen: &Seen,
    tagger: &TaggerCard,
    facets: &[FacetPredictions],
    run: &NamedNode,
    settings: &Settings,
) -> Result<Enrichment, EnrichmentError> {
    let key = work.key(tagger);
    let graph = base.enrichment_graph(&key);
    let said = Saying { base, key: &key, tagger };
    let mut targets = Targets::new(base, &key, work, seen);
    let mut triples = Vec::new();
    let mut annotations = 0;
    for facet in facets {
        if facet.about == About::WebResource {
            annotations += facet.predictions.len();
            facet.predictions.iter().for_each(|p| said.quality(p, seen, &mut triples));
            continue;
        }
        let property = settings.property(&facet.facet)?;
        for prediction in &facet.predictions {
            annotations += 1;
            said.annotate(prediction, &property, targets.of(prediction.region), &mut triples);
        }
        for (relation, rank) in facet.relations.iter().zip(1..) {
            annotations += 1;
            said.relation(relation, &facet.facet, rank, &mut targets, &mut triples);
        }
        if let Some(caption) = &facet.caption {
            annotations += 1;
            said.caption(caption, &property, targets.of(None), &mut triples);
        }
    }
    targets.describe(&mut triples);
    let about = about_graph(base, &graph, work, seen, tagger, facets, run);
    Ok(Enrichment { graph, triples, about, annotations })
}

/// Who says something, in which piece of work.
#[derive(Clone, Copy)]
pub(super) struct Saying<'s> {
    pub(super) base: &'s Base,
    pub(super) key: &'s str,
    pub(super) tagger: &'s TaggerCard,
}

impl Saying<'_> {
    fn annotate(&self, prediction: &Prediction, property: &NamedNode, target: NamedNode, triples: &mut Vec<Triple>) {
        let region = prediction.region.map(|r| r.to_string()).unwrap_or_default();
        let annotation = self.base.annotation(self.key, property.as_ref(), prediction.concept.as_ref(), &region);
        // A place on the picture is tagged; the whole of it is classified.
        let motivation = if prediction.region.is_some() { oa::TAGGING } else { oa::CLASSIFYING };
        let mut say = |predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
            triples.push(Triple::new(annotation.clone(), predicate, object));
        };
        say(rdf::TYPE, oa::ANNOTATION.into());
        say(oa::MOTIVATED_BY, motivation.into());
        say(oa::HAS_BODY, prediction.concept.clone().into());
        say(oa::HAS_TARGET, target.into());
        say(enr::PROPOSED_PROPERTY, property.clone().into());
        self.measured(&annotation, prediction, triples);
    }

    /// What the tagger's numbers say of an annotation.
    pub(super) fn measured(&self, annotation: &NamedNode, prediction: &Prediction, triples: &mut Vec<Triple>) {
        self.scored(annotation, &prediction.facet, (prediction.score, prediction.kind), prediction.rank, triples);
        let mut say = |predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
            triples.push(Triple::new(annotation.clone(), predicate, object));
        };
        say(enr::MODEL_LABEL, Literal::new_simple_literal(&prediction.label).into());
        say(enr::MATCH, mapping_property(prediction.mapping).into());
        if let Some(confidence) = prediction.confidence {
            say(soa::CONFIDENCE, Literal::new_typed_literal(confidence.to_string(), xsd::DECIMAL).into());
        }
    }

    /// Facet, score, rank, and who says so.
    pub(super) fn scored(
        &self,
        annotation: &NamedNode,
        facet: &str,
        (score, kind): (f64, ScoreKind),
        rank: u32,
        triples: &mut Vec<Triple>,
    ) {
        let mut say = |predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
            triples.push(Triple::new(annotation.clone(), predicate, object));
        };
        say(enr::FACET, Literal::new_simple_literal(facet).into());
        // Seven digits are what a 32-bit network can mean; more would differ between machines.
        say(enr::RAW_SCORE, Literal::new_typed_literal(format!("{score:.7}"), xsd::DOUBLE).into());
        say(enr::SCORE_KIND, score_kind(kind).into());
        say(enr::RANK, Literal::new_typed_literal(rank.to_string(), xsd::INTEGER).into());
        say(dcterms::CREATOR, self.tagger.agent(self.base).into());
    }
}

fn about_graph(
    base: &Base,
    graph: &NamedNode,
    work: &Work,
    seen: &Seen,
    tagger: &TaggerCard,
    facets: &[FacetPredictions],
    run: &NamedNode,
) -> Vec<Quad> {
    let meta = base.meta_graph();
    let picture = base.picture(&seen.checksum);
    let mut quads = Vec::new();
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
        quads.push(Quad::new(subject.clone(), predicate, object, meta.clone()));
    };
    say(graph, rdf::TYPE, enr::ENRICHMENT_GRAPH.into());
    say(graph, enr::RECORD, Literal::new_simple_literal(work.record.as_str()).into());
    say(graph, prov::WAS_GENERATED_BY, run.clone().into());
    say(graph, prov::WAS_ATTRIBUTED_TO, tagger.agent(base).into());
    say(graph, prov::WAS_DERIVED_FROM, picture.clone().into());
    say(graph, prov::WAS_DERIVED_FROM, base.source_graph(&work.record).into());
    say(graph, enr::DECODER, Literal::new_simple_literal(&seen.decoder).into());
    for (vocabulary, _) in &work.vocabularies {
        say(graph, prov::WAS_DERIVED_FROM, vocabulary.clone().into());
    }
    for facet in facets {
        if let Some(reason) = &facet.abstained {
            say(graph, enr::ABSTAINED, Literal::new_simple_literal(format!("{}: {reason}", facet.facet)).into());
        }
    }
    say(&picture, rdf::TYPE, prov::ENTITY.into());
    say(&picture, prov::SPECIALIZATION_OF, seen.web_resource.clone().into());
    say(&picture, ebucore::WIDTH, Literal::new_typed_literal(seen.width.to_string(), xsd::INTEGER).into());
    say(&picture, ebucore::HEIGHT, Literal::new_typed_literal(seen.height.to_string(), xsd::INTEGER).into());
    for note in &seen.notes {
        say(graph, enr::NOTE, Literal::new_simple_literal(note).into());
    }
    if let Some(through) = seen.through.as_ref().and_then(|address| NamedNode::new(address).ok()) {
        say(&picture, dcterms::SOURCE, through.into());
    }
    say(&picture, spdx::CHECKSUM_VALUE, Literal::new_simple_literal(&seen.checksum).into());
    quads
}

/// The tagger, its model and its label map, each once.
pub fn describe_tagger(base: &Base, tagger: &TaggerCard) -> Vec<Quad> {
    let meta = base.meta_graph();
    let (agent, model, labels) = (tagger.agent(base), tagger.model(base), tagger.label_map(base));
    let mut quads = Vec::new();
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
        quads.push(Quad::new(subject.clone(), predicate, object, meta.clone()));
    };
    say(&agent, rdf::TYPE, prov::SOFTWARE_AGENT.into());
    say(&agent, rdf::TYPE, activity_streams::APPLICATION.into());
    say(&agent, rdf::TYPE, enr::TAGGER.into());
    say(&agent, foaf::NAME, Literal::new_simple_literal(&tagger.title).into());
    say(&agent, dcterms::IDENTIFIER, Literal::new_simple_literal(&tagger.id).into());
    say(&agent, dcterms::HAS_VERSION, Literal::new_simple_literal(&tagger.version).into());
    say(&agent, enr::TAGGER_STATUS, status(&tagger.status).into());
    say(&agent, enr::LABEL_MAPPING, labels.clone().into());
    for (facet, fitted_on) in &tagger.calibrated_on {
        say(&agent, enr::CALIBRATED_ON, Literal::new_simple_literal(format!("{facet}: {fitted_on}")).into());
    }
    say(&model, rdf::TYPE, prov::ENTITY.into());
    say(&model, rdf::TYPE, mls::MODEL.into());
    say(&model, dcterms::TITLE, Literal::new_simple_literal(&tagger.title).into());
    say(&model, dcterms::LICENSE, licence(&tagger.licence));
    say(&model, spdx::CHECKSUM_VALUE, Literal::new_simple_literal(&tagger.model_checksum).into());
    say(&labels, rdf::TYPE, prov::ENTITY.into());
    say(&labels, spdx::CHECKSUM_VALUE, Literal::new_simple_literal(&tagger.settings_digest).into());
    quads
}

/// Who looked together, where a tagger is several.
pub fn describe_members(base: &Base, ensemble: &TaggerCard, members: &[TaggerCard]) -> Vec<Quad> {
    let meta = base.meta_graph();
    let mut quads: Vec<Quad> = members.iter().flat_map(|m| describe_tagger(base, m)).collect();
    let is_member = |m: &TaggerCard| Quad::new(ensemble.agent(base), enr::MEMBER, m.agent(base), meta.clone());
    quads.extend(members.iter().map(is_member));
    quads
}

/// A run: the only place where time stands. `ended` is not known while it goes on.
pub fn describe_run(
    base: &Base,
    run: &NamedNode,
    tagger: &TaggerCard,
    vocabularies: &[(NamedNode, String)],
    provider: &str,
    started: Timestamp,
    ended: Option<Timestamp>,
) -> Vec<Quad> {
    let meta = base.meta_graph();
    let mut quads = Vec::new();
    let mut say = |predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
        quads.push(Quad::new(run.clone(), predicate, object, meta.clone()));
    };
    say(rdf::TYPE, prov::ACTIVITY.into());
    say(rdf::TYPE, mls::RUN.into());
    say(prov::WAS_ASSOCIATED_WITH, tagger.agent(base).into());
    say(prov::USED, tagger.model(base).into());
    say(prov::USED, tagger.label_map(base).into());
    for (vocabulary, _) in vocabularies {
        say(prov::USED, vocabulary.clone().into());
    }
    say(enr::PROVIDER, Literal::new_simple_literal(provider).into());
    say(prov::STARTED_AT_TIME, Literal::new_typed_literal(started.to_string(), xsd::DATE_TIME).into());
    if let Some(ended) = ended {
        say(prov::ENDED_AT_TIME, Literal::new_typed_literal(ended.to_string(), xsd::DATE_TIME).into());
    }
    quads
}

fn score_kind(kind: ScoreKind) -> NamedNodeRef<'static> {
    match kind {
        ScoreKind::Sigmoid => enr::SIGMOID,
        ScoreKind::Softmax => enr::SOFTMAX,
        ScoreKind::Cosine => enr::COSINE,
        ScoreKind::Raw => enr::RAW,
        ScoreKind::Product => enr::PRODUCT,
        ScoreKind::Mean => enr::MEAN,
        ScoreKind::Likelihood => enr::LIKELIHOOD,
    }
}

fn mapping_property(mapping: Mapping) -> NamedNodeRef<'static> {
    match mapping {
        Mapping::Exact => skos::EXACT_MATCH,
        Mapping::Close => skos::CLOSE_MATCH,
        Mapping::Broad => skos::BROAD_MATCH,
    }
}

fn status(status: &str) -> NamedNodeRef<'static> {
    match status {
        "approved" => enr::APPROVED,
        "candidate" => enr::CANDIDATE,
        _ => enr::DEMO,
    }
}

/// A licence as an IRI where it is one or a well-known name, else as it is written.
fn licence(text: &str) -> oxigraph::model::Term {
    match NamedNode::new(text) {
        Ok(iri) => iri.into(),
        Err(_) => NamedNode::new_unchecked(format!("https://spdx.org/licenses/{}", crate::rdf::iri::encode_segment(text))).into(),
    }
}
