//! Glossator states which concepts the pictures of cultural heritage show: as EDM and SKOS triples with confidence and provenance.
//!
//! The rooms below stand in the order in which a record meets them; a room uses those above it and none below. `ARCHITECTURE.md` walks
//! through them.

pub mod rdf;
pub mod telemetry;
pub mod net;
pub mod store;
pub mod validation;
pub mod vocab;
pub mod records;
pub mod images;
pub mod model;
pub mod tagging;
pub mod linking;
pub mod enrichment;
pub mod review;
pub mod publication;
pub mod jobs;
pub mod serve;
pub mod config;
pub mod cli;
