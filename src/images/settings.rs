//! What an operator may set about pictures: where they may come from, how large they may be, what is kept of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Mirror;

/// Where pictures may come from, and how much of them is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Folders that serve IRIs beginning with a certain text in place of the network.
    pub mirrors: Vec<Mirror>,
    /// Folders under which `file:` IRIs may be read. None, unless an operator says so: a record must not make us read our own files.
    pub folders: Vec<PathBuf>,
    /// The largest file that is read from a mirror or a folder, in MiB.
    pub max_file_mib: u64,
    /// How much of what was fetched is kept, in MiB; what was used longest ago goes first. 0 keeps nothing.
    pub cache_mib: u64,
    /// For how many days what was fetched is taken as it is; after that its host is asked whether it changed.
    pub fresh_days: u32,
    /// How large a picture may be once it is decoded.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self { mirrors: Vec::new(), folders: Vec::new(), max_file_mib: 32, cache_mib: 4096, fresh_days: 30, limits: Limits::default() }
    }
}

/// How large a picture may be: looked at in its header, before a single pixel is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The longest side, in pixels.
    pub max_side: u32,
    /// All pixels together, in millions.
    pub max_megapixels: u32,
    /// What the decoder may take from memory, in MiB.
    pub max_alloc_mib: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_side: 20_000, max_megapixels: 100, max_alloc_mib: 256 }
    }
}
