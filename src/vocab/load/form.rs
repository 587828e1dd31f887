//! How a document is written, told from its name's ending and, where that leaves it open, from its first bytes.

use oxigraph::io::RdfFormat;

use super::{json, source::ending, sssom};
use crate::rdf::syntax;

/// How many bytes are looked at.
pub(super) const HEAD: u64 = 1 << 16;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// RDF in one of its syntaxes.
    Rdf(RdfFormat),
    /// Europeana's entities as JSON that names no context: one, or a page of them.
    EntityObject,
    /// A list of Europeana's entities as JSON that names no context.
    EntityList,
    /// Europeana's entities as documents for its Solr index.
    Solr,
    /// A table of IRIs; the byte stands between its cells.
    Table(u8),
    /// A JSON object from labels to IRIs.
    LabelMap,
    /// A table of mappings as SSSOM has it, with its metadata in lines before it; the byte stands between its cells.
    Sssom(u8),
    /// SSSOM's metadata in a file of their own.
    MappingMetadata,
}

impl Form {
    /// Whether it makes a mapping set rather than a vocabulary.
    pub(super) fn is_table(self) -> bool {
        matches!(self, Self::Table(_) | Self::LabelMap | Self::Sssom(_) | Self::MappingMetadata)
    }

    /// Whether it is JSON, which is not read line by line.
    pub(super) fn is_json(self) -> bool {
        matches!(self, Self::Rdf(RdfFormat::JsonLd { .. }) | Self::EntityObject | Self::EntityList | Self::LabelMap)
    }

    /// Whether every statement stands on a line of its own, so that a bad one can be left out.
    pub(super) fn is_by_line(self) -> bool {
        matches!(self, Self::Rdf(RdfFormat::NTriples | RdfFormat::NQuads))
    }
}

/// The form of a document, or why it cannot be told.
pub(super) fn form_of(name: &str, head: &[u8]) -> Result<Form, String> {
    let lower = name.to_ascii_lowercase();
    let plain = lower.strip_suffix(".gz").unwrap_or(&lower);
    let text = String::from_utf8_lossy(head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head));
    let text = text.trim_start();
    match ending(plain).as_str() {
        "csv" => Ok(table(text, b',')),
        "tsv" | "tab" => Ok(table(text, b'\t')),
        "yml" | "yaml" => Ok(Form::MappingMetadata),
        "json" | "jsonld" => json::form_of(text),
        _ => match syntax::from_file_name(plain) {
            Some(RdfFormat::RdfXml) => xml_form(text),
            Some(format) => Ok(Form::Rdf(format)),
            None => form_by_content(text),
        },
    }
}

/// A table of mappings is known by its header, which stands behind its metadata.
fn table(text: &str, delimiter: u8) -> Form {
    let header = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    if sssom::is_header(header, char::from(delimiter)) { Form::Sssom(delimiter) } else { Form::Table(delimiter) }
}

fn form_by_content(text: &str) -> Result<Form, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.starts_with(['{', '[']) {
        return json::form_of(text);
    }
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default().trim_start();
    let lower = first.to_ascii_lowercase();
    if ["@prefix", "@base", "prefix ", "base "].iter().any(|word| lower.starts_with(word)) {
        // TriG takes all of Turtle.
        return Ok(Form::Rdf(RdfFormat::TriG));
    }
    let is_iri =
        first.strip_prefix('<').is_some_and(|rest| rest.split_once('>').is_some_and(|(iri, _)| iri.contains(':') && !iri.contains(' ')));
    if first.starts_with("_:") || (is_iri && !first.starts_with("<rdf:RDF>")) {
        // N-Quads take all of N-Triples.
        return Ok(Form::Rdf(RdfFormat::NQuads));
    }
    if text.starts_with('<') {
        return xml_form(text);
    }
    if first.contains('\t') {
        return Ok(Form::Table(b'\t'));
    }
    Err("neither its name's ending nor its beginning tells what it is".to_owned())
}

/// XML is RDF/XML, or documents for Solr: the root element tells.
fn xml_form(text: &str) -> Result<Form, String> {
    if entities_in_entities(text) {
        return Err("its document type declares entities that are made of entities".to_owned());
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        if after.starts_with(['?', '!']) {
            rest = after;
            continue;
        }
        let root: String = after.chars().take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/')).collect();
        return Ok(if matches!(root.as_str(), "doc" | "add" | "docs") { Form::Solr } else { Form::Rdf(RdfFormat::RdfXml) });
    }
    Err("it should be XML, but has no element".to_owned())
}

/// Entities made of several entities grow without bound; namespaces, the one thing they are used for in RDF/XML, need none. A document
/// type that goes on beyond what we look at is refused too.
fn entities_in_entities(text: &str) -> bool {
    let Some((_, doctype)) = text.split_once("<!DOCTYPE") else { return false };
    let Some((declared, _)) = doctype.split_once("]>").or_else(|| doctype.split_once('>')) else { return true };
    let own = |reference: &&str| {
        !reference.starts_with(['#']) && !["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|p| reference.starts_with(p))
    };
    declared.split("<!ENTITY").skip(1).any(|entity| entity.split('&').skip(1).filter(own).count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_tells_what_the_name_does_not() {
        assert_eq!(form_of("aat", b"<http://a.example/s> <http://a.example/p> \"x\" ."), Ok(Form::Rdf(RdfFormat::NQuads)));
        assert_eq!(form_of("x.txt", b"# c\n@prefix a: <http://a.example/> ."), Ok(Form::Rdf(RdfFormat::TriG)));
        assert_eq!(form_of("x", b"<?xml version='1.0'?><rdf:RDF>"), Ok(Form::Rdf(RdfFormat::RdfXml)));
        assert_eq!(form_of("x.xml", b"\n<doc><field name='id'>"), Ok(Form::Solr));
        assert!(form_of("x.txt", b"hello").is_err());
    }

    #[test]
    fn entities_that_explode_are_refused_and_namespaces_are_not() {
        let declared = |entities: &str| format!("<!DOCTYPE rdf:RDF [{entities}]><rdf:RDF></rdf:RDF>");
        assert!(form_of("x.rdf", declared("<!ENTITY skos \"http://a.example/\"><!ENTITY s \"&skos;core\">").as_bytes()).is_ok());
        assert!(form_of("x.rdf", declared("<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">").as_bytes()).is_err());
    }
}
