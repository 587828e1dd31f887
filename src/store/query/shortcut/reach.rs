//! What can be reached along the edges of a hierarchy, from one node, in one graph or in all.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use oxigraph::{
    model::NamedNodeRef,
    store::{StorageError, Store as Quads},
};

use super::{EDGES_FILE, Scope, Shortcuts, edges::Edges, edges::HIERARCHY, names::Names};

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
    /// What is reached from a node by one or more of these steps; the node itself only where the steps lead back to it. Nothing where only the
    /// engine can tell.
    pub(super) fn reached(
        &self,
        quads: &Quads,
        start: NamedNodeRef<'_>,
        steps: &[Step],
        scope: &Scope,
    ) -> Result<Option<Vec<Arc<str>>>, StorageError> {
        let mut hierarchy = self.hierarchy.borrow_mut();
        let mut beside = Vec::new();
        for step in steps {
            match self.beside(&mut hierarchy, quads, *step, scope)? {
                Some(found) => beside.push(found),
                None => return Ok(None),
            }
        }
        let Some(start) = hierarchy.names.known(start.as_str()) else { return Ok(Some(Vec::new())) };
        let mut seen = HashSet::new();
        let mut next = vec![start];
        while let Some(node) = next.pop() {
            for to in beside.iter().flat_map(|b| b.of(node)) {
                if seen.insert(*to) {
                    next.push(*to);
                }
            }
        }
        let mut reached: Vec<u32> = seen.into_iter().collect();
        reached.sort_unstable();
        Ok(Some(reached.into_iter().filter_map(|n| hierarchy.names.name(n).cloned()).collect()))
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
