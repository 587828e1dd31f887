//! What keeps a table from being read at all. A bad row or value is none of these.

use std::path::PathBuf;

/// A mapping or a table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A file.
    #[error("{} cannot be read: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
    /// The mapping is not one.
    #[error("the mapping {} cannot be used: {reason}", path.display())]
    Mapping {
        /// Its file.
        path: PathBuf,
        /// What is wrong, and with which key.
        reason: String,
    },
    /// The table has no such column.
    #[error("{} has no column `{column}`, which the mapping names; it has {known}", path.display())]
    Column {
        /// The table.
        path: PathBuf,
        /// The column.
        column: String,
        /// The columns that it has.
        known: String,
    },
    /// The table is not in the format that it is read as.
    #[error("{}, line {line}: {reason}", path.display())]
    Format {
        /// The table.
        path: PathBuf,
        /// Where.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// The reading room itself.
    #[error(transparent)]
    Records(#[from] crate::records::RecordsError),
}
