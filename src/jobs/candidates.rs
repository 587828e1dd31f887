//! The records whose pictures are to be looked at, in the order of their keys: each with the web resource that was chosen, and the ways to it.

use oxigraph::model::{NamedNode, Term};

use super::walk::Walk;
use crate::{
    enrichment::{EnrichmentFacts, enrichments_of},
    images::Ask,
    rdf::ns::enr,
    records::{Choice, RecordView, Rights, choose},
    store::{Listed, Reader, Store, Stretches},
};

/// A record whose picture is to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub listed: Listed,
    /// The digest of the record's canonical form.
    pub digest: String,
    /// The web resource, and the ways to it; or why there is none.
    pub ask: Result<Ask, String>,
    /// Better web resources that were passed over, and why.
    pub passed_over: Vec<String>,
    /// What was said about it before, by whomever.
    pub earlier: Vec<EnrichmentFacts>,
}

/// Hands on one record after the other, until whoever takes them wants no more.
pub(super) fn each(
    store: &Store,
    data_set: Option<&str>,
    rights: &Rights,
    mut take: impl FnMut(Candidate) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let mut stretches = Stretches::new(store)?;
    for page in Walk::new(store, data_set) {
        for listed in page? {
            if !take(candidate(stretches.reader()?, listed, rights)?)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn candidate(store: &Reader, listed: Listed, rights: &Rights) -> anyhow::Result<Candidate> {
    let graph = store.base().source_graph(&listed.key);
    let triples = store.triples(&graph)?;
    let cho = NamedNode::new_unchecked(&listed.cho);
    let view = RecordView::new(cho.as_ref(), &triples);
    let choice = choose(&view, rights);
    let ask = ask(store, &view, &choice);
    let digest = match store.object(&graph, enr::CANONICAL_DIGEST, &store.meta_graph())? {
        Some(Term::Literal(l)) => l.value().to_owned(),
        _ => String::new(),
    };
    let earlier = enrichments_of(store, &listed.key)?;
    Ok(Candidate { listed, digest, ask, passed_over: choice.passed_over, earlier })
}

fn ask(store: &Reader, view: &RecordView<'_>, choice: &Choice<'_>) -> Result<Ask, String> {
    let owned = |iri: oxigraph::model::NamedNodeRef<'_>| iri.as_str().to_owned();
    match choice.taken {
        // A relative reference of the provider's leads to us, where there is no picture.
        Some(resource) if store.base().local(resource.iri.as_str()).is_some() => {
            Err(format!("its web resource <{}> was given as a relative reference, which leads nowhere", resource.iri.as_str()))
        }
        Some(resource) => Ok(Ask {
            iri: owned(resource.iri),
            service: resource.service.map(owned),
            manifest: resource.manifest.map(owned),
            thumbnail: choice.thumbnail.map(|(iri, width, height)| (owned(iri), width, height)),
            ..Ask::default()
        }),
        None if !choice.passed_over.is_empty() => Err(choice.passed_over.join("; ")),
        None => Err(match view.edm_type() {
            Some(kind) if kind != "IMAGE" => format!("it has no picture (edm:type {kind})"),
            _ => "it names no web resource that could be a picture".to_owned(),
        }),
    }
}
