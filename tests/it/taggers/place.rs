//! A store in memory with a few records whose pictures lie in a folder, and the small bundles.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use glossator::{
    images::Mirror,
    jobs::{House, Ingest, Job, Listener, ModelJob, Outlet, PictureSources, Query, Report, Settings, Tag},
    model::RuntimeKind,
    rdf::Base,
    store::Store,
    telemetry::{FixedClock, Silent},
    vocab::LoadRequest,
};

/// The folder of one of the small bundles.
pub(super) fn kind(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/model/kinds").join(name)
}

/// All of them.
pub(super) const KINDS: [&str; 10] = ["facets", "nodes", "levels", "two", "clip", "yolo", "end2end", "detr", "owl", "captioner"];

/// A copy of a small bundle, with changes in one of its files.
pub(super) fn altered(name: &str, file: &str, changes: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(name);
    copy(&kind(name), &folder);
    let mut text = fs::read_to_string(folder.join(file)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    fs::write(folder.join(file), text).unwrap();
    (home, folder)
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[derive(Default)]
pub(super) struct Kept(Mutex<Vec<u8>>);

impl Outlet for Kept {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

pub(super) struct Place {
    pub(super) house: House,
    pub(super) folder: tempfile::TempDir,
    _waiting: tokio::runtime::Runtime,
}

impl Place {
    /// An empty store on disk, whose runtime is the one that is always there.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = Base::new("https://enrich.example/").unwrap();
        let clock = Arc::new(FixedClock("2026-11-21T04:30:00Z".parse().unwrap()));
        let store = Store::open(&folder.path().join("store"), &base, glossator::store::Settings::default(), clock).unwrap();
        let waiting = tokio::runtime::Runtime::new().unwrap();
        let mut settings = Settings::default();
        settings.model.runtime = RuntimeKind::Tract;
        settings.net.allow_private = true;
        settings.net.delay_per_host_ms = 0;
        settings.enrichment.properties.insert("captions".to_owned(), "dc:description".to_owned());
        let house = House { store: Arc::new(store), settings, waiting: waiting.handle().clone() };
        Self { house, folder, _waiting: waiting }
    }

    /// With the vocabulary of the small bundles, and one record whose picture is a red thing beside a blue one.
    pub(super) fn with_scene() -> Self {
        let place = Self::new();
        place.run(&Job::Load(LoadRequest {
            files: vec![kind("vocabulary.ttl")],
            scheme: Some("made-up".to_owned()),
            release: Some("1".to_owned()),
            ..LoadRequest::default()
        }));
        place.record("scene", &fs::read(kind("yolo").join("golden.png")).unwrap(), "");
        place
    }

    /// Takes in a record with this picture. `more` stands within its web resource.
    pub(super) fn record(&self, name: &str, picture: &[u8], more: &str) {
        let pictures = self.folder.path().join("pictures");
        fs::create_dir_all(&pictures).unwrap();
        fs::write(pictures.join(format!("{name}.png")), picture).unwrap();
        let text = format!(
            "@prefix edm: <http://www.europeana.eu/schemas/edm/> . @prefix ore: <http://www.openarchives.org/ore/terms/> .
             @prefix dc: <http://purl.org/dc/elements/1.1/> . @prefix svcs: <http://rdfs.org/sioc/services#> .
             <http://museum.example/{name}> a edm:ProvidedCHO ; dc:title \"{name}\" ; edm:type \"IMAGE\" ; dc:type \"picture\" ; dc:language \"en\" .
             <http://museum.example/{name}/a> a ore:Aggregation ; edm:aggregatedCHO <http://museum.example/{name}> ;
                 edm:isShownBy <http://museum.example/pictures/{name}.png> ; edm:dataProvider \"A\" ; edm:provider \"A\" ;
                 edm:rights <http://creativecommons.org/publicdomain/mark/1.0/> .
             <http://museum.example/pictures/{name}.png> a edm:WebResource {more} ."
        );
        let path = self.folder.path().join(format!("{name}.ttl"));
        fs::write(&path, text).unwrap();
        let report = self.run(&Job::Ingest(Ingest { paths: vec![path], data_set: Some("set".to_owned()) }));
        assert!(!report.partial, "{:?}", report.lines);
    }

    pub(super) fn try_run(&self, job: &Job) -> anyhow::Result<Report> {
        self.house.run(job, Listener { progress: &Silent, outlet: &Kept::default() })
    }

    pub(super) fn run(&self, job: &Job) -> Report {
        self.try_run(job).unwrap_or_else(|e| panic!("{}: {e:#}", job.name()))
    }

    pub(super) fn add(&self, folder: &Path) -> Report {
        self.run(&Job::Model(ModelJob::Add { folder: folder.to_owned() }))
    }

    /// The job that lets a tagger look at the records.
    pub(super) fn tagging(&self, tagger: &str) -> Tag {
        let mirror = Mirror { prefix: "http://museum.example/pictures/".to_owned(), folder: self.folder.path().join("pictures") };
        let sources = PictureSources { mirrors: vec![mirror], ..PictureSources::default() };
        Tag { tagger: Some(tagger.to_owned()), sources, ..Tag::default() }
    }

    pub(super) fn tag(&self, tagger: &str) -> Report {
        let report = self.run(&Job::Tag(self.tagging(tagger)));
        assert!(!report.partial, "{:?}", report.lines);
        report
    }

    /// The rows of a query's answer.
    pub(super) fn ask(&self, query: &str) -> Vec<Vec<String>> {
        let prefixes = "PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX enr: <https://w3id.org/glossator/ns#> PREFIX dc: <http://purl.org/dc/elements/1.1/>
            PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX v: <http://vocab.example/> PREFIX dqv: <http://www.w3.org/ns/dqv#>
            PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX soa: <http://sw.islab.ntua.gr/annotation/> PREFIX ore: <http://www.openarchives.org/ore/terms/> ";
        self.rows(format!("{prefixes}{query}"))
    }

    /// The rows of a worked example.
    pub(super) fn example(&self, name: &str) -> Vec<Vec<String>> {
        self.rows(glossator::serve::Example::named(name).unwrap().text.to_owned())
    }

    fn rows(&self, text: String) -> Vec<Vec<String>> {
        let kept = Kept::default();
        let job = Job::Query(Query { text, format: Some("csv".to_owned()) });
        self.house.run(&job, Listener { progress: &Silent, outlet: &kept }).unwrap();
        let text = String::from_utf8(kept.0.into_inner().unwrap()).unwrap();
        let mut rows = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }
}

impl Place {
    /// Puts a bundle into the store without its golden sample: one whose settings were changed on purpose.
    pub(super) fn add_unchecked(&self, folder: &Path) {
        let manifest = folder.join("bundle.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(&manifest, text.split("[golden]").next().unwrap()).unwrap();
        self.add(folder);
    }
}
