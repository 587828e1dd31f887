//! What can go wrong with a publication.

/// A policy that cannot hold, or a record that cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// The policy's file.
    #[error("the policy {name} cannot be used: {reason}")]
    Policy {
        /// The file or name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// Writing a record as XML.
    #[error("the record {record} cannot be written as XML: {reason}")]
    Xml {
        /// The record's key.
        record: String,
        /// What went wrong.
        reason: std::io::Error,
    },
    /// Reading annotations.
    #[error(transparent)]
    Enrichment(#[from] crate::enrichment::EnrichmentError),
    /// Reading verdicts.
    #[error(transparent)]
    Review(#[from] crate::review::ReviewError),
    /// The vocabularies.
    #[error(transparent)]
    Vocabulary(#[from] crate::vocab::VocabError),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// What we send cannot be read by ourselves.
    #[error("what is published of the record {record} cannot be read back: {reason}")]
    ReadBack {
        /// The record's key.
        record: String,
        /// What the reader said.
        reason: String,
    },
}
