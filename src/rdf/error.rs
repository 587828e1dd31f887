//! What can go wrong with words.

/// An IRI or a text of RDF that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RdfError {
    /// The base is not one.
    #[error("`{iri}` cannot be the base of our IRIs: {reason}. Set `base` to something like https://enrich.example.org/")]
    Base {
        /// What was given.
        iri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not an IRI.
    #[error("`{iri}` is not an absolute IRI: {reason}")]
    Iri {
        /// What was given.
        iri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The graph has so many alike blank nodes that its canonical form would take too long.
    #[error("the graph cannot be brought into canonical form: {0}")]
    Canonical(String),
}
