//! Harvesting as an operator sees it: sources on this machine, good and bad, and what stands in the store afterwards.

#![expect(clippy::print_stderr, reason = "what was skipped or measured is told")]

#[path = "harvest/archive.rs"]
mod archive;
#[path = "harvest/chain.rs"]
mod chain;
#[path = "harvest/europeana.rs"]
mod europeana;
#[path = "harvest/iiif.rs"]
mod iiif;
#[path = "harvest/large.rs"]
mod large;
#[path = "harvest/oai.rs"]
mod oai;
#[path = "harvest/ourselves.rs"]
mod ourselves;
#[path = "harvest/provider.rs"]
mod provider;
#[path = "harvest/table.rs"]
mod table;
#[path = "harvest/turns.rs"]
mod turns;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use glossator::{
    jobs::{FromOai, Harvest, HarvestFrom, House, Job, Listener, Outlet, Report, Settings},
    rdf::{Base, RecordKey, canonical::canonical},
    store::{Listing, Store},
    telemetry::{Clock, Progress, Silent},
};
use jiff::{SignedDuration, Timestamp};
use oxigraph::model::NamedNode;

/// A clock that goes on a second each time that somebody looks at it.
#[derive(Debug)]
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-21T04:30:00Z".parse().unwrap();
        start + SignedDuration::from_secs(self.0.fetch_add(1, Ordering::SeqCst).cast_signed())
    }
}

struct Unheard;

impl Outlet for Unheard {
    fn write(&self, _bytes: &[u8]) -> std::io::Result<()> {
        Ok(())
    }
}

/// Somebody who presses Ctrl-C after so many records.
struct Impatient {
    left: AtomicUsize,
}

impl Progress for Impatient {
    fn begin(&self, _stage: &str, _total: Option<u64>) {}
    fn advance(&self, units: u64) {
        // What an earlier run listed is told in one piece.
        if units == 1 {
            let _ = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(1)));
        }
    }
    fn say(&self, _line: &str) {}
    fn stopped(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }
}

/// A store that harvests.
struct Place {
    house: House,
    _waiting: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Self {
        let base = Base::new("https://enrich.example/").unwrap();
        let store = Store::in_memory(&base, Arc::new(Ticking(AtomicU64::new(0)))).unwrap();
        let waiting = tokio::runtime::Runtime::new().unwrap();
        let mut settings = Settings::default();
        settings.net.delay_per_host_ms = 0;
        settings.harvest.retries = 4;
        Self { house: House { store: Arc::new(store), settings, waiting: waiting.handle().clone() }, _waiting: waiting }
    }

    fn run(&self, job: &Job) -> Report {
        self.house.run(job, Listener { progress: &Silent, outlet: &Unheard }).unwrap()
    }

    /// The job, stopped after so many records were listed.
    fn run_a_while(&self, job: &Job, records: usize) -> Report {
        let progress = Impatient { left: AtomicUsize::new(records) };
        self.house.run(job, Listener { progress: &progress, outlet: &Unheard }).unwrap()
    }

    /// The CHOs, and what their providers say, in canonical form.
    fn graphs(&self) -> BTreeMap<String, String> {
        let listed = self.house.store.index().page(Listing::ByKey, None, usize::MAX).unwrap();
        let graph = |key: &RecordKey| self.house.store.base().source_graph(key);
        listed.into_iter().map(|l| (l.cho, canonical(&self.house.store.triples(&graph(&l.key)).unwrap()).unwrap())).collect()
    }

    fn chos(&self) -> Vec<String> {
        self.graphs().into_keys().collect()
    }

    fn key(cho: &str) -> RecordKey {
        RecordKey::of(NamedNode::new(cho).unwrap().as_ref())
    }

    /// When harvesters of ours were told that a record changed.
    fn stamp(&self, cho: &str) -> Timestamp {
        self.house.store.index().stamped(&Self::key(cho)).unwrap().unwrap().datestamp
    }

    fn is_gone(&self, cho: &str) -> bool {
        self.house.store.index().stamped(&Self::key(cho)).unwrap().is_some_and(|s| s.gone)
    }
}

fn harvest(from: HarvestFrom) -> Harvest {
    Harvest { from, data_set: None, full: false, allow_private: true, accept_deletions: false, take_over: false }
}

fn oai(url: &str) -> FromOai {
    FromOai { url: url.to_owned(), prefix: "edm".to_owned(), set: None, from: None, until: None, each: false }
}

fn figure(report: &Report, name: &str) -> u64 {
    report.figures.get(name).and_then(serde_json::Value::as_u64).unwrap_or_else(|| panic!("no figure {name} in {:?}", report.figures))
}

/// New, changed, unchanged, deleted, rejected.
fn figures(report: &Report) -> [u64; 5] {
    ["new", "changed", "unchanged", "deleted", "rejected"]
        .map(|name| if report.figures.contains_key(name) { figure(report, name) } else { 0 })
}

/// Real data beside the repository: the folder in `GLOSSATOR_SHARED`, else `../shared`.
fn shared(path: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    // The folder may be that of the data, or the one above it.
    let found = [folder.join(path), folder.join("data").join(path), folder.join("..").join(path)].into_iter().find(|p| p.exists());
    if found.is_none() {
        eprintln!("skipped: there is no {path} in {}", folder.display());
    }
    found
}
