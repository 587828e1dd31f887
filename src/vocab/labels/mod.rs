//! Finding concepts by what they are called: every label of every loaded vocabulary, in every language.
//!
//! [`LabelIndex`] is derived from the store and brought up to it when it is behind. It answers three questions: which labels *are* this text
//! (whatever its case, accents, qualifier, number and order of words), which labels are spelled *like* it, and which have these words.
//! It lives on disk, in the store's sorted index; what it holds in memory while it is built is one segment of labels.
//!
//! It is our own, on the database that the store's index lives in, and not a search engine's: a concept's label is a few words, so what a
//! search engine is good at (long texts, many fields) is not asked for, while one transaction with the rest of the index, a cosine rather
//! than BM25, and labels of the home release alone are.

mod build;
mod english;
mod find;
mod form;
mod grams;
mod tables;

pub use find::{Fit, LabelHit, LabelIndex};
pub use form::{Form, is_measure_or_media_type, words};
