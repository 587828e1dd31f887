//! The manifest of an ensemble, `ensemble.toml`: which taggers look together, and how much each of them counts.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::TaggingError;
use crate::model::{Calibration, Emit, Status};

/// The manifest's name.
pub const ENSEMBLE: &str = "ensemble.toml";

/// `ensemble.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnsembleSpec {
    /// The version of this format.
    pub schema: u32,
    /// The ensemble's name in IRIs.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name for people.
    pub title: String,
    /// Under which licence it may be used: that of its members together.
    pub licence: String,
    /// What its results may be used for.
    pub status: Status,
    /// Its model card, a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// Who looks.
    #[serde(rename = "member")]
    pub members: Vec<MemberSpec>,
    /// What it answers.
    #[serde(rename = "facet")]
    pub facets: Vec<EnsembleFacet>,
}

/// One of those who look together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSpec {
    /// A tagger in the store: `id@version`.
    pub tagger: String,
    /// How much it counts, by facet; 1 where nothing is said, and 0 leaves it out.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
}

/// One facet of an ensemble.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnsembleFacet {
    /// The facet.
    pub facet: String,
    /// How the members' numbers are brought to one measure before their mean.
    #[serde(default)]
    pub normalise: Normalise,
    /// Which concepts are stated.
    pub emit: Emit,
    /// The least mean (or confidence, where it is calibrated) that is worth stating.
    pub threshold: f64,
    /// How many concepts are stated at most.
    pub max_tags: usize,
    /// What makes confidences of the means: a mean of confidences is none by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// How numbers are brought to one measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalise {
    /// They are of one measure already: all are calibrated, or all of one kind.
    #[default]
    None,
    /// Each member's largest becomes 1.
    Max,
    /// Each member's sum to 1.
    Sum,
}

impl EnsembleSpec {
    /// Reads a manifest. `path` is for the message.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TaggingError> {
        let refused = |reason: String| TaggingError::Ensemble { path: path.to_owned(), reason };
        let spec: Self = toml::from_str(text).map_err(|e| refused(e.to_string().trim_end().to_owned()))?;
        spec.check().map_err(refused)?;
        Ok(spec)
    }

    fn check(&self) -> Result<(), String> {
        if self.schema != 1 {
            return Err(format!("`schema` is {}, and we read 1", self.schema));
        }
        for (key, value) in [("id", &self.id), ("version", &self.version), ("title", &self.title), ("licence", &self.licence)] {
            if value.trim().is_empty() {
                return Err(format!("`{key}` is empty"));
            }
        }
        if self.members.len() < 2 || self.facets.is_empty() {
            return Err("an ensemble has two [[member]] at least, and a [[facet]]".to_owned());
        }
        for (index, member) in self.members.iter().enumerate() {
            if self.members[..index].iter().any(|m| m.tagger == member.tagger) {
                return Err(format!("the member `{}` stands twice", member.tagger));
            }
            if let Some((facet, weight)) = member.weights.iter().find(|(_, w)| !w.is_finite() || **w < 0.0) {
                return Err(format!("the weight of `{}` for `{facet}` is {weight}, and has to be 0 or more", member.tagger));
            }
        }
        for (index, facet) in self.facets.iter().enumerate() {
            if self.facets[..index].iter().any(|f| f.facet == facet.facet) {
                return Err(format!("the facet `{}` stands twice", facet.facet));
            }
            if facet.max_tags == 0 || !(0.0..=1.0).contains(&facet.threshold) {
                return Err(format!("facet `{}`: `threshold` lies from 0 to 1, `max_tags` is not 0", facet.facet));
            }
            match &facet.calibration {
                Some(Calibration::Temperature { .. }) => return Err("a mean is calibrated by an isotonic calibration".to_owned()),
                Some(calibration) => calibration.check()?,
                None => {}
            }
        }
        Ok(())
    }
}

impl MemberSpec {
    /// How much it counts in a facet.
    pub fn weight(&self, facet: &str) -> f64 {
        self.weights.get(facet).copied().unwrap_or(1.0)
    }
}
