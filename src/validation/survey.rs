//! A look over an XML document as it came: at which line each thing stands, and what is wrong in it that the graph no longer shows.
//!
//! Europeana's Schematron and its schema's order of elements speak of the document. Whatever cannot be read here is told by the reader.

use std::collections::HashMap;

use oxigraph::model::{NamedNode, Term};
use oxiri::Iri;
use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::{NamespaceResolver, ResolveResult},
};

use super::{
    Finding, Path, Rule,
    edm_class::{self, Class},
};
use crate::rdf::{
    iri::mend,
    ns::{edm, rdf},
    prefixed,
};

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// What was seen in a document.
#[derive(Debug, Default)]
pub struct Survey {
    /// The line at which a thing is described first.
    things: HashMap<String, u64>,
    /// The line of each property of a thing, in the document's order.
    statements: HashMap<String, Vec<Statement>>,
    /// What is wrong, by the thing in which it stands; what stands in none is under the empty name.
    findings: HashMap<String, Vec<Finding>>,
}

#[derive(Debug)]
struct Statement {
    property: String,
    value: String,
    line: u64,
}

impl Survey {
    /// Looks over an XML document. Relative references are resolved against `base`, as the reader does.
    pub fn of(text: &str, base: &str) -> Self {
        let mut surveying = Surveying::new(base);
        surveying.read(text);
        surveying.survey
    }

    /// Where a thing is described.
    pub fn line_of(&self, thing: &str) -> Option<u64> {
        self.things.get(thing).copied()
    }

    /// Gives a finding its line: that of the wrong value, else that of the property's first value, else that of the thing.
    pub fn place(&self, finding: &mut Finding) {
        let Term::NamedNode(focus) = &finding.focus else { return };
        if finding.line.is_some() {
            return;
        }
        let statements = self.statements.get(focus.as_str()).map(Vec::as_slice).unwrap_or_default();
        let of_property = |s: &&Statement| match &finding.path {
            Some(Path::Property(property)) => s.property == property.as_str(),
            Some(Path::Alternative(ways)) => ways.iter().filter_map(Path::property).any(|p| s.property == p.as_str()),
            _ => false,
        };
        let value = match &finding.value {
            Some(Term::NamedNode(node)) => Some(node.as_str()),
            Some(Term::Literal(literal)) => Some(literal.value().trim()),
            _ => None,
        };
        let exact = statements.iter().filter(of_property).find(|s| Some(s.value.as_str()) == value);
        let found = exact.or_else(|| statements.iter().find(of_property)).map(|s| s.line);
        finding.line = found.or_else(|| self.line_of(focus.as_str()));
    }

    /// What is wrong in the description of these things.
    pub fn findings<'s>(&'s self, things: impl Iterator<Item = &'s str>) -> Vec<Finding> {
        things.filter_map(|thing| self.findings.get(thing)).flatten().cloned().collect()
    }

    /// What is wrong in no thing with a name, where there is no object with which it could be told.
    pub fn nameless(&self) -> &[Finding] {
        self.findings.get("").map(Vec::as_slice).unwrap_or_default()
    }
}

/// An element that is open.
struct Open {
    kind: Kind,
    line: u64,
}

enum Kind {
    /// Above the records, or beside them.
    Around,
    /// `rdf:RDF`, with the CHOs seen in it.
    Root { chos: Vec<String> },
    /// A thing.
    Thing { about: String, class: Option<&'static Class>, rank: usize, before: String },
    /// A statement about the thing around it.
    Property { name: String, property: String, reference: bool, text: String },
}

struct Surveying {
    base: Option<Iri<String>>,
    open: Vec<Open>,
    survey: Survey,
    /// Where line counting has got to: bytes, and the line there.
    counted: (usize, u64),
}

impl Surveying {
    fn new(base: &str) -> Self {
        Self { base: Iri::parse(base.to_owned()).ok(), open: Vec::new(), survey: Survey::default(), counted: (0, 1) }
    }

    fn read(&mut self, text: &str) {
        let mut reader = NsReader::from_str(text);
        loop {
            let line = self.line_at(text, reader.buffer_position() as usize);
            match reader.read_event() {
                Ok(Event::Start(start)) => self.start(&start, reader.resolver(), line),
                Ok(Event::Empty(start)) => {
                    self.start(&start, reader.resolver(), line);
                    self.end();
                }
                Ok(Event::End(_)) => self.end(),
                Ok(Event::Text(words)) => self.text(&words.xml10_content()),
                Ok(Event::CData(words)) => self.text(&words.xml10_content()),
                Ok(Event::GeneralRef(_)) => self.text("&"),
                Ok(Event::Eof) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// The line of the first character that is no white space from here on: where the next element begins.
    fn line_at(&mut self, text: &str, position: usize) -> u64 {
        let (from, line) = self.counted;
        let until = position.min(text.len());
        let passed = text.get(from..until).unwrap_or_default().matches('\n').count() as u64;
        self.counted = (until.max(from), line + passed);
        self.counted.1
    }

    fn start(&mut self, start: &BytesStart<'_>, resolver: &NamespaceResolver, line: u64) {
        let (namespace, local) = resolver.resolve_element(start.name());
        let iri = match namespace {
            ResolveResult::Bound(namespace) => format!("{}{}", namespace.into_inner(), local.into_inner()),
            _ => local.into_inner().to_owned(),
        };
        let attributes = Attributes::read(start, resolver);
        let kind = match self.open.last().map(|o| &o.kind) {
            Some(Kind::Root { .. } | Kind::Property { .. }) => self.thing(&iri, &attributes, line),
            Some(Kind::Thing { .. }) => self.property(&iri, &attributes, line),
            _ if iri == format!("{}RDF", rdf::NS) => Kind::Root { chos: Vec::new() },
            _ => Kind::Around,
        };
        if attributes.empty_language && !matches!(kind, Kind::Around) {
            let text = format!("xml:lang of {} is empty. Name the language (xml:lang=\"nl\"), or leave the attribute out.", prefixed(&iri));
            self.find(Rule::EmptyLanguage, &iri, &text, line);
        }
        self.open.push(Open { kind, line });
    }

    fn thing(&mut self, iri: &str, attributes: &Attributes, line: u64) -> Kind {
        let about = attributes.about.as_deref().map(|about| self.resolved(about)).unwrap_or_default();
        if iri == edm::PROVIDED_CHO.as_str()
            && let Some(Open { kind: Kind::Root { chos }, .. }) = self.open.last_mut()
            && !chos.contains(&about)
        {
            chos.push(about.clone());
        }
        if !about.is_empty() {
            self.survey.things.entry(about.clone()).or_insert(line);
        }
        let kind = Kind::Thing { about, class: edm_class::named(&prefixed(iri)), rank: 0, before: String::new() };
        if attributes.about.as_deref().is_some_and(|a| a.trim().is_empty()) {
            let text = format!("rdf:about of {} is empty. Give the thing an identifier.", prefixed(iri));
            self.find(Rule::EmptyName, "", &text, line);
        }
        kind
    }

    fn property(&mut self, iri: &str, attributes: &Attributes, line: u64) -> Kind {
        let name = prefixed(iri);
        self.order(&name, iri, line);
        if attributes.resource.as_deref().is_some_and(|r| r.trim().is_empty()) {
            let text = format!("rdf:resource of {name} is empty. Give the link, write text in its place, or leave the element out.");
            self.find(Rule::EmptyReference, iri, &text, line);
        }
        let value = attributes.resource.as_deref().map(|r| self.resolved(r)).unwrap_or_default();
        if let Some(Open { kind: Kind::Thing { about, .. }, .. }) = self.open.last() {
            let statement = Statement { property: iri.to_owned(), value, line };
            self.survey.statements.entry(about.clone()).or_default().push(statement);
        }
        Kind::Property { name, property: iri.to_owned(), reference: attributes.resource.is_some(), text: String::new() }
    }

    /// Whether the element comes where the schema has it: no earlier than the one before it.
    fn order(&mut self, name: &str, iri: &str, line: u64) {
        let Some(Open { kind: Kind::Thing { class: Some(class), rank, before, .. }, .. }) = self.open.last_mut() else { return };
        let Some(place) = class.place(name) else { return };
        if place >= *rank {
            *rank = place;
            name.clone_into(before);
            return;
        }
        let text = format!(
            "{name} stands behind {before}; Europeana’s schema has it before. An export from here (glossator export --format edm) puts it right."
        );
        self.find(Rule::ElementOrder, iri, &text, line);
    }

    fn text(&mut self, words: &str) {
        if let Some(Open { kind: Kind::Property { text, .. }, .. }) = self.open.last_mut() {
            text.push_str(words);
        }
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        match open.kind {
            Kind::Root { chos } => self.end_of_root(chos, open.line),
            Kind::Property { name, property, reference, text } => {
                let text = text.trim();
                if reference && !text.is_empty() {
                    let said = format!("{name} has both a link (rdf:resource) and text. Write two elements, or leave one of them out.");
                    self.find(Rule::TextAndReference, &property, &said, open.line);
                }
                let last = match self.open.last() {
                    Some(Open { kind: Kind::Thing { about, .. }, .. }) => self.survey.statements.get_mut(about).and_then(|s| s.last_mut()),
                    _ => None,
                };
                if let Some(statement) = last.filter(|s| s.value.is_empty() && s.property == property) {
                    text.clone_into(&mut statement.value);
                }
            }
            _ => {}
        }
    }

    /// What has no name of its own is told with the first object; several objects are told with each.
    fn end_of_root(&mut self, chos: Vec<String>, line: u64) {
        if let Some(first) = chos.first() {
            let nameless = self.survey.findings.remove("").unwrap_or_default();
            let focus = Term::from(NamedNode::new_unchecked(first));
            let told = nameless.into_iter().map(|finding| Finding { focus: focus.clone(), ..finding });
            self.survey.findings.entry(first.clone()).or_default().extend(told);
        }
        if chos.len() < 2 {
            return;
        }
        let text = format!(
            "One rdf:RDF describes {} objects (edm:ProvidedCHO). Europeana takes one object a record: give each its own file.",
            chos.len()
        );
        for cho in chos {
            let finding = Finding::of_rule(Rule::OneCho, NamedNode::new_unchecked(&cho), &text).at(line);
            self.survey.findings.entry(cho).or_default().push(finding);
        }
    }

    /// Notes what is wrong in the thing that is open.
    fn find(&mut self, rule: Rule, property: &str, text: &str, line: u64) {
        let about = self.open.iter().rev().find_map(|o| match &o.kind {
            Kind::Thing { about, .. } => Some(about.clone()),
            _ => None,
        });
        let about = about.unwrap_or_default();
        let property = NamedNode::new(property).ok();
        let finding = Finding::of_rule(rule, NamedNode::new_unchecked(&about), text).at(line).on(property);
        self.survey.findings.entry(about).or_default().push(finding);
    }

    /// An IRI as the reader will have it: mended, and resolved against the base.
    fn resolved(&self, reference: &str) -> String {
        let reference = reference.trim();
        let mended = mend(reference);
        let reference = mended.as_deref().unwrap_or(reference);
        if reference.is_empty() || Iri::parse(reference).is_ok() {
            return reference.to_owned();
        }
        let resolved = self.base.as_ref().and_then(|base| base.resolve(reference).ok());
        resolved.map_or_else(|| reference.to_owned(), Iri::into_inner)
    }
}

/// The attributes of an element that matter here.
#[derive(Default)]
struct Attributes {
    about: Option<String>,
    resource: Option<String>,
    empty_language: bool,
}

impl Attributes {
    fn read(start: &BytesStart<'_>, resolver: &NamespaceResolver) -> Self {
        let mut all = Self::default();
        for attribute in start.attributes().flatten() {
            let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) else { continue };
            let (namespace, local) = resolver.resolve_attribute(attribute.key);
            let (of_rdf, of_xml) = match namespace {
                ResolveResult::Bound(n) => (n.into_inner() == rdf::NS, n.into_inner() == XML),
                _ => (attribute.key.into_inner() == local.into_inner(), false),
            };
            match local.into_inner() {
                "about" if of_rdf => all.about = Some(value.into_owned()),
                "resource" if of_rdf => all.resource = Some(value.into_owned()),
                "lang" if of_xml => all.empty_language = value.trim().is_empty(),
                _ => {}
            }
        }
        all
    }
}
