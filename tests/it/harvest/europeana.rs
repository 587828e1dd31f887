//! Europeana's APIs, replayed by a server on this machine from answers of their own shape.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use glossator::jobs::{FromEuropeana, HarvestFrom, Ingest, Job, Key};
use serde_json::{Value, json};

use super::{Place, figure, figures, harvest, shared};

const KEY: &str = "a-secret-key";

#[derive(Default)]
struct Inside {
    items: Vec<(String, String)>,
    asked: Vec<String>,
    updated: String,
}

struct Api {
    address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
    _waiting: tokio::runtime::Runtime,
}

type Shared = State<Arc<Mutex<Inside>>>;

impl Api {
    fn of(count: usize) -> Self {
        let items = (0..count).map(|n| (format!("/9200/object_{n}"), format!("jug {n}"))).collect();
        let inside = Arc::new(Mutex::new(Inside { items, updated: "2024-01-01T00:00:00Z".to_owned(), ..Inside::default() }));
        let waiting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let pages = Router::new()
            .route("/record/v2/search.json", get(search))
            .route("/record/v2/{set}/{name}", get(record))
            .with_state(Arc::clone(&inside));
        let listener = waiting.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        waiting.spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Self { address, inside, _waiting: waiting }
    }

    fn from(&self) -> FromEuropeana {
        FromEuropeana {
            query: "jug".to_owned(),
            qf: vec!["TYPE:IMAGE".to_owned()],
            reusability: vec!["open".to_owned()],
            limit: None,
            api: Some(format!("http://{}", self.address)),
            key: Key(KEY.to_owned()),
            rich: false,
            csv: None,
            categories: Vec::new(),
            no_records: false,
        }
    }

    fn asked(&self, what: &str) -> usize {
        self.inside.lock().unwrap().asked.iter().filter(|a| a.contains(what)).count()
    }
}

fn refused(headers: &HeaderMap) -> Option<Response> {
    let given = headers.get("x-api-key").is_some_and(|k| k == KEY);
    (!given).then(|| (StatusCode::UNAUTHORIZED, Json(json!({ "success": false, "error": "Invalid API key" }))).into_response())
}

async fn search(State(inside): Shared, headers: HeaderMap, Query(query): Query<Vec<(String, String)>>) -> Response {
    if let Some(refused) = refused(&headers) {
        return refused;
    }
    let mut inside = inside.lock().unwrap();
    inside.asked.push(format!("search {query:?}"));
    let of = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default();
    let at: usize = of("cursor").trim_start_matches('*').parse().unwrap_or(0);
    let items: Vec<Value> = inside
        .items
        .iter()
        .skip(at)
        .take(3)
        .map(|(id, title)| {
            let shown = if title.contains("without") { json!([]) } else { json!([format!("http://museum.example{id}.jpg")]) };
            json!({ "id": id, "title": [title], "type": "IMAGE", "edmIsShownBy": shown, "timestamp_update": inside.updated, "timestamp_update_epoch": 1 })
        })
        .collect();
    let next = (at + 3 < inside.items.len()).then(|| (at + 3).to_string());
    let mut answer = json!({ "apikey": KEY, "success": true, "requestNumber": 999, "itemsCount": items.len(), "totalResults": inside.items.len(), "items": items });
    if let Some(next) = next {
        answer["nextCursor"] = json!(next);
    }
    Json(answer).into_response()
}

async fn record(State(inside): Shared, headers: HeaderMap, Path((set, name)): Path<(String, String)>) -> Response {
    if let Some(refused) = refused(&headers) {
        return refused;
    }
    let mut inside = inside.lock().unwrap();
    inside.asked.push(format!("record {set}/{name}"));
    let (local, rich) = match name.strip_suffix(".jsonld") {
        Some(local) => (local, false),
        None => (name.strip_suffix(".json").unwrap_or(&name), true),
    };
    let id = format!("/{set}/{local}");
    let Some((_, title)) = inside.items.iter().find(|(known, _)| *known == id) else { return StatusCode::NOT_FOUND.into_response() };
    Json(if rich { rich_answer(&id, title) } else { json_ld(&id, title) }).into_response()
}

fn json_ld(id: &str, title: &str) -> Value {
    let item = format!("http://data.europeana.eu/item{id}");
    json!({
        "@context": { "dc": "http://purl.org/dc/elements/1.1/", "edm": "http://www.europeana.eu/schemas/edm/", "ore": "http://www.openarchives.org/ore/terms/" },
        "@graph": [
            { "@id": item, "@type": "edm:ProvidedCHO" },
            { "@id": format!("http://data.europeana.eu/proxy/provider{id}"), "@type": "ore:Proxy", "ore:proxyFor": { "@id": item },
              "dc:title": title, "edm:type": "IMAGE", "edm:europeanaProxy": "false" },
            { "@id": format!("http://data.europeana.eu/aggregation/provider{id}"), "@type": "ore:Aggregation", "edm:aggregatedCHO": { "@id": item },
              "edm:isShownBy": { "@id": format!("http://museum.example{id}.jpg") }, "edm:dataProvider": "A museum" }
        ]
    })
}

fn rich_answer(id: &str, title: &str) -> Value {
    json!({
        "apikey": KEY, "success": true, "statsDuration": 197, "requestNumber": 999,
        "object": {
            "about": id,
            "aggregations": [{
                "about": format!("/aggregation/provider{id}"), "edmDataProvider": { "def": ["A museum"] }, "aggregatedCHO": format!("/item{id}"),
                "edmIsShownBy": format!("http://museum.example{id}.jpg"),
                "edmIsShownAt": format!("https://api.europeana.eu/api/{KEY}/redirect?shownAt=http%3A%2F%2Fmuseum.example%2Fpage&id=x"),
                "edmRights": { "def": ["http://creativecommons.org/publicdomain/mark/1.0/"] },
                "webResources": [{ "about": format!("http://museum.example{id}.jpg"), "ebucoreWidth": 360, "textAttributionSnippet": "x" }]
            }],
            "europeanaAggregation": { "about": format!("/aggregation/europeana{id}"), "aggregatedCHO": format!("/item{id}"), "edmCountry": { "def": ["Sweden"] } },
            "europeanaCollectionName": ["9200_jugs"],
            "providedCHOs": [{ "about": format!("/item{id}") }],
            "proxies": [{
                "about": format!("/proxy/provider{id}"), "proxyFor": format!("/item{id}"), "proxyIn": [format!("/aggregation/provider{id}")],
                "dcTitle": { "en": [title] }, "dcType": { "def": ["http://vocab.getty.edu/aat/300193015"] }, "edmType": "IMAGE", "europeanaProxy": false
            }],
            "timestamp_created": "2021-04-26T07:37:20.398Z", "type": "IMAGE"
        }
    })
}

fn job(from: FromEuropeana) -> Job {
    Job::Harvest(harvest(HarvestFrom::Europeana(from)))
}

#[test]
fn a_search_is_gone_through_and_only_what_changed_is_fetched() {
    let (api, place) = (Api::of(8), Place::new());
    let report = place.run(&job(api.from()));
    assert_eq!((figures(&report), report.exit_code()), ([8, 0, 0, 0, 0], 0), "{:?}", report.lines);
    assert_eq!((api.asked("search"), api.asked("record")), (3, 8));
    assert!(place.chos().contains(&"http://data.europeana.eu/item/9200/object_3".to_owned()));
    assert!(api.asked("(\"reusability\", \"open\")") == 3 && api.asked("TYPE:IMAGE") == 3);
    let report = place.run(&job(api.from()));
    assert_eq!((figures(&report), figure(&report, "not_fetched"), api.asked("record")), ([0; 5], 8, 8));
    {
        let mut inside = api.inside.lock().unwrap();
        inside.items.remove(2);
        inside.items[0].1 = "a better title".to_owned();
        inside.updated = "2024-02-01T00:00:00Z".to_owned();
    }
    let report = place.run(&job(api.from()));
    assert_eq!(figures(&report), [0, 1, 6, 1, 0], "{:?}", report.lines);
    assert!(place.is_gone("http://data.europeana.eu/item/9200/object_2"));
}

#[test]
fn the_key_is_sent_and_kept_nowhere() {
    let (api, place) = (Api::of(2), Place::new());
    let report = place.run(&job(FromEuropeana { rich: true, ..api.from() }));
    assert_eq!(figures(&report)[0], 2, "{:?}", report.lines);
    assert_eq!(api.asked(KEY), 0, "it stands in no address");
    let quads: String = place.house.store.quads().iter().map(|q| q.unwrap().to_string()).collect();
    assert!(!quads.contains(KEY) && quads.contains("http://museum.example/page"));
    for listed in place.house.store.index().page(glossator::store::Listing::ByKey, None, 10).unwrap() {
        let graph = place.house.store.base().source_graph(&listed.key);
        let about = place.house.store.about(&graph).unwrap();
        let checksum = about.iter().find(|q| q.predicate.as_str().ends_with("originalDigest")).map(|q| q.object.to_string()).unwrap();
        let bytes = place.house.store.originals().bytes(checksum.trim_matches('"')).unwrap().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("apikey") && !text.contains("statsDuration"), "{text}");
        assert!(listed.data_set.ends_with("dataset/9200_jugs"), "{}", listed.data_set);
    }
    assert!(!format!("{:?}", api.from()).contains(KEY));
    let wrong = FromEuropeana { key: Key("wrong".to_owned()), ..api.from() };
    let report = place.run(&job(wrong));
    assert!(report.figures["failed"].as_str().unwrap().contains("EUROPEANA_API_KEY"));
}

#[test]
fn the_pilots_table_is_written_the_same_each_time() {
    let (api, place) = (Api::of(5), Place::new());
    api.inside.lock().unwrap().items[1].1 = "a jug without a picture".to_owned();
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("pilot.csv");
    let categories = vec![
        ("ceramics".to_owned(), "http://data.europeana.eu/concept/base/31".to_owned()),
        ("toy, old".to_owned(), "http://data.europeana.eu/concept/base/56".to_owned()),
    ];
    let from = || FromEuropeana {
        query: "*".to_owned(),
        qf: Vec::new(),
        csv: Some(csv.clone()),
        categories: categories.clone(),
        no_records: true,
        ..api.from()
    };
    let mut expected = String::from("category,skos_concept,URI,ID,URL\n");
    for (category, number) in [("ceramics", 31), ("\"toy, old\"", 56)] {
        for n in [0, 2, 3, 4] {
            let (item, id) = (format!("http://data.europeana.eu/item/9200/object_{n}"), format!("/9200/object_{n}"));
            expected += &[
                category,
                &format!("http://data.europeana.eu/concept/base/{number}"),
                &item,
                &id,
                &format!("http://museum.example{id}.jpg"),
            ]
            .join(",");
            expected += "\n";
        }
    }
    let report = place.run(&job(from()));
    assert_eq!(std::fs::read_to_string(&csv).unwrap(), expected, "{:?}", report.lines);
    assert_eq!((figure(&report, "csv_rows"), figure(&report, "csv_without_picture"), api.asked("record")), (8, 2, 0));
    assert_eq!(api.asked("(skos_concept:\\\"http://data.europeana.eu/concept/base/31\\\" AND TYPE:IMAGE)"), 2);
    // Stopped in the middle, it is the same at the end.
    std::fs::remove_file(&csv).unwrap();
    let place = Place::new();
    let report = place.run_a_while(&job(from()), 4);
    assert!(report.figures["stopped"] == true && !csv.exists());
    place.run(&job(from()));
    assert_eq!(std::fs::read_to_string(&csv).unwrap(), expected);
}

#[test]
fn real_answers_of_the_record_api_are_records() {
    let Some(folder) = shared("europeana/api-json") else { return };
    let place = Place::new();
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with("record"))
        .collect();
    let report = place.run(&Job::Ingest(Ingest { paths, data_set: None }));
    assert_eq!((figure(&report, "new"), figure(&report, "rejected")), (6, 0), "{:?}", report.lines);
    let graph = &place.graphs()["http://data.europeana.eu/item/09102/_GNM_693983"];
    for said in [
        "<http://purl.org/dc/elements/1.1/title> \"Hammerflügel\"@de",
        "<http://purl.org/dc/elements/1.1/type> <http://www.mimo-db.eu/InstrumentsKeywords/2284>",
        "<http://www.europeana.eu/schemas/edm/isShownAt> <http://www.mimo-db.eu/GNM/693983>",
        "<http://www.europeana.eu/schemas/edm/rights> <http://creativecommons.org/licenses/by-nc-sa/3.0/>",
    ] {
        assert!(graph.contains(said), "{said}\n{graph}");
    }
    assert!(!graph.contains("api2demo"), "the key of whoever asked");
}
