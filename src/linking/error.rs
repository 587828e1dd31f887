//! What can go wrong with linking.

use std::path::PathBuf;

/// A text that cannot be linked, or a file of tags that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LinkingError {
    /// The vocabularies.
    #[error(transparent)]
    Vocab(#[from] crate::vocab::VocabError),
    /// The text model.
    #[error(transparent)]
    Model(#[from] crate::model::ModelError),
    /// A property in the settings.
    #[error(
        "[linking.properties]: `{0}` is neither a known prefixed name nor an IRI: write dc:type, dcterms:medium, dc:subject or a full IRI"
    )]
    Property(String),
    /// A confidence in the settings.
    #[error("[linking] confidence is {0}, and must lie between 0 and 1")]
    Confidence(f64),
    /// A file.
    #[error("{} cannot be read: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why, and where in it.
        reason: String,
    },
}
