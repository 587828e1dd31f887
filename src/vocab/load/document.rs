//! The statements of one document, whatever its form, as they come: nothing is held but what the parser holds.

use std::{
    cell::Cell,
    collections::VecDeque,
    io::{BufReader, Read},
    rc::Rc,
};

use oxigraph::{
    io::{JsonLdProfile, JsonLdProfileSet, RdfFormat, RdfParseError, RdfParser, ReaderQuadParser},
    model::{GraphName, Quad, Triple},
};

use super::{form::Form, json, solr::SolrReader, source::Document};
use crate::vocab::VocabError;

/// Larger JSON-LD is read as it streams, which wants its context first.
const BUFFERED_JSON: u64 = 16 << 20;

/// What reading on may give.
pub(super) enum Read1 {
    /// A statement, and whether it stood in a named graph.
    Triple(Triple, bool),
    /// A line that is none; the next may be.
    BadLine(Option<u64>, String),
}

/// An open document.
pub(super) struct OpenDocument {
    name: String,
    by_line: bool,
    parser: Parser,
    lines: Rc<Cell<u64>>,
}

enum Parser {
    Rdf(Box<ReaderQuadParser<Box<dyn Read>>>),
    Solr(SolrReader, VecDeque<Triple>),
}

impl OpenDocument {
    /// Opens a document that is no table. Relative references are resolved against the base.
    pub(super) fn open(document: &Document, base: &str) -> Result<Self, VocabError> {
        let mut text = document.open()?;
        let lines = Rc::new(Cell::new(0));
        let cannot = |source| VocabError::File { doing: "read", path: document.path.clone(), source };
        let parser = match document.form {
            Form::Rdf(RdfFormat::RdfXml) => rdf(RdfFormat::RdfXml, base, Box::new(LineByLine::new(text, Rc::clone(&lines)))),
            Form::Rdf(RdfFormat::JsonLd { profile }) => rdf(
                RdfFormat::JsonLd { profile: if document.size > BUFFERED_JSON { JsonLdProfile::Streaming.into() } else { profile } },
                base,
                text,
            ),
            Form::Rdf(format) => rdf(format, base, text),
            Form::EntityObject | Form::EntityList => {
                text = json::with_context(document.form, text).map_err(cannot)?;
                let profile = if document.size > BUFFERED_JSON { JsonLdProfile::Streaming.into() } else { JsonLdProfileSet::empty() };
                rdf(RdfFormat::JsonLd { profile }, base, text)
            }
            // Tables are read elsewhere; whoever brings one here gets no statement out of it.
            Form::Table(_) | Form::LabelMap | Form::Sssom(_) | Form::MappingMetadata => {
                rdf(RdfFormat::NTriples, base, Box::new(std::io::empty()))
            }
            Form::Solr => Parser::Solr(SolrReader::new(Box::new(LineByLine::new(text, Rc::clone(&lines)))), VecDeque::new()),
        };
        Ok(Self { name: document.name.clone(), by_line: document.form.is_by_line(), parser, lines })
    }

    /// The next statement. An error here refuses the load.
    pub(super) fn next(&mut self) -> Option<Result<Read1, VocabError>> {
        match &mut self.parser {
            Parser::Rdf(parser) => match parser.next()? {
                Ok(Quad { subject, predicate, object, graph_name }) => {
                    Some(Ok(Read1::Triple(Triple { subject, predicate, object }, graph_name != GraphName::DefaultGraph)))
                }
                Err(error) => Some(self.bad(&error)),
            },
            Parser::Solr(reader, waiting) => loop {
                if let Some(triple) = waiting.pop_front() {
                    return Some(Ok(Read1::Triple(triple, false)));
                }
                match reader.next_doc() {
                    Ok(Some(triples)) => waiting.extend(triples),
                    Ok(None) => return None,
                    Err(reason) => {
                        let place = format!(":{}", self.lines.get());
                        return Some(Err(VocabError::Syntax { file: self.name.clone(), place, reason }));
                    }
                }
            },
        }
    }

    fn bad(&self, error: &RdfParseError) -> Result<Read1, VocabError> {
        let start = match error {
            RdfParseError::Syntax(error) => error.location().map(|l| l.start),
            RdfParseError::Io(_) => None,
        };
        if self.by_line && matches!(error, RdfParseError::Syntax(_)) {
            return Ok(Read1::BadLine(start.map(|s| s.line + 1), error.to_string()));
        }
        let place = match start {
            Some(start) => format!(":{}:{}", start.line + 1, start.column + 1),
            None if self.lines.get() > 0 => format!(":{}", self.lines.get()),
            None => String::new(),
        };
        Err(VocabError::Syntax { file: self.name.clone(), place, reason: error.to_string() })
    }
}

fn rdf(format: RdfFormat, base: &str, text: Box<dyn Read>) -> Parser {
    // IRIs and language tags are checked and mended afterwards; a strict parser would refuse the whole file for one of them.
    let parser = RdfParser::from_format(format).lenient();
    let parser = parser.clone().with_base_iri(base).unwrap_or(parser);
    Parser::Rdf(Box::new(parser.for_reader(text).with_document_loader(json::load_context)))
}

/// Hands on a line at a time and counts them, since the XML parser does not say where it is.
struct LineByLine {
    inner: BufReader<Box<dyn Read>>,
    lines: Rc<Cell<u64>>,
    ended: bool,
}

impl LineByLine {
    fn new(inner: Box<dyn Read>, lines: Rc<Cell<u64>>) -> Self {
        Self { inner: BufReader::with_capacity(1 << 16, inner), lines, ended: true }
    }
}

impl Read for LineByLine {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use std::io::BufRead as _;
        let there = self.inner.fill_buf()?;
        let end = there.iter().position(|b| *b == b'\n').map_or(there.len(), |at| at + 1);
        let take = end.min(buffer.len());
        let (Some(from), Some(to)) = (there.get(..take), buffer.get_mut(..take)) else { return Ok(0) };
        to.copy_from_slice(from);
        if take > 0 {
            if self.ended {
                self.lines.set(self.lines.get() + 1);
            }
            self.ended = from.last() == Some(&b'\n');
        }
        self.inner.consume(take);
        Ok(take)
    }
}
