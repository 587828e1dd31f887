//! Which concepts do we see, and how sure are we? Scores become predictions that agree with the hierarchy.

mod error;
mod confidence;
mod prediction;
mod hierarchy;
mod label_map;
mod closure;
mod emit;
mod stored;
mod tagger;

pub use crate::model::Mapping;
pub use confidence::Confidence;
pub use error::TaggingError;
pub use hierarchy::{Hierarchy, NoHierarchy};
pub use prediction::{FacetPredictions, Prediction, Region, ScoreKind};
pub use tagger::Tagger;
