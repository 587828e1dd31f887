//! What can stop the reading of records. A broken record is none of these: it is handed on as `Rejected`.

use std::path::PathBuf;

use crate::rdf::RdfError;

/// Why records could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// A path that was asked for cannot be read.
    #[error("the records in {} cannot be read: {reason}", path.display())]
    Path {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The base for relative references is no IRI.
    #[error("`relative_references` is set to `{iri}`, which is not an absolute IRI: {reason}")]
    Base {
        /// What was set.
        iri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A record's triples have no canonical form.
    #[error("the record of {cho} cannot be given a digest: {reason}")]
    Digest {
        /// The CHO of the record.
        cho: String,
        /// What is wrong with it.
        reason: RdfError,
    },
}
