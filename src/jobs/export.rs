//! Writing out what the store holds: all of it, one graph, or what is published.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    model::{GraphNameRef, NamedNode, Quad, QuadRef},
};
use serde::{Deserialize, Serialize};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{House, Listener, Report, query::ToOutlet, walk::Walk};
use crate::{
    publication::{EdmXml, TABLE_COLUMNS, europeana, iiif_list, iiif_page, ntua, shared_statements, table_rows},
    rdf::{ns::PREFIXES, syntax},
    vocab::Vocabularies,
};

/// The forms in which others exchange annotations.
const SHARED: [&str; 5] = ["europeana", "ntua", "iiif2", "iiif3", "write-back"];

/// What to write, and in which format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// `nq`, `trig`, `nt`, `ttl`, `rdf`, `jsonld`, or `edm`: a zip of the records as EDM-external XML, with what is published of
    /// them. `europeana`, `ntua`, `iiif2`, `iiif3` (JSON, a document a line) and `write-back` (a table): what is said about them, as others exchange
    /// it.
    pub format: String,
    /// Only this graph.
    pub graph: Option<String>,
    /// Only what is published.
    pub published: bool,
}

pub(super) fn run(house: &House, job: &Export, listener: Listener<'_>) -> anyhow::Result<Report> {
    let out = ToOutlet { outlet: listener.outlet, buffer: Vec::new() };
    let mut report = Report::default();
    if job.format == "edm" {
        edm(house, job, out, listener, &mut report)?;
    } else if SHARED.contains(&job.format.as_str()) {
        shared(house, job, out, listener, &mut report)?;
    } else {
        let count = rdf(house, job, out)?;
        report.line(format!("{count} quads written"));
        report.figure("quads", count);
    }
    report.figure("version", house.store.version());
    Ok(report)
}

fn rdf(house: &House, job: &Export, out: ToOutlet<'_>) -> anyhow::Result<u64> {
    let Some(format) = syntax::from_short_name(&job.format) else {
        bail!("`{}` is no format of exports: nq, trig, nt, ttl, rdf, jsonld, edm, {}", job.format, SHARED.join(", "));
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

/// What is said about the records, as others exchange it: JSON documents a line each record, or one table.
fn shared(house: &House, job: &Export, mut out: ToOutlet<'_>, listener: Listener<'_>, report: &mut Report) -> anyhow::Result<()> {
    let store = &house.store;
    let vocabularies = Vocabularies::new(store)?;
    let languages = ["en"];
    let (mut records, mut count, mut left_out) = (0_u64, 0_u64, 0_u64);
    if job.format == "write-back" {
        out.write_all(csv_line(&TABLE_COLUMNS)?.as_slice())?;
    }
    for page in Walk::new(store, None) {
        for listed in page?.iter().filter(|l| l.annotations > 0 && (!job.published || l.published)) {
            let mut statements = shared_statements(store, &vocabularies, listed)?;
            if job.published {
                statements.retain(|statement| statement.published);
            }
            let own = |form: &str| format!("{}record/{}/share/{form}", store.base().as_str(), listed.key);
            records += 1;
            count += statements.len() as u64;
            let lines = match job.format.as_str() {
                "europeana" => {
                    let (told, without) = europeana(&statements);
                    left_out += without as u64;
                    told
                }
                "ntua" => vec![ntua(&statements)],
                "iiif2" => vec![iiif_list(&own("iiif-2.json"), &statements, &languages)],
                "iiif3" => vec![iiif_page(&own("iiif-3.json"), &statements, &languages)],
                _ => {
                    for row in table_rows(store, listed, &statements, &languages)? {
                        out.write_all(csv_line(&row)?.as_slice())?;
                    }
                    Vec::new()
                }
            };
            for line in lines {
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
        }
        if listener.progress.stopped() {
            bail!("stopped: the export is not whole");
        }
    }
    out.flush()?;
    report.line(format!("{count} statements about {records} records written"));
    if left_out > 0 {
        report
            .line(format!("{left_out} of them were left out: not published or accepted, or no concept of Europeana's is known for theirs"));
    }
    report.figure("records", records);
    report.figure("statements", count);
    report.figure("left_out", left_out);
    Ok(())
}

fn csv_line(cells: &[impl AsRef<[u8]>]) -> anyhow::Result<Vec<u8>> {
    let mut line = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    line.write_record(cells)?;
    line.into_inner().map_err(|e| anyhow::anyhow!("{}", e.error()))
}

/// One XML file a record in a zip, as Europeana's Metis takes them. What could not be said in it is told in the log, record by record.
fn edm(house: &House, job: &Export, out: ToOutlet<'_>, listener: Listener<'_>, report: &mut Report) -> anyhow::Result<()> {
    let mut zip = ZipWriter::new_stream(out);
    let writer = EdmXml::new(&house.store);
    let (mut count, mut incomplete, mut left_out) = (0_u64, 0_u64, 0_u64);
    for page in Walk::new(&house.store, None) {
        for listed in page?.iter().filter(|l| !job.published || l.published) {
            let document = writer.record(listed)?;
            zip.start_file(format!("{}.xml", listed.key), SimpleFileOptions::default())?;
            zip.write_all(document.xml.as_bytes())?;
            count += 1;
            incomplete += u64::from(!document.missing.is_empty());
            left_out += document.left_out.len() as u64;
            for (remarks, what) in [(&document.missing, "missing"), (&document.left_out, "left out")] {
                for remark in remarks {
                    tracing::info!(record = %listed.key, cho = listed.cho, remark, "EDM's schema: {what}");
                }
            }
        }
        if listener.progress.stopped() {
            bail!("stopped: the export is not whole");
        }
    }
    zip.finish()?.into_inner().flush()?;
    report.line(format!("{count} records written"));
    if incomplete > 0 {
        report.line(format!("{incomplete} of them lack something that Europeana demands, and will not be taken as they are"));
    }
    if left_out > 0 {
        report.line(format!("{left_out} statements have no place in Europeana's schema; they stay in the store"));
    }
    report.figure("records", count);
    report.figure("incomplete", incomplete);
    report.figure("left_out", left_out);
    Ok(())
}
