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
    /// An ensemble whose manifest or members do not go together.
    #[error("{}: {reason}", path.display())]
    Ensemble {
        /// The manifest.
        path: std::path::PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Candidates that the vocabularies do not have.
    #[error("facet `{facet}`: {reason}")]
    Candidates {
        /// The facet.
        facet: String,
        /// What is wrong.
        reason: String,
    },
    /// A line of what people said that cannot be read.
    #[error("{}, line {line}: {reason}", path.display())]
    Gold {
        /// The file.
        path: std::path::PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The vocabularies.
    #[error(transparent)]
    Vocabulary(#[from] crate::vocab::VocabError),
    /// The bundle.
    #[error(transparent)]
    Model(#[from] crate::model::ModelError),
}
