//! Confidence: a calibrated number from 0 to 1.

/// How sure we are: calibrated, from 0 to 1 because it cannot be made otherwise.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// A confidence; `None` outside of 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        // `+ 0.0` makes of a negative zero a plain one.
        (0.0..=1.0).contains(&value).then_some(Self(value + 0.0))
    }

    /// A confidence of a sum that may be off by what floating point leaves; `None` for what is no number.
    pub(crate) fn of_sum(value: f64) -> Option<Self> {
        if value.is_nan() { None } else { Self::new(value.clamp(0.0, 1.0)) }
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

/// As `xsd:decimal` wants it: at most four digits after the point, no exponent, no zeros at the end.
impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Only what is certain is written as 1: rounding makes nobody surer than they are.
        let text = if self.0 < 1.0 { format!("{:.4}", self.0.min(0.9999)) } else { "1".to_owned() };
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        f.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_between_0_and_1() {
        for bad in [-0.1, 1.000_1, f64::NAN, f64::INFINITY] {
            assert!(Confidence::new(bad).is_none());
        }
        assert_eq!(Confidence::of_sum(1.000_000_1), Confidence::new(1.0));
        assert!(Confidence::of_sum(f64::NAN).is_none());
    }

    #[test]
    fn it_is_written_plainly() {
        for (value, text) in
            [(0.87, "0.87"), (1.0, "1"), (0.0, "0"), (-0.0, "0"), (0.000_01, "0"), (0.999_96, "0.9999"), (0.123_45, "0.1235"), (0.5, "0.5")]
        {
            assert_eq!(Confidence::new(value).unwrap().to_string(), text);
        }
    }
}
