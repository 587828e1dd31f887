//! The operations of an update, done one after the other in one transaction.

use std::collections::BTreeSet;

use oxigraph::{
    model::{GraphName, GraphNameRef, NamedNode, NamedOrBlankNode, Quad},
    store::Transaction,
};
use spareval::{DeleteInsertQuad, QueryEvaluationError, QueryEvaluator};
use spargebra::{
    GraphUpdateOperation,
    algebra::{GraphPattern, GraphTarget},
    term::{self, GroundQuad, GroundQuadPattern, QuadPattern},
};

use super::{Closed, Ticket, Update, UpdateError, view::View};
use crate::{
    rdf::ns::spdx,
    store::{Committed, Store, StoreError, query::Blame, query::Fault},
};

/// How much one update may do.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Quads that it inserts and removes: a transaction holds them in memory.
    pub quads: usize,
}

impl Store {
    /// Does an update: all of it, in one transaction that is on disk and in the index when this returns, or nothing.
    ///
    /// Waits for its turn as the one writer, and evaluates in this thread: it wants the same large stack as
    /// [`parse_update`](super::parse_update). Graphs that are closed to changes from outside are refused, whatever the words; `CLEAR ALL`,
    /// `DROP ALL` and `NAMED` mean all graphs that are open.
    pub fn update(&self, update: &Update, bounds: Bounds, ticket: &Ticket) -> Result<Committed, UpdateError> {
        let _writing = self.writing();
        let mut work = Work::begin(self, bounds.quads, ticket)?;
        let base = update.0.base_iri.clone();
        for operation in &update.0.operations {
            work.operation(operation, base.as_ref())?;
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
    most: usize,
    /// How many quads were to be inserted and removed, whether or not they were there.
    quads: usize,
    changed: bool,
    /// Graphs of vocabularies and mappings that are no longer what was loaded.
    loaded: BTreeSet<NamedNode>,
}

impl<'w> Work<'w> {
    pub(super) fn begin(store: &'w Store, most: usize, ticket: &'w Ticket) -> Result<Self, UpdateError> {
        let transaction = store.quads.start_transaction()?;
        let closed = Closed::under(store.base());
        Ok(Self { store, transaction, closed, ticket, most, quads: 0, changed: false, loaded: BTreeSet::new() })
    }

    fn operation(&mut self, operation: &GraphUpdateOperation, base: Option<&oxiri::Iri<String>>) -> Result<(), UpdateError> {
        match operation {
            GraphUpdateOperation::InsertData { .. } | GraphUpdateOperation::DeleteData { .. } => self.data(operation),
            GraphUpdateOperation::DeleteInsert { .. } => self.delete_insert(operation, base),
            GraphUpdateOperation::Load { .. } => Err(UpdateError::Load),
            GraphUpdateOperation::Clear { silent, graph } => self.clear(graph, *silent, false),
            GraphUpdateOperation::Drop { silent, graph } => self.clear(graph, *silent, true),
            GraphUpdateOperation::Create { silent, graph } => {
                self.closed.refuse(graph)?;
                if self.transaction.contains_named_graph(graph)? {
                    return if *silent { Ok(()) } else { Err(UpdateError::GraphExists(graph.as_str().to_owned())) };
                }
                self.create(graph);
                Ok(())
            }
        }
    }

    /// `INSERT DATA` and `DELETE DATA`: the same as a template over a pattern that matches once, which gives blank nodes fresh names.
    fn data(&mut self, operation: &GraphUpdateOperation) -> Result<(), UpdateError> {
        let pattern = GraphPattern::Bgp { patterns: Vec::new() };
        let (mut delete, mut insert) = (Vec::new(), Vec::new());
        match operation {
            GraphUpdateOperation::InsertData { data } => insert.extend(data.iter().cloned().map(template)),
            GraphUpdateOperation::DeleteData { data } => delete.extend(data.iter().cloned().map(ground_template)),
            _ => return Ok(()),
        }
        let evaluator = QueryEvaluator::new();
        let prepared = evaluator.prepare_delete_insert(delete, insert, None, None, &pattern);
        let found = prepared.execute(View(&self.transaction)).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        self.carry_out(&found)
    }

    fn delete_insert(&mut self, operation: &GraphUpdateOperation, base: Option<&oxiri::Iri<String>>) -> Result<(), UpdateError> {
        let GraphUpdateOperation::DeleteInsert { delete, insert, using, pattern } = operation else { return Ok(()) };
        let evaluator = QueryEvaluator::new().with_cancellation_token(self.ticket.token());
        let prepared = evaluator.prepare_delete_insert(delete.clone(), insert.clone(), base.cloned(), using.clone(), pattern);
        let mut found = Vec::new();
        for quad in prepared.execute(View(&self.transaction)).map_err(failed)? {
            found.push(quad.map_err(failed)?);
            self.within(found.len())?;
        }
        self.carry_out(&found)
    }

    /// Deletions go first (SPARQL 1.1 Update, section 3.1.3).
    fn carry_out(&mut self, found: &[DeleteInsertQuad]) -> Result<(), UpdateError> {
        for quad in found {
            if let DeleteInsertQuad::Delete(quad) = quad {
                self.remove(quad)?;
            }
        }
        for quad in found {
            if let DeleteInsertQuad::Insert(quad) = quad {
                self.insert(quad)?;
            }
        }
        Ok(())
    }

    fn clear(&mut self, target: &GraphTarget, silent: bool, drop: bool) -> Result<(), UpdateError> {
        match target {
            GraphTarget::DefaultGraph => self.empty(&GraphName::DefaultGraph),
            GraphTarget::NamedNode(graph) => {
                self.closed.refuse(graph)?;
                if !self.transaction.contains_named_graph(graph)? {
                    return if silent { Ok(()) } else { Err(UpdateError::NoSuchGraph(graph.as_str().to_owned())) };
                }
                self.empty(&graph.clone().into())?;
                if drop { self.forget(&graph.clone().into()) } else { Ok(()) }
            }
            GraphTarget::NamedGraphs => self.clear_open(drop),
            GraphTarget::AllGraphs => {
                self.empty(&GraphName::DefaultGraph)?;
                self.clear_open(drop)
            }
        }
    }

    /// All named graphs that are open.
    fn clear_open(&mut self, drop: bool) -> Result<(), UpdateError> {
        let graphs: Vec<NamedOrBlankNode> = self.transaction.named_graphs().collect::<Result<_, _>>()?;
        for graph in graphs {
            let name = GraphName::from(graph);
            if self.closed.refuse_any(&name).is_ok() {
                self.empty(&name)?;
                if drop {
                    self.forget(&name)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn empty(&mut self, graph: &GraphName) -> Result<(), UpdateError> {
        self.closed.refuse_any(graph)?;
        let mut quads = Vec::new();
        for quad in self.transaction.quads_for_pattern(None, None, None, Some(graph.as_ref())) {
            quads.push(quad?);
            self.within(quads.len())?;
        }
        quads.iter().try_for_each(|quad| self.remove(quad))
    }

    /// Lets an empty graph be no more.
    pub(super) fn forget(&mut self, graph: &GraphName) -> Result<(), UpdateError> {
        self.closed.refuse_any(graph)?;
        let named = match graph.as_ref() {
            GraphNameRef::NamedNode(graph) => graph.into(),
            GraphNameRef::BlankNode(graph) => oxigraph::model::NamedOrBlankNodeRef::from(graph),
            GraphNameRef::DefaultGraph => return Ok(()),
        };
        if self.transaction.contains_named_graph(named)? {
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
            self.transaction.insert(quad);
            self.changed = true;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, quad: &Quad) -> Result<(), UpdateError> {
        self.look(quad)?;
        if self.transaction.contains(quad)? {
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
        self.quads += 1;
        self.within(0)
    }

    /// An error where so many quads more are too many, or nobody waits any more.
    fn within(&self, more: usize) -> Result<(), UpdateError> {
        if self.ticket.is_stopped() {
            return Err(UpdateError::Stopped);
        }
        if self.quads + more > self.most { Err(UpdateError::TooMuch { allowed: self.most }) } else { Ok(()) }
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

fn template(quad: term::Quad) -> QuadPattern {
    let (subject, predicate) = (quad.subject.into(), quad.predicate.into());
    QuadPattern { subject, predicate, object: quad.object.into(), graph_name: quad.graph_name.into() }
}

fn ground_template(quad: GroundQuad) -> GroundQuadPattern {
    let (subject, predicate) = (quad.subject.into(), quad.predicate.into());
    GroundQuadPattern { subject, predicate, object: quad.object.into(), graph_name: quad.graph_name.into() }
}

fn failed(error: QueryEvaluationError) -> UpdateError {
    match error {
        QueryEvaluationError::Cancelled => UpdateError::Stopped,
        QueryEvaluationError::UnsupportedCustomFunction(_) | QueryEvaluationError::UnsupportedCustomFunctionArity { .. } => {
            UpdateError::Syntax(Fault { blame: Blame::Query, message: error.to_string(), place: None })
        }
        QueryEvaluationError::UnsupportedService(_) | QueryEvaluationError::UnboundService | QueryEvaluationError::Service(_) => {
            UpdateError::Service
        }
        QueryEvaluationError::Dataset(error) => match error.downcast::<oxigraph::store::StorageError>() {
            Ok(error) => UpdateError::Store(StoreError::Storage(*error)),
            Err(error) => UpdateError::Evaluation(error.to_string()),
        },
        error => UpdateError::Evaluation(error.to_string()),
    }
}
