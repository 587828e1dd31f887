//! How a query is done: the engine's plan with what each step met, and how much each triple pattern finds by itself.

use std::io::Write;

use oxigraph::{
    model::{Term, Variable},
    sparql::{PreparedSparqlQuery, QueryResults},
    store::{StorageError, Store as Quads},
};
use serde_json::{Value, json};
use spargebra::{
    Query,
    algebra::{AggregateExpression, GraphPattern},
    term::TriplePattern,
};

use super::{Fault, Finished, answer};

/// Up to how many quads of a pattern are counted.
const COUNTED: usize = 10_000;

/// Evaluates the query, throws its answer away, and writes out how it went.
pub(super) fn explain<W: Write>(query: &Query, prepared: PreparedSparqlQuery, quads: &Quads, mut out: W) -> Result<(W, Finished), Fault> {
    let (results, explanation) = prepared.on_store(quads).compute_statistics().explain();
    let mut rows = 0_u64;
    match results.map_err(|e| answer::evaluation(&e))? {
        QueryResults::Boolean(_) => rows = 1,
        QueryResults::Solutions(solutions) => {
            for solution in solutions {
                solution.map_err(|e| answer::evaluation(&e))?;
                rows += 1;
            }
        }
        QueryResults::Graph(triples) => {
            for triple in triples {
                triple.map_err(|e| answer::evaluation(&e))?;
                rows += 1;
            }
        }
    }
    let mut plan = Vec::new();
    explanation.write_in_json(&mut plan).map_err(|e| answer::writing(&e))?;
    let plan: Value = serde_json::from_slice(&plan).map_err(|e| answer::writing(&e.into()))?;
    let mut patterns = Vec::new();
    collect(pattern_of(query), &mut patterns);
    let patterns = patterns.into_iter().map(|pattern| estimate(pattern, quads)).collect::<Result<Vec<_>, _>>()?;
    let told = json!({ "rows": rows, "patterns": patterns, "plan": plan });
    serde_json::to_writer_pretty(&mut out, &told).map_err(|e| answer::writing(&e.into()))?;
    Ok((out, Finished { rows, dropped: 0 }))
}

fn pattern_of(query: &Query) -> &GraphPattern {
    match query {
        Query::Select { pattern, .. } | Query::Construct { pattern, .. } | Query::Describe { pattern, .. } | Query::Ask { pattern, .. } => {
            pattern
        }
    }
}

/// Every triple pattern, but for those inside of expressions.
fn collect<'p>(pattern: &'p GraphPattern, found: &mut Vec<&'p TriplePattern>) {
    match pattern {
        GraphPattern::Bgp { patterns } => found.extend(patterns),
        GraphPattern::Path { .. } | GraphPattern::Values { .. } | GraphPattern::Service { .. } => {}
        GraphPattern::Join { left, right }
        | GraphPattern::LeftJoin { left, right, .. }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            collect(left, found);
            collect(right, found);
        }
        GraphPattern::Filter { inner, .. }
        | GraphPattern::Graph { inner, .. }
        | GraphPattern::Extend { inner, .. }
        | GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Group { inner, .. } => collect(inner, found),
    }
}

/// What a pattern finds by itself, in all graphs: its size before anything else narrows it down.
fn estimate(pattern: &TriplePattern, quads: &Quads) -> Result<Value, Fault> {
    let found = count(pattern, quads, COUNTED).map_err(|e| answer::writing(&std::io::Error::other(e)))?;
    Ok(json!({ "pattern": pattern.to_string(), "finds": found, "orMore": found >= COUNTED }))
}

/// How many quads match a pattern, in all graphs, or so many where it is more. The engine counts them without reading their terms.
pub(super) fn count(pattern: &TriplePattern, quads: &Quads, most: usize) -> Result<usize, StorageError> {
    let found = Variable::new_unchecked("found");
    let some = GraphPattern::Slice { inner: Box::new(GraphPattern::Bgp { patterns: vec![pattern.clone()] }), start: 0, length: Some(most) };
    let aggregates = vec![(found.clone(), AggregateExpression::CountSolutions { distinct: false })];
    let counted = GraphPattern::Group { inner: Box::new(some), variables: Vec::new(), aggregates };
    let row = answer::solutions(quads, counted, true)?.next().transpose()?;
    Ok(match row.as_ref().and_then(|row| row.get(&found)) {
        Some(Term::Literal(number)) => number.value().parse().unwrap_or(most),
        _ => 0,
    })
}
