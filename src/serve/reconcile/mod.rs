//! Reconciliation: names in, concepts out, as `OpenRefine` and its kin ask for them (Reconciliation Service API 0.2, and
//! the draft of 1.0 beside it).
//!
//! One service over all loaded vocabularies. Entities are concepts, their ids are their IRIs; types are schemes and facets; `extend` gives
//! labels, hierarchy and alignments; `suggest` completes what a person types; `preview` shows a concept in a few lines.

mod batch;
mod branches;
mod candidates;
mod door;
mod draft;
mod extend;
mod manifest;
mod score;
mod suggest;

pub(super) use branches::Branches;
pub(super) use door::{beside, reconcile};
pub(super) use draft::draft;
