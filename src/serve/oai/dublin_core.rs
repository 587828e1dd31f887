//! A record as simple Dublin Core: what the provider says, and the concepts that are published, by their names and IRIs.

use std::{collections::HashSet, io};

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNodeRef, TermRef, Triple};
use quick_xml::Writer;

use super::{
    record::Unwritten,
    response::{SCHEMA_INSTANCE, element},
};
use crate::{
    publication::published_concepts,
    rdf::ns::{dc, dcterms, skos},
    records::RecordView,
    store::{Listed, Store},
    vocab::Vocabularies,
};

/// Dublin Core's elements, and the properties whose values they take.
const ELEMENTS: &[(&str, &[NamedNodeRef<'static>])] = &[
    ("dc:title", &[dc::TITLE]),
    ("dc:creator", &[dc::CREATOR]),
    ("dc:subject", &[dc::SUBJECT]),
    ("dc:description", &[dc::DESCRIPTION]),
    ("dc:publisher", &[dc::PUBLISHER]),
    ("dc:contributor", &[dc::CONTRIBUTOR]),
    ("dc:date", &[dc::DATE, dcterms::CREATED, dcterms::ISSUED]),
    ("dc:type", &[dc::TYPE]),
    ("dc:format", &[dc::FORMAT, dcterms::MEDIUM, dcterms::EXTENT]),
    ("dc:identifier", &[dc::IDENTIFIER]),
    ("dc:source", &[dc::SOURCE]),
    ("dc:language", &[dc::LANGUAGE]),
    ("dc:relation", &[dc::RELATION, dcterms::IS_PART_OF]),
    ("dc:coverage", &[dc::COVERAGE, dcterms::SPATIAL, dcterms::TEMPORAL]),
    ("dc:rights", &[dc::RIGHTS]),
];

/// The elements of one record, in their order.
struct Elements<'t> {
    triples: &'t [Triple],
    said: Vec<(&'static str, String, String)>,
    known: HashSet<(&'static str, String, String)>,
}

/// The document.
pub(super) fn document(store: &Store, listed: &Listed) -> Result<String, Unwritten> {
    let triples = store.triples(&store.base().source_graph(&listed.key))?;
    let cho = NamedNode::new_unchecked(&listed.cho);
    let view = RecordView::new(cho.as_ref(), &triples);
    let published = published_concepts(store, &listed.key)?;
    let vocabularies = Vocabularies::new(store).map_err(|error| Unwritten::Ours(error.to_string()))?;
    let mut elements = Elements { triples: &triples, said: Vec::new(), known: HashSet::new() };
    for (name, properties) in ELEMENTS {
        let mut values: Vec<TermRef<'_>> = properties.iter().flat_map(|property| view.said(*property)).collect();
        values.extend(view.rights().filter(|_| *name == "dc:rights"));
        values.sort_by_cached_key(ToString::to_string);
        for value in values {
            elements.value(name, value);
        }
        for (_, concept) in published.iter().filter(|(property, _)| element_of(property) == *name) {
            let label = vocabularies.label(concept.as_str(), &["en"]).map_err(|error| Unwritten::Ours(error.to_string()))?;
            if let Some(label) = label {
                elements.text(name, &label.language, &label.text);
            }
            elements.text(name, "", concept.as_str());
        }
        match *name {
            "dc:type" => view.edm_type().into_iter().for_each(|kind| elements.text(name, "", kind)),
            "dc:identifier" => {
                elements.text(name, "", &listed.cho);
                view.is_shown_at().into_iter().for_each(|page| elements.text(name, "", page.as_str()));
            }
            _ => {}
        }
    }
    Ok(written(&elements.said)?)
}

/// Where a published statement stands.
fn element_of(property: &NamedNode) -> &'static str {
    let found = ELEMENTS.iter().find(|(_, properties)| properties.contains(&property.as_ref()));
    found.map_or("dc:subject", |(name, _)| name)
}

impl Elements<'_> {
    /// A value as text: something with an IRI by the names that the record gives it, and by its IRI.
    fn value(&mut self, name: &'static str, value: TermRef<'_>) {
        match value {
            TermRef::Literal(literal) => self.text(name, literal.language().unwrap_or_default(), literal.value()),
            TermRef::NamedNode(node) => {
                self.labels(name, node.into());
                self.text(name, "", node.as_str());
            }
            TermRef::BlankNode(node) => self.labels(name, node.into()),
            TermRef::Triple(_) => {}
        }
    }

    fn labels(&mut self, name: &'static str, of: NamedOrBlankNodeRef<'_>) {
        let triples = self.triples;
        for triple in triples.iter().filter(|t| t.subject.as_ref() == of && t.predicate == skos::PREF_LABEL) {
            if let TermRef::Literal(label) = triple.object.as_ref() {
                self.text(name, label.language().unwrap_or_default(), label.value());
            }
        }
    }

    fn text(&mut self, name: &'static str, language: &str, text: &str) {
        let said = (name, language.to_owned(), text.trim().to_owned());
        if !said.2.is_empty() && self.known.insert(said.clone()) {
            self.said.push(said);
        }
    }
}

fn written(said: &[(&'static str, String, String)]) -> io::Result<String> {
    const NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/oai_dc/";
    let location = format!("{NAMESPACE} http://www.openarchives.org/OAI/2.0/oai_dc.xsd");
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let root = xml.create_element("oai_dc:dc").with_attributes([
        ("xmlns:oai_dc", NAMESPACE),
        ("xmlns:dc", dc::NS),
        ("xmlns:xsi", SCHEMA_INSTANCE),
        ("xsi:schemaLocation", location.as_str()),
    ]);
    root.write_inner_content(|xml| {
        for (name, language, text) in said {
            let language = [("xml:lang", language.as_str())];
            element(xml, name, if is_language(language[0].1) { &language } else { &[] }, text)?;
        }
        Ok(())
    })?;
    String::from_utf8(xml.into_inner()).map_err(io::Error::other)
}

/// What XML Schema takes for a language.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().is_some_and(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    first && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}
