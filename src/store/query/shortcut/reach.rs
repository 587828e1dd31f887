//! What can be reached along the edges of a hierarchy, from one node, in one graph or in all.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use oxigraph::{
    model::{GraphNameRef, NamedNodeRef},
    store::{StorageError, Store as Quads},
};

use super::{
    EDGES_FILE, Scope, Shortcuts,
    edges::{Edges, HIERARCHY},
    members::{Closure, Found, Members},
    names::Names,
};

/// One step of a path: a predicate of [`HIERARCHY`] by its place, and whether it is taken backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Step {
    pub(super) predicate: usize,
    pub(super) backwards: bool,
}

impl Step {
    /// The same step the other way.
    pub(super) fn reversed(self) -> Self {
        Self { backwards: !self.backwards, ..self }
    }
}

/// The edges that were asked for so far, and who is next to whom by them.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    names: Names,
    edges: HashMap<usize, Rc<Edges>>,
    beside: HashMap<(Step, Scope), Rc<Beside>>,
    found: Found,
}

impl Hierarchy {
    /// The number of a name, which may become a member's later.
    pub(super) fn name(&mut self, name: &str) -> u32 {
        self.names.number(name)
    }
}

/// Who is next to each: those of number `n` stand from the `n`th beginning on.
#[derive(Debug)]
struct Beside {
    begin: Vec<u32>,
    nodes: Vec<u32>,
}

impl Beside {
    fn new(edges: &[[u32; 3]], backwards: bool, graph: Option<u32>, names: usize) -> Self {
        let ends = |edge: &[u32; 3]| if backwards { (edge[1], edge[0]) } else { (edge[0], edge[1]) };
        let within = || edges.iter().filter(|edge| graph.is_none_or(|graph| edge[2] == graph)).map(ends);
        let mut begin = vec![0_u32; names + 1];
        for (from, _) in within() {
            begin[from as usize + 1] += 1;
        }
        for place in 1..begin.len() {
            begin[place] += begin[place - 1];
        }
        let mut at = begin.clone();
        let mut nodes = vec![0; begin.last().copied().unwrap_or(0) as usize];
        for (from, to) in within() {
            nodes[at[from as usize] as usize] = to;
            at[from as usize] += 1;
        }
        Self { begin, nodes }
    }

    fn of(&self, node: u32) -> &[u32] {
        let place = node as usize;
        match (self.begin.get(place), self.begin.get(place + 1)) {
            (Some(from), Some(to)) => &self.nodes[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

impl Shortcuts {
    /// What is reached from a node by one or more of these steps, the node itself only where the steps lead back to it or none has to be taken.
    /// Nothing where only the engine can tell.
    pub(super) fn reached(&self, quads: &Quads, closure: Closure) -> Result<Option<Rc<Members>>, StorageError> {
        let mut hierarchy = self.hierarchy.borrow_mut();
        if let Some(found) = hierarchy.found.of(&closure) {
            return Ok(Some(found));
        }
        let mut beside = Vec::new();
        for step in &closure.steps {
            match self.beside(&mut hierarchy, quads, *step, &closure.scope)? {
                Some(found) => beside.push(found),
                None => return Ok(None),
            }
        }
        let mut reached =
            hierarchy.names.known(&closure.start).map(|start| walk(start, &beside, hierarchy.names.len())).unwrap_or_default();
        // The engine takes no step from a term that the graph does not have.
        if closure.zero && has(quads, NamedNodeRef::new_unchecked(&closure.start), &closure.scope)? {
            reached.push(hierarchy.names.number(&closure.start));
        }
        let members = Rc::new(Members::new(reached));
        hierarchy.found.keep(closure, &members);
        Ok(Some(members))
    }

    /// The members that have these names.
    pub(super) fn numbered(&self, names: &[Arc<str>]) -> Members {
        let mut hierarchy = self.hierarchy.borrow_mut();
        Members::new(names.iter().map(|name| hierarchy.names.number(name)).collect())
    }

    /// The number of a name, if it is any member's.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.hierarchy.borrow().names.known(name)
    }

    /// The names of numbers.
    pub(super) fn names(&self, numbers: &[u32]) -> Vec<Arc<str>> {
        let hierarchy = self.hierarchy.borrow();
        numbers.iter().filter_map(|number| hierarchy.names.name(*number).cloned()).collect()
    }

    /// The names of members, to look one up.
    pub(super) fn texts(&self, members: &Members) -> Arc<HashSet<Arc<str>>> {
        members.texts(&self.hierarchy.borrow().names)
    }

    fn beside(&self, hierarchy: &mut Hierarchy, quads: &Quads, step: Step, scope: &Scope) -> Result<Option<Rc<Beside>>, StorageError> {
        if let Some(found) = hierarchy.beside.get(&(step, scope.clone())) {
            return Ok(Some(Rc::clone(found)));
        }
        let edges = if let Some(found) = hierarchy.edges.get(&step.predicate) {
            Rc::clone(found)
        } else {
            let found = Rc::new(self.edges(&mut hierarchy.names, quads, step.predicate)?);
            hierarchy.edges.insert(step.predicate, Rc::clone(&found));
            found
        };
        if !edges.whole {
            return Ok(None);
        }
        let graph = match scope {
            Scope::Union => None,
            Scope::Default => Some(0),
            Scope::Graph(graph) => Some(hierarchy.names.known(graph).map_or(u32::MAX, |number| number + 1)),
        };
        let made = Rc::new(Beside::new(&edges.edges, step.backwards, graph, hierarchy.names.len()));
        hierarchy.beside.insert((step, scope.clone()), Rc::clone(&made));
        Ok(Some(made))
    }

    /// The edges of a predicate: from the file that another worker left, or from the quads.
    fn edges(&self, names: &mut Names, quads: &Quads, predicate: usize) -> Result<Edges, StorageError> {
        let path = self.folder.as_ref().map(|folder| folder.join(format!("{EDGES_FILE}{predicate}")));
        if let Some(found) = path.as_deref().and_then(|path| Edges::read(path, names)) {
            return Ok(found);
        }
        let Some(iri) = HIERARCHY.get(predicate) else { return Ok(Edges::default()) };
        let found = Edges::gather(quads, *iri, names)?;
        if let Some(path) = path
            && let Err(error) = found.write(&path, names)
        {
            tracing::debug!(%error, "the edges of a hierarchy cannot be left for others");
        }
        Ok(found)
    }
}

/// Everything that is reached from a node by one step or more.
fn walk(start: u32, beside: &[Rc<Beside>], names: usize) -> Vec<u32> {
    let mut seen = vec![false; names];
    let (mut reached, mut next) = (Vec::new(), vec![start]);
    while let Some(node) = next.pop() {
        for to in beside.iter().flat_map(|b| b.of(node)) {
            if let Some(seen) = seen.get_mut(*to as usize)
                && !std::mem::replace(seen, true)
            {
                reached.push(*to);
                next.push(*to);
            }
        }
    }
    reached
}

/// Whether the graph has the node, as a subject or an object.
fn has(quads: &Quads, node: NamedNodeRef<'_>, scope: &Scope) -> Result<bool, StorageError> {
    let graph = match scope {
        Scope::Union => None,
        Scope::Default => Some(GraphNameRef::DefaultGraph),
        Scope::Graph(graph) => Some(NamedNodeRef::new_unchecked(graph).into()),
    };
    if quads.quads_for_pattern(Some(node.into()), None, None, graph).next().transpose()?.is_some() {
        return Ok(true);
    }
    Ok(quads.quads_for_pattern(None, None, Some(node.into()), graph).next().transpose()?.is_some())
}
