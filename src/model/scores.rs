//! Scores: what a network says of one picture, head by head.

use super::{Activation, ModelError, Provided};
use crate::images::Picture;

/// What a network says of one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// Each head, in the manifest's order.
    pub heads: Vec<HeadScores>,
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

impl HeadScores {
    /// Takes outputs as they came, and makes scores of them.
    pub fn new(facet: &str, activation: Activation, raw: Vec<f32>) -> Result<Self, ModelError> {
        if let Some(index) = raw.iter().position(|value| !value.is_finite()) {
            return Err(ModelError::NotANumber { facet: facet.to_owned(), index });
        }
        let scores = activation.apply(&raw, 1.0).into_iter().map(|score| score as f32).collect();
        Ok(Self { facet: facet.to_owned(), activation, raw, scores })
    }
}

impl Activation {
    /// Makes scores of outputs that are divided by the temperature first.
    pub fn apply(self, raw: &[f32], temperature: f64) -> Vec<f64> {
        let scaled = raw.iter().map(|value| f64::from(*value) / temperature);
        match self {
            Self::None => raw.iter().map(|value| f64::from(*value)).collect(),
            Self::Sigmoid => scaled.map(|value| 1.0 / (1.0 + (-value).exp())).collect(),
            Self::Softmax => {
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
