//! Queries that mean harm, and clients that do: the server answers the others all the while.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use glossator::{
    rdf::Base,
    store::{Store, query::Settings},
    telemetry::SystemClock,
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::{
    client::{ask, encoded, get, send},
    server::{fill, served, served_by},
};

fn strict() -> Settings {
    Settings { deadline_seconds: 2.0, worker_megabytes: 2048, ..Settings::default() }
}

const CARTESIAN: &str = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heavy_query_is_stopped_while_others_are_answered() {
    let served = served(strict()).await;
    served.pool.warm().await.expect("warm");
    let at = served.address;
    let heavy = tokio::spawn(async move { ask(at, CARTESIAN, "*/*").await });
    let mut slowest = Duration::ZERO;
    let mut asked = 0;
    while !heavy.is_finished() {
        let light = ask(at, "ASK {}", "*/*").await;
        assert_eq!(light.status, 200, "{}", light.text());
        slowest = slowest.max(light.took);
        asked += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let heavy = heavy.await.expect("an answer");
    eprintln!("stopped after {:?}; {asked} others, the slowest {slowest:?}", heavy.took);
    assert_eq!(heavy.status, 503, "{}", heavy.text());
    assert!(heavy.took >= Duration::from_millis(1900) && heavy.took < Duration::from_millis(2500), "{:?}", heavy.took);
    assert!(heavy.header("retry-after").is_some() && heavy.text().contains("2 s"), "{}", heavy.text());
    assert!(asked > 5 && slowest < Duration::from_secs(1), "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_the_server_answers_in_time() {
    let served = served(strict()).await;
    let nested = |open: &str, count: usize, close: &str| format!("SELECT * {{ {} {} }}", open.repeat(count), close.repeat(count));
    let doubling = (0..40).map(|n| format!("BIND(CONCAT(?x{n}, ?x{n}) AS ?x{})", n + 1)).collect::<Vec<_>>().join(" ");
    let rows = (0..12).map(|n| format!("VALUES ?v{n} {{ 0 1 2 3 4 5 6 7 8 9 }}")).collect::<Vec<_>>().join(" ");
    for (query, expected) in [
        (nested("{", 1000, "}"), 400),
        (format!("SELECT * {{ FILTER({}1{}) }}", "(".repeat(2000), ")".repeat(2000)), 400),
        (format!("SELECT * {{ FILTER({}true) }}", "!".repeat(3000)), 400),
        (nested("{ ?s ?p ?o } UNION ", 5000, ""), 400),
        (format!("SELECT * {{ VALUES ?x {{ {} }} }}", "1 ".repeat(200_000)), 400),
        (CARTESIAN.to_owned(), 503),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i".to_owned(), 503),
        ("SELECT DISTINCT ?c ?f ?i { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c".to_owned(), 503),
        ("SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }".to_owned(), 503),
        (format!("SELECT (STRLEN(?x40) AS ?n) {{ BIND('xxxxxxxxxxxxxxxx' AS ?x0) {doubling} }}"), 503),
        (format!("SELECT (COUNT(*) AS ?n) {{ {rows} }}"), 503),
        // What the guard cannot tell apart: it costs a worker, not the server.
        (format!("SELECT * {{ FILTER(?a<?b#> \"\"\"\n && {}1{}) #\"\"\"\n }}", "(".repeat(100_000), ")".repeat(100_000)), 503),
        ("ASK {}".to_owned(), 200),
    ] {
        let answer = ask(served.address, &query, "*/*").await;
        let short: String = query.chars().take(70).collect();
        eprintln!("{} in {:?}: {short}", answer.status, answer.took);
        assert!(answer.status == expected || (expected == 503 && answer.status == 400), "{short}: {} {}", answer.status, answer.text());
        assert!(answer.took < Duration::from_millis(3500), "{short}: {:?}", answer.took);
        if expected == 400 {
            assert!(answer.took < Duration::from_millis(500) && answer.json()["limit"]["allowed"].is_number(), "{}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_needs_too_much_memory_is_told_so() {
    let settings = Settings { deadline_seconds: 30.0, worker_megabytes: 700, ..Settings::default() };
    let served = served(settings).await;
    let greedy = "SELECT ?c ?f ?i { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i";
    let answer = ask(served.address, greedy, "*/*").await;
    eprintln!("out of memory after {:?}", answer.took);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("memory limit of 700 MB") && answer.took < Duration::from_secs(20), "{}", answer.text());
    assert_eq!(ask(served.address, "ASK {}", "*/*").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_failure_breaks_the_connection() {
    let served = served(strict()).await;
    for accept in ["text/csv", "application/sparql-results+json", "application/sparql-results+xml", "text/tab-separated-values"] {
        // Far more rows than fit into the time; they begin to flow at once.
        let answer = ask(served.address, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", accept).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.complete, "{accept}: a broken answer looks whole");
        let tail = String::from_utf8_lossy(&answer.body[answer.body.len().saturating_sub(300)..]).into_owned();
        assert!(!tail.contains("longer than"), "no error text in the body: {tail}");
        assert!(answer.took < Duration::from_secs(3), "{:?}", answer.took);
    }
    let target = format!("/sparql?query={}", encoded("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"));
    let packed = send(served.address, "GET", &target, &[("Accept", "text/csv"), ("Accept-Encoding", "gzip")], b"").await;
    assert!(packed.status == 200 && packed.header("content-encoding") == Some("gzip") && !packed.complete, "packed, it breaks too");
    assert_eq!(ask(served.address, "ASK {}", "*/*").await.status, 200);
}

/// The processes that run from our test program's folder as workers of this very process.
fn workers() -> usize {
    let ours = std::process::id().to_string();
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
    let is_worker = |path: &std::path::Path| {
        let status = std::fs::read_to_string(path.join("status")).unwrap_or_default();
        let arguments = std::fs::read(path.join("cmdline")).unwrap_or_default();
        let parent = status.lines().find_map(|l| l.strip_prefix("PPid:")).map(str::trim) == Some(&ours);
        parent && arguments.windows(12).any(|w| w == b"query-worker") && !status.contains("State:\tZ")
    };
    processes.filter_map(Result::ok).filter(|entry| is_worker(&entry.path())).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_takes_the_worker_along_and_a_flood_is_turned_away() {
    let settings = Settings { deadline_seconds: 20.0, queue: 2, queue_seconds: 0.5, warm: 0, parallel: 1, ..Settings::default() };
    let served = served(settings).await;
    let mut gone = TcpStream::connect(served.address).await.expect("connected");
    let head = format!(
        "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: {}\r\n\r\n{CARTESIAN}",
        CARTESIAN.len()
    );
    gone.write_all(head.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(700)).await;
    let flood: Vec<_> = (0..8).map(|_| tokio::spawn(ask(served.address, "ASK {}", "*/*"))).collect();
    for turned in flood {
        let turned = turned.await.expect("an answer");
        assert!(matches!(turned.status, 503 | 429), "{}", turned.status);
        assert!(turned.took < Duration::from_millis(1500) && turned.header("retry-after").is_some());
    }
    drop(gone);
    let left = Instant::now();
    while ask(served.address, "ASK {}", "*/*").await.status != 200 {
        assert!(left.elapsed() < Duration::from_secs(2), "the turn is not given back: {} workers", workers());
    }
    eprintln!("the turn was free again after {:?}", left.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_are_cut_off() {
    let served = served(Settings::default()).await;
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(served.address).await.expect("connected");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.expect("sent");
        slow.push(stream);
    }
    assert_eq!(get(served.address, "/healthz", "*/*").await.status, 200);
    let began = Instant::now();
    for mut stream in slow {
        let mut rest = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest);
        assert!(tokio::time::timeout(Duration::from_secs(5), read).await.is_ok(), "a slow head is waited for");
    }
    assert!(began.elapsed() < Duration::from_secs(5));
    let many: Vec<String> = (0..200).map(|n| format!("x-{n}")).collect();
    let headers: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "y")).collect();
    assert_eq!(send(served.address, "GET", "/", &headers, b"").await.status, 431);
}

/// A request whose answer has no end, in rows so wide that what lies between the two is full at once.
fn wide() -> String {
    let query = format!("SELECT (\"{}\" AS ?wide) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }}", "wide ".repeat(4000));
    format!("POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: {}\r\n\r\n{query}", query.len())
}

/// A worker that nobody listens to any more is busy all the same: it may not be given to the next who asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_a_little_and_goes_takes_the_worker_along() {
    let settings = Settings { deadline_seconds: 20.0, parallel: 1, ..Settings::default() };
    let served = served(settings).await;
    for _ in 0..8 {
        let mut short = TcpStream::connect(served.address).await.expect("connected");
        short.write_all(wide().as_bytes()).await.expect("sent");
        short.readable().await.expect("an answer");
        drop(short);
        let asked = ask(served.address, "ASK {}", "*/*").await;
        assert!(asked.status == 200 && asked.took < Duration::from_secs(10), "{} after {:?}", asked.status, asked.took);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_is_let_go() {
    let settings = Settings { deadline_seconds: 20.0, parallel: 1, ..Settings::default() };
    let served = served_by(settings, glossator::serve::Settings { unread_seconds: 1, ..glossator::serve::Settings::default() }).await;
    let mut deaf = TcpStream::connect(served.address).await.expect("connected");
    deaf.write_all(wide().as_bytes()).await.expect("sent");
    deaf.readable().await.expect("an answer");
    let began = Instant::now();
    // The one worker that may work is free again long before the query's deadline.
    loop {
        let asked = ask(served.address, "ASK {}", "*/*").await;
        if asked.status == 200 {
            break;
        }
        let told = String::from_utf8_lossy(&asked.body).into_owned();
        assert!(began.elapsed() < Duration::from_secs(12), "the turn is not given back: {told}");
    }
    assert!(began.elapsed() > Duration::from_millis(800), "it was let go before its time: {:?}", began.elapsed());
    drop(deaf);
}

/// A worker hears of its parent's end while it computes, and while it waits.
#[test]
fn a_worker_ends_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let base = Base::new("https://enrich.example/").unwrap();
    let clock = Arc::new(SystemClock);
    let store = Store::open(folder.path(), &base, glossator::store::Settings::default(), clock).unwrap();
    fill(&store, 600);
    let snapshot = store.fresh_snapshot().unwrap();
    for query in [None, Some(CARTESIAN)] {
        let mut worker = Command::new(env!("CARGO_BIN_EXE_glossator"))
            .args(["query-worker", &snapshot.folder().to_string_lossy(), "2000"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut input, mut output) = (worker.stdin.take().unwrap(), worker.stdout.take().unwrap());
        let mut ready = [0; 5];
        output.read_exact(&mut ready).unwrap();
        assert_eq!(ready[0], b'R');
        if let Some(query) = query {
            let request = serde_json::json!({ "Query": {
                "query": query, "base": "https://enrich.example/sparql", "formats": { "table": "csv", "graph": null }, "default_graphs": [],
                "named_graphs": [], "union": true, "max_rows": null, "rdf_12": false, "explain": false } });
            let words = request.to_string();
            input.write_all(&[&(words.len() as u32).to_be_bytes()[..], words.as_bytes()].concat()).unwrap();
            std::thread::sleep(Duration::from_millis(300));
            assert!(worker.try_wait().unwrap().is_none(), "it computes");
        }
        drop(input);
        let ended = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            worker.try_wait().unwrap().is_some()
        });
        assert!(ended, "it goes on for nobody: {query:?}");
    }
}
