//! Shortcuts end where the engine does: the same questions, asked of the engine alone and through what rewrites them.

use std::collections::BTreeMap;

use glossator::{
    rdf::Base,
    store::{
        Change, Store, open_snapshot,
        query::{AnswerFormat, Formats, Request, Settings, Shortcuts, answer},
    },
    telemetry::SystemClock,
};
use oxigraph::{
    model::{GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term},
    sparql::{QueryResults, SparqlEvaluator},
    store::Store as Quads,
};
use proptest::prelude::*;

use super::{client::ask, server::served};

const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";

fn node(name: impl std::fmt::Display) -> NamedNode {
    NamedNode::new_unchecked(format!("http://e.example/{name}"))
}

fn skos(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{SKOS}{name}"))
}

/// A store of few nodes with many edges among them, circles and loops too, in two graphs and the default one.
fn quads(edges: &[(u8, u8, u8, u8)]) -> Quads {
    let quads = Quads::new().expect("quads");
    for (from, to, predicate, graph) in edges {
        let predicate = match predicate {
            0 | 1 => skos("broader"),
            2 => skos("narrower"),
            _ => node("is"),
        };
        let graph = match graph {
            0 => GraphName::DefaultGraph,
            n => node(format!("graph{n}")).into(),
        };
        quads.insert(&Quad::new(node(from), predicate, node(to), graph)).expect("inserted");
    }
    quads
}

/// The answer as a bag of rows.
fn bag(rows: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut bag = BTreeMap::new();
    for row in rows {
        *bag.entry(row).or_default() += 1;
    }
    bag
}

pub(super) fn by_the_engine(quads: &Quads, query: &str, union: bool) -> BTreeMap<String, usize> {
    let mut prepared = SparqlEvaluator::new().parse_query(query).expect("SPARQL");
    if union && prepared.dataset().is_default_dataset() {
        prepared.dataset_mut().set_default_graph_as_union();
    }
    let QueryResults::Solutions(solutions) = prepared.on_store(quads).execute().expect("evaluated") else { panic!("no table") };
    let names = solutions.variables().to_vec();
    bag(solutions.map(|row| {
        let row = row.expect("a row");
        let told = |term: &Term| match term {
            // The format writes numbers without quotes.
            Term::Literal(literal) => literal.value().to_owned(),
            other => other.to_string(),
        };
        names.iter().map(|name| row.get(name).map(told).unwrap_or_default()).collect::<Vec<_>>().join("\t")
    }))
}

fn by_shortcuts(quads: &Quads, query: &str, union: bool) -> BTreeMap<String, usize> {
    by_these(&Shortcuts::new("http://e.example/", None), quads, query, union)
}

pub(super) fn by_these(shortcuts: &Shortcuts, quads: &Quads, query: &str, union: bool) -> BTreeMap<String, usize> {
    let formats = Formats { table: Some(AnswerFormat::Tsv), graph: None };
    let request = Request {
        query: query.to_owned(),
        base: "http://e.example/sparql".to_owned(),
        formats,
        default_graphs: vec![],
        named_graphs: vec![],
        union,
        max_rows: None,
        rdf_12: true,
        explain: false,
    };
    let (bytes, _) = answer(quads, shortcuts, &request, Vec::new(), |_| {}).expect("answered");
    bag(String::from_utf8(bytes).expect("UTF-8").lines().skip(1).map(str::to_owned))
}

/// Questions about what is broader, of every shape that is written anew and of some that are not.
const QUESTIONS: &[&str] = &[
    "SELECT * { ?x skos:broader* <http://e.example/1> }",
    "SELECT * { ?x skos:broader+ <http://e.example/1> }",
    "SELECT * { <http://e.example/2> skos:broader* ?x }",
    "SELECT * { <http://e.example/2> skos:broader+ ?x }",
    "SELECT * { <http://e.example/nobody> skos:broader* ?x }",
    "SELECT * { ?x ^skos:broader* <http://e.example/3> }",
    "SELECT * { ?x ^(skos:broader*) <http://e.example/3> }",
    "SELECT * { ?x (skos:broader|^skos:narrower)+ <http://e.example/1> }",
    "SELECT * { ?x (^skos:broader)+ <http://e.example/1> }",
    "SELECT * { ?x :is ?y . ?y skos:broader* <http://e.example/1> }",
    "SELECT * { ?x :is/skos:broader* <http://e.example/1> }",
    "SELECT (COUNT(*) AS ?n) { ?x :is/skos:broader+ <http://e.example/1> }",
    "SELECT * { ?x :is ?y ; skos:broader* <http://e.example/1> . ?y skos:broader* <http://e.example/2> }",
    "SELECT * { ?x skos:broader* <http://e.example/1> ; skos:broader* <http://e.example/2> }",
    "SELECT * { ?x :is ?y OPTIONAL { ?y skos:broader* <http://e.example/1> . ?y :is ?z } }",
    "SELECT * { ?x :is ?y OPTIONAL { ?y skos:broader+ <http://e.example/1> } }",
    "SELECT * { ?x :is ?y FILTER EXISTS { ?y skos:broader* <http://e.example/1> } }",
    "SELECT * { ?x :is ?y FILTER NOT EXISTS { ?y skos:broader+ <http://e.example/1> } }",
    "SELECT * { ?x :is ?y MINUS { ?y skos:broader* <http://e.example/1> } }",
    "SELECT * { { ?x skos:broader* <http://e.example/1> } UNION { ?x skos:broader* <http://e.example/2> } ?x :is ?y }",
    "SELECT * { VALUES ?x { <http://e.example/1> <http://e.example/2> UNDEF } ?x skos:broader* <http://e.example/1> }",
    "SELECT * { VALUES (?x ?k) { (<http://e.example/1> 1) (<http://e.example/1> 2) } ?x skos:broader* <http://e.example/1> . ?x ?p ?y }",
    "SELECT DISTINCT ?x { GRAPH :graph1 { ?x skos:broader* <http://e.example/1> } }",
    "SELECT * { GRAPH ?g { ?x skos:broader* <http://e.example/1> } }",
    "SELECT * FROM :graph1 { ?x skos:broader* <http://e.example/1> }",
    "SELECT * { ?x skos:broader+ ?y }",
    "SELECT * { ?x skos:broader* <http://e.example/1> . ?x ?p ?y . ?y ?q ?z }",
    "SELECT * { { SELECT ?x (COUNT(?y) AS ?n) { ?x :is ?y . ?y skos:broader* <http://e.example/1> } GROUP BY ?x } ?x skos:broader* <http://e.example/2> }",
    "SELECT * { BIND(<http://e.example/2> AS ?x) ?x skos:broader* <http://e.example/1> }",
    "SELECT * { ?x skos:broader* <http://e.example/1> . FILTER(?x != <http://e.example/1>) }",
    "SELECT * { <http://e.example/2> skos:broader* <http://e.example/1> . ?x :is ?y }",
    "SELECT * { [] :is ?x . ?x skos:broader* <http://e.example/1> }",
    "SELECT * { ?x :is [ skos:broader* <http://e.example/1> ] }",
    "SELECT (COUNT(*) AS ?n) { ?x skos:broader* <http://e.example/1> }",
    "SELECT (COUNT(?x) AS ?n) (COUNT(DISTINCT ?x) AS ?m) { ?x skos:broader+ <http://e.example/1> }",
    "SELECT (COUNT(?y) AS ?n) { ?x skos:broader+ <http://e.example/1> }",
    "SELECT (COUNT(?x) AS ?n) { ?x skos:broader* <http://e.example/1> FILTER(?x = <http://e.example/2>) }",
    "SELECT ?x (COUNT(*) AS ?n) { ?x skos:broader* <http://e.example/1> } GROUP BY ?x",
    "SELECT * { ?x skos:broader* <http://e.example/1> FILTER(<http://e.example/2> = ?x) }",
    "SELECT * { ?x skos:broader* <http://e.example/1> FILTER(?x IN (<http://e.example/2>, <http://e.example/3>)) }",
    "SELECT * { ?x skos:broader* <http://e.example/1> FILTER(?x IN (<http://e.example/2>, 1)) }",
    "SELECT * { ?x skos:broader* <http://e.example/1> FILTER(?y = <http://e.example/2>) }",
    "SELECT (COUNT(*) AS ?n) { { SELECT ?x { ?x skos:broader* <http://e.example/1> } LIMIT 2 } }",
    "SELECT (COUNT(*) AS ?n) { VALUES ?x { <http://e.example/1> <http://e.example/1> } }",
    "SELECT * { ?x skos:broader+ <http://e.example/1> ; :is <http://e.example/2> }",
    "SELECT (COUNT(*) AS ?n) { ?x skos:broader* <http://e.example/1> ; :is <http://e.example/2> }",
    "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x skos:broader* <http://e.example/1> ; skos:broader* <http://e.example/3> ; :is <http://e.example/2> }",
    "SELECT ?x { ?x skos:broader* <http://e.example/1> ; :is <http://e.example/2> FILTER(?x = <http://e.example/4>) } LIMIT 9",
    "SELECT * { ?x skos:broader* <http://e.example/1> ; :is <http://e.example/2>, <http://e.example/3> ; :is ?y }",
    "SELECT * { ?x skos:broader* <http://e.example/1> ; :is <http://e.example/2> . ?z :is ?x . ?z skos:broader+ <http://e.example/3> }",
    "SELECT * { ?x skos:broader* <http://e.example/1> . ?z :is <http://e.example/2> }",
    "SELECT * { ?x skos:broader* <http://e.example/1> . <http://e.example/2> :is ?x }",
    "SELECT * { ?x skos:broader* <http://e.example/1> ; :is \"word\" }",
    "SELECT * { GRAPH :graph1 { ?x skos:broader* <http://e.example/1> ; :is <http://e.example/2> } }",
    "SELECT * { GRAPH ?g { ?x skos:broader* <http://e.example/1> ; :is <http://e.example/2> } }",
    "SELECT * { ?x :is ?y OPTIONAL { ?y skos:broader+ <http://e.example/1> ; :is <http://e.example/2> } }",
    "SELECT * { [] skos:broader+ <http://e.example/1> ; :is <http://e.example/2> }",
    "SELECT (SAMPLE(1) AS ?n) { ?x skos:broader* <http://e.example/1> }",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_shortcut_ends_where_the_engine_does(edges in prop::collection::vec((0_u8..7, 0_u8..7, 0_u8..5, 0_u8..3), 0..40), union in any::<bool>()) {
        let quads = quads(&edges);
        for question in QUESTIONS {
            let query = format!("PREFIX skos: <{SKOS}>\nPREFIX : <http://e.example/>\n{question}");
            prop_assert_eq!(by_shortcuts(&quads, &query, union), by_the_engine(&quads, &query, union), "{} (union: {})", question, union);
        }
    }
}

#[test]
fn large_tables_and_few_statements_give_the_same_too() {
    let quads = Quads::new().expect("quads");
    let put = |subject: NamedNode, predicate: NamedNode, object: NamedNode| {
        quads.insert(&Quad::new(subject, predicate, object, node("graph1"))).expect("inserted");
    };
    for number in 0..400_u32 {
        put(node(number + 2), skos("broader"), node(number / 3 + 1));
        put(node(format!("thing{number}")), node("is"), node(number % 97 + 1));
    }
    put(node("rare"), node("one"), node(7));
    for question in QUESTIONS.iter().chain(&[
        "SELECT * { ?r :one ?x . ?x skos:broader* <http://e.example/1> }",
        "SELECT * { ?t :is ?x . ?x skos:broader* <http://e.example/2> . ?x skos:broader ?y OPTIONAL { ?x skos:broader* <http://e.example/3> . ?z :is ?x } }",
    ]) {
        let query = format!("PREFIX skos: <{SKOS}>\nPREFIX : <http://e.example/>\n{question}");
        assert_eq!(by_shortcuts(&quads, &query, true), by_the_engine(&quads, &query, true), "{question}");
    }
}

#[test]
fn what_was_found_out_is_handed_on_until_it_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = Base::new("https://enrich.example/").expect("a base");
    let store =
        Store::open(folder.path(), &base, glossator::store::Settings::default(), std::sync::Arc::new(SystemClock)).expect("a store");
    let graph = base.vocabulary_graph("mine", "1");
    let add = |predicate: NamedNode, object: oxigraph::model::Term| {
        let mut change = Change::default();
        change.add(node("child"), predicate, object, graph.clone());
        store.commit(change).expect("committed");
    };
    let files = |snapshot: &glossator::store::Snapshot| {
        let mut names: Vec<String> = std::fs::read_dir(snapshot.folder())
            .expect("a folder")
            .filter_map(|f| f.expect("a file").file_name().into_string().ok())
            .filter(|name| name.starts_with("hierarchy-") || name == "words")
            .collect();
        names.sort();
        names
    };
    let found = |snapshot: &glossator::store::Snapshot| {
        let quads = open_snapshot(snapshot.folder()).expect("opened");
        let shortcuts = Shortcuts::new(base.as_str(), Some(snapshot.folder()));
        let rows = |query: &str| {
            let request = Request {
                query: format!("PREFIX skos: <{SKOS}> PREFIX luc: <http://www.ontotext.com/owlim/lucene#> {query}"),
                base: format!("{}sparql", base.as_str()),
                formats: Formats { table: Some(AnswerFormat::Csv), graph: None },
                default_graphs: vec![],
                named_graphs: vec![],
                union: true,
                max_rows: None,
                rdf_12: false,
                explain: false,
            };
            answer(&quads, &shortcuts, &request, Vec::new(), |_| {}).expect("answered").1.rows
        };
        let both = "?x luc:term 'lute*' ; skos:broader+ <http://e.example/parent>";
        assert_eq!(rows(&format!("SELECT * {{ {both} }}")), rows("SELECT * { ?x luc:term 'lute*' }"), "who has the word stands below");
        assert_eq!(rows(&format!("SELECT * {{ {both} ; skos:prefLabel 'lutes' }}")), rows("SELECT * { ?x luc:term 'lute*' }"));
        assert_eq!(rows(&format!("SELECT * {{ {both} ; skos:prefLabel 'lyres' }}")), 0);
        (rows("SELECT * { ?x skos:broader+ <http://e.example/parent> }"), rows("SELECT * { ?x luc:term 'lute*' }"))
    };
    add(skos("broader"), node("parent").into());
    add(skos("prefLabel"), Literal::new_simple_literal("lutes").into());
    let first = store.fresh_snapshot().expect("a snapshot");
    assert!(files(&first).is_empty());
    assert_eq!(found(&first), (1, 1));
    assert_eq!(files(&first), ["hierarchy-0", "words"]);
    let elsewhere = |predicate: NamedNode| {
        let mut change = Change::default();
        change.add(node("x"), predicate, node("parent"), node("elsewhere"));
        store.commit(change).expect("committed");
        store.fresh_snapshot().expect("a snapshot")
    };
    assert_eq!(files(&elsewhere(node("is"))), ["hierarchy-0", "words"], "nothing changed that they rest on");
    let more = elsewhere(skos("broader"));
    assert_eq!(files(&more), ["words"], "the hierarchy did");
    assert_eq!(found(&more), (2, 1));
    add(skos("altLabel"), Literal::new_simple_literal("Lauten").into());
    let last = store.fresh_snapshot().expect("a snapshot");
    assert_eq!(files(&last), ["hierarchy-0"]);
    let mut dropped = Change::default();
    dropped.drop.push(node("elsewhere"));
    store.commit(dropped).expect("committed");
    assert_eq!(found(&store.fresh_snapshot().expect("a snapshot")), (1, 1));
    assert!(base.local(graph.as_str()).is_some() && NamedNodeRef::new_unchecked(SKOS).as_str() == SKOS);
}

/// The forms in which Network of Terms asks Getty's endpoint: full text, Getty's classes, labels as things.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn network_of_terms_finds_its_terms() {
    let served = served(Settings::default()).await;
    let graph = served.store.base().vocabulary_graph("aat", "1");
    let turtle = "
        @prefix aat: <http://vocab.getty.edu/aat/> . @prefix gvp: <http://vocab.getty.edu/ontology#> . @prefix void: <http://rdfs.org/ns/void#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
        @prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        gvp:Concept rdfs:subClassOf gvp:Subject . gvp:GuideTerm rdfs:subClassOf gvp:Subject .
        aat:1 a gvp:Subject, gvp:Concept, skos:Concept ; void:inDataset <http://vocab.getty.edu/dataset/aat> ; gvp:broaderPreferred aat:9 ;
          skosxl:prefLabel <http://e/t1>, <http://e/t2> .
        aat:2 a gvp:Subject, gvp:GuideTerm ; void:inDataset <http://vocab.getty.edu/dataset/aat> ; gvp:broaderPreferred aat:9 ; skosxl:prefLabel <http://e/t3> .
        aat:3 a gvp:Subject, gvp:Concept ; void:inDataset <http://vocab.getty.edu/dataset/aat> ; gvp:broaderPreferred aat:300010357 ; skosxl:prefLabel <http://e/t4> .
        <http://e/t1> skosxl:literalForm \"bicycles\"@en ; dcterms:language aat:300388277 .
        <http://e/t2> skosxl:literalForm \"fietsen\"@nl ; dcterms:language aat:300388256 .
        <http://e/t3> skosxl:literalForm \"bicycles by form\"@en ; dcterms:language aat:300388277 .
        <http://e/t4> skosxl:literalForm \"bicycle rubber\"@en ; dcterms:language aat:300388277 .";
    let triples: Vec<_> = oxigraph::io::RdfParser::from_format(oxigraph::io::RdfFormat::Turtle)
        .for_slice(turtle)
        .map(|q| oxigraph::model::Triple::from(q.expect("Turtle")))
        .collect();
    let change = Change { put: vec![(graph, triples)], ..Change::default() };
    served.store.commit(change).expect("committed");
    let search = |text: &str, genre: &str| {
        format!(
            "PREFIX aat: <http://vocab.getty.edu/aat/> PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX gvp: <http://vocab.getty.edu/ontology#>
             PREFIX luc: <http://www.ontotext.com/owlim/lucene#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
             PREFIX skosxl: <http://www.w3.org/2008/05/skos-xl#> PREFIX void: <http://rdfs.org/ns/void#>
             SELECT ?uri ?prefLabel WHERE {{
               VALUES ?language {{ aat:300388256 aat:300388277 }}
               ?uri skosxl:prefLabel [ dcterms:language ?language ; skosxl:literalForm ?prefLabel ]
               {{ SELECT DISTINCT ?uri WHERE {{
                 ?uri luc:term {text} ; a ?type ; void:inDataset <http://vocab.getty.edu/dataset/aat> .
                 ?type rdfs:subClassOf gvp:Subject . FILTER (?type != gvp:Subject) . FILTER NOT EXISTS {{ ?uri a gvp:GuideTerm }}
                 {{ VALUES ?genre {{ <{genre}> }} FILTER(?genre = <http://e/Materials>) ?uri gvp:broaderPreferred+ <http://vocab.getty.edu/aat/300010357> . }}
                 UNION {{ VALUES ?genre {{ <{genre}> }} FILTER(?genre NOT IN (<http://e/Materials>)) }}
               }} }}
             }}"
        )
    };
    for (text, genre, expected) in [
        ("'bicycle*'", "http://e/All", "aat/1 aat/1 aat/3"),
        ("'fietsen'", "http://e/All", "aat/1 aat/1"),
        ("'bicycles AND fietsen'", "http://e/All", "aat/1 aat/1"),
        ("'bicycle*'", "http://e/Materials", "aat/3"),
        ("'trams'", "http://e/All", ""),
    ] {
        let answer = ask(served.address, &search(text, genre), "text/csv").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut found: Vec<String> =
            answer.text().lines().skip(1).map(|l| l.split(',').next().unwrap_or_default().replace("http://vocab.getty.edu/", "")).collect();
        found.sort();
        assert_eq!(found.join(" "), expected, "{text} {genre}: {}", answer.text());
    }
}
