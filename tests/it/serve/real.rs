//! The whole of the AAT: questions about its hierarchy by shortcuts and by the engine alone, and the terms that Network of Terms looks for.

use std::path::PathBuf;

use glossator::{jobs::Job, store::query::Shortcuts, vocab::LoadRequest};

use super::{
    client::ask,
    demonstration::Demonstration,
    shortcuts::{by_the_engine, by_these},
};

const PREFIXES: &str = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX gvp: <http://vocab.getty.edu/ontology#> \
     PREFIX aat: <http://vocab.getty.edu/aat/> PREFIX luc: <http://www.ontotext.com/owlim/lucene#> ";

/// 300264092 is the Objects Facet, 300010358 materials by composition, 300264091 the Materials Facet.
const HIERARCHY: [&str; 16] = [
    "SELECT (COUNT(?c) AS ?n) { ?c skos:broader* aat:300264092 }",
    "SELECT (COUNT(?c) AS ?n) { ?c skos:broader+ aat:300264091 }",
    "SELECT (COUNT(*) AS ?n) { ?c skos:broader+ aat:300010358 }",
    "SELECT ?c { ?c skos:broader+ aat:300264092 FILTER(?c = aat:300041620) }",
    "SELECT (COUNT(?c) AS ?n) { aat:300264092 ^skos:broader+ ?c }",
    "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c skos:broader+ aat:300264092 ; skos:broader+ aat:300209261 }",
    "SELECT (COUNT(?c) AS ?n) { ?c gvp:broaderPreferred+ aat:300264092 ; a gvp:GuideTerm }",
    "SELECT ?c { ?c skos:broader+ aat:300264092 ; skos:prefLabel \"lutes\"@en }",
    "SELECT ?c { ?c skos:broader+ aat:300264091 FILTER(?c IN (aat:300011914, aat:300041620)) }",
    "SELECT (COUNT(*) AS ?n) { ?c skos:broader+ aat:300264092 ; skos:broader aat:300041620 }",
    "SELECT ?c (COUNT(?l) AS ?n) { ?c gvp:broaderPreferred+ aat:300264092 ; a gvp:GuideTerm ; skos:prefLabel ?l } GROUP BY ?c",
    "SELECT (COUNT(*) AS ?n) { ?c skos:broader+ aat:300264092 ; a gvp:Concept }",
    "SELECT ?c { ?c skos:broader+ aat:300264092 ; a gvp:GuideTerm FILTER(?c = aat:300222167) }",
    "SELECT (COUNT(*) AS ?n) { ?c skos:broader* aat:300041620 ; skos:inScheme <http://vocab.getty.edu/aat/> ; a gvp:Concept }",
    "SELECT ?top { aat:300041620 skos:broader+ ?top }",
    "SELECT (COUNT(?c) AS ?n) { ?c skos:broader* aat:300041620 }",
];

fn aat() -> Option<PathBuf> {
    let shared =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = ["data/aat", "aat"].into_iter().map(|f| shared.join(f).join("aat-2016-derived.nt.gz")).find(|p| p.exists());
    if found.is_none() {
        eprintln!("skipped: there is no AAT in {}", shared.display());
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_of_the_aat_is_asked() {
    let Some(aat) = aat() else { return };
    let load = LoadRequest { files: vec![aat], scheme: Some("aat".to_owned()), release: Some("2016".to_owned()), ..LoadRequest::default() };
    let house = Demonstration::of(vec![Job::Load(load)]).await;
    // A hierarchy is the same by both ways, when a worker is first asked and when it knows.
    let quads = house.house.store.quads();
    let known = Shortcuts::new(house.house.store.base().as_str(), None);
    for question in HIERARCHY {
        let query = format!("{PREFIXES}{question}");
        let expected = by_the_engine(quads, &query, true);
        for _ in 0..2 {
            assert_eq!(by_these(&known, quads, &query, true), expected, "{question}");
        }
    }

    // The forms in which Network of Terms looks terms up: by words, by the beginning of words, with AND, in a branch; then by IRI.
    for (text, branch, expected) in [
        ("'bicycles'", "aat:300264092", "bicycles"),
        ("'bicycle*'", "aat:300264092", "bicycles"),
        ("'oil AND paint*'", "aat:300264091", "oil paint"),
        ("'LUTES'", "aat:300264092", "lutes"),
        ("'nosuchwordatall'", "aat:300264092", ""),
    ] {
        let query = format!(
            "{PREFIXES} SELECT DISTINCT ?uri ?prefLabel ?broader {{ ?uri luc:term {text} ; skos:inScheme ?scheme ; skos:prefLabel ?prefLabel ;
             skos:broader+ {branch} . OPTIONAL {{ ?uri skos:broader ?broader }} FILTER(LANG(?prefLabel) = 'en') }} LIMIT 100"
        );
        let answer = ask(house.address, &query, "text/csv").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let found = answer.text();
        eprintln!("{text} under {branch}: {} rows in {:?}", found.lines().count() - 1, answer.took);
        assert!(if expected.is_empty() { found.lines().count() == 1 } else { found.contains(expected) }, "{text}: {found}");
    }
    let looked_up = format!(
        "{PREFIXES} CONSTRUCT {{ ?uri skos:prefLabel ?l ; skos:broader ?b . ?b skos:prefLabel ?bl }} WHERE {{
         VALUES ?uri {{ aat:300041620 aat:300264092 aat:1 }} ?uri skos:prefLabel ?l OPTIONAL {{ ?uri skos:broader ?b . ?b skos:prefLabel ?bl }} }}"
    );
    let answer = ask(house.address, &looked_up, "application/n-triples").await;
    assert!(answer.status == 200 && answer.text().contains("musical instruments"), "{}", answer.text());
}
