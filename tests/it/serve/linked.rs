//! Every IRI that we mint is there, in every syntax, and says what the store says.

use std::collections::{BTreeMap, BTreeSet};

use glossator::{
    jobs::{Job, Review},
    rdf::ns::{dcat, dcterms, enr, foaf, oa, prov, rdf, soa, void},
    review::Decision,
    validation::Shapes,
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{NamedNode, NamedOrBlankNode, Quad, Term, Triple},
};
use serde_json::Value;

use super::{
    client::{Response, encoded, get, send},
    demonstration::Demonstration,
};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const ANNO: &str = "application/ld+json;profile=\"http://www.w3.org/ns/anno.jsonld\"";

fn parsed(body: &[u8], media_type: &str) -> Vec<Quad> {
    let format = RdfFormat::from_media_type(media_type).unwrap_or_else(|| panic!("{media_type}"));
    RdfParser::from_format(format)
        .for_slice(body)
        .map(|q| q.unwrap_or_else(|e| panic!("{e} in {}", String::from_utf8_lossy(body))))
        .collect()
}

fn turtle(response: &Response) -> Vec<Quad> {
    assert_eq!(response.status, 200, "{}", response.text());
    parsed(&response.body, "text/turtle")
}

/// Follows one 303.
async fn follow(demo: &Demonstration, path: &str, accept: &str) -> Response {
    let sent_on = get(demo.address, path, accept).await;
    assert_eq!(sent_on.status, 303, "{path}: {}", sent_on.text());
    let name = sent_on.header("location").unwrap().to_owned();
    assert!(!name.contains('/'), "the address is relative: {name}");
    let folder = path.rsplit_once('/').unwrap().0;
    get(demo.address, &format!("{folder}/{name}"), accept).await
}

fn annotations(demo: &Demonstration) -> Vec<String> {
    let found = demo.house.store.quads().quads_for_pattern(None, Some(enr::RAW_SCORE), None, None);
    let mut iris: Vec<String> = found
        .map(|q| match q.unwrap().subject {
            NamedOrBlankNode::NamedNode(n) => n.into_string(),
            NamedOrBlankNode::BlankNode(_) => panic!("an annotation has an IRI"),
        })
        .collect();
    iris.sort();
    iris
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_iri_of_ours_is_there() {
    let demo = Demonstration::whole().await;
    let base = demo.house.store.base().as_str().to_owned();
    demo.run(judge(&annotations(&demo)[0], Decision::Accept)).await;
    // One IRI of each kind would do, but all of them are few.
    let mut minted: BTreeSet<String> = BTreeSet::new();
    for quad in demo.house.store.quads() {
        let quad = quad.unwrap();
        let terms = [Term::from(quad.subject), quad.object, Term::from(quad.predicate)];
        for term in terms {
            if let Term::NamedNode(n) = term {
                minted.extend(n.as_str().starts_with(&base).then(|| n.into_string()));
            }
        }
    }
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for iri in &minted {
        let path = Demonstration::path(iri);
        if path.contains('#') || path.starts_with("/provider/") {
            continue;
        }
        let kind = path.split('/').nth(1).unwrap().to_owned();
        let document = kind == "graph";
        let found = get(demo.address, &path, "text/turtle").await;
        assert_eq!(found.status, if document { 200 } else { 303 }, "{iri}: {}", found.text());
        *kinds.entry(kind).or_default() += 1;
    }
    let expected = [
        "agent",
        "aggregation",
        "annotation",
        "dataset",
        "graph",
        "label-map",
        "model",
        "person",
        "picture",
        "policy",
        "proxy",
        "review",
        "run",
        "store",
        "target",
    ];
    for kind in expected {
        assert!(kinds.contains_key(kind), "{kind} is not among {kinds:?}");
    }
    // With the base's folder in front, as where no proxy strips it.
    let one = annotations(&demo).remove(0);
    assert_eq!(get(demo.address, &format!("/lod{}", Demonstration::path(&one)), "text/turtle").await.status, 303);
    assert_eq!(get(demo.address, "/annotation/none/none", BROWSER).await.status, 404);
    assert_eq!(get(demo.address, "/graph/none", "text/turtle").await.status, 404);
}

fn judge(annotation: &str, decision: Decision) -> Job {
    Job::Review(Review { decision, annotation: annotation.to_owned(), to: None, who: "Ada Lovelace".to_owned() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_annotation_spells_out_what_its_graph_says_once() {
    let demo = Demonstration::whole().await;
    let iri = annotations(&demo).remove(0);
    demo.run(judge(&iri, Decision::Reject)).await;
    let path = Demonstration::path(&iri);
    let answer = follow(&demo, &path, "text/turtle").await;
    let said = turtle(&answer);
    let about = |predicate| -> Vec<String> {
        said.iter()
            .filter(|q| q.predicate == predicate && q.subject == NamedOrBlankNode::from(NamedNode::new_unchecked(&iri)))
            .map(|q| q.object.to_string())
            .collect()
    };
    assert_eq!(about(prov::WAS_GENERATED_BY).len(), 1);
    let derived = about(prov::WAS_DERIVED_FROM);
    for part in ["/picture/sha256-", "/graph/source/", "/graph/vocab/", "/model/sha256-"] {
        assert!(derived.iter().any(|d| d.contains(part)), "{part} is not in {derived:?}");
    }
    assert_eq!((about(enr::LABEL_MAPPING).len(), about(soa::HAS_REVIEW).len(), about(enr::DECODER).len()), (1, 1, 1));
    assert!(about(soa::CONFIDENCE).is_empty() || !about(enr::RAW_SCORE).is_empty());
    assert!(said.iter().any(|q| q.predicate == oa::HAS_SCOPE), "the target is described");
    // The same in every syntax.
    let count = said.len();
    for (ending, media_type) in [
        ("nt", "application/n-triples"),
        ("jsonld", "application/ld+json"),
        ("rdf", "application/rdf+xml"),
        ("nq", "application/n-quads"),
        ("trig", "application/trig"),
    ] {
        let other = get(demo.address, &format!("{path}.{ending}"), "*/*").await;
        assert_eq!((other.status, other.header("content-type")), (200, Some(media_type)), "{ending}");
        let triples: BTreeSet<String> =
            parsed(&other.body, media_type).iter().map(|q| format!("{} {} {}", q.subject, q.predicate, q.object)).collect();
        assert_eq!(triples.len(), count, "{ending}");
    }
    // Caches, methods, scripts on other pages.
    let tag = answer.header("etag").unwrap().to_owned();
    let again = send(demo.address, "GET", &format!("{path}.ttl"), &[("If-None-Match", &tag)], b"").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let head = send(demo.address, "HEAD", &format!("{path}.ttl"), &[], b"").await;
    assert_eq!((head.status, head.header("access-control-allow-origin")), (200, Some("*")));
    assert!(head.header("vary").unwrap().contains("Accept"));
    assert!(head.header("link").unwrap().contains("rel=\"describes\""));
    let posted = send(demo.address, "POST", &path, &[], b"").await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    assert_eq!(send(demo.address, "OPTIONS", &path, &[], b"").await.status, 204);
    let refused = get(demo.address, &path, "image/png").await;
    assert!(refused.status == 406 && refused.text().contains("text/turtle"), "{}", refused.text());
    demo.run(judge(&iri, Decision::Accept)).await;
    assert_eq!(send(demo.address, "GET", &format!("{path}.ttl"), &[("If-None-Match", &tag)], b"").await.status, 200, "the store moved on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_is_gone_and_says_so() {
    let demo = Demonstration::whole().await;
    let iri = annotations(&demo).remove(0);
    let path = Demonstration::path(&iri);
    let work = path.split('/').nth(2).unwrap().to_owned();
    let runs = demo.run(Job::Runs).await;
    let run = runs.figures["runs"][0]["run"].as_str().unwrap().to_owned();
    demo.run(Job::Retract { run: run.clone() }).await;
    for target in [path.clone(), format!("{path}.ttl"), format!("/graph/enrichment/{work}"), format!("/target/{work}/whole")] {
        let gone = get(demo.address, &target, "text/turtle").await;
        assert_eq!(gone.status, 410, "{target}");
        assert!(parsed(&gone.body, "text/turtle").iter().any(|q| q.object == Term::from(enr::TOMBSTONE)), "{target}");
    }
    let page = get(demo.address, &path, BROWSER).await;
    assert_eq!((page.status, page.text().contains("taken back")), (410, true), "{}", page.text());
    assert_eq!(follow(&demo, &Demonstration::path(&run), "text/turtle").await.status, 200, "the run is history, not gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_annotation_and_a_records_collection_in_the_w3cs_model() {
    let demo = Demonstration::whole().await;
    let iri = annotations(&demo).remove(0);
    let answer = follow(&demo, &Demonstration::path(&iri), ANNO).await;
    assert!(answer.header("content-type").unwrap().contains("profile=\"http://www.w3.org/ns/anno.jsonld\""));
    let json = answer.json();
    assert_eq!(json["@context"][0], "http://www.w3.org/ns/anno.jsonld");
    assert_eq!((&json["id"], &json["type"], &json["motivation"]), (&Value::from(iri), &"Annotation".into(), &"classifying".into()));
    assert!(json["body"].as_str().unwrap().starts_with("http://vocab.getty.edu/aat/"));
    assert_eq!((&json["target"]["type"], &json["creator"]["type"]), (&"SpecificResource".into(), &"Software".into()));
    assert!(json["target"]["source"].is_string() && json["target"]["scope"].is_string() && json["rawScore"].is_string());
    let target = json["target"]["scope"].as_str().unwrap();
    let key = glossator::rdf::RecordKey::of(NamedNode::new_unchecked(target).as_ref());
    let collection = get(demo.address, &format!("/record/{key}/annotations"), "application/ld+json").await.json();
    assert_eq!((&collection["type"], &collection["first"]["type"]), (&"AnnotationCollection".into(), &"AnnotationPage".into()));
    assert_eq!(collection["total"].as_u64().unwrap() as usize, collection["first"]["items"].as_array().unwrap().len());
    let page = get(demo.address, &format!("/record/{key}/annotations?page=0"), "application/json").await.json();
    assert_eq!((&page["type"], &page["partOf"]["id"]), (&"AnnotationPage".into(), &collection["id"]));
    assert_eq!(get(demo.address, &format!("/record/{key}/annotations?page=7"), "*/*").await.status, 404);
    assert_eq!(get(demo.address, &format!("/record/{key}/annotations"), "text/turtle").await.status, 406);
    assert_eq!(get(demo.address, &format!("/record/{}/annotations", "0".repeat(32)), "*/*").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphs_concepts_and_the_whole_are_described() {
    let demo = Demonstration::whole().await;
    let vocabulary = get(demo.address, "/graph/vocab/aat/demo", "text/turtle").await;
    assert!(vocabulary.header("content-location").unwrap().ends_with("/graph/vocab/aat/demo.ttl"));
    let said = turtle(&vocabulary);
    assert!(
        said.len() < 30 && said.iter().any(|q| q.predicate == void::TRIPLES) && said.iter().any(|q| q.predicate == void::SPARQL_ENDPOINT)
    );
    let listed = demo.house.store.index().page(glossator::store::Listing::ByKey, None, 1).unwrap();
    let source = get(demo.address, &format!("/graph/source/{}", listed[0].key), "application/n-quads").await;
    let held = demo.house.store.triples(&demo.house.store.base().source_graph(&listed[0].key)).unwrap().len();
    let named = parsed(&source.body, "application/n-quads").iter().filter(|q| q.graph_name.to_string().contains("/graph/source/")).count();
    assert_eq!(named, held);
    let concept = get(demo.address, &format!("/concept?iri={}", encoded("http://vocab.getty.edu/aat/300000891")), "text/turtle").await;
    let said = turtle(&concept);
    assert!(
        said.iter().any(|q| q.object.to_string().contains("buttresses")) && said.iter().any(|q| q.predicate.as_str().ends_with("broader"))
    );
    assert_eq!(get(demo.address, "/concept?iri=http://none.example/", "text/turtle").await.status, 404);
    let whole = turtle(&get(demo.address, "/.well-known/void", "text/turtle").await);
    let sets: Vec<_> = whole.iter().filter(|q| q.predicate == dcat::HAS_DATASET).map(|q| q.object.to_string()).collect();
    // A register would take it: nothing is amiss.
    let triples: Vec<Triple> = whole.iter().cloned().map(Triple::from).collect();
    let amiss = Shapes::catalogue().unwrap().validate("the catalogue", &triples).unwrap();
    let told: Vec<_> = amiss.iter().map(|f| (f.severity, f.message())).collect();
    assert!(told.is_empty(), "{told:?}");
    assert!(whole.iter().any(|q| q.predicate == foaf::NAME && q.object.to_string().contains("Getty Research Institute")));
    let licensed = |q: &&Quad| q.predicate == dcterms::LICENSE && q.subject.to_string().contains("/vocab/aat/demo");
    let licences: BTreeSet<_> = whole.iter().filter(licensed).map(|q| q.object.to_string()).collect();
    assert_eq!(licences, BTreeSet::from(["<http://opendatacommons.org/licenses/by/1.0/>".to_owned()]), "as registers know it");
    assert_eq!(sets.len(), 4, "three of vocabularies and alignments, and one of records: {sets:?}");
    assert!(whole.iter().any(|q| q.predicate == rdf::TYPE && q.object == Term::from(void::DATASET_DESCRIPTION)));
    let triples: u64 = whole
        .iter()
        .filter(|q| q.predicate == void::TRIPLES && q.subject.to_string().contains("/vocab/aat/"))
        .map(|q| match &q.object {
            Term::Literal(l) => l.value().parse::<u64>().unwrap(),
            other => panic!("{other}"),
        })
        .sum();
    let aat = NamedNode::new_unchecked(format!("{}graph/vocab/aat/demo", demo.house.store.base().as_str()));
    assert_eq!(triples as usize, demo.house.store.triples(&aat).unwrap().len(), "as many as are counted");
    let set = follow(&demo, "/dataset/demonstration", "text/turtle").await;
    assert!(turtle(&set).iter().any(|q| q.predicate == void::ENTITIES && q.object.to_string().contains("\"12\"")), "{}", set.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_get_pages_with_links() {
    let demo = Demonstration::whole().await;
    let iri = annotations(&demo).remove(0);
    let page = follow(&demo, &Demonstration::path(&iri), BROWSER).await.text();
    assert!(page.contains("href=\"/run/") && page.contains("href=\"/concept?iri=") && page.contains("Web Annotation"), "{page}");
    let listed = demo.house.store.index().page(glossator::store::Listing::ByKey, None, 12).unwrap();
    let with = listed.iter().find(|l| l.annotations > 0).unwrap();
    let record = get(demo.address, &format!("/record/{}", with.key), BROWSER).await.text();
    for part in [
        "href=\"/annotation/",
        "href=\"/run/",
        "href=\"/agent/",
        "href=\"/model/",
        "href=\"/picture/",
        "href=\"/label-map/",
        "href=\"/graph/vocab/",
    ] {
        assert!(record.contains(part), "{part}");
    }
    for path in ["/.well-known/void", "/graph/vocab/aat/demo", "/dataset/demonstration.html", "/graph/meta"] {
        let page = get(demo.address, path, BROWSER).await;
        assert!(page.status == 200 && page.text().contains("</html>"), "{path}");
    }
}
