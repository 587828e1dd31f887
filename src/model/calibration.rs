//! Calibration: what makes a confidence of a score, and on what it was fitted.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ModelError;

/// How many points an isotonic calibration may have.
const MOST_POINTS: usize = 10_000;

/// What makes confidences of scores. A file of its own holds the same keys as the manifest's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "lowercase")]
pub enum Calibration {
    /// Outputs are divided by `t` before the activation.
    Temperature {
        /// The temperature.
        t: f64,
        /// On what it was fitted: it holds for that kind of picture.
        fitted_on: String,
        /// On how many pictures.
        n: u64,
    },
    /// A score becomes the confidence of the nearest points, in a straight line between them. It never falls, so that what the closure
    /// made of scores holds for confidences.
    Isotonic {
        /// Score and confidence, by rising score.
        points: Vec<[f64; 2]>,
        /// On what it was fitted.
        fitted_on: String,
        /// On how many pictures.
        n: u64,
    },
}

/// In a manifest: the calibration itself, or the file that holds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CalibrationSpec {
    /// The file of the bundle that holds it, as learning writes it.
    File(CalibrationFile),
    /// Written out.
    Inline(Calibration),
}

/// The name of a calibration's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationFile {
    /// The file, relative to the bundle.
    pub file: String,
}

/// By hand, so that the error names the key that is wrong: serde's own for either-or says only that nothing fits.
impl<'de> Deserialize<'de> for CalibrationSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = toml::Table::deserialize(deserializer)?;
        let read = if table.contains_key("file") { table.try_into().map(Self::File) } else { table.try_into().map(Self::Inline) };
        read.map_err(serde::de::Error::custom)
    }
}

impl Calibration {
    /// Reads a calibration's file.
    pub(crate) fn read(text: &str, path: &Path) -> Result<Self, ModelError> {
        let refused = |reason: String| ModelError::Manifest { path: path.to_owned(), reason };
        let read: Self = toml::from_str(text).map_err(|e| refused(e.to_string().trim_end().to_owned()))?;
        read.check().map_err(refused)?;
        Ok(read)
    }

    /// On what it was fitted.
    pub fn fitted_on(&self) -> &str {
        match self {
            Self::Temperature { fitted_on, .. } | Self::Isotonic { fitted_on, .. } => fitted_on,
        }
    }

    /// By what outputs are divided before the activation.
    pub fn temperature(&self) -> f64 {
        match self {
            Self::Temperature { t, .. } => *t,
            Self::Isotonic { .. } => 1.0,
        }
    }

    /// The confidence of a score that the temperature has been applied to.
    pub fn confidence(&self, score: f64) -> f64 {
        match self {
            Self::Temperature { .. } => score,
            Self::Isotonic { points, .. } => between(points, score),
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.fitted_on().trim().is_empty() {
            return Err("the calibration does not say on what it was fitted (`fitted_on`)".to_owned());
        }
        match self {
            Self::Temperature { t, .. } if !t.is_finite() || *t <= 0.0 => Err(format!("the temperature is {t}")),
            Self::Temperature { .. } => Ok(()),
            Self::Isotonic { points, .. } => check_points(points),
        }
    }
}

fn check_points(points: &[[f64; 2]]) -> Result<(), String> {
    if points.is_empty() || points.len() > MOST_POINTS {
        return Err(format!("an isotonic calibration has 1 to {MOST_POINTS} points, and this one has {}", points.len()));
    }
    if points.iter().any(|[score, confidence]| !score.is_finite() || !(0.0..=1.0).contains(confidence)) {
        return Err("a point of the calibration is no number, or its confidence lies outside of 0 to 1".to_owned());
    }
    match points.windows(2).position(|pair| pair[1][0] <= pair[0][0] || pair[1][1] < pair[0][1]) {
        Some(place) => Err(format!("point {} of the calibration has a lower score or confidence than the one before it", place + 2)),
        None => Ok(()),
    }
}

/// The value on the line through the points around; outside of them, that of the last one.
fn between(points: &[[f64; 2]], score: f64) -> f64 {
    let after = points.partition_point(|[at, _]| *at < score);
    match (points.get(after.wrapping_sub(1)), points.get(after)) {
        (Some([x0, y0]), Some([x1, y1])) => y0 + (y1 - y0) * (score - x0) / (x1 - x0),
        (None, Some([_, y])) | (Some([_, y]), None) => *y,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isotonic_calibration_is_a_line_between_points() {
        let text = "kind = \"isotonic\"\nfitted_on = \"a split\"\nn = 40\npoints = [[0.1, 0.0], [0.5, 0.2], [0.9, 0.8]]";
        let read = Calibration::read(text, Path::new("x.toml")).unwrap();
        for (score, confidence) in [(0.0, 0.0), (0.1, 0.0), (0.3, 0.1), (0.5, 0.2), (0.7, 0.5), (0.95, 0.8)] {
            assert!((read.confidence(score) - confidence).abs() < 1e-12, "{score}");
        }
        assert_eq!((read.temperature(), read.fitted_on()), (1.0, "a split"));
        let back: Calibration = toml::from_str(&toml::to_string(&read).unwrap()).unwrap();
        assert_eq!(back, read);
    }

    #[test]
    fn a_calibration_that_makes_no_sense_is_refused() {
        for (text, word) in [
            ("kind = \"isotonic\"\nfitted_on = \"x\"\nn = 1\npoints = []", "points"),
            ("kind = \"isotonic\"\nfitted_on = \"x\"\nn = 1\npoints = [[0.2, 0.5], [0.4, 0.4]]", "point 2"),
            ("kind = \"isotonic\"\nfitted_on = \"x\"\nn = 1\npoints = [[0.2, 1.5]]", "outside"),
            ("kind = \"isotonic\"\nfitted_on = \" \"\nn = 1\npoints = [[0.2, 0.5]]", "fitted_on"),
            ("kind = \"temperature\"\nfitted_on = \"x\"\nn = 1\nt = -1.0", "temperature"),
            ("kind = \"platt\"\nfitted_on = \"x\"\nn = 1", "platt"),
        ] {
            let error = Calibration::read(text, Path::new("c.toml")).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("c.toml"), "{error}");
        }
    }
}
