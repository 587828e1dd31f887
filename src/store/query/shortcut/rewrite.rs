//! A query is written anew where a shortcut says the same: `?x skos:broader* <X>` becomes the table of what lies below, or a look into it.
//!
//! Which of the two is told by what else the group of patterns says about `?x`: where few statements say it, each is looked at; otherwise the
//! table comes first, and the rest is asked for each of its rows. Only what the engine would find in the same graphs goes into the table, so
//! that the answer is the same; a property test holds the two beside one another.

use std::{collections::HashSet, rc::Rc, sync::Arc};

use oxigraph::{
    model::{Literal, NamedNode, Term, Variable},
    sparql::SparqlEvaluator,
    store::{StorageError, Store as Quads},
};
use spargebra::{
    Query,
    algebra::{Expression, Function, GraphPattern, PropertyPathExpression},
    term::{GroundTerm, NamedNodePattern, TermPattern, TriplePattern},
};

use super::{
    Shortcuts,
    group::{Group, bgp, flatten, is, joined, variable},
    holders::Value,
    members::{Closure, Members},
    reach::Step,
    shorter::{is_text, steps, worth_it},
    text::Text,
};
use crate::store::query::{Fault, answer, explain::count};

/// Which graphs a pattern is matched in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::store::query) enum Scope {
    /// All of them.
    Union,
    /// The store's own default graph.
    Default,
    /// One.
    Graph(String),
}

/// A query as it was written anew.
pub(in crate::store::query) struct Rewritten {
    pub(in crate::store::query) query: Query,
    /// What it calls, each by a name of its own.
    looks: Vec<(NamedNode, Arc<HashSet<Arc<str>>>)>,
}

impl Rewritten {
    /// The evaluator that knows what the query calls.
    pub(in crate::store::query) fn evaluator(&self) -> SparqlEvaluator {
        // A library beside us turns the engine's own HTTP client on: it would ask whatever address a query names, past our guard of addresses.
        let mut evaluator = SparqlEvaluator::new().without_default_http_service_handler();
        for (name, set) in &self.looks {
            let set = Arc::clone(set);
            evaluator = evaluator.with_custom_function(name.clone(), move |arguments| {
                let is_in = matches!(arguments, [Term::NamedNode(node)] if set.contains(node.as_str()));
                Some(Literal::from(is_in).into())
            });
        }
        evaluator
    }
}

/// Up to how many statements of a pattern are counted to choose a way: a look at each costs a part of what asking for each row of a table does.
const FEW: usize = 1000;
const MANY: usize = 20_000;
/// In a group that is asked for each row of another, a table is only put where it is this small.
const SMALL: usize = 64;

/// Writes a query anew, where that is shorter. `scope` says in which graphs its patterns are matched; nothing where it names graphs itself.
pub(in crate::store::query) fn rewrite(
    shortcuts: &Shortcuts,
    quads: &Quads,
    mut query: Query,
    scope: Option<&Scope>,
) -> Result<Rewritten, Fault> {
    let mut rewriter = Rewriter { shortcuts, quads, looks: Vec::new() };
    let is_ask = matches!(&query, Query::Ask { .. });
    match &mut query {
        Query::Select { pattern, .. } | Query::Construct { pattern, .. } | Query::Describe { pattern, .. } | Query::Ask { pattern, .. } => {
            if worth_it(pattern) {
                let mut old = std::mem::take(pattern);
                if is_ask {
                    // Whether there is anything is whether there is a first one.
                    old = GraphPattern::Slice { inner: Box::new(old), start: 0, length: Some(1) };
                }
                *pattern = rewriter.pattern(old, scope, Place::Alone).map_err(|e| answer::writing(&std::io::Error::other(e)))?;
            }
        }
    }
    Ok(Rewritten { query, looks: rewriter.looks })
}

/// Where a pattern stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing is joined with it.
    Alone,
    /// It is one of several.
    Joined,
    /// It may be asked for each row of another one.
    Inside,
}

impl Place {
    fn joined(self) -> Self {
        if self == Self::Alone { Self::Joined } else { self }
    }
}

/// What a variable is known to be one of.
pub(super) struct Known {
    pub(super) variable: Variable,
    pub(super) members: Rc<Members>,
    /// The path that says so, if the engine can say it too.
    path: Option<(TermPattern, PropertyPathExpression, TermPattern)>,
}

pub(super) struct Rewriter<'r> {
    pub(super) shortcuts: &'r Shortcuts,
    quads: &'r Quads,
    looks: Vec<(NamedNode, Arc<HashSet<Arc<str>>>)>,
}

impl Rewriter<'_> {
    fn pattern(&mut self, pattern: GraphPattern, scope: Option<&Scope>, place: Place) -> Result<GraphPattern, StorageError> {
        if place == Place::Alone {
            if let Some(counted) = self.counted(&pattern, scope)? {
                return Ok(counted);
            }
            if let Some(alone) = self.alone(&pattern, scope)? {
                let numbers = alone.numbers();
                return Ok(self.table(alone.variable.clone(), numbers));
            }
        }
        let mut again = |pattern: Box<GraphPattern>, place| self.pattern(*pattern, scope, place).map(Box::new);
        Ok(match pattern {
            GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Join { .. } => {
                let mut group = Group::default();
                flatten(pattern, &mut group);
                self.group(group, scope, place)?
            }
            GraphPattern::LeftJoin { left, right, expression } => {
                GraphPattern::LeftJoin { left: again(left, place.joined())?, right: again(right, Place::Inside)?, expression }
            }
            GraphPattern::Lateral { left, right } => {
                GraphPattern::Lateral { left: again(left, place.joined())?, right: again(right, Place::Inside)? }
            }
            GraphPattern::Filter { expr, inner } => GraphPattern::Filter { expr, inner: again(inner, place)? },
            GraphPattern::Union { left, right } => {
                GraphPattern::Union { left: again(left, place.joined())?, right: again(right, place.joined())? }
            }
            GraphPattern::Graph { name, inner } => {
                let scope = match (&name, scope) {
                    (NamedNodePattern::NamedNode(graph), Some(_)) => Some(Scope::Graph(graph.as_str().to_owned())),
                    _ => None,
                };
                GraphPattern::Graph { inner: Box::new(self.pattern(*inner, scope.as_ref(), place.joined())?), name }
            }
            GraphPattern::Extend { inner, variable, expression } => {
                GraphPattern::Extend { inner: again(inner, place)?, variable, expression }
            }
            GraphPattern::Minus { left, right } => {
                GraphPattern::Minus { left: again(left, place.joined())?, right: again(right, place.joined())? }
            }
            GraphPattern::OrderBy { inner, expression } => GraphPattern::OrderBy { inner: again(inner, place)?, expression },
            GraphPattern::Project { inner, variables } => GraphPattern::Project { inner: again(inner, place)?, variables },
            GraphPattern::Distinct { inner } => GraphPattern::Distinct { inner: again(inner, place)? },
            GraphPattern::Reduced { inner } => GraphPattern::Reduced { inner: again(inner, place)? },
            GraphPattern::Slice { inner, start, length } => GraphPattern::Slice { inner: again(inner, place)?, start, length },
            GraphPattern::Group { inner, variables, aggregates } => {
                GraphPattern::Group { inner: again(inner, place)?, variables, aggregates }
            }
            other @ (GraphPattern::Values { .. } | GraphPattern::Service { .. }) => other,
        })
    }

    fn group(&mut self, mut group: Group, scope: Option<&Scope>, place: Place) -> Result<GraphPattern, StorageError> {
        for other in &mut group.others {
            let old = std::mem::take(other);
            *other = self.pattern(old, scope, place.joined())?;
        }
        let mut all = self.known(&mut group, scope)?;
        if all.is_empty() {
            return Ok(joined(bgp(group.triples), group.paths, group.others));
        }
        group.name_the_nameless();
        if place != Place::Inside {
            self.narrow(&mut group, &mut all, scope)?;
        }
        all.sort_by_key(|known| known.members.len());
        let (mut first, mut looked, mut tables) = (None, Vec::new(), Vec::new());
        for known in all {
            if group.says(&known.variable) {
                if place == Place::Inside || first.is_some() || self.few_say(&group, &known)? {
                    looked.push(known);
                } else {
                    first = Some(known);
                }
            } else {
                tables.push(known);
            }
        }
        if place == Place::Inside {
            // The engine walks from each row: that is better than a long table for each. What it cannot say itself stays a table.
            let (long, short): (Vec<Known>, Vec<Known>) =
                tables.into_iter().partition(|known| known.path.is_some() && known.members.len() > SMALL);
            group.paths.extend(long.into_iter().filter_map(|known| known.path));
            tables = short;
        }
        Ok(self.assembled(group, first, looked, tables, place))
    }

    fn assembled(&mut self, group: Group, first: Option<Known>, looked: Vec<Known>, tables: Vec<Known>, place: Place) -> GraphPattern {
        let is_all = tables.len() == 1 && group.is_empty() && place == Place::Alone;
        let mut variables = group.variables();
        let mut core = joined(bgp(group.triples), group.paths, Vec::new());
        for known in looked {
            let name = NamedNode::new_unchecked(format!("urn:glossator:look:{}", self.looks.len()));
            let call = Expression::FunctionCall(Function::Custom(name.clone()), vec![Expression::Variable(known.variable)]);
            self.looks.push((name, self.shortcuts.texts(&known.members)));
            core = GraphPattern::Filter { expr: call, inner: Box::new(core) };
        }
        if let Some(known) = first {
            if !variables.contains(&known.variable) {
                variables.push(known.variable.clone());
            }
            core = GraphPattern::Lateral { left: Box::new(self.table(known.variable, known.members.numbers())), right: Box::new(core) };
            // Keeps the engine from asking the whole for each row of something else.
            core = GraphPattern::Project { inner: Box::new(core), variables };
        }
        // What is joined with others is kept from being gone through for each row of theirs.
        let kept = |known: Known| {
            let table = self.table(known.variable, known.members.numbers());
            if is_all { table } else { GraphPattern::Distinct { inner: Box::new(table) } }
        };
        let tables = tables.into_iter().map(kept);
        let mut all: Vec<GraphPattern> = tables.chain(group.others).collect();
        if core != (GraphPattern::Bgp { patterns: Vec::new() }) {
            all.insert(0, core);
        }
        let join = |left, right| GraphPattern::Join { left: Box::new(left), right: Box::new(right) };
        all.into_iter().reduce(join).unwrap_or_default()
    }

    /// Takes out of a group what shortcuts know: words and closures.
    pub(super) fn known(&self, group: &mut Group, scope: Option<&Scope>) -> Result<Vec<Known>, StorageError> {
        let mut all = Vec::new();
        for triple in std::mem::take(&mut group.triples) {
            match self.text(&triple)? {
                Some(known) => add(&mut all, known),
                None => group.triples.push(triple),
            }
        }
        for path in std::mem::take(&mut group.paths) {
            match self.path(&path, scope)? {
                Some(known) => add(&mut all, known),
                None => group.paths.push(path),
            }
        }
        Ok(all)
    }

    /// Leaves of what variables are known to be only those that have the values which the group asks of them, where these are known too.
    pub(super) fn narrow(&self, group: &mut Group, all: &mut [Known], scope: Option<&Scope>) -> Result<(), StorageError> {
        let Some(scope) = scope else { return Ok(()) };
        for triple in std::mem::take(&mut group.triples) {
            let known = all.iter_mut().find(|known| is(&triple.subject, &known.variable));
            if let (Some(known), Some(value)) = (known, Value::of(&triple, scope))
                && let Some(holders) = self.shortcuts.holders(self.quads, value, known.members.len())?
            {
                known.members = Rc::new(known.members.and(&holders));
                known.path = None;
            } else {
                group.triples.push(triple);
            }
        }
        Ok(())
    }

    /// Whether few statements say something of the variable: fewer than the table has rows.
    fn few_say(&self, group: &Group, known: &Known) -> Result<bool, StorageError> {
        let most = known.members.len().saturating_mul(2).clamp(FEW, MANY);
        for triple in group.triples.iter().filter(|t| is(&t.subject, &known.variable) || is(&t.object, &known.variable)) {
            if count(triple, self.quads, most)? < most {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `?concept luc:term "words"`: the concepts that the words name.
    fn text(&self, triple: &TriplePattern) -> Result<Option<Known>, StorageError> {
        let (true, TermPattern::Literal(text)) = (is_text(triple), &triple.object) else { return Ok(None) };
        let Some(variable) = variable(&triple.subject) else { return Ok(None) };
        let members = self.shortcuts.numbered(&self.shortcuts.named_by(self.quads, &Text::parse(text.value()))?);
        Ok(Some(Known { variable, members: Rc::new(members), path: None }))
    }

    /// A closure with one end that is known: what the other end may be.
    pub(super) fn path(
        &self,
        path: &(TermPattern, PropertyPathExpression, TermPattern),
        scope: Option<&Scope>,
    ) -> Result<Option<Known>, StorageError> {
        let (Some(scope), Some((steps, zero))) = (scope, steps(&path.1)) else { return Ok(None) };
        let (variable, start, steps): (_, _, Vec<Step>) = match (&path.0, &path.2) {
            (TermPattern::NamedNode(start), other) => (variable(other), start, steps),
            (other, TermPattern::NamedNode(end)) => (variable(other), end, steps.into_iter().map(Step::reversed).collect()),
            _ => return Ok(None),
        };
        let Some(variable) = variable else { return Ok(None) };
        let closure = Closure { start: start.as_str().to_owned(), steps, scope: scope.clone(), zero };
        let members = self.shortcuts.reached(self.quads, closure)?;
        Ok(members.map(|members| Known { variable, members, path: Some(path.clone()) }))
    }

    fn table(&self, variable: Variable, numbers: &[u32]) -> GraphPattern {
        let row = |name: Arc<str>| vec![Some(GroundTerm::NamedNode(NamedNode::new_unchecked(&*name)))];
        GraphPattern::Values { variables: vec![variable], bindings: self.shortcuts.names(numbers).into_iter().map(row).collect() }
    }
}

/// Takes something up that is known; of a variable that more is known of, what fits all of it.
fn add(all: &mut Vec<Known>, known: Known) {
    let Some(other) = all.iter_mut().find(|other| other.variable == known.variable) else { return all.push(known) };
    other.members = Rc::new(other.members.and(&known.members));
    // No one path says it any more.
    other.path = None;
}
