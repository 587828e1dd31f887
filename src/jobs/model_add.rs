//! Taking a bundle in: from a folder, an archive, an address or a hub. It is checked before it is kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::{House, Listener, Report, models::check_bundle, stopped::until_stopped};
use crate::{
    model::{Bundle, Checksums, UnpackLimits, unpack},
    net::{Client, Download, NetError, Wanted},
    rdf::iri::encode_segment,
    tagging::{ENSEMBLE, EnsembleSpec},
};

/// The files that hubs ship beside a network: what is there is taken.
const BESIDE: [&str; 3] = ["preprocessor_config.json", "config.json", "open_clip_config.json"];

/// Where a bundle comes from, and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct BundleSource<'w> {
    /// An address, or `owner/name@revision` at the hub.
    pub from: &'w str,
    /// The SHA-256 of what an address gives.
    pub sha256: Option<&'w str>,
    /// A manifest of one's own; its folder is laid over what comes.
    pub manifest: Option<&'w Path>,
}

/// Takes in a folder, or an archive that is a file here.
pub(super) fn add(house: &House, from: &Path, listener: Listener<'_>) -> anyhow::Result<Report> {
    let scratch = scratch(house)?;
    let folder = if from.is_file() { unpack(from, scratch.path(), limits(house))? } else { from.to_owned() };
    if folder.join(ENSEMBLE).is_file() {
        return add_ensemble(house, &folder);
    }
    add_folder(house, &folder, listener)
}

/// Fetches a bundle, and takes it in.
pub(super) fn fetch(house: &House, wanted: &BundleSource<'_>, listener: Listener<'_>) -> anyhow::Result<Report> {
    let scratch = scratch(house)?;
    let client = Client::new(house.settings.net.clone())?;
    let fetching = Fetching { house, client, listener };
    let folder = if wanted.from.starts_with("http://") || wanted.from.starts_with("https://") {
        // What has come so far outlives this command, so that the next one goes on with it.
        let coming = house.models_folder().join(format!(".coming-{}", &crate::rdf::mint::digest([wanted.from])[..16]));
        fs::create_dir_all(&coming).with_context(|| format!("making the folder {}", coming.display()))?;
        let archive = coming.join("bundle.archive");
        let sum = fetching.download(wanted.from, &archive, wanted.sha256)?;
        listener.progress.say(&format!("fetched {}, sha256 {sum}", wanted.from));
        let unpacked = unpack(&archive, scratch.path(), limits(house));
        fs::remove_dir_all(&coming).with_context(|| format!("removing {}", coming.display()))?;
        unpacked?
    } else {
        fetching.hub(wanted, scratch.path())?
    };
    if folder.join(ENSEMBLE).is_file() {
        return add_ensemble(house, &folder);
    }
    add_folder(house, &folder, listener)
}

fn scratch(house: &House) -> anyhow::Result<tempfile::TempDir> {
    let folder = house.models_folder();
    fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
    Ok(tempfile::Builder::new().prefix(".coming-").tempdir_in(folder)?)
}

fn limits(house: &House) -> UnpackLimits {
    UnpackLimits { bytes: house.settings.model.max_download_mib.saturating_mul(1 << 20), ..UnpackLimits::default() }
}

/// A repository at the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Repository {
    name: String,
    revision: String,
}

impl Repository {
    /// Reads `owner/name@revision`; `main` where no revision is said.
    fn parse(text: &str) -> Option<Self> {
        let (name, revision) = text.split_once('@').unwrap_or((text, "main"));
        let plain = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) && part != ".." && part != "."
        };
        let (owner, rest) = name.split_once('/')?;
        let fits = plain(owner) && plain(rest) && !revision.is_empty() && revision.split('/').all(plain);
        fits.then(|| Self { name: name.to_owned(), revision: revision.to_owned() })
    }

    /// The address of one of its files.
    fn address(&self, hub: &str, path: &str) -> String {
        let path: Vec<String> = path.split('/').map(encode_segment).collect();
        format!("{}/{}/resolve/{}/{}", hub.trim_end_matches('/'), self.name, encode_segment(&self.revision), path.join("/"))
    }
}

struct Fetching<'f> {
    house: &'f House,
    client: Client,
    listener: Listener<'f>,
}

impl Fetching<'_> {
    /// Downloads a file; its checksum.
    fn download(&self, url: &str, to: &Path, sha256: Option<&str>) -> Result<String, NetError> {
        let max_bytes = self.house.settings.model.max_download_mib.saturating_mul(1 << 20);
        let wanted = Wanted { url, into: to, max_bytes, known: None, sha256 };
        let progress = self.listener.progress;
        let mut begun = false;
        let mut told = |bytes, whole| {
            if !std::mem::replace(&mut begun, true) {
                progress.begin(&format!("fetching {url} (bytes)"), whole);
            }
            progress.advance(bytes);
        };
        self.house.waiting.block_on(async {
            tokio::select! {
                done = self.client.download(wanted, &mut told) => match done? {
                    Download::Whole { sha256, .. } => Ok(sha256),
                    // Nothing was said to be here already, so no host may say that it is.
                    Download::Unchanged => Err(NetError::Connection { url: url.to_owned(), reason: "it answers that nothing changed".to_owned() }),
                },
                () = until_stopped(progress) => Err(NetError::Stopped { url: url.to_owned() }),
            }
        })
    }

    /// Fetches what a manifest names from a hub: its own there, or one of ours, whose folder is laid over it.
    fn hub(&self, wanted: &BundleSource<'_>, into: &Path) -> anyhow::Result<PathBuf> {
        let Some(repository) = Repository::parse(wanted.from) else {
            bail!("`{}` is no folder, archive or address, and no `owner/name@revision` of a hub", wanted.from);
        };
        let Some(hub) = &self.house.settings.model.hub else {
            bail!("`{}` is a name at a hub, and none is set: put its address into `model.hub`", wanted.from);
        };
        if let Some(manifest) = wanted.manifest {
            let beside = manifest.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            super::models::copy_folder(beside, into)?;
            fs::copy(manifest, into.join("bundle.toml")).with_context(|| format!("copying {}", manifest.display()))?;
        } else {
            self.download(&repository.address(hub, "bundle.toml"), &into.join("bundle.toml"), None).with_context(|| {
                format!("{} has no bundle.toml: write one (README, “Taggers”) and name it with --manifest", wanted.from)
            })?;
        }
        for name in BESIDE {
            if !into.join(name).exists() {
                match self.download(&repository.address(hub, name), &into.join(name), None) {
                    Ok(_) | Err(NetError::Status { status: 404 | 410, .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let text = fs::read_to_string(into.join("bundle.toml"))?;
        let manifest: toml::Table = toml::from_str(&text).with_context(|| format!("the manifest for {}", wanted.from))?;
        for file in files(&manifest) {
            let to = into.join(&file.name);
            if !to.starts_with(into) || file.name.split('/').any(|part| part == "..") || Path::new(&file.name).is_absolute() {
                bail!("`{}` leads out of the bundle", file.name);
            }
            if !to.exists() {
                if let Some(folder) = to.parent() {
                    fs::create_dir_all(folder)?;
                }
                self.download(&repository.address(hub, &file.path), &to, file.sha256.as_deref())?;
            }
        }
        Ok(into.to_owned())
    }
}

/// A file that a manifest names, and where it stands at the hub.
struct Named {
    name: String,
    path: String,
    sha256: Option<String>,
}

/// The files that a manifest names, before it is known to make sense.
fn files(manifest: &toml::Table) -> Vec<Named> {
    let mut all = Vec::new();
    let mut add = |table: &toml::Value, name: &str, sum: &str| {
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        if let Some(file) = text(name) {
            let path = text("path").filter(|_| name == "file").unwrap_or_else(|| file.clone());
            all.push(Named { name: file, path, sha256: text(sum) });
        }
    };
    let tables = |key: &str| match manifest.get(key) {
        Some(toml::Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    for table in ["source", "network", "text", "caption"].into_iter().flat_map(tables) {
        add(&table, "file", "sha256");
        add(&table, "tokenizer", "tokenizer_sha256");
    }
    for table in tables("head") {
        for name in ["labels", "groups", "parents"] {
            add(&table, name, "");
        }
    }
    for table in tables("golden") {
        add(&table, "picture", "");
        add(&table, "scores", "");
    }
    add(&toml::Value::Table(manifest.clone()), "card", "");
    all
}

/// Checks a bundle's folder, and takes a copy.
fn add_folder(house: &House, folder: &Path, listener: Listener<'_>) -> anyhow::Result<Report> {
    let bundle = Bundle::open(folder)?;
    let mut report = Report::default();
    check_bundle(house, &bundle, &mut report, listener)?;
    let target = house.models_folder().join(encode_segment(bundle.id())).join(encode_segment(bundle.version()));
    if target.exists() {
        let same = Bundle::open_with(&target, Checksums::Compared);
        if same.is_ok_and(|b| b.checksum() == bundle.checksum() && b.digest() == bundle.digest()) {
            report.line("this very bundle is in the store already");
            report.figure("unchanged", true);
            return Ok(report);
        }
        bail!("{}@{} is in the store already, with other content: a changed model is a new version", bundle.id(), bundle.version());
    }
    keep(house, folder, &target)?;
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

/// Takes an ensemble in: its members have to be there, and their numbers of one measure.
fn add_ensemble(house: &House, folder: &Path) -> anyhow::Result<Report> {
    let path = folder.join(ENSEMBLE);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let spec = EnsembleSpec::parse(&text, &path)?;
    for member in &spec.members {
        house.model(Some(&member.tagger)).with_context(|| format!("the ensemble `{}`", spec.id))?;
    }
    let mut report = Report::default();
    let target = house.models_folder().join(encode_segment(&spec.id)).join(encode_segment(&spec.version));
    if target.exists() {
        if fs::read_to_string(target.join(ENSEMBLE)).is_ok_and(|there| there == text) {
            report.line("this very ensemble is in the store already");
            report.figure("unchanged", true);
            return Ok(report);
        }
        bail!("{}@{} is in the store already, with other content: a changed ensemble is a new version", spec.id, spec.version);
    }
    keep(house, folder, &target)?;
    report.line(format!(
        "{} {} is in the store: {} members ({}, {})",
        spec.id,
        spec.version,
        spec.members.len(),
        spec.status.as_str(),
        spec.licence
    ));
    report.figure("model", spec.id.as_str());
    report.figure("version", spec.version.as_str());
    report.figure("unchanged", false);
    Ok(report)
}

/// Copies a folder beside its place first, so that a killed copy is never taken for a model.
fn keep(house: &House, folder: &Path, target: &Path) -> anyhow::Result<()> {
    let parent = target.parent().unwrap_or(target);
    fs::create_dir_all(parent).with_context(|| format!("making the folder {}", parent.display()))?;
    let scratch = tempfile::Builder::new().prefix(".coming-").tempdir_in(house.models_folder())?;
    super::models::copy_folder(folder, scratch.path())?;
    fs::rename(scratch.path(), target).with_context(|| format!("moving the bundle to {}", target.display()))?;
    let _moved = scratch.keep();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_a_hub_are_read() {
        let of = |name: &str, revision: &str| Some(Repository { name: name.to_owned(), revision: revision.to_owned() });
        assert_eq!(Repository::parse("museum/clip-b16@0123abc"), of("museum/clip-b16", "0123abc"));
        assert_eq!(Repository::parse("museum/clip-b16"), of("museum/clip-b16", "main"));
        for bad in ["clip", "a/b/c", "../x", "a/..", "a/b@", "a/b@../../c", "a b/c", "/a/b"] {
            assert_eq!(Repository::parse(bad), None, "{bad}");
        }
        let address = Repository::parse("museum/clip@v1").unwrap().address("https://hub.example/", "onnx/text model.onnx");
        assert_eq!(address, "https://hub.example/museum/clip/resolve/v1/onnx/text%20model.onnx");
    }

    #[test]
    fn a_manifests_files_are_found() {
        let manifest = "[source]\nfile = \"model.onnx\"\npath = \"onnx/model.onnx\"\nsha256 = \"ab\"\n[text]\nfile = \"t.onnx\"\ntokenizer = \"tokenizer.json\"\n[[head]]\nlabels = \"l.tsv\"";
        let found: Vec<(String, String)> = files(&toml::from_str(manifest).unwrap()).into_iter().map(|f| (f.name, f.path)).collect();
        let wanted = [("model.onnx", "onnx/model.onnx"), ("t.onnx", "t.onnx"), ("tokenizer.json", "tokenizer.json"), ("l.tsv", "l.tsv")];
        assert_eq!(found, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
