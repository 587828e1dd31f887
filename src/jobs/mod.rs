//! What is running, and what comes next? The one place that knows the whole pipeline, from reading to publication.
//!
//! Whatever is asked for is a [`Job`], a plain value; [`House::run`] does it and answers with a [`Report`]. While `glossator serve` has the
//! store open, other commands hand it their jobs over the socket in the store's folder.

mod candidates;
mod check;
mod delete;
mod error_lines;
mod export;

mod house;
mod ingest;
mod job;
mod load;
mod look;
mod measured;
mod models;
mod model_add;
mod model_compare;
mod opened;
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
mod tag;

pub use delete::Delete;
pub use export::Export;
pub use house::House;
pub use ingest::Ingest;
pub use job::{Job, absolute};
pub use look::{Looked, Looker};
pub use models::{InstalledModel, ModelJob};
pub use pictures::PictureSources;
pub use publish::Publish;
pub use query::Query;
pub use report::{Listener, Outlet, Report};
pub use review::Review;
pub use settings::{Settings, StageSettings};
pub use socket::{SocketServer, hand_over};
pub use tag::Tag;
