//! What a text query asks for, in the words of Lucene's query syntax: words, phrases in quotes, `*` and `?`, AND, OR, NOT, `+`, `-`, parentheses.

use super::words::words_of;

/// A text query that was read. Whatever is written, it is one: what is no operator is a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// A word.
    Word(String),
    /// A word with `*` or `?` in it.
    Pattern(String),
    /// Words that stand beside one another.
    Phrase(Vec<String>),
    /// What must be there, what may, and what must not. Where something must be there, what may does not matter.
    All { must: Vec<Self>, may: Vec<Self>, not: Vec<Self> },
}

/// How deep parentheses may be within one another; deeper ones are passed over.
const DEEPEST: usize = 16;

#[derive(Debug)]
enum Token {
    And,
    Or,
    Not,
    Must,
    Open,
    Close,
    Part(Text),
}

impl Text {
    pub(super) fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut at = 0;
        group(&tokens, &mut at, 0)
    }
}

fn group(tokens: &[Token], at: &mut usize, depth: usize) -> Text {
    let (mut must, mut may, mut not): (Vec<Text>, Vec<Text>, Vec<Text>) = Default::default();
    let (mut and, mut negated, mut required) = (false, false, false);
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        let part = match token {
            Token::And => {
                // What stands before it must be there too.
                must.extend(may.pop());
                and = true;
                continue;
            }
            Token::Not => {
                negated = true;
                continue;
            }
            Token::Must => {
                required = true;
                continue;
            }
            Token::Open if depth < DEEPEST => group(tokens, at, depth + 1),
            Token::Close if depth > 0 => break,
            Token::Or | Token::Open | Token::Close => continue,
            Token::Part(part) => part.clone(),
        };
        let place = if negated {
            &mut not
        } else if and || required {
            &mut must
        } else {
            &mut may
        };
        place.push(part);
        (and, negated, required) = (false, false, false);
    }
    Text::All { must, may, not }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let mut one = |token: Token| tokens.push(token);
        rest = match first {
            '(' => {
                one(Token::Open);
                &rest[1..]
            }
            ')' => {
                one(Token::Close);
                &rest[1..]
            }
            '+' => {
                one(Token::Must);
                &rest[1..]
            }
            '-' | '!' => {
                one(Token::Not);
                &rest[1..]
            }
            '"' => {
                let (quoted, behind) = rest[1..].split_once('"').unwrap_or((&rest[1..], ""));
                tokens.extend(phrase(quoted).map(Token::Part));
                behind
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len());
                let (word, behind) = rest.split_at(end);
                match word {
                    "AND" | "&&" => one(Token::And),
                    "OR" | "||" => one(Token::Or),
                    "NOT" => one(Token::Not),
                    _ => tokens.extend(word_or_pattern(word).map(Token::Part)),
                }
                behind
            }
        }
        .trim_start();
    }
    tokens
}

fn phrase(text: &str) -> Option<Text> {
    let words: Vec<String> = words_of(text).collect();
    match words.as_slice() {
        [] => None,
        [word] => Some(Text::Word(word.clone())),
        _ => Some(Text::Phrase(words)),
    }
}

fn word_or_pattern(word: &str) -> Option<Text> {
    // `~` asks for what is near, `^` for more weight: the word itself is near enough, and nothing is weighed.
    let word = word.split(['~', '^']).next().unwrap_or_default();
    if !word.contains(['*', '?']) {
        return phrase(word);
    }
    let folded: String = word.split_inclusive(['*', '?']).map(folded_piece).collect();
    (folded.chars().any(char::is_alphanumeric)).then_some(Text::Pattern(folded))
}

fn folded_piece(piece: &str) -> String {
    let mark: String = piece.chars().filter(|c| matches!(c, '*' | '?')).collect();
    words_of(piece).collect::<String>() + &mark
}
