//! What the pipeline's rooms are set to, together.

use crate::{enrichment, images, linking, model, net, records};

/// The settings of every room that a job passes through.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Fetching.
    pub net: net::Settings,
    /// Reading records.
    pub records: records::ReadSettings,
    /// Pictures.
    pub images: images::Settings,
    /// Networks.
    pub model: model::Settings,
    /// Facets and their properties.
    pub enrichment: enrichment::Settings,
    /// What is read in records' words.
    pub linking: linking::Settings,
}
