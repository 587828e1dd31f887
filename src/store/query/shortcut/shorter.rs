//! Which patterns have a shortcut: full text over labels, and closures over the predicates of a hierarchy.

use spargebra::{
    algebra::{GraphPattern, PropertyPathExpression},
    term::{NamedNodePattern, TermPattern, TriplePattern},
};

use super::{edges::HIERARCHY, reach::Step};
use crate::rdf::ns::luc;

/// Whether there is anything in it that has a shortcut: most queries have nothing, and stay as they are.
pub(super) fn worth_it(pattern: &GraphPattern) -> bool {
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

pub(super) fn is_text(pattern: &TriplePattern) -> bool {
    matches!(&pattern.predicate, NamedNodePattern::NamedNode(p) if *p == luc::TERM) && matches!(pattern.object, TermPattern::Literal(_))
}

/// The steps of a closure that has a shortcut, and whether it begins with no step at all.
pub(super) fn steps(path: &PropertyPathExpression) -> Option<(Vec<Step>, bool)> {
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

