//! The triples of one graph as they were parsed, with what was seen on the way, before they are divided into records.

use std::{collections::HashMap, sync::Arc};

use oxigraph::model::{BlankNode, NamedNode, NamedOrBlankNode, Term, Triple};

use super::{clean::Marked, confidence::Lifted, record::Failure};

/// Stands in for the base while a document is parsed, so that no reference of a provider can climb out of the place that we give it.
pub(super) const STAND_IN: &str = "http://relative.glossator.invalid/";
/// Stands in for IRIs beyond mending, followed by their number: the record that mentions one is refused.
pub(super) const BROKEN: &str = "http://broken.glossator.invalid/";
/// Begins the names of the blank nodes that mark statements. A provider's own blank nodes begin with another letter.
pub(super) const MARK: &str = "mark";

/// A parsed graph.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// The line at which it begins.
    pub(super) line: Option<u64>,
    pub(super) triples: Vec<Triple>,
    /// Statements about which Europeana's attributes say something.
    pub(super) lifted: Vec<(Triple, Lifted)>,
    pub(super) broken: Arc<[Failure]>,
    pub(super) notes: Vec<Marked>,
}

/// What a reference becomes while it is relative to the stand-in.
pub(super) fn absolute(reference: &str) -> String {
    match oxiri::Iri::parse(STAND_IN).and_then(|base| base.resolve(reference)) {
        Ok(iri) => iri.into_inner(),
        Err(_) => reference.to_owned(),
    }
}

/// Puts references that were relative under the base that the operator set.
pub(super) fn rebase(iri: &str, base: &str) -> Option<String> {
    iri.strip_prefix(STAND_IN).map(|rest| format!("{base}{rest}"))
}

/// Rewrites the names in triples: relative references under the base, blank nodes in order of appearance.
#[derive(Debug)]
pub(super) struct Renaming<'b> {
    base: &'b str,
    next: usize,
    blank: HashMap<BlankNode, BlankNode>,
}

impl<'b> Renaming<'b> {
    pub(super) fn new(base: &'b str) -> Self {
        Self { base, next: 0, blank: HashMap::new() }
    }

    /// Blank nodes of another graph are other nodes, even under the same name.
    pub(super) fn begin_part(&mut self) {
        self.blank.clear();
    }

    pub(super) fn triple(&mut self, triple: &Triple) -> Triple {
        Triple::new(self.subject(&triple.subject), self.named(&triple.predicate), self.term(&triple.object))
    }

    fn subject(&mut self, subject: &NamedOrBlankNode) -> NamedOrBlankNode {
        match subject {
            NamedOrBlankNode::NamedNode(n) => self.named(n).into(),
            NamedOrBlankNode::BlankNode(b) => self.blank(b).into(),
        }
    }

    pub(super) fn named(&self, node: &NamedNode) -> NamedNode {
        rebase(node.as_str(), self.base).map_or_else(|| node.clone(), NamedNode::new_unchecked)
    }

    fn blank(&mut self, node: &BlankNode) -> BlankNode {
        let next = &mut self.next;
        let fresh = || {
            *next += 1;
            BlankNode::new_unchecked(format!("b{}", *next - 1))
        };
        self.blank.entry(node.clone()).or_insert_with(fresh).clone()
    }

    fn term(&mut self, term: &Term) -> Term {
        match term {
            Term::NamedNode(n) => self.named(n).into(),
            Term::BlankNode(b) => self.blank(b).into(),
            Term::Literal(_) | Term::Triple(_) => term.clone(),
        }
    }
}
