//! One graph of an RDF/XML document, rewritten element by element so that a strict parser takes it and nothing is said that was not said.

use quick_xml::{
    events::BytesStart,
    name::{NamespaceResolver, PrefixDeclaration, ResolveResult},
};

use super::{
    Note, NoteKind,
    attributes::{Kept, Language, Place, Reference, StartTag},
    confidence::Lifted,
    encoding::forbidden_character,
    graph::{BROKEN, MARK, absolute},
    property::{Content, Output, Property},
    record::Failure,
};
use crate::rdf::ns::rdf;

/// A note, and the thing whose description it stands in.
#[derive(Clone, Debug)]
pub(super) struct Marked {
    pub(super) subject: Option<String>,
    pub(super) note: Note,
}

/// One graph of a document, cleaned and ready for the parser.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// The line at which it begins.
    pub(super) line: u64,
    pub(super) out: Output,
    /// What Europeana's attributes said, by the number in their mark.
    pub(super) lifted: Vec<Lifted>,
    /// Things whose IRI is beyond mending, by the number in their placeholder.
    pub(super) broken: Vec<Failure>,
    pub(super) notes: Vec<Marked>,
    /// Why the whole graph is refused.
    pub(super) failure: Option<Failure>,
}

#[derive(Debug)]
enum Kind {
    Root,
    Node,
    Property(Box<Property>),
    /// An element inside an XML literal.
    Verbatim,
}

#[derive(Debug)]
struct Frame {
    kind: Kind,
    name: String,
    language: Option<String>,
    /// Whether a base of the document's own is in force.
    based: bool,
    subject: Option<String>,
}

/// Takes the elements of one graph as they come and writes them cleaned.
#[derive(Debug, Default)]
pub(super) struct Cleaner {
    cut: Cut,
    frames: Vec<Frame>,
}

impl Cleaner {
    /// Begins a graph at its `rdf:RDF`, or, without one, before its first node element.
    pub(super) fn begin(root: Option<&BytesStart<'_>>, resolver: &NamespaceResolver, line: u64) -> Self {
        let mut cleaner = Self { cut: Cut { line, ..Cut::default() }, frames: Vec::new() };
        if let Err(failure) = cleaner.write_root(root, resolver, line) {
            cleaner.cut.failure = Some(failure);
        }
        cleaner
    }

    fn write_root(&mut self, root: Option<&BytesStart<'_>>, resolver: &NamespaceResolver, line: u64) -> Result<(), Failure> {
        let mut tag = match root {
            Some(start) => StartTag::read(start, resolver, Place::Root, line)?,
            None => StartTag { name: "glossator-rdf:RDF".to_owned(), ..StartTag::default() },
        };
        // The element may use prefixes that a wrapper around it declares.
        tag.namespaces = in_scope(resolver);
        tag.namespaces.retain(|n| n.name != "xmlns:glossator-rdf");
        if root.is_none() || tag.rdf_prefix == "glossator-rdf" {
            tag.namespaces.push(Kept { name: "xmlns:glossator-rdf".to_owned(), value: rdf::NS.to_owned() });
        }
        self.cut.out.open(&tag);
        for Kept { name, value } in tag.others.iter().filter(|o| o.name == "version") {
            self.cut.out.attribute(&format!("{}:{name}", tag.rdf_prefix), value);
        }
        self.cut.out.push(">\n", line);
        let language = effective(&tag.language, None);
        self.note_all(None, std::mem::take(&mut tag.notes));
        self.frames.push(Frame { kind: Kind::Root, name: tag.name, language, based: tag.base.is_some(), subject: None });
        Ok(())
    }

    fn note_all(&mut self, subject: Option<&str>, notes: Vec<Note>) {
        self.cut.notes.extend(notes.into_iter().map(|note| Marked { subject: subject.map(str::to_owned), note }));
    }

    /// Takes a start tag. After the first failure the rest of the graph is passed over.
    pub(super) fn start(&mut self, start: &BytesStart<'_>, resolver: &NamespaceResolver, line: u64) {
        if self.cut.failure.is_none() {
            self.cut.failure = self.try_start(start, resolver, line).err();
        }
    }

    fn try_start(&mut self, start: &BytesStart<'_>, resolver: &NamespaceResolver, line: u64) -> Result<(), Failure> {
        let Some(parent) = self.frames.last_mut() else { return Ok(()) };
        let place = match &mut parent.kind {
            Kind::Verbatim => {
                self.start_verbatim(start, line);
                return Ok(());
            }
            Kind::Property(property) => {
                if !property.written {
                    property.write_start(&mut self.cut.out)?;
                }
                match property.content() {
                    Content::Literal => {
                        self.start_verbatim(start, line);
                        return Ok(());
                    }
                    Content::Statements => Place::Property,
                    Content::Open | Content::Nodes => Place::Node,
                }
            }
            Kind::Root => Place::Node,
            Kind::Node => Place::Property,
        };
        check_name(start, resolver, line)?;
        let tag = StartTag::read(start, resolver, place, line)?;
        if place == Place::Property {
            return self.start_property(tag);
        }
        self.start_node(tag);
        Ok(())
    }

    fn start_verbatim(&mut self, start: &BytesStart<'_>, line: u64) {
        let name = start.name().into_inner().to_owned();
        let raw: &str = start;
        self.cut.out.push(&format!("<{raw}>"), line);
        self.frames.push(Frame { kind: Kind::Verbatim, name, language: None, based: false, subject: None });
    }

    fn start_node(&mut self, mut tag: StartTag) {
        let (around, based) = self.frames.last().map_or((None, false), |f| (f.language.clone(), f.based));
        let based = based || tag.base.is_some();
        let language = effective(&tag.language, around.as_deref());
        let about = self.about(&mut tag, based);
        self.cut.out.open(&tag);
        let rdf = |local: &str| format!("{}:{local}", tag.rdf_prefix);
        if let Some(about) = &about {
            self.cut.out.attribute(&rdf("about"), about);
        }
        if let Some(node) = &tag.node_id {
            self.cut.out.attribute(&rdf("nodeID"), node);
        }
        for Kept { name, value } in &tag.others {
            self.cut.out.attribute(&rdf(name), value);
        }
        for Kept { name, value } in &tag.properties {
            self.cut.out.attribute(name, value);
        }
        // Where the node itself makes no statement, its language is written on the statements inside.
        if let Some(language) = language.as_deref().filter(|_| !tag.properties.is_empty()) {
            self.cut.out.attribute("xml:lang", language);
        }
        self.cut.out.push(">\n", tag.line);
        let subject = about.map(|a| absolute(&a)).or_else(|| self.frames.last().and_then(|f| f.subject.clone()));
        self.note_all(subject.as_deref(), std::mem::take(&mut tag.notes));
        self.frames.push(Frame { kind: Kind::Node, name: tag.name, language, based, subject });
    }

    /// What stands as `rdf:about`: the IRI, nothing where it was empty, a placeholder where it is beyond mending.
    fn about(&mut self, tag: &mut StartTag, based: bool) -> Option<String> {
        match tag.about.take()? {
            Reference::Iri { iri, relative } => {
                if relative && !based {
                    let subject = absolute(&iri);
                    self.note_all(Some(&subject), vec![relative_note(tag.line, &iri)]);
                }
                Some(iri)
            }
            Reference::Empty => {
                let text = format!("rdf:about of `{}` is empty; the thing was left without a name", tag.name);
                tag.notes.push(Note::new(tag.line, NoteKind::LeftOut, text));
                None
            }
            Reference::Broken { value, reason } => {
                let text = format!("rdf:about of `{}` is `{value}`, which is not an IRI: {reason}", tag.name);
                self.cut.broken.push(Failure::new(tag.line, text));
                Some(format!("{BROKEN}{}", self.cut.broken.len() - 1))
            }
        }
    }

    fn start_property(&mut self, mut tag: StartTag) -> Result<(), Failure> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let (subject, based) = (frame.subject.clone(), frame.based || tag.base.is_some());
        let language = effective(&tag.language, frame.language.as_deref());
        let mut notes = std::mem::take(&mut tag.notes);
        if let (Some(Reference::Iri { iri, relative: true }), false) = (&tag.resource, based) {
            notes.push(relative_note(tag.line, iri));
        }
        self.note_all(subject.as_deref(), notes);
        let mark = tag.lifted.take().map(|lifted| {
            self.cut.lifted.push(lifted);
            format!("{MARK}{}", self.cut.lifted.len() - 1)
        });
        let name = tag.name.clone();
        let mut property = Property { tag, language: language.clone(), mark, text: String::new(), written: false };
        if property.content() != Content::Open {
            property.write_start(&mut self.cut.out)?;
        }
        self.frames.push(Frame { kind: Kind::Property(Box::new(property)), name, language, based, subject });
        Ok(())
    }

    /// Takes text, its references resolved.
    pub(super) fn text(&mut self, text: &str, line: u64) {
        if self.cut.failure.is_none() {
            self.cut.failure = self.try_text(text, line).err();
        }
    }

    fn try_text(&mut self, text: &str, line: u64) -> Result<(), Failure> {
        if let Some(c) = forbidden_character(text) {
            let before = text.split(c).next().unwrap_or_default().matches('\n').count() as u64;
            return Err(Failure::new(line + before, format!("the text holds U+{:04X}, which XML forbids", u32::from(c))));
        }
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        match &mut frame.kind {
            Kind::Verbatim => self.cut.out.push_text(text, line),
            Kind::Property(property) if property.content() == Content::Literal => self.cut.out.push_text(text, line),
            Kind::Property(property) if !property.written => property.text.push_str(text),
            _ if text.trim().is_empty() => {}
            _ => {
                return Err(Failure::new(
                    line + blank_lines(text),
                    format!("there is text inside `{}` where only elements may stand: `{}`", frame.name, brief(text)),
                ));
            }
        }
        Ok(())
    }

    /// Takes an end tag.
    pub(super) fn end(&mut self, line: u64) {
        if self.cut.failure.is_some() {
            return;
        }
        let Some(frame) = self.frames.pop() else { return };
        match frame.kind {
            Kind::Property(property) if !property.written => {
                let notes = property.write_whole(&mut self.cut.out);
                self.note_all(frame.subject.as_deref(), notes);
            }
            // Inside XML every line break counts.
            Kind::Verbatim => self.cut.out.push(&format!("</{}>", frame.name), line),
            _ => self.cut.out.close(&frame.name, line),
        }
    }

    /// The finished graph.
    pub(super) fn finish(mut self, line: u64) -> Cut {
        while self.cut.failure.is_none() && !self.frames.is_empty() {
            self.end(line);
        }
        self.cut
    }
}

fn relative_note(line: u64, iri: &str) -> Note {
    Note::new(line, NoteKind::Relative, format!("`{iri}` is a relative reference; it was put under our own base"))
}

/// Text cut short for a message.
pub(super) fn brief(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(60).chain("…".chars()).collect() }
}

/// How many lines of a text are blank before its first word.
pub(super) fn blank_lines(text: &str) -> u64 {
    text.chars().take_while(|c| c.is_whitespace()).filter(|c| *c == '\n').count() as u64
}

/// The language that holds: the element's own, or that of the element around it.
fn effective(own: &Language, around: Option<&str>) -> Option<String> {
    match own {
        Language::Inherited => around.map(str::to_owned),
        Language::None => None,
        Language::Tag(tag) => Some(tag.clone()),
    }
}

fn check_name(start: &BytesStart<'_>, resolver: &NamespaceResolver, line: u64) -> Result<(), Failure> {
    let name = start.name().into_inner();
    match resolver.resolve_element(start.name()).0 {
        ResolveResult::Bound(_) => Ok(()),
        ResolveResult::Unbound => Err(Failure::new(line, format!("the element `{name}` is in no namespace, so it says nothing in RDF"))),
        ResolveResult::Unknown(prefix) => {
            Err(Failure::new(line, format!("the prefix of `{name}` is not declared: xmlns:{prefix} is missing")))
        }
    }
}

/// Every namespace that is declared where the resolver stands.
fn in_scope(resolver: &NamespaceResolver) -> Vec<Kept> {
    let mut all: Vec<Kept> = Vec::new();
    for (prefix, namespace) in resolver.bindings() {
        let name = match prefix {
            PrefixDeclaration::Default => "xmlns".to_owned(),
            PrefixDeclaration::Named(prefix) => format!("xmlns:{prefix}"),
        };
        let raw = namespace.into_inner();
        let value = quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), std::borrow::Cow::into_owned);
        match all.iter_mut().find(|known| known.name == name) {
            Some(known) => known.value = value,
            None => all.push(Kept { name, value }),
        }
    }
    all
}
