//! The golden sample: whether a network says here what it said where it was made.

use std::{collections::BTreeMap, fmt, fs};

use serde::Deserialize;

use super::{Bundle, ModelError, Provided, Scorer, Scores, manifest::GoldenSpec};
use crate::images::{Limits, decode};

/// How many differences a report shows.
const SHOWN: usize = 10;

/// What came of the golden sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Golden {
    /// The bundle has none: nobody can tell whether its preprocessing is right. A warning.
    Missing,
    /// Every score is within the tolerance.
    Agrees,
    /// Some score is not.
    Differs,
}

/// One score of the golden sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The facet.
    pub facet: String,
    /// Which output.
    pub index: usize,
    /// Its label.
    pub label: String,
    /// The score in the bundle.
    pub expected: f64,
    /// The score here.
    pub found: f64,
}

impl Difference {
    /// How far apart they are.
    pub fn size(&self) -> f64 {
        (self.expected - self.found).abs()
    }
}

/// What a check of a bundle found.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// The bundle's id and version.
    pub bundle: String,
    /// What computed.
    pub provided: Provided,
    /// What came of the golden sample.
    pub golden: Golden,
    /// How far a score may be off.
    pub tolerance: f64,
    /// Every score that was compared, the farthest off first.
    pub differences: Vec<Difference>,
    /// What else was noticed.
    pub notes: Vec<String>,
}

impl CheckReport {
    /// Whether the bundle may be used; a missing golden sample is a warning.
    pub fn passed(&self) -> bool {
        self.golden != Golden::Differs
    }

    /// The largest difference.
    pub fn worst(&self) -> f64 {
        self.differences.first().map_or(0.0, Difference::size)
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} on {}, {}", self.bundle, self.provided.runtime, self.provided.provider)?;
        let (count, worst) = (self.differences.len(), self.worst());
        match self.golden {
            Golden::Missing => writeln!(f, "warning: there is no golden sample, so nobody can tell whether the preprocessing is right")?,
            Golden::Agrees => {
                writeln!(f, "the golden sample agrees: {count} scores, at most {worst:.2e} off (tolerance {:.0e})", self.tolerance)?;
            }
            Golden::Differs => {
                writeln!(f, "the golden sample differs: {worst:.2e} off, and {:.0e} is tolerated", self.tolerance)?;
                for d in self.differences.iter().take_while(|d| d.size() > self.tolerance).take(SHOWN) {
                    writeln!(f, "  {} {} {}: {:.4} here, {:.4} in the bundle", d.facet, d.index, d.label, d.found, d.expected)?;
                }
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}

/// `golden.json`: for each facet, the scores after the activation and before calibration.
type GoldenFile = BTreeMap<String, GoldenHead>;

#[derive(Debug, Deserialize)]
struct GoldenHead {
    scores: Vec<GoldenScore>,
}

#[derive(Debug, Deserialize)]
struct GoldenScore {
    index: usize,
    label: String,
    score: f64,
}

/// Runs the golden sample and compares.
pub(crate) fn check(bundle: &Bundle, scorer: &mut dyn Scorer) -> Result<CheckReport, ModelError> {
    let mut report = CheckReport {
        bundle: format!("{} {}", bundle.id(), bundle.version()),
        provided: scorer.provider().clone(),
        golden: Golden::Missing,
        tolerance: 0.0,
        differences: Vec::new(),
        notes: Vec::new(),
    };
    let Some(golden) = &bundle.manifest().golden else {
        return Ok(report);
    };
    let (expected, found) = run(bundle, golden, scorer)?;
    compare(bundle, &expected, &found, &mut report);
    report.differences.sort_by(|a, b| b.size().total_cmp(&a.size()));
    report.tolerance = golden.tolerance;
    report.golden = if report.worst() <= golden.tolerance && !report.differences.is_empty() { Golden::Agrees } else { Golden::Differs };
    Ok(report)
}

fn run(bundle: &Bundle, golden: &GoldenSpec, scorer: &mut dyn Scorer) -> Result<(GoldenFile, Scores), ModelError> {
    let read = |name: &str| {
        let path = bundle.file(name)?;
        fs::read(&path).map_err(|e| ModelError::File { path, reason: e.to_string() })
    };
    let expected = serde_json::from_slice(&read(&golden.scores)?).map_err(|e| ModelError::Golden(format!("{}: {e}", golden.scores)))?;
    let picture =
        decode(&read(&golden.picture)?, &Limits::default()).map_err(|e| ModelError::Golden(format!("{}: {e}", golden.picture)))?;
    let found = scorer.score(&[&picture])?.pop();
    found.map(|found| (expected, found)).ok_or_else(|| ModelError::Golden("the network gave no answer".to_owned()))
}

fn compare(bundle: &Bundle, expected: &GoldenFile, scores: &Scores, report: &mut CheckReport) {
    for facet in expected.keys().filter(|f| !bundle.heads().iter().any(|h| h.facet == **f)) {
        report.notes.push(format!("the golden sample has a facet `{facet}` that no head answers"));
    }
    for (head, found) in bundle.heads().iter().zip(&scores.heads) {
        let Some(expected) = expected.get(&head.facet) else {
            report.notes.push(format!("the golden sample does not have the facet `{}`", head.facet));
            continue;
        };
        for score in &expected.scores {
            let (Some(row), Some(value)) = (head.labels.get(score.index), found.scores.get(score.index)) else {
                report
                    .notes
                    .push(format!("the golden sample has an output {} of `{}` that the label map does not have", score.index, head.facet));
                continue;
            };
            if row.label != score.label {
                let (index, facet) = (score.index, &head.facet);
                report
                    .notes
                    .push(format!("output {index} of `{facet}` is `{}` in the label map and `{}` in the sample", row.label, score.label));
            }
            report.differences.push(Difference {
                facet: head.facet.clone(),
                index: score.index,
                label: row.label.clone(),
                expected: score.score,
                found: f64::from(*value),
            });
        }
    }
}
