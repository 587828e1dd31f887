//! A record as Europeana's aggregators take it: one XML document of what the provider said and what we publish, each with who said it.
//!
//! It is written element by element, in the order of Europeana's external schema: an RDF/XML serialiser knows neither that order nor the
//! two attributes that tell who made a statement.

use std::io;

use oxigraph::model::NamedNode;
use quick_xml::{
    Writer,
    events::{BytesDecl, Event},
};

use super::{
    PublicationError,
    edm_concept::describe_concept,
    edm_origin::{origins_in_record, published_statements},
    edm_source::{Source, read_source},
    edm_thing::{Remarks, Thing, Value},
};
use crate::{
    rdf::ns::{EDM_PREFIXES, PREFIXES},
    records::RecordView,
    store::{Listed, Store},
    validation::edm_class::{AGGREGATION, BESIDE, CHO, CONCEPT},
    vocab::Vocabularies,
};

/// The prefixes of ours that EDM's XML uses.
const USED: [&str; 10] = ["dc", "dcterms", "ebucore", "edm", "foaf", "ore", "owl", "rdf", "rdfs", "skos"];

/// Writes records as EDM-external XML.
#[derive(Clone, Debug)]
pub struct EdmXml<'s> {
    pub(super) store: &'s Store,
}

/// A record as XML, and what became of the rest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdmDocument {
    /// The document.
    pub xml: String,
    /// What the store holds of the record and the schema has no place for, a line each.
    pub left_out: Vec<String>,
    /// What the schema demands and the provider did not give, a line each: where there is one, the document is not valid.
    pub missing: Vec<String>,
}

impl<'s> EdmXml<'s> {
    /// A writer of the records in this store.
    pub fn new(store: &'s Store) -> Self {
        Self { store }
    }

    /// One record: the provider's words, and what is published of it on the same CHO. The same store gives the same bytes.
    pub fn record(&self, listed: &Listed) -> Result<EdmDocument, PublicationError> {
        let base = self.store.base();
        let triples = self.store.triples(&base.source_graph(&listed.key))?;
        let cho = NamedNode::new_unchecked(&listed.cho);
        let view = RecordView::new(cho.as_ref(), &triples);
        let origins = origins_in_record(self.store, &listed.key)?;
        let mut remarks = Remarks::default();
        let mut source = read_source(base, &listed.key, &view, &triples, &origins, &mut remarks);
        self.add_published(listed, &mut source)?;
        if source.aggregations.is_empty() {
            remarks.missing.push(format!("the record <{}> has no {}", listed.cho, AGGREGATION.name));
        }
        let xml = document(&source, &mut remarks).map_err(|reason| PublicationError::Xml { record: listed.key.to_string(), reason })?;
        remarks.left_out.sort_unstable();
        remarks.left_out.dedup();
        Ok(EdmDocument { xml, left_out: remarks.left_out, missing: remarks.missing })
    }

    /// The published statements on the CHO, and the concepts that they name beside it. What the provider says too stays the provider's.
    fn add_published(&self, listed: &Listed, source: &mut Source) -> Result<(), PublicationError> {
        let published = published_statements(self.store, &listed.key)?;
        if published.is_empty() {
            return Ok(());
        }
        let vocabularies = Vocabularies::new(self.store)?;
        for statement in published {
            let iri = statement.concept.as_str();
            source.cho.say(statement.property.as_str(), Value::Reference(iri.to_owned()), statement.origin);
            if source.beside.get(iri).is_some_and(|thing| !thing.is_a(&CONCEPT)) {
                // The provider describes it as something else, and knows what it meant.
                continue;
            }
            let known = source.beside.remove(iri);
            let providers = known.is_some();
            let mut thing = known.unwrap_or_else(|| Thing::new(iri, &CONCEPT));
            if describe_concept(self.store, &vocabularies, iri, &mut thing)? || providers {
                source.beside.insert(iri.to_owned(), thing);
            }
        }
        Ok(())
    }
}

fn document(source: &Source, remarks: &mut Remarks) -> io::Result<String> {
    let xml = rdf_document(|writer| {
        source.cho.write(&CHO, writer, remarks)?;
        for class in BESIDE {
            for thing in source.beside.values().filter(|thing| thing.is_a(class)) {
                thing.write(class, writer, remarks)?;
            }
        }
        source.aggregations.iter().try_for_each(|aggregation| aggregation.write(&AGGREGATION, writer, remarks))
    })?;
    for thing in std::iter::once(&source.cho).chain(source.beside.values()).chain(&source.aggregations) {
        thing.tell_left_over(remarks);
    }
    Ok(xml)
}

/// A document of RDF/XML with these elements in it.
pub(super) fn rdf_document(write: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = writer.create_element("rdf:RDF");
    for (prefix, namespace) in PREFIXES.iter().filter(|(prefix, _)| USED.contains(prefix)).chain(EDM_PREFIXES) {
        root = root.with_attribute((format!("xmlns:{prefix}").as_str(), *namespace));
    }
    root.write_inner_content(write)?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(io::Error::other)
}
