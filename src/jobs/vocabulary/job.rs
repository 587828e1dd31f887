//! What may be asked about vocabularies and mapping sets.

use serde::{Deserialize, Serialize};

use super::{ListObsolete, equivalents, list, obsolete, retract};
use crate::jobs::{House, Listener, Report};

/// Something about the vocabularies and mapping sets in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VocabularyJob {
    /// List them.
    List,
    /// List what rests on concepts that are no longer what they were.
    Obsolete(ListObsolete),
    /// List what is the same as a concept, and who says so.
    Equivalents {
        /// The concept.
        concept: String,
    },
    /// Take one of them back whole.
    Retract {
        /// The scheme's or the mapping set's name, or the IRI of its graph.
        name: String,
        /// The release; needed where there are several.
        release: Option<String>,
    },
}

impl VocabularyJob {
    /// Whether it changes nothing.
    pub(in crate::jobs) fn reads(&self) -> bool {
        !matches!(self, Self::Retract { .. })
    }
}

pub(in crate::jobs) fn run(house: &House, job: &VocabularyJob, listener: Listener<'_>) -> anyhow::Result<Report> {
    match job {
        VocabularyJob::List => list::run(house),
        VocabularyJob::Obsolete(job) => obsolete::run(house, job, listener),
        VocabularyJob::Equivalents { concept } => equivalents::run(house, concept),
        VocabularyJob::Retract { name, release } => retract::run(house, name, release.as_deref(), listener),
    }
}
