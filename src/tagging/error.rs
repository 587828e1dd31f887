//! What can go wrong with taggers.

/// A tagger that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TaggingError {
    /// A label map names something that is no IRI.
    #[error("the label map of `{facet}`, output {index}: `{iri}` is not an absolute IRI: {reason}")]
    Iri {
        /// The facet.
        facet: String,
        /// Which output.
        index: usize,
        /// What is written there.
        iri: String,
        /// What is wrong with it.
        reason: String,
    },
}
