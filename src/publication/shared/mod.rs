//! What is said about a record, in the forms in which others exchange it: Europeana's Annotation API, the tools of NTUA, IIIF viewers, and a
//! table for a museum's own system.

mod europeana;
mod iiif;
mod ntua;
mod statement;
mod table;

pub use europeana::europeana;
pub use iiif::{iiif_list, iiif_page};
pub use ntua::ntua;
pub use statement::{SharedStatement, shared_statements};
pub use table::{TABLE_COLUMNS, table_rows};
