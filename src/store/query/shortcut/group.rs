//! The patterns that are joined in one place, and their variables.

use spargebra::{
    algebra::{GraphPattern, PropertyPathExpression},
    term::{NamedNodePattern, TermPattern, TriplePattern, Variable},
};

/// The patterns that are joined in one place.
#[derive(Default)]
pub(super) struct Group {
    pub(super) triples: Vec<TriplePattern>,
    pub(super) paths: Vec<(TermPattern, PropertyPathExpression, TermPattern)>,
    pub(super) others: Vec<GraphPattern>,
}

impl Group {
    pub(super) fn is_empty(&self) -> bool {
        self.triples.is_empty() && self.paths.is_empty() && self.others.is_empty()
    }

    /// Gives the blank nodes names, as the engine would: they stand for whatever matches.
    pub(super) fn name_the_nameless(&mut self) {
        for triple in &mut self.triples {
            named(&mut triple.subject);
            named(&mut triple.object);
        }
        for (subject, _, object) in &mut self.paths {
            named(subject);
            named(object);
        }
    }

    pub(super) fn says(&self, variable: &Variable) -> bool {
        self.variables().contains(variable)
    }

    /// Every variable of the triples and paths.
    pub(super) fn variables(&self) -> Vec<Variable> {
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

pub(super) fn flatten(pattern: GraphPattern, group: &mut Group) {
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

pub(super) fn bgp(patterns: Vec<TriplePattern>) -> GraphPattern {
    GraphPattern::Bgp { patterns }
}

pub(super) fn joined(first: GraphPattern, paths: Vec<(TermPattern, PropertyPathExpression, TermPattern)>, others: Vec<GraphPattern>) -> GraphPattern {
    let paths = paths.into_iter().map(|(subject, path, object)| GraphPattern::Path { subject, path, object });
    let mut all: Vec<GraphPattern> = paths.chain(others).collect();
    if first != bgp(Vec::new()) || all.is_empty() {
        all.insert(0, first);
    }
    let join = |left, right| GraphPattern::Join { left: Box::new(left), right: Box::new(right) };
    all.into_iter().reduce(join).unwrap_or_default()
}

/// The variable that a term is, or that a blank node stands for: its name cannot stand in a query.
pub(super) fn variable(term: &TermPattern) -> Option<Variable> {
    match term {
        TermPattern::Variable(variable) => Some(variable.clone()),
        TermPattern::BlankNode(node) => Some(Variable::new_unchecked(format!("\u{b7}{}", node.as_str()))),
        _ => None,
    }
}

pub(super) fn is(term: &TermPattern, variable: &Variable) -> bool {
    matches!(term, TermPattern::Variable(v) if v == variable)
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
