//! IIIF collections and manifests of both versions become records with their pictures and image services.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use glossator::{
    jobs::{FromIiif, HarvestFrom, Job},
    records::Role,
};
use serde_json::{Value, json};

use super::{Place, figure, figures, harvest};

type Pages = Arc<Mutex<std::collections::BTreeMap<String, Value>>>;

struct Host {
    address: SocketAddr,
    pages: Pages,
    _waiting: tokio::runtime::Runtime,
}

impl Host {
    fn new() -> Self {
        let pages = Pages::default();
        let waiting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let routes = Router::new().route("/{name}", get(answer)).with_state(Arc::clone(&pages));
        let listener = waiting.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        waiting.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, pages, _waiting: waiting }
    }

    fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    fn put(&self, name: &str, value: Value) {
        self.pages.lock().unwrap().insert(name.to_owned(), value);
    }

    fn job(&self, name: &str) -> Job {
        let rights = Some("http://rightsstatements.org/vocab/CNE/1.0/".to_owned());
        Job::Harvest(harvest(HarvestFrom::Iiif(FromIiif { url: self.url(name), data_provider: Some("A library".to_owned()), rights })))
    }

    /// A collection of version 3 that leads to one of version 2, and back to itself.
    fn library() -> Self {
        let host = Self::new();
        host.put(
            "top",
            json!({ "@context": "http://iiif.io/api/presentation/3/context.json", "id": host.url("top"), "type": "Collection", "items": [
            { "id": host.url("three"), "type": "Manifest", "label": { "en": ["A map"] } },
            { "id": host.url("below"), "type": "Collection" },
            { "id": host.url("top"), "type": "Collection" },
        ] }),
        );
        host.put("below", json!({ "@context": "http://iiif.io/api/presentation/2/context.json", "@id": host.url("below"), "@type": "sc:Collection",
            "manifests": [{ "@id": host.url("two"), "@type": "sc:Manifest" }, { "@id": host.url("gone"), "@type": "sc:Manifest" }, { "@id": host.url("strange"), "@type": "sc:Manifest" }] }));
        host.put("three", three(&host));
        host.put("two", two(&host));
        host.put("strange", json!({ "hello": "world" }));
        host
    }
}

async fn answer(State(pages): State<Pages>, Path(name): Path<String>) -> Response {
    match pages.lock().unwrap().get(&name) {
        Some(value) => Json(value.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn three(host: &Host) -> Value {
    let canvas = |n: u32| {
        json!({ "id": format!("c{n}"), "type": "Canvas", "width": 4000, "height": 3000, "items": [{ "type": "AnnotationPage", "items": [{
        "type": "Annotation", "motivation": "painting", "body": {
            "id": format!("https://images.example/iiif/{n}/full/max/0/default.jpg"), "type": "Image", "format": "image/jpeg", "width": 4000, "height": 3000,
            "service": [{ "id": format!("https://images.example/iiif/{n}"), "type": "ImageService3", "profile": "level2" }] } }] }] })
    };
    json!({ "@context": "http://iiif.io/api/presentation/3/context.json", "id": host.url("three"), "type": "Manifest",
        "label": { "en": ["A map"], "nl": ["Een kaart"] }, "summary": { "en": ["<p>Drawn <b>by hand</b> &amp; coloured</p>"] },
        "rights": "http://creativecommons.org/publicdomain/mark/1.0/",
        "provider": [{ "id": "https://library.example", "type": "Agent", "label": { "en": ["The map library"] } }],
        "homepage": [{ "id": "https://library.example/maps/1", "type": "Text", "format": "text/html" }],
        "metadata": [
            { "label": { "en": ["Creator"] }, "value": { "none": ["Anna Maria"] } },
            { "label": { "en": ["Type"] }, "value": { "none": ["http://vocab.getty.edu/aat/300028094"] } },
            { "label": { "en": ["Shoe size"] }, "value": { "none": ["41"] } },
        ],
        "items": [canvas(1), canvas(2)] })
}

fn two(host: &Host) -> Value {
    json!({ "@context": "http://iiif.io/api/presentation/2/context.json", "@id": host.url("two"), "@type": "sc:Manifest",
        "label": "A letter", "description": [{ "@value": "Ein Brief", "@language": "de" }],
        "metadata": [{ "label": "Date", "value": "1788" }, { "label": [{ "@value": "Material", "@language": "en" }], "value": ["paper", "ink"] }],
        "sequences": [{ "canvases": [{ "@id": "c", "images": [{ "motivation": "sc:painting", "resource": {
            "@id": "https://images.example/iiif2/7/full/full/0/default.jpg", "@type": "dctypes:Image", "format": "image/jpeg",
            "service": { "@context": "http://iiif.io/api/image/2/context.json", "@id": "https://images.example/iiif2/7", "profile": ["http://iiif.io/api/image/2/level1.json", {}] } } }] }] }] })
}

#[test]
fn manifests_of_both_versions_become_records() {
    let (host, place) = (Host::library(), Place::new());
    let report = place.run(&host.job("top"));
    assert_eq!((figures(&report), report.exit_code()), ([2, 0, 0, 0, 2], 3), "{:?}", report.lines);
    let of = |name: &str| {
        let cho = format!("{}#cho", host.url(name));
        let graph = place.house.store.base().source_graph(&Place::key(&cho));
        (oxigraph::model::NamedNode::new(cho).unwrap(), place.house.store.triples(&graph).unwrap())
    };
    let (cho, triples) = of("three");
    let view = glossator::records::RecordView::new(cho.as_ref(), &triples);
    assert_eq!(view.titles().len(), 2);
    assert_eq!(view.descriptions()[0].to_string(), "\"Drawn by hand & coloured\"@en");
    assert_eq!(view.data_provider().unwrap().to_string(), "\"The map library\"@en");
    assert_eq!(view.rights().unwrap().to_string(), "<http://creativecommons.org/publicdomain/mark/1.0/>");
    assert_eq!(view.is_shown_at().unwrap().as_str(), "https://library.example/maps/1");
    assert_eq!(view.types()[0].to_string(), "<http://vocab.getty.edu/aat/300028094>");
    let resources = view.web_resources();
    let roles: Vec<_> = resources.iter().map(|r| (r.iri.as_str(), r.role, r.mime_type)).collect();
    assert_eq!(
        roles,
        [
            ("https://images.example/iiif/1/full/max/0/default.jpg", Role::IsShownBy, Some("image/jpeg")),
            ("https://images.example/iiif/2/full/max/0/default.jpg", Role::HasView, Some("image/jpeg")),
        ]
    );
    let graph = &place.graphs()[cho.as_str()];
    for said in [
        "<https://images.example/iiif/1/full/max/0/default.jpg> <http://rdfs.org/sioc/services#has_service> <https://images.example/iiif/1>",
        "<https://images.example/iiif/1> <http://purl.org/dc/terms/conformsTo> <http://iiif.io/api/image>",
        "<https://images.example/iiif/1> <http://usefulinc.com/ns/doap#implements> <http://iiif.io/api/image/3/level2.json>",
    ] {
        assert!(graph.contains(said), "{said}\n{graph}");
    }
    let about = place.house.store.about(&place.house.store.base().source_graph(&Place::key(cho.as_str()))).unwrap();
    assert!(about.iter().any(|q| q.to_string().contains("`shoe size` has no property")), "{about:#?}");

    let (cho, triples) = of("two");
    let view = glossator::records::RecordView::new(cho.as_ref(), &triples);
    assert_eq!((view.titles().len(), view.media().len(), view.descriptions()[0].to_string()), (1, 2, "\"Ein Brief\"@de".to_owned()));
    assert_eq!(view.data_provider().unwrap().to_string(), "\"A library\"", "as the operator says");
    assert_eq!(view.rights().unwrap().to_string(), "<http://rightsstatements.org/vocab/CNE/1.0/>");
    assert!(place.graphs()[cho.as_str()].contains("doap#implements> <http://iiif.io/api/image/2/level1.json>"));
}

#[test]
fn a_collection_is_the_same_the_second_time_and_what_left_it_is_deleted() {
    let (host, place) = (Host::library(), Place::new());
    place.run(&host.job("top"));
    let report = place.run(&host.job("top"));
    assert_eq!(figures(&report), [0, 0, 2, 0, 2]);
    host.put("below", json!({ "@context": "http://iiif.io/api/presentation/2/context.json", "@id": host.url("below"), "@type": "sc:Collection", "manifests": [] }));
    let report = place.run(&host.job("top"));
    assert_eq!((figures(&report)[3], figure(&report, "gone")), (1, 1), "{:?}", report.lines);
    // A collection that cannot be read shows nothing of what is gone.
    host.pages.lock().unwrap().remove("below");
    host.put("top", json!({ "@context": "http://iiif.io/api/presentation/3/context.json", "id": host.url("top"), "type": "Collection", "items": [{ "id": host.url("below"), "type": "Collection" }] }));
    let report = place.run(&host.job("top"));
    assert_eq!((figures(&report)[3], place.chos().len()), (0, 1), "{:?}", report.lines);
    // One manifest alone.
    let place = Place::new();
    assert_eq!(figures(&place.run(&host.job("three")))[0], 1);
    let report = place.run(&host.job("strange"));
    assert!(report.figures["failed"].as_str().unwrap().contains("neither"));
}
