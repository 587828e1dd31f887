//! Looking things up in the vocabularies that are loaded: by point look-ups alone, so that memory does not grow with them.
//!
//! Of several releases of a scheme the newest that describes a concept speaks for it: that is the concept's home. Records carry copies of
//! concepts; they are the provider's and never asked here.

mod alignment;
mod concept;
mod fate;
mod hierarchy;
mod release;
mod stored;

use std::borrow::Cow;

use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, Term, TermRef};

pub use alignment::{Alignment, Direction, Equivalent, Justification};
pub(super) use concept::is_english;
pub use concept::{Concept, ConceptKind, Label};
pub use fate::{Fate, Obsolete};
pub use release::Release;
pub use stored::StoredHierarchy;

use super::VocabError;
use crate::{
    rdf::{
        iri::spellings,
        ns::{enr, rdf, skos},
    },
    store::{ConceptHit, Store, StoreError},
};

/// The vocabularies and mapping sets of a store, as they are when this is made. Cheap to make; make it anew after a load.
#[derive(Debug)]
pub struct Vocabularies<'s> {
    store: &'s Store,
    /// The newest first.
    releases: Vec<Release>,
    mappings: Vec<Release>,
}

/// A concept as it is spelled where it is described, and where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Home {
    node: NamedNode,
    /// The place in the list of releases.
    release: usize,
}

impl<'s> Vocabularies<'s> {
    /// The vocabularies of a store.
    pub fn new(store: &'s Store) -> Result<Self, VocabError> {
        let releases = release::releases(store, enr::VOCABULARY_GRAPH)?;
        let mappings = release::releases(store, enr::MAPPING_GRAPH)?;
        Ok(Self { store, releases, mappings })
    }

    /// The releases that are loaded, the newest first.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The mapping sets that are loaded, the newest first.
    pub fn mapping_sets(&self) -> &[Release] {
        &self.mappings
    }

    /// Whether a loaded release describes the concept, under any of its spellings.
    pub fn is_known(&self, iri: &str) -> Result<bool, VocabError> {
        Ok(self.home(iri)?.is_some())
    }

    /// The graph of the release that speaks for the concept.
    pub fn home_graph(&self, iri: &str) -> Result<Option<NamedNode>, VocabError> {
        Ok(self.home(iri)?.and_then(|home| self.releases.get(home.release)).map(|release| release.graph.clone()))
    }

    /// At most so many concepts one of whose labels begins like this, in one of the languages (in any, where none is named).
    pub fn search(&self, beginning: &str, languages: &[&str], most: usize) -> Result<Vec<ConceptHit>, VocabError> {
        let wanted = |hit: &ConceptHit| languages.is_empty() || languages.iter().any(|l| concept::speaks(&hit.language, l));
        let mut asked = most.saturating_mul(4).max(16);
        loop {
            let all = self.store.index().concepts_by_label(beginning, asked)?;
            let exhausted = all.len() < asked || asked >= MOST_HITS;
            let mut hits: Vec<ConceptHit> = Vec::new();
            for hit in all.into_iter().filter(wanted) {
                if !hits.iter().any(|h| h.concept == hit.concept) {
                    hits.push(hit);
                }
            }
            hits.truncate(most);
            if hits.len() == most || exhausted {
                return Ok(hits);
            }
            asked = asked.saturating_mul(4).min(MOST_HITS);
        }
    }

    /// Where the concept is described, under whichever spelling.
    fn home(&self, iri: &str) -> Result<Option<Home>, VocabError> {
        for spelling in spellings(iri) {
            for release in self.order(&spelling) {
                if self.describes(release, &spelling)? {
                    return Ok(Some(Home { node: NamedNode::new_unchecked(spelling.into_owned()), release }));
                }
            }
        }
        Ok(None)
    }

    /// The same, but first where its neighbour is at home: a release's own hierarchy holds together.
    fn home_near(&self, node: &NamedNode, near: usize) -> Result<Option<Home>, VocabError> {
        for spelling in spellings(node.as_str()) {
            if self.describes(near, &spelling)? {
                return Ok(Some(Home { node: NamedNode::new_unchecked(spelling.into_owned()), release: near }));
            }
        }
        self.home(node.as_str())
    }

    /// The releases in the order in which they speak for this IRI: those of its own scheme first.
    fn order(&self, iri: &str) -> impl Iterator<Item = usize> + use<> {
        let own: Vec<bool> = self.releases.iter().map(|r| r.mints(iri)).collect();
        let others = own.clone();
        let first = own.into_iter().enumerate().filter(|(_, own)| *own).map(|(place, _)| place);
        first.chain(others.into_iter().enumerate().filter(|(_, own)| !own).map(|(place, _)| place))
    }

    /// A release describes what it types or labels; that something is aligned with it does not describe it.
    fn describes(&self, release: usize, iri: &str) -> Result<bool, VocabError> {
        let node = NamedNodeRef::new_unchecked(iri);
        for predicate in [rdf::TYPE, skos::PREF_LABEL] {
            if self.objects_in(release, node, predicate)?.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The objects of a subject and predicate in one release.
    fn objects_in(
        &self,
        release: usize,
        subject: NamedNodeRef<'_>,
        predicate: NamedNodeRef<'_>,
    ) -> Result<impl Iterator<Item = Term> + use<>, VocabError> {
        let Some(release) = self.releases.get(release) else { return Ok(Vec::new().into_iter()) };
        Ok(self.store.objects(subject, predicate, &release.graph)?.into_iter())
    }

    /// The IRIs among the objects of a subject and predicate in one release.
    fn nodes_in(&self, home: &Home, predicate: NamedNodeRef<'_>) -> Result<Vec<NamedNode>, VocabError> {
        let nodes = self.objects_in(home.release, home.node.as_ref(), predicate)?;
        Ok(nodes.filter_map(|term| if let Term::NamedNode(node) = term { Some(node) } else { None }).collect())
    }

    /// The IRIs that have this object by this predicate in one release, at most so many.
    fn subjects_in(&self, release: usize, predicate: NamedNodeRef<'_>, object: &str, most: usize) -> Result<Vec<NamedNode>, VocabError> {
        let Some(release) = self.releases.get(release) else { return Ok(Vec::new()) };
        let object = TermRef::NamedNode(NamedNodeRef::new_unchecked(object));
        let graph = GraphNameRef::from(release.graph.as_ref());
        let mut subjects = Vec::new();
        for quad in self.store.quads().quads_for_pattern(None, Some(predicate), Some(object), Some(graph)).take(most) {
            if let oxigraph::model::NamedOrBlankNode::NamedNode(subject) = quad.map_err(StoreError::from)?.subject {
                subjects.push(subject);
            }
        }
        Ok(subjects)
    }
}

/// How many labels a search looks through at most.
const MOST_HITS: usize = 4_096;

/// The spellings of an IRI as IRIs.
fn spelled(iri: &str) -> impl Iterator<Item = NamedNode> {
    spellings(iri).into_iter().map(Cow::into_owned).filter_map(|iri| NamedNode::new(iri).ok())
}
