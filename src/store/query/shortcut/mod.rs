//! Ways to an answer that are shorter than the engine's and end at the same place: who is below whom in a hierarchy, and which concepts a
//! word names.
//!
//! A worker finds both out once a snapshot, when a query first asks, and leaves what it found beside the snapshot: other workers read it, and
//! the next snapshot takes it over where nothing that it rests on has changed (`Store::touch`).

mod alone;
mod edges;
mod group;
mod holders;
mod members;
mod names;
mod reach;
mod rewrite;
mod shorter;
mod text;
mod words;

pub(crate) use edges::HIERARCHY;
pub(super) use rewrite::{Scope, rewrite};

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

use self::{holders::Holders, reach::Hierarchy, words::Words};

/// What a worker knows besides the quads of its snapshot.
#[derive(Debug)]
pub struct Shortcuts {
    /// Where what was found is left, if anywhere.
    folder: Option<PathBuf>,
    /// The base of the store, under which its vocabularies lie.
    base: String,
    hierarchy: RefCell<Hierarchy>,
    holders: RefCell<Holders>,
    words: RefCell<Option<Words>>,
}

/// The files of a snapshot's folder that hold who is below whom begin like this.
pub(crate) const EDGES_FILE: &str = "hierarchy-";
/// The file that holds which concepts a word names.
pub(crate) const WORDS_FILE: &str = "words";

impl Shortcuts {
    /// Nothing found out yet. `folder` is the snapshot's.
    pub fn new(base: &str, folder: Option<&Path>) -> Self {
        Self {
            folder: folder.map(Path::to_path_buf),
            base: base.to_owned(),
            hierarchy: RefCell::default(),
            holders: RefCell::default(),
            words: RefCell::default(),
        }
    }
}
