//! How sure something is, and how that is said: a calibrated confidence and a raw score are never shown alike.

/// How sure an annotation is. The two are never shown alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Certainty {
    /// Calibrated, 0 to 1.
    Confidence(f64),
    /// What the network, the linker or somebody else gave, and of which kind: "softmax", "labelmatch", "agreement"; an ontology’s name in
    /// lower case.
    Score {
        /// The number.
        value: f64,
        /// The kind.
        kind: String,
    },
    /// A person said it.
    #[default]
    Person,
}

impl Certainty {
    /// The calibrated confidence, for a bar.
    pub fn confidence(&self) -> Option<f64> {
        if let Self::Confidence(confidence) = self { Some(*confidence) } else { None }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Confidence(confidence) => format!("confidence {}", figure(*confidence)),
            Self::Score { value, kind } => scored(*value, kind),
            Self::Person => "said by a person".to_owned(),
        }
    }
}

/// A score in words: what the number is, by its kind. None of them is a confidence.
fn scored(value: f64, kind: &str) -> String {
    let figure = figure(value);
    match kind {
        "labelmatch" => "the record’s words are one of its labels (no confidence)".to_owned(),
        "likeness" => format!("likeness {figure} of the record’s words (no confidence)"),
        "servicescore" => format!("score {figure} by a service (not calibrated)"),
        "agreement" => format!("{figure} of the votes (not calibrated)"),
        kind => format!("score {figure} ({kind}, not calibrated)"),
    }
}

/// Two digits, or as many as it takes not to round up to certainty or down to nothing; four at most, and then cut off.
fn figure(value: f64) -> String {
    let honest = |digits: &i32| {
        let scale = 10f64.powi(*digits);
        value.fract() == 0.0 || (value * scale).round() / scale % 1.0 != 0.0
    };
    match (2..=4).find(honest) {
        Some(digits) => format!("{value:.*}", digits as usize),
        None => format!("{:.4}", (value * 10_000.0).trunc() / 10_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_rounded_to_certainty() {
        let words = |value| Certainty::Confidence(value).words();
        assert_eq!(words(0.871), "confidence 0.87");
        assert_eq!(words(0.9964), "confidence 0.996");
        assert_eq!(words(0.99999), "confidence 0.9999");
        assert_eq!(words(0.0004), "confidence 0.0004");
        assert_eq!(words(1.0), "confidence 1.00");
    }
}
