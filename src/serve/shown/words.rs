//! Words on pages: labels in the visitor's language, properties by their short names, values as the provider gave them.

use oxigraph::model::{NamedNodeRef, TermRef};

use super::{Shown, ours};
use crate::{
    rdf::{
        Base,
        ns::{PREFIXES, xsd},
    },
    serve::{
        SourceError, Visitor,
        pages::{ConceptLink, Link, Path, Text, Value},
    },
    vocab::Vocabularies,
};

impl Shown {
    pub(in crate::serve) fn vocabularies(&self) -> Result<Vocabularies<'_>, SourceError> {
        Vocabularies::new(self.store()).map_err(ours)
    }
}

/// A concept's label for this visitor; its IRI where it has none.
pub(in crate::serve) fn concept_link(vocabularies: &Vocabularies<'_>, visitor: &Visitor, iri: &str) -> Result<ConceptLink, SourceError> {
    let languages: Vec<&str> = visitor.languages.iter().map(String::as_str).collect();
    let label = vocabularies.label(iri, &languages).map_err(ours)?;
    let label = label.map_or_else(|| Text { text: short(iri), language: String::new() }, |l| Text { text: l.text, language: l.language });
    Ok(ConceptLink { iri: iri.to_owned(), label })
}

/// The way down from the facet to the concept, along preferred parents.
pub(in crate::serve) fn path_to(vocabularies: &Vocabularies<'_>, visitor: &Visitor, iri: &str) -> Result<Path, SourceError> {
    let mut steps = Vec::new();
    for above in vocabularies.path_to_facet(iri).map_err(ours)?.iter().rev() {
        steps.push(concept_link(vocabularies, visitor, above.as_str())?);
    }
    steps.push(concept_link(vocabularies, visitor, iri)?);
    Ok(Path { steps })
}

/// An IRI with its prefix, where we have one.
pub(in crate::serve) fn short(iri: &str) -> String {
    PREFIXES
        .iter()
        .find_map(|(prefix, namespace)| Some(format!("{prefix}:{}", iri.strip_prefix(namespace)?)))
        .unwrap_or_else(|| iri.to_owned())
}

/// A property by its short name.
pub(in crate::serve) fn property(iri: NamedNodeRef<'_>) -> Link {
    Link { text: short(iri.as_str()), href: iri.as_str().to_owned() }
}

/// A web address as a link; anything else as text.
pub(in crate::serve) fn link(text: impl Into<String>, iri: &str) -> Link {
    let web = iri.starts_with("http://") || iri.starts_with("https://");
    Link { text: text.into(), href: if web { iri.to_owned() } else { String::new() } }
}

/// A value as it stands; a concept of our vocabularies by its label.
pub(in crate::serve) fn value(vocabularies: &Vocabularies<'_>, visitor: &Visitor, term: TermRef<'_>) -> Result<Value, SourceError> {
    Ok(match term {
        TermRef::NamedNode(iri) if vocabularies.is_known(iri.as_str()).map_err(ours)? => {
            let concept = concept_link(vocabularies, visitor, iri.as_str())?;
            Value { href: concept.href(), text: concept.label, datatype: String::new() }
        }
        TermRef::NamedNode(iri) => {
            let link = link(iri.as_str(), iri.as_str());
            Value { text: Text { text: link.text, language: String::new() }, href: link.href, datatype: String::new() }
        }
        TermRef::Literal(literal) => {
            let plain = literal.language().is_some() || literal.datatype() == xsd::STRING;
            Value {
                text: Text { text: literal.value().to_owned(), language: literal.language().unwrap_or_default().to_owned() },
                href: String::new(),
                datatype: if plain { String::new() } else { short(literal.datatype().as_str()) },
            }
        }
        other => Value { text: Text { text: other.to_string(), language: String::new() }, ..Value::default() },
    })
}

/// The same, but what is ours leads to its own page here.
pub(in crate::serve) fn value_here(
    base: &Base,
    vocabularies: &Vocabularies<'_>,
    visitor: &Visitor,
    term: TermRef<'_>,
) -> Result<Value, SourceError> {
    if let TermRef::NamedNode(iri) = term
        && let Some(local) = base.local(iri.as_str())
    {
        return Ok(Value { text: Text { text: local.to_owned(), language: String::new() }, href: format!("/{local}"), ..Value::default() });
    }
    let mut value = value(vocabularies, visitor, term)?;
    let shortened = short(&value.text.text);
    if value.href == value.text.text && !shortened.ends_with(':') {
        value.text.text = shortened;
    }
    Ok(value)
}

/// A link to the page of a thing of ours; what is not ours leads to itself.
pub(in crate::serve) fn thing_link(base: &Base, text: impl Into<String>, iri: &str) -> Link {
    match base.local(iri) {
        Some(local) => Link { text: text.into(), href: format!("/{local}") },
        None => link(text, iri),
    }
}
