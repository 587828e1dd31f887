//! Linked data: every IRI of ours answers under its own path, in RDF's syntaxes and as a page.
//!
//! A thing that is no document (an annotation, a run, a person) sends on to one of its documents with 303: its IRI with an ending behind it,
//! `IRI.ttl`, `IRI.jsonld`, `IRI.nt`, `IRI.rdf`, `IRI.nq`, `IRI.trig`, `IRI.html`, and for annotations `IRI.anno.jsonld`. Graphs are
//! documents and answer themselves. What was taken back answers 410 and says what it was.

mod address;
mod annotation;
mod annotations;
mod concept;
mod describe;
mod page;
mod thing;
mod void;
mod wanted;

pub(super) use address::{CLASSES, folder};
pub(super) use annotations::annotations;
pub(super) use concept::concept;
pub(super) use thing::{thing, well_known_void, write};
pub(super) use wanted::{Form, wanted};
