//! How do others get it? SPARQL and the Graph Store Protocol, the pages, and the server that carries them: one door for the public, which only
//! reads, and one for the operator, which writes too.

mod app;
mod change;
mod client;
mod description;
mod door;
mod dumps;
mod error;
mod examples;
mod flights;
mod form;
mod graph_body;
mod graph_store;
mod health;
mod metrics;
mod ldes;
mod linked;
mod oai;
pub mod pages;
mod protocol;
mod queries;
mod reconcile;
mod server;
mod settings;
mod shared;
mod shown;
mod source;
mod sparql;
mod update;
mod visitor;

pub use app::{App, router, write_router};
pub use door::WriteToken;
pub use error::ServeError;
pub use examples::{EXAMPLES, Example};
pub use health::Runtime;
pub use server::serve;
pub use settings::Settings;
pub use shown::Shown;
pub use source::{PictureBytes, RecordsAsked, Source, SourceError};
pub use visitor::Visitor;
