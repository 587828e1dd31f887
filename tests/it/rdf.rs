//! Our own words: declared where they are published, and understood by those who read them.

use std::{collections::BTreeSet, path::Path};

use glossator::rdf::{
    canonical::canonical,
    ns::{enr, rdf, rdfs},
};
use oxigraph::{
    io::{JsonLdProfileSet, RdfFormat, RdfParser},
    model::{NamedNodeRef, NamedOrBlankNodeRef, Term, Triple},
};

const IS_DEFINED_BY: &str = "http://www.w3.org/2000/01/rdf-schema#isDefinedBy";

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn ontology() -> Vec<Triple> {
    let text = read("ontology/glossator.ttl");
    RdfParser::from_format(RdfFormat::Turtle).for_slice(&text).map(|quad| quad.unwrap().into()).collect()
}

fn declared(ontology: &[Triple]) -> BTreeSet<String> {
    let ours = |t: &Triple| match t.subject.as_ref() {
        NamedOrBlankNodeRef::NamedNode(term) => term.as_str().strip_prefix(enr::NS).filter(|l| !l.is_empty()).map(str::to_owned),
        NamedOrBlankNodeRef::BlankNode(_) => None,
    };
    ontology.iter().filter(|t| t.predicate == rdf::TYPE).filter_map(ours).collect()
}

#[test]
fn the_ontology_declares_what_the_code_names_and_nothing_else() {
    let named: BTreeSet<String> = enr::ALL.iter().filter_map(|t| t.as_str().strip_prefix(enr::NS)).map(str::to_owned).collect();
    assert_eq!(declared(&ontology()), named);
}

#[test]
fn every_term_has_a_label_a_comment_and_a_home() {
    let ontology = ontology();
    for term in enr::ALL {
        let said = |property: NamedNodeRef<'_>| -> Vec<&Term> {
            let about = |t: &&Triple| t.subject.as_ref() == NamedOrBlankNodeRef::from(*term) && t.predicate == property;
            ontology.iter().filter(about).map(|t| &t.object).collect()
        };
        for property in [rdfs::LABEL, rdfs::COMMENT] {
            let texts = said(property);
            assert_eq!(texts.len(), 1, "{property} of {term}");
            assert!(matches!(texts[0], Term::Literal(l) if l.language() == Some("en") && !l.value().is_empty()), "{property} of {term}");
        }
        assert_eq!(said(NamedNodeRef::new_unchecked(IS_DEFINED_BY)).len(), 1, "{term}");
    }
}

/// What we emit, shortened with our context by hand, means the same to whoever fetches the context.
#[test]
fn an_annotation_in_json_ld_says_what_it_says_in_turtle() {
    let context: serde_json::Value = serde_json::from_str(&read("ontology/context.jsonld")).unwrap();
    let document = serde_json::json!({
        "@context": context["@context"],
        "id": "http://enrich.example/annotation/1", "type": "Annotation", "motivation": "classifying",
        "body": "http://vocab.getty.edu/aat/300042168",
        "target": { "id": "http://enrich.example/target/1", "type": "SpecificResource",
            "source": "http://museum.example/1.jpg", "scope": "http://museum.example/1" },
        "proposedProperty": "dc:type", "facet": "object-types", "confidence": "0.87", "rawScore": "1.9", "scoreKind": "Sigmoid",
        "rank": "1", "modelLabel": "lute", "match": "exactMatch", "creator": "http://enrich.example/agent/1"
    });
    let turtle = r#"
        PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX enr: <https://w3id.org/glossator/ns#> PREFIX dc: <http://purl.org/dc/elements/1.1/>
        PREFIX soa: <http://sw.islab.ntua.gr/annotation/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        <http://enrich.example/annotation/1> a oa:Annotation ; oa:motivatedBy oa:classifying ;
            oa:hasBody <http://vocab.getty.edu/aat/300042168> ; oa:hasTarget <http://enrich.example/target/1> ;
            enr:proposedProperty dc:type ; enr:facet "object-types" ; soa:confidence 0.87 ; enr:rawScore "1.9"^^xsd:double ;
            enr:scoreKind enr:Sigmoid ; enr:rank 1 ; enr:modelLabel "lute" ; enr:match skos:exactMatch ;
            dcterms:creator <http://enrich.example/agent/1> .
        <http://enrich.example/target/1> a oa:SpecificResource ;
            oa:hasSource <http://museum.example/1.jpg> ; oa:hasScope <http://museum.example/1> ."#;
    let triples =
        |text: &str, format| -> Vec<Triple> { RdfParser::from_format(format).for_slice(text).map(|quad| quad.unwrap().into()).collect() };
    let json = triples(&document.to_string(), RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() });
    assert_eq!(canonical(&json).unwrap(), canonical(&triples(turtle, RdfFormat::Turtle)).unwrap());
}
