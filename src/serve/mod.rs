//! How do others get it? SPARQL, pages, and the photograph of one's own.

mod settings;

pub use settings::Settings;
