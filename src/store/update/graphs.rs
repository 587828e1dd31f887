//! A graph put, added to or deleted whole, as the Graph Store Protocol has it.

use oxigraph::model::{GraphName, Quad, Triple};

use super::{Closed, Ticket, UpdateError, work::Work};
use crate::{
    rdf::ns::spdx,
    store::{Change, Committed, Store, StoreError},
    telemetry::Silent,
};

/// Up to how many triples a graph is changed in one transaction. A larger one is replaced in steps that are finished or undone when the
/// store is next opened.
const IN_ONE_TRANSACTION: usize = 20_000;

/// What is to become of a graph.
#[derive(Clone, Debug)]
pub enum GraphChange {
    /// It shall hold exactly these triples.
    Put(Vec<Triple>),
    /// It shall hold these triples too.
    Post(Vec<Triple>),
    /// It shall be no more; the default graph shall be empty.
    Delete,
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub struct GraphWritten {
    /// Whether the graph was there before. The default graph always is.
    pub was_there: bool,
    /// The change.
    pub committed: Committed,
}

impl Store {
    /// Whether there is such a graph, be it empty. The default graph is always there.
    pub fn is_graph(&self, graph: &GraphName) -> Result<bool, StoreError> {
        match graph {
            GraphName::NamedNode(graph) => Ok(self.quads.contains_named_graph(graph)?),
            GraphName::BlankNode(graph) => Ok(self.quads.contains_named_graph(graph)?),
            GraphName::DefaultGraph => Ok(true),
        }
    }

    /// Changes a graph whole or not at all. Graphs that are closed to changes from outside are refused.
    pub fn write_graph(&self, graph: &GraphName, change: GraphChange, ticket: &Ticket) -> Result<GraphWritten, UpdateError> {
        Closed::under(&self.base).refuse_any(graph)?;
        let coming = match &change {
            GraphChange::Put(triples) | GraphChange::Post(triples) => triples.len(),
            GraphChange::Delete => 0,
        };
        // What a POST leaves standing costs the transaction nothing.
        let standing = if matches!(change, GraphChange::Post(_)) { 0 } else { self.count_up_to(graph, IN_ONE_TRANSACTION)? };
        if coming + standing > IN_ONE_TRANSACTION && matches!(graph, GraphName::NamedNode(_)) {
            return self.write_large(graph, change, ticket);
        }
        let _writing = self.writing();
        let mut work = Work::begin(self, ticket)?;
        let was_there = match change {
            GraphChange::Delete => {
                let was_there = self.is_graph(graph)?;
                work.empty(graph)?;
                work.forget(graph)?;
                was_there
            }
            GraphChange::Put(triples) => {
                let new: std::collections::HashSet<Quad> = triples.into_iter().map(|t| t.in_graph(graph.clone())).collect();
                let old: Vec<Quad> = self.quads.quads_for_pattern(None, None, None, Some(graph.as_ref())).collect::<Result<_, _>>()?;
                old.iter().filter(|quad| !new.contains(quad)).try_for_each(|quad| work.remove(quad))?;
                let was_there = work.ensure(graph)?;
                new.iter().try_for_each(|quad| work.insert(quad))?;
                was_there
            }
            GraphChange::Post(triples) => {
                let was_there = work.ensure(graph)?;
                triples.into_iter().try_for_each(|triple| work.insert(&triple.in_graph(graph.clone())))?;
                was_there
            }
        };
        Ok(GraphWritten { was_there, committed: work.commit()? })
    }

    /// The same in steps, for a graph of any size.
    fn write_large(&self, graph: &GraphName, change: GraphChange, ticket: &Ticket) -> Result<GraphWritten, UpdateError> {
        let GraphName::NamedNode(name) = graph else { return Err(UpdateError::TooMuch { allowed: IN_ONE_TRANSACTION }) };
        let was_there = self.is_graph(graph)?;
        let (triples, keep) = match change {
            GraphChange::Put(triples) => (triples, false),
            GraphChange::Post(triples) => (triples, true),
            GraphChange::Delete => (Vec::new(), false),
        };
        // Looked for when it is asked for, which is when we are the one writer.
        let standing = keep.then_some(()).into_iter().flat_map(|()| self.quads.quads_for_pattern(None, None, None, Some(graph.as_ref())));
        let standing = standing.map(|quad| Ok(Triple::from(quad?)));
        let stopped = std::iter::once_with(|| ticket.settle()).filter_map(|settled| (!settled).then_some(Err(UpdateError::Stopped)));
        let all =
            standing.chain(triples.into_iter().map(|triple| if ticket.is_stopped() { Err(UpdateError::Stopped) } else { Ok(triple) }));
        let all = all.chain(stopped);
        let mut describe = Change::default();
        for checksum in self.objects(name, spdx::CHECKSUM_VALUE, &self.meta_graph())? {
            describe.remove.push(Quad::new(name.clone(), spdx::CHECKSUM_VALUE, checksum, self.meta_graph()));
        }
        let replaced = self.replace_graph(name, all, |_| describe, &Silent)?;
        Ok(GraphWritten { was_there, committed: Committed { version: replaced.version, changed: true } })
    }

    /// How many triples a graph holds, or so many where it holds more.
    fn count_up_to(&self, graph: &GraphName, most: usize) -> Result<usize, StoreError> {
        let found = self.quads.quads_for_pattern(None, None, None, Some(graph.as_ref()));
        found.take(most + 1).try_fold(0, |count, quad| quad.map(|_| count + 1).map_err(StoreError::from))
    }
}
