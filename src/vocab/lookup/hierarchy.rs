//! What is broader and narrower: parents, facets, ancestors, descendants. Safe against circles, and bounded.

use std::collections::{HashMap, HashSet, VecDeque};

use oxigraph::model::{GraphNameRef, NamedNode, TermRef};

use super::{ConceptKind, Home, Vocabularies, spelled};
use crate::{
    rdf::ns::{gvp, rdf, skos},
    store::StoreError,
    vocab::VocabError,
};

/// How many ancestors a concept has at most; AAT's deepest has some twenty.
const MOST_ANCESTORS: usize = 10_000;

impl Vocabularies<'_> {
    /// What is immediately broader, sorted; what another vocabulary describes, or none, is among it.
    pub fn broader(&self, iri: &str) -> Result<Vec<NamedNode>, VocabError> {
        self.home(iri)?.map_or_else(|| Ok(Vec::new()), |home| self.parents(&home))
    }

    /// What is immediately narrower, sorted, at most so many.
    pub fn narrower(&self, iri: &str, limit: usize) -> Result<Vec<NamedNode>, VocabError> {
        let Some(home) = self.home(iri)? else { return Ok(Vec::new()) };
        Ok(self.children(&home, limit)?.into_iter().map(|child| child.node).collect())
    }

    /// The one parent along which the tree is shown: the vocabulary's preferred one, else the only one, else the one whose IRI comes first.
    pub fn preferred_parent(&self, iri: &str) -> Result<Option<NamedNode>, VocabError> {
        self.home(iri)?.map_or(Ok(None), |home| self.preferred(&home))
    }

    /// The parents up to the facet (or to where the tree ends), the nearest first, along preferred parents.
    pub fn path_to_facet(&self, iri: &str) -> Result<Vec<NamedNode>, VocabError> {
        let Some(home) = self.home(iri)? else { return Ok(Vec::new()) };
        Ok(self.path(home)?.into_iter().map(|step| step.node).collect())
    }

    /// The nearest broader concept that pictures may be tagged with, along preferred parents: guide terms are stepped over.
    pub fn taggable_parent(&self, iri: &str) -> Result<Option<NamedNode>, VocabError> {
        let Some(home) = self.home(iri)? else { return Ok(None) };
        for step in self.path(home)? {
            if self.kind_at(&step)?.is_taggable() {
                return Ok(Some(step.node));
            }
        }
        Ok(None)
    }

    /// The facet along preferred parents. In a vocabulary that declares no facets, the top concept takes its place. `None` is outside.
    pub fn facet(&self, iri: &str) -> Result<Option<NamedNode>, VocabError> {
        self.home(iri)?.map_or(Ok(None), |home| self.facet_at(&home))
    }

    /// The same, as one release has it.
    pub(super) fn facet_at(&self, home: &Home) -> Result<Option<NamedNode>, VocabError> {
        let top = self.path(home.clone())?.pop().unwrap_or_else(|| home.clone());
        Ok(self.is_top(&top)?.then_some(top.node))
    }

    /// All facets that any of its parents leads to, sorted: more than one is possible, and worth telling.
    pub fn facets_of(&self, iri: &str) -> Result<Vec<NamedNode>, VocabError> {
        let Some(home) = self.home(iri)? else { return Ok(Vec::new()) };
        let mut facets = Vec::new();
        for step in std::iter::once(home.clone()).chain(self.above(&home)?) {
            if self.kind_at(&step)? == ConceptKind::Facet || (self.known_parents(&step)?.is_empty() && self.is_top(&step)?) {
                facets.push(step.node);
            }
        }
        facets.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        Ok(facets)
    }

    /// Everything broader that a loaded release describes, breadth first, each once.
    pub fn ancestors(&self, iri: &str) -> Result<Vec<NamedNode>, VocabError> {
        let Some(home) = self.home(iri)? else { return Ok(Vec::new()) };
        Ok(self.above(&home)?.into_iter().map(|a| a.node).collect())
    }

    /// The ancestors that pictures may be tagged with: no guide terms, hierarchies, facets, collections.
    pub fn taggable_ancestors(&self, iri: &str) -> Result<Vec<NamedNode>, VocabError> {
        let Some(home) = self.home(iri)? else { return Ok(Vec::new()) };
        let mut taggable = Vec::new();
        for ancestor in self.above(&home)? {
            if self.kind_at(&ancestor)?.is_taggable() {
                taggable.push(ancestor.node);
            }
        }
        Ok(taggable)
    }

    /// Everything narrower, breadth first, each once, at most so many.
    pub fn descendants(&self, iri: &str, limit: usize) -> Result<Vec<NamedNode>, VocabError> {
        let Some(home) = self.home(iri)? else { return Ok(Vec::new()) };
        let mut seen = HashSet::from([home.node.clone()]);
        let mut below = Vec::new();
        let mut next = VecDeque::from([home]);
        while let Some(at) = next.pop_front() {
            for child in self.children(&at, usize::MAX)? {
                if seen.insert(child.node.clone()) {
                    if below.len() == limit {
                        return Ok(below);
                    }
                    below.push(child.node.clone());
                    next.push_back(child);
                }
            }
        }
        Ok(below)
    }

    fn parents(&self, home: &Home) -> Result<Vec<NamedNode>, VocabError> {
        let mut parents = self.nodes_in(home, skos::BROADER)?;
        parents.extend(self.subjects_in(home.release, skos::NARROWER, home.node.as_str(), MOST_ANCESTORS)?);
        parents.retain(|parent| *parent != home.node);
        parents.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        parents.dedup();
        Ok(parents)
    }

    /// The parents that a release describes.
    pub(super) fn known_parents(&self, home: &Home) -> Result<Vec<Home>, VocabError> {
        let mut known = Vec::new();
        for parent in self.parents(home)? {
            known.extend(self.home_near(&parent, home.release)?.filter(|p| p.node != home.node));
        }
        Ok(known)
    }

    /// The narrower ones; in other releases of the scheme, those that are at home there.
    fn children(&self, home: &Home, limit: usize) -> Result<Vec<Home>, VocabError> {
        let mut children: HashMap<NamedNode, usize> = HashMap::new();
        let siblings = self.siblings(home.release);
        for &release in &siblings {
            for spelling in spelled(home.node.as_str()) {
                let mut found = self.subjects_in(release, skos::BROADER, spelling.as_str(), limit)?;
                found.extend(self.nodes_in(&Home { node: spelling, release }, skos::NARROWER)?);
                for child in found {
                    if child != home.node && (siblings.len() == 1 || self.speaks_for(release, &child, home.release, &siblings)?) {
                        children.entry(child).or_insert(release);
                    }
                }
            }
        }
        let mut children: Vec<Home> = children.into_iter().map(|(node, release)| Home { node, release }).collect();
        children.sort_unstable_by(|a, b| a.node.as_str().cmp(b.node.as_str()));
        children.truncate(limit);
        Ok(children)
    }

    /// The releases of the same scheme.
    fn siblings(&self, release: usize) -> Vec<usize> {
        let scheme = self.releases.get(release).map(|r| r.scheme.as_str());
        self.releases.iter().enumerate().filter(|(_, r)| Some(r.scheme.as_str()) == scheme).map(|(place, _)| place).collect()
    }

    /// Whether this release may say what is broader than the child: it does for what is at home in it, and the parent's own for what no
    /// other release of the scheme describes.
    fn speaks_for(&self, release: usize, child: &NamedNode, parents_own: usize, siblings: &[usize]) -> Result<bool, VocabError> {
        let home = self.home(child.as_str())?.map(|h| h.release).filter(|h| siblings.contains(h));
        Ok(home.unwrap_or(parents_own) == release)
    }

    pub(super) fn preferred(&self, home: &Home) -> Result<Option<NamedNode>, VocabError> {
        let mut preferred = self.nodes_in(home, gvp::BROADER_PREFERRED)?;
        preferred.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        if let Some(first) = preferred.into_iter().find(|p| *p != home.node) {
            return Ok(Some(first));
        }
        // A parent that is described here goes before one that is only named.
        let known = self.known_parents(home)?.into_iter().next().map(|parent| parent.node);
        Ok(known.or(self.parents(home)?.into_iter().next()))
    }

    fn path(&self, home: Home) -> Result<Vec<Home>, VocabError> {
        let mut seen = HashSet::from([home.node.clone()]);
        let mut path: Vec<Home> = Vec::new();
        let mut at = home;
        while self.kind_at(&at)? != ConceptKind::Facet {
            let Some(parent) = self.preferred(&at)? else { break };
            // Where the tree goes on in a vocabulary that is not here, it ends.
            let Some(parent) = self.home_near(&parent, at.release)? else { break };
            if !seen.insert(parent.node.clone()) {
                break;
            }
            path.push(parent.clone());
            at = parent;
        }
        Ok(path)
    }

    pub(super) fn above(&self, home: &Home) -> Result<Vec<Home>, VocabError> {
        let mut seen = HashSet::from([home.node.clone()]);
        let mut above = Vec::new();
        let mut next = VecDeque::from([home.clone()]);
        while let Some(at) = next.pop_front() {
            for parent in self.known_parents(&at)? {
                if above.len() < MOST_ANCESTORS && seen.insert(parent.node.clone()) {
                    above.push(parent.clone());
                    next.push_back(parent);
                }
            }
        }
        Ok(above)
    }

    /// A facet is a top; in a release without facets, whatever the tree ends in.
    fn is_top(&self, home: &Home) -> Result<bool, VocabError> {
        if self.kind_at(home)? == ConceptKind::Facet {
            return Ok(true);
        }
        let Some(release) = self.releases.get(home.release) else { return Ok(false) };
        let graph = GraphNameRef::from(release.graph.as_ref());
        let facet = self.store.quads().quads_for_pattern(None, Some(rdf::TYPE), Some(TermRef::from(gvp::FACET)), Some(graph)).next();
        Ok(facet.transpose().map_err(StoreError::from)?.is_none())
    }
}
