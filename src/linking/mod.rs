//! Which concepts do the record's own words name? Types, media, subjects and titles are linked to concepts by what concepts are called.
//!
//! [`Said`] is one text of a record, [`Linker`] finds what it names, and a [`Link`] says how: by which words, by which method, and how sure.
//! A label that is the text, belongs to one concept and needs no qualifier is sure; everything else is a suggestion for a person.
//! [`tags`] reads what others said of pictures: services and crowds.

mod concepts;
mod error;
mod language;
mod link;
mod linker;
mod media;
mod said;
mod settings;
pub mod tags;

pub use concepts::Concepts;
pub use error::LinkingError;
pub use link::{Link, Method};
pub use linker::{Linker, Named, Ranked};
pub use media::{Material, MediaReader};
pub use said::{Said, Spoken, said_by};
pub use settings::{PropertySettings, Reads, Settings};
