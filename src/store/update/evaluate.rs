//! The operations of an update, thought through one after the other: what they come to is a draft, which changes nothing by itself.

use oxigraph::{
    model::{GraphName, NamedOrBlankNode, Quad},
    store::Store as Quads,
};
use spareval::{DeleteInsertQuad, QueryEvaluationError, QueryEvaluator};
use spargebra::{
    GraphUpdateOperation,
    algebra::{GraphPattern, GraphTarget},
    term::{self, GroundQuad, GroundQuadPattern, QuadPattern},
};

use super::{
    Closed, Draft, Ticket, Update, UpdateError,
    overlay::{Overlay, named},
    view::View,
};
use crate::{
    rdf::Base,
    store::{StoreError, query::Blame, query::Fault},
};

/// How much one update may do.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Quads that it inserts and removes: a draft holds them in memory.
    pub quads: usize,
}

/// Thinks an update through over quads. Wants the same large stack as [`parse_update`](super::parse_update). Graphs that are closed to changes
/// from outside are refused, whatever the words; `CLEAR ALL`, `DROP ALL` and `NAMED` mean all graphs that are open.
pub fn draft(quads: &Quads, base: &Base, update: &Update, bounds: Bounds, ticket: &Ticket) -> Result<Draft, UpdateError> {
    let overlay = Overlay::over(quads)?;
    let mut thinking = Thinking { overlay, closed: Closed::under(base), ticket, most: bounds.quads, quads: 0 };
    let base_iri = update.0.base_iri.clone();
    for operation in &update.0.operations {
        thinking.operation(operation, base_iri.as_ref())?;
    }
    Ok(thinking.overlay.into_draft()?)
}

/// An update that is being thought through: every quad goes through [`Thinking::insert`] and [`Thinking::remove`], which look at its graph.
struct Thinking<'w> {
    overlay: Overlay<'w>,
    closed: Closed,
    ticket: &'w Ticket,
    most: usize,
    /// How many quads were to be inserted and removed, whether or not they were there.
    quads: usize,
}

impl Thinking<'_> {
    fn operation(&mut self, operation: &GraphUpdateOperation, base: Option<&oxiri::Iri<String>>) -> Result<(), UpdateError> {
        match operation {
            GraphUpdateOperation::InsertData { .. } | GraphUpdateOperation::DeleteData { .. } => self.data(operation),
            GraphUpdateOperation::DeleteInsert { .. } => self.delete_insert(operation, base),
            GraphUpdateOperation::Load { .. } => Err(UpdateError::Load),
            GraphUpdateOperation::Clear { silent, graph } => self.clear(graph, *silent, false),
            GraphUpdateOperation::Drop { silent, graph } => self.clear(graph, *silent, true),
            GraphUpdateOperation::Create { silent, graph } => {
                self.closed.refuse(graph)?;
                if self.overlay.contains_named_graph(graph.as_ref().into())? {
                    return if *silent { Ok(()) } else { Err(UpdateError::GraphExists(graph.as_str().to_owned())) };
                }
                Ok(self.overlay.create(graph.as_ref().into())?)
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
        let found = prepared.execute(View(&self.overlay)).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        self.carry_out(&found)
    }

    fn delete_insert(&mut self, operation: &GraphUpdateOperation, base: Option<&oxiri::Iri<String>>) -> Result<(), UpdateError> {
        let GraphUpdateOperation::DeleteInsert { delete, insert, using, pattern } = operation else { return Ok(()) };
        let evaluator = QueryEvaluator::new().with_cancellation_token(self.ticket.token());
        let prepared = evaluator.prepare_delete_insert(delete.clone(), insert.clone(), base.cloned(), using.clone(), pattern);
        let mut found = Vec::new();
        for quad in prepared.execute(View(&self.overlay)).map_err(failed)? {
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
                if !self.overlay.contains_named_graph(graph.as_ref().into())? {
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
        let graphs: Vec<NamedOrBlankNode> = self.overlay.named_graphs().collect::<Result<_, _>>()?;
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

    fn empty(&mut self, graph: &GraphName) -> Result<(), UpdateError> {
        self.closed.refuse_any(graph)?;
        let mut quads = Vec::new();
        for quad in self.overlay.quads_for_pattern(None, None, None, Some(graph.as_ref())) {
            quads.push(quad?);
            self.within(quads.len())?;
        }
        quads.iter().try_for_each(|quad| self.remove(quad))
    }

    /// Lets an empty graph be no more.
    fn forget(&mut self, graph: &GraphName) -> Result<(), UpdateError> {
        self.closed.refuse_any(graph)?;
        if let Some(graph) = named(graph.as_ref())
            && self.overlay.contains_named_graph(graph)?
        {
            self.overlay.forget(graph);
        }
        Ok(())
    }

    fn insert(&mut self, quad: &Quad) -> Result<(), UpdateError> {
        self.look(quad)?;
        Ok(self.overlay.insert(quad)?)
    }

    fn remove(&mut self, quad: &Quad) -> Result<(), UpdateError> {
        self.look(quad)?;
        if self.overlay.contains(quad)? {
            self.overlay.remove(quad)?;
        }
        Ok(())
    }

    /// Every quad that is to be changed comes by here.
    fn look(&mut self, quad: &Quad) -> Result<(), UpdateError> {
        self.closed.refuse_any(&quad.graph_name)?;
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
