//! The policy: which annotations are sure enough to be stated, by the tagger's status, the facet and the kind of score.

use serde::{Deserialize, Serialize};

use super::PublicationError;
use crate::{enrichment::Annotation, rdf::mint::digest};

/// How far a tagger is trusted, as its bundle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// For showing only.
    Demo,
    /// Under examination.
    Candidate,
    /// Trusted.
    Approved,
}

/// One rule: an annotation that meets all that it says is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The tagger's status.
    pub status: Status,
    /// The facet; every facet where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facet: Option<String>,
    /// The least calibrated confidence. Scores that are not calibrated never meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_confidence: Option<f64>,
    /// For scores that are not calibrated: the best so many of a facet. Somebody has to have approved the tagger for this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_ranks: Option<u32>,
    /// Known so that it can be refused with the reason: a score is no confidence, and has no absolute threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_score: Option<f64>,
}

/// What is published, and what never is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name, in its IRI and on pages.
    pub name: String,
    /// The aggregator in whose name it publishes: `edm:provider` of its aggregations.
    #[serde(default = "aggregator")]
    pub aggregator: String,
    /// Whether what a person accepted is published, whatever its score.
    #[serde(default = "yes")]
    pub accepted: bool,
    /// One of them must be met.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Concepts that are never published unless a person accepted them on that record.
    #[serde(default)]
    pub deny: Vec<String>,
}

fn aggregator() -> String {
    "Glossator".to_owned()
}

fn yes() -> bool {
    true
}

impl Default for Policy {
    /// Approved taggers' calibrated results of 0.9 and more, and what people accepted.
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            aggregator: aggregator(),
            accepted: true,
            rules: vec![Rule { status: Status::Approved, facet: None, least_confidence: Some(0.9), best_ranks: None, least_score: None }],
            deny: Vec::new(),
        }
    }
}

impl Policy {
    /// Reads a policy from TOML; `name` is for the error.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, PublicationError> {
        let refuse = |reason: String| PublicationError::Policy { name: name.to_owned(), reason };
        let policy: Self = toml::from_str(text).map_err(|e| refuse(e.to_string()))?;
        policy.check().map_err(refuse)?;
        Ok(policy)
    }

    /// Refuses what would publish by accident.
    pub fn check(&self) -> Result<(), String> {
        for (number, rule) in self.rules.iter().enumerate() {
            let number = number + 1;
            if rule.least_score.is_some() {
                return Err(format!(
                    "rule {number} has least_score: a score that is not calibrated has no absolute threshold (of a softmax, 0.5 of two labels and 0.5 of a thousand say different things). Calibrate the tagger and set least_confidence, or take its best_ranks"
                ));
            }
            match (rule.least_confidence, rule.best_ranks) {
                (None, None) => {
                    return Err(format!("rule {number} has neither least_confidence nor best_ranks: it would publish everything"));
                }
                (Some(_), Some(_)) => return Err(format!("rule {number} has both least_confidence and best_ranks: make two rules of it")),
                (Some(c), None) if !(0.0..=1.0).contains(&c) => {
                    return Err(format!("rule {number}: least_confidence is {c}, and must lie between 0 and 1"));
                }
                (None, Some(_)) if rule.status != Status::Approved => {
                    return Err(format!("rule {number}: best_ranks publishes scores that are not calibrated; only an approved tagger may"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A digest of what it says.
    pub fn digest(&self) -> String {
        digest([serde_json::to_string(self).unwrap_or_default()])
    }

    /// Whether its rules publish the annotation of a tagger of this status. What a machine says in words is never published by rule: a
    /// person has to accept it.
    pub fn publishes(&self, annotation: &Annotation, status: Status) -> bool {
        annotation.text.is_none()
            && !self.deny.iter().any(|c| c == annotation.concept.as_str())
            && self.rules.iter().any(|rule| rule.is_met_by(annotation, status))
    }
}

/// The kind of score that what only looks or sounds alike has: for people to decide, whatever its rank.
const SUGGESTED: &str = "Likeness";

impl Rule {
    fn is_met_by(&self, annotation: &Annotation, status: Status) -> bool {
        let sure = match (self.least_confidence, self.best_ranks) {
            (Some(least), _) => annotation.confidence.is_some_and(|c| c >= least),
            (None, Some(best)) => {
                let is_suggestion = annotation.score.as_ref().is_some_and(|(_, kind)| kind == SUGGESTED);
                annotation.confidence.is_none() && !is_suggestion && annotation.rank.is_some_and(|r| r <= best)
            }
            (None, None) => false,
        };
        sure && status == self.status && self.facet.as_ref().is_none_or(|f| *f == annotation.facet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::NamedNode;

    fn annotation(confidence: Option<f64>, rank: u32) -> Annotation {
        let iri = |s: &str| NamedNode::new_unchecked(format!("http://x.example/{s}"));
        Annotation {
            iri: iri("a"),
            graph: iri("g"),
            concept: iri("c"),
            property: iri("p"),
            cho: iri("cho"),
            web_resource: iri("w"),
            facet: "subjects".to_owned(),
            score: Some((0.99, "Softmax".to_owned())),
            confidence,
            rank: Some(rank),
            model_label: String::new(),
            mapping: "exactMatch".to_owned(),
            creator: iri("agent"),
            text: None,
            words: None,
            region: None,
            alone: None,
            target: iri("t"),
        }
    }

    #[test]
    fn a_score_is_never_taken_for_a_confidence() {
        let policy = Policy::default();
        assert!(policy.publishes(&annotation(Some(0.95), 1), Status::Approved));
        assert!(!policy.publishes(&annotation(Some(0.95), 1), Status::Demo));
        assert!(!policy.publishes(&annotation(None, 1), Status::Approved));
    }

    #[test]
    fn a_denied_concept_is_not_published() {
        let policy = Policy { deny: vec!["http://x.example/c".to_owned()], ..Policy::default() };
        assert!(!policy.publishes(&annotation(Some(1.0), 1), Status::Approved));
    }

    #[test]
    fn a_policy_that_would_publish_by_accident_is_refused() {
        for bad in [
            "name = \"x\"\n[[rules]]\nstatus = \"demo\"",
            "name = \"x\"\n[[rules]]\nstatus = \"candidate\"\nbest_ranks = 1",
            "name = \"x\"\n[[rules]]\nstatus = \"demo\"\nleast_confidence = 1.2",
            "name = \"x\"\n[[rules]]\nstatus = \"approved\"\nleast_score = 0.5",
            "name = \"x\"\nrulez = []",
        ] {
            assert!(Policy::from_toml(bad, "test").is_err(), "{bad}");
        }
    }
}
