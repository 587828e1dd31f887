//! The write door, and that the public one takes no changes.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use glossator::{
    serve::{App, Runtime, Settings, WriteToken, serve, write_router},
    store::query::Settings as QuerySettings,
};
use oxigraph::model::NamedNodeRef;
use tokio::net::TcpListener;

use super::{
    client::{Response, ask, encoded, get, send},
    sample::Sample,
    server::{Served, served},
};

pub(crate) const TOKEN: &str = "correct-horse-battery-staple";
pub(crate) const BEARER: &str = "Bearer correct-horse-battery-staple";
const UPDATE: &str = "application/sparql-update";

/// Both doors of one house.
pub(crate) struct Both {
    pub(crate) served: Served,
    pub(crate) write: SocketAddr,
}

pub(crate) async fn both() -> Both {
    both_with(Settings::default()).await
}

async fn both_with(settings: Settings) -> Both {
    let served = served(QuerySettings::default()).await;
    let sample = Arc::new(Sample::new());
    let app = App::new(Arc::clone(&served.store), served.pool.clone(), sample, Runtime::default(), settings);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let write = listener.local_addr().expect("an address");
    let router = write_router(Arc::new(app), WriteToken::new(TOKEN).expect("a token"));
    tokio::spawn(async move {
        serve(listener, router, &Settings::default(), std::future::pending()).await.expect("served");
    });
    Both { served, write }
}

impl Both {
    pub(crate) async fn update(&self, text: &str) -> Response {
        send(self.write, "POST", "/update", &[("Content-Type", UPDATE), ("Authorization", BEARER)], text.as_bytes()).await
    }

    pub(crate) async fn put(&self, target: &str, media_type: &str, body: &[u8]) -> Response {
        send(self.write, "PUT", target, &[("Content-Type", media_type), ("Authorization", BEARER)], body).await
    }

    async fn says(&self, query: &str) -> bool {
        let answer = ask(self.write, query, "application/json").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["boolean"].as_bool().expect("yes or no")
    }

    /// All that the store holds, for comparing.
    pub(crate) fn all(&self) -> Vec<String> {
        let mut all: Vec<String> = self.served.store.quads().iter().map(|q| q.expect("a quad").to_string()).collect();
        all.sort();
        all
    }
}

fn of_graph(iri: &str) -> String {
    format!("/graph-store?graph={}", encoded(iri))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_change_something_and_who_may_not() {
    let both = both().await;
    let (public, write) = (both.served.address, both.write);
    let before = both.all();
    let mine = of_graph("http://mine.example/g");
    let insert = "INSERT DATA { <http://e/a> <http://e/b> 1 }";
    let form = "application/x-www-form-urlencoded";
    let posted = format!("update={}", encoded(insert));
    let in_address = format!("{mine}&access_token={TOKEN}");
    for (at, method, target, media_type, token, body, expected) in [
        (write, "POST", "/update", UPDATE, "", insert, 401),
        (write, "POST", "/sparql", UPDATE, "", insert, 401),
        (write, "POST", "/sparql", form, "", posted.as_str(), 401),
        (write, "POST", "/update", UPDATE, "Basic Y29ycmVjdA==", insert, 401),
        (write, "POST", "/update", UPDATE, "Bearer wrong", insert, 403),
        (write, "POST", "/update?access_token=correct-horse-battery-staple", UPDATE, "", insert, 400),
        (write, "POST", "/update?token=x", UPDATE, BEARER, insert, 400),
        (write, "PUT", &mine, "text/turtle", "", "<a> <b> 1 .", 401),
        (write, "POST", &mine, "text/turtle", "Bearer wrong", "<a> <b> 1 .", 403),
        (write, "PUT", &in_address, "text/turtle", "", "<a> <b> 1 .", 400),
        (write, "DELETE", &mine, "", "", "", 401),
        (write, "PATCH", &mine, "", BEARER, "x", 405),
        (write, "GET", "/update", "", BEARER, "", 405),
        (public, "POST", "/update", UPDATE, BEARER, insert, 403),
        (public, "POST", "/sparql", UPDATE, BEARER, insert, 403),
        (public, "POST", "/sparql", form, "", posted.as_str(), 403),
        (public, "PUT", &mine, "text/turtle", BEARER, "<a> <b> 1 .", 403),
        (public, "POST", "/graph-store", "text/turtle", BEARER, "<a> <b> 1 .", 403),
        (public, "POST", "/graph-store/x", "text/turtle", "", "<a> <b> 1 .", 403),
        (public, "DELETE", "/graph-store?default", "", BEARER, "", 403),
        (public, "PATCH", &mine, "", BEARER, "x", 405),
        (public, "GET", "/update", "", "", "", 405),
        (public, "PUT", "/update", "", BEARER, "x", 405),
    ] {
        let headers: Vec<_> = [("Content-Type", media_type), ("Authorization", token)].into_iter().filter(|(_, v)| !v.is_empty()).collect();
        let answer = send(at, method, target, &headers, body.as_bytes()).await;
        let door = if at == write { "write" } else { "public" };
        assert_eq!(answer.status, expected, "{door}: {method} {target} {token}: {}", answer.text());
        assert_eq!(answer.header("www-authenticate").is_some(), expected == 401, "{door}: {method} {target}");
        assert_eq!(answer.header("allow").is_some(), expected == 405, "{door}: {method} {target}");
    }
    assert_eq!(both.all(), before, "nothing was changed");
    assert_eq!(send(public, "OPTIONS", "/graph-store", &[], b"").await.header("allow"), Some("GET, HEAD, PUT, POST, DELETE, OPTIONS"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_is_read_at_once() {
    let both = both().await;
    for number in 0..5 {
        let done = both.update(&format!("INSERT DATA {{ GRAPH <http://mine.example/g> {{ <http://e/a> <http://e/n> {number} }} }}")).await;
        assert_eq!(done.status, 204, "{}", done.text());
        let version = done.header("x-glossator-version").expect("a version").to_owned();
        let query = format!("ASK {{ GRAPH <http://mine.example/g> {{ <http://e/a> <http://e/n> {number} }} }}");
        let answer = ask(both.write, &query, "application/json").await;
        assert_eq!(answer.json()["boolean"], true, "{}", answer.text());
        assert_eq!(answer.header("x-glossator-version"), Some(version.as_str()));
    }
    let again = both.update("INSERT DATA { GRAPH <http://mine.example/g> { <http://e/a> <http://e/n> 1 } }").await;
    assert_eq!(
        again.header("x-glossator-version").and_then(|v| v.parse().ok()),
        Some(both.served.store.version()),
        "nothing new, no new version"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_is_done_whole_or_not_at_all() {
    let both = both().await;
    let before = both.all();
    for (update, status) in [
        ("INSERT DATA { <http://e/a> <http://e/b> 1 } ; DROP GRAPH <http://none.example/>", 409),
        ("INSERT DATA { <http://e/a> <http://e/b> 1 } ; CREATE GRAPH <http://e/g> ; CREATE GRAPH <http://e/g>", 409),
        ("INSERT DATA { <http://e/a> <http://e/b> 1 } ; LOAD <http://127.0.0.1:9/x>", 403),
        ("LOAD SILENT <file:///etc/passwd>", 403),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }", 403),
        ("INSERT DATA { <http://e/a> <http://e/b> 1 } ; INSERT DATA { oops }", 400),
        ("INSERT { <http://e/a> <http://e/b> ?x } WHERE { BIND(<http://e/nothing>(1) AS ?x) }", 400),
        ("SELECT * { ?s ?p ?o }", 400),
    ] {
        let answer = both.update(update).await;
        assert_eq!(answer.status, status, "{update}: {}", answer.text());
        assert_eq!(both.all(), before, "{update}");
    }
    let done =
        both.update("INSERT DATA { <http://e/a> <http://e/b> 1, 2 } ; DELETE { ?s ?p 1 } INSERT { ?s ?p 3 } WHERE { ?s ?p 1 }").await;
    assert_eq!(done.status, 204, "{}", done.text());
    let default = get(both.write, "/graph-store?default", "application/n-triples").await;
    let mut lines: Vec<_> = default.text().lines().map(str::to_owned).collect();
    lines.sort();
    assert!(lines.len() == 2 && lines[0].contains("\"2\"") && lines[1].contains("\"3\""), "{lines:?}");
    let using = format!("using-graph-uri={}", encoded("http://mine.example/g"));
    let headers = [("Content-Type", UPDATE), ("Authorization", BEARER)];
    let target = format!("/update?{using}");
    let twice = b"INSERT { <http://e/a> ?p ?o } USING <http://e/g> WHERE { ?s ?p ?o }";
    assert_eq!(send(both.write, "POST", &target, &headers, twice).await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphs_that_we_derive_are_closed() {
    let both = both().await;
    let meta = "https://enrich.example/graph/meta";
    let before = both.all();
    let quad = format!("GRAPH <{meta}> {{ <https://enrich.example/store> ?p ?o }}");
    for update in [
        format!("INSERT DATA {{ GRAPH <{meta}> {{ <http://e/a> <http://e/b> 1 }} }}"),
        format!("DELETE WHERE {{ {quad} }}"),
        format!("WITH <{meta}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"),
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }".to_owned(),
        // The graph's name is made up while it runs.
        "INSERT { GRAPH ?g { <http://e/a> <http://e/b> 1 } } WHERE { BIND(IRI(CONCAT('https://enrich.example/', 'graph/', 'meta')) AS ?g) }".to_owned(),
        "BASE <https://enrich.example/graph/> INSERT DATA { GRAPH <./x/../review> { <a> <b> 1 } }".to_owned(),
        format!("CLEAR GRAPH <{meta}>"),
        format!("DROP SILENT GRAPH <{meta}>"),
        format!("MOVE <{meta}> TO <http://mine.example/g>"),
        format!("COPY <https://enrich.example/graph/test> TO <{meta}>"),
        format!("ADD DEFAULT TO <{meta}> ; ADD <https://enrich.example/graph/test> TO <{meta}>"),
        "CREATE SILENT GRAPH <https://enrich.example/graph/enrichment/made-up>".to_owned(),
        "INSERT DATA { GRAPH <http://mine.example/g> { <http://e/a> <http://e/b> 1 } GRAPH <https://enrich.example/graph/source/x> { <http://e/a> <http://e/b> 1 } }".to_owned(),
    ] {
        let answer = both.update(&update).await;
        assert_eq!(answer.status, 403, "{update}: {}", answer.text());
        assert!(answer.text().contains("is closed to changes from outside: it "), "{}", answer.text());
        assert_eq!(both.all(), before, "{update}");
    }
    for graph in ["meta", "source/x", "statements/x", "enrichment/x", "review", "published/x", "tombstones", "staging/x"] {
        let target = of_graph(&format!("https://enrich.example/graph/{graph}"));
        assert_eq!(both.put(&target, "text/turtle", b"<a> <b> 1 .").await.status, 403, "{graph}");
        let posted = send(both.write, "POST", &target, &[("Content-Type", "text/turtle"), ("Authorization", BEARER)], b"<a> <b> 1 .").await;
        assert_eq!(posted.status, 403, "{graph}");
        assert_eq!(send(both.write, "DELETE", &target, &[("Authorization", BEARER)], b"").await.status, 403, "{graph}");
    }
    assert_eq!(both.all(), before);
    // They may be read, and copied from; and ALL means all that are open.
    let copied = both.update(&format!("COPY <{meta}> TO <http://mine.example/copy>")).await;
    assert_eq!(copied.status, 204, "{}", copied.text());
    assert!(both.says(&format!("ASK {{ GRAPH <http://mine.example/copy> {{ ?s ?p ?o }} GRAPH <{meta}> {{ ?s ?p ?o }} }}")).await);
    assert_eq!(both.update("DROP ALL").await.status, 204);
    assert!(
        both.says(&format!(
            "ASK {{ GRAPH <{meta}> {{ ?s ?p ?o }} FILTER NOT EXISTS {{ GRAPH ?g {{ ?a ?b ?c }} FILTER(?g != <{meta}>) }} }}"
        ))
        .await
    );
    let store = &both.served.store;
    assert!(!store.has_graph(&NamedNodeRef::new_unchecked("https://enrich.example/graph/test").into_owned()).expect("looked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_may_not_do_too_much() {
    let both = both().await;
    let before = both.all();
    let rows = (0..8).map(|n| format!("VALUES ?v{n} {{ 0 1 2 3 4 5 6 7 8 9 }}")).collect::<Vec<_>>().join(" ");
    let much = both.update(&format!("INSERT {{ <http://e/a> <http://e/b> ?v0 }} WHERE {{ {rows} }}")).await;
    assert_eq!(much.status, 413, "{}", much.text());
    let nested = format!("INSERT DATA {{ <http://e/a> <http://e/b> {}{} }}", "(".repeat(500), ")".repeat(500));
    assert_eq!(both.update(&nested).await.status, 400);
    // What hides brackets from one who does not know the grammar would overflow the stack, and end the server.
    let (open, close) = ("(".repeat(100_000), ")".repeat(100_000));
    for hiding in [
        format!("?a<?b#> \"\"\"\n && {open}1{close}) #\"\"\"\n"),
        format!("?a<a:b#> '''\n && {open}1{close}) #'''\n"),
        format!("?a<'>' && {open}1{close}) #'"),
        format!("?a<<http://e/x#'> && {open}1{close})"),
        format!("STR(?a)<'>' && {open}1{close}) #'"),
        format!("true<'>' && {open}1{close}) #'"),
        format!("\"a\"@en<'>' && {open}1{close}) #'"),
        format!("?a<http://e/#> '''\n && {open}1{close}) #'''\n"),
    ] {
        let update = format!("PREFIX a: <http://a/> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER({hiding} }}");
        let answer = both.update(&update).await;
        assert_eq!(answer.status, 400, "{}: {}", &hiding[..15], answer.text());
    }
    let patterns = (0..600).map(|n| format!("?s{n} ?p{n} ?o{n} . ")).collect::<Vec<_>>().concat();
    assert_eq!(both.update(&format!("DELETE {{ ?s0 ?p0 ?o0 }} WHERE {{ {patterns} }}")).await.status, 400);
    let data = (0..5000).map(|n| format!("<http://e/a> <http://e/b> {n} . ")).collect::<Vec<_>>().concat();
    assert_eq!(both.all(), before);
    assert_eq!(both.update(&format!("INSERT DATA {{ {data} }}")).await.status, 204, "data may be long");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_takes_too_long_is_stopped() {
    let both = both_with(Settings { write_seconds: 1, update_quads: usize::MAX, ..Settings::default() }).await;
    let before = both.all();
    let insert = |pattern: &str| format!("INSERT {{ <http://e/a> <http://e/b> ?n }} WHERE {{ {pattern} }}");
    let product = "GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i } GRAPH ?w { ?j ?k ?l }";
    let rows = (0..12).map(|n| format!("VALUES ?v{n} {{ 0 1 2 3 4 5 6 7 8 9 }}")).collect::<Vec<_>>().join(" ");
    let doubling = (0..40).map(|n| format!("BIND(CONCAT(?x{n}, ?x{n}) AS ?x{})", n + 1)).collect::<Vec<_>>().join(" ");
    for heavy in [
        insert(&product.replace("?c", "?n")),
        // What the engine does not look up from: counting, sorting, crossing tables, growing a string.
        insert(&format!("{{ SELECT (COUNT(*) AS ?n) {{ {product} }} }}")),
        insert(&format!("{{ SELECT ?n {{ {} }} ORDER BY ?n ?f ?i }}", product.replace("?c", "?n"))),
        insert(&format!("{{ SELECT (GROUP_CONCAT(?c) AS ?n) {{ {product} }} }}")),
        insert(&format!("{{ SELECT (COUNT(*) AS ?n) {{ {rows} }} }}")),
        insert(&format!("BIND('xxxxxxxxxxxxxxxx' AS ?x0) {doubling} BIND(STRLEN(?x40) AS ?n)")),
    ] {
        let stopped = both.update(&heavy).await;
        assert_eq!(stopped.status, 503, "{}: {}", &heavy[..80], stopped.text());
        assert!(stopped.took < Duration::from_secs(3) && stopped.header("retry-after").is_some(), "{:?}: {heavy}", stopped.took);
        let next = both.update("INSERT DATA { GRAPH <http://mine.example/g> { <http://e/a> <http://e/b> 1 } }").await;
        assert_eq!(next.status, 204, "{}", next.text());
        assert!(next.took < Duration::from_millis(1500), "the writer's place is free at once: {:?}", next.took);
    }
    assert_eq!(both.all().len(), before.len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_comes_to_the_same_while_others_write() {
    let both = Arc::new(both().await);
    let first = both.update("INSERT DATA { GRAPH <http://mine.example/n> { <http://e/a> <http://e/n> 0 } }").await;
    assert_eq!(first.status, 204);
    let store = Arc::clone(&both.served.store);
    let others = std::thread::spawn(move || {
        for number in 0..60 {
            super::server::fill(&store, 700 + number);
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let next = "WITH <http://mine.example/n> DELETE { ?s ?p ?n } INSERT { ?s ?p ?m } WHERE { ?s ?p ?n BIND(?n + 1 AS ?m) }";
    for _ in 0..6 {
        let done = both.update(next).await;
        assert_eq!(done.status, 204, "{}", done.text());
    }
    others.join().expect("written");
    assert!(both.says("ASK { GRAPH <http://mine.example/n> { <http://e/a> <http://e/n> 6 } }").await, "each was done once, on what stood");
    assert!(both.says("ASK { GRAPH <https://enrich.example/graph/test> { ?s ?p \"value 758\" } }").await, "and nobody's change was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graph_that_cannot_be_read_leaves_the_old_one() {
    let both = both().await;
    let graph = of_graph("http://mine.example/g");
    assert_eq!(both.put(&graph, "text/turtle", b"<http://e/a> <http://e/b> 1, 2 .").await.status, 201);
    assert_eq!(both.put(&graph, "text/turtle", b"<http://e/a> <http://e/b> 1, 3 .").await.status, 204);
    let before = both.all();
    let fault = both
        .put(&graph, "text/turtle", b"<http://e/a> <http://e/b> 4 .\n<http://e/a> <http://e/b> oops .\n<http://e/a> <http://e/b> 5 .")
        .await;
    assert_eq!((fault.status, &fault.json()["line"]), (400, &serde_json::json!(2)), "{}", fault.text());
    let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">&b;</rdf:RDF>";
    let reaching = "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><r>&a;</r>";
    let remote = r#"{"@context": "http://127.0.0.1:9/context", "@id": "http://e/a", "http://e/b": 1}"#;
    let deep_json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_xml = format!("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{}", "<rdf:Description>".repeat(100_000));
    let deep_turtle = format!("<http://e/a> <http://e/b> {}{} .", "[ <http://e/b> ".repeat(100_000), "]".repeat(100_000));
    let quoted = format!("<http://e/a> <http://e/b> {}1{} .", "<<( <http://e/a> <http://e/b> ".repeat(50_000), " )>>".repeat(50_000));
    for (media_type, body, status) in [
        ("application/rdf+xml", bomb, 400),
        ("application/rdf+xml", reaching, 400),
        ("application/ld+json", remote, 400),
        ("application/ld+json", &deep_json, 400),
        ("application/rdf+xml", &deep_xml, 400),
        ("text/turtle", &deep_turtle, 400),
        ("text/turtle", &quoted, 400),
        ("application/n-quads", "<http://e/a> <http://e/b> <http://e/c> <http://e/g> .", 400),
        ("application/n-triples", "<a> <http://e/b> <http://e/c> .", 400),
        ("text/turtle", "<http://e/a> <http://e/b> <http://e/ c> .", 400),
        ("text/turtle; charset=iso-8859-1", "<http://e/a> <http://e/b> 1 .", 415),
        ("image/png", "x", 415),
    ] {
        let answer = both.put(&graph, media_type, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{media_type} {}: {}", &body[..body.len().min(80)], answer.text());
        assert_eq!(both.all(), before, "{media_type}");
    }
    let head = [("Content-Type", "text/turtle"), ("Authorization", BEARER), ("Content-Encoding", "gzip")];
    let gzip = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packed, bytes).expect("packed");
        packed.finish().expect("packed")
    };
    assert_eq!(send(both.write, "PUT", &graph, &head, &gzip(&vec![b' '; 30 << 20])).await.status, 413);
    assert_eq!(send(both.write, "PUT", &graph, &[head[0], head[1], ("Content-Encoding", "br")], b"x").await.status, 415);
    assert_eq!(both.all(), before);
    assert_eq!(send(both.write, "PUT", &graph, &head, &gzip(b"<http://e/a> <http://e/b> 9 .")).await.status, 204);
    assert!(
        both.says(
            "ASK { GRAPH <http://mine.example/g> { <http://e/a> <http://e/b> 9 } FILTER NOT EXISTS { <http://e/a> <http://e/b> 1 } }"
        )
        .await
    );
    let huge = send(both.write, "PUT", &graph, &[head[0], head[1], ("Expect", "100-continue")], &vec![b' '; 65 << 20]).await;
    assert_eq!(huge.status, 413, "and no 100 before it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphs_by_address_and_by_name() {
    let both = both().await;
    let at = both.write;
    let head = [("Content-Type", "text/turtle"), ("Authorization", BEARER)];
    let posted = send(at, "POST", "/graph-store", &head, b"<> <http://e/b> 1 .").await;
    let place = posted.header("location").expect("a place").to_owned();
    assert!(posted.status == 201 && place.starts_with("https://enrich.example/graph-store/"), "{place}");
    let direct = place.strip_prefix("https://enrich.example").expect("ours");
    let found = get(at, direct, "application/n-triples").await;
    assert!(found.status == 200 && found.text().starts_with(&format!("<{place}> ")), "{}", found.text());
    let tag = found.header("etag").expect("a tag").to_owned();
    let same = send(at, "GET", direct, &[("Accept", "application/n-triples"), ("If-None-Match", &tag)], b"").await;
    assert_eq!(same.status, 304);
    assert_eq!(get(at, &of_graph(&place), "text/turtle").await.status, 200);
    assert_eq!(send(at, "HEAD", direct, &[], b"").await.status, 200);
    assert_eq!(get(at, direct, "text/csv").await.status, 406);
    assert_eq!(send(at, "DELETE", direct, &head[1..], b"").await.status, 204);
    assert_eq!(get(at, direct, "*/*").await.status, 404);
    assert_eq!(send(at, "DELETE", direct, &head[1..], b"").await.status, 404);
    for (target, status) in [
        ("/graph-store", 400),
        ("/graph-store?graph=x", 400),
        ("/graph-store?graph=http://e/&default", 400),
        ("/graph-store/x?default", 400),
    ] {
        assert_eq!(both.put(target, "text/turtle", b"").await.status, status, "{target}");
    }
    assert_eq!(both.put("/graph-store/empty", "text/turtle", b"").await.status, 201);
    assert_eq!(get(at, "/graph-store/empty", "*/*").await.status, 200, "an empty graph is one");
    // The public reads them too.
    assert_eq!(both.put("/graph-store/mine", "text/turtle", b"<http://e/a> <http://e/b> 1 .").await.status, 201);
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    let public = get(both.served.address, "/graph-store/mine", "application/n-triples").await;
    assert!(public.status == 200 && public.text().contains("<http://e/a>"), "{}", public.text());
    let parts = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/turtle\r\n\r\n<http://e/a> <http://e/b> 2 .\r\n--x\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Type: application/n-triples\r\n\r\n<http://e/a> <http://e/b> \"3\" .\r\n--x--\r\n";
    let multipart = [("Content-Type", "multipart/form-data; boundary=x"), ("Authorization", BEARER)];
    assert_eq!(send(at, "POST", "/graph-store/mine", &multipart, parts.as_bytes()).await.status, 204);
    assert_eq!(get(at, "/graph-store/mine", "application/n-triples").await.text().lines().count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_graph_is_put_added_to_and_deleted() {
    let both = both().await;
    let graph = of_graph("https://enrich.example/graph/vocab/mine/1");
    let line = |n: usize| format!("<http://e/{n}> <http://www.w3.org/2004/02/skos/core#prefLabel> \"word {n}\"@en .\n");
    let large: String = (0..24_000).map(line).collect();
    let count = || async {
        let counted =
            ask(both.write, "SELECT (COUNT(*) AS ?n) { GRAPH <https://enrich.example/graph/vocab/mine/1> { ?s ?p ?o } }", "text/csv").await;
        counted.text().lines().nth(1).map(str::to_owned)
    };
    assert_eq!(both.put(&graph, "application/n-triples", line(7).as_bytes()).await.status, 201);
    let put = both.put(&graph, "application/n-triples", large.as_bytes()).await;
    assert_eq!(put.status, 204, "{}", put.text());
    assert_eq!(count().await.as_deref(), Some("24000"));
    assert_eq!(both.served.store.index().concepts_by_label("word 1199", 100).expect("labels").len(), 11, "the index follows");
    let broken = format!("{large}<http://e/x> oops .");
    assert_eq!(both.put(&graph, "application/n-triples", broken.as_bytes()).await.status, 400);
    let head = [("Content-Type", "application/n-triples"), ("Authorization", BEARER)];
    let more: String = (23_000..45_000).map(line).collect();
    assert_eq!(send(both.write, "POST", &graph, &head, more.as_bytes()).await.status, 204);
    assert_eq!(count().await.as_deref(), Some("45000"));
    assert_eq!(send(both.write, "DELETE", &graph, &head[1..], b"").await.status, 204);
    assert_eq!(get(both.write, &graph, "*/*").await.status, 404);
    assert!(both.served.store.index().concepts_by_label("word", 10).expect("labels").is_empty());
}
