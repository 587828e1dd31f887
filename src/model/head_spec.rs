//! The manifest's part on heads: what an output of a network answers, and what becomes of its numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Calibration, CalibrationSpec, DetectSpec, OneOrMany};

/// One answer of a network: one facet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadSpec {
    /// The facet.
    pub facet: String,
    /// The network that answers, where the bundle has several; else the one of `[source]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The output's name, or the names of several that follow one another (one for each level of a hierarchy). A zero-shot head has none.
    #[serde(default)]
    pub output: OneOrMany,
    /// What makes scores of the output.
    pub activation: Activation,
    /// The label map, a file. A zero-shot head has `candidates` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// Sibling groups of a hierarchical softmax over nodes, a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// The parent of each output of a hierarchical softmax by levels, a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parents: Option<String>,
    /// What makes predictions of the scores; a detector has `detect` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode: Option<Decode>,
    /// What makes confidences of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationSpec>,
    /// What the answer is about.
    #[serde(default)]
    pub about: About,
    /// What makes boxes of the outputs, where the head is a detector's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detect: Option<DetectSpec>,
    /// Which concepts a zero-shot head chooses from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<CandidateSpec>,
    /// How a zero-shot head puts a concept's label into words, by language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prompts: BTreeMap<String, OneOrMany>,
    /// What a zero-shot head makes of the likeness of picture and text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<LikenessScore>,
}

/// What an answer is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The object that the picture shows.
    #[default]
    Object,
    /// The digital picture itself: a watermark, a colour chart, a blur. Nothing of it is said of the object.
    WebResource,
}

/// What makes scores of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// One of all: the scores sum to one.
    Softmax,
    /// Each for itself.
    Sigmoid,
    /// The output is taken as it is.
    None,
    /// One of each group of siblings; a score is the product along the path from the top.
    HierarchicalSoftmax,
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
    /// The network's own hierarchy says it already: the product along the path.
    PathProduct,
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

/// Which concepts of the loaded vocabularies a zero-shot head chooses from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateSpec {
    /// The scheme's short name; any scheme where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The concepts, guide terms or facets below which candidates stand.
    pub under: Vec<String>,
    /// How many steps below them; all the way down where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// How many candidates there are at most, those nearest to the top first.
    pub limit: usize,
}

/// What is made of the likeness of a picture's vector and a text's, the cosine of the angle between them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LikenessScore {
    /// By what it is multiplied; CLIP's `logit_scale` after the exponential.
    pub logit_scale: f64,
    /// What is added then; `SigLIP` has one.
    #[serde(default)]
    pub logit_bias: f64,
}

impl HeadSpec {
    /// Whether it has to be joined with texts before it can score.
    pub(crate) fn is_zero_shot(&self) -> bool {
        self.candidates.is_some()
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.facet.trim().is_empty() {
            return Err("`facet` is empty".to_owned());
        }
        match (&self.detect, self.is_zero_shot()) {
            (Some(_), true) => return Err("it has both `detect` and `candidates`".to_owned()),
            (Some(detect), false) => self.check_detector(detect)?,
            (None, true) => self.check_zero_shot()?,
            (None, false) => self.check_plain()?,
        }
        match &self.calibration {
            Some(CalibrationSpec::Inline(calibration)) => calibration.check(),
            _ => Ok(()),
        }
    }

    fn check_plain(&self) -> Result<(), String> {
        if self.output.all().is_empty() || self.output.all().iter().any(String::is_empty) {
            return Err("`output` is empty".to_owned());
        }
        if self.labels.is_none() {
            return Err("`labels` is missing: the file that says which concept each output means".to_owned());
        }
        if self.score.is_some() || !self.prompts.is_empty() {
            return Err("`prompts` and `score` belong to a head with `candidates`".to_owned());
        }
        let hierarchical = self.activation == Activation::HierarchicalSoftmax;
        match (hierarchical, self.groups.is_some(), self.parents.is_some()) {
            (true, true, false) | (true, false, true) | (false, false, false) => {}
            (true, _, _) => {
                return Err("a hierarchical softmax needs `groups` (by nodes) or `parents` (by levels), one of the two".to_owned());
            }
            (false, _, _) => return Err("`groups` and `parents` belong to the activation `hierarchical-softmax`".to_owned()),
        }
        let decode = self.decode.as_ref().ok_or("`decode` is missing")?;
        if hierarchical != (decode.closure == Closure::PathProduct) {
            return Err("the closure `path-product` and the activation `hierarchical-softmax` belong together".to_owned());
        }
        self.check_decode(decode)
    }

    fn check_decode(&self, decode: &Decode) -> Result<(), String> {
        if !(0.0..=1.0).contains(&decode.threshold) && self.activation != Activation::None {
            return Err(format!("`threshold` is {}, outside of 0 to 1", decode.threshold));
        }
        if decode.max_tags == 0 {
            return Err("`max_tags` is 0".to_owned());
        }
        if decode.closure == Closure::SumDescendants && self.activation == Activation::Sigmoid {
            return Err("`sum-descendants` needs scores of which one excludes the other; sigmoid wants `max-descendant`".to_owned());
        }
        match &self.calibration {
            Some(CalibrationSpec::Inline(Calibration::Temperature { .. })) if self.activation == Activation::None => {
                Err("a temperature needs an output before its activation; set `activation` or leave `calibration` out".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn check_zero_shot(&self) -> Result<(), String> {
        if self.labels.is_some() || !self.output.all().is_empty() {
            return Err("a head with `candidates` has neither `labels` nor `output`: its labels are the candidates".to_owned());
        }
        if self.candidates.as_ref().is_some_and(|c| c.under.is_empty() || c.limit == 0 || c.limit > 100_000) {
            return Err("`candidates` names in `under` what they stand below, and a `limit` from 1 to 100000".to_owned());
        }
        if self.prompts.is_empty() {
            return Err(
                "`prompts` is missing, such as { en = \"a photo of {tag}\" }, { en = \"1 tag\" } or { en = \"all tags\" }".to_owned()
            );
        }
        for template in self.prompts.values().flat_map(OneOrMany::all) {
            crate::model::prompt::check(template)?;
        }
        if !matches!(self.activation, Activation::Softmax | Activation::Sigmoid | Activation::None) {
            return Err("a zero-shot head's activation is `softmax` (CLIP), `sigmoid` (SigLIP) or `none` (the cosine)".to_owned());
        }
        if self.score.is_none() && self.activation != Activation::None {
            return Err("`score = { logit_scale = … }` is missing: exports of the two encoders leave the scale out".to_owned());
        }
        if self.score.is_some_and(|s| !s.logit_scale.is_finite() || s.logit_scale <= 0.0 || !s.logit_bias.is_finite()) {
            return Err("`logit_scale` has to be above 0".to_owned());
        }
        let decode = self.decode.as_ref().ok_or("`decode` is missing")?;
        if decode.closure == Closure::PathProduct {
            return Err("the closure `path-product` belongs to `hierarchical-softmax`".to_owned());
        }
        self.check_decode(decode)
    }

    fn check_detector(&self, detect: &DetectSpec) -> Result<(), String> {
        if self.output.all().len() != 1 {
            return Err("a detector's head has one `output`; `detect.boxes` names the second one".to_owned());
        }
        if self.labels.is_none() {
            return Err("`labels` is missing: the file that says which concept each class means".to_owned());
        }
        if self.decode.is_some() || self.groups.is_some() || self.parents.is_some() {
            return Err("a detector's head has `detect`, and neither `decode` nor `groups` nor `parents`".to_owned());
        }
        if matches!(&self.calibration, Some(CalibrationSpec::Inline(Calibration::Temperature { .. }))) {
            return Err("a detector is calibrated by an isotonic calibration, which sees its scores".to_owned());
        }
        detect.check(self.activation)
    }
}
