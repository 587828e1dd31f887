//! The attributes of one element: sorted into what RDF knows, what Europeana adds, and what says nothing; IRIs and language tags mended.

use oxigraph::model::Literal;
use quick_xml::{
    XmlVersion,
    events::BytesStart,
    name::{NamespaceResolver, Prefix, PrefixDeclaration, ResolveResult},
};

use super::{Note, NoteKind, confidence::Lifted, encoding::forbidden_character, record::Failure};
use crate::rdf::{
    iri,
    ns::{edm, rdf},
};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Says where a schema lies or that an element is nil: nothing about the record.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Where an element stands, which decides what its attributes may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `rdf:RDF` itself.
    Root,
    /// A thing.
    Node,
    /// A statement about a thing.
    Property,
}

/// An IRI as an attribute gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// Well formed, or mended to be.
    Iri { iri: String, relative: bool },
    /// An attribute without a value.
    Empty,
    /// Beyond mending.
    Broken { value: String, reason: String },
}

/// What a start tag says about its language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    /// Nothing: that of the element around it holds.
    #[default]
    Inherited,
    /// `xml:lang=""`: none.
    None,
    /// A tag.
    Tag(String),
}

/// An attribute that is written on as it came.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) value: String,
}

/// A start tag, read.
#[derive(Clone, Debug, Default)]
pub(super) struct StartTag {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) namespaces: Vec<Kept>,
    pub(super) language: Language,
    pub(super) base: Option<String>,
    pub(super) about: Option<Reference>,
    pub(super) resource: Option<Reference>,
    pub(super) datatype: Option<Reference>,
    pub(super) node_id: Option<String>,
    pub(super) parse_type: Option<String>,
    /// RDF's other attributes by local name: `ID`, `type` and the rarer ones.
    pub(super) others: Vec<Kept>,
    /// Attributes that are statements themselves.
    pub(super) properties: Vec<Kept>,
    pub(super) lifted: Option<Lifted>,
    /// The prefix under which RDF's namespace is known here.
    pub(super) rdf_prefix: String,
    pub(super) notes: Vec<Note>,
}

impl StartTag {
    /// Reads a start tag where the resolver knows its namespaces.
    pub(super) fn read(start: &BytesStart<'_>, resolver: &NamespaceResolver, place: Place, line: u64) -> Result<Self, Failure> {
        let mut tag = Self { name: start.name().into_inner().to_owned(), line, ..Self::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| Failure::new(line, format!("an attribute of `{}` is not well formed: {e}", tag.name)))?;
            let key = attribute.key.into_inner();
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|e| Failure::new(line, format!("the attribute `{key}` of `{}` cannot be read: {e}", tag.name)))?;
            if let Some(c) = forbidden_character(&value) {
                return Err(Failure::new(line, format!("the attribute `{key}` holds U+{:04X}, which XML forbids", u32::from(c))));
            }
            if attribute.key.as_namespace_binding().is_some() {
                tag.namespaces.push(Kept { name: key.to_owned(), value: value.into_owned() });
                continue;
            }
            let (namespace, local) = resolver.resolve_attribute(attribute.key);
            tag.take(place, key, &namespace, local.into_inner(), &value);
        }
        tag.find_rdf_prefix(resolver);
        Ok(tag)
    }

    fn note(&mut self, kind: NoteKind, text: String) {
        self.notes.push(Note::new(self.line, kind, text));
    }

    fn take(&mut self, place: Place, key: &str, namespace: &ResolveResult<'_>, local: &str, value: &str) {
        match namespace {
            ResolveResult::Bound(n) if n.into_inner() == XML => self.take_xml(local, value),
            ResolveResult::Bound(n) if n.into_inner() == rdf::NS => self.take_rdf(place, local, value),
            // What else stands on `rdf:RDF` is about the file: every parser passes over it.
            _ if place == Place::Root => {}
            ResolveResult::Bound(n) if n.into_inner() == edm::NS && is_lifted(local) => self.take_lifted(place, local, value),
            ResolveResult::Bound(n) if n.into_inner() != XSI => {
                self.properties.push(Kept { name: key.to_owned(), value: value.to_owned() });
            }
            // RDF/XML of 1999 wrote its attributes without a prefix, and some exports still do.
            ResolveResult::Unbound if matches!(local, "about" | "resource" | "datatype" | "nodeID" | "parseType" | "ID") => {
                self.note(NoteKind::Mended, format!("the attribute `{key}` of `{}` has no prefix; it was read as rdf:{local}", self.name));
                self.take_rdf(place, local, value);
            }
            _ => self.note(
                NoteKind::LeftOut,
                format!("the attribute {key}=\"{value}\" of `{}` says nothing in RDF; it was left out", self.name),
            ),
        }
    }

    fn take_xml(&mut self, local: &str, value: &str) {
        match local {
            "lang" => self.take_language(value),
            "base" => match oxiri::Iri::parse(value.trim()) {
                Ok(base) => self.base = Some(base.into_inner().to_owned()),
                Err(e) => {
                    self.note(NoteKind::LeftOut, format!("xml:base is `{value}`, which is not an absolute IRI ({e}); it was left out"));
                }
            },
            _ => {}
        }
    }

    fn take_language(&mut self, value: &str) {
        let good = |tag: &str| Literal::new_language_tagged_literal("", tag).is_ok();
        let trimmed = value.trim();
        if trimmed.is_empty() {
            self.language = Language::None;
            self.note(NoteKind::LeftOut, format!("xml:lang of `{}` is empty; it was left out", self.name));
        } else if good(value) {
            self.language = Language::Tag(value.to_owned());
        } else if good(&trimmed.replace('_', "-")) {
            let mended = trimmed.replace('_', "-");
            self.note(NoteKind::Mended, format!("xml:lang of `{}` is `{value}`; it was read as `{mended}`", self.name));
            self.language = Language::Tag(mended);
        } else {
            self.language = Language::None;
            self.note(NoteKind::LeftOut, format!("xml:lang of `{}` is `{value}`, which is not a language tag; it was left out", self.name));
        }
    }

    fn take_rdf(&mut self, place: Place, local: &str, value: &str) {
        match (local, place) {
            ("about", Place::Property) if self.resource.is_none() => {
                self.note(NoteKind::Mended, format!("`{}` has rdf:about=\"{value}\"; it was read as rdf:resource", self.name));
                self.resource = Some(self.reference("resource", value));
            }
            ("resource", Place::Node) if self.about.is_none() => {
                self.note(NoteKind::Mended, format!("`{}` has rdf:resource=\"{value}\"; it was read as rdf:about", self.name));
                self.about = Some(self.reference("about", value));
            }
            ("about", Place::Node) => self.about = Some(self.reference("about", value)),
            ("resource", Place::Property) => self.resource = Some(self.reference("resource", value)),
            ("datatype", _) => self.datatype = Some(self.reference("datatype", value)),
            ("type", Place::Node | Place::Property) => match self.reference("type", value) {
                Reference::Iri { iri, .. } => self.others.push(Kept { name: local.to_owned(), value: iri }),
                _ => {
                    self.note(NoteKind::LeftOut, format!("rdf:type of `{}` is `{value}`, which is not an IRI; it was left out", self.name));
                }
            },
            ("about" | "resource", _) => {
                self.note(NoteKind::LeftOut, format!("rdf:{local}=\"{value}\" says nothing on `{}`; it was left out", self.name));
            }
            // A letter in front: a name may not begin with a digit, and ours must not meet the provider's.
            ("nodeID", _) => self.node_id = Some(format!("n{value}")),
            ("annotationNodeID", _) => self.others.push(Kept { name: local.to_owned(), value: format!("n{value}") }),
            ("parseType", _) => self.parse_type = Some(value.to_owned()),
            _ => self.others.push(Kept { name: local.to_owned(), value: value.to_owned() }),
        }
    }

    fn take_lifted(&mut self, place: Place, local: &str, value: &str) {
        if place != Place::Property {
            let text = format!("edm:{local}=\"{value}\" stands on the thing `{}` and not on a statement; it was left out", self.name);
            return self.note(NoteKind::LeftOut, text);
        }
        let line = self.line;
        let lifted = self.lifted.get_or_insert_with(|| Lifted { line, ..Lifted::default() });
        if local == "confidenceLevel" {
            lifted.take_confidence(value);
        } else {
            let note = lifted.take_generated_by(value);
            self.notes.extend(note);
        }
    }

    /// The value as an IRI or a relative reference, mended where that is possible.
    fn reference(&mut self, attribute: &str, value: &str) -> Reference {
        if value.trim().is_empty() {
            return Reference::Empty;
        }
        let mended = iri::mend(value);
        let text = mended.as_deref().unwrap_or(value);
        match oxiri::IriRef::parse(text) {
            Ok(parsed) => {
                let relative = !parsed.is_absolute();
                if mended.is_some() {
                    self.note(NoteKind::Mended, format!("rdf:{attribute} of `{}` is `{value}`; it was read as `{text}`", self.name));
                }
                Reference::Iri { iri: text.to_owned(), relative }
            }
            Err(e) => Reference::Broken { value: value.to_owned(), reason: e.to_string() },
        }
    }

    /// Finds a prefix that means RDF's namespace here, or declares one.
    fn find_rdf_prefix(&mut self, resolver: &NamespaceResolver) {
        for (prefix, namespace) in resolver.bindings() {
            let PrefixDeclaration::Named(name) = prefix else { continue };
            // An inner element may have bound the prefix to something else.
            let holds = QNamePrefix(name).resolves_to(resolver, rdf::NS);
            if namespace.into_inner() == rdf::NS && holds {
                name.clone_into(&mut self.rdf_prefix);
                return;
            }
        }
        "glossator-rdf".clone_into(&mut self.rdf_prefix);
        self.namespaces.push(Kept { name: "xmlns:glossator-rdf".to_owned(), value: rdf::NS.to_owned() });
    }
}

/// A prefix that is asked what it means.
struct QNamePrefix<'p>(&'p str);

impl QNamePrefix<'_> {
    fn resolves_to(&self, resolver: &NamespaceResolver, namespace: &str) -> bool {
        let name = format!("{}:x", self.0);
        let prefix: Option<Prefix<'_>> = quick_xml::name::QName(&name).prefix();
        matches!(resolver.resolve_prefix(prefix, false), ResolveResult::Bound(n) if n.into_inner() == namespace)
    }
}

fn is_lifted(local: &str) -> bool {
    matches!(local, "confidenceLevel" | "wasGeneratedBy")
}
