//! Concepts that were fetched one by one from where their IRIs lead: what their publisher says of them, in a graph of their own for each host.

use std::collections::{BTreeMap, HashSet};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{GraphNameRef, Literal, NamedNode, NamedOrBlankNode, Quad, Term, Triple},
};
use quick_xml::{Reader, events::Event};
use sha2::{Digest as _, Sha256};

use super::VocabError;
use crate::{
    rdf::{
        iri::spellings,
        ns::{dcterms, enr, gvp, prov, rdf, rdfs, skos, skosxl, spdx, void, xsd},
        syntax,
    },
    store::{Change, Store, StoreError},
    telemetry::Progress,
};

/// How many triples about one concept are kept.
const MOST_TRIPLES: usize = 5_000;
/// How deep XML may be nested.
const MOST_DEEP: usize = 64;
/// The release of what was fetched one by one.
const RELEASE: &str = "fetched";
/// The forms of RDF that we read, as `Accept` has them.
pub const RDF_FORMS: &str = "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8, application/ld+json;q=0.5";

/// A concept as its publisher describes it.
#[derive(Clone, Debug)]
pub struct Dereferenced {
    /// Its IRI, as the publisher spells it.
    pub concept: NamedNode,
    /// What the document says about it, and about its labels; nothing about other concepts.
    pub triples: Vec<Triple>,
    /// Where the document was found, after all redirects.
    pub source: String,
}

impl Dereferenced {
    /// Reads a document that was fetched for a concept. The reason why not is for people.
    pub fn read(iri: &str, bytes: &[u8], media_type: &str, source: &str) -> Result<Self, String> {
        let format =
            format(media_type, source).ok_or_else(|| format!("<{source}> answers with {media_type}, which is no RDF that we read"))?;
        if format == RdfFormat::RdfXml {
            check_xml(bytes)?;
        }
        let parser = RdfParser::from_format(format).with_base_iri(source).map_err(|e| e.to_string())?.without_named_graphs();
        let mut by_subject: BTreeMap<String, Vec<Triple>> = BTreeMap::new();
        for quad in parser.lenient().for_reader(bytes) {
            let triple = Triple::from(quad.map_err(|e| format!("<{source}> is not what it says: {e}"))?);
            // Blank nodes have other names each time; what hangs on them is left out.
            if let (NamedOrBlankNode::NamedNode(subject), false) = (&triple.subject, triple.object.is_blank_node()) {
                by_subject.entry(subject.as_str().to_owned()).or_default().push(triple);
            }
        }
        let own = spellings(iri).into_iter().find_map(|spelling| by_subject.remove(spelling.as_ref()));
        let Some(mut triples) = own else { return Err(format!("<{source}> says nothing about <{iri}>")) };
        if !is_concept(&triples) {
            return Err(format!("<{source}> describes <{iri}>, but not as a concept"));
        }
        let Some(NamedOrBlankNode::NamedNode(concept)) = triples.first().map(|t| t.subject.clone()) else {
            return Err(format!("<{source}> says nothing about <{iri}>"));
        };
        let labels: Vec<String> = triples
            .iter()
            .filter(|t| [skosxl::PREF_LABEL, skosxl::ALT_LABEL].contains(&t.predicate.as_ref()))
            .filter_map(|t| if let Term::NamedNode(label) = &t.object { Some(label.as_str().to_owned()) } else { None })
            .collect();
        triples.extend(labels.iter().filter_map(|label| by_subject.remove(label)).flatten());
        triples.truncate(MOST_TRIPLES);
        Ok(Self { concept, triples, source: source.to_owned() })
    }
}

/// The syntax, by the media type; where hosts have no word of their own for it, by the name.
fn format(media_type: &str, source: &str) -> Option<RdfFormat> {
    if media_type == "application/json" {
        return Some(syntax::JSON_LD);
    }
    if matches!(media_type, "" | "text/plain" | "application/octet-stream") {
        return source.split(['?', '#']).next().and_then(syntax::from_file_name);
    }
    RdfFormat::from_media_type(media_type)
}

/// No document type, no entities, no bottomless nesting: before the parser sees any of it.
fn check_xml(bytes: &[u8]) -> Result<(), String> {
    let mut reader = Reader::from_reader(bytes);
    let (mut buffer, mut depth) = (Vec::new(), 0_usize);
    loop {
        match reader.read_event_into(&mut buffer).map_err(|e| format!("its XML is broken: {e}"))? {
            Event::DocType(_) => return Err("its XML has a document type, which we do not read".to_owned()),
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof => return Ok(()),
            _ => {}
        }
        if depth > MOST_DEEP {
            return Err(format!("its XML is nested more than {MOST_DEEP} deep"));
        }
        buffer.clear();
    }
}

/// A thing with a label that is said to be a concept, or has what only concepts have.
fn is_concept(triples: &[Triple]) -> bool {
    let kinds = [skos::CONCEPT, gvp::CONCEPT, gvp::GUIDE_TERM, gvp::HIERARCHY, gvp::FACET, gvp::SUBJECT, gvp::OBSOLETE_SUBJECT];
    let typed = triples.iter().any(|t| t.predicate == rdf::TYPE && kinds.iter().any(|kind| t.object == Term::from(*kind)));
    let placed = triples.iter().any(|t| [skos::IN_SCHEME, skos::BROADER].contains(&t.predicate.as_ref()));
    let labels = [skos::PREF_LABEL, skosxl::PREF_LABEL, rdfs::LABEL];
    (typed || placed) && triples.iter().any(|t| labels.contains(&t.predicate.as_ref()))
}

/// Keeps concepts of one host, in place of what was kept of them before. `run` is the activity that fetched them. Gives the graph.
pub fn keep(
    store: &Store,
    host: &str,
    fetched: &[Dereferenced],
    run: &NamedNode,
    progress: &dyn Progress,
) -> Result<NamedNode, VocabError> {
    let scheme = format!("dereferenced-{host}");
    let graph = store.base().vocabulary_graph(&scheme, RELEASE);
    let anew: HashSet<NamedOrBlankNode> = fetched.iter().flat_map(|f| f.triples.iter().map(|t| t.subject.clone())).collect();
    let old = store.quads().quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref())));
    let kept = old
        .map(|quad| Ok(Triple::from(quad.map_err(StoreError::from)?)))
        .filter(|triple: &Result<Triple, VocabError>| triple.as_ref().map_or(true, |t| !anew.contains(&t.subject)));
    let triples = kept.chain(fetched.iter().flat_map(|f| f.triples.iter().cloned().map(Ok)));
    let sum = std::cell::RefCell::new([0_u8; 32]);
    let summed = triples.inspect(|triple| {
        if let Ok(triple) = triple {
            add_to(&mut sum.borrow_mut(), triple);
        }
    });
    let meta = store.meta_graph();
    let before: Vec<Quad> = [spdx::CHECKSUM_VALUE, void::TRIPLES].iter().try_fold(Vec::new(), |mut all, predicate| {
        for object in store.objects(&graph, *predicate, &meta)? {
            all.push(Quad::new(graph.clone(), *predicate, object, meta.clone()));
        }
        Ok::<_, StoreError>(all)
    })?;
    let described = |triples: u64| {
        let mut change = Change { remove: before, ..Change::default() };
        change.add(graph.clone(), rdf::TYPE, enr::VOCABULARY_GRAPH, meta.clone());
        change.add(graph.clone(), dcterms::TITLE, Literal::new_simple_literal(&scheme), meta.clone());
        change.add(graph.clone(), enr::RELEASE, Literal::new_simple_literal(RELEASE), meta.clone());
        change.add(graph.clone(), prov::WAS_GENERATED_BY, run.clone(), meta.clone());
        change.add(graph.clone(), spdx::CHECKSUM_VALUE, Literal::new_simple_literal(hex::encode(*sum.borrow())), meta.clone());
        change.add(graph.clone(), void::TRIPLES, Literal::new_typed_literal(triples.to_string(), xsd::INTEGER), meta.clone());
        for one in fetched {
            if let Ok(source) = NamedNode::new(&one.source) {
                change.add(one.concept.clone(), dcterms::SOURCE, source, meta.clone());
            }
        }
        change
    };
    store.replace_graph(&graph, summed, described, progress)?;
    Ok(graph)
}

/// A sum over triples that does not depend on their order.
fn add_to(sum: &mut [u8; 32], triple: &Triple) {
    for (byte, of_triple) in sum.iter_mut().zip(Sha256::digest(triple.to_string())) {
        *byte ^= of_triple;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONCEPT: &str = "http://vocab.example/1";
    const TURTLE: &str = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <http://vocab.example/1> a skos:Concept ; skos:prefLabel \"lute\"@en ; skos:broader <http://vocab.example/2> ; skos:note [ skos:prefLabel \"x\" ] .
        <http://vocab.example/2> a skos:Concept ; skos:prefLabel \"instrument\"@en .";

    #[test]
    fn only_what_is_said_about_the_concept_is_kept() {
        let found = Dereferenced::read(CONCEPT, TURTLE.as_bytes(), "text/turtle", "http://vocab.example/1.ttl").unwrap();
        assert_eq!((found.concept.as_str(), found.triples.len()), (CONCEPT, 3));
        let secure = Dereferenced::read("https://vocab.example/1", TURTLE.as_bytes(), "text/plain", "http://vocab.example/1.ttl");
        assert!(secure.is_ok() || secure.unwrap_err().contains("says nothing"));
    }

    #[test]
    fn what_is_no_concept_is_refused_with_its_reason() {
        let read = |text: &str, kind: &str| Dereferenced::read(CONCEPT, text.as_bytes(), kind, "http://vocab.example/doc").unwrap_err();
        assert!(read("<html/>", "text/html").contains("text/html"));
        assert!(read(TURTLE.replace("/1>", "/9>").as_str(), "text/turtle").contains("says nothing"));
        assert!(read("<http://vocab.example/1> <http://xmlns.com/foaf/0.1/name> \"Ada\" .", "text/turtle").contains("not as a concept"));
        assert!(read("<http://vocab.example/1> <a", "text/turtle").contains("not what it says"));
        let laughs = "<!DOCTYPE r [<!ENTITY a 'ha'>]><r>&a;</r>";
        assert!(read(laughs, "application/rdf+xml").contains("document type"));
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        assert!(read(&deep, "application/rdf+xml").contains("nested"));
        let remote = r#"{"@context":"http://127.0.0.1:9/c.jsonld","@id":"http://vocab.example/1"}"#;
        assert!(read(remote, "application/ld+json").contains("not what it says"));
    }
}
