//! A record is checked: by the shapes for its kind of EDM, and by the rules that look at its document.

use std::collections::BTreeSet;

use oxigraph::model::{NamedOrBlankNode, Triple};

use super::{Finding, Rule, Shapes, Survey, ValidationError, orphans::orphans};
use crate::rdf::ns::{ore, rdf};

/// Checks records. Compiled once; shared by threads.
#[derive(Debug)]
pub struct Checker {
    external: Shapes,
    internal: Shapes,
    /// Somebody's own shapes, which take the place of all the rest.
    own: Option<Shapes>,
}

impl Checker {
    /// Europeana's rules, or shapes of somebody's own in their place.
    pub fn new(own: Option<Shapes>) -> Result<Self, ValidationError> {
        Ok(Self { external: Shapes::external()?, internal: Shapes::internal()?, own })
    }

    /// Whether it checks by Europeana's rules, and not by somebody's own shapes.
    pub fn is_europeanas(&self) -> bool {
        self.own.is_none()
    }

    /// The shapes for a record: its object is described by proxies or describes itself.
    pub fn shapes(&self, triples: &[Triple]) -> &Shapes {
        let proxied =
            || triples.iter().any(|t| t.predicate == ore::PROXY_FOR || (t.predicate == rdf::TYPE && t.object == ore::PROXY.into()));
        match &self.own {
            Some(own) => own,
            None if proxied() => &self.internal,
            None => &self.external,
        }
    }

    /// What is to be said about a record, the worst first. Where its document was surveyed, findings have lines.
    pub fn check(&self, what: &str, triples: &[Triple], survey: Option<&Survey>) -> Vec<Finding> {
        let mut findings = match self.shapes(triples).validate(what, triples) {
            Ok(findings) => findings,
            Err(error) => vec![untried(triples, &error)],
        };
        if self.is_europeanas() {
            findings.extend(orphans(triples));
            findings.extend(survey.into_iter().flat_map(|survey| survey.findings(subjects(triples).into_iter())));
        }
        if let Some(survey) = survey {
            for finding in &mut findings {
                survey.place(finding);
            }
        }
        findings.sort_by_cached_key(|f| (f.severity, f.line.unwrap_or(u64::MAX), f.rule()));
        findings.dedup();
        findings
    }
}

fn subjects(triples: &[Triple]) -> BTreeSet<&str> {
    let named = triples.iter().filter_map(|t| match &t.subject {
        NamedOrBlankNode::NamedNode(node) => Some(node.as_str()),
        NamedOrBlankNode::BlankNode(_) => None,
    });
    named.collect()
}

fn untried(triples: &[Triple], error: &ValidationError) -> Finding {
    let subject = triples.first().map_or_else(|| Rule::Untried.iri().into(), |t| t.subject.clone());
    Finding::of_rule(Rule::Untried, subject, &error.to_string())
}
