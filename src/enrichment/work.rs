//! What one enrichment rests on, and the key that follows from it.

use oxigraph::model::NamedNode;

use crate::rdf::{Base, RecordKey, mint::short_key};

/// A tagger as the provenance tells of it.
#[derive(Clone, Debug)]
pub struct TaggerCard {
    /// The bundle's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its title.
    pub title: String,
    /// `demo`, `candidate` or `approved`.
    pub status: String,
    /// Its licence, as an IRI or an SPDX name.
    pub licence: String,
    /// The SHA-256 of the network, hexadecimal.
    pub model_checksum: String,
    /// A digest of everything else that decides its predictions: manifest and label maps.
    pub settings_digest: String,
    /// Per facet, what its calibration was fitted on; facets that are not calibrated are not named.
    pub calibrated_on: Vec<(String, String)>,
}

impl TaggerCard {
    /// The IRI of the software agent.
    pub fn agent(&self, base: &Base) -> NamedNode {
        base.tagger(&self.id, &self.version)
    }

    /// The IRI of the model.
    pub fn model(&self, base: &Base) -> NamedNode {
        base.model(&self.model_checksum)
    }

    /// The IRI of the mapping from its labels to concepts.
    pub fn label_map(&self, base: &Base) -> NamedNode {
        base.label_map(&self.settings_digest)
    }
}

/// The picture that was looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The web resource's IRI.
    pub web_resource: NamedNode,
    /// The SHA-256 of its bytes, hexadecimal.
    pub checksum: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// What decoded it.
    pub decoder: String,
    /// The address under which it was got, where that is not the web resource's own: a IIIF request, a thumbnail.
    pub through: Option<String>,
    /// The IIIF image service of the web resource, where it has one.
    pub service: Option<String>,
    /// What else is to be known: better web resources that were passed over, and why.
    pub notes: Vec<String>,
}

/// One record, one picture, one tagger, one state of the vocabularies.
#[derive(Clone, Debug)]
pub struct Work {
    /// The record.
    pub record: RecordKey,
    /// Its CHO.
    pub cho: NamedNode,
    /// The digest of the record's canonical form.
    pub record_digest: String,
    /// The SHA-256 of the picture's bytes.
    pub picture_checksum: String,
    /// The vocabulary releases whose hierarchy was used: graph and checksum of its content.
    pub vocabularies: Vec<(NamedNode, String)>,
}

impl Work {
    /// The work key: equal work has equal keys, whenever it is done.
    pub fn key(&self, tagger: &TaggerCard) -> String {
        let mut parts = vec![
            self.record.as_str(),
            self.record_digest.as_str(),
            self.picture_checksum.as_str(),
            tagger.id.as_str(),
            tagger.version.as_str(),
            tagger.model_checksum.as_str(),
            tagger.settings_digest.as_str(),
        ];
        for (graph, checksum) in &self.vocabularies {
            parts.push(graph.as_str());
            parts.push(checksum);
        }
        short_key(parts)
    }
}
