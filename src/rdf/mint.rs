//! The IRIs that we mint: from content, under one base that the operator sets, never from a counter or a clock.

use oxigraph::model::{NamedNode, NamedNodeRef};
use sha2::{Digest as _, Sha256};

use super::{RdfError, iri::encode_segment};

/// How many hexadecimal digits of a SHA-256 stand in a minted IRI: 128 bits.
const KEY_DIGITS: usize = 32;

/// A SHA-256 over parts that cannot run into one another (each is preceded by its length), as lower-case hexadecimal.
pub fn digest<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// The SHA-256 of bytes as they are, as lower-case hexadecimal.
pub fn checksum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What names one record in our graph names, paths and lists: 32 hexadecimal digits made from its CHO's IRI.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct RecordKey(String);

impl RecordKey {
    /// The key of the record whose CHO has this IRI.
    pub fn of(cho: NamedNodeRef<'_>) -> Self {
        Self(short_key([cho.as_str()]))
    }

    /// Reads a key back from a path or an index: 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (text.len() == KEY_DIGITS && digits).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first 128 bits of [`digest`].
pub fn short_key<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut key = digest(parts);
    key.truncate(KEY_DIGITS);
    key
}

/// The base under which every IRI of ours stands. It ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(String);

impl Base {
    /// Takes an absolute http or https IRI; a missing slash at its end is added.
    pub fn new(iri: &str) -> Result<Self, RdfError> {
        let parsed = oxiri::Iri::parse(iri).map_err(|e| RdfError::Base { iri: iri.to_owned(), reason: e.to_string() })?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(RdfError::Base { iri: iri.to_owned(), reason: "it must be http or https, without query and fragment".to_owned() });
        }
        Ok(Self(if iri.ends_with('/') { iri.to_owned() } else { format!("{iri}/") }))
    }

    /// The base as text, with its slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of an IRI that stands below the base, if it is one of ours.
    pub fn local<'i>(&self, iri: &'i str) -> Option<&'i str> {
        iri.strip_prefix(&self.0)
    }

    fn mint(&self, path: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}{path}", self.0))
    }

    /// The graph of one vocabulary release.
    pub fn vocabulary_graph(&self, scheme: &str, release: &str) -> NamedNode {
        self.mint(&format!("graph/vocab/{}/{}", encode_segment(scheme), encode_segment(release)))
    }

    /// The graph of one mapping set's release.
    pub fn mapping_graph(&self, name: &str, release: &str) -> NamedNode {
        self.mint(&format!("graph/mapping/{}/{}", encode_segment(name), encode_segment(release)))
    }

    /// The graph that holds what the provider said in one record.
    pub fn source_graph(&self, record: &RecordKey) -> NamedNode {
        self.mint(&format!("graph/source/{record}"))
    }

    /// A thing to which the provider of a record gave no name, by the digest of what is said about it.
    pub fn unnamed(&self, record: &RecordKey, content: &str) -> NamedNode {
        self.mint(&format!("graph/source/{record}#{content}"))
    }

    /// The graph that holds what Europeana's two XML attributes said about the record's statements.
    pub fn statements_graph(&self, record: &RecordKey) -> NamedNode {
        self.mint(&format!("graph/statements/{record}"))
    }

    /// One statement of a record, so that something can be said about it.
    pub fn statement(&self, record: &RecordKey, subject: &str, predicate: &str, object: &str) -> NamedNode {
        self.mint(&format!("statement/{record}/{}", short_key([subject, predicate, object])))
    }

    /// The graph of one enrichment, that is of one (record, work key).
    pub fn enrichment_graph(&self, work_key: &str) -> NamedNode {
        self.mint(&format!("graph/enrichment/{work_key}"))
    }

    /// The graph of everything that people decided.
    pub fn review_graph(&self) -> NamedNode {
        self.mint("graph/review")
    }

    /// The graph that is published for one record.
    pub fn published_graph(&self, record: &RecordKey) -> NamedNode {
        self.mint(&format!("graph/published/{record}"))
    }

    /// The graph of runs, models, agents, data sets and graphs.
    pub fn meta_graph(&self) -> NamedNode {
        self.mint("graph/meta")
    }

    /// The graph of what was taken back.
    pub fn tombstone_graph(&self) -> NamedNode {
        self.mint("graph/tombstones")
    }

    /// A graph that is being filled to take the place of another.
    pub fn staging_graph(&self, target: NamedNodeRef<'_>) -> NamedNode {
        self.mint(&format!("graph/staging/{}", short_key([target.as_str()])))
    }

    /// The store itself, as the subject of its version and its base.
    pub fn store(&self) -> NamedNode {
        self.mint("store")
    }

    /// An annotation: the same work on the same property, concept and region is the same annotation.
    pub fn annotation(&self, work_key: &str, property: NamedNodeRef<'_>, concept: NamedNodeRef<'_>, region: &str) -> NamedNode {
        self.mint(&format!("annotation/{work_key}/{}", short_key([property.as_str(), concept.as_str(), region])))
    }

    /// What the annotations of one picture share as their target.
    pub fn target(&self, work_key: &str, region: &str) -> NamedNode {
        self.mint(&format!("target/{work_key}/{}", if region.is_empty() { "whole".to_owned() } else { short_key([region]) }))
    }

    /// A text that was said of a picture: the same words in the same language are the same text, whoever says them.
    pub fn text(&self, text: &str, language: &str) -> NamedNode {
        self.mint(&format!("text/{}", short_key([text, language])))
    }

    /// An invocation.
    pub fn run(&self, key: &str) -> NamedNode {
        self.mint(&format!("run/{}", encode_segment(key)))
    }

    /// A source of records: what is asked, and for what, says which.
    pub fn source(&self, key: &str) -> NamedNode {
        self.mint(&format!("source/{}", encode_segment(key)))
    }

    /// A model, by the checksum of its network.
    pub fn model(&self, checksum: &str) -> NamedNode {
        self.mint(&format!("model/sha256-{checksum}"))
    }

    /// A tagger's version: the software agent that makes annotations.
    pub fn tagger(&self, id: &str, version: &str) -> NamedNode {
        self.mint(&format!("agent/{}/{}", encode_segment(id), encode_segment(version)))
    }

    /// A person who decides, unless they are named by an IRI of their own.
    pub fn person(&self, name: &str) -> NamedNode {
        self.mint(&format!("person/{}", encode_segment(name)))
    }

    /// A picture, by the checksum of its bytes.
    pub fn picture(&self, checksum: &str) -> NamedNode {
        self.mint(&format!("picture/sha256-{checksum}"))
    }

    /// A mapping from a model's labels to concepts, by the checksum of its file.
    pub fn label_map(&self, checksum: &str) -> NamedNode {
        self.mint(&format!("label-map/sha256-{checksum}"))
    }

    /// A verdict: who decided what about which annotation, and when.
    pub fn review(&self, annotation: NamedNodeRef<'_>, who: &str, decision: &str, at: &str) -> NamedNode {
        self.mint(&format!("review/{}", short_key([annotation.as_str(), who, decision, at])))
    }

    /// A publication policy, by the digest of its rules.
    pub fn policy(&self, name: &str, digest: &str) -> NamedNode {
        self.mint(&format!("policy/{}/{}", encode_segment(name), &digest[..digest.len().min(KEY_DIGITS)]))
    }

    /// A data set.
    pub fn data_set(&self, name: &str) -> NamedNode {
        self.mint(&format!("dataset/{}", encode_segment(name)))
    }

    /// The aggregator's proxy for one record.
    pub fn aggregator_proxy(&self, record: &RecordKey) -> NamedNode {
        self.mint(&format!("proxy/aggregator/{record}"))
    }

    /// The aggregator's aggregation for one record.
    pub fn aggregator_aggregation(&self, record: &RecordKey) -> NamedNode {
        self.mint(&format!("aggregation/aggregator/{record}"))
    }

    /// The IRI against which a provider's relative references are resolved.
    pub fn relative_references(&self) -> String {
        format!("{}provider/", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_one_another() {
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        assert_eq!(checksum(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn a_base_is_absolute_and_ends_with_a_slash() {
        assert_eq!(Base::new("https://enrich.example").map(|b| b.as_str().to_owned()).ok().as_deref(), Some("https://enrich.example/"));
        for bad in ["enrich.example", "file:///x/", "https://enrich.example/?a", "https://enrich.example/#a", "http://a b/"] {
            assert!(Base::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_record_key_reads_back() {
        let key = RecordKey::of(NamedNodeRef::new_unchecked("http://museum.example/1"));
        assert_eq!(RecordKey::parse(key.as_str()), Some(key));
        assert_eq!(RecordKey::parse("../../etc/passwd"), None);
    }
}
