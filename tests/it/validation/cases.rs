//! The shapes on graphs that keep them and graphs that break them, and the shapes beside the tables by which EDM's XML is written.

use std::collections::BTreeSet;

use glossator::validation::{
    Checker, Finding, Severity, Shapes,
    edm_class::{AGENT, AGGREGATION, CHO, CONCEPT, Class, LICENSE, PLACE, SERVICE, TIME_SPAN, WEB_RESOURCE},
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term, Triple},
};

use super::{repository, turtle};

const SH: &str = "http://www.w3.org/ns/shacl#";
const OURS: &str = "https://w3id.org/glossator/shapes/";

fn data(kind: &str, name: &str) -> Vec<Triple> {
    turtle(&repository("tests/data/validation").join(kind).join(format!("{name}.ttl")))
}

fn rules(findings: &[Finding]) -> BTreeSet<String> {
    findings.iter().map(Finding::rule).collect()
}

/// The named shapes of a file that have a message, and are no part of another one's condition.
fn stated(name: &str, parts: &[&str]) -> BTreeSet<String> {
    let text = std::fs::read_to_string(repository("shapes").join(format!("{name}.ttl"))).unwrap();
    let triples: Vec<Triple> = RdfParser::from_format(RdfFormat::Turtle).for_slice(&text).map(|q| q.unwrap().into()).collect();
    let with_message = triples.iter().filter(|t| t.predicate.as_str() == format!("{SH}message")).filter_map(|t| match &t.subject {
        NamedOrBlankNode::NamedNode(n) => n.as_str().strip_prefix(OURS).map(str::to_owned),
        NamedOrBlankNode::BlankNode(_) => None,
    });
    let part: BTreeSet<String> = parts.iter().map(|p| format!("{name}#{p}")).collect();
    with_message.filter(|rule| !part.contains(rule)).collect()
}

#[test]
fn to_good_records_nothing_is_said() {
    let checker = Checker::new(None).unwrap();
    let found = checker.check("a record", &data("valid", "edm-external"), None);
    assert_eq!(found, []);
    assert_eq!(checker.shapes(&data("valid", "edm-internal")).name(), "edm-internal");
    let found = checker.check("a record", &data("valid", "edm-internal"), None);
    assert_eq!(found, []);
}

#[test]
fn every_rule_of_edm_is_broken_by_its_case_and_told() {
    let parts = [
        "something",
        "reference",
        "link",
        "words",
        "statement",
        "creative-commons",
        "rights-statement",
        "inherits",
        "no-text",
        "text",
        "in-a-language",
        "fifty-characters",
    ];
    for (shapes, name) in [
        (Shapes::external().unwrap(), "edm-external"),
        (Shapes::external().unwrap(), "edm-record"),
        (Shapes::internal().unwrap(), "edm-internal"),
    ] {
        let found = shapes.validate(name, &data("invalid", name)).unwrap();
        let told = rules(&found);
        let missing: Vec<_> = stated(name, &parts).difference(&told).cloned().collect();
        assert_eq!(missing, Vec::<String>::new(), "{name}");
        for finding in &found {
            assert!(!finding.message().is_empty() && finding.messages.iter().all(|m| m.language() == Some("en")), "{finding:?}");
        }
    }
}

#[test]
fn what_edm_has_no_place_for_is_told() {
    let found = Shapes::external().unwrap().validate("the case", &data("invalid", "edm-classes")).unwrap();
    let told = rules(&found);
    for rule in stated("edm-classes", &[]).iter().filter(|r| r.ends_with("-elements")) {
        assert!(told.contains(rule), "{rule}");
    }
    for rule in ["text-dc-title", "link-edm-hasMet", "cho-one-edm-currentLocation", "aggregation-one-edm-isShownAt"] {
        assert!(told.contains(&format!("edm-classes#{rule}")), "{rule}");
    }
    let unknown = found.iter().find(|f| f.path.as_ref().is_some_and(|p| p.to_string() == "dcterms:temporalCoverage")).unwrap();
    assert_eq!(unknown.severity, Severity::Violation);
    assert_eq!(unknown.value, Some(Term::from(Literal::new_simple_literal("1580"))));
}

#[test]
fn the_shapes_allow_what_the_tables_allow() {
    let text = std::fs::read_to_string(repository("shapes/edm-classes.ttl")).unwrap();
    let triples: Vec<Triple> = RdfParser::from_format(RdfFormat::Turtle).for_slice(&text).map(|q| q.unwrap().into()).collect();
    let objects = |subject: &str, predicate: &str| -> Vec<String> {
        let all = triples.iter().filter(|t| {
            t.subject.to_string() == format!("<{OURS}edm-classes#{subject}>") && t.predicate.as_str() == format!("{SH}{predicate}")
        });
        all.map(|t| if let Term::NamedNode(n) = &t.object { n.as_str().to_owned() } else { t.object.to_string() }).collect()
    };
    let classes: [(&Class, &str); 9] = [
        (&CHO, "cho"),
        (&AGGREGATION, "aggregation"),
        (&WEB_RESOURCE, "web-resource"),
        (&AGENT, "agent"),
        (&PLACE, "place"),
        (&TIME_SPAN, "time-span"),
        (&CONCEPT, "concept"),
        (&LICENSE, "licence"),
        (&SERVICE, "service"),
    ];
    for (class, name) in classes {
        let shapes = objects(&format!("{name}-elements"), "property");
        let allowed: BTreeSet<String> = shapes
            .iter()
            .flat_map(|shape| objects(shape.strip_prefix(&format!("{OURS}edm-classes#")).unwrap(), "path"))
            .map(|path| glossator::rdf::prefixed(&path))
            .collect();
        let table: BTreeSet<String> = class.elements.iter().map(|e| e.name.to_owned()).collect();
        assert_eq!(allowed, table, "{}", class.name);
    }
}

#[test]
fn rights_are_those_of_europeanas_list() {
    let shapes = Shapes::external().unwrap();
    let with = |rights: &str| {
        let mut triples = data("valid", "edm-external");
        for triple in &mut triples {
            if triple.predicate.as_str().ends_with("/edm/rights") && triple.subject.to_string().contains("aggregation") {
                triple.object = NamedNode::new(rights).unwrap().into();
            }
        }
        rules(&shapes.validate(rights, &triples).unwrap()).contains("edm-record#rights")
    };
    for good in [
        "http://creativecommons.org/publicdomain/mark/1.0/",
        "http://creativecommons.org/publicdomain/zero/1.0/",
        "http://creativecommons.org/licenses/by/4.0/",
        "http://creativecommons.org/licenses/by-nc-nd/2.5/scotland/",
        "http://creativecommons.org/licenses/by-nd-nc/1.0/",
        "http://creativecommons.org/licenses/by/2.1/jp/",
        "http://rightsstatements.org/vocab/InC-OW-EU/1.0/",
    ] {
        assert!(!with(good), "{good}");
    }
    for bad in [
        "https://creativecommons.org/licenses/by/4.0/",
        "http://creativecommons.org/licenses/by/4.0",
        "http://creativecommons.org/licenses/by/4.0/de/",
        "http://creativecommons.org/licenses/by/2.1/",
        "http://creativecommons.org/publicdomain/mark/1.0/?x",
        "http://rightsstatements.org/page/InC/1.0/",
        "http://rightsstatements.org/vocab/UND/1.0/",
        "http://www.europeana.eu/rights/rr-f/",
    ] {
        assert!(with(bad), "{bad}");
    }
}

#[test]
fn every_rule_of_the_catalogue_is_broken_by_its_case() {
    let triples = turtle(&repository("tests/data/publication/invalid/catalogue.ttl"));
    let found = Shapes::catalogue().unwrap().validate("the case", &triples).unwrap();
    let told: BTreeSet<String> = found.iter().map(Finding::message).collect();
    let text = std::fs::read_to_string(repository("shapes/catalogue.ttl")).unwrap();
    let messages: Vec<&str> = text.split("sh:message \"").skip(1).filter_map(|m| m.split('"').next()).collect();
    // Parts of a condition say nothing by themselves, and of whom can be asked the shape that asks says it.
    let whole = |message: &&&str| message.ends_with('.') && !message.starts_with("Who can be asked");
    let missing: Vec<&&str> = messages.iter().filter(whole).filter(|m| !told.contains(**m)).collect();
    assert!(missing.is_empty(), "{missing:?} of {told:?}");
}

/// What we emit, as the store of the tests of `publication` holds it.
#[test]
fn what_we_emit_conforms_and_what_breaks_it_does_not() {
    let text = std::fs::read_to_string(repository("tests/data/publication/valid.trig")).unwrap();
    let quads: Vec<Quad> = RdfParser::from_format(RdfFormat::TriG).for_slice(&text).map(|q| q.unwrap()).collect();
    let of = |part: &str, is: bool| -> Vec<Triple> {
        let inside = |q: &&Quad| matches!(&q.graph_name, GraphName::NamedNode(g) if g.as_str().contains(part)) == is;
        quads.iter().filter(inside).cloned().map(Triple::from).collect()
    };
    let (publication, enrichment, catalogue) =
        (Shapes::publication().unwrap(), Shapes::enrichment().unwrap(), Shapes::catalogue().unwrap());
    assert_eq!(publication.validate("published", &of("/graph/published/", true)).unwrap(), []);
    assert_eq!(enrichment.validate("ours", &of("/graph/published/", false)).unwrap(), []);
    for (shapes, name) in [
        (&publication, "publication"),
        (&enrichment, "annotation"),
        (&enrichment, "enrichment-graph"),
        (&enrichment, "review"),
        (&enrichment, "score-only-on-annotations"),
        (&catalogue, "catalogue"),
    ] {
        let found = shapes.validate(name, &turtle(&repository("tests/data/publication/invalid").join(format!("{name}.ttl")))).unwrap();
        assert!(!found.is_empty(), "{name}");
        for finding in &found {
            assert!(finding.messages.iter().any(|m| m.language() == Some("en")), "{finding:?}");
        }
    }
}

#[test]
fn shapes_that_are_none_are_refused_with_their_place() {
    let error = Shapes::parse(
        "mine.ttl",
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<#a> a sh:NodeShape ;\n  sh:property [ ;",
        "file:///mine.ttl",
    )
    .unwrap_err();
    assert!(error.to_string().contains("mine.ttl") && error.to_string().contains("line"), "{error}");
    let text = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<#a> a sh:NodeShape ; sh:targetNode <#b> ; sh:sparql [ sh:select \"SELECT $this {}\" ] .";
    let error = Shapes::parse("mine.ttl", text, "file:///mine.ttl").unwrap_err();
    assert!(error.to_string().contains("SHACL-SPARQL"), "{error}");
}
