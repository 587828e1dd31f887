//! A verdict recorded, and the record published anew where it is published.

use serde::{Deserialize, Serialize};

use super::{House, Report, publish::publish_anew};
use crate::review::{Decision, decide};

/// A person's verdict on one annotation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Review {
    /// What was decided.
    pub decision: Decision,
    /// The annotation's IRI.
    pub annotation: String,
    /// For a correction, the concept that is right.
    pub to: Option<String>,
    /// Who decided: a name or an IRI.
    pub who: String,
}

pub(super) fn run(house: &House, job: &Review) -> anyhow::Result<Report> {
    let decided = decide(&house.store, &job.annotation, job.decision, job.to.as_deref(), &job.who)?;
    let new = house.store.commit(decided.change)?.changed;
    let published = publish_anew(house, std::slice::from_ref(&decided.record))?;
    let mut report = Report::default();
    report.line(if new {
        format!("{}: recorded", job.decision.as_str())
    } else {
        "the same verdict stands already: nothing changed".to_owned()
    });
    if published > 0 {
        report.line("the record's publication follows it");
    }
    report.figure("recorded", new);
    report.figure("republished", published);
    report.figure("record", decided.record.as_str());
    report.figure("version", house.store.version());
    Ok(report)
}
