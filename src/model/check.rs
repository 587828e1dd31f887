//! The golden sample: whether a network says here what it said where it was made.

use std::{collections::BTreeMap, fmt, fs};

use serde::Deserialize;

use super::{Bundle, Head, LabelRow, ModelError, Provided, Region, Scorer, Scores, manifest::GoldenSpec};
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
    /// Whether an output has another name in the label map than in the sample: then the numbers may agree and mean something else.
    pub misnamed: bool,
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

/// `golden.json`: for each facet, the scores after the activation and before calibration, or boxes, or the caption.
pub(crate) type GoldenFile = BTreeMap<String, GoldenHead>;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GoldenHead {
    pub(crate) scores: Vec<GoldenScore>,
    boxes: Vec<GoldenBox>,
    caption: Option<String>,
    /// The beginning of the picture's vector, under the name `embedding`.
    values: Vec<f64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GoldenScore {
    index: usize,
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) iri: Option<String>,
    score: f64,
}

#[derive(Debug, Deserialize)]
struct GoldenBox {
    label: String,
    score: f64,
    xywh: [u32; 4],
}

/// How far a golden box and the one found cover one another at least.
const SAME_BOX: f64 = 0.9;

/// Runs the golden sample and compares.
pub(crate) fn check(bundle: &Bundle, scorer: &mut dyn Scorer) -> Result<CheckReport, ModelError> {
    let mut report = CheckReport {
        bundle: format!("{} {}", bundle.id(), bundle.version()),
        provided: scorer.provider().clone(),
        golden: Golden::Missing,
        tolerance: 0.0,
        differences: Vec::new(),
        misnamed: false,
        notes: Vec::new(),
    };
    let Some(golden) = &bundle.manifest().golden else {
        return Ok(report);
    };
    let (expected, found) = run(bundle, golden, scorer)?;
    compare(bundle, &expected, &found, &mut report);
    report.differences.sort_by(|a, b| b.size().total_cmp(&a.size()));
    report.tolerance = golden.tolerance;
    let agrees = report.worst() <= golden.tolerance && !report.differences.is_empty() && !report.misnamed;
    report.golden = if agrees { Golden::Agrees } else { Golden::Differs };
    Ok(report)
}

/// What the golden sample wants.
pub(crate) fn expected(bundle: &Bundle) -> Result<GoldenFile, ModelError> {
    let Some(golden) = &bundle.manifest().golden else { return Ok(GoldenFile::new()) };
    serde_json::from_slice(&read(bundle, &golden.scores)?).map_err(|e| ModelError::Golden(format!("{}: {e}", golden.scores)))
}

fn read(bundle: &Bundle, name: &str) -> Result<Vec<u8>, ModelError> {
    let path = bundle.file(name)?;
    fs::read(&path).map_err(|e| ModelError::File { path, reason: e.to_string() })
}

fn run(bundle: &Bundle, golden: &GoldenSpec, scorer: &mut dyn Scorer) -> Result<(GoldenFile, Scores), ModelError> {
    let expected = expected(bundle)?;
    let picture =
        decode(&read(bundle, &golden.picture)?, &Limits::default()).map_err(|e| ModelError::Golden(format!("{}: {e}", golden.picture)))?;
    let found = scorer.score(&[&picture])?.pop();
    found.map(|found| (expected, found)).ok_or_else(|| ModelError::Golden("the network gave no answer".to_owned()))
}

fn compare(bundle: &Bundle, expected: &GoldenFile, scores: &Scores, report: &mut CheckReport) {
    let answered = |facet: &str| {
        let heads = bundle.heads().iter().any(|h| h.facet == facet);
        heads || facet == EMBEDDING || bundle.manifest().caption.as_ref().is_some_and(|c| c.facet == facet)
    };
    for facet in expected.keys().filter(|f| !answered(f)) {
        report.notes.push(format!("the golden sample has a facet `{facet}` that no head answers"));
    }
    for head in bundle.heads() {
        match expected.get(&head.facet) {
            None => report.notes.push(format!("the golden sample does not have the facet `{}`", head.facet)),
            Some(golden) if head.detect.is_some() => compare_boxes(head, golden, scores, report),
            Some(golden) => compare_scores(head, golden, scores, report),
        }
    }
    for (facet, golden) in expected {
        compare_caption(facet, golden, scores, report);
    }
    if let (Some(golden), Some(found)) = (expected.get(EMBEDDING), &scores.embedding) {
        for (index, value) in golden.values.iter().enumerate() {
            let found = found.get(index).map_or(f64::INFINITY, |v| f64::from(*v));
            report.add(EMBEDDING, index, "", *value, found);
        }
    }
}

/// The name under which the picture's vector stands.
const EMBEDDING: &str = "embedding";

impl CheckReport {
    fn add(&mut self, facet: &str, index: usize, label: &str, expected: f64, found: f64) {
        self.differences.push(Difference { facet: facet.to_owned(), index, label: label.to_owned(), expected, found });
    }
}

/// Each concept has to get its score: the sample's names count, not only its numbers, so that labels in a wrong order are seen.
fn compare_scores(head: &Head, golden: &GoldenHead, scores: &Scores, report: &mut CheckReport) {
    let found = scores.heads.iter().find(|s| s.facet == head.facet).map(|s| s.scores.as_slice()).unwrap_or_default();
    for score in &golden.scores {
        let named = |index: usize| head.labels.get(index).is_some_and(|row| is_named(row, score));
        let place = if named(score.index) { Some(score.index) } else { head.labels.iter().position(|row| is_named(row, score)) };
        if place != Some(score.index) {
            report.misnamed = true;
            let here = head.labels.get(score.index).map_or("nothing", |row| row.label.as_str());
            let (index, facet, label) = (score.index, &head.facet, &score.label);
            report.notes.push(format!("output {index} of `{facet}` is `{here}` in the label map and `{label}` in the sample"));
        }
        let value = found.get(place.unwrap_or(score.index)).map_or(f64::INFINITY, |v| f64::from(*v));
        report.add(&head.facet, score.index, &score.label, score.score, value);
    }
}

fn is_named(row: &LabelRow, score: &GoldenScore) -> bool {
    row.label == score.label && score.iri.as_ref().is_none_or(|iri| row.iri.as_ref() == Some(iri))
}

/// For each box of the sample, the one of its label that covers it best.
fn compare_boxes(head: &Head, golden: &GoldenHead, scores: &Scores, report: &mut CheckReport) {
    let found = scores.found.iter().find(|f| f.facet == head.facet).map(|f| f.found.as_slice()).unwrap_or_default();
    for (index, wanted) in golden.boxes.iter().enumerate() {
        let [x, y, width, height] = wanted.xywh;
        let region = Region { x, y, width, height };
        let of_label = found.iter().filter(|f| head.labels.get(f.class).is_some_and(|row| row.label == wanted.label));
        let best = of_label.max_by(|a, b| overlap(&a.region, &region).total_cmp(&overlap(&b.region, &region)));
        let same = best.filter(|f| overlap(&f.region, &region) >= SAME_BOX);
        let label = match (best, same) {
            (Some(best), None) => format!("{} at {region} (the nearest is {})", wanted.label, best.region),
            _ => format!("{} at {region}", wanted.label),
        };
        report.add(&head.facet, index, &label, wanted.score, same.map_or(0.0, |f| f.score));
    }
    if found.len() != golden.boxes.len() {
        report.misnamed = true;
        report.notes.push(format!("`{}`: {} boxes were found, and the sample has {}", head.facet, found.len(), golden.boxes.len()));
    }
}

/// Intersection over union.
fn overlap(one: &Region, other: &Region) -> f64 {
    let along = |a: u32, b: u32, c: u32, d: u32| f64::from((a + b).min(c + d).saturating_sub(a.max(c)));
    let common = along(one.x, one.width, other.x, other.width) * along(one.y, one.height, other.y, other.height);
    let area = |r: &Region| f64::from(r.width) * f64::from(r.height);
    common / (area(one) + area(other) - common).max(1.0)
}

fn compare_caption(facet: &str, golden: &GoldenHead, scores: &Scores, report: &mut CheckReport) {
    let Some(wanted) = &golden.caption else { return };
    let said = scores.captions.iter().find(|c| c.facet == facet).map_or("", |c| c.text.as_str());
    report.add(facet, 0, wanted, 1.0, if said == wanted { 1.0 } else { 0.0 });
    if said != wanted {
        report.notes.push(format!("the caption is `{said}`, and the sample has `{wanted}`"));
    }
}
