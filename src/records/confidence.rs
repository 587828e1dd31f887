//! Europeana's two attributes on a statement: who made it, and how sure they were.

use super::{GeneratedBy, Note, NoteKind};

/// What the attributes of one property element said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lifted {
    pub(super) line: u64,
    pub(super) generated_by: Option<GeneratedBy>,
    pub(super) confidence: Option<String>,
    /// Why the record that holds the statement must be refused.
    pub(super) refused: Option<String>,
}

impl Lifted {
    /// Takes `edm:confidenceLevel` as a decimal from 0 to 1.
    pub(super) fn take_confidence(&mut self, value: &str) {
        let value = value.trim();
        if is_level(value) {
            self.confidence = Some(value.to_owned());
        } else {
            self.refused = Some(format!("edm:confidenceLevel is `{value}`: it must be a plain decimal from 0 to 1, like 0.87"));
        }
    }

    /// Takes `edm:wasGeneratedBy`; another word than Europeana's two is noted and not kept.
    pub(super) fn take_generated_by(&mut self, value: &str) -> Option<Note> {
        self.generated_by = GeneratedBy::parse(value);
        let text = || format!("edm:wasGeneratedBy is `{value}`, which is neither SoftwareAgent nor Person; it was left out");
        self.generated_by.is_none().then(|| Note::new(self.line, NoteKind::LeftOut, text()))
    }
}

/// Whether the text is an `xsd:decimal` from 0 to 1. Decided on the digits: a float would call 1.00000000000000001 one.
fn is_level(text: &str) -> bool {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) && !(whole.is_empty() && part.is_empty());
    let zero = |digits: &str| digits.bytes().all(|b| b == b'0');
    let whole = whole.trim_start_matches('0');
    all_digits && if negative { whole.is_empty() && zero(part) } else { whole.is_empty() || (whole == "1" && zero(part)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_plain_decimals_from_nought_to_one() {
        for good in ["0.87", "1.0", "0", ".5", "1", "1.", "00.5", "+0.5", "-0", "0.00000000000000000001"] {
            assert!(is_level(good), "{good}");
        }
        for bad in ["1.2", "-0.1", "NaN", "0,87", "1e-3", "8.7E-1", "", ".", "INF", "0.5 ", "1.00000000000000001", "0x1", "--0", "٠"] {
            assert!(!is_level(bad), "{bad}");
        }
    }
}
