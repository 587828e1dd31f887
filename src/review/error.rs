//! What can go wrong with a verdict.

/// A verdict that cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// There is no such annotation.
    #[error("<{0}> is no annotation in this store. `glossator query` finds them; the record's page shows each with its IRI")]
    NoAnnotation(String),
    /// The annotation names no record that we hold.
    #[error("the annotation <{0}> speaks of a CHO that this store holds no record of")]
    NoRecord(String),
    /// A correction without a concept, or with one that cannot be a tag.
    #[error("{0}")]
    Concept(String),
    /// Who decided?
    #[error("`{0}` cannot name a person: give a name or an IRI such as an ORCID")]
    Who(String),
    /// Reading the annotation.
    #[error(transparent)]
    Enrichment(#[from] crate::enrichment::EnrichmentError),
    /// The vocabularies.
    #[error(transparent)]
    Vocabulary(#[from] crate::vocab::VocabError),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}
