//! Character n-grams: the pieces of two to four letters by which spellings are compared.

/// The shortest and the longest piece.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=4;
/// How much of a text is cut into pieces: labels are short, and what is longer is no label.
const MOST_CHARS: usize = 160;

/// The pieces of a text's words, each with how often it stands there. A word is cut with the space before and behind it.
pub(super) fn grams(text: &str) -> Vec<(String, u32)> {
    let text: String = text.chars().take(MOST_CHARS).collect();
    let mut all: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let padded: Vec<char> = std::iter::once(' ').chain(word.chars()).chain(std::iter::once(' ')).collect();
        for length in LENGTHS {
            all.extend(padded.windows(length).map(|w| w.iter().collect::<String>()));
        }
    }
    all.sort_unstable();
    let mut counted: Vec<(String, u32)> = Vec::new();
    for gram in all {
        match counted.last_mut() {
            Some((last, count)) if *last == gram => *count += 1,
            _ => counted.push((gram, 1)),
        }
    }
    counted
}

/// How much a piece tells, by how many of all labels have it (smoothed inverse document frequency).
pub(super) fn weight(labels: u64, with: u64) -> f64 {
    ((1.0 + labels as f64) / (1.0 + with as f64)).ln() + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_pieces() {
        let pieces = grams("lute");
        assert!(
            pieces.contains(&(" l".to_owned(), 1)) && pieces.contains(&("lute".to_owned(), 1)) && pieces.contains(&("te ".to_owned(), 1))
        );
        assert_eq!(grams("aaa").iter().find(|(g, _)| g == "aa").map(|(_, n)| *n), Some(2));
        assert!(weight(100, 1) > weight(100, 50));
    }
}
