//! The SPARQL protocol, as a client meets it.

use std::time::{Duration, Instant};

use glossator::store::query::Settings;

use super::{
    client::{ask, encoded, get, send},
    server::{fill, served},
};

const ALL: &str = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn methods_types_and_what_is_refused() {
    let served = served(Settings::default()).await;
    let at = served.address;
    let ask_all = format!("/sparql?query={}", encoded(ALL));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let sparql = [("Content-Type", "application/sparql-query")];
    let status = |method: &'static str, target: String, headers: Vec<(&'static str, &'static str)>, body: &'static [u8]| async move {
        send(at, method, &target, &headers, body).await.status
    };
    for (method, target, headers, body, expected) in [
        ("GET", ask_all.clone(), vec![], &b""[..], 200),
        ("HEAD", ask_all.clone(), vec![], b"", 200),
        ("POST", "/sparql".into(), form.to_vec(), b"query=ASK%7B%7D", 200),
        ("POST", "/sparql".into(), sparql.to_vec(), b"ASK {}", 200),
        ("POST", "/sparql".into(), vec![("Content-Type", "application/sparql-query;charset=iso-8859-1")], b"ASK {}", 415),
        ("POST", "/sparql".into(), vec![("Content-Type", "text/plain")], b"ASK {}", 415),
        ("POST", "/sparql".into(), sparql.to_vec(), b"ASK {\xff}", 400),
        ("POST", "/sparql?query=ASK".into(), sparql.to_vec(), b"ASK {}", 400),
        ("POST", "/sparql".into(), form.to_vec(), b"update=CLEAR+ALL", 403),
        ("POST", "/sparql".into(), form.to_vec(), b"query=ASK{}&update=CLEAR+ALL", 400),
        ("POST", "/sparql".into(), vec![("Content-Type", "application/sparql-update")], b"CLEAR ALL", 403),
        ("GET", "/sparql?update=x".into(), vec![], b"", 400),
        ("GET", "/sparql?query=ASK{}&query=ASK{}".into(), vec![], b"", 400),
        ("GET", "/sparql?query=".into(), vec![], b"", 400),
        ("GET", "/sparql?query=%ZZ".into(), vec![], b"", 400),
        ("GET", "/sparql?query=ASK&default-graph-uri=x".into(), vec![], b"", 400),
        ("GET", format!("/sparql?query={}", encoded(&format!("ASK {{ }} # {}", "x".repeat(66_000)))), vec![], b"", 414),
        ("GET", ask_all.clone(), vec![("Accept", "image/png")], b"", 406),
        ("GET", ask_all.clone(), vec![("Accept", "*/*;q=0")], b"", 406),
        ("GET", ask_all.clone(), vec![("Accept", "garbage, q=abc")], b"", 200),
        ("GET", ask_all.clone(), vec![("Accept", "text/turtle")], b"", 406),
        ("GET", format!("/sparql?query={}", encoded("CONSTRUCT WHERE { ?s ?p ?o }")), vec![("Accept", "text/csv")], b"", 406),
        ("PUT", "/sparql".into(), vec![], b"x", 405),
        ("PATCH", "/sparql".into(), vec![], b"x", 405),
        ("DELETE", "/sparql".into(), vec![], b"", 405),
        ("OPTIONS", "/sparql".into(), vec![("Origin", "http://o.example"), ("Access-Control-Request-Method", "POST")], b"", 204),
        ("POST", "/records".into(), vec![], b"", 405),
        ("GET", "/nothing".into(), vec![], b"", 404),
        ("GET", "/healthz".into(), vec![], b"", 200),
        ("GET", "/sparql".into(), vec![], b"", 200),
    ] {
        let found = status(method, target.clone(), headers.clone(), body).await;
        assert_eq!(found, expected, "{method} {} {headers:?}", &target[..target.len().min(90)]);
    }
    let put = send(at, "PUT", "/sparql", &[], b"x").await;
    assert_eq!(put.header("allow"), Some("GET, HEAD, POST, QUERY, OPTIONS"));
    assert!(send(at, "POST", "/records", &[], b"").await.header("allow").is_some());
    let long = send(at, "POST", "/sparql", &sparql, format!("ASK {{}} # {}", "x".repeat(1 << 20)).as_bytes()).await;
    assert_eq!(long.status, 413);
    let huge = send(at, "POST", "/sparql", &[sparql[0], ("Expect", "100-continue")], &vec![b'x'; 8 << 20]).await;
    assert_eq!(huge.status, 413, "and no 100 before it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_say_what_and_where() {
    let served = served(Settings::default()).await;
    let wrong = ask(served.address, "SELECT * {\n ?s ?p }", "application/json").await;
    assert_eq!((wrong.status, wrong.header("content-type")), (400, Some("application/problem+json")));
    let problem = wrong.json();
    assert_eq!(problem["line"], 2, "{problem}");
    assert_eq!(problem["requestId"].as_str(), wrong.header("x-request-id"));
    let function = ask(served.address, "SELECT (<http://e/f>(1) AS ?x) {}", "*/*").await;
    assert_eq!(function.status, 400, "{}", function.text());
    let service = ask(served.address, "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }", "text/plain").await;
    assert_eq!((service.status, service.header("content-type")), (403, Some("text/plain; charset=utf-8")));
    let page = get(served.address, "/sparql?query=SELECT%20nonsense", "text/html").await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("<textarea") && page.text().contains("SELECT nonsense"), "the editor keeps the query");
    let named = send(served.address, "GET", "/nothing", &[("X-Request-Id", "mine-1")], b"").await;
    assert_eq!(named.header("x-request-id"), Some("mine-1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_format_comes_as_what_it_says() {
    let served = served(Settings::default()).await;
    let at = served.address;
    for (accept, begins) in [
        ("application/sparql-results+json", "{\"head\""),
        ("application/sparql-results+xml", "<?xml"),
        ("text/csv", "s,p,o\r\n"),
        ("text/tab-separated-values", "?s\t?p\t?o\n"),
    ] {
        let answer = ask(at, ALL, accept).await;
        assert!(answer.complete && answer.status == 200 && answer.text().starts_with(begins), "{}", answer.text());
        assert!(answer.header("content-type").is_some_and(|t| t.starts_with(accept)));
    }
    let graph = "CONSTRUCT WHERE { ?s ?p ?o }";
    for (name, media_type) in [
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("nq", "application/n-quads"),
        ("trig", "application/trig"),
        ("rdf", "application/rdf+xml"),
        ("jsonld", "application/ld+json"),
    ] {
        let answer = get(at, &format!("/sparql?format={name}&query={}", encoded(graph)), "image/png").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.complete && answer.header("content-type").is_some_and(|t| t.starts_with(media_type)), "{name}");
    }
    let xml = ask(at, "SELECT ?o { <http://e.example/control> ?p ?o }", "application/sparql-results+xml").await;
    assert!(xml.text().contains("ab") && !xml.body.contains(&1), "{}", xml.text());
    let browser =
        get(at, &format!("/sparql?query={}", encoded(ALL)), "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8").await;
    assert!(browser.text().contains("<table class=\"results\">"), "{}", browser.text());
    let large = ask(at, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000", "text/csv").await;
    assert!(large.complete && large.text().lines().count() == 100_001);
    let description = get(at, "/sparql", "text/turtle").await;
    assert!(description.text().contains("https://enrich.example/sparql"), "{}", description.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_version_moves_and_caches_follow() {
    let served = served(Settings::default()).await;
    let first = ask(served.address, ALL, "*/*").await;
    let (version, tag) =
        (first.header("x-glossator-version").expect("a version").to_owned(), first.header("etag").expect("a tag").to_owned());
    assert_eq!(first.header("access-control-allow-origin"), Some("*"));
    let headers = [("If-None-Match", tag.as_str()), ("Content-Type", "application/sparql-query")];
    let same = send(served.address, "POST", "/sparql", &headers, ALL.as_bytes()).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    fill(&served.store, 700);
    let moved = Instant::now();
    let new = loop {
        let new = send(served.address, "POST", "/sparql", &headers, ALL.as_bytes()).await;
        if new.header("x-glossator-version") != Some(&version) {
            break new;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(moved.elapsed() < Duration::from_secs(3));
    };
    eprintln!("a commit was seen after {:?}", moved.elapsed());
    assert!(moved.elapsed() < Duration::from_millis(1500), "{:?}", moved.elapsed());
    assert_eq!(new.status, 200);
    let chance = ask(served.address, "SELECT (RAND() AS ?r) {}", "*/*").await;
    assert_eq!((chance.header("etag"), chance.header("cache-control")), (None, Some("no-store")));
}
