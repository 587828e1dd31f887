//! While a store is served: a long harvest lends its turn to what a person waits for.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use glossator::{
    jobs::{HarvestFrom, Job, Listener, Publish, SocketServer, hand_over},
    telemetry::Progress,
};

use super::{Place, Unheard, figure, harvest, oai, provider::Provider};

/// How far a harvest is, for whoever waits beside it.
#[derive(Default)]
struct Watched {
    listed: AtomicU64,
    over: AtomicBool,
    told: std::sync::Mutex<Vec<String>>,
}

impl Progress for Watched {
    fn begin(&self, _stage: &str, _total: Option<u64>) {}
    fn advance(&self, units: u64) {
        self.listed.fetch_add(units, Ordering::SeqCst);
    }
    fn say(&self, line: &str) {
        self.told.lock().unwrap().push(line.to_owned());
    }
    fn stopped(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

#[test]
fn a_publication_does_not_wait_for_the_end_of_a_harvest() {
    const ALL: usize = 2_000;
    let provider = Provider::new();
    provider.with(|i| (i.made, i.page) = (ALL, 20));
    let place = Place::new();
    let folder = place.house.store.folder().to_path_buf();
    let _socket = SocketServer::start(place.house.clone()).unwrap();
    let (harvesting, publishing) = (Watched::default(), Watched::default());
    let report = thread::scope(|scope| {
        let harvest = scope.spawn(|| {
            let job = Job::Harvest(harvest(HarvestFrom::Oai(oai(&provider.url()))));
            hand_over(&folder, &job, Listener { progress: &harvesting, outlet: &Unheard }).unwrap().unwrap()
        });
        let begun = Instant::now();
        while harvesting.listed.load(Ordering::SeqCst) == 0 && begun.elapsed() < Duration::from_mins(1) {
            thread::sleep(Duration::from_millis(5));
        }
        let listener = Listener { progress: &publishing, outlet: &Unheard };
        hand_over(&folder, &Job::Publish(Publish { policy: None }), listener).unwrap().unwrap();
        assert!((harvesting.listed.load(Ordering::SeqCst) as usize) < ALL, "it waited for the harvest's end");
        harvest.join().unwrap()
    });
    // It was told that it waits, and the harvest is whole all the same.
    assert!(publishing.told.lock().unwrap().iter().any(|line| line.contains("between two of its steps")));
    assert_eq!(figure(&report, "new"), ALL as u64);
    assert_eq!(place.chos().len(), ALL);
}
