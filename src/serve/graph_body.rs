//! The body of a graph that is put or added to: unpacked within bounds, looked over for what would hurt a parser, and read.

use std::io::Read as _;

use axum::{
    body::Body,
    extract::{FromRequest as _, Multipart, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use flate2::read::MultiGzDecoder;
use oxigraph::{
    io::{RdfFormat, RdfParseError, RdfParser},
    model::Triple,
};
use quick_xml::{Reader, events::Event};

use super::{ServeError, protocol::text};
use crate::store::{
    query::deepest,
    update::{Ticket, UpdateError},
};

/// How many times larger than what was sent a packed body may become. Small ones may grow to a mebibyte anyhow.
const RATIO: usize = 100;
/// How deep elements, brackets and quoted triples may be nested.
const DEPTH: usize = 128;

/// What the head says of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// One document.
    Document(RdfFormat),
    /// Several, each with a head of its own.
    Multipart,
}

impl Told {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, ServeError> {
        let content_type = text(headers, &header::CONTENT_TYPE);
        if content_type.trim_start().get(..10).is_some_and(|t| t.eq_ignore_ascii_case("multipart/")) {
            return Ok(Self::Multipart);
        }
        format(&content_type).map(Self::Document)
    }
}

fn format(content_type: &str) -> Result<RdfFormat, ServeError> {
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let other = parts.filter_map(|p| p.split_once('=')).find(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset")
            && !matches!(value.trim().trim_matches('"').to_ascii_lowercase().as_str(), "utf-8" | "utf8" | "us-ascii")
    });
    if other.is_some() {
        return Err(unsupported("graphs come in UTF-8"));
    }
    RdfFormat::from_media_type(media_type)
        .ok_or_else(|| unsupported("a graph comes as text/turtle, application/n-triples, application/rdf+xml or application/ld+json; several as multipart/form-data"))
}

fn unsupported(what: &str) -> ServeError {
    ServeError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what)
}

/// The body without its Content-Encoding.
pub(super) fn unpacked(headers: &HeaderMap, bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, ServeError> {
    let coding = text(headers, &header::CONTENT_ENCODING);
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(bytes),
        "gzip" | "x-gzip" => {
            let allowed = most.min(bytes.len().saturating_mul(RATIO).max(1 << 20));
            let mut out = Vec::new();
            let read = MultiGzDecoder::new(bytes.as_slice()).take(allowed as u64 + 1).read_to_end(&mut out);
            read.map_err(|e| ServeError::bad_request(format!("the body is not gzip: {e}")))?;
            if out.len() > allowed {
                let detail =
                    format!("the body unpacks to more than {allowed} bytes: {RATIO} times what was sent, and {most} bytes, are allowed");
                return Err(ServeError::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
            }
            Ok(out)
        }
        _ => Err(unsupported("a body comes as it is, or with Content-Encoding: gzip")),
    }
}

/// One document of a body.
#[derive(Debug)]
pub(super) struct Document {
    format: RdfFormat,
    pub(super) bytes: Vec<u8>,
}

/// The documents of a body.
pub(super) async fn documents(told: Told, parts: Parts, bytes: Vec<u8>) -> Result<Vec<Document>, ServeError> {
    let Told::Document(format) = told else { return from_multipart(parts, bytes).await };
    Ok(vec![Document { format, bytes }])
}

async fn from_multipart(parts: Parts, bytes: Vec<u8>) -> Result<Vec<Document>, ServeError> {
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|e| ServeError::bad_request(e.body_text()))?;
    let mut documents = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|e| ServeError::bad_request(e.body_text()))? {
        let format = format(field.content_type().unwrap_or_default())?;
        let bytes = field.bytes().await.map_err(|e| ServeError::bad_request(e.body_text()))?;
        documents.push(Document { format, bytes: bytes.into() });
    }
    if documents.is_empty() {
        return Err(ServeError::bad_request("the body has no parts"));
    }
    Ok(documents)
}

impl Document {
    /// Reads the document's triples. Blank nodes get names of their own.
    pub(super) fn read(&self, base: &str, ticket: &Ticket, triples: &mut Vec<Triple>) -> Result<(), ServeError> {
        let text = std::str::from_utf8(&self.bytes).map_err(|e| ServeError::bad_request(format!("the body is not UTF-8: {e}")))?;
        match self.format {
            RdfFormat::RdfXml => look_over_xml(text)?,
            _ if deepest(text) > DEPTH => return Err(too_deep()),
            _ => {}
        }
        let parser = RdfParser::from_format(self.format).with_base_iri(base).map_err(|e| ServeError::bad_request(e.to_string()))?;
        for quad in parser.without_named_graphs().rename_blank_nodes().for_slice(text) {
            if ticket.is_stopped() {
                return Err(UpdateError::Stopped.into());
            }
            triples.push(Triple::from(quad.map_err(|e| syntax(&e.into()))?));
        }
        Ok(())
    }
}

fn too_deep() -> ServeError {
    ServeError::bad_request(format!("the body is nested deeper than {DEPTH} levels"))
}

/// No document type, since entities grow and reach out; no deep nesting.
fn look_over_xml(text: &str) -> Result<(), ServeError> {
    let mut reader = Reader::from_str(text);
    let mut depth = 0usize;
    loop {
        match reader.read_event() {
            Ok(Event::DocType(_)) => return Err(ServeError::bad_request("a document type declaration is refused: entities are not read")),
            Ok(Event::Start(_)) => {
                depth += 1;
                if depth > DEPTH {
                    return Err(too_deep());
                }
            }
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            // What is wrong with it, the parser tells better.
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn syntax(error: &RdfParseError) -> ServeError {
    let place = match error {
        RdfParseError::Syntax(error) => error.location().map(|at| (at.start.line as u32 + 1, at.start.column as u32 + 1)),
        RdfParseError::Io(_) => None,
    };
    let at = place.map(|(line, column)| format!(" at line {line}, column {column}")).unwrap_or_default();
    let message: String = error.to_string().chars().take(500).collect();
    ServeError { place, ..ServeError::bad_request(format!("the graph cannot be read{at}: {message}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(format: RdfFormat, text: &str) -> Option<(u16, Option<(u32, u32)>)> {
        let document = Document { format, bytes: text.as_bytes().to_vec() };
        document.read("http://e.example/g", &Ticket::default(), &mut Vec::new()).err().map(|e| (e.status.as_u16(), e.place))
    }

    #[test]
    fn what_is_read_and_what_is_not() {
        let xml =
            |inner: &str| format!("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:e='http://e/'>{inner}</rdf:RDF>");
        assert_eq!(status(RdfFormat::Turtle, "<a> <b> 1 ."), None);
        assert_eq!(status(RdfFormat::RdfXml, &xml("<rdf:Description><e:p>1</e:p></rdf:Description>")), None);
        assert_eq!(status(RdfFormat::Turtle, "<a> <b> 1 .\n<a> <b>"), Some((400, Some((2, 8)))));
        assert_eq!(status(RdfFormat::Turtle, &format!("<a> <b> {}{} .", "(".repeat(500), ")".repeat(500))), Some((400, None)));
        assert_eq!(
            status(RdfFormat::NQuads, "<http://a> <http://b> <http://c> <http://d> ."),
            Some((400, status(RdfFormat::NQuads, "<http://a> <http://b> <http://c> <http://d> .").expect("an error").1))
        );
        let entities = format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{}", xml("&a;"));
        assert_eq!(status(RdfFormat::RdfXml, &entities), Some((400, None)));
        let deep = format!("{}{}", "<rdf:Description><e:p>".repeat(100), "</e:p></rdf:Description>".repeat(100));
        assert_eq!(status(RdfFormat::RdfXml, &xml(&deep)), Some((400, None)));
    }

    #[test]
    fn a_packed_body_may_not_grow_without_end() {
        use std::io::Write as _;
        let packed = |length: usize| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(&vec![b' '; length]).expect("packed");
            encoder.finish().expect("packed")
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, "gzip".parse().expect("a header"));
        let status = |bytes: Vec<u8>| unpacked(&headers, bytes, 64 << 20).map(|b| b.len()).map_err(|e| e.status.as_u16());
        assert_eq!(status(packed(10_000)), Ok(10_000));
        assert_eq!(status(packed(20 << 20)), Err(413));
        assert_eq!(status(b"plain".to_vec()), Err(400));
    }
}
