//! What annotations point at: a picture as a view of the object, or a part of it as a media fragment.

use std::collections::BTreeSet;

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Triple};

use super::{Seen, Work, crop::crop_link};
use crate::{
    rdf::{
        Base,
        ns::{MEDIA_FRAGMENTS, dcterms, foaf, oa, rdf},
    },
    tagging::Region,
};

/// The targets of one piece of work, each described once however many annotations point at it.
#[derive(Debug)]
pub(super) struct Targets<'t> {
    base: &'t Base,
    key: &'t str,
    work: &'t Work,
    seen: &'t Seen,
    asked: BTreeSet<Option<Region>>,
}

impl<'t> Targets<'t> {
    pub(super) fn new(base: &'t Base, key: &'t str, work: &'t Work, seen: &'t Seen) -> Self {
        Self { base, key, work, seen, asked: BTreeSet::new() }
    }

    /// The target of a region, or of the whole picture.
    pub(super) fn of(&mut self, region: Option<Region>) -> NamedNode {
        self.asked.insert(region);
        self.iri(region)
    }

    fn iri(&self, region: Option<Region>) -> NamedNode {
        self.base.target(self.key, &region.map(|r| r.to_string()).unwrap_or_default())
    }

    /// Says what the targets are that were asked for.
    pub(super) fn describe(&self, triples: &mut Vec<Triple>) {
        for region in &self.asked {
            let target = self.iri(*region);
            let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: oxigraph::model::Term| {
                triples.push(Triple::new(subject.clone(), predicate, object));
            };
            say(&target, rdf::TYPE, oa::SPECIFIC_RESOURCE.into());
            say(&target, oa::HAS_SOURCE, self.source(*region).into());
            say(&target, oa::HAS_SCOPE, self.work.cho.clone().into());
            let Some(region) = region else { continue };
            // IRIs from content, also here: a blank node would be another one each time.
            let selector = NamedNode::new_unchecked(format!("{}#selector", target.as_str()));
            say(&target, oa::HAS_SELECTOR, selector.clone().into());
            say(&selector, rdf::TYPE, oa::FRAGMENT_SELECTOR.into());
            say(&selector, dcterms::CONFORMS_TO, NamedNodeRef::new_unchecked(MEDIA_FRAGMENTS).into());
            say(&selector, rdf::VALUE, Literal::new_simple_literal(region.to_string()).into());
            if let Some(link) = crop_link(self.seen, region).and_then(|link| NamedNode::new(link).ok()) {
                say(&target, foaf::DEPICTION, link.into());
            }
        }
    }

    /// The pixels of a region are those of the address through which the picture was got: a thumbnail has others than the web resource.
    fn source(&self, region: Option<Region>) -> NamedNode {
        let through = self.seen.through.as_ref().filter(|_| region.is_some()).and_then(|t| NamedNode::new(t).ok());
        through.unwrap_or_else(|| self.seen.web_resource.clone())
    }
}
