//! Requests that are wrong on the wire or in odd ways: each gets its answer, and the next one is served as if nothing had been.

use std::{net::SocketAddr, time::Duration};

use glossator::{rdf::Base, store::query::Settings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    client::{ask, encoded, get, send},
    server::served,
};

/// Sends bytes as they are and reads until the other side closes, or for two seconds.
async fn raw(at: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).await.expect("connected");
    drop(stream.write_all(bytes).await);
    let mut answer = Vec::new();
    drop(timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_on_the_wire_is_refused_there() {
    let served = served(Settings::default()).await;
    let at = served.address;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "y".repeat(300 << 10));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: y\r\n".repeat(10_000));
    let post = "POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n";
    for (name, request, statuses) in [
        ("a header of 300 KB", long, &["431", "400"][..]),
        ("ten thousand headers", many, &["431", "400"]),
        ("two lengths", format!("{post}Content-Length: 6\r\nContent-Length: 7\r\n\r\nASK {{}}x"), &["400"]),
        ("a length that is none", format!("{post}Content-Length: -1\r\n\r\nASK {{}}"), &["400"]),
        ("no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_owned(), &["400", ""]),
        ("a space in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), &["400"]),
        ("folders up", "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), &["404", "400"]),
        (
            "folders up, hidden",
            "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
            &["404", "400"],
        ),
        ("dumps, and up", "GET /dumps/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), &["404", "400"]),
        ("far too long a body", format!("{post}Expect: 100-continue\r\nContent-Length: 1000000000000\r\n\r\n"), &["413"]),
    ] {
        let answer = raw(at, request.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(statuses.contains(&status), "{name}: {}", answer.chars().take(300).collect::<String>());
        assert!(!answer.contains("root:") && !answer.contains("100 Continue"), "{name}: {answer}");
    }
    // Two framings of one body: whichever is taken, no second request is smuggled in.
    let both = format!("{post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = raw(at, both.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert_eq!(get(at, "/healthz", "*/*").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_a_stranger_gives_us_are_not_told_to_others() {
    let served = served(Settings::default()).await;
    let at = served.address;
    let evil = [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "gopher"),
        ("Forwarded", "host=evil.example"),
        ("Accept", "text/turtle"),
    ];
    for target in ["/sparql", "/.well-known/void", "/oai?verb=Identify", "/ldes", "/graph/nothing", "/"] {
        let answer = send(at, "GET", target, &evil, b"").await;
        assert!(!answer.text().contains("evil.example") && !answer.head.contains("evil.example"), "{target}: {}", answer.head);
    }
    for target in [
        "/graph-store?graph=http://e/%0d%0aX-Evil:%20yes",
        "/sparql?query=ASK%7B%7D&format=%0d%0aX-Evil:%20yes",
        "/concept?iri=%0d%0aX-Evil:%20yes",
        "/records?after=%0d%0aX-Evil:%20yes",
    ] {
        let answer = get(at, target, "*/*").await;
        assert!(answer.header("x-evil").is_none() && answer.status < 500, "{target}: {} {}", answer.status, answer.head);
    }
    let marked = send(at, "GET", "/oai?verb=GetRecord&metadataPrefix=edm&identifier=%22%3E%3Cscript%3E", &[], b"").await;
    assert!(marked.status == 200 && !marked.text().contains("<script>"), "{}", marked.text());
    assert!(Base::new("http://x/> . DROP ALL #").is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_questions_are_answered_in_time() {
    let served = served(Settings { deadline_seconds: 2.0, ..Settings::default() }).await;
    let at = served.address;
    let growing = (0..30).fold("'aa'".to_owned(), |text, _| format!("REPLACE({text}, 'a', 'aaaa')"));
    for (query, statuses) in [
        // A linear engine has no trouble with these.
        (format!("ASK {{ FILTER(!REGEX('{}!', '^(a+)+$')) }}", "a".repeat(5000)), &[200][..]),
        ("SELECT (REGEX('a', '((a{1000}){1000}){1000}') AS ?x) {}".to_owned(), &[200, 400]),
        (format!("SELECT (STRLEN({growing}) AS ?n) {{}}"), &[503, 400]),
        ("SELECT (COUNT(*) AS ?n) { ?a (<http://e.example/p0>|^<http://e.example/p0>|!<http://x/>)* ?b . ?c (<http://e.example/p1>|!<http://x/>)* ?d . ?e !<http://x/>* ?f }".to_owned(), &[503]),
        // Controls and characters that turn the direction of writing are data.
        ("SELECT ('a\u{202e}b\u{0}c' AS ?x) {}".to_owned(), &[200, 400]),
        ("ASK {} # \u{202e}\u{1b}[31m".to_owned(), &[200]),
        ("ASK { ?s ?p '\\uD800' }".to_owned(), &[400]),
        ("ASK { <http://e/a b> ?p ?o }".to_owned(), &[400]),
        ("ASK { <http://x/> . DROP ALL # ?p ?o }".to_owned(), &[400]),
        ("ASK {} ; DROP ALL".to_owned(), &[400]),
        ("\u{feff}ASK {}".to_owned(), &[200, 400]),
    ] {
        let answer = ask(at, &query, "application/sparql-results+json, application/json;q=0.5").await;
        let short: String = query.chars().take(80).collect();
        assert!(statuses.contains(&answer.status), "{short}: {} {}", answer.status, answer.text());
        assert!(answer.took < Duration::from_millis(3500), "{short}: {:?}", answer.took);
    }
    // What the protocol says of the data set takes the place of what the query says.
    let graph = encoded("https://enrich.example/graph/test");
    let query = encoded("SELECT (COUNT(*) AS ?n) FROM <http://nothing.example/> { ?s ?p ?o }");
    let counted = get(at, &format!("/sparql?default-graph-uri={graph}&query={query}"), "text/csv").await;
    assert_eq!(counted.text().trim_end(), "n\r\n601", "{}", counted.text());
    // A body that comes too slowly, and a client that reads nothing, hold nobody up.
    let mut slow = TcpStream::connect(at).await.expect("connected");
    slow.write_all(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 60\r\n\r\nASK")
        .await
        .expect("sent");
    let mut deaf = TcpStream::connect(at).await.expect("connected");
    let wide = encoded("SELECT * { ?a ?b ?c . ?d ?e ?f }");
    deaf.write_all(format!("GET /sparql?query={wide} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n").as_bytes()).await.expect("sent");
    for _ in 0..5 {
        assert_eq!(ask(at, "ASK {}", "*/*").await.status, 200);
    }
    drop((slow, deaf));
}
