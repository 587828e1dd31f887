//! What is wrong in a document and no longer to be seen in its graph, with the line where it stands.

use glossator::validation::{Checker, Severity, Survey};
use oxigraph::model::{NamedNode, Triple};

const BASE: &str = "http://base.example/";

const DOCUMENT: &str = r#"<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/">
  <edm:ProvidedCHO rdf:about="http://museum.example/1">
    <dc:title xml:lang="">Lute</dc:title>
    <dc:type rdf:resource=""/>
    <edm:type>IMAGE</edm:type>
    <edm:hasMet rdf:resource="somebody"/>
    <dc:subject rdf:resource="http://museum.example/lutes">lutes</dc:subject>
  </edm:ProvidedCHO>
  <edm:ProvidedCHO rdf:about="http://museum.example/2"/>
  <ore:Aggregation rdf:about="http://museum.example/aggregation">
    <edm:provider>Examples</edm:provider>
    <edm:dataProvider>Museum</edm:dataProvider>
  </ore:Aggregation>
  <edm:Agent rdf:about=""/>
</rdf:RDF>
"#;

fn found(survey: &Survey, thing: &str) -> Vec<(String, Option<u64>)> {
    survey.findings(std::iter::once(thing)).iter().map(|f| (f.rule(), f.line)).collect()
}

fn rule(name: &str, line: u64) -> (String, Option<u64>) {
    (format!("document#{name}"), Some(line))
}

#[test]
fn what_the_graph_forgets_is_told_with_its_line() {
    let survey = Survey::of(DOCUMENT, BASE);
    assert_eq!(
        found(&survey, "http://museum.example/1"),
        [
            rule("empty-language", 5),
            rule("empty-reference", 6),
            rule("element-order", 8),
            rule("element-order", 9),
            rule("text-and-reference", 9),
            rule("empty-name", 16),
            rule("one-cho", 2),
        ]
    );
    assert_eq!(found(&survey, "http://museum.example/2"), [rule("one-cho", 2)]);
    assert_eq!(found(&survey, "http://museum.example/aggregation"), [rule("element-order", 14)]);
    assert!(survey.nameless().is_empty(), "it is told with the first object");
}

#[test]
fn dublin_core_comes_in_any_order_and_edm_after_it() {
    let survey = Survey::of(&DOCUMENT.replace("<edm:type>IMAGE</edm:type>", ""), BASE);
    let order: Vec<_> = found(&survey, "http://museum.example/1").into_iter().filter(|(r, _)| r == "document#element-order").collect();
    // dc:subject behind edm:hasMet.
    assert_eq!(order, [rule("element-order", 9)]);
}

#[test]
fn a_finding_of_the_shapes_has_the_line_of_its_value() {
    let survey = Survey::of(DOCUMENT, BASE);
    let cho = NamedNode::new("http://museum.example/1").unwrap();
    let property = |name: &str| NamedNode::new(format!("http://www.europeana.eu/schemas/edm/{name}")).unwrap();
    let object = NamedNode::new("http://base.example/somebody").unwrap();
    let triples = [
        Triple::new(cho.clone(), NamedNode::new("http://www.w3.org/1999/02/22-rdf-syntax-ns#type").unwrap(), property("ProvidedCHO")),
        Triple::new(cho.clone(), property("hasMet"), object),
        Triple::new(cho.clone(), property("type"), NamedNode::new("http://museum.example/image").unwrap()),
    ];
    let findings = Checker::new(None).unwrap().check(cho.as_str(), &triples, Some(&survey));
    let line = |rule: &str| findings.iter().find(|f| f.rule() == rule).unwrap_or_else(|| panic!("{rule}")).line;
    assert_eq!(line("edm-classes#text-edm-type"), Some(7));
    // What is missing has the line of the thing that lacks it.
    assert_eq!(line("edm-external#aggregated"), Some(4));
    assert!(findings.windows(2).all(|w| w[0].severity <= w[1].severity), "the worst first");
}

#[test]
fn what_nothing_leads_to_is_told() {
    let node = |name: &str| NamedNode::new(format!("http://museum.example/{name}")).unwrap();
    let class = |iri: &str| NamedNode::new(iri).unwrap();
    let is = NamedNode::new("http://www.w3.org/1999/02/22-rdf-syntax-ns#type").unwrap();
    let triples = [
        Triple::new(node("1"), is.clone(), class("http://www.europeana.eu/schemas/edm/ProvidedCHO")),
        Triple::new(node("1"), class("http://purl.org/dc/elements/1.1/type"), node("lutes")),
        Triple::new(node("lutes"), is.clone(), class("http://www.w3.org/2004/02/skos/core#Concept")),
        Triple::new(node("harps"), is, class("http://www.w3.org/2004/02/skos/core#Concept")),
    ];
    let findings = Checker::new(None).unwrap().check("a record", &triples, None);
    let orphans: Vec<_> = findings.iter().filter(|f| f.rule() == "document#orphan").collect();
    assert_eq!(orphans.len(), 1);
    assert_eq!(orphans[0].focus, node("harps").into());
    assert_eq!(orphans[0].severity, Severity::Warning);
}

#[test]
fn a_broken_document_is_surveyed_as_far_as_it_goes() {
    let survey = Survey::of(&DOCUMENT[..DOCUMENT.len() / 2], BASE);
    assert_eq!(survey.line_of("http://museum.example/1"), Some(4));
    assert!(Survey::of("not XML at all", BASE).line_of("x").is_none());
}
