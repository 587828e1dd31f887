//! A bundle: a folder with a network, its manifest, its label maps and its golden sample.

use std::{
    fs,
    io::Read as _,
    path::{Component, Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{
    Activation, Calibration, Decode, LabelRow, Manifest, ModelError, Scorer, Status,
    check::{self, CheckReport},
    labels,
};

/// The manifest's name.
const MANIFEST: &str = "bundle.toml";

/// A bundle that has been looked through: its manifest makes sense, its files are there, its network is the one that is meant.
#[derive(Clone, Debug)]
pub struct Bundle {
    folder: PathBuf,
    manifest: Manifest,
    network: PathBuf,
    heads: Vec<Head>,
    digest: String,
}

/// One head: what the manifest says of it, and its label map.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The facet.
    pub facet: String,
    /// The output's name.
    pub output: String,
    /// What makes scores of the output.
    pub activation: Activation,
    /// Which concept each output means.
    pub labels: Vec<LabelRow>,
    /// The SHA-256 of the label map's file.
    pub label_map: String,
    /// What makes predictions of the scores.
    pub decode: Decode,
    /// What makes confidences of them.
    pub calibration: Option<Calibration>,
}

impl Bundle {
    /// Opens a bundle.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let folder = folder.canonicalize().map_err(|e| unreadable(folder, &e))?;
        let path = folder.join(MANIFEST);
        let text = read_text(&path)?;
        let manifest = Manifest::parse(&text, &path)?;
        let network = inside(&folder, &manifest.source.file)?;
        let found = checksum_of_file(&network)?;
        if !found.eq_ignore_ascii_case(&manifest.source.sha256) {
            return Err(ModelError::Checksum { path: network, expected: manifest.source.sha256, found });
        }
        let mut digest = Sha256::new();
        add_part(&mut digest, text.as_bytes());
        let mut heads = Vec::new();
        for spec in &manifest.heads {
            let path = inside(&folder, &spec.labels)?;
            let text = read_text(&path)?;
            add_part(&mut digest, text.as_bytes());
            heads.push(Head {
                facet: spec.facet.clone(),
                output: spec.output.clone(),
                activation: spec.activation,
                labels: labels::read(&text, &path)?,
                label_map: hex::encode(Sha256::digest(text.as_bytes())),
                decode: spec.decode,
                calibration: spec.calibration.clone(),
            });
        }
        Ok(Self { digest: hex::encode(digest.finalize()), folder, manifest, network, heads })
    }

    /// The tagger's name in IRIs.
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// The tagger's version.
    pub fn version(&self) -> &str {
        &self.manifest.version
    }

    /// What its results may be used for.
    pub fn status(&self) -> Status {
        self.manifest.status
    }

    /// The whole manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The heads, in the manifest's order.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The bundle's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The network's file.
    pub fn network(&self) -> &Path {
        &self.network
    }

    /// The network's SHA-256.
    pub fn checksum(&self) -> String {
        self.manifest.source.sha256.to_ascii_lowercase()
    }

    /// The digest of all settings: the manifest and the label maps. Another threshold or another label map is another digest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The model card's text, where there is one.
    pub fn card(&self) -> Result<Option<String>, ModelError> {
        self.manifest.card.as_ref().map(|name| inside(&self.folder, name).and_then(|path| read_text(&path))).transpose()
    }

    /// The path of one of the bundle's files, which may not lead out of it.
    pub(crate) fn file(&self, name: &str) -> Result<PathBuf, ModelError> {
        inside(&self.folder, name)
    }

    /// Runs the golden sample and compares.
    pub fn check(&self, scorer: &mut dyn Scorer) -> Result<CheckReport, ModelError> {
        check::check(self, scorer)
    }
}

/// The file of this name within the bundle: no absolute path, no step upwards, no symbolic link that leads out.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, ModelError> {
    let outside = || ModelError::Outside { bundle: folder.to_owned(), name: name.to_owned() };
    let relative = Path::new(name);
    if name.is_empty() || !relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
        return Err(outside());
    }
    let path = folder.join(relative);
    let real = path.canonicalize().map_err(|e| unreadable(&path, &e))?;
    if real.starts_with(folder) { Ok(real) } else { Err(outside()) }
}

fn unreadable(path: &Path, error: &std::io::Error) -> ModelError {
    ModelError::File { path: path.to_owned(), reason: error.to_string() }
}

fn read_text(path: &Path) -> Result<String, ModelError> {
    fs::read_to_string(path).map_err(|e| unreadable(path, &e))
}

/// Parts are preceded by their length, so that they cannot run into one another.
fn add_part(digest: &mut Sha256, part: &[u8]) {
    digest.update((part.len() as u64).to_be_bytes());
    digest.update(part);
}

fn checksum_of_file(path: &Path) -> Result<String, ModelError> {
    let mut file = fs::File::open(path).map_err(|e| unreadable(path, &e))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(|e| unreadable(path, &e))?;
        if read == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(&buffer[..read]);
    }
}
