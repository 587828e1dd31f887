//! The OAI-PMH door: records for harvesters, page by page, with what changed and what is gone.
//!
//! A list is frozen when its first page is asked for: its end is the last second in which nothing can be stamped any more. Tokens carry
//! all that is needed to go on, signed, so that any process over the same store understands them, and writes between two pages lose
//! nothing: what changes meanwhile moves behind the end, where the next harvest finds it.

mod request;
mod moment;
mod token;
mod sets;
mod formats;
mod lists;
mod record;
mod dublin_core;
mod provenance;
mod response;
mod door;

pub(super) use door::{Oai, oai};
