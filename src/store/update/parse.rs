//! An update's text becomes operations, if it is one and asks for nothing that is refused to all.

use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};
use spargebra::{
    GraphUpdateOperation, SparqlParser,
    algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression, QueryDataset},
};

use super::UpdateError;
use crate::store::query::{Blame, Fault, GuardLimits, check_strictly, syntax_fault};

/// An update as it came.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct UpdateText {
    /// Its text.
    pub text: String,
    /// Against what relative IRIs in it are resolved.
    pub base: String,
    /// Graphs that the protocol says are the default graph of its WHERE clauses.
    pub using: Vec<String>,
    /// Graphs that the protocol says are the named ones.
    pub using_named: Vec<String>,
}

/// An update that was read.
#[derive(Clone, Debug)]
pub struct Update(pub(super) spargebra::Update);

impl Update {
    /// Whether one of its operations evaluates a pattern, which may take any time; COPY, MOVE and ADD do.
    pub fn evaluates(&self) -> bool {
        self.0.operations.iter().any(|operation| matches!(operation, GraphUpdateOperation::DeleteInsert { .. }))
    }
}

/// Reads an update. `most` says what its text may hold; its WHERE clauses may each hold no more than `patterns` triple patterns, since the
/// engine plans joins in a time that grows with their square. Wants a large stack: what `most` lets through fits 64 MiB.
pub fn parse_update(asked: &UpdateText, most: &GuardLimits, patterns: usize) -> Result<Update, UpdateError> {
    check_strictly(&asked.text, most)?;
    let parser = SparqlParser::new().with_base_iri(asked.base.as_str()).map_err(|e| UpdateError::Evaluation(e.to_string()))?;
    let mut update = parser.parse_update(&asked.text).map_err(|e| UpdateError::Syntax(syntax_fault(&e)))?;
    let protocol = from_protocol(asked)?;
    for operation in &mut update.operations {
        match operation {
            GraphUpdateOperation::Load { .. } => return Err(UpdateError::Load),
            GraphUpdateOperation::DeleteInsert { using, pattern, .. } => {
                let mut walk = Walk::default();
                walk.pattern(pattern);
                if walk.service {
                    return Err(UpdateError::Service);
                }
                if walk.patterns > patterns {
                    return Err(UpdateError::Patterns { allowed: patterns });
                }
                if let Some(protocol) = &protocol {
                    if using.is_some() {
                        return Err(UpdateError::UsingTwice);
                    }
                    *using = Some(protocol.clone());
                }
            }
            _ => {}
        }
    }
    Ok(Update(update))
}

fn from_protocol(asked: &UpdateText) -> Result<Option<QueryDataset>, UpdateError> {
    if asked.using.is_empty() && asked.using_named.is_empty() {
        return Ok(None);
    }
    let iri = |text: &String| {
        NamedNode::new(text).map_err(|e| {
            UpdateError::Syntax(Fault { blame: Blame::Query, message: format!("`{text}` is no absolute IRI: {e}"), place: None })
        })
    };
    Ok(Some(QueryDataset {
        default: asked.using.iter().map(iri).collect::<Result<_, _>>()?,
        named: Some(asked.using_named.iter().map(iri).collect::<Result<_, _>>()?),
    }))
}

/// Looks through a pattern, expressions and all.
#[derive(Default)]
struct Walk {
    patterns: usize,
    service: bool,
}

impl Walk {
    fn pattern(&mut self, pattern: &GraphPattern) {
        match pattern {
            GraphPattern::Bgp { patterns } => self.patterns += patterns.len(),
            GraphPattern::Path { .. } => self.patterns += 1,
            GraphPattern::Values { .. } => {}
            GraphPattern::Service { .. } => self.service = true,
            GraphPattern::LeftJoin { left, right, expression } => {
                self.pattern(left);
                self.pattern(right);
                self.expressions(expression);
            }
            GraphPattern::Join { left, right }
            | GraphPattern::Lateral { left, right }
            | GraphPattern::Union { left, right }
            | GraphPattern::Minus { left, right } => {
                self.pattern(left);
                self.pattern(right);
            }
            GraphPattern::Filter { expr: expression, inner } | GraphPattern::Extend { inner, expression, .. } => {
                self.expression(expression);
                self.pattern(inner);
            }
            GraphPattern::OrderBy { inner, expression } => {
                for OrderExpression::Asc(key) | OrderExpression::Desc(key) in expression {
                    self.expression(key);
                }
                self.pattern(inner);
            }
            GraphPattern::Group { inner, aggregates, .. } => {
                for (_, aggregate) in aggregates {
                    if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                        self.expression(expr);
                    }
                }
                self.pattern(inner);
            }
            GraphPattern::Graph { inner, .. }
            | GraphPattern::Project { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => self.pattern(inner),
        }
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expression>) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => {}
            Expression::Exists(pattern) => self.pattern(pattern),
            Expression::Or(a, b)
            | Expression::And(a, b)
            | Expression::Equal(a, b)
            | Expression::SameTerm(a, b)
            | Expression::Greater(a, b)
            | Expression::GreaterOrEqual(a, b)
            | Expression::Less(a, b)
            | Expression::LessOrEqual(a, b)
            | Expression::Add(a, b)
            | Expression::Subtract(a, b)
            | Expression::Multiply(a, b)
            | Expression::Divide(a, b) => {
                self.expression(a);
                self.expression(b);
            }
            Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => self.expression(a),
            Expression::If(a, b, c) => {
                self.expression(a);
                self.expression(b);
                self.expression(c);
            }
            Expression::In(a, rest) => {
                self.expression(a);
                self.expressions(rest);
            }
            Expression::Coalesce(all) | Expression::FunctionCall(_, all) => self.expressions(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, using: &[&str]) -> Result<Update, UpdateError> {
        let asked = UpdateText {
            text: text.to_owned(),
            base: "http://e.example/sparql".to_owned(),
            using: using.iter().map(ToString::to_string).collect(),
            using_named: Vec::new(),
        };
        parse_update(&asked, &GuardLimits::default(), 3)
    }

    #[test]
    fn what_is_refused_to_all() {
        assert!(read("INSERT DATA { <a> <b> 1 } ; CLEAR SILENT GRAPH <g>", &[]).is_ok());
        assert!(matches!(read("CREATE GRAPH <g> ; LOAD SILENT <http://127.0.0.1/x>", &[]), Err(UpdateError::Load)));
        let service = "INSERT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER EXISTS { SERVICE <http://e/> { ?s ?p ?o } } }";
        assert!(matches!(read(service, &[]), Err(UpdateError::Refused(_) | UpdateError::Service)));
        let long = "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o . ?o ?q ?r . { SELECT * { ?r ?t ?u . ?u ?v ?w } } }";
        assert!(matches!(read(long, &[]), Err(UpdateError::Patterns { allowed: 3 })));
        assert!(matches!(read("INSERT DATA {", &[]), Err(UpdateError::Syntax(fault)) if fault.place.is_some()));
    }

    #[test]
    fn the_protocols_graphs_and_the_updates_own_do_not_mix() {
        assert!(read("INSERT { <a> ?p ?o } WHERE { ?s ?p ?o }", &["http://e.example/g"]).is_ok());
        assert!(matches!(read("INSERT { <a> ?p ?o } USING <g> WHERE { ?s ?p ?o }", &["http://e.example/g"]), Err(UpdateError::UsingTwice)));
        assert!(matches!(read("WITH <g> INSERT { <a> ?p ?o } WHERE { ?s ?p ?o }", &["http://e.example/g"]), Err(UpdateError::UsingTwice)));
        assert!(matches!(read("INSERT { <a> ?p ?o } WHERE { ?s ?p ?o }", &["g"]), Err(UpdateError::Syntax(_))));
    }
}
