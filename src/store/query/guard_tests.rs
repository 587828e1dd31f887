//! What the guard lets through, and what it stops.

use std::{path::PathBuf, time::Instant};

use super::*;

fn met(text: &str) -> Option<Limit> {
    check(text, &GuardLimits::default()).err().map(|r| r.limit)
}

fn around(open: &str, count: usize, middle: &str, close: &str) -> String {
    format!("SELECT * {{ {}{middle}{} }}", open.repeat(count), close.repeat(count))
}

#[test]
fn each_hostile_text_meets_its_limit_at_once() {
    let started = Instant::now();
    let cases = [
        (around("{", 1000, "?s ?p ?o", "}"), Limit::Nesting),
        (around("FILTER(", 1, &format!("{}1{}", "(".repeat(2000), ")".repeat(2000)), ")"), Limit::Nesting),
        (format!("SELECT * {{ FILTER({}true) }}", "!".repeat(3000)), Limit::Unary),
        (format!("SELECT * {{ FILTER({}true) }}", "! #\n".repeat(3000)), Limit::Unary),
        (around("OPTIONAL { ?s ?p ?o . ", 1000, "", "}"), Limit::Nesting),
        (around("{ SELECT * {", 400, "?s ?p ?o", "} }"), Limit::Nesting),
        (format!("SELECT * {{ {}{{}} }}", "{ ?s ?p ?o } UNION ".repeat(5000)), Limit::Arms),
        (format!("SELECT * {{ FILTER({}true) }}", "?a && ".repeat(5000)), Limit::Operators),
        (format!("SELECT * {{ FILTER({}true) }}", "?a || ".repeat(5000)), Limit::Operators),
        (format!("SELECT * {{ FILTER({}1) }}", "1 + ".repeat(5000)), Limit::Operators),
        (format!("SELECT * {{ FILTER({}1) }}", "1-".repeat(5000)), Limit::Operators),
        (format!("SELECT * {{ ?s {}<p> ?o }}", "<p>|".repeat(5000)), Limit::Operators),
        (format!("SELECT * {{ ?s {}<p> ?o }}", "<p>/".repeat(1024)), Limit::Operators),
        (format!("SELECT * {{ ?s {}<p>{} ?o }}", "(".repeat(4000), ")".repeat(4000)), Limit::Nesting),
        (format!("SELECT * {{ ?s ?p {}1{} }}", "(".repeat(256), ")".repeat(256)), Limit::Nesting),
        (format!("SELECT * {{ ?s ?p {}{} }}", "[ ?p ".repeat(256), "]".repeat(256)), Limit::Nesting),
        (format!("SELECT * {{ ?s ?p ({}) }}", "1 ".repeat(5000)), Limit::Patterns),
        (format!("SELECT * {{ {} }}", "?s ?p ?o . ".repeat(2000)), Limit::Patterns),
        (format!("SELECT * {{ ?s ?p {} 1 }}", "1, ".repeat(2000)), Limit::Patterns),
        (format!("SELECT * {{ ?s ?p 1 {} }}", "; ?p 1 ".repeat(2000)), Limit::Patterns),
        (format!("SELECT * {{ VALUES ?x {{ {} }} }}", "1 ".repeat(200_000)), Limit::Cells),
        (format!("SELECT * {{ VALUES (?x ?y) {{ {} }} }}", "(1 -2) ".repeat(20_000)), Limit::Cells),
        (format!("SELECT * {{ ?s ?p {}?s ?p ?o{} }}", "<< ".repeat(200), " >>".repeat(200)), Limit::Nesting),
        (format!("SELECT * {{ FILTER(?a<{}1{}>2) }}", "(".repeat(900), ")".repeat(900)), Limit::Nesting),
        (" ".repeat((1 << 20) + 1), Limit::Text),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }".to_owned(), Limit::Service),
        ("SELECT * { seRvice SILENT ?x { ?s ?p ?o } }".to_owned(), Limit::Service),
        ("\"\"\"\\".repeat(200_000), Limit::Strings),
        (format!("\"{}", "\\\"".repeat(400_000)), Limit::Strings),
    ];
    for (text, limit) in &cases {
        let short: String = text.chars().take(60).collect();
        assert_eq!(met(text), Some(*limit), "{short}");
    }
    assert!(started.elapsed().as_secs() < 3, "{:?}", started.elapsed());
}

#[test]
fn dots_and_angles_take_linear_time() {
    let started = Instant::now();
    for text in [format!("ex:a{}b", ".".repeat(1_000_000)), "<".repeat(1_000_000), ".a:".repeat(300_000), "<a".repeat(500_000)] {
        // Only the time matters here.
        drop(check(&text, &GuardLimits::default()));
    }
    assert!(started.elapsed().as_secs() < 3, "{:?}", started.elapsed());
}

#[test]
fn a_refusal_says_where() {
    let refusal = check("SELECT * {\n  é SERVICE ?x {} }", &GuardLimits::default()).unwrap_err();
    assert_eq!((refusal.line, refusal.column), (2, 5));
    let limits = GuardLimits { nesting: 2, ..GuardLimits::default() };
    let refusal = check("SELECT * {{{}}}", &limits).unwrap_err();
    assert_eq!((refusal.found, refusal.allowed, refusal.column), (3, 2, 12));
}

#[test]
fn the_word_service_may_stand_in_names_and_strings() {
    let text =
        "PREFIX service: <http://service/> # SERVICE\nSELECT ?service { ?service service:service 'SERVICE', \"\"\"SERVICE\"\"\"@en, [] }";
    assert_eq!(met(text), None);
}

#[test]
fn large_but_reasonable_queries_pass() {
    assert_eq!(met(&format!("SELECT * {{ VALUES (?x ?y) {{ {} }} }}", "(<http://e/(a)> \"1\"^^<t>) ".repeat(5_000))), None);
    assert_eq!(met(&format!("SELECT * {{ {} {{}} }}", "{ ?s ?p ?o } UNION ".repeat(400))), None);
    assert_eq!(met(&format!("SELECT * {{ FILTER(?x IN ({} 1)) }}", "<http://e/1>, ".repeat(5_000))), None);
}

/// Every query that the W3C's suites call right passes.
#[test]
fn no_query_of_the_w3c_is_refused() {
    let shared = std::env::var_os("GLOSSATOR_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let folder = shared.join("conformance/rdf-tests/sparql");
    let mut seen = 0;
    for file in walkdir::WalkDir::new(&folder).into_iter().filter_map(Result::ok) {
        let path = file.path();
        if path.extension().is_none_or(|e| e != "rq") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        match check(&text, &GuardLimits::default()) {
            Err(refusal) if refusal.limit == Limit::Service => {}
            Err(_) if path.to_string_lossy().contains("bad") => {}
            Err(refusal) => {
                let parses = oxigraph::sparql::SparqlEvaluator::new().parse_query(&text).is_ok();
                assert!(!parses, "{}: {refusal}", path.display());
            }
            Ok(()) => seen += 1,
        }
    }
    assert!(seen > 500 || !folder.exists(), "{seen} queries in {}", folder.display());
}
