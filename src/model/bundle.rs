//! A bundle: a folder with networks, their manifest, their label maps and their golden sample.

use std::{
    fs,
    io::Read as _,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

use super::{
    Head, ImageSpec, LabelRow, Manifest, ModelError, OneOrMany, Scorer, Status, Texts, Wording,
    check::{self, CheckReport},
    layers::Layers,
};

/// The manifest's name.
pub(crate) const MANIFEST: &str = "bundle.toml";

/// A bundle that has been looked through: its manifest makes sense, its files are there, its networks are those that are meant.
#[derive(Clone, Debug)]
pub struct Bundle {
    folder: PathBuf,
    manifest: Manifest,
    network: PathBuf,
    heads: Vec<Head>,
    digest: String,
}

/// Whether checksums are compared when a bundle is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// They have to agree.
    #[default]
    Compared,
    /// The golden sample is to speak alone.
    Ignored,
}

/// What a zero-shot head chooses from: a label, and how it is put into words in each language.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The concept's IRI.
    pub iri: Option<String>,
    /// Its label, for people.
    pub label: String,
    /// Its words by language.
    pub wordings: std::collections::BTreeMap<String, Wording>,
}

impl Candidate {
    /// The texts of a head's templates, in the languages in which it has a label.
    pub fn texts(&self, prompts: &std::collections::BTreeMap<String, OneOrMany>) -> Vec<String> {
        let of = |(language, templates): (&String, &OneOrMany)| -> Vec<String> {
            let Some(wording) = self.wordings.get(language) else { return Vec::new() };
            templates.all().iter().map(|template| wording.text(template)).collect()
        };
        prompts.iter().flat_map(of).collect()
    }
}

impl Bundle {
    /// Opens a bundle, and compares all checksums.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        Self::open_with(folder, Checksums::Compared)
    }

    /// Opens a bundle.
    pub fn open_with(folder: &Path, checksums: Checksums) -> Result<Self, ModelError> {
        let folder = folder.canonicalize().map_err(|e| unreadable(folder, &e))?;
        let path = folder.join(MANIFEST);
        let text = read_text(&path)?;
        // Where the manifest names no network, its own error says so. What the network's notes say, the manifest need not: the checksum speaks
        // before the notes of another network do, or what they leave open.
        let named = named_network(&text).map(|name| inside(&folder, &name)).transpose()?;
        if let (Some(network), Checksums::Compared) = (&named, checksums) {
            compare_first(&text, network, &path)?;
        }
        let layers = Layers::read(&folder, named.as_deref())?;
        let manifest = Manifest::parse(&text, &layers.table, &path)?;
        let network = inside(&folder, &manifest.source.file)?;
        if checksums == Checksums::Compared {
            compare_further(&folder, &manifest)?;
        }
        let mut digest = Sha256::new();
        add_part(&mut digest, text.as_bytes());
        layers.texts.iter().for_each(|text| add_part(&mut digest, text.as_bytes()));
        let mut heads = Vec::new();
        for spec in &manifest.heads {
            heads.push(Head::read(&folder, spec, &layers, &mut digest)?);
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

    /// The first network's file.
    pub fn network(&self) -> &Path {
        &self.network
    }

    /// The file of the network of this name, and what it expects of a picture; without a name the first one.
    pub(crate) fn network_of(&self, name: Option<&str>) -> Result<(PathBuf, ImageSpec), ModelError> {
        match self.manifest.networks.iter().find(|n| Some(n.name.as_str()) == name) {
            Some(network) => Ok((self.file(&network.file)?, network.image.clone().unwrap_or_else(|| self.manifest.image.clone()))),
            None => Ok((self.network.clone(), self.manifest.image.clone())),
        }
    }

    /// The first network's SHA-256.
    pub fn checksum(&self) -> String {
        self.manifest.source.sha256.to_ascii_lowercase()
    }

    /// The digest of all settings: the manifest and the label maps. Another threshold, label map or prompt is another digest.
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

    /// The same bundle with other prompts for one facet. Its digest is another one, and so are the IRIs of what it says.
    pub fn with_prompt(mut self, facet: &str, prompt: &str) -> Result<Self, ModelError> {
        let refused = |reason: String| ModelError::Manifest { path: self.folder.join(MANIFEST), reason };
        super::prompt::check(prompt).map_err(refused)?;
        let found = self.manifest.heads.iter_mut().find(|h| h.facet == facet && h.is_zero_shot());
        let Some(spec) = found else {
            return Err(ModelError::Manifest {
                path: self.folder.join(MANIFEST),
                reason: format!("no head with `candidates` answers `{facet}`"),
            });
        };
        spec.prompts.values_mut().for_each(|templates| *templates = OneOrMany::One(prompt.to_owned()));
        self.add_to_digest(["prompt", facet, prompt]);
        Ok(self)
    }

    /// What the golden sample of a zero-shot head chooses from: its labels in the sample's order, in every language of the prompts. Nothing for
    /// heads that are joined already, or that the sample does not have.
    pub fn golden_candidates(&self) -> Result<Vec<(String, Vec<Candidate>)>, ModelError> {
        let mut expected = check::expected(self)?;
        let mut all = Vec::new();
        for spec in self.manifest.heads.iter().filter(|h| h.is_zero_shot()) {
            let Some(golden) = expected.remove(&spec.facet) else { continue };
            let candidate = |score: check::GoldenScore| {
                let wording = Wording { tag: score.label.clone(), above: Vec::new() };
                let wordings = spec.prompts.keys().map(|language| (language.clone(), wording.clone())).collect();
                Candidate { iri: score.iri, label: score.label, wordings }
            };
            all.push((spec.facet.clone(), golden.scores.into_iter().map(candidate).collect()));
        }
        Ok(all)
    }

    /// Joins a zero-shot head with what it chooses from: a vector of length 1 for each candidate, in their order.
    #[must_use]
    pub fn with_texts(mut self, facet: &str, candidates: &[Candidate], vectors: Vec<f32>) -> Self {
        let score = self.manifest.heads.iter().find(|h| h.facet == facet).and_then(|h| h.score);
        if let Some(head) = self.heads.iter_mut().find(|h| h.facet == facet) {
            let row = |(index, c): (usize, &Candidate)| LabelRow::new(index, c.iri.clone(), &c.label, super::Mapping::Exact);
            head.labels = candidates.iter().enumerate().map(row).collect();
            head.texts = Some(Texts { vectors: Arc::new(vectors), score });
        }
        for candidate in candidates {
            self.add_to_digest([facet, candidate.iri.as_deref().unwrap_or_default(), &candidate.label]);
        }
        self
    }

    fn add_to_digest<const N: usize>(&mut self, parts: [&str; N]) {
        let mut digest = Sha256::new();
        add_part(&mut digest, self.digest.as_bytes());
        for part in parts {
            add_part(&mut digest, part.as_bytes());
        }
        self.digest = hex::encode(digest.finalize());
    }

    /// Runs the golden sample and compares.
    pub fn check(&self, scorer: &mut dyn Scorer) -> Result<CheckReport, ModelError> {
        check::check(self, scorer)
    }
}

/// The network that a manifest names, before it is known to make sense.
fn named_network(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    table.get("source")?.get("file")?.as_str().map(str::to_owned)
}

/// Compares the first network's checksum with what the manifest says.
fn compare_first(text: &str, network: &Path, manifest: &Path) -> Result<(), ModelError> {
    let expected = toml::from_str::<toml::Table>(text).ok().and_then(|t| t.get("source")?.get("sha256")?.as_str().map(str::to_owned));
    let found = checksum_of_file(network)?;
    match expected {
        Some(expected) if found.eq_ignore_ascii_case(&expected) => Ok(()),
        Some(expected) => Err(ModelError::Checksum { path: network.to_owned(), expected, found }),
        None => {
            let reason = format!("[source] has no `sha256`; if {} is the network that you mean, write sha256 = \"{found}\"", network.display());
            Err(ModelError::Manifest { path: manifest.to_owned(), reason })
        }
    }
}

/// Compares the checksums of all further networks and of tokenizers.
fn compare_further(folder: &Path, manifest: &Manifest) -> Result<(), ModelError> {
    let mut files = Vec::new();
    files.extend(manifest.networks.iter().map(|n| (&n.file, &n.sha256)));
    if let Some(text) = &manifest.text {
        files.extend(text.file.iter().zip(&text.sha256));
        files.push((&text.tokenizer, &text.tokenizer_sha256));
    }
    if let Some(caption) = &manifest.caption {
        files.extend([(&caption.file, &caption.sha256), (&caption.tokenizer, &caption.tokenizer_sha256)]);
    }
    for (name, expected) in files {
        let path = inside(folder, name)?;
        let found = checksum_of_file(&path)?;
        if !found.eq_ignore_ascii_case(expected) {
            return Err(ModelError::Checksum { path, expected: expected.clone(), found });
        }
    }
    Ok(())
}

/// The file of this name within the bundle: no absolute path, no step upwards, no symbolic link that leads out.
pub(super) fn inside(folder: &Path, name: &str) -> Result<PathBuf, ModelError> {
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

pub(super) fn read_text(path: &Path) -> Result<String, ModelError> {
    fs::read_to_string(path).map_err(|e| unreadable(path, &e))
}

/// Parts are preceded by their length, so that they cannot run into one another.
pub(super) fn add_part(digest: &mut Sha256, part: &[u8]) {
    digest.update((part.len() as u64).to_be_bytes());
    digest.update(part);
}

pub(crate) fn checksum_of_file(path: &Path) -> Result<String, ModelError> {
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
