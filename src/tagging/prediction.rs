//! Predictions: which concepts a tagger sees in one picture. Plain values, no RDF yet.

use oxigraph::model::NamedNode;

use super::{Confidence, Mapping};
use crate::model::Activation;

/// What kind of number a score is: numbers of different kinds cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScoreKind {
    /// Each concept for itself.
    Sigmoid,
    /// One of all.
    Softmax,
    /// The likeness of two embeddings.
    Cosine,
    /// The network's output as it came.
    Raw,
}

impl From<Activation> for ScoreKind {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Sigmoid => Self::Sigmoid,
            Activation::Softmax => Self::Softmax,
            Activation::None => Self::Raw,
        }
    }
}

/// A part of a picture, in its original pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
}

/// As a media fragment.
impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "xywh={},{},{},{}", self.x, self.y, self.width, self.height)
    }
}

/// A concept that a tagger sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The concept.
    pub concept: NamedNode,
    /// The facet.
    pub facet: String,
    /// The score after the activation, closed over the hierarchy, not calibrated.
    pub score: f64,
    /// What kind of number the score is.
    pub kind: ScoreKind,
    /// How sure we are; only where the tagger is calibrated.
    pub confidence: Option<Confidence>,
    /// The place among the facet's predictions, from 1.
    pub rank: u32,
    /// The network's own label or, for a concept above those that it knows, the vocabulary's.
    pub label: String,
    /// How near the concept is to what the network learnt.
    pub mapping: Mapping,
    /// The part of the picture; none for all of it.
    pub region: Option<Region>,
}

/// What a tagger says in one facet.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetPredictions {
    /// The facet.
    pub facet: String,
    /// The concepts, by rank.
    pub predictions: Vec<Prediction>,
    /// Why nothing is said, where nothing is. Abstaining is an outcome, and is recorded.
    pub abstained: Option<String>,
}
