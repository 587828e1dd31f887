//! A record as it was taken in: its triples, what was said about single statements, its original bytes, and what was noted on the way.

use bytes::Bytes;
use oxigraph::{
    io::RdfFormat,
    model::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term, Triple},
};

use super::{RecordView, RecordsError};
use crate::rdf::{
    RecordKey, canonical,
    mint::digest,
    ns::{edm, rdf},
};

/// One thing to say about a record that was taken in, mended or refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Note {
    /// The line of the document, where it is known.
    pub line: Option<u64>,
    /// What kind of thing was seen.
    pub kind: NoteKind,
    /// What was seen and what was done, in a sentence.
    pub text: String,
}

impl Note {
    pub(super) fn new(line: impl Into<Option<u64>>, kind: NoteKind, text: impl Into<String>) -> Self {
        Self { line: line.into(), kind, text: text.into() }
    }
}

/// What kind of thing a note tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Written so that it could not be read, and changed so that it can be.
    Mended,
    /// Left out, since it says nothing in RDF.
    LeftOut,
    /// Taken as it is, though it is not good practice.
    Untidy,
    /// A relative reference, resolved against our base.
    Relative,
    /// Europeana's attributes, kept as statements about statements.
    Lifted,
    /// Described in the document but reached from no record.
    Orphan,
    /// Described more than once in the document.
    Merged,
    /// More notes than are kept.
    More,
}

/// Who made a statement, in the two words that Europeana allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum GeneratedBy {
    /// A program.
    SoftwareAgent,
    /// A person.
    Person,
}

impl GeneratedBy {
    /// The word as Europeana writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SoftwareAgent => "SoftwareAgent",
            Self::Person => "Person",
        }
    }

    /// Reads Europeana's word.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "SoftwareAgent" => Some(Self::SoftwareAgent),
            "Person" => Some(Self::Person),
            _ => None,
        }
    }
}

/// What Europeana's XML attributes said about one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementNote {
    /// The statement's subject.
    pub subject: NamedOrBlankNode,
    /// The statement's predicate.
    pub predicate: NamedNode,
    /// The statement's object.
    pub object: Term,
    /// Who made the statement.
    pub generated_by: Option<GeneratedBy>,
    /// How sure they were: a decimal from 0 to 1, spelled as the provider spelled it.
    pub confidence: Option<String>,
}

/// The document in which a record stood, as it came.
#[derive(Clone, Debug)]
pub struct Original {
    /// The bytes of the whole document; records of one document share them.
    pub bytes: Bytes,
    /// The syntax in which it is written.
    pub format: RdfFormat,
    /// Where it was found: `folder/file.zip!member.xml`.
    pub source: String,
    /// The line at which the record begins, where it is known.
    pub line: Option<u64>,
    /// The SHA-256 of the bytes.
    pub checksum: String,
}

impl Original {
    /// The media type of the bytes.
    pub fn media_type(&self) -> &'static str {
        self.format.media_type()
    }
}

/// One aggregation with its CHO, proxies, web resources and contextual entities, as a provider gave it.
#[derive(Clone, Debug)]
pub struct Record {
    /// What names the record in our graphs, paths and lists.
    pub key: RecordKey,
    /// The thing described.
    pub cho: NamedNode,
    /// What is said, without doubles, in the document's order; blank nodes are named `b0`, `b1` in order of appearance.
    pub triples: Vec<Triple>,
    /// What Europeana's attributes say about single statements.
    pub statements: Vec<StatementNote>,
    /// The document it came in.
    pub original: Original,
    /// What was noted while it was read.
    pub notes: Vec<Note>,
}

impl Record {
    /// A digest of what the record says: equal for equal graphs with equal statements about statements, whatever the document looked like.
    pub fn canonical_digest(&self) -> Result<String, RecordsError> {
        let mut triples = self.triples.clone();
        for (number, statement) in self.statements.iter().enumerate() {
            triples.extend(reified(number, statement));
        }
        let text = canonical::canonical(&triples).map_err(|reason| RecordsError::Digest { cho: self.cho.as_str().to_owned(), reason })?;
        Ok(digest([text]))
    }

    /// The record, to be asked for its titles, web resources and so on.
    pub fn view(&self) -> RecordView<'_> {
        RecordView::new(self.cho.as_ref(), &self.triples)
    }
}

/// A statement about a statement as triples of a blank node, so that the canonical form holds it whatever blank nodes it mentions.
fn reified(number: usize, statement: &StatementNote) -> Vec<Triple> {
    let node = BlankNode::new_unchecked(format!("statement{number}"));
    let mut triples = vec![
        Triple::new(node.clone(), rdf::SUBJECT, statement.subject.clone()),
        Triple::new(node.clone(), rdf::PREDICATE, statement.predicate.clone()),
        Triple::new(node.clone(), rdf::OBJECT, statement.object.clone()),
    ];
    if let Some(by) = statement.generated_by {
        triples.push(Triple::new(node.clone(), edm::WAS_GENERATED_BY, Literal::new_simple_literal(by.as_str())));
    }
    if let Some(confidence) = &statement.confidence {
        triples.push(Triple::new(node, edm::CONFIDENCE_LEVEL, Literal::new_simple_literal(confidence)));
    }
    triples
}

/// A refused record or document. It is never lost: its bytes go to quarantine.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Where it was found.
    pub source: String,
    /// The line at which it breaks, where it is known.
    pub line: Option<u64>,
    /// Why it was refused, in words that the provider can act on.
    pub reason: String,
    /// The whole document. Empty where it was too large to be read, or could not be read.
    pub bytes: Bytes,
    /// What was noted before it was refused.
    pub notes: Vec<Note>,
}

/// A reason to refuse, and the line where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) line: Option<u64>,
    pub(super) reason: String,
}

impl Failure {
    pub(super) fn new(line: impl Into<Option<u64>>, reason: impl Into<String>) -> Self {
        Self { line: line.into(), reason: reason.into() }
    }
}
