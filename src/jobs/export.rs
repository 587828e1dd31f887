//! Writing out what the store holds: all of it, one graph, or what is published.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    model::{GraphNameRef, NamedNode, Quad, QuadRef},
};
use serde::{Deserialize, Serialize};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{House, Listener, Report, query::ToOutlet};
use crate::{
    publication::EdmXml,
    rdf::{ns::PREFIXES, syntax},
    store::{Listed, Listing},
};

/// How many records are read at once.
const PAGE: usize = 200;

/// What to write, and in which format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// `nq`, `trig`, `nt`, `ttl`, `rdf`, `jsonld`, or `edm`: a zip of the records as EDM-external XML, with what is published of
    /// them.
    pub format: String,
    /// Only this graph.
    pub graph: Option<String>,
    /// Only what is published.
    pub published: bool,
}

pub(super) fn run(house: &House, job: &Export, listener: Listener<'_>) -> anyhow::Result<Report> {
    let out = ToOutlet { outlet: listener.outlet, buffer: Vec::new() };
    let (name, count) = if job.format == "edm" { ("records", edm(house, job, out, listener)?) } else { ("quads", rdf(house, job, out)?) };
    let mut report = Report::default();
    report.line(format!("{count} {name} written"));
    report.figure(name, count);
    report.figure("version", house.store.version());
    Ok(report)
}

fn rdf(house: &House, job: &Export, out: ToOutlet<'_>) -> anyhow::Result<u64> {
    let Some(format) = syntax::from_short_name(&job.format) else {
        bail!("`{}` is no format of exports: nq, trig, nt, ttl, rdf, jsonld, edm", job.format);
    };
    let graph = job.graph.as_deref().map(NamedNode::new).transpose().context("--graph takes the IRI of a named graph")?;
    if !format.supports_datasets() && graph.is_none() && !job.published {
        bail!("`{}` carries one graph: say which with --graph, or take nq or trig", job.format);
    }
    let mut serializer = RdfSerializer::from_format(format);
    if format != RdfFormat::RdfXml {
        for (prefix, namespace) in PREFIXES {
            serializer = serializer.with_prefix(*prefix, *namespace)?;
        }
    }
    let mut writer = serializer.for_writer(out);
    let mut count = 0;
    let published = format!("{}graph/published/", house.store.base().as_str());
    let quads = house.store.quads().quads_for_pattern(None, None, None, graph.as_ref().map(|g| GraphNameRef::from(g.as_ref())));
    for quad in quads {
        let quad: Quad = quad?;
        let wanted = !job.published || matches!(quad.graph_name.as_ref(), GraphNameRef::NamedNode(g) if g.as_str().starts_with(&published));
        if !wanted {
            continue;
        }
        if format.supports_datasets() {
            writer.serialize_quad(QuadRef::from(&quad))?;
        } else {
            writer.serialize_triple(oxigraph::model::Triple::from(quad).as_ref())?;
        }
        count += 1;
    }
    writer.finish()?.flush()?;
    Ok(count)
}

/// One XML file a record in a zip, as Europeana's Metis takes them.
fn edm(house: &House, job: &Export, out: ToOutlet<'_>, listener: Listener<'_>) -> anyhow::Result<u64> {
    let mut zip = ZipWriter::new_stream(out);
    let writer = EdmXml::new(&house.store);
    let mut count = 0;
    let mut last: Option<Listed> = None;
    loop {
        let page = house.store.index().page(Listing::ByKey, last.as_ref(), PAGE)?;
        let Some(end) = page.last().cloned() else { break };
        for listed in page.iter().filter(|l| !job.published || l.published) {
            let document = writer.record(listed)?;
            zip.start_file(format!("{}.xml", listed.key), SimpleFileOptions::default())?;
            zip.write_all(document.xml.as_bytes())?;
            count += 1;
        }
        last = Some(end);
        if listener.progress.stopped() {
            bail!("stopped: the export is not whole");
        }
    }
    zip.finish()?.into_inner().flush()?;
    Ok(count)
}
