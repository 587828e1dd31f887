//! Reading records into the store: what is new or changed is put, what is unchanged is left alone, what is broken goes to quarantine.

use std::{ops::ControlFlow, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    House, Listener, Report,
    reading::{Manner, Reading},
};
use crate::records;

/// Which records to read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ingest {
    /// Files, folders and archives; absolute.
    pub paths: Vec<PathBuf>,
    /// The data set that they belong to; by default what the record says, else `default`.
    pub data_set: Option<String>,
}

pub(super) fn run(house: &House, job: &Ingest, listener: Listener<'_>) -> anyhow::Result<Report> {
    let mut reading = Reading::new(house, Manner { job: "ingest", data_set: job.data_set.clone(), ..Manner::default() });
    let mut failure = None;
    let settings =
        records::ReadSettings { relative_references: house.store.base().relative_references(), ..house.settings.records.clone() };
    listener.progress.begin("reading records", None);
    let summary = records::read_paths(&job.paths, &settings, &mut |taken| {
        listener.progress.advance(1);
        if let Err(error) = reading.take(taken) {
            failure = Some(error);
            return ControlFlow::Break(());
        }
        if listener.progress.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let summary = summary?;
    reading.commit()?;
    let mut report = reading.report()?;
    report.figure("stopped", summary.stopped);
    if summary.stopped {
        report.line("stopped before the end: run the same command again, and it goes on where there is something new");
    }
    Ok(report)
}
