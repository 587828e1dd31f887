//! What is running, and what comes next? The one place that knows the whole pipeline, from reading to publication.
//!
//! Whatever is asked for is a [`Job`], a plain value; [`House::run`] does it and answers with a [`Report`]. While `glossator serve` has the
//! store open, other commands hand it their jobs over the socket in the store's folder.

mod candidates;
mod begin;
mod check;
mod claims;
mod delete;
mod dereference;
mod dump;
mod error_lines;
mod export;
mod harvest;
mod house;
mod import_tags;
mod ingest;
mod job;
mod links;
mod link;
mod load;
mod look;
mod measure_links;
mod models;
mod pace;
mod pictures;
mod publish;
mod query;
mod report;
mod retract;
mod review;
mod runs;
mod settings;
mod socket;
mod stages;
mod table;
mod tag;
mod validate;
mod validate_paths;
mod validate_stored;
mod validation_report;

pub use delete::Delete;
pub use dereference::Dereference;
pub use dump::{Dump, DumpFile, DumpManifest, dump_folder, dumps, dumps_folder, sums};
pub use export::Export;
pub use harvest::{FromArchive, FromEuropeana, FromIiif, FromOai, Harvest, HarvestFrom, Key};
pub use house::House;
pub use import_tags::ImportTags;
pub use ingest::Ingest;
pub use job::{Job, absolute};
pub use link::Link;
pub use links::LinkReport;
pub use look::{Looked, Looker};
pub use measure_links::MeasureLinks;
pub use models::{InstalledModel, ModelJob};
pub use pictures::PictureSources;
pub use publish::Publish;
pub use query::Query;
pub use report::{Listener, Outlet, Report};
pub use review::Review;
pub use settings::{DereferenceSettings, Settings, StageSettings};
pub use socket::{SocketServer, hand_over};
pub use table::ReadTable;
pub use tag::Tag;
pub use validate::{Validate, ValidationBench};
pub use validation_report::{LAST_REPORT, ReportForm};
