//! The words of a SPARQL text, told apart in one pass: what the guard counts, without the grammar.

/// One token; white space and comments are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name without a colon: a keyword, a built-in function, `a`, `true`.
    Word(&'t str),
    /// A term that is whole in itself: an IRI, a prefixed name, a variable, a literal's text, a number, a blank node.
    Term,
    /// An IRI in angle brackets, as it stands between them.
    Iri(&'t str),
    /// A language tag, which belongs to the string before it.
    Language,
    /// `^^`, which ties a datatype to the string before it.
    Datatype,
    /// `&&` or `||`.
    Logic,
    /// `<<`, which opens a triple in a triple.
    OpenTriple,
    /// `>>`, which closes one.
    CloseTriple,
    /// A quote without its partner.
    Unclosed,
    /// Any other character.
    Mark(u8),
}

/// Reads a text from its beginning.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    /// Whether the last token was an operand, so that a sign after it is an operator.
    operand: bool,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, operand: false }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// The next token and where it begins.
    pub(super) fn next(&mut self) -> Option<(usize, Token<'t>)> {
        self.skip_blank();
        let start = self.at;
        let first = self.byte(0)?;
        let token = match first {
            b'<' => self.angle(),
            b'>' if self.byte(1) == Some(b'>') => self.mark(2, Token::CloseTriple),
            b'"' | b'\'' => self.string(first),
            b'?' | b'$' if self.byte(1).is_some_and(is_name) => self.variable(),
            b'@' if self.byte(1).is_some_and(|b| b.is_ascii_alphabetic()) => {
                self.at += 1;
                self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'-');
                Token::Language
            }
            b'^' if self.byte(1) == Some(b'^') => self.mark(2, Token::Datatype),
            b'&' | b'|' if self.byte(1) == Some(first) => self.mark(2, Token::Logic),
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            b'+' | b'-' if !self.operand && self.byte(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            _ if is_name(first) || matches!(first, b':' | b'%' | b'\\') => self.name(),
            _ => self.mark(1, Token::Mark(first)),
        };
        self.operand = match token {
            Token::Term | Token::Iri(_) | Token::Language | Token::CloseTriple => true,
            Token::Mark(mark) => matches!(mark, b')' | b']'),
            _ => false,
        };
        Some((start, token))
    }

    fn skip_blank(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.skip_while(|b| b != b'\n' && b != b'\r'),
                _ => return,
            }
        }
    }

    fn skip_while(&mut self, go_on: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&go_on) {
            self.at += 1;
        }
    }

    fn mark(&mut self, length: usize, token: Token<'t>) -> Token<'t> {
        self.at += length;
        token
    }

    /// An IRI where the characters up to the next `>` may stand in one; else an operator.
    fn angle(&mut self) -> Token<'t> {
        if self.byte(1) == Some(b'<') {
            return self.mark(2, Token::OpenTriple);
        }
        let rest = &self.text[self.at + 1..];
        let end = rest.bytes().position(|b| matches!(b, 0..=0x20 | b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'^' | b'`'));
        match end {
            Some(end) if rest.as_bytes()[end] == b'>' => self.mark(end + 2, Token::Iri(&rest[..end])),
            _ => self.mark(1, Token::Mark(b'<')),
        }
    }

    /// A string, short or long.
    fn string(&mut self, quote: u8) -> Token<'t> {
        let long = self.byte(1) == Some(quote) && self.byte(2) == Some(quote);
        let bytes = self.text.as_bytes();
        let mut at = self.at + if long { 3 } else { 1 };
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' | b'\r' if !long => break,
                _ if byte != quote => at += 1,
                _ if !long => return self.ends(at + 1),
                _ if bytes[at..].starts_with(&[quote; 3]) => return self.ends(at + 3),
                _ => at += 1,
            }
        }
        self.mark(1, Token::Unclosed)
    }

    fn ends(&mut self, at: usize) -> Token<'t> {
        self.at = at;
        Token::Term
    }

    fn variable(&mut self) -> Token<'t> {
        self.at += 1;
        self.skip_while(is_name);
        Token::Term
    }

    fn number(&mut self) -> Token<'t> {
        self.at += usize::from(matches!(self.byte(0), Some(b'+' | b'-')));
        self.skip_while(|b| b.is_ascii_digit());
        if self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
            self.skip_while(|b| b.is_ascii_digit());
        }
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
            if self.byte(1 + sign).is_some_and(|b| b.is_ascii_digit()) {
                self.at += 1 + sign;
                self.skip_while(|b| b.is_ascii_digit());
            }
        }
        Token::Term
    }

    /// A word, or a prefixed name with its escapes and inner dots.
    fn name(&mut self) -> Token<'t> {
        let start = self.at;
        let mut colon = false;
        while let Some(byte) = self.byte(0) {
            match byte {
                b':' => {
                    colon = true;
                    self.at += 1;
                }
                b'\\' if colon && self.byte(1).is_some_and(|b| b.is_ascii_punctuation()) => self.at += 2,
                b'\\' if self.at == start => self.at += 1,
                b'%' | b'-' => self.at += 1,
                b'.' => {
                    let dots = self.dots();
                    if dots == 0 {
                        break;
                    }
                    self.at += dots;
                }
                _ if is_name(byte) => self.at += 1,
                _ => break,
            }
        }
        if colon { Token::Term } else { Token::Word(&self.text[start..self.at]) }
    }

    /// How many dots here lead on in the name: those at its end do not belong to it.
    fn dots(&self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let dots = rest.iter().take_while(|b| **b == b'.').count();
        let leads_on = rest.get(dots).is_some_and(|b| is_name(*b) || matches!(b, b'-' | b':' | b'%'));
        if leads_on { dots } else { 0 }
    }
}

/// Letters, digits, the underscore, and everything beyond ASCII.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Token<'_>> {
        let mut tokens = Tokens::new(text);
        std::iter::from_fn(|| tokens.next().map(|(_, t)| t)).collect()
    }

    #[test]
    fn strings_iris_and_comments_hide_what_is_in_them() {
        assert_eq!(
            all("\"{{\\\"{\" '''((''(''' <http://e/(> # {{{\n?x"),
            [Token::Term, Token::Term, Token::Iri("http://e/("), Token::Term]
        );
    }

    #[test]
    fn less_than_is_no_iri() {
        assert_eq!(all("?a < 3"), [Token::Term, Token::Mark(b'<'), Token::Term]);
        assert_eq!(all("?a<=?b"), [Token::Term, Token::Mark(b'<'), Token::Mark(b'='), Token::Term]);
    }

    #[test]
    fn names_take_their_escapes_and_not_the_last_dot() {
        assert_eq!(all("ex:a.b\\(c. a"), [Token::Term, Token::Mark(b'.'), Token::Word("a")]);
        assert_eq!(all("SERVICE service:x ?service"), [Token::Word("SERVICE"), Token::Term, Token::Term]);
    }

    #[test]
    fn an_open_quote_hides_nothing() {
        assert_eq!(all("\"a {"), [Token::Unclosed, Token::Word("a"), Token::Mark(b'{')]);
    }

    #[test]
    fn numbers_and_signs() {
        assert_eq!(all("1-1"), [Token::Term, Token::Mark(b'-'), Token::Term]);
        assert_eq!(all("-1.5e3 +2"), [Token::Term, Token::Mark(b'+'), Token::Term]);
        assert_eq!(all("1."), [Token::Term, Token::Mark(b'.')]);
    }
}
