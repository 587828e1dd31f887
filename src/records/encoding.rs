//! The characters of an XML document: told from its first bytes and its declaration, and where they cannot be told, why not.

use std::borrow::Cow;

use quick_xml::{Reader, encoding::detect_encoding, events::Event};

use super::{Note, NoteKind, record::Failure};

/// The document as text, and a note where the declaration was wrong about it.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Note>), Failure> {
    let detected = detect_encoding(bytes);
    let body = bytes.get(detected.as_ref().map_or(0, quick_xml::encoding::DetectedEncoding::bom_len)..).unwrap_or_default();
    if let Some(wide) = detected.as_ref().filter(|d| d.encoding().name() != "UTF-8") {
        let text = quick_xml::encoding::decode(body, wide.encoding()).map_err(|e| Failure::new(None, e.to_string()))?;
        return Ok((text, None));
    }
    match declared(body)? {
        Some(declared) if declared.name != "UTF-8" => decode_declared(body, &declared),
        _ => utf8(body).map(|text| (Cow::Borrowed(text), None)),
    }
}

/// The text of an XML document, byte order mark aside; nothing where its encoding cannot be told.
pub fn text_of_document(bytes: &[u8]) -> Option<String> {
    decode(bytes).ok().map(|(text, _)| text.into_owned())
}

struct Declared {
    written: String,
    name: &'static str,
}

/// The encoding that the XML declaration names, if there is a declaration and it names one.
fn declared(body: &[u8]) -> Result<Option<Declared>, Failure> {
    let start = body.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    let head = body.get(start..).unwrap_or_default();
    let Some(end) = head.windows(2).take(1024).position(|w| w == b"?>").filter(|_| head.starts_with(b"<?xml")) else { return Ok(None) };
    let Some(declaration) = head.get(..end + 2).and_then(|d| std::str::from_utf8(d).ok()) else { return Ok(None) };
    let Ok(Event::Decl(decl)) = Reader::from_str(declaration).read_event() else { return Ok(None) };
    let Some(Ok(written)) = decl.encoding() else { return Ok(None) };
    match decl.encoder() {
        Some(encoder) => Ok(Some(Declared { written: written.into_owned(), name: encoder.name() })),
        None => {
            Err(Failure::new(1, format!("the document says that its encoding is `{written}`, which we cannot decode; send it as UTF-8")))
        }
    }
}

/// Decodes by an encoding's name: the declaration is read again, since the encodings' own type is not ours to name.
fn decode_as(body: &[u8], written: &str) -> Option<String> {
    let declaration = format!("<?xml version=\"1.0\" encoding=\"{written}\"?>");
    let Ok(Event::Decl(decl)) = Reader::from_str(&declaration).read_event() else { return None };
    quick_xml::encoding::decode(body, decl.encoder()?).ok().map(Cow::into_owned)
}

fn decode_declared<'b>(body: &'b [u8], declared: &Declared) -> Result<(Cow<'b, str>, Option<Note>), Failure> {
    let written = &declared.written;
    // One byte a character in the declaration, so it cannot be UTF-16: editors leave such a declaration behind when they convert.
    if declared.name.starts_with("UTF-16") {
        let note = Note::new(
            1,
            NoteKind::Mended,
            format!("the document says that its encoding is `{written}` and is UTF-8; it was read as UTF-8"),
        );
        return utf8(body).map(|text| (Cow::Borrowed(text), Some(note)));
    }
    match decode_as(body, written) {
        Some(text) => Ok((Cow::Owned(text), None)),
        None => Err(Failure::new(None, format!("the document says that its encoding is `{written}`, and has bytes that are none of it"))),
    }
}

/// The bytes as UTF-8, or the line where they are not.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes).map_err(|e| {
        let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
        Failure::new(1 + line_breaks(before), "there are bytes that are not UTF-8")
    })
}

/// How many lines end in these bytes.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.split(|b| *b == b'\n').count() as u64 - 1
}

/// The first character of the text that XML cannot carry: control characters, U+FFFE and U+FFFF.
pub(super) fn forbidden_character(text: &str) -> Option<char> {
    text.chars().find(|c| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_believed_unless_the_bytes_say_otherwise() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
        assert!(decode(latin).is_ok_and(|(text, note)| text.contains('é') && note.is_none()));
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("<?xml version='1.0' encoding='UTF-16'?><a>é</a>".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert!(decode(&wide).is_ok_and(|(text, _)| text.contains('é')));
        assert!(decode(b"<?xml version='1.0' encoding='UTF-16'?><a/>").is_ok_and(|(_, note)| note.is_some()));
        assert!(decode(b"\xef\xbb\xbf<a/>").is_ok_and(|(text, _)| text == "<a/>"));
        assert_eq!(decode(b"<a>\n\xff</a>").err().and_then(|f| f.line), Some(2));
        assert!(decode(b"<?xml version='1.0' encoding='EBCDIC-XYZ'?><a/>").is_err());
    }
}
