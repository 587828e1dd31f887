//! Answers over a few quads, in every format.

use oxigraph::model::{Quad, vocab::xsd};

use super::*;

fn quads() -> Quads {
    let quads = Quads::new().expect("a store in memory");
    let iri = |local: &str| NamedNode::new_unchecked(format!("http://e.example/{local}"));
    for (subject, value) in [("a", "one\u{1}two\u{fffe}"), ("b", "<&>")] {
        quads.insert(&Quad::new(iri(subject), iri("p"), Literal::new_simple_literal(value), iri("g"))).expect("inserted");
    }
    quads.insert(&Quad::new(iri("c"), iri("p"), Literal::new_typed_literal("1", xsd::INTEGER), GraphName::DefaultGraph)).expect("inserted");
    quads
}

fn request(query: &str, format: AnswerFormat) -> Request {
    let formats = Formats { table: Some(format), graph: Some(format) };
    Request {
        query: query.to_owned(),
        base: "http://b.example/sparql".to_owned(),
        formats,
        default_graphs: vec![],
        named_graphs: vec![],
        union: true,
        max_rows: None,
        rdf_12: false,
        explain: false,
    }
}

fn ask(request: &Request) -> Result<(String, Finished), Fault> {
    let (out, finished) = answer(&quads(), &Shortcuts::new("http://b.example/", None), request, Vec::new(), |_| {})?;
    Ok((String::from_utf8(out).expect("UTF-8"), finished))
}

#[test]
fn the_default_graph_is_the_union_unless_somebody_says_otherwise() {
    let all = "SELECT ?s { ?s ?p ?o }";
    let rows = |request: &Request| ask(request).expect("an answer").1.rows;
    let mut request = request(all, AnswerFormat::Csv);
    assert_eq!(rows(&request), 3);
    request.union = false;
    assert_eq!(rows(&request), 1);
    request.default_graphs = vec!["http://e.example/g".to_owned()];
    assert_eq!(rows(&request), 2);
    request.query = "SELECT ?s FROM <http://e.example/none> { ?s ?p ?o }".to_owned();
    assert_eq!(rows(&request), 2, "the protocol wins");
    request.default_graphs.clear();
    request.union = true;
    assert_eq!(rows(&request), 0, "the query says so");
    request.query = all.to_owned();
    request.default_graphs = vec!["no IRI".to_owned()];
    assert_eq!(ask(&request).expect_err("an error").blame, Blame::Query);
}

#[test]
fn every_format_is_written() {
    for format in AnswerFormat::TABLES {
        let (text, finished) = ask(&request("SELECT * { ?s ?p ?o }", format)).expect("a table");
        assert!(text.contains("http://e.example/c") && finished.rows == 3, "{format:?}: {text}");
        assert!(ask(&request("ASK {}", format)).expect("yes").0.contains("true"));
    }
    for format in AnswerFormat::GRAPHS {
        let (text, finished) = ask(&request("CONSTRUCT WHERE { ?s ?p ?o }", format)).expect("a graph");
        assert!(text.contains("http://e.example/c") && finished.rows == 3, "{format:?}: {text}");
    }
}

#[test]
fn xml_carries_no_character_that_xml_forbids() {
    for (query, format) in [("SELECT * { ?s ?p ?o }", AnswerFormat::Xml), ("CONSTRUCT WHERE { ?s ?p ?o }", AnswerFormat::RdfXml)] {
        let (text, finished) = ask(&request(query, format)).expect("an answer");
        assert!(text.contains("onetwo") && !text.contains(forbidden), "{text}");
        assert_eq!(finished.dropped, 2);
    }
}

#[test]
fn turtle_has_our_prefixes() {
    let (text, _) = ask(&request("CONSTRUCT { <http://e/a> a <http://www.w3.org/2004/02/skos/core#Concept> } {}", AnswerFormat::Turtle))
        .expect("a graph");
    assert!(text.contains("skos:Concept"), "{text}");
}

#[test]
fn relative_iris_stand_under_the_endpoint() {
    let (text, _) = ask(&request("SELECT (STR(<x>) AS ?x) {}", AnswerFormat::Csv)).expect("an answer");
    assert!(text.contains("http://b.example/x"), "{text}");
}

#[test]
fn faults_name_the_blame_and_the_place() {
    let fault = |query: &str| ask(&request(query, AnswerFormat::Json)).expect_err("an error");
    let syntax = fault("SELECT * {\n  ?s ?p }");
    assert_eq!((syntax.blame, syntax.place.map(|p| p.0)), (Blame::Query, Some(2)), "{}", syntax.message);
    assert_eq!(fault("SELECT (<http://e/f>(1) AS ?x) {}").blame, Blame::Query);
    assert_eq!(fault("INSERT DATA { <a:a> <a:b> 1 }").blame, Blame::Query);
    assert_eq!(fault("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }").blame, Blame::Service);
    let mut request = request("CONSTRUCT WHERE { ?s ?p ?o }", AnswerFormat::Json);
    request.formats.graph = None;
    assert_eq!(ask(&request).expect_err("an error").blame, Blame::Formats(AnswerKind::Graph));
}

#[test]
fn who_reads_rdf_11_gets_statements_for_triple_terms() {
    let construct = "CONSTRUCT { <http://e/r> <http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies> ?t } WHERE { VALUES ?n { 1 2 } BIND(TRIPLE(<http://e/s>, <http://e/p>, 1) AS ?t) }";
    let mut asked = request(construct, AnswerFormat::NTriples);
    let (old, _) = ask(&asked).expect("a graph");
    assert!(!old.contains("<<") && old.matches("Statement").count() == 1 && old.matches("#object>").count() == 1, "{old}");
    asked.rdf_12 = true;
    let (new, _) = ask(&asked).expect("a graph");
    assert!(new.contains("<<( <http://e/s>"), "{new}");
    let mut table =
        request("SELECT (TRIPLE(<http://e/s>, <http://e/p>, 1) AS ?t) (STRLANGDIR('x', 'he', 'rtl') AS ?d) {}", AnswerFormat::Json);
    let (old, _) = ask(&table).expect("a table");
    assert!(old.contains("\"literal\"") && !old.contains("\"triple\"") && !old.contains("rtl"), "{old}");
    table.rdf_12 = true;
    assert!(ask(&table).expect("a table").0.contains("\"triple\""));
}

#[test]
fn a_plan_tells_what_each_step_met() {
    let explained = Request { explain: true, ..request("SELECT * { ?s ?p ?o . ?s <http://e.example/p> ?x }", AnswerFormat::Csv) };
    let told: serde_json::Value = serde_json::from_str(&ask(&explained).expect("a plan").0).expect("JSON");
    assert_eq!((&told["rows"], &told["patterns"][1]["finds"]), (&serde_json::json!(3), &serde_json::json!(3)), "{told}");
    assert!(told["plan"].to_string().contains("number of results"), "{told}");
}
