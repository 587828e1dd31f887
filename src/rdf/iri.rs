//! IRIs as providers write them: what is equal under different spellings, and what can be mended.

use std::{borrow::Cow, fmt::Write as _};

/// Characters that stand in a path segment as they are.
fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Percent-encodes everything but RFC 3986's unreserved characters, so that any text is one path segment.
pub fn encode_segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    // A segment of dots alone would be taken for a step in the path.
    if !out.is_empty() && out.bytes().all(|b| b == b'.') { out.replace('.', "%2E") } else { out }
}

/// Trims white space and percent-encodes the characters that RFC 3987 forbids where they stand: also a percent sign that begins no
/// escape, a second `#`, square brackets outside of the host, and private characters outside of the query. `None` where the text is well
/// formed already or is beyond mending; whether the result is an IRI is for a parser to say.
pub fn mend(text: &str) -> Option<String> {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let host = host(trimmed);
    let query = trimmed.find('?').unwrap_or(trimmed.len())..trimmed.find('#').unwrap_or(trimmed.len());
    let mut out = String::with_capacity(trimmed.len());
    let mut fragment = false;
    for (at, c) in trimmed.char_indices() {
        let encode = match c {
            '[' | ']' => !host.contains(&at),
            '#' => std::mem::replace(&mut fragment, true),
            '%' => !begins_escape(trimmed.get(at + 1..at + 3)),
            '\u{e000}'..='\u{f8ff}' | '\u{f_0000}'..='\u{10_fffd}' => !query.contains(&at),
            _ => is_forbidden(c),
        };
        if encode {
            let mut utf8 = [0; 4];
            for byte in c.encode_utf8(&mut utf8).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    (out != text).then_some(out)
}

fn is_forbidden(c: char) -> bool {
    c <= '\u{20}' || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`' | '\u{7f}'..='\u{a0}') || !is_ucs_char(c)
}

fn begins_escape(next: Option<&str>) -> bool {
    next.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Where the host of an IRI stands, with the user and the port: the only place for square brackets.
fn host(iri: &str) -> std::ops::Range<usize> {
    let start = match iri.find("//") {
        Some(0) => 2,
        Some(at) if iri.get(..at).is_some_and(|scheme| scheme.ends_with(':') && !scheme.contains(['/', '?', '#'])) => at + 2,
        _ => return 0..0,
    };
    let length = iri.get(start..).and_then(|rest| rest.find(['/', '?', '#']));
    start..length.map_or(iri.len(), |length| start + length)
}

/// RFC 3987's `ucschar`, ASCII, and the private characters that it allows in queries.
fn is_ucs_char(c: char) -> bool {
    let code = u32::from(c);
    c.is_ascii() || (matches!(code, 0xA0..=0xD7FF | 0xE000..=0xFDCF | 0xFDF0..=0xFFEF | 0x1_0000..) && code & 0xFFFE != 0xFFFE)
}

/// The other spellings under which the same concept is known: Europeana's `concept/base/N` (until 2021) and `concept/N`, http and https,
/// Getty's pages. The IRI itself comes first.
pub fn spellings(iri: &str) -> Vec<Cow<'_, str>> {
    let mut all = vec![Cow::Borrowed(iri)];
    if let Some(rest) = strip_web(iri, "data.europeana.eu/") {
        for class in ["concept", "agent", "place", "timespan", "organization"] {
            let Some(number) = rest.strip_prefix(class).and_then(|r| r.strip_prefix('/')) else { continue };
            let number = number.strip_prefix("base/").unwrap_or(number);
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
                push_new(&mut all, format!("http://data.europeana.eu/{class}/{number}"));
                push_new(&mut all, format!("http://data.europeana.eu/{class}/base/{number}"));
            }
        }
    } else if let Some(rest) = strip_web(iri, "vocab.getty.edu/") {
        let rest = rest.strip_prefix("page/").or_else(|| rest.strip_prefix("resource/")).unwrap_or(rest);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.strip_prefix("aat/").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            push_new(&mut all, format!("http://vocab.getty.edu/{rest}"));
        }
    } else if let Some(rest) = strip_web(iri, "www.wikidata.org/")
        && let Some(item) = rest.strip_prefix("entity/").or_else(|| rest.strip_prefix("wiki/"))
    {
        push_new(&mut all, format!("http://www.wikidata.org/entity/{item}"));
    }
    all
}

fn strip_web<'i>(iri: &'i str, rest: &str) -> Option<&'i str> {
    iri.strip_prefix("http://").or_else(|| iri.strip_prefix("https://")).and_then(|r| r.strip_prefix(rest))
}

fn push_new(all: &mut Vec<Cow<'_, str>>, iri: String) {
    if !all.iter().any(|known| known.as_ref() == iri) {
        all.push(Cow::Owned(iri));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_cannot_leave_its_place() {
        assert_eq!(encode_segment("../a b/é"), "..%2Fa%20b%2F%C3%A9");
        assert_eq!(encode_segment(".."), "%2E%2E");
    }

    #[test]
    fn spaces_are_mended_and_good_iris_left_alone() {
        assert_eq!(mend(" http://a.example/b c "), Some("http://a.example/b%20c".to_owned()));
        assert_eq!(mend("http://a.example/ü?q=%5B1%5d#a"), None);
        assert_eq!(mend("http://[::1]:80/a[1]?b=[2]#c[3]"), Some("http://[::1]:80/a%5B1%5D?b=%5B2%5D#c%5B3%5D".to_owned()));
        assert_eq!(mend("http://a.example/100%/%e9/a#b#c"), Some("http://a.example/100%25/%e9/a#b%23c".to_owned()));
        assert_eq!(mend("http://a.example/\u{f8ff}?\u{f8ff}"), Some("http://a.example/%EF%A3%BF?\u{f8ff}".to_owned()));
        assert_eq!(mend("http://a.example/{x}|y"), Some("http://a.example/%7Bx%7D%7Cy".to_owned()));
    }

    #[test]
    fn legacy_and_current_spellings_meet() {
        let all = spellings("http://data.europeana.eu/concept/base/46");
        assert!(all.iter().any(|i| i == "http://data.europeana.eu/concept/46"));
        let all = spellings("https://vocab.getty.edu/page/aat/300041620");
        assert!(all.iter().any(|i| i == "http://vocab.getty.edu/aat/300041620"));
        assert_eq!(spellings("http://museum.example/x").len(), 1);
    }
}
