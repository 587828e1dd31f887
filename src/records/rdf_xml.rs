//! RDF/XML: each cleaned graph is parsed by the strict parser, and an error is told by the line of the provider's document.

use std::{cell::Cell, io::Read, rc::Rc};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{NamedOrBlankNode, Quad, Term, Triple},
};

use super::{
    clean::Cut,
    confidence::Lifted,
    graph::{Graph, MARK, STAND_IN},
    record::Failure,
};

const REIFIES: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies";

/// Parses one cleaned graph.
pub(super) fn parse(cut: Cut) -> Result<Graph, Failure> {
    if let Some(failure) = cut.failure {
        return Err(failure);
    }
    let given = Rc::new(Cell::new(0));
    let reader = LineByLine { text: cut.out.xml.as_bytes(), given: Rc::clone(&given) };
    let parser = RdfParser::from_format(RdfFormat::RdfXml)
        .with_base_iri(STAND_IN)
        .map_err(|e| Failure::new(None, e.to_string()))?
        .for_reader(reader);
    let mut graph = Graph { line: Some(cut.line), broken: cut.broken.into(), notes: cut.notes, ..Graph::default() };
    for quad in parser {
        match quad {
            Ok(quad) => place(&mut graph, quad, &cut.lifted),
            Err(e) => {
                let line = cut.out.lines.get(given.get().saturating_sub(1)).copied();
                return Err(Failure::new(line.or(Some(cut.line)), format!("this is not RDF/XML: {e}")));
            }
        }
    }
    Ok(graph)
}

/// A statement goes to the graph, a mark to what was lifted.
fn place(graph: &mut Graph, quad: Quad, lifted: &[Lifted]) {
    if quad.predicate.as_str() == REIFIES
        && let NamedOrBlankNode::BlankNode(node) = &quad.subject
        && let Some(number) = node.as_str().strip_prefix(MARK)
        && let Some(lifted) = number.parse::<usize>().ok().and_then(|n| lifted.get(n))
        && let Term::Triple(triple) = quad.object
    {
        graph.lifted.push((*triple, lifted.clone()));
    } else {
        graph.triples.push(Triple::new(quad.subject, quad.predicate, quad.object));
    }
}

/// Gives one line at a time, so that it is known how far the parser had read when it met an error.
struct LineByLine<'t> {
    text: &'t [u8],
    given: Rc<Cell<usize>>,
}

impl Read for LineByLine<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let line = self.text.iter().position(|b| *b == b'\n').map_or(self.text.len(), |end| end + 1);
        let length = line.min(buffer.len());
        let (now, later) = self.text.split_at(length);
        if now.ends_with(b"\n") {
            self.given.set(self.given.get() + 1);
        }
        if let Some(target) = buffer.get_mut(..length) {
            target.copy_from_slice(now);
        }
        self.text = later;
        Ok(length)
    }
}
