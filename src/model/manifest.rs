//! The bundle's manifest, `bundle.toml`: what a network expects, what its outputs mean, and where it comes from.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ImageSpec, ModelError};

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
    /// What it does; `tagging` is what we can run.
    pub task: String,
    /// Under which licence it may be used.
    pub licence: String,
    /// What its results may be used for.
    pub status: Status,
    /// Its model card, a file.
    #[serde(default)]
    pub card: Option<String>,
    /// The network.
    pub source: Source,
    /// What it expects of a picture.
    pub image: ImageSpec,
    /// What it answers.
    #[serde(rename = "head")]
    pub heads: Vec<HeadSpec>,
    /// Where it comes from.
    #[serde(default)]
    pub provenance: Provenance,
    /// A sample by which one sees that it works here as it did there.
    #[serde(default)]
    pub golden: Option<GoldenSpec>,
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
}

/// One answer of the network: one facet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadSpec {
    /// The facet.
    pub facet: String,
    /// The output's name.
    pub output: String,
    /// What makes scores of the output.
    pub activation: Activation,
    /// The label map, a file.
    pub labels: String,
    /// What makes predictions of the scores.
    pub decode: Decode,
    /// What makes confidences of them.
    #[serde(default)]
    pub calibration: Option<Calibration>,
}

/// What makes scores of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// One of all: the scores sum to one.
    Softmax,
    /// Each for itself.
    Sigmoid,
    /// The output is taken as it is.
    None,
}

/// What makes predictions of scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decode {
    /// What a broader concept gets from those below it.
    pub closure: Closure,
    /// Which concepts are stated.
    pub emit: Emit,
    /// The least score or, where there is a calibration, confidence that is worth stating.
    pub threshold: f64,
    /// How many concepts are stated at most.
    pub max_tags: usize,
}

/// What a broader concept gets from those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closure {
    /// The sum, along the preferred parent alone, so that nothing counts twice.
    SumDescendants,
    /// The largest, along every broader.
    MaxDescendant,
    /// Nothing.
    None,
}

/// Which concepts are stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emit {
    /// The deepest that is sure enough; where no concept of the label map is, one above them.
    BackOff,
    /// Those concepts of the label map that are sure enough, and have nothing below them that is.
    MostSpecific,
    /// Every concept of the label map that is sure enough.
    All,
}

/// What makes confidences of scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "lowercase")]
pub enum Calibration {
    /// Outputs are divided by `t` before the activation.
    Temperature {
        /// The temperature.
        t: f64,
        /// On what it was fitted: it holds for that kind of picture.
        fitted_on: String,
        /// On how many pictures.
        n: u64,
    },
}

impl Calibration {
    /// On what it was fitted.
    pub fn fitted_on(&self) -> &str {
        let Self::Temperature { fitted_on, .. } = self;
        fitted_on
    }
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
    /// Reads a manifest and looks whether it makes sense. `path` is for the message.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ModelError> {
        let refused = |reason: String| ModelError::Manifest { path: path.to_owned(), reason };
        let manifest: Self = toml::from_str(text).map_err(|e| refused(e.to_string().trim_end().to_owned()))?;
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
        if self.task != "tagging" {
            return Err(format!("`task` is `{}`, and we run `tagging`", self.task));
        }
        if self.heads.is_empty() {
            return Err("there is no [[head]]".to_owned());
        }
        self.image.check()?;
        for (index, head) in self.heads.iter().enumerate() {
            if self.heads[..index].iter().any(|h| h.facet == head.facet) {
                return Err(format!("two heads answer the facet `{}`", head.facet));
            }
            head.check().map_err(|reason| format!("head `{}`: {reason}", head.facet))?;
        }
        match &self.golden {
            Some(golden) if golden.tolerance.is_nan() || golden.tolerance < 0.0 => Err("`golden.tolerance` is below 0".to_owned()),
            _ => Ok(()),
        }
    }
}

impl HeadSpec {
    fn check(&self) -> Result<(), String> {
        if self.facet.trim().is_empty() || self.output.is_empty() {
            return Err("`facet` or `output` is empty".to_owned());
        }
        if !(0.0..=1.0).contains(&self.decode.threshold) && self.activation != Activation::None {
            return Err(format!("`threshold` is {}, outside of 0 to 1", self.decode.threshold));
        }
        if self.decode.max_tags == 0 {
            return Err("`max_tags` is 0".to_owned());
        }
        if self.decode.closure == Closure::SumDescendants && self.activation == Activation::Sigmoid {
            return Err("`sum-descendants` needs scores of which one excludes the other; sigmoid wants `max-descendant`".to_owned());
        }
        match &self.calibration {
            Some(Calibration::Temperature { .. }) if self.activation == Activation::None => {
                Err("a temperature needs an output before its activation; set `activation` or leave `calibration` out".to_owned())
            }
            Some(Calibration::Temperature { t, .. }) if !t.is_finite() || *t <= 0.0 => Err(format!("the temperature is {t}")),
            _ => Ok(()),
        }
    }
}
