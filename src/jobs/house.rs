//! The house: the store and the settings of the rooms, as a job finds them.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Job, Listener, Report, Settings};
use crate::store::Store;

/// What every job has at hand.
#[derive(Clone, Debug)]
pub struct House {
    /// The store.
    pub store: Arc<Store>,
    /// The rooms' settings.
    pub settings: Settings,
    /// Where we wait for the network.
    pub waiting: Handle,
}

impl House {
    /// Does a job, and says what it did.
    pub fn run(&self, job: &Job, listener: Listener<'_>) -> anyhow::Result<Report> {
        match job {
            Job::Load(request) => super::load::run(self, request, listener),
            Job::Vocabulary(job) => super::vocabulary::run(self, job, listener),
            Job::Ingest(job) => super::ingest::run(self, job, listener),
            Job::Table(job) => super::table::run(self, job, listener),
            Job::Harvest(job) => super::harvest::run(self, job, listener),
            Job::Tag(job) => super::tag::run(self, job, listener),
            Job::Pictures(job) => super::link_rot::run(self, job, listener),
            Job::Dereference(job) => super::dereference::run(self, job, listener),
            Job::Link(job) => super::link::run(self, job, listener),
            Job::ImportTags(job) => super::import_tags::run(self, job, listener),
            Job::MeasureLinks(job) => super::measure_links::run(self, job, listener),
            Job::Publish(job) => super::publish::run(self, job, listener),
            Job::Review(job) => super::review::run(self, job),
            Job::Retract { run } => super::retract::run(self, run, listener),
            Job::Delete(job) => super::delete::run(self, job, listener),
            Job::Runs => super::runs::run(self),
            Job::Model(job) => super::models::run(self, job, listener),
            Job::Query(job) => super::query::run(self, job, listener),
            Job::Export(job) => super::export::run(self, job, listener),
            Job::Validate(job) => super::validate::run(self, job, listener),
            Job::Dump(job) => super::dump::run(self, job, listener),
            Job::Check => super::check::run(self),
        }
    }
}
