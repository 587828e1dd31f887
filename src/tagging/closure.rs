//! Closure: what a broader concept gets from those below it, so that no child stands above its parent.

use super::label_map::LabelMap;
use crate::model::{Activation, Closure};

/// The value of each concept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Values {
    /// By concept, in the label map's order.
    pub(crate) concepts: Vec<f64>,
    /// Of the outputs without a concept.
    pub(crate) reject: Option<f64>,
}

/// Brings the scores of a head to its concepts and to those above them.
pub(crate) fn close(map: &LabelMap, scores: &[f64], activation: Activation, closure: Closure) -> Values {
    let (own, reject) = own(map, scores, activation, closure);
    let mut concepts = own.clone();
    for (place, value) in own.iter().enumerate() {
        let concept = &map.concepts[place];
        // What stands above the label map alone has nothing of its own to hand on.
        if concept.mapping.is_none() {
            continue;
        }
        match closure {
            Closure::SumDescendants => concept.preferred.iter().for_each(|above| concepts[*above] = sum(concepts[*above], *value)),
            Closure::MaxDescendant => concept.ancestors.iter().for_each(|above| concepts[*above] = concepts[*above].max(*value)),
            // A hierarchical softmax has seen to it along its own paths.
            Closure::PathProduct | Closure::None => {}
        }
    }
    Values { concepts, reject }
}

/// Adds, where what has had nothing yet stands at minus infinity.
fn sum(so_far: f64, value: f64) -> f64 {
    if so_far == f64::NEG_INFINITY { value } else { so_far + value }
}

/// What the outputs say of each concept itself. Outputs that share a concept add up where one excludes the other; elsewhere the largest counts.
fn own(map: &LabelMap, scores: &[f64], activation: Activation, closure: Closure) -> (Vec<f64>, Option<f64>) {
    let excludes = matches!(activation, Activation::Softmax | Activation::HierarchicalSoftmax);
    let adds_up = excludes || closure == Closure::SumDescendants;
    let join = |so_far: f64, value: f64| if adds_up { sum(so_far, value) } else { so_far.max(value) };
    let mut own = vec![f64::NEG_INFINITY; map.concepts.len()];
    let mut reject = None;
    for (row, score) in map.rows.iter().zip(scores) {
        match row {
            Some(place) => own[*place] = join(own[*place], *score),
            None => reject = Some(reject.map_or(*score, |so_far| join(so_far, *score))),
        }
    }
    (own, reject)
}
