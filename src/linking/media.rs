//! Strings that say what something is made of: the longest labels of the materials' branch, from left to right, with what such strings mean
//! by words that mean something else elsewhere (`oil on canvas` is oil paint, `pencil` is graphite).
//!
//! The rules were chosen on the records with an odd number of the Walters Art Museum's; `benches/linking` prints how they do on the others.

use std::ops::Range;

use super::{Concepts, LinkingError, language::speak_alike};
use crate::{
    store::fold_label,
    vocab::{Fit, LabelHit, LabelIndex},
};

/// The longest label, in words.
const MOST_WORDS: usize = 6;
/// How much of a text is read.
const MOST_TOKENS: usize = 60;

/// Words that stand for a material of another name, in English. The second kind only where they are put *on* something.
const STANDS_FOR: [(&str, &str, bool); 9] = [
    ("oil", "oil paint", true),
    ("oils", "oil paint", true),
    ("acrylic", "acrylic paint", true),
    ("acrylics", "acrylic paint", true),
    ("enamels", "enamel paint", true),
    ("pencil", "graphite", false),
    ("lead pencil", "graphite", false),
    ("graphite pencil", "graphite", false),
    ("watercolour", "watercolor (paint)", false),
];
/// `cream-colored paper` has no cream in it.
const COLOURED: [&str; 6] = ["colored", "coloured", "tinted", "toned", "like", "shaped"];

/// A word of a text, and where it stands.
#[derive(Clone, Debug)]
struct Token {
    word: String,
    at: Range<usize>,
    /// Whether nothing but white space or a hyphen stands before it.
    goes_on: bool,
    /// Whether a hyphen joins it to the word before.
    hyphened: bool,
}

/// A material that was found in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    /// The label that was found.
    pub hit: LabelHit,
    /// The words, as bytes of the text.
    pub words: Range<usize>,
}

/// Reads what things are made of.
#[derive(Clone, Copy, Debug)]
pub struct MediaReader<'r, 's> {
    pub(super) index: &'r LabelIndex<'s>,
    pub(super) concepts: &'r Concepts<'s>,
    /// The tops of the branches in which materials are looked for.
    pub(super) within: &'r [String],
}

impl<'r, 's> MediaReader<'r, 's> {
    /// A reader for the materials below these tops.
    pub fn new(index: &'r LabelIndex<'s>, concepts: &'r Concepts<'s>, within: &'r [String]) -> Self {
        Self { index, concepts, within }
    }

    /// The materials that a text names, in its order, each concept once.
    pub fn read(&self, text: &str, language: Option<&str>) -> Result<Vec<Material>, LinkingError> {
        let tokens = tokens(text);
        let mut found: Vec<Material> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            if is_colour_of_something(&tokens, at) {
                at += 2;
                continue;
            }
            let mut step = 1;
            for length in (1..=run(&tokens, at).min(MOST_WORDS)).rev() {
                let last = at + length - 1;
                // A part of a hyphenated word is not the word: there is no wax in `lost-wax-cast`.
                if tokens.get(last + 1).is_some_and(|next| next.hyphened) {
                    continue;
                }
                let words = tokens[at].at.start..tokens[last].at.end;
                if let Some(hit) = self.material(text, words.clone(), &tokens[last + 1..], language)? {
                    if !found.iter().any(|m| m.hit.concept == hit.concept) {
                        found.push(Material { hit, words });
                    }
                    step = length;
                    break;
                }
            }
            at += step;
        }
        Ok(found)
    }

    fn material(&self, text: &str, words: Range<usize>, rest: &[Token], language: Option<&str>) -> Result<Option<LabelHit>, LinkingError> {
        let said = fold_label(&text[words]);
        let is_english = language.is_none_or(|l| l == "en");
        let put_on = rest.iter().any(|t| t.word == "on");
        let meant = STANDS_FOR.iter().find(|(word, _, on)| is_english && *word == said && (!on || put_on || rest.is_empty()));
        if let Some((_, label, _)) = meant
            && let Some(hit) = self.best(label, language)?
        {
            return Ok(Some(hit));
        }
        self.best(&said, language)
    }

    /// The label that fits best among those of materials.
    fn best(&self, text: &str, language: Option<&str>) -> Result<Option<LabelHit>, LinkingError> {
        let mut best: Option<(Fit, bool, LabelHit)> = None;
        for (hit, fit) in self.index.named(text)? {
            let better = best.as_ref().is_none_or(|(f, preferred, _)| (fit, hit.preferred) > (*f, *preferred));
            if better
                && speak_alike(&hit.language, language)
                && self.concepts.stands(&hit)?
                && self.concepts.is_within(&hit.concept, self.within)?
            {
                best = Some((fit, hit.preferred, hit));
            }
        }
        Ok(best.map(|(_, _, hit)| hit))
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut start, mut between) = (None, String::from(","));
    for (at, c) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
        match (start, c.is_alphanumeric() || (c == '\'' || c == '’')) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let goes_on = between.chars().all(|b| b.is_whitespace() || b == '-' || b == '‐');
                let hyphened = matches!(between.as_str(), "-" | "‐");
                tokens.push(Token { word: fold_label(&text[from..at]), at: from..at, goes_on, hyphened });
                between.clear();
                between.push(c);
                start = None;
            }
            (None, false) => between.push(c),
            (Some(_), true) => {}
        }
        if tokens.len() == MOST_TOKENS {
            break;
        }
    }
    tokens
}

/// How many words go on from this one without a comma or a bracket between them.
fn run(tokens: &[Token], at: usize) -> usize {
    1 + tokens[at + 1..].iter().take_while(|t| t.goes_on).count()
}

fn is_colour_of_something(tokens: &[Token], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|next| next.goes_on && COLOURED.contains(&next.word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_words_and_their_places() {
        let text = "Öl auf Leinwand, lost-wax-cast";
        let tokens = tokens(text);
        let words: Vec<&str> = tokens.iter().map(|t| t.word.as_str()).collect();
        assert_eq!(words, ["ol", "auf", "leinwand", "lost", "wax", "cast"]);
        assert_eq!(&text[tokens[2].at.clone()], "Leinwand");
        assert!(!tokens[3].goes_on && tokens[4].hyphened && tokens[1].goes_on);
        assert_eq!(run(&tokens, 0), 3);
        assert!(is_colour_of_something(&super::tokens("cream-colored paper"), 0));
    }
}
