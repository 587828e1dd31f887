//! The OAI-PMH door over a house that works: arguments, schemas, tokens, what changes and what is gone, and a harvester that loses nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use glossator::{
    images::Mirror,
    jobs::{
        Delete, House, Ingest, Job, Listener, Looker, ModelJob, Outlet, PictureSources, Publish, Report, Review, Settings as JobSettings,
        Tag,
    },
    model::RuntimeKind,
    publication::Policy,
    rdf::{
        Base, RecordKey,
        ns::{dc, enr, foaf, prov, rdf},
    },
    review::Decision,
    serve::{App, Runtime, Settings, Shown, router},
    store::{
        Change, Listing, Span, StampList, Store,
        query::{QueryPool, Settings as QuerySettings},
    },
    telemetry::{Clock, Silent, SystemClock},
    vocab::LoadRequest,
};
use jiff::{SignedDuration, Timestamp};
use oxigraph::model::{Literal, NamedNode};
use tower::ServiceExt as _;

/// A clock that goes on when it is told to.
#[derive(Debug)]
struct Stepped(Mutex<Timestamp>);

impl Stepped {
    fn step(&self, milliseconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now += SignedDuration::from_millis(milliseconds);
    }
}

impl Clock for Stepped {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Unheard;

impl Outlet for Unheard {
    fn write(&self, _bytes: &[u8]) -> std::io::Result<()> {
        Ok(())
    }
}

/// A house with the demonstration in it, and its door.
struct Place {
    house: House,
    clock: Arc<Stepped>,
    door: Router,
    waiting: tokio::runtime::Runtime,
    deliveries: tempfile::TempDir,
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

fn load(file: &str) -> Job {
    Job::Load(LoadRequest {
        files: vec![data().join("vocabulary").join(file)],
        scheme: Some("aat".to_owned()),
        release: Some("demo".to_owned()),
        ..LoadRequest::default()
    })
}

fn tag() -> Job {
    let mirrors = vec![Mirror { prefix: "http://museum.example/pictures/".to_owned(), folder: data().join("pictures") }];
    Job::Tag(Tag { sources: PictureSources { mirrors, ..PictureSources::default() }, ..Tag::default() })
}

fn publish(demonstration: bool) -> Job {
    let text = std::fs::read_to_string(data().join("policy.toml")).unwrap();
    let policy = if demonstration { Policy::from_toml(&text, "policy.toml").unwrap() } else { Policy::default() };
    Job::Publish(Publish { policy: Some(policy) })
}

fn delete(cho: &str) -> Job {
    Job::Delete(Delete { records: vec![cho.to_owned()], data_set: None })
}

impl Place {
    fn empty(page: usize) -> Self {
        let clock = Arc::new(Stepped(Mutex::new("2026-11-21T04:30:00.25Z".parse().unwrap())));
        let base = Base::new("https://enrich.example/").unwrap();
        let store = Arc::new(Store::in_memory(&base, Arc::clone(&clock) as Arc<dyn Clock>).unwrap());
        let waiting = tokio::runtime::Runtime::new().unwrap();
        let mut settings = JobSettings::default();
        settings.model.runtime = RuntimeKind::Tract;
        let house = House { store: Arc::clone(&store), settings, waiting: waiting.handle().clone() };
        let program = PathBuf::from(env!("CARGO_BIN_EXE_glossator"));
        let pool = QueryPool::with_program(Arc::clone(&store), QuerySettings::default(), program);
        let settings = Settings {
            oai_page: page,
            metadata_rights: "http://creativecommons.org/publicdomain/zero/1.0/".to_owned(),
            admin_email: "admin@enrich.example".to_owned(),
            ..Settings::default()
        };
        let app = App::new(
            store,
            pool,
            Arc::new(Shown::new(house.clone(), Arc::new(Looker::new(house.clone())), false)),
            Runtime::default(),
            settings,
        );
        Self { house, clock, door: router(Arc::new(app)), waiting, deliveries: tempfile::tempdir().unwrap() }
    }

    fn demonstrated(page: usize) -> Self {
        let place = Self::empty(page);
        place.run(&load("aat-excerpt.ttl"));
        place.run(&Job::Ingest(Ingest { paths: vec![data().join("records")], data_set: Some("demo set/1".to_owned()) }));
        place.run(&Job::Model(ModelJob::Add { folder: data().join("tagger") }));
        place.clock.step(2_000);
        place.run(&tag());
        place.clock.step(2_000);
        place.run(&publish(true));
        place.clock.step(2_000);
        place
    }

    fn run(&self, job: &Job) -> Report {
        self.house.run(job, Listener { progress: &Silent, outlet: &Unheard }).unwrap()
    }

    fn send(&self, request: Request<Body>) -> (StatusCode, axum::http::HeaderMap, Vec<u8>) {
        self.waiting.block_on(async {
            let response = self.door.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts.status, parts.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
        })
    }

    /// Asks by GET; whatever comes is 200 and XML.
    fn ask(&self, query: &str) -> String {
        let (status, headers, body) = self.send(Request::get(format!("/oai?{query}")).body(Body::empty()).unwrap());
        assert_eq!(status, StatusCode::OK, "{query}");
        assert_eq!(headers[header::CONTENT_TYPE], "text/xml; charset=UTF-8");
        String::from_utf8(body).unwrap()
    }

    fn post(&self, form: String) -> String {
        let request = Request::post("/oai").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (status, _, body) = self.send(request.body(Body::from(form)).unwrap());
        assert_eq!(status, StatusCode::OK);
        String::from_utf8(body).unwrap()
    }

    /// A whole list, page by page; between two pages something may happen.
    fn list(&self, first: &str, mut meanwhile: impl FnMut(&Self)) -> Vec<Entry> {
        let verb = first.split('&').next().unwrap();
        let (mut query, mut all, mut pages) = (first.to_owned(), Vec::new(), 0);
        loop {
            let page = self.ask(&query);
            if code(&page) == Some("noRecordsMatch") && pages == 0 {
                return all;
            }
            assert_eq!(code(&page), None, "{page}");
            all.extend(entries(&page));
            pages += 1;
            match token(&page) {
                Some(token) if !token.is_empty() => query = format!("{verb}&resumptionToken={token}"),
                _ => return all,
            }
            meanwhile(self);
        }
    }

    fn chos(&self) -> Vec<(String, String)> {
        let page = self.house.store.index().page(Listing::ByKey, None, 1_000).unwrap();
        page.into_iter().map(|listed| (listed.key.to_string(), listed.cho)).collect()
    }

    /// The grounds of what is published: the annotations of a record.
    fn annotations(&self) -> Vec<(String, String)> {
        let store = &self.house.store;
        let mut found = Vec::new();
        for (key, _) in self.chos() {
            let key = RecordKey::parse(&key).unwrap();
            for facts in glossator::enrichment::enrichments_of(store, &key).unwrap() {
                for annotation in glossator::enrichment::annotations_of(store, &facts.graph).unwrap() {
                    found.push((key.to_string(), annotation.iri.into_string()));
                }
            }
        }
        found
    }

    fn the_run(&self) -> Option<String> {
        let report = self.run(&Job::Runs);
        let runs = report.figures["runs"].as_array().unwrap();
        runs.iter().find(|run| run["enrichments"].as_u64() > Some(0)).map(|run| run["run"].as_str().unwrap().to_owned())
    }
}

/// A record as a harvester keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    identifier: String,
    datestamp: String,
    sets: Vec<String>,
    deleted: bool,
    metadata: String,
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

fn entries(page: &str) -> Vec<Entry> {
    page.split("<header")
        .skip(1)
        .map(|text| Entry {
            identifier: between(text, "<identifier>", "<").unwrap().to_owned(),
            datestamp: between(text, "<datestamp>", "<").unwrap().to_owned(),
            sets: text.split("<setSpec>").skip(1).map(|t| t.split('<').next().unwrap().to_owned()).collect(),
            deleted: text.split_once('>').unwrap().0.contains("deleted"),
            metadata: between(text, "<metadata>", "</metadata>").unwrap_or_default().to_owned(),
        })
        .collect()
}

fn code(page: &str) -> Option<&str> {
    between(page, "<error code=\"", "\"")
}

/// The token of a page: none, empty, or one to go on with.
fn token(page: &str) -> Option<&str> {
    let rest = page.split_once("<resumptionToken")?.1;
    let (attributes, rest) = rest.split_once('>')?;
    Some(if attributes.ends_with('/') { "" } else { rest.split_once('<')?.0 })
}

fn shared() -> Option<PathBuf> {
    let shared =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    shared.join("conformance/xsd/oai").is_dir().then_some(shared)
}

/// Checks documents against Europeana's and OAI's own schemas, where they lie beside the repository and xmllint is installed.
fn validate(schema: &str, documents: &[(String, String)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.xsd");
    std::fs::write(&path, schema).unwrap();
    let stub = |namespace: &str, names: &[&str]| {
        let elements: Vec<String> = names
            .iter()
            .map(|name| {
                format!(
                    "<xs:element name='{name}'><xs:complexType><xs:sequence><xs:any processContents='skip' minOccurs='0' \
                     maxOccurs='unbounded'/></xs:sequence><xs:anyAttribute processContents='skip'/></xs:complexType></xs:element>"
                )
            })
            .collect();
        format!("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='{namespace}'>{}</xs:schema>", elements.concat())
    };
    for (file, namespace, names) in [
        ("rdf.xsd", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", &["RDF"][..]),
        ("identifier.xsd", "http://www.openarchives.org/OAI/2.0/oai-identifier", &["oai-identifier"]),
        ("rights.xsd", "http://www.openarchives.org/OAI/2.0/rights/", &["rights", "rightsManifest"]),
    ] {
        std::fs::write(folder.path().join(file), stub(namespace, names)).unwrap();
    }
    let mut command = Command::new("xmllint");
    command.args(["--nonet", "--noout", "--schema"]).arg(&path);
    for (place, (_, document)) in documents.iter().enumerate() {
        let file = folder.path().join(format!("{place}.xml"));
        std::fs::write(&file, document).unwrap();
        command.arg(file);
    }
    let said = command.output().unwrap();
    let names: Vec<&String> = documents.iter().map(|(name, _)| name).collect();
    assert!(said.status.success(), "{}\n{names:?}", String::from_utf8_lossy(&said.stderr));
}

fn schemas() -> Option<PathBuf> {
    let found = shared().filter(|_| Command::new("xmllint").arg("--version").output().is_ok());
    if found.is_none() {
        eprintln!("no schemas or no xmllint: what is sent is not checked against them");
    }
    found
}

fn schema_of(imports: &[(&str, String)]) -> String {
    let imports: Vec<String> = imports.iter().map(|(ns, at)| format!("<xs:import namespace='{ns}' schemaLocation='{at}'/>")).collect();
    format!("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>{}</xs:schema>", imports.concat())
}

/// Every answer in this test, by what was asked.
const QUESTIONS: &[(&str, Option<&str>)] = &[
    ("verb=Identify", None),
    ("verb=ListSets", None),
    ("verb=ListMetadataFormats", None),
    ("", Some("badVerb")),
    ("verb=Nonsense", Some("badVerb")),
    ("verb=Identify&verb=Identify", Some("badVerb")),
    ("verb=Identify&%22%3E%3Cx=1", Some("badArgument")),
    ("verb=Identify&until=2024-01-01", Some("badArgument")),
    ("verb=Identify%ZZ", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc", None),
    ("metadataPrefix=oai_dc&verb=ListIdentifiers", None),
    ("verb=ListRecords&metadataPrefix=edm", None),
    ("verb=ListRecords&metadataPrefix=edm_enrichment", None),
    ("verb=ListRecords", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=marc", Some("cannotDisseminateFormat")),
    ("verb=ListRecords&metadataPrefix=../../x", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=nothing:here", Some("noRecordsMatch")),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-30", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00%2B01:00", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01&until=2024-01-02T00:00:00Z", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-02&until=2024-01-01", Some("badArgument")),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=2001-01-01", Some("noRecordsMatch")),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2999-01-01", Some("noRecordsMatch")),
    ("verb=ListRecords&resumptionToken=nonsense", Some("badResumptionToken")),
    ("verb=ListSets&resumptionToken=nonsense", Some("badResumptionToken")),
    ("verb=ListRecords&resumptionToken=nonsense&from=2024-01-01", Some("badArgument")),
    ("verb=GetRecord&metadataPrefix=oai_dc", Some("badArgument")),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%22%3E%3Cx", Some("idDoesNotExist")),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:enrich.example:00000000000000000000000000000000", Some("idDoesNotExist")),
    ("verb=ListMetadataFormats&identifier=oai:other.example:1", Some("idDoesNotExist")),
];

#[test]
fn every_answer_is_what_oai_pmh_says_it_is() {
    let place = Place::demonstrated(5);
    let mut answers = Vec::new();
    for (query, expected) in QUESTIONS {
        let answer = place.ask(query);
        assert_eq!(code(&answer), *expected, "{query}\n{answer}");
        assert!(!answer.contains("\"><x"), "{query}");
        assert_eq!(answer.matches("<?xml").count(), 1, "{query}");
        assert!(answer.trim_end().ends_with("</OAI-PMH>"));
        let request = between(&answer, "<request", "</request>").unwrap();
        let bare = matches!(expected, Some("badVerb" | "badArgument"));
        assert_eq!(request.starts_with('>'), bare, "{query}: {request}");
        assert!(request.ends_with(">https://enrich.example/oai"), "{request}");
        // By POST it is the same.
        assert_eq!(place.post((*query).to_owned()), answer, "{query}");
        answers.push(((*query).to_owned(), answer));
    }
    let identify = place.ask("verb=Identify");
    for said in ["<deletedRecord>persistent<", "<protocolVersion>2.0<", "admin@enrich.example", "<sampleIdentifier>oai:enrich.example:"] {
        assert!(identify.contains(said), "{said}\n{identify}");
    }
    let long = format!("verb=ListRecords&resumptionToken={}", "x".repeat(100_000));
    let answer = place.post(long);
    assert_eq!(code(&answer), Some("badResumptionToken"));
    answers.push(("a long token".to_owned(), answer));
    // What is deleted, and records whose text XML cannot carry.
    place.run(&delete("http://museum.example/object/001"));
    let text = std::fs::read_to_string(data().join("records/vase.xml")).unwrap().replace("object/", "odd/");
    let odd = place.deliveries.path().join("odd.ttl");
    std::fs::write(
        &odd,
        "@prefix edm: <http://www.europeana.eu/schemas/edm/> . @prefix ore: <http://www.openarchives.org/ore/terms/> .
         @prefix dc: <http://purl.org/dc/elements/1.1/> .
         <http://museum.example/odd> a edm:ProvidedCHO ; dc:title \"]]>\" ; edm:type \"IMAGE\" .
         <http://museum.example/odd#a> a ore:Aggregation ; edm:aggregatedCHO <http://museum.example/odd> ; edm:provider \"P\" ;
           edm:dataProvider \"D\" ; edm:rights <http://creativecommons.org/publicdomain/mark/1.0/> ;
           edm:isShownAt <http://museum.example/see/odd> .",
    )
    .unwrap();
    std::fs::write(place.deliveries.path().join("vase.xml"), text).unwrap();
    let taken = place.run(&Job::Ingest(Ingest { paths: vec![place.deliveries.path().to_path_buf()], data_set: None }));
    assert!(!taken.partial, "{:?}", taken.lines);
    // No record comes in with such characters; should one be there, it is served without them.
    let odd = NamedNode::new_unchecked("http://museum.example/odd");
    let graph = place.house.store.base().source_graph(&RecordKey::of(odd.as_ref()));
    let mut change = Change { touched: vec![RecordKey::of(odd.as_ref())], ..Change::default() };
    change.add(odd, dc::TITLE, Literal::new_simple_literal("A\u{1}B\u{fffe} & <b>"), graph);
    place.house.store.commit(change).unwrap();
    place.clock.step(1_500);
    let mut records: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for prefix in ["oai_dc", "edm", "edm_enrichment"] {
        for verb in ["ListRecords", "ListIdentifiers"] {
            let mut query = format!("verb={verb}&metadataPrefix={prefix}");
            while !query.is_empty() {
                let answer = place.ask(&query);
                let next = token(&answer).filter(|t| !t.is_empty()).map(|t| format!("verb={verb}&resumptionToken={t}"));
                for entry in entries(&answer).into_iter().filter(|e| !e.metadata.is_empty()) {
                    records.entry(prefix).or_default().push((entry.identifier, entry.metadata.trim().to_owned()));
                }
                answers.push((query, answer));
                query = next.unwrap_or_default();
            }
        }
    }
    assert_eq!(records["edm"].len(), 13);
    assert!(records["edm"].iter().any(|(_, xml)| xml.contains("AB &amp; &lt;b&gt;")));
    let Some(shared) = schemas() else { return };
    let at = |file: &str| shared.join("conformance/xsd").join(file).canonicalize().unwrap().display().to_string();
    let envelope = schema_of(&[
        ("http://www.openarchives.org/OAI/2.0/", at("oai/OAI-PMH.xsd")),
        ("http://www.openarchives.org/OAI/2.0/oai_dc/", at("oai/oai_dc.xsd")),
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf.xsd".to_owned()),
        ("http://www.openarchives.org/OAI/2.0/oai-identifier", "identifier.xsd".to_owned()),
        ("http://www.openarchives.org/OAI/2.0/rights/", "rights.xsd".to_owned()),
    ]);
    validate(&envelope, &answers);
    let external = schema_of(&[("http://www.w3.org/1999/02/22-rdf-syntax-ns#", at("edm/EDM.xsd"))]);
    validate(&external, &records["edm"]);
    // Europeana's internal schema wants an aggregation of Europeana's own, which only Europeana has.
    let europeanas = "<edm:EuropeanaAggregation rdf:about='http://x.example/'><edm:aggregatedCHO rdf:resource='http://x.example/'/>\
                      <edm:country>Austria</edm:country><edm:language>mul</edm:language></edm:EuropeanaAggregation></rdf:RDF>";
    let published: Vec<(String, String)> =
        records["edm_enrichment"].iter().map(|(name, xml)| (name.clone(), xml.replace("</rdf:RDF>", europeanas))).collect();
    let internal = schema_of(&[("http://www.w3.org/1999/02/22-rdf-syntax-ns#", at("edm/EDM-INTERNAL.xsd"))]);
    validate(&internal, &published);
}

#[test]
fn a_list_goes_on_and_ends_as_it_should() {
    let place = Place::demonstrated(5);
    let first = place.ask("verb=ListRecords&metadataPrefix=edm&set=dataset:demo!20set!2F1");
    assert!(first.contains("completeListSize=\"12\" cursor=\"0\""), "{first}");
    let next = token(&first).unwrap().to_owned();
    let second = place.ask(&format!("verb=ListRecords&resumptionToken={next}"));
    assert!(second.contains("completeListSize=\"12\" cursor=\"5\""), "{second}");
    assert!(entries(&second).iter().all(|e| e.sets.contains(&"dataset:demo!20set!2F1".to_owned())));
    let third = place.ask(&format!("verb=ListRecords&resumptionToken={}", token(&second).unwrap()));
    assert_eq!((entries(&third).len(), token(&third)), (2, Some("")));
    assert!(third.contains("<resumptionToken completeListSize=\"12\" cursor=\"10\"/>"), "{third}");
    // Asked again, the same comes again.
    assert_eq!(entries(&place.ask(&format!("verb=ListRecords&resumptionToken={next}"))), entries(&second));
    assert_eq!(code(&place.ask(&format!("verb=ListIdentifiers&resumptionToken={next}"))), Some("badResumptionToken"));
    for at in (0..next.len()).step_by(7) {
        let mut tampered = next.clone().into_bytes();
        tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(tampered).unwrap();
        assert_eq!(code(&place.ask(&format!("verb=ListRecords&resumptionToken={tampered}"))), Some("badResumptionToken"), "{at}");
    }
    place.clock.step(25 * 3_600_000);
    assert_eq!(code(&place.ask(&format!("verb=ListRecords&resumptionToken={next}"))), None, "good for more than a day");
    place.clock.step(50 * 3_600_000);
    assert_eq!(code(&place.ask(&format!("verb=ListRecords&resumptionToken={next}"))), Some("badResumptionToken"));
    // A list of one page has no token.
    let enriched = Place::demonstrated(50).ask("verb=ListRecords&metadataPrefix=oai_dc");
    assert_eq!((entries(&enriched).len(), token(&enriched)), (12, None));
}

#[test]
fn sets_are_listed_page_by_page_and_every_set_of_a_header_is_among_them() {
    let place = Place::demonstrated(2);
    let mut listed = BTreeSet::new();
    let mut query = "verb=ListSets".to_owned();
    loop {
        let page = place.ask(&query);
        listed.extend(page.split("<setSpec>").skip(1).map(|t| t.split('<').next().unwrap().to_owned()));
        match token(&page) {
            Some(token) if !token.is_empty() => query = format!("verb=ListSets&resumptionToken={token}"),
            other => break assert_eq!(other, Some("")),
        }
    }
    assert_eq!(listed.len(), 3, "{listed:?}");
    for entry in place.list("verb=ListIdentifiers&metadataPrefix=oai_dc", |_| {}) {
        assert!(!entry.sets.is_empty() && entry.sets.iter().all(|set| listed.contains(set)), "{entry:?}");
    }
    for set in &listed {
        assert_eq!(place.list(&format!("verb=ListIdentifiers&metadataPrefix=edm&set={set}"), |_| {}).len(), 12, "{set}");
    }
    assert_eq!(code(&Place::empty(5).ask("verb=ListSets")), Some("noSetHierarchy"));
    assert_eq!(code(&Place::empty(5).ask("verb=ListRecords&metadataPrefix=edm")), Some("noRecordsMatch"));
}

#[test]
fn from_and_until_are_included_and_the_running_second_is_not() {
    let place = Place::demonstrated(50);
    let all = place.list("verb=ListIdentifiers&metadataPrefix=edm_enrichment", |_| {});
    let stamp = &all[0].datestamp;
    assert_eq!(stamp, "2026-11-21T04:30:04Z");
    let count = |span: &str| place.list(&format!("verb=ListIdentifiers&metadataPrefix=edm_enrichment{span}"), |_| {}).len();
    for (span, expected) in [
        ("&from=2026-11-21T04:30:04Z", 9),
        ("&until=2026-11-21T04:30:04Z", 9),
        ("&from=2026-11-21T04:30:04Z&until=2026-11-21T04:30:04Z", 9),
        ("&from=2026-11-21T04:30:05Z", 0),
        ("&until=2026-11-21T04:30:03Z", 0),
        ("&from=2026-11-21&until=2026-11-21", 9),
        ("&from=2026-11-22", 0),
        ("&until=2026-11-20", 0),
    ] {
        assert_eq!(count(span), expected, "{span}");
    }
    // What is published in the running second comes when it is over, to those who ask from the last answer on.
    place.run(&publish(false));
    assert_eq!(count(""), 0, "they moved");
    let answer = place.ask("verb=ListIdentifiers&metadataPrefix=edm_enrichment&from=2026-11-21T04:30:06Z");
    assert_eq!(code(&answer), Some("noRecordsMatch"));
    let answered = between(&answer, "<responseDate>", "<").unwrap();
    place.clock.step(1_000);
    let gone = place.list(&format!("verb=ListIdentifiers&metadataPrefix=edm_enrichment&from={answered}"), |_| {});
    assert_eq!((gone.len(), gone.iter().all(|e| e.deleted)), (9, true));
}

#[test]
fn a_verdict_moves_the_datestamp_of_its_record_alone() {
    let place = Place::demonstrated(50);
    let before = place.list("verb=ListRecords&metadataPrefix=edm", |_| {});
    let (key, annotation) = place.annotations().remove(0);
    let verdict = Review { decision: Decision::Reject, annotation, to: None, who: "Ada".to_owned() };
    place.run(&Job::Review(verdict));
    place.clock.step(2_000);
    let changed = place.list("verb=ListRecords&metadataPrefix=edm&from=2026-11-21T04:30:06Z", |_| {});
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].identifier, format!("oai:enrich.example:{key}"));
    let after = place.list("verb=ListRecords&metadataPrefix=edm", |_| {});
    assert_eq!(after.iter().filter(|e| !before.contains(e)).count(), 1);
}

#[test]
fn what_was_published_and_what_was_there_is_deleted_for_good() {
    let place = Place::demonstrated(50);
    let run = place.the_run().unwrap();
    let set = format!("run:{}", run.rsplit('/').next().unwrap());
    place.run(&Job::Retract { run });
    place.clock.step(2_000);
    let deleted = |prefix: &str, set: &str| {
        let all = place.list(&format!("verb=ListRecords&metadataPrefix={prefix}{set}"), |_| {});
        (all.len(), all.iter().filter(|e| e.deleted && e.metadata.is_empty()).count())
    };
    let of_run = format!("&set={set}");
    assert_eq!(deleted("edm_enrichment", ""), (9, 9));
    assert_eq!(deleted("edm_enrichment", &of_run), (9, 9), "those who harvest a run hear that it was taken back");
    assert_eq!((deleted("edm", ""), deleted("oai_dc", "")), ((12, 0), (12, 0)));
    let gone = place.list("verb=ListIdentifiers&metadataPrefix=edm_enrichment", |_| {}).remove(0).identifier;
    let one = place.ask(&format!("verb=GetRecord&metadataPrefix=edm_enrichment&identifier={gone}"));
    assert!(one.contains("<header status=\"deleted\">") && !one.contains("<metadata>"), "{one}");
    // The index is derived: made anew, it says the same.
    place.house.store.index().rebuild(&place.house.store).unwrap();
    assert_eq!(deleted("edm_enrichment", ""), (9, 9));
    // Published again, they are back.
    place.run(&tag());
    place.run(&publish(true));
    place.clock.step(2_000);
    assert_eq!(deleted("edm_enrichment", ""), (9, 0));
    // The record itself.
    place.run(&Job::Delete(Delete { records: Vec::new(), data_set: Some("demo set/1".to_owned()) }));
    place.clock.step(2_000);
    assert!(place.chos().is_empty());
    let key = gone.rsplit(':').next().unwrap();
    let (status, ..) = place.send(Request::get(format!("/graph/source/{key}.ttl")).body(Body::empty()).unwrap());
    assert_eq!(status, StatusCode::GONE);
    for (prefix, count) in [("edm_enrichment", 9), ("edm", 12), ("oai_dc", 12)] {
        assert_eq!(deleted(prefix, ""), (count, count), "{prefix}");
        assert_eq!(deleted(prefix, "&set=dataset:demo!20set!2F1"), (count, count), "{prefix}");
    }
    place.house.store.index().rebuild(&place.house.store).unwrap();
    assert_eq!(deleted("edm", ""), (12, 12));
    place.run(&Job::Ingest(Ingest { paths: vec![data().join("records")], data_set: Some("demo set/1".to_owned()) }));
    place.clock.step(2_000);
    assert_eq!((deleted("edm", ""), deleted("edm_enrichment", "")), ((12, 0), (9, 9)));
    assert!(!place.run(&Job::Check).partial);
}

#[test]
fn a_record_never_published_is_not_there_as_an_enrichment() {
    let place = Place::demonstrated(50);
    let all: BTreeSet<String> = place.list("verb=ListIdentifiers&metadataPrefix=edm", |_| {}).into_iter().map(|e| e.identifier).collect();
    let enriched: BTreeSet<String> =
        place.list("verb=ListIdentifiers&metadataPrefix=edm_enrichment", |_| {}).into_iter().map(|e| e.identifier).collect();
    let plain = all.difference(&enriched).next().unwrap();
    let asked = place.ask(&format!("verb=GetRecord&metadataPrefix=edm_enrichment&identifier={plain}"));
    assert_eq!(code(&asked), Some("cannotDisseminateFormat"));
    assert!(!place.ask(&format!("verb=ListMetadataFormats&identifier={plain}")).contains("edm_enrichment"));
    let rich = enriched.first().unwrap();
    assert!(place.ask(&format!("verb=ListMetadataFormats&identifier={rich}")).contains("edm_enrichment"));
    let record = place.ask(&format!("verb=GetRecord&metadataPrefix=edm_enrichment&identifier={rich}"));
    for said in ["edm:wasGeneratedBy=\"SoftwareAgent\"", "edm:confidenceLevel=\"0.", "prov:startedAtTime", "mls#Model", "enr:rules"] {
        assert!(record.contains(said), "{said}\n{record}");
    }
    let dublin_core = place.ask(&format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={rich}"));
    assert!(dublin_core.contains("<dc:subject>http://vocab.getty.edu/aat/"), "{dublin_core}");
}

#[test]
fn a_vocabulary_that_says_something_else_moves_what_is_published() {
    let place = Place::demonstrated(50);
    let file = place.deliveries.path().join("aat-excerpt.ttl");
    let text = std::fs::read_to_string(data().join("vocabulary/aat-excerpt.ttl")).unwrap();
    std::fs::write(&file, text.replace("vaults (structural elements)", "vaults, told anew")).unwrap();
    let request = LoadRequest { files: vec![file], scheme: Some("aat".into()), release: Some("demo".into()), ..LoadRequest::default() };
    place.run(&Job::Load(request.clone()));
    place.clock.step(2_000);
    let changed = place.list("verb=ListRecords&metadataPrefix=edm&from=2026-11-21T04:30:06Z", |_| {});
    assert_eq!(changed.len(), 9);
    assert!(changed.iter().any(|e| e.metadata.contains("vaults, told anew")));
    place.run(&Job::Load(request));
    place.clock.step(2_000);
    assert_eq!(place.list("verb=ListRecords&metadataPrefix=edm&from=2026-11-21T04:30:08Z", |_| {}).len(), 0);
}

#[test]
fn an_answer_is_packed_where_that_is_wanted() {
    use std::io::Read as _;
    let place = Place::demonstrated(50);
    let query = "/oai?verb=ListRecords&metadataPrefix=oai_dc";
    let (_, headers, body) = place.send(Request::get(query).header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap());
    assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
    assert!(headers[header::VARY].to_str().unwrap().eq_ignore_ascii_case("accept-encoding"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(entries(&text).len(), 12);
    let (status, ..) = place.send(Request::builder().method(Method::DELETE).uri("/oai").body(Body::empty()).unwrap());
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    let (status, ..) = place.send(Request::post("/oai").header(header::CONTENT_TYPE, "text/xml").body(Body::from("x")).unwrap());
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let evil = Request::get("/oai?verb=Identify").header(header::HOST, "evil.example").header("X-Forwarded-Host", "evil.example");
    let (_, _, body) = place.send(evil.body(Body::empty()).unwrap());
    assert!(!String::from_utf8(body).unwrap().contains("evil"));
}

/// A harvester that keeps what it was told last.
#[derive(Default)]
struct Harvester {
    known: BTreeMap<String, Option<String>>,
    from: Option<String>,
}

impl Harvester {
    /// Everything since the last answer, while the store is written.
    fn harvest(&mut self, place: &Place, prefix: &str, meanwhile: &mut dyn FnMut(&Place)) {
        let from = self.from.as_ref().map(|from| format!("&from={from}")).unwrap_or_default();
        let first = format!("verb=ListRecords&metadataPrefix={prefix}{from}");
        self.from = Some(between(&place.ask(&first), "<responseDate>", "<").unwrap().to_owned());
        for entry in place.list(&first, meanwhile) {
            self.known.insert(entry.identifier, (!entry.deleted).then_some(entry.metadata));
        }
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn write_something(place: &Place, dice: &mut Dice) {
    place.clock.step([0, 0, 1, 300, 1_100][dice.throw(5)]);
    let chos = place.chos();
    match dice.throw(10) {
        0..=3 => {
            // A record, new or changed.
            let number = dice.throw(16);
            let text = std::fs::read_to_string(data().join("records/vase.xml")).unwrap();
            let cho = between(&text, "<edm:ProvidedCHO rdf:about=\"", "\"").unwrap().to_owned();
            let text = text.replace(&cho, &format!("http://museum.example/extra/{number}"));
            let text = text.replace("<dc:date>", &format!("<dc:date>{}, ", dice.throw(1_000)));
            let file = place.deliveries.path().join(format!("{number}.xml"));
            std::fs::write(&file, text).unwrap();
            place.run(&Job::Ingest(Ingest { paths: vec![file], data_set: None }));
        }
        4..=6 => {
            let annotations = place.annotations();
            if !annotations.is_empty() {
                let decision = if dice.throw(2) == 0 { Decision::Accept } else { Decision::Reject };
                let annotation = annotations[dice.throw(annotations.len())].1.clone();
                place.run(&Job::Review(Review { decision, annotation, to: None, who: format!("person {}", dice.throw(3)) }));
            }
        }
        7 => drop(place.run(&publish(dice.throw(2) == 0))),
        8 if !chos.is_empty() => drop(place.run(&delete(&chos[dice.throw(chos.len())].1))),
        _ => match (dice.throw(4), place.the_run()) {
            (0, Some(run)) => drop(place.run(&Job::Retract { run })),
            (1, _) => {
                place.run(&Job::Ingest(Ingest { paths: vec![data().join("records")], data_set: Some("demo set/1".to_owned()) }));
                place.run(&tag());
            }
            _ => {}
        },
    }
}

#[test]
fn a_harvester_loses_nothing_while_the_store_is_written() {
    for seed in [1, 2, 3] {
        let place = Place::demonstrated(3);
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed << 32));
        let mut harvesters: Vec<(&str, Harvester)> =
            ["edm", "oai_dc", "edm_enrichment"].into_iter().map(|prefix| (prefix, Harvester::default())).collect();
        for _ in 0..6 {
            for (prefix, harvester) in &mut harvesters {
                harvester.harvest(&place, prefix, &mut |place| (0..2).for_each(|_| write_something(place, &mut dice)));
            }
        }
        place.clock.step(1_000);
        for (prefix, harvester) in &mut harvesters {
            harvester.harvest(&place, prefix, &mut |_| {});
            let mut anew = Harvester::default();
            anew.harvest(&place, prefix, &mut |_| {});
            assert_eq!(harvester.known, anew.known, "{prefix}, seed {seed}");
            let live: BTreeSet<String> = place
                .house
                .store
                .index()
                .page(Listing::ByKey, None, 1_000)
                .unwrap()
                .into_iter()
                .filter(|listed| *prefix != "edm_enrichment" || listed.published)
                .map(|listed| format!("oai:enrich.example:{}", listed.key))
                .collect();
            let kept: BTreeSet<String> = anew.known.iter().filter(|(_, m)| m.is_some()).map(|(id, _)| id.clone()).collect();
            assert_eq!(kept, live, "{prefix}, seed {seed}");
            for (identifier, metadata) in &anew.known {
                let one = place.ask(&format!("verb=GetRecord&metadataPrefix={prefix}&identifier={identifier}"));
                assert_eq!(entries(&one)[0].metadata, metadata.clone().unwrap_or_default(), "{identifier}");
            }
        }
        assert!(!place.run(&Job::Check).partial, "the index follows from the store, seed {seed}");
    }
}

#[test]
fn a_list_whose_rest_has_changed_meanwhile_ends_in_a_page_all_the_same() {
    let place = Place::demonstrated(9);
    let first = place.ask("verb=ListRecords&metadataPrefix=edm");
    let next = token(&first).unwrap().to_owned();
    for (_, cho) in place.chos() {
        place.run(&delete(&cho));
    }
    place.clock.step(2_000);
    let last = place.ask(&format!("verb=ListRecords&resumptionToken={next}"));
    assert_eq!((code(&last), entries(&last).len(), token(&last)), (None, 1, Some("")));
}

#[test]
fn a_clock_that_goes_back_loses_no_change() {
    let place = Place::demonstrated(50);
    let answer = place.ask("verb=Identify");
    let from = between(&answer, "<responseDate>", "<").unwrap();
    place.clock.step(-3_600_000);
    place.run(&publish(false));
    place.clock.step(3_600_000 + 1_000);
    assert_eq!(place.list(&format!("verb=ListIdentifiers&metadataPrefix=edm_enrichment&from={from}"), |_| {}).len(), 9);
}

#[test]
fn a_tombstone_in_the_store_is_a_statement_like_any_other() {
    let place = Place::demonstrated(50);
    place.run(&publish(false));
    let store = &place.house.store;
    let tombstones = store.triples(&store.base().tombstone_graph()).unwrap();
    assert!(tombstones.iter().all(|t| t.predicate != prov::INVALIDATED_AT_TIME), "time stands on activities alone");
    assert_eq!(tombstones.iter().filter(|t| t.predicate == enr::RECORD).count(), 9);
}

#[test]
fn what_is_told_to_be_settled_is_settled_while_others_write() {
    let base = Base::new("https://enrich.example/").unwrap();
    let store = Store::in_memory(&base, Arc::new(SystemClock)).unwrap();
    // Each record is written once: what is passed over is not made good by a later change.
    let write = |writer: usize, number: usize| {
        let mut change = Change::default();
        for part in 0..200 {
            let cho = NamedNode::new_unchecked(format!("http://museum.example/{writer}/{number}/{part}"));
            let (key, text) = (RecordKey::of(cho.as_ref()), |text: &str| Literal::new_simple_literal(text));
            let graph = base.source_graph(&key);
            change.add(graph.clone(), rdf::TYPE, enr::SOURCE_GRAPH, store.meta_graph());
            change.add(graph.clone(), enr::RECORD, text(key.as_str()), store.meta_graph());
            change.add(graph, foaf::PRIMARY_TOPIC, cho, store.meta_graph());
            change.touched.push(key);
        }
        store.commit(change).unwrap();
    };
    let ended = AtomicBool::new(false);
    let mut seen: BTreeSet<RecordKey> = BTreeSet::new();
    let mut from = Timestamp::MIN;
    let mut harvest = || {
        let settled = store.settled_until();
        let span = Span { from, until: settled - SignedDuration::from_micros(1) };
        seen.extend(store.index().stamped_page(StampList::default(), span, None, usize::MAX).unwrap().into_iter().map(|r| r.key));
        from = settled;
    };
    std::thread::scope(|threads| {
        for writer in 0..2 {
            let (write, ended) = (&write, &ended);
            threads.spawn(move || {
                let mut number = 0;
                while !ended.load(Ordering::Relaxed) {
                    write(writer, number);
                    number += 1;
                }
            });
        }
        let began = std::time::Instant::now();
        while began.elapsed().as_millis() < 3_300 {
            harvest();
        }
        ended.store(true, Ordering::Relaxed);
    });
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    harvest();
    assert_eq!(seen.len() as u64, store.index().len().unwrap());
}
