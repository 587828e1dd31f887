//! One answer of an OAI-PMH provider, taken apart: its headers, each record's metadata as a document of its own, its errors, its token. The
//! frame is read tolerantly, so that one broken record does not take its page with it.

use super::{
    Decoded, Moment, mend,
    tags::{Kind, Tag, Tags, unescape},
};
use crate::records::{Note, NoteKind};

/// Everything that an answer to a request for records holds.
#[derive(Debug, Default)]
pub struct Answer {
    /// When the provider answered, as it wrote it.
    pub response_date: String,
    /// Why there is nothing, or less.
    pub errors: Vec<OaiError>,
    /// Headers with, in lists of records, what they head.
    pub items: Vec<Item>,
    /// Where the list goes on. `None` where the list has one page only; an empty value on its last page.
    pub token: Option<Token>,
    /// Whether the answer has its end: one that broke off may lack records and its token.
    pub whole: bool,
}

/// An error in OAI-PMH's words (section 3.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OaiError {
    /// `badArgument`, `noRecordsMatch`, …
    pub code: String,
    /// What the provider adds.
    pub text: String,
}

/// A place in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// What to ask with; empty where the list has ended.
    pub value: String,
    /// How many records the whole list has, where the provider says so.
    pub complete_size: Option<u64>,
    /// Until when it is good, as the provider wrote it.
    pub expires: Option<String>,
}

/// What a header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The record's identifier with the provider.
    pub identifier: String,
    /// When it last changed, as the provider wrote it.
    pub datestamp: String,
    /// The sets that it is in.
    pub sets: Vec<String>,
    /// Whether it is no more.
    pub deleted: bool,
}

impl Header {
    /// When it last changed.
    pub fn moment(&self) -> Option<Moment> {
        Moment::parse(&self.datestamp)
    }
}

/// A header, and the metadata under it.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// The header.
    pub header: Header,
    /// The metadata.
    pub payload: Option<Payload>,
}

/// A record's metadata as an XML document of its own.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    /// The document: as it came, with the namespaces that were declared around it.
    pub xml: String,
    /// What was mended.
    pub notes: Vec<Note>,
}

impl Answer {
    /// Reads an answer. An error says what it is instead of one.
    pub fn parse(decoded: &Decoded) -> Result<Self, String> {
        let text = decoded.text.as_str();
        let mut walk = Walk { decoded, text, tags: Tags::new(text), scope: Vec::new(), open: None, answer: Self::default() };
        let Some(root) = walk.tags.next().filter(|t| t.local() == "OAI-PMH") else {
            let head: String = text.trim_start().chars().take(60).collect();
            return Err(format!("it is not an OAI-PMH answer: it begins `{}`", head.trim()));
        };
        walk.scope.extend(declarations(&root));
        while let Some(tag) = walk.tags.next() {
            walk.take(&tag);
        }
        Ok(walk.answer)
    }

    /// The error with this code.
    pub fn error(&self, code: &str) -> Option<&OaiError> {
        self.errors.iter().find(|e| e.code == code)
    }
}

/// The text that begins here, up to the next end tag: references and CDATA resolved, white space around it left out.
pub(super) fn text_of(text: &str, from: usize) -> String {
    let rest = text.get(from..).unwrap_or_default();
    let inside = rest.get(..rest.find("</").unwrap_or(rest.len())).unwrap_or_default().trim();
    match inside.strip_prefix("<![CDATA[") {
        Some(cdata) => cdata.strip_suffix("]]>").unwrap_or(cdata).trim().to_owned(),
        None => unescape(inside).trim().to_owned(),
    }
}

/// The namespaces that a tag declares, as they are written.
fn declarations<'t>(tag: &Tag<'t>) -> impl Iterator<Item = (&'t str, &'t str)> {
    tag.attributes().filter(|(name, _)| *name == "xmlns" || name.starts_with("xmlns:"))
}

/// A record that is being read.
#[derive(Default)]
struct Open<'t> {
    item: Item,
    /// The name of its element, or nothing in a list of headers.
    name: &'t str,
    scope: usize,
}

struct Walk<'t> {
    decoded: &'t Decoded,
    text: &'t str,
    tags: Tags<'t>,
    scope: Vec<(&'t str, &'t str)>,
    open: Option<Open<'t>>,
    answer: Answer,
}

impl<'t> Walk<'t> {
    fn take(&mut self, tag: &Tag<'t>) {
        let inside = || text_of(self.text, tag.end);
        match (tag.kind, tag.local()) {
            (Kind::Start, "responseDate") => self.answer.response_date = inside(),
            (Kind::Start | Kind::Empty, "error") => {
                let text = if tag.kind == Kind::Start { inside() } else { String::new() };
                self.answer.errors.push(OaiError { code: tag.attribute("code").unwrap_or_default(), text });
            }
            (Kind::Start, "ListRecords" | "GetRecord" | "ListIdentifiers") => self.scope.extend(declarations(tag)),
            (Kind::Start, "record") => {
                self.close();
                let scope = self.scope.len();
                self.scope.extend(declarations(tag));
                self.open = Some(Open { name: tag.name, scope, ..Open::default() });
            }
            (Kind::Start | Kind::Empty, "header") => {
                if self.open.as_ref().is_none_or(|o| o.name.is_empty()) {
                    self.close();
                    self.open = Some(Open { scope: self.scope.len(), ..Open::default() });
                }
                if let Some(open) = &mut self.open {
                    open.item.header.deleted = tag.attribute("status").is_some_and(|s| s.trim().eq_ignore_ascii_case("deleted"));
                }
            }
            (Kind::Start, "metadata") => self.metadata(tag),
            (Kind::Start, "about") => {
                let end = self.end_of(tag);
                self.tags.leap(end);
            }
            (Kind::Start, "identifier" | "datestamp" | "setSpec") => {
                let text = inside();
                if let Some(Open { item, .. }) = &mut self.open {
                    match tag.local() {
                        "identifier" => item.header.identifier = text,
                        "datestamp" => item.header.datestamp = text,
                        _ => item.header.sets.push(text),
                    }
                }
            }
            (Kind::End, "record") => self.close(),
            (Kind::End, "header") if self.open.as_ref().is_some_and(|o| o.name.is_empty()) => self.close(),
            (Kind::Start | Kind::Empty, "resumptionToken") => self.token(tag),
            (Kind::End, "OAI-PMH") => self.answer.whole = true,
            _ => {}
        }
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.scope.truncate(open.scope);
            self.answer.items.push(open.item);
        }
    }

    fn token(&mut self, tag: &Tag<'t>) {
        self.close();
        let value = if tag.kind == Kind::Start { text_of(self.text, tag.end) } else { String::new() };
        let complete_size = tag.attribute("completeListSize").and_then(|s| s.trim().parse().ok());
        self.answer.token = Some(Token { value, complete_size, expires: tag.attribute("expirationDate") });
    }

    /// Where the content of an element ends. A record that begins inside it, with a header that says
    /// something, ends it too: then its own end is missing.
    fn end_of(&self, opened: &Tag<'t>) -> usize {
        let (mut depth, mut record_at) = (1, None);
        let record = self.open.as_ref().map_or("", |o| o.name);
        for tag in self.tags.clone() {
            if tag.name == opened.name {
                match tag.kind {
                    Kind::Start => depth += 1,
                    Kind::End => depth -= 1,
                    Kind::Empty => {}
                }
                if depth == 0 {
                    return tag.start;
                }
            }
            match record_at {
                Some(at) if tag.local() == "header" && tag.kind == Kind::Start => return at,
                _ => record_at = (tag.name == record && tag.kind == Kind::Start).then_some(tag.start),
            }
        }
        self.text.len()
    }

    fn metadata(&mut self, tag: &Tag<'t>) {
        let end = self.end_of(tag);
        self.tags.leap(end);
        if end == self.text.len() {
            // The answer breaks off inside: what there is of the record is not the record.
            self.open = None;
            return;
        }
        let raw = self.text.get(tag.end..end).unwrap_or_default();
        let scope: Vec<_> = self.scope.iter().copied().chain(declarations(tag)).collect();
        let mut payload = payload(raw, &scope);
        let strange = self.decoded.strange.iter().filter(|at| (tag.end..end).contains(at)).count();
        if strange > 0 {
            let text = format!("bytes that are not UTF-8 were read as Windows-1252, at {strange} place(s)");
            payload.notes.push(Note::new(None, NoteKind::Mended, text));
        }
        payload.notes.extend_from_slice(&self.decoded.notes);
        if let Some(open) = &mut self.open {
            open.item.payload = Some(payload);
        }
    }
}

/// Makes a document of what stands inside `metadata`.
fn payload(raw: &str, scope: &[(&str, &str)]) -> Payload {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(Note::new(1, NoteKind::Mended, text));
    let trimmed = raw.trim();
    let unpacked = if let Some(cdata) = trimmed.strip_prefix("<![CDATA[").and_then(|c| c.strip_suffix("]]>")) {
        note("the metadata stood inside CDATA; it was read as the XML that it is");
        cdata.trim().to_owned()
    } else if trimmed.starts_with("&lt;") {
        note("the metadata was escaped as text; it was read as the XML that it is");
        unescape(trimmed).trim().to_owned()
    } else {
        trimmed.to_owned()
    };
    let (xml, more) = mend(&unpacked);
    notes.extend(more);
    Payload { xml: with_namespaces(&xml, scope), notes }
}

/// Writes what was declared around a document into its first tag, as far as the document uses it and does not declare it itself.
fn with_namespaces(xml: &str, scope: &[(&str, &str)]) -> String {
    let Some(root) = Tags::new(xml).next().filter(|t| t.kind != Kind::End) else { return xml.to_owned() };
    let mut missing: Vec<(&str, &str)> = Vec::new();
    // The nearest declaration holds.
    for (name, value) in scope.iter().rev() {
        let used = match name.strip_prefix("xmlns:") {
            Some(prefix) => xml.contains(&format!("{prefix}:")),
            None => !root.name.contains(':'),
        };
        let known = root.attributes().any(|(n, _)| n == *name) || missing.iter().any(|(n, _)| n == name);
        if used && !known {
            missing.push((name, value));
        }
    }
    let at = root.start + 1 + root.name.len();
    let (head, tail) = xml.split_at(at);
    let mut whole = head.to_owned();
    for (name, value) in missing.iter().rev() {
        whole.extend([" ", name, "=\"", &value.replace('"', "&quot;"), "\""]);
    }
    whole.push_str(tail);
    whole
}

#[cfg(test)]
mod tests {
    use super::super::decode;
    use super::*;

    fn parse(text: &str) -> Answer {
        Answer::parse(&decode(text.as_bytes())).unwrap()
    }

    #[test]
    fn a_page_is_taken_apart_and_a_broken_record_keeps_to_itself() {
        let answer = parse(
            "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/' xmlns:r='urn:r'><responseDate>2024-01-01T00:00:00Z</responseDate><ListRecords>\
             <record><header><identifier>a&amp;1</identifier><datestamp>2024-01-01</datestamp><setSpec>s:t</setSpec></header>\
             <metadata><r:RDF><r:x>AT&T</r:x></r:RDF></metadata><about><record><header/></record></about></record>\
             <record><header status='deleted'><identifier>b</identifier></header></record>\
             <record><header><identifier>c</identifier></header><metadata><r:RDF><r:x></r:RDF>\
             <record><header><identifier>d</identifier></header><metadata><![CDATA[<x/>]]></metadata></record>\
             <resumptionToken completeListSize='9' cursor='0'> t&amp;1 </resumptionToken></ListRecords></OAI-PMH>",
        );
        assert!(answer.whole);
        let identifiers: Vec<_> = answer.items.iter().map(|i| (i.header.identifier.as_str(), i.header.deleted)).collect();
        assert_eq!(identifiers, [("a&1", false), ("b", true), ("c", false), ("d", false)]);
        assert_eq!(answer.token.as_ref().map(|t| (t.value.as_str(), t.complete_size)), Some(("t&1", Some(9))));
        let first = answer.items[0].payload.as_ref().unwrap();
        assert_eq!(first.xml, "<r:RDF xmlns:r=\"urn:r\"><r:x>AT&amp;T</r:x></r:RDF>");
        assert_eq!(first.notes.len(), 1);
        assert_eq!(answer.items[0].header.sets, ["s:t"]);
        assert_eq!(answer.items[3].payload.as_ref().map(|p| p.xml.contains("<x ")), Some(true));
    }

    #[test]
    fn an_answer_that_breaks_off_says_so() {
        let answer = parse(
            "<OAI-PMH><ListRecords><record><header><identifier>a</identifier></header><metadata><x/></metadata></record><record><header><identifier>b</identifier></header><metadata><x>",
        );
        assert!(!answer.whole && answer.token.is_none());
        assert_eq!(answer.items.len(), 1);
        assert!(Answer::parse(&decode(b"broken xml")).is_err_and(|e| e.contains("broken xml")));
        assert!(Answer::parse(&decode(b"<html><body>maintenance</body></html>")).is_err());
    }

    #[test]
    fn headers_and_errors_are_read() {
        let answer = parse(
            "<o:OAI-PMH xmlns:o='x'><o:ListIdentifiers><o:header><o:identifier>a</o:identifier></o:header><o:header status='deleted'><o:identifier>b</o:identifier></o:header><o:resumptionToken/></o:ListIdentifiers></o:OAI-PMH>",
        );
        assert_eq!(answer.items.len(), 2);
        assert!(answer.items[1].header.deleted);
        assert_eq!(answer.token, Some(Token::default()));
        let answer = parse("<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>");
        assert!(answer.error("noRecordsMatch").is_some() && answer.items.is_empty());
    }
}
