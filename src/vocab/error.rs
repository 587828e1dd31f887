//! What can go wrong with vocabularies, in words that say what to do.

use std::path::PathBuf;

use crate::store::StoreError;

/// A vocabulary that cannot be loaded or looked into. A refused load has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum VocabError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that cannot be read.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// There is nothing to load.
    #[error("no file was named to load")]
    NoFiles,
    /// Text that is not what it should be, where going on would mean guessing.
    #[error("{file}{place}: {reason}. Nothing was loaded")]
    Syntax {
        /// The file, and the archive's member.
        file: String,
        /// `:line:column`, as far as it is known.
        place: String,
        /// What the parser says.
        reason: String,
    },
    /// More bad lines than are let pass.
    #[error("{file}: more than {most} bad lines, the first: {first}. Nothing was loaded; mend the file, or let more lines pass")]
    TooManyBadLines {
        /// The file.
        file: String,
        /// How many were let pass.
        most: u64,
        /// The first of them.
        first: String,
    },
    /// We do not know what it is.
    #[error(
        "{file}: {reason}. We read N-Triples, N-Quads, Turtle, TriG, RDF/XML, JSON-LD, Europeana's entities, and CSV or TSV tables of IRIs"
    )]
    UnknownForm {
        /// The file.
        file: String,
        /// Why we cannot tell.
        reason: String,
    },
    /// Larger than we take.
    #[error("{file}: {reason}")]
    TooLarge {
        /// The file.
        file: String,
        /// What is too large.
        reason: String,
    },
    /// No statement in any of the files.
    #[error("{files}: no concept and no statement is in it (a result page without items?). Nothing was loaded")]
    Empty {
        /// The files.
        files: String,
    },
    /// Tables and vocabularies together.
    #[error("{table} is a table of alignments and {other} is not: load them one after the other")]
    Mixed {
        /// A table.
        table: String,
        /// A file that is none.
        other: String,
    },
    /// Whoever waits for it said stop.
    #[error("loading was stopped; nothing was changed")]
    Stopped,
}

impl VocabError {
    pub(super) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }
}
