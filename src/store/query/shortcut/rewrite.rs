//! A query is written anew where a shortcut says the same: `?x skos:broader* <X>` becomes the table of what lies below, or a look into it.
//!
//! Which of the two is told by what else the group of patterns says about `?x`: where few statements say it, each is looked at; otherwise the
//! table comes first, and the rest is asked for each of its rows. Only what the engine would find in the same graphs goes into the table, so
//! that the answer is the same; a property test holds the two beside one another.

use std::{collections::HashSet, sync::Arc};

use oxigraph::{
    model::{Literal, NamedNode, NamedNodeRef, Term, Variable},
    sparql::SparqlEvaluator,
    store::{StorageError, Store as Quads},
};
use spargebra::{
    Query,
    algebra::{AggregateExpression, AggregateFunction, Expression, Function, GraphPattern, PropertyPathExpression},
    term::{GroundTerm, NamedNodePattern, TermPattern, TriplePattern},
};

use super::{Shortcuts, edges::HIERARCHY, reach::Step, text::Text};
use crate::{
    rdf::ns::luc,
    store::query::{Fault, answer, explain::count},
};

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
    let asks_one = matches!(&query, Query::Ask { pattern, .. } if is_sole(pattern) && worth_it(pattern));
    match &mut query {
        Query::Select { pattern, .. } | Query::Construct { pattern, .. } | Query::Describe { pattern, .. } | Query::Ask { pattern, .. } => {
            if worth_it(pattern) {
                let old = std::mem::take(pattern);
                *pattern = rewriter.pattern(old, scope, Place::Alone).map_err(|e| answer::writing(&std::io::Error::other(e)))?;
            }
        }
    }
    if let (true, Query::Ask { pattern, .. }) = (asks_one, &mut query)
        && let Some(rows) = rows(pattern)
    {
        rows.truncate(1);
    }
    Ok(Rewritten { query, looks: rewriter.looks })
}

/// Whether there is anything in it that has a shortcut: most queries have nothing, and stay as they are.
fn worth_it(pattern: &GraphPattern) -> bool {
    match pattern {
        GraphPattern::Bgp { patterns } => patterns.iter().any(is_text),
        GraphPattern::Path { path, .. } => steps(path).is_some(),
        GraphPattern::Values { .. } | GraphPattern::Service { .. } => false,
        GraphPattern::Join { left, right }
        | GraphPattern::LeftJoin { left, right, .. }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => worth_it(left) || worth_it(right),
        GraphPattern::Filter { inner, .. }
        | GraphPattern::Graph { inner, .. }
        | GraphPattern::Extend { inner, .. }
        | GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Group { inner, .. } => worth_it(inner),
    }
}

fn is_text(pattern: &TriplePattern) -> bool {
    matches!(&pattern.predicate, NamedNodePattern::NamedNode(p) if *p == luc::TERM) && matches!(pattern.object, TermPattern::Literal(_))
}

/// The steps of a closure that has a shortcut, and whether it begins with no step at all.
fn steps(path: &PropertyPathExpression) -> Option<(Vec<Step>, bool)> {
    match path {
        PropertyPathExpression::ZeroOrMore(inner) => Some((one_step(inner)?, true)),
        PropertyPathExpression::OneOrMore(inner) => Some((one_step(inner)?, false)),
        PropertyPathExpression::Reverse(inner) => {
            let (steps, zero) = steps(inner)?;
            Some((steps.into_iter().map(Step::reversed).collect(), zero))
        }
        _ => None,
    }
}

fn one_step(path: &PropertyPathExpression) -> Option<Vec<Step>> {
    match path {
        PropertyPathExpression::NamedNode(node) => {
            let predicate = HIERARCHY.iter().position(|known| *known == *node)?;
            Some(vec![Step { predicate, backwards: false }])
        }
        PropertyPathExpression::Reverse(inner) => Some(one_step(inner)?.into_iter().map(Step::reversed).collect()),
        PropertyPathExpression::Alternative(a, b) => Some([one_step(a)?, one_step(b)?].concat()),
        _ => None,
    }
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
struct Known {
    variable: Variable,
    members: Vec<Arc<str>>,
    /// The path that says so, if the engine can say it too.
    path: Option<(TermPattern, PropertyPathExpression, TermPattern)>,
}

/// Whether a pattern is one closure, perhaps filtered and projected: its table holds each row once.
fn is_sole(pattern: &GraphPattern) -> bool {
    match pattern {
        GraphPattern::Path { .. } => true,
        GraphPattern::Filter { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Group { inner, .. } => is_sole(inner),
        _ => false,
    }
}

/// The rows of a table of ours, as it stands alone.
fn rows(pattern: &mut GraphPattern) -> Option<&mut Vec<Vec<Option<GroundTerm>>>> {
    match pattern {
        GraphPattern::Values { bindings, .. } => Some(bindings),
        GraphPattern::Project { inner, .. } => rows(inner),
        _ => None,
    }
}

/// The nodes that a filter lets through, where that is all that it says of the table's variable.
fn nodes_wanted(expression: &Expression, table: &GraphPattern) -> Option<Vec<NamedNode>> {
    let GraphPattern::Values { variables, .. } = table else { return None };
    let [variable] = variables.as_slice() else { return None };
    let is_it = |expression: &Expression| matches!(expression, Expression::Variable(v) if v == variable);
    match expression {
        Expression::Equal(a, b) | Expression::SameTerm(a, b) => match (&**a, &**b) {
            (own, Expression::NamedNode(node)) | (Expression::NamedNode(node), own) if is_it(own) => Some(vec![node.clone()]),
            _ => None,
        },
        Expression::In(own, all) if is_it(own) => {
            all.iter().map(|e| if let Expression::NamedNode(node) = e { Some(node.clone()) } else { None }).collect()
        }
        _ => None,
    }
}

/// A table's rows, counted: one row with the numbers, where nothing but that is asked.
fn counted(aggregates: &[(Variable, AggregateExpression)], table: &mut GraphPattern) -> Option<GraphPattern> {
    let GraphPattern::Values { variables, bindings } = table else { return None };
    let [own] = variables.as_slice() else { return None };
    let counts = aggregates.iter().all(|(_, aggregate)| match aggregate {
        AggregateExpression::CountSolutions { .. } => true,
        AggregateExpression::FunctionCall { name: AggregateFunction::Count, expr: Expression::Variable(variable), .. } => variable == own,
        AggregateExpression::FunctionCall { .. } => false,
    });
    let number = GroundTerm::Literal(Literal::from(i64::try_from(bindings.len()).ok()?));
    counts.then(|| GraphPattern::Values {
        variables: aggregates.iter().map(|(variable, _)| variable.clone()).collect(),
        bindings: vec![aggregates.iter().map(|_| Some(number.clone())).collect()],
    })
}

/// The patterns that are joined in one place.
#[derive(Default)]
struct Group {
    triples: Vec<TriplePattern>,
    paths: Vec<(TermPattern, PropertyPathExpression, TermPattern)>,
    others: Vec<GraphPattern>,
}

struct Rewriter<'r> {
    shortcuts: &'r Shortcuts,
    quads: &'r Quads,
    looks: Vec<(NamedNode, Arc<HashSet<Arc<str>>>)>,
}

impl Rewriter<'_> {
    fn pattern(&mut self, pattern: GraphPattern, scope: Option<&Scope>, place: Place) -> Result<GraphPattern, StorageError> {
        // A table of ours holds each row once, and nothing but it: what is asked of it can be told from its rows.
        let sole = is_sole(&pattern);
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
            GraphPattern::Filter { expr, inner } => {
                let mut inner = again(inner, place)?;
                if sole
                    && let Some(wanted) = nodes_wanted(&expr, &inner)
                    && let Some(rows) = rows(&mut inner)
                {
                    rows.retain(|row| matches!(row.as_slice(), [Some(GroundTerm::NamedNode(node))] if wanted.contains(node)));
                    return Ok(*inner);
                }
                GraphPattern::Filter { expr, inner }
            }
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
            GraphPattern::Slice { inner, start, length } => {
                let mut inner = again(inner, place)?;
                if let (true, Some(length), Some(rows)) = (sole, length, rows(&mut inner)) {
                    rows.truncate(start.saturating_add(length));
                }
                GraphPattern::Slice { inner, start, length }
            }
            GraphPattern::Group { inner, variables, aggregates } => {
                let mut inner = again(inner, place)?;
                if sole
                    && variables.is_empty()
                    && let Some(counted) = counted(&aggregates, &mut inner)
                {
                    return Ok(counted);
                }
                GraphPattern::Group { inner, variables, aggregates }
            }
            other @ (GraphPattern::Values { .. } | GraphPattern::Service { .. }) => other,
        })
    }

    fn group(&mut self, mut group: Group, scope: Option<&Scope>, place: Place) -> Result<GraphPattern, StorageError> {
        for other in &mut group.others {
            let old = std::mem::take(other);
            *other = self.pattern(old, scope, place.joined())?;
        }
        let mut all: Vec<Known> = Vec::new();
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
        if all.is_empty() {
            return Ok(joined(bgp(group.triples), group.paths, group.others));
        }
        group.name_the_nameless();
        all.sort_by_key(|known| known.members.len());
        let (mut first, mut looked, mut tables) = (None, Vec::new(), Vec::new());
        for known in all {
            if group.says(&known.variable) {
                if place == Place::Inside || first.is_some() || self.few_say(&group, &known)? {
                    looked.push(known)
                } else {
                    first = Some(known)
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
            self.looks.push((name, Arc::new(known.members.into_iter().collect())));
            core = GraphPattern::Filter { expr: call, inner: Box::new(core) };
        }
        if let Some(known) = first {
            if !variables.contains(&known.variable) {
                variables.push(known.variable.clone());
            }
            core = GraphPattern::Lateral { left: Box::new(table(known)), right: Box::new(core) };
            // Keeps the engine from asking the whole for each row of something else.
            core = GraphPattern::Project { inner: Box::new(core), variables };
        }
        // What is joined with others is kept from being gone through for each row of theirs.
        let kept = |known| if is_all { table(known) } else { GraphPattern::Distinct { inner: Box::new(table(known)) } };
        let tables = tables.into_iter().map(kept);
        let mut all: Vec<GraphPattern> = tables.chain(group.others).collect();
        if core != (GraphPattern::Bgp { patterns: Vec::new() }) {
            all.insert(0, core);
        }
        let join = |left, right| GraphPattern::Join { left: Box::new(left), right: Box::new(right) };
        all.into_iter().reduce(join).unwrap_or_default()
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
        let members = self.shortcuts.named_by(self.quads, &Text::parse(text.value()))?;
        Ok(Some(Known { variable, members, path: None }))
    }

    /// A closure with one end that is known: what the other end may be.
    fn path(
        &self,
        path: &(TermPattern, PropertyPathExpression, TermPattern),
        scope: Option<&Scope>,
    ) -> Result<Option<Known>, StorageError> {
        let (Some(scope), Some((steps, zero))) = (scope, steps(&path.1)) else { return Ok(None) };
        let (variable, end, steps) = match (&path.0, &path.2) {
            (TermPattern::NamedNode(start), other) => (variable(other), start, steps),
            (other, TermPattern::NamedNode(end)) => (variable(other), end, steps.into_iter().map(Step::reversed).collect()),
            _ => return Ok(None),
        };
        let Some(variable) = variable else { return Ok(None) };
        let Some(mut members) = self.shortcuts.reached(self.quads, end.as_ref(), &steps, scope)? else { return Ok(None) };
        let own: Arc<str> = end.as_str().into();
        // The engine takes no step from a term that the graph does not have.
        if zero && !members.contains(&own) && self.has(end.as_ref(), scope)? {
            members.push(own);
        }
        Ok(Some(Known { variable, members, path: Some(path.clone()) }))
    }

    /// Whether the graph has the node, as a subject or an object.
    fn has(&self, node: NamedNodeRef<'_>, scope: &Scope) -> Result<bool, StorageError> {
        use oxigraph::model::GraphNameRef;
        let graph = match scope {
            Scope::Union => None,
            Scope::Default => Some(GraphNameRef::DefaultGraph),
            Scope::Graph(graph) => Some(NamedNodeRef::new_unchecked(graph).into()),
        };
        if self.quads.quads_for_pattern(Some(node.into()), None, None, graph).next().transpose()?.is_some() {
            return Ok(true);
        }
        Ok(self.quads.quads_for_pattern(None, None, Some(node.into()), graph).next().transpose()?.is_some())
    }
}

/// Takes something up that is known; of a variable that more is known of, what fits all of it.
fn add(all: &mut Vec<Known>, known: Known) {
    let Some(other) = all.iter_mut().find(|other| other.variable == known.variable) else { return all.push(known) };
    let these: HashSet<Arc<str>> = known.members.into_iter().collect();
    other.members.retain(|member| these.contains(member));
    // No one path says it any more.
    other.path = None;
}

fn flatten(pattern: GraphPattern, group: &mut Group) {
    match pattern {
        GraphPattern::Bgp { patterns } => group.triples.extend(patterns),
        GraphPattern::Path { subject, path, object } => group.paths.push((subject, path, object)),
        GraphPattern::Join { left, right } => {
            flatten(*left, group);
            flatten(*right, group);
        }
        other => group.others.push(other),
    }
}

fn bgp(patterns: Vec<TriplePattern>) -> GraphPattern {
    GraphPattern::Bgp { patterns }
}

fn joined(first: GraphPattern, paths: Vec<(TermPattern, PropertyPathExpression, TermPattern)>, others: Vec<GraphPattern>) -> GraphPattern {
    let paths = paths.into_iter().map(|(subject, path, object)| GraphPattern::Path { subject, path, object });
    let mut all: Vec<GraphPattern> = paths.chain(others).collect();
    if first != bgp(Vec::new()) || all.is_empty() {
        all.insert(0, first);
    }
    let join = |left, right| GraphPattern::Join { left: Box::new(left), right: Box::new(right) };
    all.into_iter().reduce(join).unwrap_or_default()
}

fn table(known: Known) -> GraphPattern {
    let row = |member: Arc<str>| vec![Some(GroundTerm::NamedNode(NamedNode::new_unchecked(&*member)))];
    GraphPattern::Values { variables: vec![known.variable], bindings: known.members.into_iter().map(row).collect() }
}

/// The variable that a term is, or that a blank node stands for: its name cannot stand in a query.
fn variable(term: &TermPattern) -> Option<Variable> {
    match term {
        TermPattern::Variable(variable) => Some(variable.clone()),
        TermPattern::BlankNode(node) => Some(Variable::new_unchecked(format!("\u{b7}{}", node.as_str()))),
        _ => None,
    }
}

fn is(term: &TermPattern, variable: &Variable) -> bool {
    matches!(term, TermPattern::Variable(v) if v == variable)
}

impl Group {
    fn is_empty(&self) -> bool {
        self.triples.is_empty() && self.paths.is_empty() && self.others.is_empty()
    }

    /// Gives the blank nodes names, as the engine would: they stand for whatever matches.
    fn name_the_nameless(&mut self) {
        for triple in &mut self.triples {
            named(&mut triple.subject);
            named(&mut triple.object);
        }
        for (subject, _, object) in &mut self.paths {
            named(subject);
            named(object);
        }
    }

    fn says(&self, variable: &Variable) -> bool {
        self.variables().contains(variable)
    }

    /// Every variable of the triples and paths.
    fn variables(&self) -> Vec<Variable> {
        let mut variables = Vec::new();
        for triple in &self.triples {
            collect(&triple.subject, &mut variables);
            if let NamedNodePattern::Variable(predicate) = &triple.predicate {
                variables.push(predicate.clone());
            }
            collect(&triple.object, &mut variables);
        }
        for (subject, _, object) in &self.paths {
            collect(subject, &mut variables);
            collect(object, &mut variables);
        }
        variables.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        variables.dedup();
        variables
    }
}

fn named(term: &mut TermPattern) {
    match term {
        TermPattern::BlankNode(_) => {
            if let Some(variable) = variable(term) {
                *term = variable.into();
            }
        }
        TermPattern::Triple(triple) => {
            named(&mut triple.subject);
            named(&mut triple.object);
        }
        _ => {}
    }
}

fn collect(term: &TermPattern, variables: &mut Vec<Variable>) {
    match term {
        TermPattern::Variable(variable) => variables.push(variable.clone()),
        TermPattern::Triple(triple) => {
            collect(&triple.subject, variables);
            if let NamedNodePattern::Variable(predicate) = &triple.predicate {
                variables.push(predicate.clone());
            }
            collect(&triple.object, variables);
        }
        _ => {}
    }
}
