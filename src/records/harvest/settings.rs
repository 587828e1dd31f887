//! What an operator may set about harvesting: patience, sizes, and how much a source may lose at once before we ask whether that is meant.

use serde::{Deserialize, Serialize};

/// Patience and limits of harvests. They stand in the place of those under `[net]`, which are made for pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// From asking to the last byte of a page, in seconds; of an archive, how long nothing may come.
    pub total_seconds: u64,
    /// How often an error that may pass is tried again.
    pub retries: u32,
    /// The longest wait that a provider may ask for (`Retry-After`), in seconds.
    pub max_wait_seconds: u64,
    /// The largest page, in MiB.
    pub max_page_mib: u64,
    /// The largest archive as it is sent, in MiB.
    pub max_archive_mib: u64,
    /// By how much the next harvest begins before the last one, in seconds: providers' clocks and datestamps are not always at one.
    pub overlap_seconds: u64,
    /// Where a full listing lacks more than so many hundredths of the records that we hold from a source, none is deleted unless
    /// `--accept-deletions` says that it is meant.
    pub max_gone_percent: u64,
    /// Europeana's API.
    pub europeana: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            total_seconds: 300,
            retries: 5,
            max_wait_seconds: 900,
            max_page_mib: 256,
            max_archive_mib: 8192,
            overlap_seconds: 3600,
            max_gone_percent: 50,
            europeana: "https://api.europeana.eu".to_owned(),
        }
    }
}
