//! The releases of vocabularies and of mapping sets that a store holds.

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode};

use crate::{
    rdf::{
        ns::{AAT, EUROPEANA, dcterms, enr, rdf, spdx, void},
        text_of,
    },
    store::{Store, StoreError},
};

/// One release of a vocabulary, or of a mapping set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its graph.
    pub graph: NamedNode,
    /// The scheme's short name, or the mapping set's.
    pub scheme: String,
    /// The release.
    pub release: String,
    /// When it was issued, where that is known.
    pub date: Option<String>,
    /// Its licence, an IRI.
    pub licence: Option<String>,
    /// Where it is from, an IRI.
    pub source: Option<String>,
    /// The SHA-256 of what was read.
    pub checksum: String,
    /// How many triples it has.
    pub triples: u64,
}

impl Release {
    /// Whether this IRI is of the release's own minting, as far as we know the scheme.
    pub(super) fn mints(&self, iri: &str) -> bool {
        match self.scheme.as_str() {
            "aat" => iri.starts_with(AAT),
            "europeana" => iri.starts_with(EUROPEANA),
            _ => false,
        }
    }
}

/// The releases of one kind of graph, the newest first; those without a date come last.
pub(super) fn releases(store: &Store, class: NamedNodeRef<'_>) -> Result<Vec<Release>, StoreError> {
    let meta = store.meta_graph();
    let mut releases = Vec::new();
    for graph in store.subjects(rdf::TYPE, class, &meta)? {
        let NamedOrBlankNode::NamedNode(graph) = graph else { continue };
        let said = |predicate: NamedNodeRef<'_>| -> Result<Option<String>, StoreError> {
            Ok(store.object(&graph, predicate, &meta)?.map(text_of))
        };
        releases.push(Release {
            scheme: said(dcterms::TITLE)?.unwrap_or_default(),
            release: said(enr::RELEASE)?.unwrap_or_default(),
            date: said(dcterms::ISSUED)?,
            licence: said(dcterms::LICENSE)?,
            source: said(dcterms::SOURCE)?,
            checksum: said(spdx::CHECKSUM_VALUE)?.unwrap_or_default(),
            triples: said(void::TRIPLES)?.and_then(|t| t.parse().ok()).unwrap_or(0),
            graph,
        });
    }
    releases
        .sort_by(|a, b| b.date.cmp(&a.date).then_with(|| b.release.cmp(&a.release)).then_with(|| a.graph.as_str().cmp(b.graph.as_str())));
    Ok(releases)
}
