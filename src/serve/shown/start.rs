//! The start page: how much there is, and a dozen records to look at.

use oxigraph::model::{GraphNameRef, TermRef};

use super::{Shown, ours};
use crate::{
    rdf::ns::{enr, rdf},
    serve::{
        SourceError, Visitor,
        pages::{Figure, Link, StartView},
    },
    store::Listing,
};

/// How many records the start page shows.
const RECORDS: usize = 12;
/// Figures are counted up to here; beyond, the page would wait too long for them.
const COUNTED: usize = 1_000_000;

impl Shown {
    pub(super) fn start_view(&self, visitor: &Visitor) -> Result<StartView, SourceError> {
        let store = self.store();
        let listed = store.index().page(Listing::ByKey, None, RECORDS).map_err(ours)?;
        let vocabularies = self.vocabularies()?;
        let triples: u64 = vocabularies.releases().iter().map(|r| r.triples).sum();
        let figure = |count: u64, of: &str, href: &str| Figure { count, of: of.to_owned(), href: href.to_owned() };
        let figures = vec![
            figure(store.index().len().map_err(ours)?, "records", "/records"),
            figure(self.of_class(rdf::TYPE, enr::ENRICHMENT_GRAPH), "enrichments", ""),
            figure(self.of_class(rdf::TYPE, enr::PUBLISHED_GRAPH), "published records", ""),
            figure(vocabularies.releases().len() as u64, "vocabularies", ""),
            figure(triples, "triples in them", ""),
            figure(store.version(), "changes so far", ""),
        ];
        let records = self.cards(&vocabularies, visitor, &listed)?;
        let can_look = !self.house.models().map_err(ours)?.is_empty();
        let links = vec![
            Link { text: "Health and runtime".to_owned(), href: "/healthz".to_owned() },
            Link { text: "Service description of the SPARQL endpoint".to_owned(), href: "/sparql".to_owned() },
            Link { text: "Records for harvesters (OAI-PMH)".to_owned(), href: "/oai?verb=Identify".to_owned() },
            Link { text: "Data sets and vocabularies (VoID, DCAT)".to_owned(), href: "/.well-known/void".to_owned() },
            Link { text: "The data as files, version by version".to_owned(), href: "/dumps".to_owned() },
            Link { text: "A stream of changes (LDES)".to_owned(), href: "/ldes".to_owned() },
            Link { text: "Reconciliation of names with concepts (OpenRefine)".to_owned(), href: "/reconcile".to_owned() },
        ];
        Ok(StartView { figures, records, can_look, links })
    }

    fn of_class(&self, predicate: oxigraph::model::NamedNodeRef<'_>, class: oxigraph::model::NamedNodeRef<'_>) -> u64 {
        let meta = self.store().meta_graph();
        let found = self.store().quads().quads_for_pattern(
            None,
            Some(predicate),
            Some(TermRef::from(class)),
            Some(GraphNameRef::from(meta.as_ref())),
        );
        found.take(COUNTED).count() as u64
    }
}
