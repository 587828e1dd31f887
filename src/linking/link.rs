//! A link: a concept that words of a record name, by which words, how it was found, and how sure that is.

use std::ops::Range;

use oxigraph::model::NamedNode;

use crate::tagging::Confidence;

/// How a link was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A label is the text, and one concept has it.
    Label,
    /// A label is the text, and several concepts have it, or the branch is not the expected one.
    Homograph,
    /// A label is a part of the text: the longest match in the expected branch.
    Words,
    /// A label is like the text in spelling and meaning.
    Likeness,
}

impl Method {
    /// Its word in settings, reports and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Homograph => "homograph",
            Self::Words => "words",
            Self::Likeness => "likeness",
        }
    }
}

/// A concept that words name.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The concept.
    pub concept: NamedNode,
    /// The label by which it was found, as the vocabulary writes it.
    pub label: String,
    /// The facet that it answers.
    pub facet: String,
    /// How it was found.
    pub method: Method,
    /// The words, as bytes of the text.
    pub words: Range<usize>,
    /// How well the label fits the words, from 0 to 1; 1 where they are the same.
    pub score: f64,
    /// How sure it is, where that was measured.
    pub confidence: Option<Confidence>,
}
