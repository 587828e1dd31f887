//! A property path: the way from the thing that is looked at to the value that a rule speaks of (SHACL 2.3.1).

use std::fmt::{self, Display, Formatter};

use oxigraph::model::{BlankNode, NamedNode, NamedNodeRef, Term, Triple};

use crate::rdf::{
    ns::{rdf, sh},
    prefixed,
};

/// A way through the graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// Along one property.
    Property(NamedNode),
    /// Against a way.
    Inverse(Box<Self>),
    /// One way after the other.
    Sequence(Vec<Self>),
    /// One way or the other.
    Alternative(Vec<Self>),
    /// A way any number of times.
    ZeroOrMore(Box<Self>),
    /// A way at least once.
    OneOrMore(Box<Self>),
    /// A way at most once.
    ZeroOrOne(Box<Self>),
}

impl Path {
    /// The property where the path is only one.
    pub fn property(&self) -> Option<&NamedNode> {
        match self {
            Self::Property(property) => Some(property),
            _ => None,
        }
    }

    /// The path as RDF: the node that stands for it, and what must be said about that node. Its blank nodes begin with `prefix`.
    pub fn to_rdf(&self, prefix: &str, triples: &mut Vec<Triple>) -> Term {
        match self {
            Self::Property(property) => property.clone().into(),
            Self::Sequence(steps) => list(steps, prefix, triples),
            Self::Inverse(path) => named(sh::INVERSE_PATH, path, prefix, triples),
            Self::ZeroOrMore(path) => named(sh::ZERO_OR_MORE_PATH, path, prefix, triples),
            Self::OneOrMore(path) => named(sh::ONE_OR_MORE_PATH, path, prefix, triples),
            Self::ZeroOrOne(path) => named(sh::ZERO_OR_ONE_PATH, path, prefix, triples),
            Self::Alternative(ways) => {
                let list = list(ways, prefix, triples);
                let node = blank(prefix, triples);
                triples.push(Triple::new(node.clone(), sh::ALTERNATIVE_PATH, list));
                node.into()
            }
        }
    }
}

/// A new blank node; the number of triples so far names it, since each node is the subject of one that follows at once.
fn blank(prefix: &str, triples: &[Triple]) -> BlankNode {
    BlankNode::new_unchecked(format!("{prefix}p{}", triples.len()))
}

fn named(property: NamedNodeRef<'_>, path: &Path, prefix: &str, triples: &mut Vec<Triple>) -> Term {
    let inner = path.to_rdf(prefix, triples);
    let node = blank(prefix, triples);
    triples.push(Triple::new(node.clone(), property, inner));
    node.into()
}

fn list(items: &[Path], prefix: &str, triples: &mut Vec<Triple>) -> Term {
    let mut rest: Term = rdf::NIL.into();
    for item in items.iter().rev() {
        let first = item.to_rdf(prefix, triples);
        let node = blank(prefix, triples);
        triples.push(Triple::new(node.clone(), rdf::FIRST, first));
        triples.push(Triple::new(node.clone(), rdf::REST, rest));
        rest = node.into();
    }
    rest
}

/// As SPARQL writes paths, with our prefixes.
impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut Formatter<'_>, parts: &[Self], between: &str| {
            for (place, part) in parts.iter().enumerate() {
                f.write_str(if place > 0 { between } else { "" })?;
                part.part(f)?;
            }
            Ok(())
        };
        match self {
            Self::Property(property) => f.write_str(&prefixed(property.as_str())),
            Self::Inverse(path) => f.write_str("^").and_then(|()| path.part(f)),
            Self::Sequence(steps) => joined(f, steps, "/"),
            Self::Alternative(ways) => joined(f, ways, " | "),
            Self::ZeroOrMore(path) => path.part(f).and_then(|()| f.write_str("*")),
            Self::OneOrMore(path) => path.part(f).and_then(|()| f.write_str("+")),
            Self::ZeroOrOne(path) => path.part(f).and_then(|()| f.write_str("?")),
        }
    }
}

impl Path {
    fn part(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if matches!(self, Self::Sequence(_) | Self::Alternative(_)) { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}
