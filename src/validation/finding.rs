//! A finding: one place in a record that breaks a rule, how bad that is, and what a cataloguer should do about it.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use serde::{Deserialize, Serialize};

use super::Path;
use crate::rdf::ns::{self, sh};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The record will not be taken as it is.
    Violation,
    /// It will be taken, and is worse than it could be.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// All three, the worst first.
    pub const ALL: [Self; 3] = [Self::Violation, Self::Warning, Self::Info];

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::Warning => "warning",
            Self::Info => "note",
        }
    }

    /// SHACL's own name for it.
    pub fn iri(self) -> NamedNodeRef<'static> {
        match self {
            Self::Violation => sh::VIOLATION,
            Self::Warning => sh::WARNING,
            Self::Info => sh::INFO,
        }
    }
}

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// SHACL's IRI for how bad it is: shapes may have grades of their own, which count as violations.
    pub grade: NamedNode,
    /// The thing that was looked at.
    pub focus: Term,
    /// The way from there to the value.
    pub path: Option<Path>,
    /// The value that is wrong.
    pub value: Option<Term>,
    /// What kind of constraint is broken.
    pub component: NamedNode,
    /// The shape that says so; its IRI names the rule.
    pub shape: NamedOrBlankNode,
    /// What to do about it, for people.
    pub messages: Vec<Literal>,
    /// The line of the document, where it is known.
    pub line: Option<u64>,
}

impl Finding {
    /// A finding of one of our own rules, which is no SHACL.
    pub fn of_rule(rule: Rule, focus: impl Into<Term>, message: &str) -> Self {
        let iri = rule.iri();
        Self {
            severity: rule.severity(),
            grade: rule.severity().iri().into_owned(),
            focus: focus.into(),
            path: None,
            value: None,
            component: iri.clone(),
            shape: iri.into(),
            messages: vec![Literal::new_language_tagged_literal_unchecked(message, "en")],
            line: None,
        }
    }

    /// The same, at a line.
    #[must_use]
    pub fn at(mut self, line: impl Into<Option<u64>>) -> Self {
        self.line = line.into();
        self
    }

    /// The same, about a property.
    #[must_use]
    pub fn on(mut self, property: Option<NamedNode>) -> Self {
        self.path = property.map(Path::Property);
        self
    }

    /// The message in English, or in the first language that there is; SHACL's own words where the shape has none.
    pub fn message(&self) -> String {
        let english = self.messages.iter().find(|m| m.language().is_none_or(|l| l.starts_with("en")));
        english.or(self.messages.first()).map_or_else(
            || {
                let component = self.component.as_str().rsplit(['#', '/']).next().unwrap_or_default();
                let path = self.path.as_ref().map(|p| format!(" on {p}")).unwrap_or_default();
                format!("{}{path} is not met", component.trim_end_matches("ConstraintComponent"))
            },
            |m| m.value().to_owned(),
        )
    }

    /// The message for a list of rules: without what is particular to this place.
    pub fn statement(&self) -> String {
        let name = self.rule();
        let rule = Rule::ALL.into_iter().find(|rule| name.strip_prefix("document#") == Some(rule.name()));
        rule.map_or_else(|| self.message(), |rule| rule.statement().to_owned())
    }

    /// Whether it is about the document and not about the graph.
    pub fn is_of_document(&self) -> bool {
        matches!(&self.shape, NamedOrBlankNode::NamedNode(shape) if shape == &self.component)
    }

    /// What names the rule: the shape's IRI without what all of ours begin with, or the kind of constraint with its path.
    pub fn rule(&self) -> String {
        match &self.shape {
            NamedOrBlankNode::NamedNode(shape) => shape.as_str().strip_prefix(ns::SHAPES).unwrap_or(shape.as_str()).to_owned(),
            NamedOrBlankNode::BlankNode(_) => {
                let component = self.component.as_str().rsplit(['#', '/']).next().unwrap_or_default();
                let path = self.path.as_ref().map(|p| format!(" on {p}")).unwrap_or_default();
                format!("{component}{path}")
            }
        }
    }
}

/// The rules that look at a document rather than at a graph: SHACL cannot say them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A record or a document that could not be read.
    Unreadable,
    /// A record whose validation failed.
    Untried,
    /// More than one `edm:ProvidedCHO` in one `rdf:RDF`.
    OneCho,
    /// `rdf:resource=""`.
    EmptyReference,
    /// `rdf:about=""`.
    EmptyName,
    /// `xml:lang=""`.
    EmptyLanguage,
    /// Both `rdf:resource` and text.
    TextAndReference,
    /// Elements in another order than Europeana's schema wants.
    ElementOrder,
    /// A thing to which nothing in the record leads.
    Orphan,
    /// Something that was mended when it was read.
    Mended,
    /// Something that was left out when it was read.
    LeftOut,
    /// Something untidy that was taken as it is.
    Untidy,
}

impl Rule {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Untried => "untried",
            Self::OneCho => "one-cho",
            Self::EmptyReference => "empty-reference",
            Self::EmptyName => "empty-name",
            Self::EmptyLanguage => "empty-language",
            Self::TextAndReference => "text-and-reference",
            Self::ElementOrder => "element-order",
            Self::Orphan => "orphan",
            Self::Mended => "mended",
            Self::LeftOut => "left-out",
            Self::Untidy => "untidy",
        }
    }

    /// All of them.
    const ALL: [Self; 12] = [
        Self::Unreadable,
        Self::Untried,
        Self::OneCho,
        Self::EmptyReference,
        Self::EmptyName,
        Self::EmptyLanguage,
        Self::TextAndReference,
        Self::ElementOrder,
        Self::Orphan,
        Self::Mended,
        Self::LeftOut,
        Self::Untidy,
    ];

    /// What the rule says in general, for a list of rules: a finding says what it means in its place.
    pub fn statement(self) -> &'static str {
        match self {
            Self::Unreadable => "A record or a document could not be read.",
            Self::Untried => "A record could not be validated.",
            Self::OneCho => "Europeana takes one object (edm:ProvidedCHO) a record: give each its own file.",
            Self::EmptyReference => "A link (rdf:resource) is empty. Give the link, write text in its place, or leave the element out.",
            Self::EmptyName => "An identifier (rdf:about) is empty. Give the thing an identifier.",
            Self::EmptyLanguage => "A language (xml:lang) is empty. Name the language, or leave the attribute out.",
            Self::TextAndReference => "An element has both a link (rdf:resource) and text. Write two elements, or leave one of them out.",
            Self::ElementOrder => {
                "Elements stand in another order than Europeana’s schema has. An export from here (glossator export --format edm) puts them right."
            }
            Self::Orphan => "Something is described that nothing in the record names, so nobody will see it. Link to it, or leave it out.",
            Self::Mended => "Something could not be read as it is written, and was mended.",
            Self::LeftOut => "Something says nothing in RDF, and was left out.",
            Self::Untidy => "Something was taken as it is, though it is not good practice.",
        }
    }

    /// Its IRI, beside those of the shapes.
    pub fn iri(self) -> NamedNode {
        NamedNode::new_unchecked(format!("{}document#{}", ns::SHAPES, self.name()))
    }

    /// How bad it is to break it. The order of elements is a note: whoever passes the record on puts it right.
    pub fn severity(self) -> Severity {
        match self {
            Self::Unreadable
            | Self::Untried
            | Self::OneCho
            | Self::EmptyReference
            | Self::EmptyName
            | Self::EmptyLanguage
            | Self::TextAndReference => Severity::Violation,
            Self::Orphan | Self::LeftOut => Severity::Warning,
            Self::ElementOrder | Self::Mended | Self::Untidy => Severity::Info,
        }
    }
}
