//! The bundle's manifest, `bundle.toml`: what a network expects, what its outputs mean, and where it comes from.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{About, CaptionSpec, HeadSpec, ImageSpec, ModelError, TextSpec, layers};

/// The version of the format that we read.
const SCHEMA: u32 = 1;

/// `bundle.toml`. Keys that we do not know are refused: a misspelt one would otherwise silently change what a network says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub schema: u32,
    /// The tagger's name in IRIs.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name for people.
    pub title: String,
    /// What it does.
    pub task: Task,
    /// Under which licence it may be used.
    pub licence: String,
    /// What its results may be used for.
    pub status: Status,
    /// Its model card, a file.
    #[serde(default)]
    pub card: Option<String>,
    /// The network.
    pub source: Source,
    /// Further networks that look at the same picture.
    #[serde(rename = "network", default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<NetworkSpec>,
    /// What it expects of a picture.
    pub image: ImageSpec,
    /// What it answers.
    #[serde(rename = "head", default)]
    pub heads: Vec<HeadSpec>,
    /// The vector that it makes of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<EmbeddingSpec>,
    /// How texts become numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextSpec>,
    /// How it puts into a sentence what it sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<CaptionSpec>,
    /// Where it comes from.
    #[serde(default)]
    pub provenance: Provenance,
    /// A sample by which one sees that it works here as it did there.
    #[serde(default)]
    pub golden: Option<GoldenSpec>,
}

/// What a bundle does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Says which concepts of its label maps a picture shows.
    Tagging,
    /// Chooses from concepts that it never learnt, by their labels.
    ZeroShot,
    /// Makes a vector of a picture.
    Embedding,
    /// Says where on a picture something is.
    Detection,
    /// Says something about the digital picture, not about the object.
    Quality,
    /// Says in a sentence what is to be seen.
    Captioning,
}

impl Task {
    /// The word in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tagging => "tagging",
            Self::ZeroShot => "zero-shot",
            Self::Embedding => "embedding",
            Self::Detection => "detection",
            Self::Quality => "quality",
            Self::Captioning => "captioning",
        }
    }
}

/// A further network of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// By this name heads refer to it.
    pub name: String,
    /// The file, relative to the bundle.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// What it expects of a picture; the same as the first one where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageSpec>,
}

/// The vector that a network makes of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingSpec {
    /// The output's name.
    pub output: String,
    /// What becomes of an output with several rows for one picture.
    #[serde(default)]
    pub pool: Pool,
    /// Whether the vector is brought to the length 1.
    #[serde(default)]
    pub normalize: bool,
}

/// What becomes of an output with several rows for one picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    /// It has one row.
    #[default]
    None,
    /// The first row is taken (`last_hidden_state` of DINO and its kin).
    First,
    /// The mean of all rows.
    Mean,
}

/// What a tagger's results may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// To show how it works.
    Demo,
    /// To be reviewed.
    Candidate,
    /// To be published, by the policy.
    Approved,
}

impl Status {
    /// The word in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Candidate => "candidate",
            Self::Approved => "approved",
        }
    }
}

/// The network's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file, relative to the bundle.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// The hub's repository that it is from: `owner/name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
    /// Its revision there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The file's path there, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Where a network comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provenance {
    /// What it learnt from.
    pub trained_on: OneOrMany,
    /// What it was measured on, and how it did.
    pub evaluated_on: OneOrMany,
    /// What it must not be used for.
    pub limits: OneOrMany,
}

/// A text or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Many.
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// The golden sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenSpec {
    /// A picture, a file.
    pub picture: String,
    /// Its scores, a file.
    pub scores: String,
    /// How far a score may be off.
    pub tolerance: f64,
}

impl Manifest {
    /// Reads a manifest, layered over what the hub's files say, and looks whether it makes sense. `path` is for the message.
    pub(crate) fn parse(text: &str, below: &toml::Table, path: &Path) -> Result<Self, ModelError> {
        let refused = |reason: String| ModelError::Manifest { path: path.to_owned(), reason };
        let said = |e: toml::de::Error| format!("{}{}", e.to_string().trim_end(), hint(e.message()));
        let own: toml::Table = toml::from_str(text).map_err(|e| refused(said(e)))?;
        let merged = layers::over(own, below);
        // Read on its own, the manifest's error has a line; what is only wrong together has none.
        let manifest: Self = merged.try_into().map_err(|e: toml::de::Error| match toml::from_str::<Self>(text) {
            Err(own) if own.message() == e.message() => refused(said(own)),
            _ => refused(said(e)),
        })?;
        manifest.check().map_err(refused)?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("`schema` is {}, and we read {SCHEMA}", self.schema));
        }
        for (key, value) in [("id", &self.id), ("version", &self.version), ("title", &self.title), ("licence", &self.licence)] {
            if value.trim().is_empty() {
                return Err(format!("`{key}` is empty"));
            }
        }
        self.check_task()?;
        self.image.check()?;
        for (index, head) in self.heads.iter().enumerate() {
            if self.heads[..index].iter().any(|h| h.facet == head.facet) || self.caption.as_ref().is_some_and(|c| c.facet == head.facet) {
                return Err(format!("two heads answer the facet `{}`", head.facet));
            }
            head.check().map_err(|reason| format!("head `{}`: {reason}", head.facet))?;
        }
        self.check_networks()?;
        self.text.as_ref().map_or(Ok(()), TextSpec::check)?;
        self.caption.as_ref().map_or(Ok(()), CaptionSpec::check)?;
        match &self.golden {
            Some(golden) if golden.tolerance.is_nan() || golden.tolerance < 0.0 => Err("`golden.tolerance` is below 0".to_owned()),
            _ => Ok(()),
        }
    }

    /// Whether the parts are there that the task needs.
    fn check_task(&self) -> Result<(), String> {
        let needs = |there: bool, what: &str| {
            if there { Ok(()) } else { Err(format!("the task `{}` needs {what}", self.task.as_str())) }
        };
        match self.task {
            Task::Tagging => needs(!self.heads.is_empty(), "a [[head]]"),
            Task::Quality => {
                needs(!self.heads.is_empty(), "a [[head]]")?;
                needs(self.heads.iter().all(|h| h.about == About::WebResource), "heads with `about = \"web-resource\"`")
            }
            Task::ZeroShot => {
                needs(self.embedding.is_some(), "an [embedding], the picture's vector")?;
                needs(self.text.as_ref().is_some_and(|t| t.file.is_some()), "a [text] with the text encoder's file")?;
                needs(self.heads.iter().any(HeadSpec::is_zero_shot), "a [[head]] with `candidates`")
            }
            Task::Embedding => needs(self.embedding.is_some(), "an [embedding]"),
            Task::Detection => needs(self.heads.iter().any(|h| h.detect.is_some()), "a [[head]] with `detect`"),
            Task::Captioning => needs(self.caption.is_some(), "a [caption]"),
        }?;
        let zero_shot = self.heads.iter().any(HeadSpec::is_zero_shot);
        if zero_shot && (self.embedding.is_none() || self.text.as_ref().is_none_or(|t| t.file.is_none())) {
            return Err("a [[head]] with `candidates` needs an [embedding] and a [text] with a file".to_owned());
        }
        let owl = self.heads.iter().any(|h| h.detect.as_ref().is_some_and(|d| d.prompt.is_some()));
        if owl && self.text.as_ref().is_none_or(|t| t.file.is_some()) {
            return Err("a detector that looks for texts needs a [text] without a file: its ids go into the picture's network".to_owned());
        }
        Ok(())
    }

    fn check_networks(&self) -> Result<(), String> {
        for (index, network) in self.networks.iter().enumerate() {
            if network.name.trim().is_empty() || self.networks[..index].iter().any(|n| n.name == network.name) {
                return Err(format!("the network name `{}` is empty or stands twice", network.name));
            }
            network.image.as_ref().map_or(Ok(()), ImageSpec::check).map_err(|reason| format!("network `{}`: {reason}", network.name))?;
        }
        for head in &self.heads {
            if let Some(name) = &head.network
                && !self.networks.iter().any(|n| n.name == *name)
            {
                return Err(format!("head `{}` speaks of a network `{name}`, and there is no such [[network]]", head.facet));
            }
        }
        Ok(())
    }
}

/// What to do about something that is missing.
fn hint(message: &str) -> &'static str {
    match message {
        "missing field `licence`" => ": say what the network may be used for, by an SPDX name such as CC-BY-4.0 or by an IRI",
        "missing field `title`" => ": the tagger's name as people are to read it",
        "missing field `status`" => ": demo, candidate or approved; only what approved taggers say is published without asking",
        missing if missing.starts_with("missing field") => ", and the files beside the network do not say it either",
        _ => "",
    }
}
