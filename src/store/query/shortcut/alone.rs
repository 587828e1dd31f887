//! A closure that stands alone: how many it has, whether it has one, and its first hundred are told from its members, without a table.

use std::rc::Rc;

use oxigraph::{
    model::{Literal, NamedNode, Variable},
    store::StorageError,
};
use spargebra::{
    algebra::{AggregateExpression, AggregateFunction, Expression, GraphPattern},
    term::GroundTerm,
};

use super::{
    Scope,
    group::{Group, flatten},
    members::Members,
    rewrite::Rewriter,
};

/// The members of one closure, or those of them that a query lets through. Each stands there once.
pub(super) struct Alone {
    pub(super) variable: Variable,
    members: Rc<Members>,
    chosen: Option<Vec<u32>>,
}

impl Alone {
    pub(super) fn numbers(&self) -> &[u32] {
        self.chosen.as_deref().unwrap_or_else(|| self.members.numbers())
    }

    fn cut(mut self, start: usize, length: Option<usize>) -> Self {
        let all = self.numbers();
        let rest = all.get(start..).unwrap_or_default();
        self.chosen = Some(rest[..length.unwrap_or(rest.len()).min(rest.len())].to_vec());
        self
    }
}

impl Rewriter<'_> {
    /// The members that a pattern comes to, where it is about one variable of closures and nothing is asked but some or all of what it has.
    pub(super) fn alone(&self, pattern: &GraphPattern, scope: Option<&Scope>) -> Result<Option<Alone>, StorageError> {
        Ok(match pattern {
            GraphPattern::Path { subject, path, object } => {
                let known = self.path(&(subject.clone(), path.clone(), object.clone()), scope)?;
                known.map(|known| Alone { variable: known.variable, members: known.members, chosen: None })
            }
            GraphPattern::Join { .. } => self.joined_alone(pattern, scope)?,
            GraphPattern::Project { inner, variables } => {
                self.alone(inner, scope)?.filter(|alone| variables.as_slice() == std::slice::from_ref(&alone.variable))
            }
            // Each is there once.
            GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => self.alone(inner, scope)?,
            GraphPattern::Slice { inner, start, length } => self.alone(inner, scope)?.map(|alone| alone.cut(*start, *length)),
            GraphPattern::Filter { expr, inner } => self.alone(inner, scope)?.and_then(|alone| self.filtered(alone, expr)),
            _ => None,
        })
    }

    /// Closures of one variable, words that name it, and values that are asked of it.
    fn joined_alone(&self, pattern: &GraphPattern, scope: Option<&Scope>) -> Result<Option<Alone>, StorageError> {
        let mut group = Group::default();
        flatten(pattern.clone(), &mut group);
        let mut all = self.known(&mut group, scope)?;
        if all.len() != 1 || !group.paths.is_empty() || !group.others.is_empty() {
            return Ok(None);
        }
        self.narrow(&mut group, &mut all, scope)?;
        let known = all.pop().filter(|_| group.triples.is_empty());
        Ok(known.map(|known| Alone { variable: known.variable, members: known.members, chosen: None }))
    }

    /// Those that a filter lets through, where it names them.
    fn filtered(&self, mut alone: Alone, expression: &Expression) -> Option<Alone> {
        let wanted = nodes_wanted(expression, &alone.variable)?;
        let mut chosen: Vec<u32> = wanted.iter().filter_map(|node| self.shortcuts.number(node.as_str())).collect();
        chosen.sort_unstable();
        chosen.dedup();
        match &alone.chosen {
            Some(before) => chosen.retain(|number| before.contains(number)),
            None => chosen.retain(|number| alone.members.has(*number)),
        }
        alone.chosen = Some(chosen);
        Some(alone)
    }

    /// One row with the numbers, where a pattern asks how many there are of a closure and for nothing else.
    pub(super) fn counted(&self, pattern: &GraphPattern, scope: Option<&Scope>) -> Result<Option<GraphPattern>, StorageError> {
        let GraphPattern::Group { inner, variables, aggregates } = pattern else { return Ok(None) };
        if !variables.is_empty() {
            return Ok(None);
        }
        let Some(alone) = self.alone(inner, scope)? else { return Ok(None) };
        let are_counts = aggregates.iter().all(|(_, aggregate)| match aggregate {
            AggregateExpression::CountSolutions { .. } => true,
            AggregateExpression::FunctionCall { name: AggregateFunction::Count, expr: Expression::Variable(own), .. } => {
                *own == alone.variable
            }
            AggregateExpression::FunctionCall { .. } => false,
        });
        let Ok(count) = i64::try_from(alone.numbers().len()) else { return Ok(None) };
        let number = GroundTerm::Literal(Literal::from(count));
        Ok(are_counts.then(|| GraphPattern::Values {
            variables: aggregates.iter().map(|(variable, _)| variable.clone()).collect(),
            bindings: vec![aggregates.iter().map(|_| Some(number.clone())).collect()],
        }))
    }
}

/// The nodes that a filter lets through, where that is all that it says of the variable.
fn nodes_wanted(expression: &Expression, variable: &Variable) -> Option<Vec<NamedNode>> {
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
