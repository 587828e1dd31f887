//! How do others get it? The SPARQL door, the pages, and the server that carries both.

mod app;
mod description;
mod error;
mod examples;
mod form;
mod health;
mod linked;
mod oai;
pub mod pages;
mod protocol;
mod reconcile;
mod server;
mod settings;
mod shown;
mod source;
mod sparql;
mod visitor;

pub use app::{App, router};
pub use error::ServeError;
pub use examples::{EXAMPLES, Example};
pub use health::Runtime;
pub use server::serve;
pub use settings::Settings;
pub use shown::Shown;
pub use source::{PictureBytes, RecordsAsked, Source, SourceError};
pub use visitor::Visitor;
