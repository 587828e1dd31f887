//! The models that the store keeps: bundles in folders of their own, checked when they come.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{House, Report};
use crate::{
    enrichment::TaggerCard,
    model::{Bundle, Device, Places, RuntimeChoice, Session},
};

/// Something about the models in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelJob {
    /// Take a bundle in, if it is what it says.
    Add {
        /// The bundle's folder; absolute.
        folder: PathBuf,
    },
    /// List them.
    List,
    /// Show one of them.
    Show {
        /// Its id, or id@version.
        id: String,
    },
    /// Let its golden sample speak.
    Check {
        /// Its id, or id@version.
        id: String,
    },
    /// Take it out. What it said stays, as `retract` takes that back.
    Remove {
        /// Its id, or id@version.
        id: String,
    },
}

/// A bundle in the store.
#[derive(Clone, Debug)]
pub struct InstalledModel {
    /// The opened bundle.
    pub bundle: Bundle,
    /// Where it lies.
    pub folder: PathBuf,
}

pub(super) fn run(house: &House, job: &ModelJob) -> anyhow::Result<Report> {
    match job {
        ModelJob::Add { folder } => add(house, folder),
        ModelJob::List => list(house),
        ModelJob::Show { id } => show(house, id),
        ModelJob::Check { id } => {
            let model = house.model(Some(id))?;
            let mut report = Report::default();
            check(house, &model.bundle, &mut report)?;
            Ok(report)
        }
        ModelJob::Remove { id } => {
            let model = house.model(Some(id))?;
            std::fs::remove_dir_all(&model.folder).with_context(|| format!("removing {}", model.folder.display()))?;
            let mut report = Report::default();
            report.line(format!(
                "{} {} is no longer in the store; what it said stays until its runs are retracted",
                model.bundle.id(),
                model.bundle.version()
            ));
            report.figure("removed", format!("{}@{}", model.bundle.id(), model.bundle.version()));
            Ok(report)
        }
    }
}

impl House {
    fn models_folder(&self) -> PathBuf {
        self.store.folder().join("models")
    }

    /// Every bundle in the store, by id and version. One that cannot be opened is a warning, not the end.
    pub fn models(&self) -> anyhow::Result<Vec<InstalledModel>> {
        let mut found = Vec::new();
        let folder = self.models_folder();
        if !folder.exists() {
            return Ok(found);
        }
        for entry in walkdir::WalkDir::new(&folder).min_depth(2).max_depth(2).sort_by_file_name() {
            let entry = entry?;
            match Bundle::open(entry.path()) {
                Ok(bundle) => found.push(InstalledModel { bundle, folder: entry.path().to_path_buf() }),
                Err(error) => tracing::warn!(folder = %entry.path().display(), %error, "a model cannot be opened"),
            }
        }
        Ok(found)
    }

    /// The model with this id (or id@version); without one, the only model there is. Of several versions, the last by name.
    pub fn model(&self, id: Option<&str>) -> anyhow::Result<InstalledModel> {
        let mut models = self.models()?;
        let Some(id) = id else {
            return match models.len() {
                0 => bail!("the store has no model yet: `glossator model add FOLDER` takes one in"),
                1 => Ok(models.remove(0)),
                _ => bail!("the store has several models: say which with --tagger ({})", names(&models)),
            };
        };
        let fits = |m: &InstalledModel| m.bundle.id() == id || format!("{}@{}", m.bundle.id(), m.bundle.version()) == id;
        let known = names(&models);
        match models.into_iter().rfind(fits) {
            Some(model) => Ok(model),
            None if known.is_empty() => bail!("the store has no model yet: `glossator model add FOLDER` takes one in"),
            None => bail!("the store has no model `{id}`; it has {known}"),
        }
    }

    /// Finds the runtime and opens the bundle on a device.
    pub fn session(&self, bundle: &Bundle, device: Option<Device>) -> anyhow::Result<Session> {
        let settings = &self.settings.model;
        let runtime = RuntimeChoice::find(settings, &Places::of_this_process())?;
        Ok(Session::open(bundle, &runtime, device.unwrap_or(settings.device))?)
    }
}

/// A bundle as the provenance tells of it.
pub(super) fn card(bundle: &Bundle) -> TaggerCard {
    let manifest = bundle.manifest();
    TaggerCard {
        id: bundle.id().to_owned(),
        version: bundle.version().to_owned(),
        title: if manifest.title.is_empty() { bundle.id().to_owned() } else { manifest.title.clone() },
        status: bundle.status().as_str().to_owned(),
        licence: manifest.licence.clone(),
        model_checksum: bundle.checksum(),
        settings_digest: bundle.digest().to_owned(),
        calibrated_on: bundle
            .heads()
            .iter()
            .filter_map(|h| h.calibration.as_ref().map(|c| (h.facet.clone(), c.fitted_on().to_owned())))
            .collect(),
    }
}

fn names(models: &[InstalledModel]) -> String {
    models.iter().map(|m| format!("{}@{}", m.bundle.id(), m.bundle.version())).collect::<Vec<_>>().join(", ")
}

fn add(house: &House, folder: &Path) -> anyhow::Result<Report> {
    let bundle = Bundle::open(folder)?;
    let mut report = Report::default();
    check(house, &bundle, &mut report)?;
    let target =
        house.models_folder().join(crate::rdf::iri::encode_segment(bundle.id())).join(crate::rdf::iri::encode_segment(bundle.version()));
    if target.exists() {
        if Bundle::open(&target).is_ok_and(|b| b.checksum() == bundle.checksum() && b.digest() == bundle.digest()) {
            report.line("this very bundle is in the store already");
            report.figure("unchanged", true);
            return Ok(report);
        }
        bail!("{}@{} is in the store already, with other content: a changed model is a new version", bundle.id(), bundle.version());
    }
    let parent = target.parent().unwrap_or(&target);
    std::fs::create_dir_all(parent).with_context(|| format!("making the folder {}", parent.display()))?;
    // Beside its place first, so that a killed copy is never taken for a model.
    let scratch = tempfile::Builder::new().prefix(".coming-").tempdir_in(house.models_folder())?;
    copy_folder(folder, scratch.path())?;
    std::fs::rename(scratch.path(), &target).with_context(|| format!("moving the bundle to {}", target.display()))?;
    let _moved = scratch.keep();
    report.line(format!(
        "{} {} is in the store ({}, {})",
        bundle.id(),
        bundle.version(),
        bundle.status().as_str(),
        bundle.manifest().licence
    ));
    report.figure("model", bundle.id());
    report.figure("version", bundle.version());
    report.figure("unchanged", false);
    Ok(report)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in walkdir::WalkDir::new(from).min_depth(1).follow_links(false) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)?;
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), &target).with_context(|| format!("copying {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// Lets the golden sample speak; a bundle that does not give its own scores is refused, with the difference shown.
fn check(house: &House, bundle: &Bundle, report: &mut Report) -> anyhow::Result<()> {
    let mut session = house.session(bundle, None)?;
    let checked = bundle.check(&mut session)?;
    report.figure("runtime", checked.provided.runtime.as_str());
    report.figure("provider", checked.provided.provider.as_str());
    report.figure("worst_difference", checked.worst());
    report.figure("passed", checked.passed());
    for note in &checked.notes {
        report.line(note.clone());
    }
    if !checked.passed() {
        let shown: Vec<String> = checked
            .differences
            .iter()
            .filter(|d| d.size() > checked.tolerance)
            .take(10)
            .map(|d| format!("  {} {} ({}): {:.5} instead of {:.5}", d.facet, d.index, d.label, d.found, d.expected))
            .collect();
        bail!(
            "{} {} does not give the scores of its golden sample (tolerance {}):\n{}\nIs the preprocessing the one that it was trained with, are the labels in its order, is the file whole?",
            bundle.id(),
            bundle.version(),
            checked.tolerance,
            shown.join("\n")
        );
    }
    report.line(format!(
        "golden sample: worst difference {:.6} of {} allowed, on {} ({})",
        checked.worst(),
        checked.tolerance,
        checked.provided.runtime,
        checked.provided.provider
    ));
    Ok(())
}

fn list(house: &House) -> anyhow::Result<Report> {
    let models = house.models()?;
    let mut report = Report::default();
    if models.is_empty() {
        report.line("no model yet: `glossator model add FOLDER` takes one in");
    }
    let mut rows = Vec::new();
    for model in &models {
        let bundle = &model.bundle;
        let facets: Vec<String> = bundle.heads().iter().map(|h| format!("{} ({})", h.facet, h.labels.len())).collect();
        report.line(format!(
            "{}@{}  {}  {}  {}",
            bundle.id(),
            bundle.version(),
            bundle.status().as_str(),
            facets.join(", "),
            bundle.manifest().licence
        ));
        rows.push(json!({ "id": bundle.id(), "version": bundle.version(), "status": bundle.status().as_str(), "facets": facets }));
    }
    report.figure("models", rows);
    Ok(report)
}

fn show(house: &House, id: &str) -> anyhow::Result<Report> {
    let model = house.model(Some(id))?;
    let (bundle, manifest) = (&model.bundle, model.bundle.manifest());
    let mut report = Report::default();
    report.line(format!("{} {} — {}", bundle.id(), bundle.version(), manifest.title));
    report.line(format!("status {}, licence {}, network sha256 {}", bundle.status().as_str(), manifest.licence, bundle.checksum()));
    for head in bundle.heads() {
        let mapped = head.labels.iter().filter(|l| l.iri.is_some()).count();
        let calibrated = head
            .calibration
            .as_ref()
            .map_or("not calibrated: it gives scores, not confidence".to_owned(), |c| format!("calibrated on {}", c.fitted_on()));
        report.line(format!("facet {}: {} labels, {mapped} of them with a concept; {calibrated}", head.facet, head.labels.len()));
    }
    for limit in manifest.provenance.limits.all() {
        report.line(format!("limits: {limit}"));
    }
    if let Some(card) = bundle.card()? {
        report.line(String::new());
        report.lines.extend(card.lines().map(str::to_owned));
    }
    report.figure("id", bundle.id());
    report.figure("version", bundle.version());
    report.figure("checksum", bundle.checksum());
    report.figure("status", bundle.status().as_str());
    Ok(report)
}
