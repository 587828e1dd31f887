//! Checking records against Europeana's rules, or somebody's own shapes: what files and archives hold, or what the store holds.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use super::{
    House, Listener, Report, validate_paths, validate_stored,
    validation_report::{ReportForm, Reporting},
};
use crate::{
    records::ReadSettings,
    telemetry::Clock,
    validation::{Checked, Checker, Settings, Shapes, Summary},
};

/// What to check, and by what.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Validate {
    /// Files, folders and archives; absolute. Where there are none, the records in the store.
    pub paths: Vec<PathBuf>,
    /// Only the store's records of this data set.
    pub data_set: Option<String>,
    /// Shapes in Turtle that take the place of Europeana's rules; absolute.
    pub shapes: Option<PathBuf>,
    /// In which form the report is put out.
    pub form: ReportForm,
}

/// What a validation of files needs: no store.
#[derive(Clone, Debug)]
pub struct ValidationBench {
    /// Reading records.
    pub records: ReadSettings,
    /// Reports.
    pub validation: Settings,
    /// A store's folder, where there is one: the report is kept there.
    pub folder: Option<PathBuf>,
}

impl ValidationBench {
    /// Checks what files and archives hold.
    pub fn validate(&self, job: &Validate, clock: &dyn Clock, listener: Listener<'_>) -> anyhow::Result<Report> {
        let checker = checker(job)?;
        let names: Vec<String> = job.paths.iter().map(|p| p.file_name().unwrap_or(p.as_os_str()).to_string_lossy().into_owned()).collect();
        let summary = summary(names.join(", "), job, clock);
        let reporting = Reporting::begin(summary, &self.validation, self.folder.as_deref(), job.form, listener)?;
        listener.progress.begin("validating records", None);
        timed(listener, |listener| validate_paths::run(self, &checker, &job.paths, reporting, listener))
    }
}

pub(super) fn run(house: &House, job: &Validate, listener: Listener<'_>) -> anyhow::Result<Report> {
    let store = &house.store;
    if !job.paths.is_empty() {
        let records = ReadSettings { relative_references: store.base().relative_references(), ..house.settings.records.clone() };
        let folder = Some(store.folder().to_path_buf());
        let bench = ValidationBench { records, validation: house.settings.validation.clone(), folder };
        return bench.validate(job, store.clock().as_ref(), listener);
    }
    let what = job.data_set.as_ref().map_or_else(|| "the store’s records".to_owned(), |set| format!("the data set {set}"));
    let summary = summary(what, job, store.clock().as_ref());
    let reporting = Reporting::begin(summary, &house.settings.validation, Some(store.folder()), job.form, listener)?;
    let checker = checker(job)?;
    listener.progress.begin("validating records", Some(store.index().len()?));
    timed(listener, |listener| validate_stored::run(house, &checker, job, reporting, listener))
}

fn summary(what: String, job: &Validate, clock: &dyn Clock) -> Summary {
    let shapes = job.shapes.as_ref().map_or_else(
        || "Europeana’s rules".to_owned(),
        |path| format!("the shapes in {}", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()),
    );
    Summary { at: clock.now().strftime("%Y-%m-%d %H:%M UTC").to_string(), what, shapes, ..Summary::default() }
}

fn checker(job: &Validate) -> anyhow::Result<Checker> {
    let own = match &job.shapes {
        Some(path) => Some(own_shapes(path)?),
        None => None,
    };
    Ok(Checker::new(own)?)
}

fn own_shapes(path: &Path) -> anyhow::Result<Shapes> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading the shapes {}", path.display()))?;
    let Ok(base) = url::Url::from_file_path(path) else { bail!("{} is no absolute path", path.display()) };
    Ok(Shapes::parse(&path.display().to_string(), &text, base.as_str())?)
}

/// Does the work, and says how fast it was.
fn timed(listener: Listener<'_>, work: impl FnOnce(Listener<'_>) -> anyhow::Result<Report>) -> anyhow::Result<Report> {
    let begun = Instant::now();
    let mut report = work(listener)?;
    let seconds = begun.elapsed().as_secs_f64();
    let records = report.figures.get("records").and_then(serde_json::Value::as_u64).unwrap_or_default();
    report.line(format!("{seconds:.1} s, {:.0} records a second", records as f64 / seconds.max(1e-3)));
    report.figure("seconds", seconds);
    Ok(report)
}

/// Checks some records on several threads; the results in the order of the records.
pub(super) fn in_parallel<T: Send>(threads: usize, items: Vec<T>, check: &(dyn Fn(T) -> Option<Checked> + Sync)) -> Vec<Checked> {
    let threads = match threads {
        0 => thread::available_parallelism().map_or(1, std::num::NonZero::get),
        set => set,
    };
    let waiting = Mutex::new(items.into_iter().enumerate());
    let mut all = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1))
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                        let Some((place, item)) = next else { return done };
                        done.extend(check(item).map(|checked| (place, checked)));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect::<Vec<(usize, Checked)>>()
    });
    all.sort_unstable_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, checked)| checked).collect()
}
