//! Europeana's entities as documents for its Solr index: `<doc><field name="skos_prefLabel.de">…</field></doc>`, brought back to SKOS.

use std::io::{BufReader, Read};

use oxigraph::model::{Literal, NamedNode, Term, Triple};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::rdf::ns::{dc, dcterms, edm, foaf, owl, rdf, skos};

/// More text than this in one document is no entity.
const MOST_TEXT: usize = 16 << 20;

/// Reads such documents one after the other.
pub(super) struct SolrReader {
    xml: Reader<BufReader<Box<dyn Read>>>,
    buffer: Vec<u8>,
}

/// One document: its fields in order.
#[derive(Default)]
struct Doc {
    fields: Vec<(String, String)>,
    field: Option<String>,
    text: String,
    size: usize,
}

impl SolrReader {
    pub(super) fn new(text: Box<dyn Read>) -> Self {
        Self { xml: Reader::from_reader(BufReader::new(text)), buffer: Vec::new() }
    }

    /// The statements of the next document.
    pub(super) fn next_doc(&mut self) -> Result<Option<Vec<Triple>>, String> {
        let mut doc = Doc::default();
        loop {
            self.buffer.clear();
            match self.xml.read_event_into(&mut self.buffer).map_err(|e| e.to_string())? {
                Event::Start(start) if start.name().as_ref() == FIELD => {
                    doc.field = Some(name_of(&start)?);
                    doc.text.clear();
                }
                Event::Text(text) => doc.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => doc.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => {
                    if let Some(c) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
                        doc.text.push(c);
                    } else {
                        let name = reference.xml_content(XmlVersion::Implicit1_0);
                        let known = quick_xml::escape::resolve_predefined_entity(&name);
                        doc.text.push_str(known.ok_or_else(|| format!("the entity &{name}; is not known"))?);
                    }
                }
                Event::End(end) if end.name().as_ref() == FIELD => {
                    if let Some(field) = doc.field.take() {
                        doc.size += doc.text.len();
                        doc.fields.push((field, doc.text.trim().to_owned()));
                    }
                }
                Event::End(end) if end.name().as_ref() == DOC => return triples(doc).map(Some),
                Event::Eof if doc.fields.is_empty() => return Ok(None),
                Event::Eof => return Err("the file ends in the middle of a document".to_owned()),
                _ => {}
            }
            if doc.size + doc.text.len() > MOST_TEXT {
                return Err("one document holds more than 16 MiB of text".to_owned());
            }
        }
    }
}

const FIELD: &str = "field";
const DOC: &str = "doc";

fn name_of(start: &BytesStart<'_>) -> Result<String, String> {
    let attribute = start.try_get_attribute("name").map_err(|e| e.to_string())?;
    let attribute = attribute.ok_or_else(|| "a field without a name".to_owned())?;
    Ok(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| e.to_string())?.into_owned())
}

/// The statements that the fields stand for. Scores and the copies made for suggestions are Solr's own and left out.
fn triples(doc: Doc) -> Result<Vec<Triple>, String> {
    let id = doc.fields.iter().find(|(name, _)| name == "id").map(|(_, id)| id.clone()).ok_or("a document without an id")?;
    let subject = NamedNode::new_unchecked(id);
    let mut triples = Vec::new();
    for (name, value) in doc.fields {
        if value.is_empty() {
            continue;
        }
        if name == "internal_type" {
            triples.push(Triple::new(subject.clone(), rdf::TYPE, class(&value)));
        } else if let Some((predicate, language)) = predicate(&name) {
            let object: Term = match language {
                Some(language) if !language.is_empty() => Literal::new_language_tagged_literal_unchecked(value, language).into(),
                None if value.starts_with("http://") || value.starts_with("https://") => NamedNode::new_unchecked(value).into(),
                _ => Literal::new_simple_literal(value).into(),
            };
            triples.push(Triple::new(subject.clone(), predicate, object));
        }
    }
    Ok(triples)
}

fn class(name: &str) -> NamedNode {
    match name {
        "Agent" => edm::AGENT.into_owned(),
        "Place" => edm::PLACE.into_owned(),
        "TimeSpan" | "Timespan" => edm::TIME_SPAN.into_owned(),
        "Organization" => foaf::ORGANIZATION.into_owned(),
        _ => skos::CONCEPT.into_owned(),
    }
}

/// `skos_prefLabel.de` is skos:prefLabel in German; a field without a known prefix stands for nothing.
fn predicate(field: &str) -> Option<(NamedNode, Option<String>)> {
    let (field, language) = field.split_once('.').map_or((field, None), |(f, l)| (f, Some(l.to_owned())));
    if field == "isShownBy" {
        // Of its three parts the one without a suffix is the picture's IRI.
        return language.is_none().then(|| (edm::IS_SHOWN_BY.into_owned(), None));
    }
    let (prefix, local) = field.split_once('_')?;
    let namespace = match prefix {
        "skos" => skos::NS,
        "owl" => owl::NS,
        "dc" => dc::NS,
        "dcterms" => dcterms::NS,
        "edm" => edm::NS,
        "foaf" => foaf::NS,
        _ => return None,
    };
    if !local.bytes().all(|b| b.is_ascii_alphanumeric()) || local.is_empty() {
        return None;
    }
    Some((NamedNode::new_unchecked(format!("{namespace}{local}")), language))
}
