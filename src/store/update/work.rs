//! A change from outside as one transaction: every quad's graph is looked at once more, and all of it is done or nothing.

use std::collections::BTreeSet;

use oxigraph::{
    model::{GraphName, NamedNode, Quad},
    store::Transaction,
};

use super::{Bounds, Closed, Draft, Ticket, Update, UpdateError, evaluate::draft, overlay::named};
use crate::{
    rdf::ns::spdx,
    store::{Committed, Snapshot, Store},
};

impl Store {
    /// Does an update: all of it, in one transaction that is on disk and in the index when this returns, or nothing.
    ///
    /// Waits for its turn as the one writer, and thinks in this thread, over the quads as they stand. That is for updates that evaluate no
    /// pattern ([`Update::evaluates`]); what a pattern comes to is found out where it can be killed, and applied by [`Store::apply`].
    pub fn update(&self, update: &Update, bounds: Bounds, ticket: &Ticket) -> Result<Committed, UpdateError> {
        let _writing = self.writing();
        let draft = draft(&self.quads, &self.base, update, bounds, ticket)?;
        self.apply_while_writing(&draft, ticket)
    }

    /// Applies a draft to the version that it was made for. Nothing is done, and nothing answered, where the store has moved on since.
    pub fn apply(&self, draft: &Draft, version: u64, ticket: &Ticket) -> Result<Option<Committed>, UpdateError> {
        let _writing = self.writing();
        if self.version() != version {
            return Ok(None);
        }
        self.apply_while_writing(draft, ticket).map(Some)
    }

    /// Lets somebody make a draft over the store as it stands, and applies it; nobody else writes in the meantime.
    pub fn apply_alone(
        &self,
        make: impl FnOnce(Snapshot) -> Result<Draft, UpdateError>,
        ticket: &Ticket,
    ) -> Result<Committed, UpdateError> {
        let _writing = self.writing();
        let draft = make(self.own_snapshot()?)?;
        self.apply_while_writing(&draft, ticket)
    }

    fn apply_while_writing(&self, draft: &Draft, ticket: &Ticket) -> Result<Committed, UpdateError> {
        let mut work = Work::begin(self, ticket)?;
        draft.removed.iter().try_for_each(|quad| work.remove(quad))?;
        draft.dropped.iter().try_for_each(|graph| work.forget(graph))?;
        draft.added.iter().try_for_each(|quad| work.insert(quad))?;
        for graph in &draft.created {
            work.ensure(&graph.clone().into())?;
        }
        work.commit()
    }
}

/// A transaction from outside: every quad goes through [`Work::insert`] and [`Work::remove`], which look at its graph.
pub(super) struct Work<'w> {
    store: &'w Store,
    transaction: Transaction<'w>,
    closed: Closed,
    ticket: &'w Ticket,
    changed: bool,
    /// Graphs of vocabularies and mappings that are no longer what was loaded.
    loaded: BTreeSet<NamedNode>,
}

impl<'w> Work<'w> {
    pub(super) fn begin(store: &'w Store, ticket: &'w Ticket) -> Result<Self, UpdateError> {
        let transaction = store.quads.start_transaction()?;
        let closed = Closed::under(store.base());
        Ok(Self { store, transaction, closed, ticket, changed: false, loaded: BTreeSet::new() })
    }

    pub(super) fn empty(&mut self, graph: &GraphName) -> Result<(), UpdateError> {
        self.closed.refuse_any(graph)?;
        let mut quads = Vec::new();
        for quad in self.transaction.quads_for_pattern(None, None, None, Some(graph.as_ref())) {
            quads.push(quad?);
            self.goes_on()?;
        }
        quads.iter().try_for_each(|quad| self.remove(quad))
    }

    /// Lets an empty graph be no more.
    pub(super) fn forget(&mut self, graph: &GraphName) -> Result<(), UpdateError> {
        self.closed.refuse_any(graph)?;
        let Some(named) = named(graph.as_ref()) else { return Ok(()) };
        if self.transaction.contains_named_graph(named)? {
            if let GraphName::NamedNode(graph) = graph {
                self.store.touch_graph(graph, &self.transaction)?;
            }
            self.transaction.remove_named_graph(named)?;
            self.changed = true;
        }
        Ok(())
    }

    fn create(&mut self, graph: &NamedNode) {
        self.transaction.insert_named_graph(graph);
        self.changed = true;
    }

    /// Makes sure that there is such a graph; says whether there was.
    pub(super) fn ensure(&mut self, graph: &GraphName) -> Result<bool, UpdateError> {
        self.closed.refuse_any(graph)?;
        let GraphName::NamedNode(graph) = graph else { return Ok(true) };
        let there = self.transaction.contains_named_graph(graph)?;
        if !there {
            self.create(graph);
        }
        Ok(there)
    }

    pub(super) fn insert(&mut self, quad: &Quad) -> Result<(), UpdateError> {
        self.look(quad)?;
        if !self.transaction.contains(quad)? {
            self.store.touch_quad(quad);
            self.transaction.insert(quad);
            self.changed = true;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, quad: &Quad) -> Result<(), UpdateError> {
        self.look(quad)?;
        if self.transaction.contains(quad)? {
            self.store.touch_quad(quad);
            self.transaction.remove(quad);
            self.changed = true;
        }
        Ok(())
    }

    /// Every quad that is to be changed comes by here.
    fn look(&mut self, quad: &Quad) -> Result<(), UpdateError> {
        self.closed.refuse_any(&quad.graph_name)?;
        if let GraphName::NamedNode(graph) = &quad.graph_name
            && self.store.base().local(graph.as_str()).is_some_and(|l| l.starts_with("graph/vocab/") || l.starts_with("graph/mapping/"))
        {
            self.loaded.insert(graph.clone());
        }
        self.goes_on()
    }

    /// An error where nobody waits any more.
    fn goes_on(&self) -> Result<(), UpdateError> {
        if self.ticket.is_stopped() { Err(UpdateError::Stopped) } else { Ok(()) }
    }

    /// Counts the version up, commits, and brings the index along. Only the labels of a vocabulary can have changed in it: all else that it
    /// knows stands in graphs that are closed.
    pub(super) fn commit(mut self) -> Result<Committed, UpdateError> {
        let store = self.store;
        let version = store.version();
        if !self.changed {
            return if self.ticket.is_stopped() { Err(UpdateError::Stopped) } else { Ok(Committed { version, changed: false }) };
        }
        for graph in &self.loaded {
            // What is said of the graph is about what was loaded: without a checksum nobody takes the two for the same.
            for checksum in store.objects(graph, spdx::CHECKSUM_VALUE, &store.meta_graph())? {
                self.transaction.remove(&Quad::new(graph.clone(), spdx::CHECKSUM_VALUE, checksum, store.meta_graph()));
            }
        }
        store.count_up(&mut self.transaction, version)?;
        if !self.ticket.settle() {
            return Err(UpdateError::Stopped);
        }
        self.transaction.commit()?;
        store.committed(version + 1, &[])?;
        for graph in &self.loaded {
            store.index.refresh_labels(store, graph)?;
        }
        store.acknowledge();
        Ok(Committed { version: version + 1, changed: true })
    }
}
