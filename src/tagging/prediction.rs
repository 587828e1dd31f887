//! Predictions: which concepts a tagger sees in one picture. Plain values, no RDF yet.

use oxigraph::model::NamedNode;

use super::{Confidence, Mapping};
use crate::model::{About, Activation};
pub use crate::model::{Captioned as Caption, Region};

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
    /// The product of scores that hang on one another: along the path from the top of a hierarchy, or of a relation and the two things
    /// that it joins.
    Product,
    /// The mean of several taggers.
    Mean,
    /// How likely the words of a sentence are, one with another.
    Likelihood,
}

impl From<Activation> for ScoreKind {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Sigmoid => Self::Sigmoid,
            Activation::Softmax => Self::Softmax,
            Activation::None => Self::Raw,
            Activation::HierarchicalSoftmax => Self::Product,
        }
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

/// What one thing on a picture does to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// Where the one is that does it.
    pub subject: Region,
    /// What it does.
    pub relation: NamedNode,
    /// Where the other is.
    pub object: Region,
    /// The product of the three scores.
    pub score: f64,
    /// The network's own word for the relation.
    pub label: String,
}

/// What a tagger says in one facet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FacetPredictions {
    /// The facet.
    pub facet: String,
    /// What it is about: the object, or the digital picture.
    pub about: About,
    /// The concepts, by rank.
    pub predictions: Vec<Prediction>,
    /// What the things that were found do to one another, the surest first.
    pub relations: Vec<Relation>,
    /// A sentence about the picture.
    pub caption: Option<Caption>,
    /// Why nothing is said, where nothing is. Abstaining is an outcome, and is recorded.
    pub abstained: Option<String>,
}
