//! Pictures on their way through the jobs, from a server on this machine: which are looked at and how they come, what is told of those that
//! do not, and how concepts come that nobody loaded.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::get,
};
use glossator::{
    jobs::{Dereference, House, Ingest, Job, LinkReport, Listener, ModelJob, Outlet, PictureSources, Query, Report, Settings, Tag},
    model::RuntimeKind,
    rdf::Base,
    store::Store,
    telemetry::{FixedClock, Silent},
    vocab::LoadRequest,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn file(path: &str) -> Vec<u8> {
    std::fs::read(root().join(path)).unwrap()
}

#[derive(Default)]
struct Kept(Mutex<Vec<u8>>);

impl Outlet for Kept {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

/// The paths that were asked for.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

async fn note(State(asked): State<Asked>, request: Request, next: Next) -> Response {
    asked.0.lock().unwrap().push(request.uri().path().to_owned());
    next.run(request).await
}

/// A museum: pictures, an image service, a few things that are no pictures, and two concepts of its own.
fn museum() -> Router {
    let info = |headers: HeaderMap| async move {
        let host = headers[header::HOST].to_str().unwrap().to_owned();
        format!(
            r#"{{"@context":"http://iiif.io/api/image/2/context.json","@id":"http://{host}/iiif/column","profile":["http://iiif.io/api/image/2/level2.json"],"width":6000,"height":4000}}"#
        )
    };
    let lute = |headers: HeaderMap| async move {
        if !headers[header::ACCEPT].to_str().unwrap().contains("text/turtle") {
            return StatusCode::NOT_ACCEPTABLE.into_response();
        }
        let host = headers[header::HOST].to_str().unwrap().to_owned();
        let text = format!(
            "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <http://{host}/concept/lute> a skos:Concept ; skos:prefLabel \"lute\"@en ."
        );
        ([(header::CONTENT_TYPE, "text/turtle")], text).into_response()
    };
    Router::new()
        .route("/column.jpg", get(|| async { file("data/pictures/column-under-a-beam.jpg") }))
        .route("/iiif/column/info.json", get(info))
        .route("/iiif/column/full/{size}/0/default.jpg", get(|| async { file("data/pictures/column-under-a-beam.jpg") }))
        .route("/page.jpg", get(|| async { "<html>404</html>" }))
        .route("/cut.jpg", get(|| async { file("data/pictures/column-under-a-beam.jpg")[..2000].to_vec() }))
        .route("/scan.jp2", get(|| async { file("tests/data/images/large.jp2") }))
        .route("/concept/lute", get(lute))
        .route("/concept/page", get(|| async { ([(header::CONTENT_TYPE, "text/html")], "<html/>") }))
}

struct Place {
    house: House,
    waiting: tokio::runtime::Runtime,
    address: String,
    asked: Asked,
    scratch: tempfile::TempDir,
}

impl Place {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let waiting = tokio::runtime::Runtime::new().unwrap();
        let asked = Asked::default();
        let pages = museum().layer(axum::middleware::from_fn_with_state(asked.clone(), note));
        let address = waiting.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
            format!("http://{address}")
        });
        let base = Base::new("https://enrich.example/").unwrap();
        let clock = Arc::new(FixedClock("2026-11-21T04:30:00Z".parse().unwrap()));
        let mut settings = Settings::default();
        settings.model.runtime = RuntimeKind::Tract;
        settings.net.delay_per_host_ms = 0;
        settings.net.retries = 0;
        change(&mut settings);
        let store = Arc::new(Store::in_memory(&base, clock).unwrap());
        let house = House { store, settings, waiting: waiting.handle().clone() };
        let place = Self { house, waiting, address, asked, scratch: tempfile::tempdir().unwrap() };
        place.run(&Job::Load(LoadRequest {
            files: vec![root().join("data/vocabulary/aat-excerpt.ttl")],
            scheme: Some("aat".to_owned()),
            release: Some("demo".to_owned()),
            ..LoadRequest::default()
        }));
        place.run(&Job::Model(ModelJob::Add { folder: root().join("data/tagger") }));
        place
    }

    fn run(&self, job: &Job) -> Report {
        self.house.run(job, Listener { progress: &Silent, outlet: &Kept::default() }).unwrap()
    }

    fn table(&self, job: &Job) -> Vec<Vec<String>> {
        let kept = Kept::default();
        self.house.run(job, Listener { progress: &Silent, outlet: &kept }).unwrap();
        let bytes = kept.0.into_inner().unwrap();
        csv::ReaderBuilder::new()
            .from_reader(bytes.as_slice())
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect()
    }

    fn ask(&self, query: &str) -> Vec<Vec<String>> {
        self.table(&Job::Query(Query { text: query.to_owned(), format: Some("csv".to_owned()) }))
    }

    /// Takes a record in whose aggregation and web resources say this; `{}` is the museum's address.
    fn ingest(&self, number: u32, cho: &str, aggregation: &str, more: &str) {
        let text = format!(
            r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/" xmlns:svcs="http://rdfs.org/sioc/services#" xmlns:ebucore="http://www.ebu.ch/metadata/ontologies/ebucore/ebucore#">
              <edm:ProvidedCHO rdf:about="http://museum.example/object/{number}"><dc:title>{number}</dc:title><edm:type>IMAGE</edm:type>{cho}</edm:ProvidedCHO>{more}
              <ore:Aggregation rdf:about="http://museum.example/aggregation/{number}"><edm:aggregatedCHO rdf:resource="http://museum.example/object/{number}"/><edm:dataProvider>Museum {}</edm:dataProvider>{aggregation}</ore:Aggregation></rdf:RDF>"#,
            number % 2
        );
        let path = self.scratch.path().join(format!("{number:04}.xml"));
        std::fs::write(&path, text.replace("{}", &self.address)).unwrap();
        self.run(&Job::Ingest(Ingest { paths: vec![path], data_set: Some("all".to_owned()) }));
    }

    fn tag(&self) -> Report {
        let sources = PictureSources { allow_private: true, ..PictureSources::default() };
        self.run(&Job::Tag(Tag { sources, ..Tag::default() }))
    }
}

const COLUMNS: &str = "PREFIX oa: <http://www.w3.org/ns/oa#> SELECT ?source WHERE { ?a oa:hasBody <http://vocab.getty.edu/aat/300001571> ; oa:hasTarget/oa:hasSource ?source } ORDER BY ?source";

#[test]
fn a_batch_goes_on_whatever_its_pictures_are() {
    let place = Place::new(|_| {});
    let shown = |path: &str| format!("<edm:isShownBy rdf:resource=\"{{}}{path}\"/>");
    for (number, path) in ["/column.jpg", "/page.jpg", "/cut.jpg", "/none.jpg", "/scan.jp2", "/column.jpg"].iter().enumerate() {
        place.ingest(number as u32, "", &shown(path), "");
    }
    place.ingest(6, "", "<edm:isShownBy rdf:resource=\"http://169.254.169.254/latest/meta-data/\"/>", "");
    place.ingest(7, "", "<edm:isShownBy rdf:resource=\"file:///etc/passwd\"/>", "");
    place.ingest(8, "", "", "");
    let sources = PictureSources { allow_private: false, ..PictureSources::default() };
    let report = place.run(&Job::Tag(Tag { sources, ..Tag::default() }));
    assert_eq!(
        (report.figures["pictures"].as_u64(), report.figures["without_picture"].as_u64()),
        (Some(0), Some(9)),
        "{:#?}",
        report.lines
    );
    assert!(place.asked.0.lock().unwrap().is_empty(), "nobody asks this machine unless it is meant");

    let report = place.tag();
    assert!(report.partial);
    assert_eq!(
        (report.figures["pictures"].as_u64(), report.figures["without_picture"].as_u64()),
        (Some(3), Some(6)),
        "{:#?}",
        report.lines
    );
    let lines = report.lines.join("\n");
    for reason in ["an HTML page", "cut off", "answers 404", "images.folders", "names no web resource"] {
        assert!(lines.contains(reason), "{reason}: {lines}");
    }
    assert_eq!(place.ask(COLUMNS).len(), 2);
    let again = place.tag();
    assert_eq!((again.figures["pictures"].as_u64(), again.figures["unchanged"].as_u64()), (Some(0), Some(3)));
}

#[test]
fn the_size_that_the_network_needs_is_asked_and_written_down() {
    let place = Place::new(|_| {});
    let service = "<edm:WebResource rdf:about=\"{}/column.jpg\"><svcs:has_service rdf:resource=\"{}/iiif/column\"/></edm:WebResource>";
    place.ingest(1, "", "<edm:isShownBy rdf:resource=\"{}/column.jpg\"/>", service);
    place.ingest(2, "", "<edm:isShownBy rdf:resource=\"{}/iiif/column/full/full/0/default.jpg\"/>", "");
    let report = place.tag();
    assert_eq!(report.figures["came"]["sized"].as_u64(), Some(2), "{:#?}", report.lines);
    let asked: Vec<String> = place.asked.0.lock().unwrap().iter().filter(|path| path.ends_with("jpg")).cloned().collect();
    // 64 pixels are seen; twice as many are asked for, once, by both.
    assert!(!asked.is_empty() && asked.iter().all(|path| path == "/iiif/column/full/192,/0/default.jpg"), "{asked:?}");
    let through = place.ask("PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX prov: <http://www.w3.org/ns/prov#> SELECT DISTINCT (STR(?through) AS ?address) WHERE { ?p prov:specializationOf ?w ; dcterms:source ?through }");
    assert_eq!(through, [[format!("{}/iiif/column/full/192,/0/default.jpg", place.address)]]);
    assert_eq!(place.ask(COLUMNS).len(), 2, "what is said is said of the web resource");
}

#[test]
fn rights_decide_which_web_resource_is_looked_at_and_the_outcome_says_so() {
    let place = Place::new(|settings| settings.records.rights.deny = vec!["https://rightsstatements.org/vocab/InC".to_owned()]);
    let in_copyright = "<edm:rights rdf:resource=\"http://rightsstatements.org/vocab/InC/1.0/\"/>";
    let first = format!("<edm:WebResource rdf:about=\"{{}}/scan.jp2\">{in_copyright}</edm:WebResource>");
    let views = "<edm:isShownBy rdf:resource=\"{}/scan.jp2\"/><edm:hasView rdf:resource=\"{}/column.jpg\"/><edm:hasView rdf:resource=\"{}/book.pdf\"/>";
    place.ingest(1, "", &format!("{views}<edm:rights rdf:resource=\"http://creativecommons.org/publicdomain/zero/1.0/\"/>"), &first);
    place.ingest(2, "", &format!("<edm:isShownBy rdf:resource=\"{{}}/column.jpg\"/>{in_copyright}"), "");
    place.ingest(3, "", "<edm:isShownBy rdf:resource=\"{}/book.pdf\"/><edm:object rdf:resource=\"{}/column.jpg\"/>", "");
    let report = place.tag();
    assert_eq!((report.figures["pictures"].as_u64(), report.figures["second_best"].as_u64()), (Some(2), Some(2)), "{:#?}", report.lines);
    assert!(report.lines.join("\n").contains("does not allow <http://rightsstatements.org/vocab/InC/1.0/>"), "{:#?}", report.lines);
    let notes = place.ask(
        "PREFIX enr: <https://w3id.org/glossator/ns#> SELECT ?note WHERE { ?g a enr:EnrichmentGraph ; enr:note ?note } ORDER BY ?note",
    );
    // Of the first record the scan and the book, of the third the book.
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes[0][0].contains("book.pdf") && notes[2][0].contains("scan.jp2"), "{notes:?}");
    assert!(!place.asked.0.lock().unwrap().iter().any(|path| path.contains("scan") || path.contains("book")));
}

#[test]
fn links_are_reported_by_provider_with_when_and_why() {
    let place = Place::new(|_| {});
    for (number, path) in [(1, "/column.jpg"), (2, "/none.jpg"), (3, "/page.jpg"), (4, "/later.jpg")] {
        place.ingest(number, "", &format!("<edm:isShownBy rdf:resource=\"{{}}{path}\"/>"), "");
    }
    let sources = PictureSources { allow_private: true, ..PictureSources::default() };
    let report = |check| Job::Pictures(LinkReport { check, csv: true, sources: sources.clone(), ..LinkReport::default() });
    assert_eq!(place.run(&report(false)).figures["not_asked"].as_u64(), Some(4));
    place.tag();
    let rows = place.table(&report(false));
    let state = |path: &str| rows.iter().find(|row| row[4].ends_with(path)).map(|row| (row[0].as_str(), row[5].as_str())).unwrap();
    assert_eq!(state("/column.jpg"), ("Museum 1", "alive"));
    assert_eq!((state("/none.jpg"), state("/page.jpg")), (("Museum 0", "dead"), ("Museum 1", "dead")));
    let alive = rows.iter().find(|row| row[5] == "alive").unwrap();
    assert_eq!((alive[6].as_str(), alive[7].as_str(), alive[11].len()), ("2026-11-21T04:30:00Z", "", 64));
    let dead = rows.iter().find(|row| row[4].ends_with("/none.jpg")).unwrap();
    assert_eq!((dead[6].as_str(), dead[7].as_str()), ("", "2026-11-21T04:30:00Z"));
    assert!(dead[9].contains("404"));
    // Asked anew, the page that is sent for a picture is there, as far as its host can tell without sending it.
    let checked = place.run(&report(true));
    assert_eq!((checked.figures["dead"].as_u64(), checked.figures["addresses"].as_u64()), (Some(2), Some(4)), "{:#?}", checked.lines);
    assert_eq!(checked.figures["providers"][0]["provider"], "Museum 0");
}

#[test]
fn concepts_that_nobody_loaded_are_listed_and_fetched_from_hosts_that_are_allowed() {
    let place = Place::new(|settings| settings.dereference.hosts = vec!["127.0.0.1".to_owned()]);
    let named = |iri: &str| format!("<dc:subject rdf:resource=\"{iri}\"/>");
    place.ingest(1, &(named("{}/concept/lute") + &named("http://elsewhere.example/concept/1")), "", "");
    place.ingest(2, &(named("{}/concept/lute") + &named("{}/concept/page") + &named("{}/concept/none")), "", "");
    place.ingest(3, &named("http://vocab.getty.edu/aat/300001571"), "", "");
    let list = place.run(&Job::Dereference(Dereference::default()));
    assert_eq!(list.figures["missing"].as_u64(), Some(4), "{:#?}", list.lines);
    assert!(place.asked.0.lock().unwrap().is_empty());
    let lute = format!("{}/concept/lute", place.address);
    let rows = place.table(&Job::Dereference(Dereference { csv: true, ..Dereference::default() }));
    assert_eq!((rows[0][0].as_str(), rows[0][1].as_str(), rows[0][3].as_str()), (lute.as_str(), "2", "true"));
    // Without leave this machine is not asked, whatever the list of hosts says.
    let refused = place.run(&Job::Dereference(Dereference { fetch: true, ..Dereference::default() }));
    assert_eq!(refused.figures["fetched"].as_u64(), Some(0), "{:#?}", refused.lines);
    let fetched = place.run(&Job::Dereference(Dereference { fetch: true, allow_private: true, ..Dereference::default() }));
    assert_eq!(fetched.figures["fetched"].as_u64(), Some(1), "{:#?}", fetched.lines);
    let lines = fetched.lines.join("\n");
    assert!(lines.contains("text/html") && lines.contains("404") && lines.contains("not among dereference.hosts"), "{lines}");
    let graphs =
        place.ask(&format!("SELECT ?g ?label WHERE {{ GRAPH ?g {{ <{lute}> <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }} }}"));
    assert_eq!(graphs, [["https://enrich.example/graph/vocab/dereferenced-127.0.0.1/fetched".to_owned(), "lute".to_owned()]]);
    let sources = place.ask(&format!("PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?source ?started WHERE {{ <{lute}> dcterms:source ?source . ?g prov:wasGeneratedBy ?run . ?run prov:startedAtTime ?started ; prov:endedAtTime ?ended }}"));
    assert_eq!(sources[0][0], lute);
    let left = place.run(&Job::Dereference(Dereference::default()));
    assert_eq!(left.figures["missing"].as_u64(), Some(3), "what was fetched is held");
    let hits = glossator::vocab::Vocabularies::new(&place.house.store).unwrap().search("lut", &["en"], 5).unwrap();
    assert_eq!(hits.len(), 1, "and found by its label");
    drop(place.waiting);
}
