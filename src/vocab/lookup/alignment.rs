//! Which concepts of different vocabularies are the same, or nearly so: alignments, read both ways.

use std::collections::{HashSet, VecDeque};

use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use super::{Release, Vocabularies, spelled};
use crate::{
    rdf::{
        ns::{owl, pav, rdfs, skos, sssom},
        text_of,
    },
    store::StoreError,
    vocab::VocabError,
};

/// The properties that align.
const PROPERTIES: [NamedNodeRef<'static>; 6] =
    [skos::EXACT_MATCH, owl::SAME_AS, skos::CLOSE_MATCH, skos::BROAD_MATCH, skos::NARROW_MATCH, skos::RELATED_MATCH];
/// Those of them that say that two are the same.
const SAME: [NamedNodeRef<'static>; 2] = [skos::EXACT_MATCH, owl::SAME_AS];
/// How many equivalents there are at most.
const MOST_EQUIVALENTS: usize = 200;
/// How many statements of one property may point to one concept before the rest is not looked at.
const MOST_POINTING: usize = 1_000;

/// From which side an alignment was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The concept asked about is the statement's subject.
    Forward,
    /// It is the object.
    Backward,
}

/// One statement that aligns two concepts, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alignment {
    /// The statement's subject.
    pub from: NamedNode,
    /// Its object.
    pub to: NamedNode,
    /// `skos:exactMatch` or one of its kin, or `owl:sameAs`.
    pub property: NamedNode,
    /// The release or mapping set that says so.
    pub graph: NamedNode,
    /// From which side it was asked for.
    pub direction: Direction,
}

/// A concept that is said to be the same as another, and who says so, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equivalent {
    /// The concept.
    pub iri: NamedNode,
    /// The alignments that lead to it, from the concept asked about; none where it is another spelling of it.
    pub steps: Vec<Alignment>,
}

/// What a mapping set says about one of its alignments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Justification {
    /// How sure its author was.
    pub confidence: Option<f64>,
    /// Why it holds: the IRIs of the justifications.
    pub reasons: Vec<String>,
    /// Who made it.
    pub authors: Vec<String>,
    /// What was remarked.
    pub comments: Vec<String>,
}

impl Alignment {
    /// The concept at the other end.
    pub fn other(&self) -> &NamedNode {
        if self.direction == Direction::Forward { &self.to } else { &self.from }
    }
}

impl Vocabularies<'_> {
    /// Every alignment of the concept, under any of its spellings, in releases and mapping sets, read both ways.
    pub fn alignments(&self, iri: &str) -> Result<Vec<Alignment>, VocabError> {
        self.aligned_by(iri, &PROPERTIES)
    }

    /// Every IRI that is said to be the same, over any number of steps and under any spelling, the nearest first; itself left out.
    pub fn equivalents(&self, iri: &str) -> Result<Vec<NamedNode>, VocabError> {
        Ok(self.equivalents_told(iri)?.into_iter().map(|equivalent| equivalent.iri).collect())
    }

    /// The same, with the alignments that lead there: each names the release or mapping set that says so.
    pub fn equivalents_told(&self, iri: &str) -> Result<Vec<Equivalent>, VocabError> {
        let mut seen = HashSet::from([iri.to_owned()]);
        let mut equivalents: Vec<Equivalent> = Vec::new();
        let mut next = VecDeque::from([(iri.to_owned(), Vec::new())]);
        while let Some((at, steps)) = next.pop_front() {
            let mut near: Vec<(NamedNode, Option<Alignment>)> = spelled(&at).skip(1).map(|spelling| (spelling, None)).collect();
            for alignment in self.aligned_by(&at, &SAME)? {
                near.push((alignment.other().clone(), Some(alignment)));
            }
            for (found, step) in near {
                if equivalents.len() == MOST_EQUIVALENTS {
                    return Ok(equivalents);
                }
                if seen.insert(found.as_str().to_owned()) {
                    let steps: Vec<Alignment> = steps.iter().cloned().chain(step).collect();
                    next.push_back((found.as_str().to_owned(), steps.clone()));
                    equivalents.push(Equivalent { iri: found, steps });
                }
            }
        }
        Ok(equivalents)
    }

    /// The release or mapping set that this graph is.
    pub fn release_of(&self, graph: &NamedNode) -> Option<&Release> {
        self.releases.iter().chain(&self.mappings).find(|release| release.graph == *graph)
    }

    /// What its mapping set says about an alignment besides that it holds.
    pub fn justification(&self, alignment: &Alignment) -> Result<Justification, VocabError> {
        let mut justification = Justification::default();
        for axiom in self.store.subjects(owl::ANNOTATED_SOURCE, &alignment.from, &alignment.graph)? {
            let says = |predicate| -> Result<Vec<Term>, VocabError> { Ok(self.store.objects(&axiom, predicate, &alignment.graph)?) };
            let about = says(owl::ANNOTATED_TARGET)?.contains(&alignment.to.clone().into())
                && says(owl::ANNOTATED_PROPERTY)?.contains(&alignment.property.clone().into());
            if !about {
                continue;
            }
            let texts = |predicate| -> Result<Vec<String>, VocabError> { Ok(says(predicate)?.into_iter().map(text_of).collect()) };
            let confidence = texts(sssom::CONFIDENCE)?.iter().find_map(|value| value.parse().ok());
            justification.confidence = justification.confidence.or(confidence);
            justification.reasons.extend(texts(sssom::MAPPING_JUSTIFICATION)?);
            justification.authors.extend(texts(pav::AUTHORED_BY)?);
            justification.comments.extend(texts(rdfs::COMMENT)?);
        }
        Ok(justification)
    }

    fn aligned_by(&self, iri: &str, properties: &[NamedNodeRef<'static>]) -> Result<Vec<Alignment>, VocabError> {
        let mut found = Vec::new();
        for node in spelled(iri) {
            for release in self.releases.iter().chain(&self.mappings) {
                for property in properties {
                    self.forward(&node, *property, &release.graph, &mut found)?;
                    self.backward(&node, *property, &release.graph, &mut found)?;
                }
            }
        }
        let key = |a: &Alignment| (a.direction == Direction::Backward, a.from.clone().into_string(), a.to.clone().into_string());
        found.sort_by_cached_key(key);
        found.dedup();
        Ok(found)
    }

    fn forward(
        &self,
        node: &NamedNode,
        property: NamedNodeRef<'_>,
        graph: &NamedNode,
        found: &mut Vec<Alignment>,
    ) -> Result<(), VocabError> {
        for to in self.store.objects(node, property, graph)? {
            if let Term::NamedNode(to) = to {
                let (from, property) = (node.clone(), property.into_owned());
                found.push(Alignment { from, to, property, graph: graph.clone(), direction: Direction::Forward });
            }
        }
        Ok(())
    }

    fn backward(
        &self,
        node: &NamedNode,
        property: NamedNodeRef<'_>,
        graph: &NamedNode,
        found: &mut Vec<Alignment>,
    ) -> Result<(), VocabError> {
        let name = GraphNameRef::from(graph.as_ref());
        let pointing = self.store.quads().quads_for_pattern(None, Some(property), Some(TermRef::NamedNode(node.as_ref())), Some(name));
        for quad in pointing.take(MOST_POINTING) {
            if let NamedOrBlankNode::NamedNode(from) = quad.map_err(StoreError::from)?.subject {
                let (to, property) = (node.clone(), property.into_owned());
                found.push(Alignment { from, to, property, graph: graph.clone(), direction: Direction::Backward });
            }
        }
        Ok(())
    }
}
