//! Which concepts exist, and how are they related? Schemes, facets, hierarchy, labels, alignments.
//!
//! [`load()`] brings releases and mapping sets into the store, each a graph of its own. [`Vocabularies`] looks things up in them, by point
//! look-ups alone; [`StoredHierarchy`] is the same hierarchy for those who ask it a thousand times for one picture. [`LabelIndex`] finds
//! concepts by what they are called.

mod dereference;
mod error;
mod labels;
mod load;
mod lookup;

pub use dereference::{Dereferenced, RDF_FORMS, keep};
pub use error::VocabError;
pub use labels::{Fit, Form, LabelHit, LabelIndex, is_measure_or_media_type, words};
pub use load::{LoadReport, LoadRequest, Note, TableFigures, load};
pub use lookup::{
    Alignment, Concept, ConceptKind, Direction, Equivalent, Fate, Justification, Label, Obsolete, Release, StoredHierarchy, Vocabularies,
};
