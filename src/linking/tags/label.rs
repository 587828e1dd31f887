//! Labels with numbers in them, as services print them: `Plant 94.56 %` is a plant, at 0.9456.

/// A number as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Score {
    /// With a percent sign.
    Percent(f64),
    /// Without.
    Plain(f64),
}

impl Score {
    /// From 0 to 1. A plain number over 1 is a percentage: all services that go over 1 count to 100.
    pub fn part(self) -> Option<f64> {
        let part = match self {
            Self::Percent(n) => n / 100.0,
            Self::Plain(n) if n > 1.0 => n / 100.0,
            Self::Plain(n) => n,
        };
        // Six digits: what division leaves behind the last of them is no part of what they said.
        (0.0..=1.0).contains(&part).then(|| (part * 1e6).round() / 1e6)
    }
}

/// Reads `94.56 %`, `0.9456`, `94,56%`.
pub fn read_score(text: &str) -> Option<Score> {
    let text = text.trim();
    let (number, percent) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text, false),
    };
    let plain = number.replace(',', ".");
    let number: f64 = plain.parse().ok().filter(|n: &f64| n.is_finite())?;
    Some(if percent { Score::Percent(number) } else { Score::Plain(number) })
}

/// Takes the number off a label: `Office ruler 72.71 %`, `lute (0.83)`, `lute: 83%`. A bare number is a part of the label (`Boeing 747`).
pub fn split_label(text: &str) -> (String, Option<Score>) {
    let text = text.trim();
    if let Some(rest) = text.strip_suffix('%') {
        let number = rest.trim_end();
        let at = number
            .rfind(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .map_or(0, |at| at + number[at..].chars().next().map_or(1, char::len_utf8));
        if let Some(Score::Plain(n) | Score::Percent(n)) = read_score(&number[at..]) {
            return (trimmed(&number[..at]), Some(Score::Percent(n)));
        }
    }
    if let Some((label, number)) = text.strip_suffix(')').and_then(|t| t.rsplit_once('('))
        && let Some(score) = read_score(number)
    {
        return (trimmed(label), Some(score));
    }
    if let Some((label, number)) = text.rsplit_once(':')
        && let Some(score) = read_score(number)
    {
        return (trimmed(label), Some(score));
    }
    (text.to_owned(), None)
}

fn trimmed(label: &str) -> String {
    label.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '(' | '-' | ',' | '–')).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_off_labels() {
        for (text, label, part) in [
            ("Plant 94.56 %", "Plant", Some(0.9456)),
            ("Office ruler 72.71%", "Office ruler", Some(0.7271)),
            ("lute (0.83)", "lute", Some(0.83)),
            ("lute: 83%", "lute", Some(0.83)),
            ("Möbel 94,5 %", "Möbel", Some(0.945)),
            ("Boeing 747", "Boeing 747", None),
            ("100 %", "", Some(1.0)),
        ] {
            let (found, score) = split_label(text);
            assert_eq!((found.as_str(), score.and_then(Score::part)), (label, part), "{text}");
        }
        assert_eq!(read_score("94.56").and_then(Score::part), Some(0.9456));
        assert_eq!(read_score("140 %").and_then(Score::part), None);
        assert_eq!(read_score("high"), None);
    }
}
