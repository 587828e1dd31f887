//! One record as it is sent: its header, its metadata in one format, and what is to be known about them.

use std::io;

use quick_xml::Writer;

use super::{
    dublin_core,
    formats::Format,
    lists::Repository,
    moment::written,
    provenance,
    response::{Xml, around, element, embed},
    sets,
};
use crate::{
    publication::{EdmXml, PublicationError},
    store::{Listed, Stamped, StoreError},
};

/// Why a record was not written.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// Because of what it is.
    Record(String),
    /// Because something of ours failed.
    Ours(String),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        Self::Record(error.to_string())
    }
}

impl From<PublicationError> for Unwritten {
    fn from(error: PublicationError) -> Self {
        match error {
            PublicationError::Store(error) => error.into(),
            other => Self::Record(other.to_string()),
        }
    }
}

/// The header alone.
pub(super) fn header(repository: &Repository<'_>, record: &Stamped, deleted: bool) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    write_header(repository, record, deleted, &mut xml)?;
    Ok(on_a_line(xml))
}

/// The whole record. Where it is no longer there in this format, the header says so and nothing follows.
pub(super) fn record(repository: &Repository<'_>, record: &Stamped, format: Format) -> Result<Vec<u8>, Unwritten> {
    let metadata = if format.is_deleted(record) { None } else { metadata(repository, record, format)? };
    let about = match (&metadata, format) {
        (Some(_), Format::Enrichment) => Some(provenance::of(repository.store, &record.key)?),
        _ => None,
    };
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    around(&mut xml, "record", |xml| {
        write_header(repository, record, metadata.is_none(), xml)?;
        let Some(metadata) = &metadata else { return Ok(()) };
        around(xml, "metadata", |xml| embed(xml, metadata))?;
        let licence = &repository.settings.metadata_rights;
        if !licence.is_empty() {
            around(xml, "about", |xml| rights(xml, "rights", licence))?;
        }
        if let Some(about) = &about {
            around(xml, "about", |xml| embed(xml, about))?;
        }
        Ok(())
    })?;
    Ok(on_a_line(xml))
}

/// The record in a format; nothing where it went while we wrote.
fn metadata(repository: &Repository<'_>, record: &Stamped, format: Format) -> Result<Option<String>, Unwritten> {
    let Some(listed): Option<Listed> = repository.store.index().record(&record.key)? else { return Ok(None) };
    let writer = EdmXml::new(repository.store);
    Ok(match format {
        Format::DublinCore => Some(dublin_core::document(repository.store, &listed)?),
        Format::Edm => Some(writer.record(&listed)?.xml),
        Format::Enrichment => writer.publication(&listed)?.map(|document| document.xml),
    })
}

fn write_header(repository: &Repository<'_>, record: &Stamped, deleted: bool, xml: &mut Xml) -> io::Result<()> {
    let mut header = xml.create_element("header");
    if deleted {
        header = header.with_attribute(("status", "deleted"));
    }
    header.write_inner_content(|xml| {
        element(xml, "identifier", &[], &repository.identifiers.of(&record.key))?;
        element(xml, "datestamp", &[], &written(record.datestamp))?;
        record.sets.iter().try_for_each(|set| element(xml, "setSpec", &[], &sets::spec(set)))
    })?;
    Ok(())
}

/// Under which licence the metadata stand, as OAI's guidelines on rights want it.
pub(super) fn rights(xml: &mut Xml, name: &str, licence: &str) -> io::Result<()> {
    const NAMESPACE: &str = "http://www.openarchives.org/OAI/2.0/rights/";
    let schema = if name == "rights" { "rights.xsd" } else { "rightsManifest.xsd" };
    let location = format!("{NAMESPACE} http://www.openarchives.org/OAI/2.0/{schema}");
    let mut root = xml.create_element(name).with_attributes([("xmlns", NAMESPACE), ("xsi:schemaLocation", location.as_str())]);
    if name == "rightsManifest" {
        root = root.with_attribute(("appliesTo", "http://www.openarchives.org/OAI/2.0/entity#metadata"));
        root.write_inner_content(|xml| around(xml, "rights", |xml| element(xml, "rightsReference", &[("ref", licence)], "")))?;
    } else {
        root.write_inner_content(|xml| element(xml, "rightsReference", &[("ref", licence)], ""))?;
    }
    Ok(())
}

fn on_a_line(xml: Xml) -> Vec<u8> {
    let mut bytes = vec![b'\n'];
    bytes.append(&mut xml.into_inner());
    bytes
}
