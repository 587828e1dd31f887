//! Links put into words: each an annotation that quotes the words of the record which name the concept.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Quad, Term, Triple};

use super::{Enrichment, EnrichmentError, Settings, TaggerCard};
use crate::{
    linking::{Link, Method, Said},
    rdf::{
        Base, RecordKey,
        mint::short_key,
        ns::{dcterms, enr, oa, prov, rdf, skos, soa, xsd},
    },
};

/// How much of the text around the words is quoted with them, in characters.
const AROUND: usize = 32;

/// One record, one linker, one state of the vocabularies.
#[derive(Clone, Debug)]
pub struct TextWork {
    /// The record.
    pub record: RecordKey,
    /// Its CHO.
    pub cho: NamedNode,
    /// The digest of the record's canonical form.
    pub record_digest: String,
    /// The vocabulary releases whose labels were searched: graph and checksum of its content.
    pub vocabularies: Vec<(NamedNode, String)>,
}

impl TextWork {
    /// The work key: equal work has equal keys, whenever it is done.
    pub fn key(&self, linker: &TaggerCard) -> String {
        let mut parts = vec![
            "text",
            self.record.as_str(),
            self.record_digest.as_str(),
            linker.id.as_str(),
            linker.version.as_str(),
            linker.model_checksum.as_str(),
            linker.settings_digest.as_str(),
        ];
        for (graph, checksum) in &self.vocabularies {
            parts.push(graph.as_str());
            parts.push(checksum);
        }
        short_key(parts)
    }
}

/// Describes what the words of a record name. `run` is the activity that made it.
pub fn describe_links(
    base: &Base,
    work: &TextWork,
    linker: &TaggerCard,
    links: &[(Said, Link)],
    run: &NamedNode,
    settings: &Settings,
) -> Result<Enrichment, EnrichmentError> {
    let key = work.key(linker);
    let graph = base.enrichment_graph(&key);
    let mut triples = Vec::new();
    let mut ranks: Vec<(&str, u32)> = Vec::new();
    for (said, link) in links {
        let property = settings.property(&link.facet)?;
        let rank = if let Some((_, rank)) = ranks.iter_mut().find(|(facet, _)| *facet == link.facet) {
            *rank += 1;
            *rank
        } else {
            ranks.push((&link.facet, 1));
            1
        };
        let place = format!("{} {} {}-{} {}", said.of.as_str(), said.property.as_str(), link.words.start, link.words.end, said.text);
        let target = base.target(&key, &place);
        let annotation = base.annotation(&key, property.as_ref(), link.concept.as_ref(), &place);
        annotate(&annotation, &target, link, property, rank, linker.agent(base), &mut triples);
        quote(&target, &work.cho, said, link, &mut triples);
    }
    Ok(Enrichment { about: about_graph(base, &graph, work, linker, run), graph, triples, annotations: links.len() })
}

fn annotate(
    annotation: &NamedNode,
    target: &NamedNode,
    link: &Link,
    property: NamedNode,
    rank: u32,
    agent: NamedNode,
    triples: &mut Vec<Triple>,
) {
    let mut say = |predicate: NamedNodeRef<'_>, object: Term| triples.push(Triple::new(annotation.clone(), predicate, object));
    let (kind, mapping) = match link.method {
        Method::Label | Method::Homograph | Method::Words => (enr::LABEL_MATCH, skos::EXACT_MATCH),
        Method::Likeness => (enr::LIKENESS, skos::CLOSE_MATCH),
    };
    say(rdf::TYPE, oa::ANNOTATION.into());
    say(oa::MOTIVATED_BY, oa::CLASSIFYING.into());
    say(oa::HAS_BODY, link.concept.clone().into());
    say(oa::HAS_TARGET, target.clone().into());
    say(enr::PROPOSED_PROPERTY, property.into());
    say(enr::FACET, Literal::new_simple_literal(&link.facet).into());
    say(enr::RAW_SCORE, Literal::new_typed_literal(format!("{:.4}", link.score), xsd::DOUBLE).into());
    say(enr::SCORE_KIND, kind.into());
    say(enr::METHOD, Literal::new_simple_literal(link.method.as_str()).into());
    say(enr::RANK, Literal::new_typed_literal(rank.to_string(), xsd::INTEGER).into());
    say(enr::MODEL_LABEL, Literal::new_simple_literal(&link.label).into());
    say(enr::MATCH, mapping.into());
    say(dcterms::CREATOR, agent.into());
    if let Some(confidence) = link.confidence {
        say(soa::CONFIDENCE, Literal::new_typed_literal(confidence.to_string(), xsd::DECIMAL).into());
    }
}

/// The target: of what it is said, by which property, and the very words (Web Annotation Data Model 4.2.4).
fn quote(target: &NamedNode, cho: &NamedNode, said: &Said, link: &Link, triples: &mut Vec<Triple>) {
    let selector = NamedNode::new_unchecked(format!("{}#words", target.as_str()));
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        triples.push(Triple::new(subject.clone(), predicate, object));
    };
    say(target, rdf::TYPE, oa::SPECIFIC_RESOURCE.into());
    say(target, oa::HAS_SOURCE, said.of.clone().into());
    say(target, oa::HAS_SCOPE, cho.clone().into());
    say(target, enr::SOURCE_PROPERTY, said.property.clone().into());
    say(target, oa::HAS_SELECTOR, selector.clone().into());
    say(&selector, rdf::TYPE, oa::TEXT_QUOTE_SELECTOR.into());
    let (before, after) = (&said.text[..link.words.start], &said.text[link.words.end..]);
    let skipped = before.chars().count().saturating_sub(AROUND);
    let before: String = before.chars().skip(skipped).collect();
    let after: String = after.chars().take(AROUND).collect();
    for (predicate, text) in [(oa::PREFIX, before.as_str()), (oa::EXACT, &said.text[link.words.clone()]), (oa::SUFFIX, after.as_str())] {
        if !text.is_empty() {
            say(&selector, predicate, Literal::new_simple_literal(text).into());
        }
    }
}

fn about_graph(base: &Base, graph: &NamedNode, work: &TextWork, linker: &TaggerCard, run: &NamedNode) -> Vec<Quad> {
    let meta = base.meta_graph();
    let mut quads = Vec::new();
    let mut say = |predicate: NamedNodeRef<'_>, object: Term| quads.push(Quad::new(graph.clone(), predicate, object, meta.clone()));
    say(rdf::TYPE, enr::ENRICHMENT_GRAPH.into());
    say(enr::RECORD, Literal::new_simple_literal(work.record.as_str()).into());
    say(prov::WAS_GENERATED_BY, run.clone().into());
    say(prov::WAS_ATTRIBUTED_TO, linker.agent(base).into());
    say(prov::WAS_DERIVED_FROM, base.source_graph(&work.record).into());
    for (vocabulary, _) in &work.vocabularies {
        say(prov::WAS_DERIVED_FROM, vocabulary.clone().into());
    }
    quads
}
