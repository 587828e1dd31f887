//! The models that the store keeps: bundles in folders of their own, checked when they come.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    House, Listener, Report,
    model_add::BundleSource,
    opened::{InstalledEnsemble, Prompts, golden_vectors},
};
use crate::{
    enrichment::TaggerCard,
    model::{Bundle, Checksums, Device, Golden, OnnxFile, Places, Remote, RuntimeChoice, Session, TensorInfo},
    net,
    rdf::iri::encode_segment,
    tagging::ENSEMBLE,
};

/// Something about the models in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelJob {
    /// Take a bundle or an ensemble in, if it is what it says.
    Add {
        /// The folder, or an archive of it; absolute.
        folder: PathBuf,
    },
    /// Fetch one, and take it in.
    Fetch {
        /// Its address, or `owner/name@revision` at the hub.
        from: String,
        /// The SHA-256 of what an address gives.
        sha256: Option<String>,
        /// A manifest of one's own; absolute. Its folder is laid over what comes from the hub.
        manifest: Option<PathBuf>,
    },
    /// Compare it with its members on pictures with their concepts.
    Compare {
        /// Its id, or id@version.
        id: String,
        /// The list: picture, facet, concept; absolute.
        gold: PathBuf,
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
        /// Whether the sample is to speak alone, whatever the checksums say.
        #[serde(default)]
        ignore_checksums: bool,
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

pub(super) fn run(house: &House, job: &ModelJob, listener: Listener<'_>) -> anyhow::Result<Report> {
    match job {
        ModelJob::Add { folder } => super::model_add::add(house, folder, listener),
        ModelJob::Fetch { from, sha256, manifest } => {
            let wanted = BundleSource { from, sha256: sha256.as_deref(), manifest: manifest.as_deref() };
            super::model_add::fetch(house, &wanted, listener)
        }
        ModelJob::Compare { id, gold } => super::model_compare::run(house, id, gold, listener),
        ModelJob::List => list(house),
        ModelJob::Show { id } => show(house, id),
        ModelJob::Check { id, ignore_checksums } => check(house, id, *ignore_checksums, listener),
        ModelJob::Remove { id } => remove(house, id),
    }
}

fn check(house: &House, id: &str, ignore_checksums: bool, listener: Listener<'_>) -> anyhow::Result<Report> {
    let mut report = Report::default();
    if let Some(ensemble) = house.ensemble(Some(id))? {
        for member in &ensemble.spec.members {
            report.lines.extend(check(house, &member.tagger, ignore_checksums, listener)?.lines);
        }
        let opened = house.open_tagger(Some(id), None, &Prompts::new(), listener.progress)?;
        report.line(format!("{} {}: {} members go together", opened.card.id, opened.card.version, opened.members.len()));
        report.figure("passed", true);
        return Ok(report);
    }
    let checksums = if ignore_checksums { Checksums::Ignored } else { Checksums::Compared };
    let bundle = house.installed(id, checksums)?;
    check_bundle(house, &bundle, &mut report, listener)?;
    Ok(report)
}

fn remove(house: &House, id: &str) -> anyhow::Result<Report> {
    let (name, version, folder) = if let Some(ensemble) = house.ensemble(Some(id))? {
        (ensemble.spec.id, ensemble.spec.version, ensemble.folder)
    } else {
        let model = house.model(Some(id))?;
        let own = format!("{}@{}", model.bundle.id(), model.bundle.version());
        for ensemble in house.ensembles()? {
            if ensemble.spec.members.iter().any(|m| m.tagger == own || m.tagger == model.bundle.id()) {
                bail!("`{own}` is a member of the ensemble `{}@{}`: remove that first", ensemble.spec.id, ensemble.spec.version);
            }
        }
        (model.bundle.id().to_owned(), model.bundle.version().to_owned(), model.folder)
    };
    std::fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    let mut report = Report::default();
    report.line(format!("{name} {version} is no longer in the store; what it said stays until its runs are retracted"));
    report.figure("removed", format!("{name}@{version}"));
    Ok(report)
}

impl House {
    pub(super) fn models_folder(&self) -> PathBuf {
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
            if entry.path().join(ENSEMBLE).is_file()
                || entry.path().components().any(|c| c.as_os_str().to_string_lossy().starts_with(".coming-"))
            {
                continue;
            }
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

    /// The bundle with this id, opened whether or not its checksums agree.
    fn installed(&self, id: &str, checksums: Checksums) -> anyhow::Result<Bundle> {
        if checksums == Checksums::Compared && self.models()?.iter().any(|m| m.bundle.id() == id) {
            return Ok(self.model(Some(id))?.bundle);
        }
        let (name, version) = id.split_once('@').map_or((id, None), |(name, version)| (name, Some(version)));
        let folder = self.models_folder().join(encode_segment(name));
        let newest =
            || walkdir::WalkDir::new(&folder).min_depth(1).max_depth(1).sort_by_file_name().into_iter().filter_map(Result::ok).last();
        let folder = match version {
            Some(version) => folder.join(encode_segment(version)),
            None => newest().map_or(folder.clone(), walkdir::DirEntry::into_path),
        };
        if !folder.join("bundle.toml").is_file() {
            return Ok(self.model(Some(id))?.bundle);
        }
        Ok(Bundle::open_with(&folder, checksums)?)
    }

    /// Finds the runtime: a server where one is set, else a library here.
    pub(super) fn runtime(&self) -> anyhow::Result<RuntimeChoice> {
        let settings = &self.settings.model;
        let Some(base) = &settings.remote else { return Ok(RuntimeChoice::find(settings, &Places::of_this_process())?) };
        // The operator named this server: it may well stand in a private network, and pictures are sent to it as fast as it takes them.
        let net = net::Settings { allow_private: true, delay_per_host_ms: 0, ..self.settings.net.clone() };
        Ok(RuntimeChoice::at_server(settings, Remote::new(net::Client::new(net)?, self.waiting.clone(), base)))
    }

    /// Finds the runtime and opens the bundle on a device.
    pub fn session(&self, bundle: &Bundle, device: Option<Device>) -> anyhow::Result<Session> {
        Ok(Session::open(bundle, &self.runtime()?, device.unwrap_or(self.settings.model.device))?)
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

pub(super) fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
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
pub(super) fn check_bundle(house: &House, bundle: &Bundle, report: &mut Report, listener: Listener<'_>) -> anyhow::Result<()> {
    listener.progress.begin(&format!("checking {}", bundle.id()), None);
    // A zero-shot head is tried on the labels of the sample, so that no vocabulary is needed.
    let mut joined = bundle.clone();
    let candidates = bundle.golden_candidates()?;
    if !candidates.is_empty() {
        let mut encoder = house.text_encoder(bundle, None)?;
        for (facet, candidates) in candidates {
            let vectors = golden_vectors(&mut encoder, &candidates, bundle, &facet)?;
            joined = joined.with_texts(&facet, &candidates, vectors);
        }
    }
    let bundle = &joined;
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
            .chain(checked.notes.iter().take(10).map(|note| format!("  {note}")))
            .collect();
        bail!(
            "{} {} does not give the scores of its golden sample (tolerance {}):\n{}\nIs the preprocessing the one that it was trained with, are the labels in its order, is the file whole?",
            bundle.id(),
            bundle.version(),
            checked.tolerance,
            shown.join("\n")
        );
    }
    if checked.golden == Golden::Missing {
        report.line("warning: there is no golden sample, so nobody can tell whether the preprocessing is right");
        return Ok(());
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
    for InstalledEnsemble { spec, .. } in &house.ensembles()? {
        let facets: Vec<&str> = spec.facets.iter().map(|f| f.facet.as_str()).collect();
        let members: Vec<&str> = spec.members.iter().map(|m| m.tagger.as_str()).collect();
        let (status, together) = (spec.status.as_str(), members.join(" + "));
        report.line(format!("{}@{}  ensemble  {status}  {} of {together}  {}", spec.id, spec.version, facets.join(", "), spec.licence));
        rows.push(
            json!({ "id": spec.id, "version": spec.version, "task": "ensemble", "status": status, "facets": facets, "members": members }),
        );
    }
    for model in &models {
        let bundle = &model.bundle;
        let facets: Vec<String> = bundle.heads().iter().map(|h| format!("{} ({})", h.facet, h.labels.len())).collect();
        report.line(format!(
            "{}@{}  {}  {}  {}  {}",
            bundle.id(),
            bundle.version(),
            bundle.manifest().task.as_str(),
            bundle.status().as_str(),
            facets.join(", "),
            bundle.manifest().licence
        ));
        rows.push(json!({ "id": bundle.id(), "version": bundle.version(), "task": bundle.manifest().task.as_str(), "status": bundle.status().as_str(), "facets": facets }));
    }
    report.figure("models", rows);
    Ok(report)
}

fn show_ensemble(ensemble: &InstalledEnsemble) -> anyhow::Result<Report> {
    let spec = &ensemble.spec;
    let mut report = Report::default();
    report.line(format!("{} {} — {}: an ensemble", spec.id, spec.version, spec.title));
    report.line(format!("status {}, licence {}", spec.status.as_str(), spec.licence));
    for facet in &spec.facets {
        let weights: Vec<String> = spec.members.iter().map(|m| format!("{} × {}", m.weight(&facet.facet), m.tagger)).collect();
        report.line(format!("facet {}: {}", facet.facet, weights.join(" + ")));
    }
    if let Some(card) = &spec.card {
        report.lines.extend(std::fs::read_to_string(ensemble.folder.join(card))?.lines().map(str::to_owned));
    }
    report.figure("id", spec.id.as_str());
    report.figure("version", spec.version.as_str());
    report.figure("status", spec.status.as_str());
    Ok(report)
}

fn show(house: &House, id: &str) -> anyhow::Result<Report> {
    if let Some(ensemble) = house.ensemble(Some(id))? {
        return show_ensemble(&ensemble);
    }
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
    if let Some(embedding) = &manifest.embedding {
        report.line(format!("a vector of each picture, from the output `{}`", embedding.output));
    }
    if let Some(caption) = &manifest.caption {
        report.line(format!("facet {}: sentences in `{}`, published only where a person accepts them", caption.facet, caption.language));
    }
    // The network's own shape, in the words of the Open Inference Protocol.
    let network = OnnxFile::read(bundle.network())?;
    let tensors =
        |all: &[TensorInfo]| all.iter().map(|t| json!({ "name": t.name, "datatype": t.datatype(), "shape": t.dims })).collect::<Vec<_>>();
    for (word, all) in [("takes", &network.inputs), ("gives", &network.outputs)] {
        let told: Vec<String> = all.iter().map(|t| format!("{} {} {:?}", t.name, t.datatype(), t.dims)).collect();
        report.line(format!("{word} {}", told.join(", ")));
    }
    report.figure("inputs", tensors(&network.inputs));
    report.figure("outputs", tensors(&network.outputs));
    report.figure("task", manifest.task.as_str());
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
