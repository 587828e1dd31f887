//! The graphs in an XML document: a bare `rdf:RDF`, several of them, those inside an OAI-PMH answer or another wrapper, or a lone node.

use std::ops::ControlFlow;

use quick_xml::{
    NsReader,
    events::{BytesRef, BytesStart, Event},
    name::{NamespaceResolver, ResolveResult},
};

use super::{
    Note, NoteKind, ReadSettings,
    clean::{Cleaner, Cut, blank_lines, brief},
    encoding::line_breaks,
    record::Failure,
};
use crate::rdf::ns::{edm, ore, rdf, skos};

const OAI: &str = "http://www.openarchives.org/OAI/2.0/";

/// What was seen in a document beside its graphs.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The name of the first element.
    pub(super) root: Option<String>,
    /// How many graphs were handed on.
    pub(super) graphs: u64,
    /// What is to be said about every record of the document.
    pub(super) notes: Vec<Note>,
    /// Records that an OAI-PMH answer calls deleted: how many.
    pub(super) deleted: u64,
}

/// Reads a document and hands on each graph when it ends. On a failure the graphs before it have been handed on.
pub(super) fn cut(
    text: &str,
    settings: &ReadSettings,
    seen: &mut Seen,
    found: &mut dyn FnMut(Cut, &Seen) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Failure> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk { settings, seen, depth: 0, open: None, lines: Lines::new(text), ended: false };
    loop {
        let line = walk.lines.at(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(e) => return Err(Failure::new(walk.lines.at(reader.error_position()), format!("the XML is not well formed: {e}"))),
        };
        // Text begins before its first character, a tag at its `<`: the line where the event begins.
        let last = matches!(event, Event::Eof);
        if let Some(cut) = walk.take(event, reader.resolver(), line)? {
            walk.seen.graphs += 1;
            if found(cut, walk.seen).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        // An element may end one graph and begin the next.
        if last {
            return Ok(ControlFlow::Continue(()));
        }
    }
}

/// Line numbers of byte positions that only grow.
struct Lines<'t> {
    text: &'t [u8],
    position: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), position: 0, line: 1 }
    }

    fn at(&mut self, position: u64) -> u64 {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        if position < self.position {
            return 1 + line_breaks(self.text.get(..position).unwrap_or_default());
        }
        self.line += line_breaks(self.text.get(self.position..position).unwrap_or_default());
        self.position = position;
        self.line
    }
}

/// A graph that is being read.
struct Open {
    cleaner: Cleaner,
    /// The depth of the element that ends it: `rdf:RDF`, or the parent of the nodes where there is none.
    depth: usize,
    /// Whether there is no `rdf:RDF`.
    loose: bool,
}

struct Walk<'w, 't> {
    settings: &'w ReadSettings,
    seen: &'w mut Seen,
    depth: usize,
    open: Option<Open>,
    lines: Lines<'t>,
    /// Whether a root element has ended.
    ended: bool,
}

impl Walk<'_, '_> {
    /// Takes one event; a graph comes back when it has ended.
    fn take(&mut self, event: Event<'_>, resolver: &NamespaceResolver, line: u64) -> Result<Option<Cut>, Failure> {
        match event {
            Event::Start(start) => self.start(&start, resolver, line),
            Event::End(_) => Ok(self.end(line)),
            Event::Text(text) => self.text(&text.xml10_content(), line).map(|()| None),
            Event::CData(text) => self.text(&text.xml10_content(), line).map(|()| None),
            Event::GeneralRef(reference) => {
                let text = resolve(&reference, line)?;
                self.text(&text, line).map(|()| None)
            }
            Event::DocType(_) => Err(Failure::new(line, "the document has a DOCTYPE; entities are not read, send it without")),
            Event::Decl(_) => self.declaration(line).map(|()| None),
            Event::Eof => self.end_of_document(line),
            Event::Comment(_) | Event::PI(_) | Event::Empty(_) => Ok(None),
        }
    }

    fn declaration(&mut self, line: u64) -> Result<(), Failure> {
        if self.depth > 0 {
            return Err(Failure::new(line, "there is an XML declaration in the middle of the document"));
        }
        if self.ended || self.lines.text.first().is_some_and(u8::is_ascii_whitespace) {
            self.seen.notes.push(Note::new(
                line,
                NoteKind::Untidy,
                "the XML declaration does not stand at the very beginning of the document",
            ));
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>, resolver: &NamespaceResolver, line: u64) -> Result<Option<Cut>, Failure> {
        if self.depth >= self.settings.max_depth {
            return Err(Failure::new(line, format!("elements are nested more than {} deep", self.settings.max_depth)));
        }
        let mut ended = None;
        if self.open.as_ref().is_some_and(|o| o.loose && self.depth == o.depth && !is_node(start, resolver)) {
            ended = self.open.take().map(|o| o.cleaner.finish(line));
        }
        if self.open.is_none() {
            self.look_for_graph(start, resolver, line);
        } else if let Some(open) = &mut self.open {
            open.cleaner.start(start, resolver, line);
        }
        self.depth += 1;
        Ok(ended)
    }

    /// Outside of any graph: does one begin here?
    fn look_for_graph(&mut self, start: &BytesStart<'_>, resolver: &NamespaceResolver, line: u64) {
        if self.seen.root.is_none() {
            self.seen.root = Some(start.name().into_inner().to_owned());
        }
        if is_named(start, resolver, rdf::NS, "RDF") {
            self.open = Some(Open { cleaner: Cleaner::begin(Some(start), resolver, line), depth: self.depth, loose: false });
        } else if is_node(start, resolver) {
            let mut cleaner = Cleaner::begin(None, resolver, line);
            cleaner.start(start, resolver, line);
            self.open = Some(Open { cleaner, depth: self.depth, loose: true });
        } else if is_named(start, resolver, OAI, "header") && start.attributes_raw().contains("deleted") {
            self.seen.deleted += 1;
        }
    }

    fn end(&mut self, line: u64) -> Option<Cut> {
        self.depth = self.depth.saturating_sub(1);
        self.ended |= self.depth == 0;
        let open = self.open.as_mut()?;
        // A loose graph ends with the parent of its nodes, another with its own `rdf:RDF`.
        let over = if open.loose { self.depth < open.depth } else { self.depth == open.depth };
        if over {
            return self.open.take().map(|o| o.cleaner.finish(line));
        }
        open.cleaner.end(line);
        None
    }

    fn text(&mut self, text: &str, line: u64) -> Result<(), Failure> {
        match &mut self.open {
            Some(open) if self.depth > open.depth => open.cleaner.text(text, line),
            // A byte order mark between documents that were strung together is no text.
            _ if self.depth == 0 && !text.trim_matches('\u{feff}').trim().is_empty() => {
                return Err(Failure::new(line + blank_lines(text), format!("there is text outside of any element: `{}`", brief(text))));
            }
            _ => {}
        }
        Ok(())
    }

    fn end_of_document(&mut self, line: u64) -> Result<Option<Cut>, Failure> {
        if self.depth > 0 {
            return Err(Failure::new(line, "the document ends in the middle of an element"));
        }
        Ok(self.open.take().map(|o| o.cleaner.finish(line)))
    }
}

/// A reference to a character, or to one of the five entities that XML itself knows.
fn resolve(reference: &BytesRef<'_>, line: u64) -> Result<String, Failure> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => return Ok(c.to_string()),
        Ok(None) => {}
        Err(e) => return Err(Failure::new(line, format!("a reference to a character cannot be read: {e}"))),
    }
    let name: &str = reference;
    quick_xml::escape::resolve_predefined_entity(name)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(line, format!("the entity `&{name};` is not declared; write the character itself")))
}

fn is_named(start: &BytesStart<'_>, resolver: &NamespaceResolver, namespace: &str, local: &str) -> bool {
    start.local_name().into_inner() == local
        && matches!(resolver.resolve_element(start.name()).0, ResolveResult::Bound(n) if n.into_inner() == namespace)
}

/// Whether an element outside of `rdf:RDF` describes a thing: it has a name in RDF, or is of one of EDM's classes.
fn is_node(start: &BytesStart<'_>, resolver: &NamespaceResolver) -> bool {
    let named = start.attributes().with_checks(false).flatten().any(|a| {
        let (namespace, local) = resolver.resolve_attribute(a.key);
        matches!(namespace, ResolveResult::Bound(n) if n.into_inner() == rdf::NS) && matches!(local.into_inner(), "about" | "ID" | "nodeID")
    });
    let class = |namespace, locals: &[&str]| locals.iter().any(|local| is_named(start, resolver, namespace, local));
    named
        || class(edm::NS, &["ProvidedCHO", "WebResource", "EuropeanaAggregation", "Agent", "Place", "TimeSpan"])
        || class(ore::NS, &["Aggregation", "Proxy"])
        || class(skos::NS, &["Concept"])
}
