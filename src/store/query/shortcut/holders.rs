//! Who has a value: the subjects of the statements with one predicate and one object (all guide terms, say), where they are not many more
//! than those among whom they are looked for. A worker reads them once, and then compares numbers.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use oxigraph::{
    model::{NamedNode, Term},
    store::{StorageError, Store as Quads},
};
use spargebra::{
    algebra::GraphPattern,
    term::{NamedNodePattern, TermPattern, TriplePattern, Variable},
};

use super::{Scope, Shortcuts, members::Members};
use crate::store::query::answer::solutions;

/// How many holders are kept in all, before everything is forgotten.
const KEPT: usize = 2_000_000;
/// Up to how many holders of one value are read.
const MOST: usize = 100_000;

/// A value of a property, in the graphs in which it is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Value {
    predicate: NamedNode,
    object: Term,
    scope: Scope,
}

impl Value {
    /// The value that a pattern gives its subject, where it gives one.
    pub(super) fn of(triple: &TriplePattern, scope: &Scope) -> Option<Self> {
        let NamedNodePattern::NamedNode(predicate) = &triple.predicate else { return None };
        let object = match &triple.object {
            TermPattern::NamedNode(node) => node.clone().into(),
            TermPattern::Literal(literal) => literal.clone().into(),
            _ => return None,
        };
        Some(Self { predicate: predicate.clone(), object, scope: scope.clone() })
    }

    /// The pattern whose rows are the holders.
    fn pattern(&self, holder: Variable, length: usize) -> GraphPattern {
        let object = match &self.object {
            Term::Literal(literal) => literal.clone().into(),
            Term::NamedNode(node) => node.clone().into(),
            _ => return GraphPattern::default(),
        };
        let triple = TriplePattern { subject: holder.clone().into(), predicate: self.predicate.clone().into(), object };
        let mut inner = GraphPattern::Bgp { patterns: vec![triple] };
        if let Scope::Graph(graph) = &self.scope {
            inner = GraphPattern::Graph { name: NamedNode::new_unchecked(graph.as_str()).into(), inner: Box::new(inner) };
        }
        let project = GraphPattern::Project { inner: Box::new(inner), variables: vec![holder] };
        GraphPattern::Slice { inner: Box::new(project), start: 0, length: Some(length) }
    }
}

/// What was found out about the holders of a value.
#[derive(Debug)]
enum Found {
    /// These have it, each by one statement.
    These(Rc<Members>),
    /// So many and more have it.
    Many(usize),
    /// One of them has it in two graphs, and the engine a row for each.
    Twice,
}

/// The holders that were read so far.
#[derive(Debug, Default)]
pub(super) struct Holders {
    all: HashMap<Value, Found>,
    members: usize,
}

impl Shortcuts {
    /// Those who have a value, where they are no more than three times as many as those among whom they are looked for, and each is there
    /// once. What is no IRI is left out, since no member of a hierarchy is anything else.
    pub(super) fn holders(&self, quads: &Quads, value: Value, among: usize) -> Result<Option<Rc<Members>>, StorageError> {
        let most = among.saturating_mul(3).min(MOST);
        let mut holders = self.holders.borrow_mut();
        match holders.all.get(&value) {
            Some(Found::These(members)) => return Ok(Some(Rc::clone(members))),
            Some(Found::Many(least)) if *least >= most => return Ok(None),
            Some(Found::Twice) => return Ok(None),
            _ => {}
        }
        let found = self.read_holders(quads, &value, most)?;
        let members = if let Found::These(members) = &found { Some(Rc::clone(members)) } else { None };
        let room = members.as_ref().map_or(0, |members| members.len()) + 64;
        if holders.members + room > KEPT {
            *holders = Holders::default();
        }
        holders.members += room;
        holders.all.insert(value, found);
        Ok(members)
    }

    fn read_holders(&self, quads: &Quads, value: &Value, most: usize) -> Result<Found, StorageError> {
        let holder = Variable::new_unchecked("holder");
        let (mut seen, mut rows) = (HashSet::new(), 0);
        for row in solutions(quads, value.pattern(holder.clone(), most + 1), value.scope == Scope::Union)? {
            let row = row?;
            rows += 1;
            if rows > most {
                return Ok(Found::Many(most));
            }
            if let Some(Term::NamedNode(node)) = row.get(&holder)
                && !seen.insert(node.clone())
            {
                return Ok(Found::Twice);
            }
        }
        let mut hierarchy = self.hierarchy.borrow_mut();
        Ok(Found::These(Rc::new(Members::new(seen.iter().map(|node| hierarchy.name(node.as_str())).collect()))))
    }
}
