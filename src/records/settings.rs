//! What an operator may set about the reading of records: how large, how deep, and where relative references lead.

use super::{RecordsError, Rights};

/// The limits within which records are read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadSettings {
    /// The largest document that is read, in bytes after unpacking. A document is held in memory while its records are read.
    pub max_document_bytes: u64,
    /// How many bytes one archive may unpack to, all its members together.
    pub max_archive_bytes: u64,
    /// How many times larger than its packed form an archive may become.
    pub max_ratio: u64,
    /// How many members an archive may have.
    pub max_entries: u64,
    /// How deep elements, or JSON's brackets, may be nested.
    pub max_depth: usize,
    /// How many notes are kept about one record; the others are counted.
    pub max_notes: usize,
    /// Whose pictures may be looked at.
    pub rights: Rights,
    /// The IRI under which a provider's relative references are put where the document names no base of its own.
    /// It follows from our own base and is not set by itself.
    #[serde(skip, default = "relative_references")]
    pub relative_references: String,
}

fn relative_references() -> String {
    "https://glossator.example/provider/".to_owned()
}

impl Default for ReadSettings {
    fn default() -> Self {
        Self {
            max_document_bytes: 64 << 20,
            max_archive_bytes: 8 << 30,
            max_ratio: 200,
            max_entries: 1_000_000,
            max_depth: 128,
            max_notes: 200,
            rights: Rights::default(),
            relative_references: relative_references(),
        }
    }
}

impl ReadSettings {
    /// Whether the base for relative references is an IRI.
    pub(super) fn check(&self) -> Result<(), RecordsError> {
        match oxiri::Iri::parse(self.relative_references.as_str()) {
            Ok(_) => Ok(()),
            Err(e) => Err(RecordsError::Base { iri: self.relative_references.clone(), reason: e.to_string() }),
        }
    }
}
