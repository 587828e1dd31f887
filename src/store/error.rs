//! What can go wrong with the store, in words that say what to do.

use std::path::PathBuf;

use oxigraph::store::StorageError;

/// A store that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has it open.
    #[error("the store in {} is open in another process{holder}. If that is `glossator serve`, it takes jobs over {}; is the socket reachable?", folder.display(), folder.join("glossator.sock").display())]
    Locked {
        /// The store's folder.
        folder: PathBuf,
        /// Who holds it, where the lock file says so.
        holder: String,
    },
    /// The store was made with another base.
    #[error("the store's IRIs were minted under <{theirs}>, but `base` is set to <{ours}>: set `base` to the first, or use another store")]
    OtherBase {
        /// The base that the store was made with.
        theirs: String,
        /// The base that is set.
        ours: String,
    },
    /// A file of the store.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The triple store itself.
    #[error("the triple store failed: {0}. If the disk is full, free space and try again; `glossator check` looks the store over")]
    Storage(#[from] StorageError),
    /// The sorted index.
    #[error("the index failed: {0}. It can be deleted while nothing runs (index.redb): it is made anew from the store")]
    Index(#[source] Box<redb::Error>),
    /// A query of our own.
    #[error("a query of our own failed: {0}")]
    Query(String),
    /// A graph that cannot be replaced.
    #[error("{0}")]
    Refused(String),
}

impl StoreError {
    pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }
}

macro_rules! from_redb {
    ($($error:ty),*) => { $(impl From<$error> for StoreError {
        fn from(error: $error) -> Self { Self::Index(Box::new(error.into())) }
    })* };
}
from_redb!(redb::Error, redb::DatabaseError, redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError);
