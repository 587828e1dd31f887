//! The report as RDF: a `sh:ValidationReport` in Turtle, written as it grows, so that a long one needs no memory.

use std::io::{self, Write};

use oxigraph::{
    io::{RdfFormat, RdfSerializer, WriterQuadSerializer},
    model::{BlankNode, Literal, NamedNodeRef, NamedOrBlankNode, Term, Triple},
};

use super::{Checked, Finding};
use crate::rdf::ns::{PREFIXES, SHAPES, dcterms, rdf, sh};

/// A report that is being written.
pub struct RdfReport<W: Write> {
    writer: WriterQuadSerializer<W>,
    report: BlankNode,
    records: u64,
    results: u64,
    conforms: bool,
}

impl<W: Write> std::fmt::Debug for RdfReport<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RdfReport").field("results", &self.results).finish_non_exhaustive()
    }
}

impl<W: Write> RdfReport<W> {
    /// Begins a report.
    pub fn begin(out: W) -> io::Result<Self> {
        let mut serializer = RdfSerializer::from_format(RdfFormat::Turtle);
        for (prefix, namespace) in PREFIXES.iter().copied().chain([("shapes", SHAPES)]) {
            serializer = serializer.with_prefix(prefix, namespace).map_err(io::Error::other)?;
        }
        let report = BlankNode::new_unchecked("report");
        let mut writer = serializer.for_writer(out);
        writer.serialize_triple(&Triple::new(report.clone(), rdf::TYPE, sh::VALIDATION_REPORT))?;
        Ok(Self { writer, report, records: 0, results: 0, conforms: true })
    }

    /// Writes what was found in a record.
    pub fn record(&mut self, checked: &Checked) -> io::Result<()> {
        self.records += 1;
        for finding in &checked.findings {
            self.finding(checked, finding)?;
        }
        Ok(())
    }

    fn finding(&mut self, checked: &Checked, finding: &Finding) -> io::Result<()> {
        // SHACL 3.6.1.1: a graph conforms where there is no result at all, whatever its severity.
        self.conforms = false;
        self.results += 1;
        let prefix = format!("r{}", self.results);
        let node = BlankNode::new_unchecked(&prefix);
        let mut triples = Vec::new();
        // What the path rests on comes first, since its blank nodes are named by their place.
        let path = finding.path.as_ref().map(|path| path.to_rdf(&prefix, &mut triples));
        triples.push(Triple::new(self.report.clone(), sh::RESULT, node.clone()));
        let mut say = |predicate: NamedNodeRef<'_>, object: Term| triples.push(Triple::new(node.clone(), predicate, object));
        say(rdf::TYPE, sh::VALIDATION_RESULT.into());
        say(sh::RESULT_SEVERITY, finding.grade.clone().into());
        say(sh::FOCUS_NODE, scoped(self.records, &finding.focus));
        if let Some(path) = path {
            say(sh::RESULT_PATH, path);
        }
        if let Some(value) = &finding.value {
            say(sh::VALUE, scoped(self.records, value));
        }
        say(sh::SOURCE_CONSTRAINT_COMPONENT, finding.component.clone().into());
        match &finding.shape {
            NamedOrBlankNode::NamedNode(shape) => say(sh::SOURCE_SHAPE, shape.clone().into()),
            NamedOrBlankNode::BlankNode(shape) => say(sh::SOURCE_SHAPE, BlankNode::new_unchecked(format!("s{}", shape.as_str())).into()),
        }
        if finding.messages.is_empty() {
            say(sh::RESULT_MESSAGE, Literal::new_language_tagged_literal_unchecked(finding.message(), "en").into());
        }
        for message in &finding.messages {
            say(sh::RESULT_MESSAGE, message.clone().into());
        }
        let place = match finding.line {
            Some(line) => format!("{}, line {line}", checked.source),
            None => checked.source.clone(),
        };
        say(dcterms::SOURCE, Literal::new_simple_literal(place).into());
        triples.iter().try_for_each(|triple| self.writer.serialize_triple(triple))
    }

    /// Ends the report.
    pub fn end(mut self) -> io::Result<W> {
        self.writer.serialize_triple(&Triple::new(self.report, sh::CONFORMS, Literal::from(self.conforms)))?;
        self.writer.finish()
    }
}

/// Blank nodes of different records are different.
fn scoped(record: u64, term: &Term) -> Term {
    match term {
        Term::BlankNode(node) => BlankNode::new_unchecked(format!("d{record}{}", node.as_str())).into(),
        other => other.clone(),
    }
}
