//! One concept: what kind it is, how it is called, in which release it is described.

use std::collections::HashMap;

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Term};

use super::{Home, Vocabularies};
use crate::{
    rdf::ns::{edm, foaf, gvp, rdf, skos, skosxl},
    vocab::VocabError,
};

/// What kind of node of a vocabulary it is. Only concepts are tagged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConceptKind {
    /// A concept.
    Concept,
    /// Orders the tree, and is never tagged with: `<vessels by form>`.
    GuideTerm,
    /// The top of a hierarchy within a facet.
    Hierarchy,
    /// The top of a branch.
    Facet,
    /// A collection of concepts.
    Collection,
    /// A subject that its vocabulary has withdrawn.
    Obsolete,
    /// The scheme itself.
    Scheme,
    /// A person or a group.
    Agent,
    /// An organisation.
    Organization,
    /// A place.
    Place,
    /// A time span.
    TimeSpan,
}

impl ConceptKind {
    /// Whether pictures may be tagged with it.
    pub fn is_taggable(self) -> bool {
        self == Self::Concept
    }
}

/// The classes that tell the kind, the telling ones first: a facet of AAT is also a collection, and a guide term too.
const CLASSES: [(NamedNodeRef<'static>, ConceptKind); 13] = [
    (gvp::OBSOLETE_SUBJECT, ConceptKind::Obsolete),
    (gvp::FACET, ConceptKind::Facet),
    (gvp::HIERARCHY, ConceptKind::Hierarchy),
    (gvp::GUIDE_TERM, ConceptKind::GuideTerm),
    (skos::CONCEPT_SCHEME, ConceptKind::Scheme),
    (gvp::CONCEPT, ConceptKind::Concept),
    (skos::COLLECTION, ConceptKind::Collection),
    (skos::ORDERED_COLLECTION, ConceptKind::Collection),
    (foaf::ORGANIZATION, ConceptKind::Organization),
    (edm::AGENT, ConceptKind::Agent),
    (edm::PLACE, ConceptKind::Place),
    (edm::TIME_SPAN, ConceptKind::TimeSpan),
    (skos::CONCEPT, ConceptKind::Concept),
];

/// A label of a concept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The language tag in lower case, or nothing.
    pub language: String,
    /// The text, with its qualifier where the vocabulary writes it so.
    pub text: String,
    /// Whether it is a preferred label of its language.
    pub preferred: bool,
    /// What sets it apart from the same word for something else: `visual works`.
    pub qualifier: Option<String>,
}

/// A concept as its release describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concept {
    /// Its IRI as the release spells it.
    pub iri: NamedNode,
    /// Its kind.
    pub kind: ConceptKind,
    /// Its labels, by language, preferred ones first.
    pub labels: Vec<Label>,
    /// What is said about it: text and language.
    pub notes: Vec<(String, String)>,
    /// The scheme's short name.
    pub scheme: String,
    /// The graph of the release.
    pub graph: NamedNode,
}

/// Whether a text in this language is one for somebody who asks for that one: `en-gb` is English.
pub(super) fn speaks(language: &str, wanted: &str) -> bool {
    let wanted = wanted.to_ascii_lowercase();
    language == wanted || language.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether a language tag is that of English.
pub(in crate::vocab) fn is_english(language: &str) -> bool {
    speaks(language, "en")
}

impl Vocabularies<'_> {
    /// The concept with this IRI, in whichever spelling; else the concept that is aligned with it exactly and described here.
    pub fn concept(&self, iri: &str) -> Result<Option<Concept>, VocabError> {
        if let Some(home) = self.home(iri)? {
            return self.concept_at(&home).map(Some);
        }
        for equivalent in self.equivalents(iri)? {
            if let Some(home) = self.home(equivalent.as_str())? {
                return self.concept_at(&home).map(Some);
            }
        }
        Ok(None)
    }

    /// What kind of node it is, if it is known.
    pub fn kind(&self, iri: &str) -> Result<Option<ConceptKind>, VocabError> {
        self.home(iri)?.map(|home| self.kind_at(&home)).transpose()
    }

    /// The short name of the scheme that describes it.
    pub fn scheme_of(&self, iri: &str) -> Result<Option<String>, VocabError> {
        Ok(self.home(iri)?.and_then(|home| self.releases.get(home.release)).map(|release| release.scheme.clone()))
    }

    /// Whether pictures may be tagged with it: it is known, and a concept rather than a guide term, hierarchy, facet or collection.
    pub fn is_taggable(&self, iri: &str) -> Result<bool, VocabError> {
        Ok(self.kind(iri)?.is_some_and(ConceptKind::is_taggable))
    }

    /// All labels, by language, preferred ones first.
    pub fn labels(&self, iri: &str) -> Result<Vec<Label>, VocabError> {
        self.home(iri)?.map_or_else(|| Ok(Vec::new()), |home| self.labels_at(&home))
    }

    /// The best label for somebody who reads these languages, in this order; else English; else any.
    pub fn label(&self, iri: &str, languages: &[&str]) -> Result<Option<Label>, VocabError> {
        let labels = self.labels(iri)?;
        for preferred in [true, false] {
            for language in languages.iter().copied().chain(["en"]) {
                if let Some(label) = labels.iter().find(|l| l.preferred == preferred && speaks(&l.language, language)) {
                    return Ok(Some(label.clone()));
                }
            }
        }
        Ok(labels.iter().find(|l| l.preferred).or(labels.first()).cloned())
    }

    fn concept_at(&self, home: &Home) -> Result<Concept, VocabError> {
        let (scheme, graph) = self
            .releases
            .get(home.release)
            .map_or_else(|| (String::new(), self.store.meta_graph()), |release| (release.scheme.clone(), release.graph.clone()));
        Ok(Concept {
            iri: home.node.clone(),
            kind: self.kind_at(home)?,
            labels: self.labels_at(home)?,
            notes: self.notes_at(home)?,
            scheme,
            graph,
        })
    }

    pub(super) fn kind_at(&self, home: &Home) -> Result<ConceptKind, VocabError> {
        let types = self.nodes_in(home, rdf::TYPE)?;
        let told = CLASSES.iter().find(|(class, _)| types.iter().any(|t| t == class));
        Ok(told.map_or(ConceptKind::Concept, |(_, kind)| *kind))
    }

    fn labels_at(&self, home: &Home) -> Result<Vec<Label>, VocabError> {
        let qualifiers = self.qualifiers(home)?;
        let mut labels: Vec<Label> = Vec::new();
        for (predicate, preferred) in [(skos::PREF_LABEL, true), (skos::ALT_LABEL, false)] {
            for object in self.objects_in(home.release, home.node.as_ref(), predicate)? {
                let Term::Literal(literal) = &object else { continue };
                let language = literal.language().unwrap_or_default().to_owned();
                if !labels.iter().any(|l| l.language == language && l.text == literal.value()) {
                    let qualifier = qualifiers.get(&object).cloned();
                    labels.push(Label { language, text: literal.value().to_owned(), preferred, qualifier });
                }
            }
        }
        labels.sort_by(|a, b| (&a.language, !a.preferred, &a.text).cmp(&(&b.language, !b.preferred, &b.text)));
        Ok(labels)
    }

    /// The qualifiers that SKOS-XL labels carry, by the label's text.
    fn qualifiers(&self, home: &Home) -> Result<HashMap<Term, String>, VocabError> {
        let mut qualifiers = HashMap::new();
        let Some(release) = self.releases.get(home.release) else { return Ok(qualifiers) };
        for predicate in [skosxl::PREF_LABEL, gvp::PREF_LABEL_GVP, skosxl::ALT_LABEL] {
            for label in self.objects_in(home.release, home.node.as_ref(), predicate)? {
                let label: NamedOrBlankNodeRef<'_> = match &label {
                    Term::NamedNode(node) => node.as_ref().into(),
                    Term::BlankNode(node) => node.as_ref().into(),
                    _ => continue,
                };
                let Some(Term::Literal(qualifier)) = self.store.object(label, gvp::QUALIFIER, &release.graph)? else { continue };
                for text in self.store.objects(label, skosxl::LITERAL_FORM, &release.graph)? {
                    qualifiers.insert(text, qualifier.value().to_owned());
                }
            }
        }
        Ok(qualifiers)
    }

    /// Notes, scope notes and definitions; Getty's are resources that carry their text as a value.
    fn notes_at(&self, home: &Home) -> Result<Vec<(String, String)>, VocabError> {
        let mut notes = Vec::new();
        let Some(release) = self.releases.get(home.release) else { return Ok(notes) };
        for predicate in [skos::SCOPE_NOTE, skos::DEFINITION, skos::NOTE] {
            for object in self.objects_in(home.release, home.node.as_ref(), predicate)? {
                let texts = match &object {
                    Term::Literal(_) => vec![object],
                    Term::NamedNode(node) => self.store.objects(node, rdf::VALUE, &release.graph)?,
                    Term::BlankNode(node) => self.store.objects(node, rdf::VALUE, &release.graph)?,
                    Term::Triple(_) => Vec::new(),
                };
                for text in texts {
                    if let Term::Literal(text) = text {
                        notes.push((text.value().to_owned(), text.language().unwrap_or_default().to_owned()));
                    }
                }
            }
        }
        Ok(notes)
    }
}
