//! What the pages show, gathered from the other rooms: small bounded look-ups, a page at a time.

mod concept;
mod look;
mod record;
mod records;
mod regions;
mod start;
mod tree;
pub(super) mod words;

use std::sync::{Arc, OnceLock};

use super::{
    PictureBytes, RecordsAsked, Source, SourceError, Visitor,
    pages::{ConceptView, LookView, Notice, RecordView, RecordsView, SearchView, StartView, TreeView},
};
use crate::{
    images::Pictures,
    jobs::{House, Looker},
    rdf::RecordKey,
    store::Store,
};

/// The pages' source over a house.
#[derive(Debug)]
pub struct Shown {
    house: House,
    looker: Arc<Looker>,
    /// Whether it shows the demonstration, and has to say so.
    demonstration: bool,
    pictures: OnceLock<Pictures>,
}

/// Whatever goes wrong in another room is ours; visitors do not see the reason.
fn ours(error: impl Into<anyhow::Error>) -> SourceError {
    SourceError::Failed(format!("{:#}", error.into()))
}

impl Shown {
    /// The pages of this house.
    pub fn new(house: House, looker: Arc<Looker>, demonstration: bool) -> Self {
        Self { house, looker, demonstration, pictures: OnceLock::new() }
    }

    fn store(&self) -> &Store {
        &self.house.store
    }
}

impl Source for Shown {
    fn notice(&self) -> Option<Notice> {
        self.demonstration.then(|| Notice {
            heading: "This is a demonstration".to_owned(),
            paragraphs: vec![
                "The twelve records are invented, and their pictures were drawn by a program; drawings of the same kinds were part of the tagger’s training, which flatters it here.".to_owned(),
                "The tagger knows nine architectural elements from photographs of 64 pixels. On photographs that it had not seen, it is right about five times in six; on anything else it should say nothing, and mostly does. It is for showing how Glossator works, not for use.".to_owned(),
            ],
        })
    }

    fn start(&self, visitor: &Visitor) -> Result<StartView, SourceError> {
        self.start_view(visitor)
    }

    fn records(&self, visitor: &Visitor, asked: &RecordsAsked) -> Result<RecordsView, SourceError> {
        self.records_view(visitor, asked)
    }

    fn record(&self, visitor: &Visitor, key: &RecordKey) -> Result<RecordView, SourceError> {
        self.record_view(visitor, key)
    }

    fn picture(&self, key: &RecordKey, longest_side: u32) -> Result<PictureBytes, SourceError> {
        self.small_picture(key, longest_side)
    }

    fn concept(&self, visitor: &Visitor, iri: &str) -> Result<ConceptView, SourceError> {
        self.concept_view(visitor, iri)
    }

    fn search(&self, visitor: &Visitor, beginning: &str) -> Result<SearchView, SourceError> {
        self.search_view(visitor, beginning)
    }

    fn tree(&self, visitor: &Visitor, iri: Option<&str>) -> Result<TreeView, SourceError> {
        self.tree_view(visitor, iri)
    }

    fn look(&self, visitor: &Visitor, photograph: bytes::Bytes) -> Result<LookView, SourceError> {
        self.look_view(visitor, &photograph)
    }
}
