//! What a variable is known to be one of: the members of a branch, by number. They are found once and kept, since the same branches are asked
//! for again and again.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use super::{
    names::Names,
    reach::Step,
    rewrite::Scope,
};

/// How many members are kept in all, before everything is forgotten.
const KEPT: usize = 2_000_000;

/// Names by number, in ascending order, each once.
#[derive(Debug, Default)]
pub(super) struct Members {
    numbers: Vec<u32>,
    /// The same as texts, once somebody looks names up.
    texts: OnceCell<Arc<HashSet<Arc<str>>>>,
}

impl Members {
    /// Of numbers in any order.
    pub(super) fn new(mut numbers: Vec<u32>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        Self { numbers, texts: OnceCell::new() }
    }

    pub(super) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }

    /// Those that are members of both.
    pub(super) fn and(&self, other: &Self) -> Self {
        let (few, many) = if self.len() < other.len() { (self, other) } else { (other, self) };
        Self { numbers: few.numbers.iter().copied().filter(|number| many.has(*number)).collect(), texts: OnceCell::new() }
    }

    /// Their names, to look one up.
    pub(super) fn texts(&self, names: &Names) -> Arc<HashSet<Arc<str>>> {
        Arc::clone(self.texts.get_or_init(|| Arc::new(self.numbers.iter().filter_map(|n| names.name(*n).cloned()).collect())))
    }
}

/// Which closure it is: where it begins, by which steps, in which graphs, and whether the beginning is one of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Closure {
    pub(super) start: String,
    pub(super) steps: Vec<Step>,
    pub(super) scope: Scope,
    pub(super) zero: bool,
}

/// Closures that were found.
#[derive(Debug, Default)]
pub(super) struct Found {
    all: HashMap<Closure, Rc<Members>>,
    members: usize,
}

impl Found {
    pub(super) fn of(&self, closure: &Closure) -> Option<Rc<Members>> {
        self.all.get(closure).cloned()
    }

    pub(super) fn keep(&mut self, closure: Closure, members: &Rc<Members>) {
        // An empty one takes room as well.
        let room = members.len() + 64;
        if self.members + room > KEPT {
            *self = Self::default();
        }
        self.members += room;
        self.all.insert(closure, Rc::clone(members));
    }
}
