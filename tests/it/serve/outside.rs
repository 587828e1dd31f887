//! Nothing that is sent to us makes us call somebody: not a query, an update's pattern, a plan, a graph's context, nor a shape.

use std::net::TcpListener;

use glossator::validation::Shapes;

use super::{
    client::{ask, encoded, get, send},
    writing::both,
};

/// Every way in which SPARQL can name a service, and a few ways around the name.
fn queries(service: &str) -> Vec<String> {
    vec![
        format!("SELECT * {{ SERVICE <{service}> {{ ?s ?p ?o }} }}"),
        format!("SELECT * {{ SERVICE SILENT <{service}> {{ ?s ?p ?o }} }}"),
        format!("SELECT * {{ VALUES ?x {{ <{service}> }} SERVICE ?x {{ ?s ?p ?o }} }}"),
        format!("SELECT * {{ BIND(<{service}> AS ?x) SERVICE SILENT ?x {{ ?s ?p ?o }} }}"),
        format!("SELECT * {{ ?a ?b ?c FILTER EXISTS {{ SERVICE <{service}> {{ ?s ?p ?o }} }} }}"),
        format!("SELECT * {{ OPTIONAL {{ SELECT * {{ SERVICE <{service}> {{ ?s ?p ?o }} }} }} }}"),
        format!("PREFIX s: <{service}> ASK {{ seRvIce s: {{ ?s ?p ?o }} }}"),
        format!("CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ SERVICE <{service}> {{ ?s ?p ?o }} }} }}"),
        format!("DESCRIBE ?s {{ SERVICE <{service}> {{ ?s ?p ?o }} }}"),
        format!("SELECT * FROM <{service}> {{ MINUS {{ SERVICE <{service}> {{ ?s ?p ?o }} }} }}"),
        "SELECT * { SERVICE <file:///etc/passwd> { ?s ?p ?o } }".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_nobody_is_called() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener that does not wait");
    let service = format!("http://{}/sparql", listener.local_addr().expect("its address"));
    let both = both().await;
    let before = both.all();
    for at in [both.served.address, both.write] {
        for query in queries(&service) {
            assert_eq!(ask(at, &query, "*/*").await.status, 403, "{query}");
            for target in ["/sparql?query=", "/sparql?explain=true&query="] {
                let told = get(at, &format!("{target}{}", encoded(&query)), "application/json, */*;q=0.5").await;
                assert_eq!(told.status, 403, "{target}{query}: {}", told.text());
            }
            let put = send(at, "QUERY", "/sparql", &[("Content-Type", "application/sparql-query")], query.as_bytes()).await;
            assert_eq!(put.status, 403, "{query}");
        }
    }
    // A graph of that name is one that we do not have, and not one to be fetched.
    let named = ask(both.served.address, &format!("SELECT * FROM <{service}> {{ ?s ?p ?o }}"), "text/csv").await;
    assert_eq!((named.status, named.text().lines().count()), (200, 1), "{}", named.text());
    for update in [
        format!("LOAD <{service}>"),
        format!("LOAD SILENT <{service}> INTO GRAPH <http://mine.example/g>"),
        "LOAD <file:///etc/passwd>".to_owned(),
        format!("INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{service}> {{ ?s ?p ?o }} }}"),
        format!("INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT <{service}> {{ ?s ?p ?o }} }}"),
        format!("DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER EXISTS {{ SERVICE <{service}> {{ ?s ?p ?o }} }} }}"),
        format!("INSERT {{ <http://e/a> <http://e/b> ?n }} WHERE {{ VALUES ?x {{ <{service}> }} SERVICE ?x {{ ?s ?p ?n }} }}"),
    ] {
        let refused = both.update(&update).await;
        assert!(matches!(refused.status, 400 | 403), "{update}: {} {}", refused.status, refused.text());
    }
    let context = format!(r#"{{"@context": "{service}", "@id": "http://e/a", "http://e/b": 1}}"#);
    let target = format!("/graph-store?graph={}", encoded("http://mine.example/g"));
    assert_eq!(both.put(&target, "application/ld+json", context.as_bytes()).await.status, 400);
    let external = format!("<?xml version=\"1.0\"?><!DOCTYPE r SYSTEM \"{service}\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>");
    assert_eq!(both.put(&target, "application/rdf+xml", external.as_bytes()).await.status, 400);
    assert_eq!(both.all(), before, "nothing was changed");
    for shapes in [
        format!(
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <http://e/a> a sh:NodeShape ; sh:targetNode <http://e/b> ; \
             sh:sparql [ sh:select \"SELECT $this {{ SERVICE <{service}> {{ ?s ?p ?o }} }}\" ] ."
        ),
        format!(
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <http://e/a> a sh:NodeShape ; \
             sh:target [ a sh:SPARQLTarget ; sh:select \"SELECT ?this {{ SERVICE <{service}> {{ ?this ?p ?o }} }}\" ] ."
        ),
    ] {
        assert!(Shapes::parse("asking.ttl", &shapes, "http://e/").is_err(), "{shapes}");
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(listener.accept().is_err(), "somebody knocked");
}
