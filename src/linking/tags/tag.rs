//! One tag: what somebody said of a picture or an object.

/// What one line of a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tag {
    /// Of what: the IRI of a CHO or a web resource, a record's key, or a name that an IRI ends with.
    pub about: String,
    /// The label.
    pub label: String,
    /// Its language, where it is told.
    pub language: Option<String>,
    /// The service's number, from 0 to 1, where it is told.
    pub score: Option<f64>,
    /// The concept's IRI or AAT number, where the file has one.
    pub concept: Option<String>,
    /// Who said so, where people did.
    pub annotator: Option<String>,
    /// How many said so.
    pub count: Option<u64>,
    /// On which line of the file, or as the how manieth of its tags.
    pub line: u64,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTag {
    /// Which.
    pub line: u64,
    /// Why.
    pub reason: String,
}
