//! The vocabularies and mapping sets of the store: which there are, what is the same in them, what a new release made obsolete, and taking
//! one back whole.

mod job;
mod list;
mod equivalents;
mod obsolete;
mod obsolete_report;
mod resting;
mod retract;

pub use job::VocabularyJob;
pub use obsolete::ListObsolete;

pub(super) use job::run;
pub(super) use obsolete::resting_on_obsolete;
pub(super) use retract::take_back;
