//! What a query may look like: counted in one pass over its text, before a parser that recurses sees it.
//!
//! Without the grammar a few texts can be read two ways (`?a<?b#>` is an IRI or the beginning of a comment), so that somebody who means it
//! gets past. That costs them their worker, which is a process of its own: the guard is there to answer soon and well. An update is parsed in
//! our own process, so [`check_strictly`] refuses what can be read two ways.

use serde::{Deserialize, Serialize};

use super::tokens::{Token, Tokens};

/// How much of each thing one query may hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuardLimits {
    /// Bytes of text that come in the body of a request.
    pub text: usize,
    /// Bytes of text that come in an address.
    pub text_in_address: usize,
    /// Braces, parentheses and brackets within one another.
    pub nesting: usize,
    /// `!` after `!`.
    pub unary: usize,
    /// Triple patterns, members of collections among them.
    pub patterns: usize,
    /// Groups in braces: arms of UNION, OPTIONAL, sub-selects and their like, with BIND and FILTER.
    pub arms: usize,
    /// `&&`, `||`, `|`, `/`, and signs of arithmetic.
    pub operators: usize,
    /// Values in VALUES blocks.
    pub cells: usize,
}

impl Default for GuardLimits {
    fn default() -> Self {
        Self { text: 1 << 20, text_in_address: 64 << 10, nesting: 100, unary: 100, patterns: 500, arms: 500, operators: 500, cells: 10_000 }
    }
}

impl GuardLimits {
    /// The limits for a query that came in an address.
    #[must_use]
    pub fn in_address(&self) -> Self {
        Self { text: self.text_in_address, ..self.clone() }
    }
}

/// Which limit a query meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// The text's length.
    Text,
    /// Nesting.
    Nesting,
    /// A chain of `!`.
    Unary,
    /// Triple patterns.
    Patterns,
    /// Groups.
    Arms,
    /// Operators.
    Operators,
    /// Values in VALUES.
    Cells,
    /// SERVICE, which is not served at all.
    Service,
    /// A string that does not end.
    Strings,
    /// A `<` that can be read two ways.
    Ambiguous,
}

impl Limit {
    /// Its name, as messages and problem details tell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "bytes of text",
            Self::Nesting => "nesting of braces, brackets and parentheses",
            Self::Unary => "`!` in a row",
            Self::Patterns => "triple patterns",
            Self::Arms => "groups (arms of UNION, OPTIONAL and their like)",
            Self::Operators => "operators (&&, ||, path arms and steps, arithmetic)",
            Self::Cells => "values in VALUES",
            Self::Service => "SERVICE",
            Self::Strings => "strings without an end",
            Self::Ambiguous => "`<` that can be read two ways",
        }
    }
}

/// A query that is not even parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct Refusal {
    /// The limit that it meets.
    pub limit: Limit,
    /// How many were found when we stopped looking.
    pub found: usize,
    /// How many are allowed.
    pub allowed: usize,
    /// The line where it was met, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
}

impl Refusal {
    fn message(&self) -> String {
        let Self { limit, found, allowed, line, column } = self;
        match limit {
            Limit::Service => format!("this endpoint asks no other endpoint: SERVICE at line {line}, column {column} is refused"),
            Limit::Strings => format!("the string that begins at line {line}, column {column} has no end"),
            Limit::Ambiguous => {
                format!("the `<` at line {line}, column {column} can be less-than or the beginning of an IRI: put a space after it")
            }
            _ => format!("the query has {found} {} at line {line}, column {column}; {allowed} are allowed", limit.name()),
        }
    }
}

/// Looks a query over, in time linear in its length.
pub fn check(text: &str, limits: &GuardLimits) -> Result<(), Refusal> {
    look_over(text, limits, false)
}

/// The same, and nothing may be read two ways: what is counted is what the parser sees.
pub fn check_strictly(text: &str, limits: &GuardLimits) -> Result<(), Refusal> {
    look_over(text, limits, true)
}

fn look_over(text: &str, limits: &GuardLimits, strictly: bool) -> Result<(), Refusal> {
    let refuse = |limit, found, allowed, at: usize| {
        let before = &text[..at.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        Refusal { limit, found, allowed, line, column: before[line_start..].chars().count() + 1 }
    };
    if text.len() > limits.text {
        return Err(refuse(Limit::Text, text.len(), limits.text, 0));
    }
    let mut counts = Counts::default();
    let mut tokens = Tokens::new(text);
    while let Some((at, token)) = tokens.next() {
        if let Some(limit) = Counts::forbidden(token) {
            return Err(refuse(limit, 1, 0, at));
        }
        if strictly && counts.is_ambiguous(token) {
            return Err(refuse(Limit::Ambiguous, 1, 0, at));
        }
        counts.take(token);
        if let Some((limit, found, allowed)) = counts.over(limits) {
            return Err(refuse(limit, found, allowed, at));
        }
    }
    Ok(())
}

/// How deep brackets of any kind stand within one another, in SPARQL, Turtle and its kin, or JSON. In time linear in the text's length.
pub fn deepest(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut tokens = Tokens::new(text);
    while let Some((_, token)) = tokens.next() {
        match token {
            Token::OpenTriple | Token::Mark(b'(' | b'[' | b'{') => depth += 1,
            Token::CloseTriple | Token::Mark(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What an opened bracket is the beginning of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// Braces around patterns, or brackets of a blank node.
    Patterns,
    /// Braces of a VALUES block.
    Values,
    /// Parentheses.
    Parentheses,
    /// Parentheses in a VALUES block.
    Row,
}

/// What was seen so far.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing about the token before, and they vary freely")]
struct Counts {
    open: Vec<Open>,
    /// Parentheses opened in what looks like an IRI but may be an expression: `?a<((?b)&&(?c>1)`.
    hidden: usize,
    deepest_hidden: usize,
    unary: usize,
    patterns: usize,
    arms: usize,
    operators: usize,
    cells: usize,
    /// VALUES was said and its braces did not come yet.
    values: bool,
    /// The next term begins a triple pattern.
    fresh: bool,
    /// The last token was a term, so that another beside it makes a collection.
    beside: bool,
    /// The next term is the datatype of the last.
    tied: bool,
}

impl Counts {
    fn forbidden(token: Token<'_>) -> Option<Limit> {
        match token {
            Token::Word(word) if word.eq_ignore_ascii_case("service") => Some(Limit::Service),
            Token::Unclosed => Some(Limit::Strings),
            _ => None,
        }
    }

    /// Whether this token, which we take for an IRI or for the beginning of a quoted triple, can be less-than to the parser, which would then
    /// see comments and strings where we see none. Expressions stand in parentheses, and a comparison follows an operand; read as less-than,
    /// `http://…` is an error at its slashes, before anything that could hide something.
    fn is_ambiguous(&self, token: Token<'_>) -> bool {
        let compared = self.beside && matches!(self.open.last(), Some(Open::Parentheses));
        compared
            && match token {
                Token::Iri(iri) => {
                    let scheme = iri.bytes().take_while(u8::is_ascii_alphanumeric).count();
                    iri.contains(['#', '\'']) && !(scheme > 0 && iri[scheme..].starts_with("://"))
                }
                Token::OpenTriple => true,
                _ => false,
            }
    }

    fn over(&self, limits: &GuardLimits) -> Option<(Limit, usize, usize)> {
        [
            (Limit::Nesting, self.open.len() + self.hidden + self.deepest_hidden, limits.nesting),
            (Limit::Unary, self.unary, limits.unary),
            (Limit::Patterns, self.patterns, limits.patterns),
            (Limit::Arms, self.arms, limits.arms),
            (Limit::Operators, self.operators, limits.operators),
            (Limit::Cells, self.cells, limits.cells),
        ]
        .into_iter()
        .find(|(_, found, allowed)| found > allowed)
    }

    fn take(&mut self, token: Token<'_>) {
        self.deepest_hidden = 0;
        if token != Token::Mark(b'!') {
            self.unary = 0;
        }
        match token {
            Token::Word(word) => self.word(word),
            Token::Term => self.term(),
            Token::Iri(iri) => {
                self.iri(iri);
                self.term();
            }
            Token::Datatype => self.tied = true,
            Token::Logic => self.operator(),
            Token::OpenTriple => {
                self.term();
                self.open.push(Open::Parentheses);
                self.beside = false;
            }
            Token::CloseTriple => self.close(),
            Token::Mark(mark) => self.mark(mark),
            Token::Language | Token::Unclosed => {}
        }
    }

    fn word(&mut self, word: &str) {
        if word.eq_ignore_ascii_case("values") {
            self.values = true;
        } else if ["filter", "bind"].iter().any(|k| word.eq_ignore_ascii_case(k)) {
            self.arms += 1;
        } else if ["true", "false", "undef"].iter().any(|k| word.eq_ignore_ascii_case(k)) {
            return self.term();
        }
        self.beside = false;
    }

    fn term(&mut self) {
        if std::mem::take(&mut self.tied) {
            return;
        }
        match self.open.last() {
            Some(Open::Values | Open::Row) => self.cells += 1,
            Some(Open::Patterns) if std::mem::take(&mut self.fresh) => self.patterns += 1,
            Some(Open::Parentheses) if self.beside && !self.values => self.patterns += 1,
            _ => {}
        }
        self.beside = true;
    }

    /// An IRI with parentheses that do not close counts as if it had opened them.
    fn iri(&mut self, iri: &str) {
        let mut depth = 0usize;
        for byte in iri.bytes() {
            match byte {
                b'(' | b'[' | b'!' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                b'&' => self.operators += usize::from(iri.contains("&&")),
                _ => {}
            }
            self.deepest_hidden = self.deepest_hidden.max(depth);
        }
        self.hidden += depth;
        self.deepest_hidden = self.deepest_hidden.saturating_sub(depth);
    }

    fn operator(&mut self) {
        // Between values a sign is part of a number.
        self.operators += usize::from(!matches!(self.open.last(), Some(Open::Values | Open::Row)));
        self.beside = false;
    }

    fn mark(&mut self, mark: u8) {
        match mark {
            b'{' => {
                let kind = if std::mem::take(&mut self.values) { Open::Values } else { Open::Patterns };
                self.arms += 1;
                self.enter(kind);
            }
            b'[' => {
                self.term();
                self.enter(Open::Patterns);
            }
            b'(' => {
                let kind = if matches!(self.open.last(), Some(Open::Values)) { Open::Row } else { Open::Parentheses };
                if kind == Open::Parentheses && self.open.last() == Some(&Open::Parentheses) && self.beside {
                    self.patterns += 1;
                }
                self.enter(kind);
            }
            b'}' | b']' | b')' => {
                self.close();
                // What follows a closed group begins anew; what follows a blank node or a collection goes on.
                self.fresh = mark == b'}';
                self.beside = mark != b'}';
            }
            b'!' => {
                self.unary += 1;
                self.beside = false;
            }
            b'.' | b';' | b',' => {
                self.fresh = true;
                self.beside = false;
            }
            b'|' | b'/' | b'*' | b'+' | b'-' => self.operator(),
            _ => self.beside = false,
        }
    }

    fn enter(&mut self, kind: Open) {
        self.open.push(kind);
        self.fresh = true;
        self.beside = false;
    }

    fn close(&mut self) {
        self.open.pop();
        self.fresh = false;
        self.beside = true;
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
