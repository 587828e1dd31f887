//! Where the pages get what they show: plain values, from whoever knows the other rooms.

use super::{
    Visitor,
    pages::{ConceptView, LookView, Notice, RecordView, RecordsView, SearchView, StartView, TreeView},
};
use crate::rdf::RecordKey;

/// Which list of records is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordsAsked {
    /// Only what comes behind this record.
    pub after: Option<RecordKey>,
    /// Only those of this data set.
    pub set: Option<String>,
    /// Only those that have an annotation with this concept or a narrower one.
    pub concept: Option<String>,
}

/// A picture's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureBytes {
    /// `image/jpeg` and its like.
    pub media_type: String,
    /// The bytes.
    pub bytes: bytes::Bytes,
    /// The checksum of the picture as it came, for caches.
    pub checksum: String,
}

/// Why there is nothing to show.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// What came cannot be used; the message says why.
    #[error("{0}")]
    Unusable(String),
    /// Too many ask at once.
    #[error("{0}")]
    Busy(String),
    /// Something of ours failed. Visitors do not see the reason.
    #[error("{0}")]
    Failed(String),
}

/// Fills the pages. Each call runs on a thread that may wait.
pub trait Source: Send + Sync + std::fmt::Debug {
    /// What a visitor of every page should know first: that this is a demonstration, and what its tagger is worth.
    fn notice(&self) -> Option<Notice>;
    /// The start page.
    fn start(&self, visitor: &Visitor) -> Result<StartView, SourceError>;
    /// A list of records.
    fn records(&self, visitor: &Visitor, asked: &RecordsAsked) -> Result<RecordsView, SourceError>;
    /// One record.
    fn record(&self, visitor: &Visitor, key: &RecordKey) -> Result<RecordView, SourceError>;
    /// A record's picture, no wider or higher than so many pixels.
    fn picture(&self, key: &RecordKey, longest_side: u32) -> Result<PictureBytes, SourceError>;
    /// One concept.
    fn concept(&self, visitor: &Visitor, iri: &str) -> Result<ConceptView, SourceError>;
    /// Concepts by the beginning of a label.
    fn search(&self, visitor: &Visitor, beginning: &str) -> Result<SearchView, SourceError>;
    /// The tree of a vocabulary, seen from a concept; where the trees begin, where none is named.
    fn tree(&self, visitor: &Visitor, iri: Option<&str>) -> Result<TreeView, SourceError>;
    /// Looks at a photograph of the visitor's own, and forgets it.
    fn look(&self, visitor: &Visitor, photograph: bytes::Bytes) -> Result<LookView, SourceError>;
}
