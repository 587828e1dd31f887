//! The XML around every answer.

use std::io;

use jiff::Timestamp;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::moment::written;
use crate::rdf::xml::clean;

/// What answers are written with.
pub(super) type Xml = Writer<Vec<u8>>;

const NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/";
/// XML Schema's attributes on documents.
pub(super) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// One answer: when, to what, and its content.
pub(super) fn document(
    base_url: &str,
    at: Timestamp,
    asked: &[(String, String)],
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = xml.create_element("OAI-PMH").with_attributes([
        ("xmlns", NAMESPACE),
        ("xmlns:xsi", SCHEMA_INSTANCE),
        ("xsi:schemaLocation", "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"),
    ]);
    root.write_inner_content(|xml| {
        element(xml, "responseDate", &[], &written(at))?;
        let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        element(xml, "request", &asked, base_url)?;
        content(xml)
    })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// An element with text in it, or an empty one. What XML forbids is left out.
pub(super) fn element(xml: &mut Xml, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
    let mut element = xml.create_element(name);
    for (name, value) in attributes {
        element = element.with_attribute((*name, &*clean(value)));
    }
    if text.is_empty() {
        element.write_empty()?
    } else {
        element.write_text_content(BytesText::new(&clean(text)))?
    };
    Ok(())
}

/// An element around others.
pub(super) fn around(xml: &mut Xml, name: &str, content: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content)?;
    Ok(())
}

/// XML that is written already, without what stands before its root.
pub(super) fn embed(xml: &mut Xml, document: &str) -> io::Result<()> {
    let root = match document.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or(rest, |(_, root)| root),
        None => document,
    };
    xml.write_event(Event::Text(BytesText::from_escaped(format!("\n{}\n", root.trim()))))
}
