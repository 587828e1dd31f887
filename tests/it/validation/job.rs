//! `validate` as it is asked for: over files, over the store, with shapes of somebody's own; its report in every form.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use glossator::{
    images::Mirror,
    jobs::{
        House, Ingest, Job, LAST_REPORT, Listener, ModelJob, Outlet, PictureSources, Publish, Report, ReportForm, Settings, Tag, Validate,
        ValidationBench,
    },
    model::RuntimeKind,
    publication::Policy,
    rdf::Base,
    records::ReadSettings,
    store::Store,
    telemetry::{FixedClock, Silent},
    vocab::LoadRequest,
};
use oxigraph::io::{RdfFormat, RdfParser};
use serde_json::Value;

use super::repository;

#[derive(Default)]
struct Kept(Mutex<Vec<u8>>);

impl Outlet for Kept {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn clock() -> FixedClock {
    FixedClock("2026-11-21T04:30:00Z".parse().unwrap())
}

/// Validates files, without a store.
fn files(paths: &[PathBuf], shapes: Option<PathBuf>, form: ReportForm, folder: Option<&Path>) -> (Report, String) {
    let bench = ValidationBench {
        records: ReadSettings::default(),
        validation: glossator::validation::Settings::default(),
        folder: folder.map(Path::to_path_buf),
    };
    let job = Validate { paths: paths.to_vec(), shapes, form, ..Validate::default() };
    let kept = Kept::default();
    let report = bench.validate(&job, &clock(), Listener { progress: &Silent, outlet: &kept }).unwrap();
    let text = kept.text();
    (report, text)
}

fn record(title: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/">
  <edm:ProvidedCHO rdf:about="http://museum.example/1">
    {title}
    <edm:type>IMAGE</edm:type>
  </edm:ProvidedCHO>
  <ore:Aggregation rdf:about="http://museum.example/1#aggregation">
    <edm:aggregatedCHO rdf:resource="http://museum.example/1"/>
    <edm:dataProvider>Museum &lt;of&gt; Examples</edm:dataProvider>
    <edm:isShownBy rdf:resource="http://museum.example/1.jpg"/>
    <edm:provider>Examples</edm:provider>
    <edm:rights rdf:resource="http://creativecommons.org/licenses/by/9.0/"/>
  </ore:Aggregation>
</rdf:RDF>"#
    )
}

#[test]
fn files_are_validated_without_a_store_and_the_report_has_lines() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.xml"), record("<dc:title>Lute</dc:title>\n    <dc:type rdf:resource=\"\"/>")).unwrap();
    std::fs::write(folder.path().join("b.xml"), "<rdf:RDF").unwrap();
    let (report, text) = files(&[folder.path().to_path_buf()], None, ReportForm::Json, None);
    assert_eq!(report.exit_code(), 3);
    assert_eq!(report.figures["records"], 1);
    assert_eq!(report.figures["rejected"], 1);
    let json: Value = serde_json::from_str(&text).unwrap();
    let findings = json["records"][0]["findings"].as_array().unwrap();
    let line = |rule: &str| findings.iter().find(|f| f["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {findings:#?}"))["line"].as_u64();
    assert_eq!(line("edm-record#rights"), Some(14));
    assert_eq!(line("document#empty-reference"), Some(6));
    assert_eq!(line("edm-external#what-when-where"), Some(6));
    assert_eq!(line("edm-external#title-says-its-language"), Some(5));
    assert_eq!(json["records"][0]["provider"], "Museum <of> Examples");
    assert_eq!(json["records"][0]["tier"]["tier"], "0");
    assert_eq!(json["records"][1]["findings"][0]["rule"], "document#unreadable");
    assert_eq!(json["summary"]["rules"]["edm-record#rights"]["providers"]["Museum <of> Examples"], 1);
    // What the reader mended and the rules told already is told once.
    let read = |f: &&Value| f["line"] == 6 && f["rule"].as_str().is_some_and(|rule| rule.starts_with("document#"));
    let mended: Vec<_> = findings.iter().filter(read).collect();
    assert_eq!(mended.len(), 1, "{mended:#?}");
}

#[test]
fn the_report_is_rdf_and_a_page_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.xml");
    std::fs::write(&file, record("<dc:title>Lute &lt;script&gt;alert(1)&lt;/script&gt;</dc:title>")).unwrap();
    let (report, text) = files(std::slice::from_ref(&file), None, ReportForm::Ttl, None);
    let triples: Vec<_> = RdfParser::from_format(RdfFormat::Turtle).for_slice(&text).map(|q| q.unwrap()).collect();
    let count =
        |local: &str| triples.iter().filter(|t| t.predicate.as_str() == format!("http://www.w3.org/ns/shacl#{local}")).count() as u64;
    let figures = |name: &str| report.figures[name].as_u64().unwrap();
    assert_eq!(count("result"), figures("violations") + figures("warnings") + figures("notes"));
    assert_eq!(count("conforms"), 1);
    for needed in ["focusNode", "resultSeverity", "sourceConstraintComponent", "sourceShape"] {
        assert_eq!(count(needed), count("result"), "{needed}");
    }
    let (_, page) = files(std::slice::from_ref(&file), None, ReportForm::Html, None);
    assert!(page.starts_with("<!doctype html>") && page.contains("need mending"));
    assert!(!page.contains("<script>") && !page.contains("href=\"http"), "the page brings nothing along and runs nothing");
    // Europeana's page of rules has no place for a value that is markup.
    assert!(page.contains("Lute &#60;script&#62;") || page.contains("Lute &lt;script&gt;"));
}

#[test]
fn a_report_is_kept_beside_the_store_and_replaced_whole() {
    let store = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.xml");
    std::fs::write(&file, record("<dc:title>Lute</dc:title>")).unwrap();
    for _ in 0..2 {
        let (report, _) = files(std::slice::from_ref(&file), None, ReportForm::Text, Some(store.path()));
        assert!(report.lines.iter().any(|l| l.contains("edm-record#rights")));
        let mut names: Vec<_> =
            std::fs::read_dir(store.path().join("reports")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["validation.html", "validation.json", "validation.ttl"]);
    }
    assert!(std::fs::metadata(store.path().join(LAST_REPORT).with_extension("html")).unwrap().len() > 1000);
}

#[test]
fn shapes_of_somebodys_own_take_the_place_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let (file, shapes) = (folder.path().join("a.xml"), folder.path().join("mine.ttl"));
    std::fs::write(&file, record("<dc:title>Lute</dc:title>")).unwrap();
    std::fs::write(
        &shapes,
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix edm: <http://www.europeana.eu/schemas/edm/> .
         @prefix dc: <http://purl.org/dc/elements/1.1/> .
         <#mine> a sh:NodeShape ; sh:targetClass edm:ProvidedCHO ; sh:property <#language> .
         <#language> sh:path dc:language ; sh:minCount 1 ; sh:message \"We want a language.\" .",
    )
    .unwrap();
    let (report, text) = files(&[file], Some(shapes), ReportForm::Json, None);
    assert_eq!(report.exit_code(), 3);
    let json: Value = serde_json::from_str(&text).unwrap();
    let findings = json["records"][0]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["message"], "We want a language.");
    assert!(findings[0]["rule"].as_str().unwrap().ends_with("mine.ttl#language"));
}

#[test]
fn two_runs_say_the_same_whatever_the_threads() {
    let folder = repository("tests/data/records");
    let with = |threads: usize| {
        let bench = ValidationBench {
            records: ReadSettings::default(),
            validation: glossator::validation::Settings { threads, ..glossator::validation::Settings::default() },
            folder: None,
        };
        let job = Validate { paths: vec![folder.clone()], form: ReportForm::Json, ..Validate::default() };
        let kept = Kept::default();
        bench.validate(&job, &clock(), Listener { progress: &Silent, outlet: &kept }).unwrap();
        kept.text()
    };
    let one = with(1);
    assert!(one.len() > 1000);
    assert_eq!(one, with(4));
}

#[test]
fn the_stores_records_are_validated_with_what_is_published_of_them() {
    let base = Base::new("https://enrich.example/").unwrap();
    let store = Store::in_memory(&base, Arc::new(clock())).unwrap();
    let waiting = tokio::runtime::Runtime::new().unwrap();
    let mut settings = Settings::default();
    settings.model.runtime = RuntimeKind::Tract;
    let house = House { store: Arc::new(store), settings, waiting: waiting.handle().clone() };
    let data = repository("data");
    let load = |file: &str, scheme: &str| {
        Job::Load(LoadRequest {
            files: vec![data.join("vocabulary").join(file)],
            scheme: Some(scheme.to_owned()),
            release: Some("demo".to_owned()),
            ..LoadRequest::default()
        })
    };
    let policy = std::fs::read_to_string(data.join("policy.toml")).unwrap();
    let mirrors = vec![Mirror { prefix: "http://museum.example/pictures/".to_owned(), folder: data.join("pictures") }];
    let ask = |job: &Job| {
        let kept = Kept::default();
        let report = house.run(job, Listener { progress: &Silent, outlet: &kept }).unwrap();
        (report, kept.text())
    };
    for job in [
        load("aat-excerpt.ttl", "aat"),
        load("europeana-excerpt.jsonld", "europeana"),
        Job::Ingest(Ingest { paths: vec![data.join("records")], data_set: Some("demonstration".to_owned()) }),
        Job::Model(ModelJob::Add { folder: data.join("tagger") }),
        Job::Tag(Tag { sources: PictureSources { mirrors, ..PictureSources::default() }, ..Tag::default() }),
        Job::Publish(Publish { policy: Some(Policy::from_toml(&policy, "policy.toml").unwrap()) }),
    ] {
        ask(&job);
    }
    let version = house.store.version();
    let job = Job::Validate(Validate { data_set: Some("demonstration".to_owned()), form: ReportForm::Json, ..Validate::default() });
    let (report, text) = ask(&job);
    assert_eq!(house.store.version(), version, "a look changes nothing");
    assert_eq!(report.figures["records"], 12);
    let json: Value = serde_json::from_str(&text).unwrap();
    let records = json["records"].as_array().unwrap();
    let ours = ["publication#", "annotation#", "enrichment-graph#", "review#", "score-only"];
    for finding in records.iter().flat_map(|r| r["findings"].as_array().unwrap()) {
        assert!(!ours.iter().any(|o| finding["rule"].as_str().unwrap().starts_with(o)), "what we emit must conform: {finding}");
    }
    let before: Vec<&str> = records.iter().map(|r| r["tier"]["contextual_classes"].as_str().unwrap()).collect();
    let after: Vec<&str> = records.iter().map(|r| r["tier_enriched"]["contextual_classes"].as_str().unwrap()).collect();
    assert!(before.iter().zip(&after).all(|(b, a)| b <= a));
    assert!(before.iter().zip(&after).any(|(b, a)| b < a), "a published concept counts: {before:?} {after:?}");
    let wrong = house.run(
        &Job::Validate(Validate { data_set: Some("nothing".to_owned()), ..Validate::default() }),
        Listener { progress: &Silent, outlet: &Kept::default() },
    );
    assert!(wrong.unwrap_err().to_string().contains("`nothing`"));
}
