//! Which concepts do we see, and how sure are we? Scores become predictions that agree with the hierarchy.

mod error;
mod confidence;
mod prediction;
mod hierarchy;
mod label_map;
mod closure;
mod emit;
mod stored;
mod regions;
mod tagger;
mod ensemble_spec;
mod ensemble;
mod candidates;
mod compare;

pub use crate::model::Mapping;
pub use candidates::candidates;
pub use compare::{Figures, GoldLine, compare, read_gold, warnings};
pub use confidence::Confidence;
pub use ensemble_spec::{ENSEMBLE, EnsembleFacet, EnsembleSpec, MemberSpec, Normalise};
pub use error::TaggingError;
pub use hierarchy::{Hierarchy, NoHierarchy};
pub use prediction::{Caption, FacetPredictions, Prediction, Region, Relation, ScoreKind};
pub use tagger::{Ranking, Tagger};
