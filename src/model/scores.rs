//! Scores: what a network says of one picture, head by head.

use super::{Activation, Head, ModelError, Prepared, Preparer, Provided};
use crate::images::Picture;

/// What a bundle's networks say of one picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Each head that gives a number for each concept, in the manifest's order.
    pub heads: Vec<HeadScores>,
    /// Each head that says where something is.
    pub found: Vec<HeadFound>,
    /// The sentences.
    pub captions: Vec<Captioned>,
    /// The picture's vector, where the bundle makes one.
    pub embedding: Option<Vec<f32>>,
}

impl Scores {
    /// Scores of heads alone.
    pub fn of_heads(heads: Vec<HeadScores>) -> Self {
        Self { heads, ..Self::default() }
    }
}

/// What one head says.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadScores {
    /// The facet.
    pub facet: String,
    /// What made the scores of the outputs.
    pub activation: Activation,
    /// The outputs as they came.
    pub raw: Vec<f32>,
    /// The outputs after the activation.
    pub scores: Vec<f32>,
}

/// Where one head says that something is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeadFound {
    /// The facet.
    pub facet: String,
    /// What was found, the surest first.
    pub found: Vec<Found>,
    /// What one of them does to another.
    pub relations: Vec<FoundRelation>,
}

/// Something at a place of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Which class: a row of the label map.
    pub class: usize,
    /// The score after the activation.
    pub score: f64,
    /// Where, in the picture's original pixels.
    pub region: Region,
}

/// What one thing does to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundRelation {
    /// Who does it.
    pub subject: Found,
    /// What: a row of the relations' label map.
    pub relation: usize,
    /// To whom.
    pub object: Found,
    /// The product of the three scores.
    pub score: f64,
}

/// A sentence about the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Captioned {
    /// The facet.
    pub facet: String,
    /// The sentence.
    pub text: String,
    /// Its language.
    pub language: String,
    /// The mean likelihood of its words (their geometric mean), from 0 to 1.
    pub score: f64,
}

/// A part of a picture, in its original pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

impl HeadScores {
    /// Takes outputs as they came, and makes scores of them.
    pub fn new(facet: &str, activation: Activation, raw: Vec<f32>) -> Result<Self, ModelError> {
        let scores = activation.apply(&raw, 1.0);
        Self::made(facet, activation, raw, &scores)
    }

    /// The same for a head, which may know more of how its outputs hang together.
    pub fn of(head: &Head, raw: Vec<f32>) -> Result<Self, ModelError> {
        let scores = head.scores(&raw, 1.0);
        Self::made(&head.facet, head.activation, raw, &scores)
    }

    fn made(facet: &str, activation: Activation, raw: Vec<f32>, scores: &[f64]) -> Result<Self, ModelError> {
        if let Some(index) = raw.iter().position(|value| !value.is_finite()) {
            return Err(ModelError::NotANumber { facet: facet.to_owned(), index });
        }
        Ok(Self { facet: facet.to_owned(), activation, raw, scores: scores.iter().map(|score| *score as f32).collect() })
    }
}

impl Activation {
    /// Makes scores of outputs that are divided by the temperature first.
    pub fn apply(self, raw: &[f32], temperature: f64) -> Vec<f64> {
        let scaled = raw.iter().map(|value| f64::from(*value) / temperature);
        match self {
            Self::None => raw.iter().map(|value| f64::from(*value)).collect(),
            Self::Sigmoid => scaled.map(|value| 1.0 / (1.0 + (-value).exp())).collect(),
            // Without its groups, which `Head::scores` knows, a hierarchical softmax is one group.
            Self::Softmax | Self::HierarchicalSoftmax => {
                let largest = scaled.clone().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<f64> = scaled.map(|value| (value - largest).exp()).collect();
                let sum: f64 = powers.iter().sum();
                powers.into_iter().map(|power| power / sum).collect()
            }
        }
    }
}

/// Scores pictures: a session of a network, or a dummy that keeps the same contract.
pub trait Scorer: Send + std::fmt::Debug {
    /// What it says of each picture, in their order.
    fn score(&mut self, pictures: &[&Picture]) -> Result<Vec<Scores>, ModelError>;

    /// Whoever makes pictures ready on other threads; none where the scorer wants whole pictures.
    fn preparer(&self) -> Option<Preparer> {
        None
    }

    /// The same for pictures that were made ready by [`Scorer::preparer`].
    fn score_prepared(&mut self, _prepared: &[&Prepared]) -> Result<Vec<Scores>, ModelError> {
        Err(ModelError::Prepare("whole pictures are wanted".to_owned()))
    }

    /// What really computes.
    fn provider(&self) -> &Provided;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_give_scores() {
        let softmax = Activation::Softmax.apply(&[1000.0, 1000.0, -1000.0], 1.0);
        assert_eq!(softmax, [0.5, 0.5, 0.0]);
        let sigmoid = Activation::Sigmoid.apply(&[0.0, 2.0], 2.0);
        assert!((sigmoid[0] - 0.5).abs() < 1e-9 && (sigmoid[1] - 0.731_058).abs() < 1e-6, "{sigmoid:?}");
        assert_eq!(Activation::None.apply(&[3.0], 2.0), [3.0]);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        let error = HeadScores::new("subjects", Activation::Softmax, vec![0.0, f32::NAN]).unwrap_err();
        assert!(matches!(error, ModelError::NotANumber { index: 1, .. }));
    }
}
