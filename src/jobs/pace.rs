//! The pace of the stages: how long each was at work, how many bytes came and how, so that one sees which one the others wait for.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use serde_json::{Value, json};

use super::Report;
use crate::images::Way;

/// What is counted while the stages run: times of all threads of a stage together, in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Pace {
    fetching: AtomicU64,
    decoding: AtomicU64,
    computing: AtomicU64,
    writing: AtomicU64,
    bytes: AtomicU64,
    ways: Mutex<BTreeMap<Way, u64>>,
}

impl Pace {
    pub(super) fn fetching(&self) -> &AtomicU64 {
        &self.fetching
    }

    pub(super) fn decoding(&self) -> &AtomicU64 {
        &self.decoding
    }

    pub(super) fn computing(&self) -> &AtomicU64 {
        &self.computing
    }

    pub(super) fn writing(&self) -> &AtomicU64 {
        &self.writing
    }

    /// Does something, and counts how long it took for a stage.
    pub(super) fn timed<A>(&self, stage: impl Fn(&Self) -> &AtomicU64, act: impl FnOnce() -> A) -> A {
        let begun = Instant::now();
        let done = act();
        stage(self).fetch_add(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        done
    }

    /// A picture came, in this way and of so many bytes.
    pub(super) fn fetched(&self, way: Way, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        *self.ways.lock().unwrap_or_else(PoisonError::into_inner).entry(way).or_default() += 1;
    }

    /// Puts it into the report.
    pub(super) fn tell(&self, pictures: u64, report: &mut Report) {
        let seconds = |stage: &AtomicU64| stage.load(Ordering::Relaxed) as f64 / 1e9;
        let (decoding, computing) = (seconds(&self.decoding), seconds(&self.computing));
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let told: Vec<String> = ways.iter().map(|(way, count)| format!("{count} {}", way.as_str())).collect();
        if !told.is_empty() {
            report.line(format!("pictures came {}", told.join(", ")));
        }
        let bytes = self.bytes.load(Ordering::Relaxed);
        if pictures > 0 {
            report.line(format!(
                "fetching {:.1} s, decoding {decoding:.1} s ({:.1} pictures a second and thread), the network {computing:.1} s, writing {:.1} s; {} kB a picture",
                seconds(&self.fetching),
                pictures as f64 / decoding.max(1e-9),
                seconds(&self.writing),
                bytes / pictures / 1000
            ));
        }
        let ways: BTreeMap<&str, u64> = ways.iter().map(|(way, count)| (word(*way), *count)).collect();
        report.figure(
            "stages",
            json!({
                "fetching_seconds": seconds(&self.fetching),
                "decoding_seconds": decoding,
                "computing_seconds": computing,
                "writing_seconds": seconds(&self.writing),
                "bytes": bytes,
            }),
        );
        report.figure("came", serde_json::to_value(&ways).unwrap_or(Value::Null));
    }
}

fn word(way: Way) -> &'static str {
    match way {
        Way::File => "file",
        Way::Sized => "sized",
        Way::Thumbnail => "thumbnail",
        Way::Whole => "whole",
    }
}
