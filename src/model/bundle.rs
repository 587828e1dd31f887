//! A bundle: a folder with networks, their manifest, their label maps and their golden sample.

use std::{
    fs,
    io::Read as _,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

use super::{
    About, Activation, Calibration, CalibrationSpec, Closure, Decode, DetectSpec, Emit, Groups, HeadSpec, ImageSpec, LabelRow,
    LikenessScore, Manifest, ModelError, OneOrMany, Scorer, Status, Wording,
    check::{self, CheckReport},
    labels,
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

/// One head: what the manifest says of it, and its label map.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The facet.
    pub facet: String,
    /// Which further network answers; none for the first one.
    pub network: Option<String>,
    /// The outputs' names, one after the other; none where texts are compared.
    pub outputs: Vec<String>,
    /// What makes scores of the output.
    pub activation: Activation,
    /// How the outputs hang together, in a hierarchical softmax.
    pub groups: Option<Groups>,
    /// Which concept each output means.
    pub labels: Vec<LabelRow>,
    /// The SHA-256 of the label map's file.
    pub label_map: String,
    /// What makes predictions of the scores.
    pub decode: Decode,
    /// What makes confidences of them.
    pub calibration: Option<Calibration>,
    /// What the answer is about.
    pub about: About,
    /// What makes boxes of the outputs, for a detector.
    pub detect: Option<DetectSpec>,
    /// The relations between what a detector finds.
    pub relations: Vec<LabelRow>,
    /// The texts' vectors that the picture's is compared with, for a zero-shot head.
    pub texts: Option<Texts>,
}

/// Vectors of texts, a row for each label.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    /// The vectors, of length 1, one after the other.
    pub vectors: Arc<Vec<f32>>,
    /// What is made of the likeness; the cosine itself where it is not given.
    pub score: Option<LikenessScore>,
}

impl Head {
    /// A head over the whole of one output of the first network, about the object.
    pub fn new(facet: impl Into<String>, output: impl Into<String>, activation: Activation, labels: Vec<LabelRow>, decode: Decode) -> Self {
        Self {
            facet: facet.into(),
            network: None,
            outputs: vec![output.into()],
            activation,
            groups: None,
            labels,
            label_map: String::new(),
            decode,
            calibration: None,
            about: About::Object,
            detect: None,
            relations: Vec::new(),
            texts: None,
        }
    }

    /// Scores of outputs, which are divided by the temperature first.
    pub fn scores(&self, raw: &[f32], temperature: f64) -> Vec<f64> {
        match &self.groups {
            Some(groups) => groups.path_product(raw, temperature),
            None => self.activation.apply(raw, temperature),
        }
    }

    /// The outputs that belong to one another: names for the message.
    pub(crate) fn output_names(&self) -> String {
        self.outputs.join("`, `")
    }
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
        // Where the manifest names no network, its own error says so. A network that is not the one that is meant is not asked for its notes, so
        // that the checksum speaks first.
        let named = named_network(&text).map(|name| inside(&folder, &name)).transpose()?;
        let meant = checksums == Checksums::Ignored || named.as_deref().is_some_and(|network| is_meant(&text, network));
        let named_ok = named.as_deref().filter(|_| meant);
        let layers = Layers::read(&folder, named_ok)?;
        let manifest = Manifest::parse(&text, &layers.table, &path)?;
        let network = inside(&folder, &manifest.source.file)?;
        if checksums == Checksums::Compared {
            compare_checksums(&folder, &manifest, meant)?;
        }
        let mut digest = Sha256::new();
        add_part(&mut digest, text.as_bytes());
        layers.texts.iter().for_each(|text| add_part(&mut digest, text.as_bytes()));
        let mut heads = Vec::new();
        for spec in &manifest.heads {
            heads.push(head(&folder, spec, &layers, &mut digest)?);
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

/// Whether the network has the checksum that the manifest says.
fn is_meant(text: &str, network: &Path) -> bool {
    let expected = toml::from_str::<toml::Table>(text).ok().and_then(|t| t.get("source")?.get("sha256")?.as_str().map(str::to_owned));
    matches!((expected, checksum_of_file(network)), (Some(expected), Ok(found)) if found.eq_ignore_ascii_case(&expected))
}

/// Compares the checksums of all networks and tokenizers; the first network's is `known` to agree where it has been looked at already.
fn compare_checksums(folder: &Path, manifest: &Manifest, known: bool) -> Result<(), ModelError> {
    let mut files = Vec::new();
    if !known {
        files.push((&manifest.source.file, &manifest.source.sha256));
    }
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

fn head(folder: &Path, spec: &HeadSpec, layers: &Layers, digest: &mut Sha256) -> Result<Head, ModelError> {
    let mut file = |name: &String| -> Result<(String, PathBuf), ModelError> {
        let path = inside(folder, name)?;
        let text = read_text(&path)?;
        add_part(digest, text.as_bytes());
        Ok((text, path))
    };
    // The names in the files beside a network are those of its one output; they say nothing of several.
    let names = layers.names.as_deref().filter(|_| spec.network.is_none());
    let (rows, label_map) = match spec.labels.as_ref().map(&mut file).transpose()? {
        Some((text, path)) => (labels::read(&text, names, &path)?, hex::encode(Sha256::digest(text.as_bytes()))),
        None => (Vec::new(), String::new()),
    };
    let groups = match (&spec.groups, &spec.parents) {
        (Some(name), _) => file(name).map(|(text, path)| Groups::by_nodes(&text, &rows, &path)).map(Some),
        (None, Some(name)) => file(name).map(|(text, path)| Groups::by_levels(&text, &rows, &path)).map(Some),
        (None, None) => Ok(None),
    }?
    .transpose()?;
    let calibration = match &spec.calibration {
        Some(CalibrationSpec::Inline(calibration)) => Some(calibration.clone()),
        Some(CalibrationSpec::File(elsewhere)) => {
            let (text, path) = file(&elsewhere.file)?;
            Some(Calibration::read(&text, &path)?)
        }
        None => None,
    };
    let relations = match spec.detect.as_ref().and_then(|d| d.relations.as_ref()) {
        Some(relations) => {
            let (text, path) = file(&relations.labels)?;
            let rows = labels::read(&text, None, &path)?;
            if let Some(row) = rows.iter().find(|row| row.iri.is_none()) {
                let reason = format!("the relation `{}` has no IRI, and a statement needs one", row.label);
                return Err(ModelError::Labels { path, line: row.index + 2, reason });
            }
            rows
        }
        None => Vec::new(),
    };
    // A detector states what it found, box by box.
    let boxes = |d: &DetectSpec| Decode { closure: Closure::None, emit: Emit::All, threshold: d.threshold, max_tags: d.max_boxes };
    let decode = spec.decode.or_else(|| spec.detect.as_ref().map(boxes));
    let nothing = Decode { closure: Closure::None, emit: Emit::All, threshold: 1.0, max_tags: 1 };
    Ok(Head {
        facet: spec.facet.clone(),
        network: spec.network.clone(),
        outputs: spec.output.all().to_vec(),
        activation: spec.activation,
        groups,
        labels: rows,
        label_map,
        decode: decode.unwrap_or(nothing),
        calibration,
        about: spec.about,
        detect: spec.detect.clone(),
        relations,
        texts: None,
    })
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
