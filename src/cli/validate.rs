//! `glossator validate` over files: it needs no store, and leaves its report beside one where there is one.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;

use super::{
    bar::{self, Bar, Out},
    run::Bench,
};
use crate::{
    jobs::{Listener, ReportForm, Validate, ValidationBench},
    records::ReadSettings,
    telemetry::SystemClock,
};

pub(super) fn run(bench: &Bench, job: &Validate, output: Option<&Path>) -> anyhow::Result<u8> {
    let settings = &bench.settings;
    let records = ReadSettings { relative_references: settings.base()?.relative_references(), ..settings.records.clone() };
    let folder = settings.store.is_dir().then(|| settings.store.clone());
    let validation = ValidationBench { records, validation: settings.validation.clone(), folder };
    let progress = Bar::new(Arc::clone(&bench.stop));
    let outlet = Out::to(output).with_context(|| format!("making {}", output.unwrap_or(Path::new("")).display()))?;
    let report = validation.validate(job, &SystemClock, Listener { progress: &progress, outlet: &outlet });
    progress.clear();
    outlet.finish()?;
    let report = report?;
    bar::show(&report, bench.json, job.form != ReportForm::Text && output.is_none());
    Ok(report.exit_code())
}
