//! What others said of a picture or an object, put into words: claims of a service or a crowd, each with its own creator.
//!
//! A label that names one concept has that concept as its body; any other is kept as text (`oa:TextualBody`), so that nothing that was said is
//! lost and nothing is made up. Either way it is a claim of its own agent, with that agent's own number.

use jiff::Timestamp;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Quad, Term, Triple};

use super::{Enrichment, EnrichmentError, Settings, TaggerCard};
use crate::rdf::{
    Base, RecordKey,
    mint::short_key,
    ns::{activity_streams, dcterms, enr, foaf, mls, oa, prov, rdf, skos, xsd},
};

/// What a crowd said with one label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crowd {
    /// How many said so.
    pub votes: u64,
    /// How many said anything.
    pub voters: u64,
    /// Who said so, and how often; nothing where the file names nobody.
    pub by: Vec<(String, u64)>,
    /// Whether more said this than said anything else.
    pub majority: bool,
}

/// One claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The label as the service or the crowd wrote it.
    pub label: String,
    /// Its language, where it is told.
    pub language: Option<String>,
    /// The concept that it names, if it names one: its IRI, and the label by which it was found.
    pub concept: Option<NamedNode>,
    /// The facet that it answers.
    pub facet: String,
    /// The service's own number, from 0 to 1, or the share of the crowd.
    pub score: f64,
    /// Its rank among the claims about the same thing, from 1.
    pub rank: u32,
    /// Of a crowd: who said so.
    pub crowd: Option<Crowd>,
}

/// One record and all that one agent says about one view of it.
#[derive(Clone, Debug)]
pub struct ClaimWork {
    /// The record.
    pub record: RecordKey,
    /// Its CHO.
    pub cho: NamedNode,
    /// What was looked at: a web resource, or the CHO itself.
    pub seen: NamedNode,
    /// The vocabulary releases whose labels were searched.
    pub vocabularies: Vec<(NamedNode, String)>,
}

impl ClaimWork {
    /// The work key: the same claims of the same agent about the same thing are the same work.
    pub fn key(&self, agent: &TaggerCard, claims: &[Claim]) -> String {
        let said: Vec<String> = claims
            .iter()
            .map(|c| {
                let concept = c.concept.as_ref().map_or("", NamedNode::as_str);
                format!(
                    "{}\u{1f}{:?}\u{1f}{concept}\u{1f}{}\u{1f}{}\u{1f}{:.6}\u{1f}{:?}",
                    c.label, c.language, c.facet, c.rank, c.score, c.crowd
                )
            })
            .collect();
        let fixed = ["claims", self.record.as_str(), self.seen.as_str(), agent.id.as_str(), agent.version.as_str()];
        short_key(fixed.into_iter().chain(said.iter().map(String::as_str)))
    }
}

/// Describes what an agent said. `run` is the import that brought it.
pub fn describe_claims(
    base: &Base,
    work: &ClaimWork,
    agent: &TaggerCard,
    claims: &[Claim],
    run: &NamedNode,
    settings: &Settings,
) -> Result<Enrichment, EnrichmentError> {
    let key = work.key(agent, claims);
    let graph = base.enrichment_graph(&key);
    let target = base.target(&key, "");
    let mut triples = vec![
        Triple::new(target.clone(), rdf::TYPE, oa::SPECIFIC_RESOURCE),
        Triple::new(target.clone(), oa::HAS_SOURCE, work.seen.clone()),
        Triple::new(target.clone(), oa::HAS_SCOPE, work.cho.clone()),
    ];
    for claim in claims {
        let property = settings.property(&claim.facet)?;
        claimed(base, &key, &target, claim, property, agent, &mut triples);
    }
    let meta = base.meta_graph();
    let mut about = Vec::new();
    let mut say = |predicate: NamedNodeRef<'_>, object: Term| about.push(Quad::new(graph.clone(), predicate, object, meta.clone()));
    say(rdf::TYPE, enr::ENRICHMENT_GRAPH.into());
    say(enr::RECORD, Literal::new_simple_literal(work.record.as_str()).into());
    say(prov::WAS_GENERATED_BY, run.clone().into());
    say(prov::WAS_ATTRIBUTED_TO, agent.agent(base).into());
    say(prov::WAS_DERIVED_FROM, base.source_graph(&work.record).into());
    for (vocabulary, _) in &work.vocabularies {
        say(prov::WAS_DERIVED_FROM, vocabulary.clone().into());
    }
    Ok(Enrichment { graph, triples, about, annotations: claims.len() })
}

/// An agent of whom we know no more than the name: a service, or a crowd.
pub fn describe_outside_agent(base: &Base, agent: &TaggerCard) -> Vec<Quad> {
    let meta = base.meta_graph();
    let iri = agent.agent(base);
    let said: [(NamedNodeRef<'_>, Term); 7] = [
        (rdf::TYPE, prov::SOFTWARE_AGENT.into()),
        (rdf::TYPE, activity_streams::APPLICATION.into()),
        (rdf::TYPE, enr::TAGGER.into()),
        (foaf::NAME, Literal::new_simple_literal(&agent.title).into()),
        (dcterms::IDENTIFIER, Literal::new_simple_literal(&agent.id).into()),
        (dcterms::HAS_VERSION, Literal::new_simple_literal(&agent.version).into()),
        (enr::TAGGER_STATUS, enr::CANDIDATE.into()),
    ];
    said.into_iter().map(|(predicate, object)| Quad::new(iri.clone(), predicate, object, meta.clone())).collect()
}

/// An import: the run that brought an outside agent's claims, and when. `ended` is not known while it goes on.
pub fn describe_import(
    base: &Base,
    run: &NamedNode,
    agent: &TaggerCard,
    vocabularies: &[(NamedNode, String)],
    started: Timestamp,
    ended: Option<Timestamp>,
) -> Vec<Quad> {
    let meta = base.meta_graph();
    let mut quads = Vec::new();
    let mut say = |predicate: NamedNodeRef<'_>, object: Term| quads.push(Quad::new(run.clone(), predicate, object, meta.clone()));
    let time = |at: Timestamp| Term::from(Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME));
    say(rdf::TYPE, prov::ACTIVITY.into());
    say(rdf::TYPE, mls::RUN.into());
    say(prov::WAS_ASSOCIATED_WITH, agent.agent(base).into());
    for (vocabulary, _) in vocabularies {
        say(prov::USED, vocabulary.clone().into());
    }
    say(enr::PROVIDER, Literal::new_simple_literal("import").into());
    say(prov::STARTED_AT_TIME, time(started));
    if let Some(ended) = ended {
        say(prov::ENDED_AT_TIME, time(ended));
    }
    quads
}

fn claimed(base: &Base, key: &str, target: &NamedNode, claim: &Claim, property: NamedNode, agent: &TaggerCard, triples: &mut Vec<Triple>) {
    let text = base.text(&claim.label, claim.language.as_deref().unwrap_or_default());
    let body = claim.concept.clone().unwrap_or_else(|| text.clone());
    let annotation = base.annotation(key, property.as_ref(), body.as_ref(), &claim.label);
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        triples.push(Triple::new(subject.clone(), predicate, object));
    };
    let integer = |n: u64| Term::from(Literal::new_typed_literal(n.to_string(), xsd::INTEGER));
    say(&annotation, rdf::TYPE, oa::ANNOTATION.into());
    say(&annotation, oa::MOTIVATED_BY, oa::TAGGING.into());
    say(&annotation, oa::HAS_BODY, body.into());
    say(&annotation, oa::HAS_TARGET, target.clone().into());
    say(&annotation, enr::PROPOSED_PROPERTY, property.into());
    say(&annotation, enr::FACET, Literal::new_simple_literal(&claim.facet).into());
    say(&annotation, enr::RAW_SCORE, Literal::new_typed_literal(format!("{:.4}", claim.score), xsd::DOUBLE).into());
    say(&annotation, enr::SCORE_KIND, if claim.crowd.is_some() { enr::AGREEMENT } else { enr::SERVICE_SCORE }.into());
    say(&annotation, enr::RANK, integer(u64::from(claim.rank)));
    say(&annotation, enr::MODEL_LABEL, Literal::new_simple_literal(&claim.label).into());
    say(&annotation, enr::MATCH, skos::CLOSE_MATCH.into());
    say(&annotation, dcterms::CREATOR, agent.agent(base).into());
    if claim.concept.is_none() {
        say(&text, rdf::TYPE, oa::TEXTUAL_BODY.into());
        let value = match &claim.language {
            Some(language) => Literal::new_language_tagged_literal(&claim.label, language).ok(),
            None => None,
        };
        say(&text, rdf::VALUE, value.unwrap_or_else(|| Literal::new_simple_literal(&claim.label)).into());
    }
    let Some(crowd) = &claim.crowd else { return };
    say(&annotation, enr::VOTES, integer(crowd.votes));
    say(&annotation, enr::VOTERS, integer(crowd.voters));
    say(&annotation, enr::MAJORITY, Literal::from(crowd.majority).into());
    for (who, votes) in &crowd.by {
        let vote = NamedNode::new_unchecked(format!("{}#vote-{}", annotation.as_str(), short_key([who])));
        let person = base.person(&format!("{} {who}", agent.id));
        say(&annotation, enr::VOTE, vote.clone().into());
        say(&vote, rdf::TYPE, enr::VOTE_CLASS.into());
        say(&vote, dcterms::CREATOR, person.clone().into());
        say(&vote, enr::VOTES, integer(*votes));
        say(&person, foaf::NAME, Literal::new_simple_literal(who).into());
    }
}
