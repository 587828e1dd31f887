//! Tables for those who have no EDM: rows of CSV or JSON become records by a mapping that somebody wrote down. Words of closed lists are looked
//! up, never made up.

mod error;
mod mapping;
mod terms;
mod rows;
mod oddities;
mod draw;
mod read;

pub use error::TableError;
pub use mapping::{As, Format, Mapping, Of, Property, Rewrite};
pub use oddities::{Oddity, OddityKind};
pub use read::{TableSummary, read_table};
pub use terms::{Terms, Unknown, Word};
