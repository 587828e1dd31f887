//! Harvesting: a source is asked, what it gives is read like everything else, and how far it has been asked stands in the store with what
//! came of it.

mod job;
mod asker;
mod source;
mod seen;
mod session;
mod oai;
mod oai_walk;
mod archive;
mod europeana;
mod pilot;
mod iiif;
mod sources;

pub use job::{FromArchive, FromEuropeana, FromIiif, FromOai, Harvest, HarvestFrom, Key};

pub(super) use job::run;
