//! What can go wrong when predictions are put into words.

/// A facet without a property, or a store that does not answer.
#[derive(Debug, thiserror::Error)]
pub enum EnrichmentError {
    /// No property is set for a facet.
    #[error("no EDM property is set for the facet `{0}`: add it under [enrichment.properties], as in `{0} = \"dc:subject\"`")]
    Facet(String),
    /// The property is no IRI.
    #[error("the property `{property}` set for the facet `{facet}` is neither a known prefixed name nor an IRI")]
    Property {
        /// The facet.
        facet: String,
        /// What is set for it.
        property: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}
