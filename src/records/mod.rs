//! What does the provider say? EDM records are read from files, folders and archives: mended where they are only untidy, refused where
//! they are broken, and every record keeps its original bytes and a note on whatever was done to it.

mod error;
mod settings;
mod record;
mod read;
mod archive;
mod budget;
mod document;
mod encoding;
mod attributes;
mod property;
mod clean;
mod cuts;
mod rdf_xml;
mod syntaxes;
mod graph;
mod partition;
mod confidence;
mod view;
mod choice;

pub use choice::{Choice, Rights, choose};
pub use error::RecordsError;
pub use read::{ReadSummary, Taken, read_document, read_paths};
pub use record::{GeneratedBy, Note, NoteKind, Original, Record, Rejected, StatementNote};
pub use settings::ReadSettings;
pub use view::{RecordView, Role, WebResource};
