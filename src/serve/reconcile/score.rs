//! How well a name fits a label, from 0 to 100: the same words, the words without the qualifier, words in another order, near spellings.

use std::collections::HashSet;

use crate::store::fold_label;

/// A name or a label, made ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Folded, whole.
    pub(super) whole: String,
    /// Folded, without the qualifier in brackets.
    pub(super) plain: String,
    /// The words of the plain name.
    pub(super) words: Vec<String>,
    /// The words of the qualifier.
    qualifier: Vec<String>,
}

impl Name {
    /// Reads a name: `lutes (string instruments)` has a qualifier.
    pub(super) fn of(text: &str) -> Self {
        let whole = fold_label(text);
        let (plain, qualifier) = match (whole.split_once('('), whole.ends_with(')')) {
            (Some((plain, rest)), true) if !plain.trim().is_empty() => (plain.trim().to_owned(), words(rest.trim_end_matches(')'))),
            _ => (whole.clone(), Vec::new()),
        };
        Self { words: words(&plain), plain, qualifier, whole }
    }

    /// How well this name, which somebody gave, fits a label.
    pub(super) fn fits(&self, label: &Self) -> f64 {
        if self.whole == label.whole {
            return 100.0;
        }
        let qualified = if self.qualifier.is_empty() || label.qualifier.is_empty() {
            // Who gives no qualifier means the word; one that only they give may set apart, or may say more than the label does.
            if self.qualifier.is_empty() { 0.95 } else { 0.9 }
        } else {
            0.7 + 0.3 * overlap(&self.qualifier, &label.qualifier)
        };
        let plain = if self.plain == label.plain {
            1.0
        } else if self.words.len() > 1 && sorted(&self.words) == sorted(&label.words) {
            0.96
        } else {
            let near = overlap(&self.words, &label.words).max(spelled(&self.plain, &label.plain));
            (0.92 * near).max(within(&label.words, &self.words))
        };
        let same = self.qualifier == label.qualifier;
        100.0 * plain * if same { 1.0 } else { qualified }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn sorted(words: &[String]) -> Vec<&String> {
    let mut words: Vec<&String> = words.iter().collect();
    words.sort_unstable();
    words
}

/// How many words both have, of all that they have; a word counts in part where it is spelled nearly the same.
fn overlap(one: &[String], other: &[String]) -> f64 {
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    let mut taken = HashSet::new();
    let mut shared = 0.0;
    for word in one {
        let best = other.iter().enumerate().filter(|(at, _)| !taken.contains(at)).map(|(at, o)| (at, alike(word, o)));
        if let Some((at, near)) = best.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, near)| *near >= 0.7) {
            taken.insert(at);
            shared += near;
        }
    }
    2.0 * shared / (one.len() + other.len()) as f64
}

/// A label all of whose words stand in a longer name is at least broader than what is meant: `baskets` for `basket with lid`.
fn within(label: &[String], name: &[String]) -> f64 {
    let all = label.iter().all(|l| name.iter().any(|n| alike(n, l) >= 0.95));
    if label.is_empty() || !all { 0.0 } else { 0.55 + 0.3 * (label.len() as f64 / name.len().max(1) as f64).min(1.0) }
}

/// How nearly two words are the same; thesauri name in the plural what catalogues name in the singular.
fn alike(one: &str, other: &str) -> f64 {
    let singular = |word: &str| match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    };
    let plural = |one: &str, other: &str| one.strip_suffix("es") == Some(other) && other.ends_with(['s', 'x', 'z', 'h']);
    if one != other && one.len() > 2 && (singular(one) == singular(other) || plural(one, other) || plural(other, one)) {
        return 0.98;
    }
    spelled(one, other)
}

/// How nearly two texts are spelled the same: 1 less the edits, as a part of the longer.
fn spelled(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longest = one.len().max(other.len());
    let shortest = one.len().min(other.len());
    // Too different in length to be near: not worth the table.
    if longest == 0 || shortest * 2 < longest {
        return 0.0;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let substituted = before + usize::from(a != b);
            before = row[j + 1];
            row[j + 1] = substituted.min(before + 1).min(row[j] + 1);
        }
    }
    1.0 - row[other.len()] as f64 / longest as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(name: &str, label: &str) -> f64 {
        Name::of(name).fits(&Name::of(label))
    }

    #[test]
    fn the_better_fit_has_the_higher_score() {
        let falling = [
            fits("Abbeys (monasteries)", "abbeys (monasteries)"),
            fits("abbeys", "abbeys (monasteries)"),
            fits("abbey", "abbeys (monasteries)"),
            fits("abbeys", "cathedrals"),
        ];
        assert!(falling.windows(2).all(|w| w[0] > w[1]), "{falling:?}");
        assert!(
            fits("columns (architectural elements)", "columns (architectural elements)")
                > fits("columns (architectural elements)", "columns (legal)")
        );
        assert!(
            fits("jar", "jars (vessels)") > fits("jar", "jar openers")
                && fits("church", "churches") > 85.0
                && fits("abbey", "abbeys") > 85.0
        );
        assert!(fits("basket with lid", "baskets (containers)") > fits("basket with lid", "basket-hilts (weapon components)"));
        assert!(fits("electric guitars", "guitars, electric") > 90.0);
        assert!(fits("flying butresses", "flying buttresses") > 80.0);
        assert!(fits("Kathedrale", "kathedrale") > 99.9);
        assert!(fits("vase", "column") < 40.0);
    }
}
