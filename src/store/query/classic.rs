//! RDF 1.2 for those who read RDF 1.1: a triple term becomes a blank node that is described as a statement, a string's direction is left out.

use std::collections::HashMap;

use oxigraph::model::{BlankNode, Literal, NamedOrBlankNode, Term, Triple};

use crate::rdf::ns::rdf;

/// What was put in the place of triple terms, for one answer: the same term is the same node.
#[derive(Debug, Default)]
pub(super) struct Classic {
    nodes: HashMap<Triple, BlankNode>,
    /// What is still to be said about nodes that were just put.
    said: Vec<Triple>,
}

impl Classic {
    /// Whether RDF 1.1 has no such term.
    pub(super) fn is_new(term: &Term) -> bool {
        match term {
            Term::Triple(_) => true,
            Term::Literal(literal) => literal.direction().is_some(),
            Term::NamedNode(_) | Term::BlankNode(_) => false,
        }
    }

    /// The triple in RDF 1.1, and what has to be said besides.
    pub(super) fn triple(&mut self, triple: Triple) -> Vec<Triple> {
        let object = self.term(triple.object);
        let mut all = vec![Triple::new(triple.subject, triple.predicate, object)];
        all.append(&mut self.said);
        all
    }

    /// The term of a table: a triple term is told as text there, since a table has no place to describe a node.
    pub(super) fn cell(term: &Term) -> Term {
        match term {
            Term::Triple(_) => Literal::new_simple_literal(term.to_string()).into(),
            other => plain(other),
        }
    }

    fn term(&mut self, term: Term) -> Term {
        let Term::Triple(triple) = term else { return plain(&term) };
        if let Some(node) = self.nodes.get(triple.as_ref()) {
            return node.clone().into();
        }
        let node = BlankNode::default();
        self.nodes.insert((*triple).clone(), node.clone());
        let Triple { subject, predicate, object } = *triple;
        let object = self.term(object);
        let subject: Term = match subject {
            NamedOrBlankNode::NamedNode(node) => node.into(),
            NamedOrBlankNode::BlankNode(node) => node.into(),
        };
        self.said.push(Triple::new(node.clone(), rdf::TYPE, rdf::STATEMENT));
        for (property, value) in [(rdf::SUBJECT, subject), (rdf::PREDICATE, predicate.into()), (rdf::OBJECT, object)] {
            self.said.push(Triple::new(node.clone(), property, value));
        }
        node.into()
    }
}

fn plain(term: &Term) -> Term {
    match term {
        Term::Literal(literal) if literal.direction().is_some() => {
            let language = literal.language().unwrap_or_default();
            Literal::new_language_tagged_literal_unchecked(literal.value(), language).into()
        }
        other => other.clone(),
    }
}
