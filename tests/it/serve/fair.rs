//! Fair use, the ids by which queries are stopped, equal questions at once, and what else the protocol's later versions bring.

use std::time::{Duration, Instant};

use glossator::store::query::{FairUse, Settings};

use super::{
    client::{ask, encoded, get, send},
    server::served,
};

const CARTESIAN: &str = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }";
const QUERY: (&str, &str) = ("Content-Type", "application/sparql-query");

fn fair(fair_use: FairUse) -> Settings {
    Settings { deadline_seconds: 2.0, fair_use, ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_had_its_share_is_told_when_to_come_back() {
    let served = served(fair(FairUse { cpu_seconds_per_minute: 1.0, ..FairUse::default() })).await;
    let first = ask(served.address, "ASK {}", "*/*").await;
    assert_eq!((first.status, first.header("ratelimit-limit")), (200, Some("1")));
    assert_eq!(ask(served.address, CARTESIAN, "*/*").await.status, 503, "it used the two seconds that it may take");
    let after = ask(served.address, "ASK {}", "application/json").await;
    assert_eq!((after.status, after.header("ratelimit-remaining")), (429, Some("0")), "{}", after.text());
    let wait: u64 = after.header("retry-after").and_then(|s| s.parse().ok()).expect("when");
    assert!((30..=200).contains(&wait), "{wait}");
    assert_eq!(after.json()["instead"], "https://enrich.example/dumps");
    assert_eq!(get(served.address, "/healthz", "*/*").await.status, 200, "pages are no queries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_at_once_and_so_many_mistakes() {
    let served = served(fair(FairUse { cpu_seconds_per_minute: 0.0, errors_per_minute: 3.0, parallel: 2 })).await;
    let at = served.address;
    let heavy: Vec<_> = (0..6).map(|n| tokio::spawn(async move { ask(at, &format!("{CARTESIAN} # {n}"), "*/*").await.status })).collect();
    let mut seen = Vec::new();
    for one in heavy {
        seen.push(one.await.expect("an answer"));
    }
    seen.sort_unstable();
    assert_eq!(seen, [429, 429, 429, 429, 503, 503]);
    for _ in 0..3 {
        assert_eq!(ask(at, "SELECT nonsense", "*/*").await.status, 400);
    }
    let refused = ask(at, "ASK {}", "text/plain").await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("wrong queries") && refused.text().contains("/dumps"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_is_stopped_by_its_id() {
    let served = served(Settings::default()).await;
    let at = served.address;
    let named = tokio::spawn(async move { send(at, "POST", "/sparql", &[QUERY, ("X-Query-Id", "mine-1")], CARTESIAN.as_bytes()).await });
    while !served.pool.running().has("mine-1") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(send(at, "POST", "/sparql", &[QUERY, ("X-Query-Id", "mine-1")], b"ASK {}").await.status, 409);
    assert_eq!(get(at, "/queries", "*/*").await.status, 403, "the list is the operator's");
    assert_eq!(send(at, "DELETE", "/queries/other", &[], b"").await.status, 404);
    let began = Instant::now();
    assert_eq!(send(at, "DELETE", "/queries/mine-1", &[], b"").await.status, 204);
    let stopped = named.await.expect("an answer");
    assert_eq!((stopped.status, stopped.header("x-query-id")), (410, Some("mine-1")), "{}", stopped.text());
    assert!(began.elapsed() < Duration::from_secs(2));
    let given = ask(at, "ASK {}", "*/*").await;
    assert!(given.header("x-query-id").is_some_and(|id| id.len() == 32));
    assert_eq!(send(at, "POST", "/sparql", &[QUERY, ("X-Query-Id", "a b")], b"ASK {}").await.status, 400);
    assert!(served.pool.running().list().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_stopped_too_and_breaks_off() {
    let served = served(Settings::default()).await;
    let at = served.address;
    let long = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    let flowing = tokio::spawn(async move { send(at, "POST", "/sparql", &[QUERY, ("X-Query-Id", "s")], long.as_bytes()).await });
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(send(at, "DELETE", "/queries/s", &[], b"").await.status, 204);
    let answer = flowing.await.expect("an answer");
    assert!(answer.status == 200 && !answer.complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_questions_are_asked_once() {
    let served = served(Settings { deadline_seconds: 20.0, parallel: 1, reserved: 0, ..Settings::default() }).await;
    served.pool.warm().await.expect("warm");
    let at = served.address;
    // Heavy enough that asking it six times in one place, one after the other, would show.
    let heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g <http://e.example/p0> \"value 3\" }";
    let alone = ask(at, &format!("{heavy} # alone"), "*/*").await;
    let began = Instant::now();
    let all: Vec<_> = (0..6).map(|_| tokio::spawn(ask(at, heavy, "text/csv"))).collect();
    for one in all {
        let one = one.await.expect("an answer");
        assert_eq!((one.status, one.text().lines().count()), (200, 2), "{}", one.text());
    }
    let took = began.elapsed();
    eprintln!("one: {:?}; six equal ones at once: {took:?}", alone.took);
    assert!(took < alone.took * 3 + Duration::from_millis(300), "{took:?} against {:?}", alone.took);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_method_query_and_what_rdf_12_brings() {
    let served = served(Settings::default()).await;
    let at = served.address;
    let put = |headers: Vec<(&'static str, &'static str)>, body: &'static str| async move {
        send(at, "QUERY", "/sparql", &headers, body.as_bytes()).await
    };
    let asked = put(vec![QUERY, ("Accept", "text/csv")], "SELECT (1 AS ?n) {}").await;
    assert_eq!((asked.status, asked.text().as_str()), (200, "n\r\n1\r\n"));
    assert_eq!(put(vec![("Content-Type", "application/sparql-update")], "CLEAR ALL").await.status, 400);
    assert!(send(at, "OPTIONS", "/sparql", &[], b"").await.header("accept-query").is_some_and(|a| a.contains("sparql-query")));
    let triple = "SELECT (TRIPLE(<http://e/s>, <http://e/p>, 1) AS ?t) {}";
    let new = ask(at, triple, "application/sparql-results+json;version=1.2").await;
    assert!(new.header("content-type").is_some_and(|t| t.contains("version=1.2")) && new.text().contains("\"triple\""), "{}", new.text());
    let old = ask(at, triple, "application/sparql-results+json").await;
    assert!(!old.text().contains("\"triple\"") && old.header("etag") != new.header("etag"), "{}", old.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_is_explained() {
    let served = served(Settings::default()).await;
    let target = format!("/sparql?explain=true&query={}", encoded("SELECT * { ?s <http://e.example/p0> ?o }"));
    let told = get(served.address, &target, "text/html").await;
    assert_eq!((told.status, told.header("content-type")), (200, Some("application/json")));
    let json = told.json();
    assert_eq!((json["rows"].as_u64(), json["patterns"][0]["finds"].as_u64()), (Some(201), Some(201)), "{json}");
    assert!(json["plan"].is_object());
    let version = get(served.address, "/version", "*/*").await.json();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}
