//! What providers' XML most often suffers from: bytes of another encoding, characters that XML forbids, ampersands that begin nothing. What
//! can only mean one thing is mended, with a note.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use crate::records::{
    Note, NoteKind,
    encoding::{self, forbidden_character},
};

/// An answer as text.
#[derive(Debug)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// What was noted about the whole of it.
    pub notes: Vec<Note>,
    /// Where bytes stood that are not of the encoding; they were read as Windows-1252.
    pub strange: Vec<usize>,
}

/// The characters of an answer. Bytes that are no UTF-8 are read as Windows-1252, which is what they nearly always are.
pub fn decode(bytes: &[u8]) -> Decoded {
    match encoding::decode(bytes) {
        Ok((text, note)) => Decoded { text: text.into_owned(), notes: note.into_iter().collect(), strange: Vec::new() },
        Err(_) => patch(bytes),
    }
}

fn patch(bytes: &[u8]) -> Decoded {
    let (mut text, mut strange) = (String::with_capacity(bytes.len()), Vec::new());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            strange.push(text.len());
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    Decoded { text, notes: Vec::new(), strange }
}

/// One record's XML without the characters that XML forbids, and with its lone ampersands written as they must be.
pub fn mend(xml: &str) -> (Cow<'_, str>, Vec<Note>) {
    let mut notes = Vec::new();
    let xml = without_forbidden(Cow::Borrowed(xml), &mut notes);
    (with_references(xml, &mut notes), notes)
}

fn mended(line: u64, text: String) -> Note {
    Note::new(line, NoteKind::Mended, text)
}

fn without_forbidden<'x>(xml: Cow<'x, str>, notes: &mut Vec<Note>) -> Cow<'x, str> {
    if forbidden_character(&xml).is_none() {
        return xml;
    }
    let (mut out, mut line) = (String::with_capacity(xml.len()), 1);
    for c in xml.chars() {
        line += u64::from(c == '\n');
        let mut utf8 = [0; 4];
        if forbidden_character(c.encode_utf8(&mut utf8)).is_some() {
            notes.push(mended(line, format!("the character U+{:04X}, which XML forbids, was left out", u32::from(c))));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Goes through the ampersands: a reference to a forbidden character is left out, one that is no reference becomes `&amp;`.
fn with_references<'x>(xml: Cow<'x, str>, notes: &mut Vec<Note>) -> Cow<'x, str> {
    let (mut out, mut rest, mut line, mut in_cdata) = (String::new(), xml.as_ref(), 1, false);
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        line += before.matches('\n').count() as u64;
        out.push_str(before);
        // Inside CDATA an ampersand is itself.
        let mut between = before;
        while let Some((_, behind)) = between.split_once(if in_cdata { "]]>" } else { "<![CDATA[" }) {
            (in_cdata, between) = (!in_cdata, behind);
        }
        let reference = after.get(1..).and_then(|r| r.split_once(';')).map(|(name, _)| name).filter(|name| is_reference(name));
        match reference {
            _ if in_cdata => out.push('&'),
            None => {
                notes.push(mended(line, "an ampersand that begins no reference was written as `&amp;`".to_owned()));
                out.push_str("&amp;");
            }
            Some(name) => match forbidden_reference(name) {
                Some(code) => {
                    notes.push(mended(line, format!("a reference to U+{code:04X}, which XML forbids, was left out")));
                    rest = after.get(name.len() + 2..).unwrap_or_default();
                    continue;
                }
                None => out.push('&'),
            },
        }
        rest = after.get(1..).unwrap_or_default();
    }
    if notes.is_empty() && out.len() + rest.len() == xml.len() {
        return xml;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether this may stand between `&` and `;`.
fn is_reference(name: &str) -> bool {
    match name.strip_prefix('#') {
        Some(number) => code(number).is_some(),
        None => name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= 32 && name.chars().all(|c| c.is_ascii_alphanumeric()),
    }
}

fn code(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

/// The number of a character that must not be referred to, if this is one.
fn forbidden_reference(name: &str) -> Option<u32> {
    let number = code(name.strip_prefix('#')?)?;
    let forbidden = char::from_u32(number).is_none_or(|c| forbidden_character(c.encode_utf8(&mut [0; 4])).is_some());
    forbidden.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_only_mean_one_thing_is_mended() {
        let (text, notes) = mend("<a>\nb\u{1}c &#x1; &#233; AT&T &amp; ?x=1&y=2 <![CDATA[a & b]]></a>");
        assert_eq!(text, "<a>\nbc  &#233; AT&amp;T &amp; ?x=1&amp;y=2 <![CDATA[a & b]]></a>");
        assert_eq!(notes.iter().map(|n| n.line).collect::<Vec<_>>(), [Some(2); 4]);
        let (text, notes) = mend("<a>good &lt; &unknown;</a>");
        assert!(matches!(text, Cow::Borrowed(_)) && notes.is_empty());
    }

    #[test]
    fn bytes_of_windows_are_read_as_such() {
        let decoded = decode(b"<?xml version='1.0' encoding='UTF-8'?><a>caf\xe9 \x80 \xc3\xa9</a>");
        assert!(decoded.text.ends_with("<a>café € é</a>"), "{}", decoded.text);
        assert_eq!(decoded.strange.len(), 2);
        assert!(decode("<a>é</a>".as_bytes()).strange.is_empty());
    }
}
