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
    /// Who made it: IRIs, or names.
    pub authors: Vec<String>,
    /// How it was made, in words or by the IRIs of the ways.
    pub methods: Vec<String>,
    /// The SHA-256 of what was read.
    pub checksum: String,
    /// How many triples it has.
    pub triples: u64,
}

impl Release {
    /// How people call it: `aat 2026-07`.
    pub fn name(&self) -> String {
        format!("{} {}", self.scheme, self.release)
    }

    /// By when it follows others: its date, or its name where that is a date, a month or a year.
    pub(super) fn time(&self) -> Option<&str> {
        self.date.as_deref().or_else(|| is_date(&self.release).then_some(self.release.as_str()))
    }

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
        let all = |predicate: NamedNodeRef<'_>| -> Result<Vec<String>, StoreError> {
            let mut said: Vec<String> = store.objects(&graph, predicate, &meta)?.into_iter().map(text_of).collect();
            said.sort_unstable();
            Ok(said)
        };
        releases.push(Release {
            scheme: said(dcterms::TITLE)?.unwrap_or_default(),
            release: said(enr::RELEASE)?.unwrap_or_default(),
            date: said(dcterms::ISSUED)?,
            licence: said(dcterms::LICENSE)?,
            source: said(dcterms::SOURCE)?,
            authors: all(dcterms::CREATOR)?,
            methods: all(enr::METHOD)?,
            checksum: said(spdx::CHECKSUM_VALUE)?.unwrap_or_default(),
            triples: said(void::TRIPLES)?.and_then(|t| t.parse().ok()).unwrap_or(0),
            graph,
        });
    }
    releases.sort_by(|a, b| {
        b.time().cmp(&a.time()).then_with(|| b.release.cmp(&a.release)).then_with(|| a.graph.as_str().cmp(b.graph.as_str()))
    });
    Ok(releases)
}

/// A year, a month or a day, as XML Schema writes them.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2]) && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
}
