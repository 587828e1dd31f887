//! What may be harvested, as values that travel over the socket.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{archive, europeana, iiif, oai, sources};
use crate::jobs::{House, Listener, Report};

/// One harvest.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Harvest {
    /// From where.
    pub from: HarvestFrom,
    /// The data set that all of it belongs to; by default what each record says, else one named after the source.
    pub data_set: Option<String>,
    /// All that the source has, not only what changed; what it no longer has is deleted.
    pub full: bool,
    /// Whether addresses of this machine and of private networks may be asked.
    pub allow_private: bool,
    /// Whether to delete even when most of what we hold from the source is no longer there.
    pub accept_deletions: bool,
    /// Whether records that came from another source become this one's.
    pub take_over: bool,
}

/// A kind of source.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HarvestFrom {
    /// An OAI-PMH provider.
    Oai(FromOai),
    /// An archive at an address.
    Archive(FromArchive),
    /// Europeana's Search and Record APIs.
    Europeana(FromEuropeana),
    /// A IIIF manifest or collection.
    Iiif(FromIiif),
    /// Nowhere: the sources that were harvested before are listed.
    Sources,
}

/// What to ask an OAI-PMH provider for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FromOai {
    /// Its base URL.
    pub url: String,
    /// The metadata prefix.
    pub prefix: String,
    /// A set.
    pub set: Option<String>,
    /// From this datestamp on.
    pub from: Option<String>,
    /// Up to this one.
    pub until: Option<String>,
    /// Headers first (`ListIdentifiers`), then each record by itself (`GetRecord`).
    pub each: bool,
}

/// An archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FromArchive {
    /// Its address.
    pub url: String,
    /// The SHA-256 that it must have, in hexadecimal.
    pub sha256: Option<String>,
}

/// What to ask Europeana for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FromEuropeana {
    /// The query.
    pub query: String,
    /// Filters of the query.
    pub qf: Vec<String>,
    /// `open`, `restricted`, `permission`.
    pub reusability: Vec<String>,
    /// Only so many items.
    pub limit: Option<u64>,
    /// Another API than the configured one.
    pub api: Option<String>,
    /// The API key.
    pub key: Key,
    /// Whether records are asked for as the API's own JSON rather than JSON-LD.
    pub rich: bool,
    /// Where to write the items as `category,skos_concept,URI,ID,URL`; absolute.
    pub csv: Option<PathBuf>,
    /// A category and its concept, each with a query of its own: `(skos_concept:"CONCEPT" AND TYPE:IMAGE)`.
    pub categories: Vec<(String, String)>,
    /// Whether the records themselves are left alone.
    pub no_records: bool,
}

/// A manifest or a collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FromIiif {
    /// Its address.
    pub url: String,
    /// The data provider where the manifests name none.
    pub data_provider: Option<String>,
    /// The rights where the manifests state none, as an IRI.
    pub rights: Option<String>,
}

/// A key that is sent and never shown.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub String);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

pub(in crate::jobs) fn run(house: &House, job: &Harvest, listener: Listener<'_>) -> anyhow::Result<Report> {
    match &job.from {
        HarvestFrom::Oai(from) => oai::run(house, job, from, listener),
        HarvestFrom::Archive(from) => archive::run(house, job, from, listener),
        HarvestFrom::Europeana(from) => europeana::run(house, job, from, listener),
        HarvestFrom::Iiif(from) => iiif::run(house, job, from, listener),
        HarvestFrom::Sources => sources::run(house),
    }
}
