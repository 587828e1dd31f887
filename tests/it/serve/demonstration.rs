//! The demonstration, served: loaded, read, looked at and published as `glossator demo` does it, behind the real pages.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use glossator::{
    images::Mirror,
    jobs::{House, Ingest, Job, Listener, Looker, ModelJob, Outlet, PictureSources, Publish, Report, Settings as JobSettings, Tag},
    model::RuntimeKind,
    publication::Policy,
    rdf::Base,
    serve::{App, Runtime, Settings, Shown, router, serve},
    store::{
        Store,
        query::{QueryPool, Settings as QuerySettings},
    },
    telemetry::{Clock, FixedClock, Silent, SystemClock},
    vocab::LoadRequest,
};
use tokio::net::TcpListener;

const BASE: &str = "https://enrich.example/lod/";

#[derive(Default)]
struct Kept(Mutex<Vec<u8>>);

impl Outlet for Kept {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

/// A served house that jobs may still be done in.
pub(crate) struct Demonstration {
    pub(crate) address: SocketAddr,
    pub(crate) house: House,
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

pub(crate) fn load(file: &str, scheme: &str) -> Job {
    Job::Load(LoadRequest {
        files: vec![data().join("vocabulary").join(file)],
        scheme: Some(scheme.to_owned()),
        release: Some("demo".to_owned()),
        licence: Some("https://opendatacommons.org/licenses/by/1-0/".to_owned()),
        authors: vec!["Getty Research Institute".to_owned()],
        ..LoadRequest::default()
    })
}

/// What an operator sets who wants to be found.
fn findable() -> Settings {
    Settings {
        name: "Museum Example".to_owned(),
        admin_email: "data@museum.example".to_owned(),
        metadata_rights: "http://creativecommons.org/publicdomain/zero/1.0/".to_owned(),
        ..Settings::default()
    }
}

fn vocabularies() -> Vec<Job> {
    vec![load("aat-excerpt.ttl", "aat"), load("europeana-excerpt.jsonld", "europeana"), load("europeana-aat.csv", "europeana-aat")]
}

fn work() -> Vec<Job> {
    let mirrors = vec![Mirror { prefix: "http://museum.example/pictures/".to_owned(), folder: data().join("pictures") }];
    let policy = std::fs::read_to_string(data().join("policy.toml")).unwrap();
    vec![
        Job::Ingest(Ingest { paths: vec![data().join("records")], data_set: Some("demonstration".to_owned()) }),
        Job::Model(ModelJob::Add { folder: data().join("tagger") }),
        Job::Tag(Tag { sources: PictureSources { mirrors, ..PictureSources::default() }, ..Tag::default() }),
        Job::Publish(Publish { policy: Some(Policy::from_toml(&policy, "policy.toml").unwrap()) }),
    ]
}

impl Demonstration {
    /// The vocabularies alone.
    pub(crate) async fn vocabularies() -> Self {
        Self::of(vocabularies()).await
    }

    /// Everything up to publication.
    pub(crate) async fn whole() -> Self {
        Self::of(vocabularies().into_iter().chain(work()).collect()).await
    }

    /// The same, by the clock on the wall.
    pub(crate) async fn whole_now() -> Self {
        Self::at(vocabularies().into_iter().chain(work()).collect(), Arc::new(SystemClock)).await
    }

    pub(crate) async fn of(jobs: Vec<Job>) -> Self {
        Self::at(jobs, Arc::new(FixedClock("2026-11-21T04:30:00Z".parse().unwrap()))).await
    }

    async fn at(jobs: Vec<Job>, clock: Arc<dyn Clock>) -> Self {
        let base = Base::new(BASE).unwrap();
        let store = Arc::new(Store::in_memory(&base, clock).unwrap());
        let mut settings = JobSettings::default();
        settings.model.runtime = RuntimeKind::Tract;
        let house = House { store: Arc::clone(&store), settings, waiting: tokio::runtime::Handle::current() };
        let pool = QueryPool::with_program(Arc::clone(&store), QuerySettings::default(), PathBuf::from(env!("CARGO_BIN_EXE_glossator")));
        let looker = Arc::new(Looker::new(house.clone()));
        let pages = Arc::new(Shown::new(house.clone(), looker, true));
        let app = Arc::new(App::new(store, pool, pages, Runtime::default(), findable()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { serve(listener, router(app), &findable(), std::future::pending()).await.unwrap() });
        let demonstration = Self { address, house };
        for job in jobs {
            assert!(!demonstration.run(job).await.partial);
        }
        demonstration
    }

    /// Does a job, as the socket would.
    pub(crate) async fn run(&self, job: Job) -> Report {
        let house = self.house.clone();
        tokio::task::spawn_blocking(move || house.run(&job, Listener { progress: &Silent, outlet: &Kept::default() }).unwrap())
            .await
            .unwrap()
    }

    /// The path of an IRI of ours.
    pub(crate) fn path(iri: &str) -> String {
        format!("/{}", iri.strip_prefix(BASE).unwrap_or_else(|| panic!("{iri} is not ours")))
    }
}
