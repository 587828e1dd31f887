//! What are our words? Namespaces, minted IRIs, named-graph names, syntaxes, and the canonical form of a graph.

pub mod canonical;
mod error;
pub mod iri;
pub mod mint;
pub mod ns;
pub mod syntax;
mod term;
pub mod xml;

pub use error::RdfError;
pub use mint::{Base, RecordKey};
pub use term::{expanded, plain, prefixed, text_of};
