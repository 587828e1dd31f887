//! What a record says in words: the texts of the properties that are read, each with its language and the thing that it is said of.

use std::collections::BTreeSet;

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNodeRef, TermRef, Triple};

use super::language::primary;
use crate::{rdf::ns::edm, records::RecordView};

/// In which language something is said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spoken {
    /// The text has a language tag; this is its primary part.
    Tagged(String),
    /// It has none, but its record tells.
    Assumed(String),
    /// Nobody knows.
    Unknown,
}

impl Spoken {
    /// The language, if it is known.
    pub fn language(&self) -> Option<&str> {
        match self {
            Self::Tagged(language) | Self::Assumed(language) => Some(language),
            Self::Unknown => None,
        }
    }
}

/// One text of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Of what it is said: the provider's proxy, or the CHO.
    pub of: NamedNode,
    /// By which property.
    pub property: NamedNode,
    /// The text as the provider wrote it.
    pub text: String,
    /// In which language.
    pub spoken: Spoken,
}

/// The texts that a record has for these properties, in a fixed order. `otherwise` is the language of texts without a tag where the record
/// does not tell it; empty for unknown.
pub fn said_by(cho: NamedNodeRef<'_>, triples: &[Triple], properties: &[NamedNode], otherwise: &str) -> Vec<Said> {
    let view = RecordView::new(cho, triples);
    let subjects: Vec<NamedOrBlankNodeRef<'_>> =
        std::iter::once(NamedOrBlankNodeRef::from(cho)).chain(view.proxies().iter().copied()).collect();
    let assumed = language_of(&subjects, triples).or_else(|| Some(primary(otherwise)).filter(|l| !l.is_empty()));
    let mut all = Vec::new();
    for triple in triples.iter().filter(|t| subjects.contains(&t.subject.as_ref()) && properties.contains(&t.predicate)) {
        let TermRef::Literal(literal) = triple.object.as_ref() else { continue };
        let of = match triple.subject.as_ref() {
            NamedOrBlankNodeRef::NamedNode(node) => node.into_owned(),
            NamedOrBlankNodeRef::BlankNode(_) => cho.into_owned(),
        };
        let spoken = match (literal.language().map(primary).filter(|l| !l.is_empty() && l != "und" && l != "zxx" && l != "mul"), &assumed) {
            (Some(language), _) => Spoken::Tagged(language),
            (None, Some(language)) => Spoken::Assumed(language.clone()),
            (None, None) => Spoken::Unknown,
        };
        all.push(Said { of, property: triple.predicate.clone(), text: literal.value().to_owned(), spoken });
    }
    all.sort_by(|a, b| (a.property.as_str(), &a.text, a.of.as_str()).cmp(&(b.property.as_str(), &b.text, b.of.as_str())));
    all.dedup();
    all
}

/// The language of a record's words: `edm:language`, which is that of the metadata, else the one in which all its tagged texts are.
fn language_of(subjects: &[NamedOrBlankNodeRef<'_>], triples: &[Triple]) -> Option<String> {
    let one = |languages: BTreeSet<String>| -> Option<String> {
        let mut all = languages.into_iter().filter(|l| (2..=3).contains(&l.len()) && l != "mul" && l != "und");
        all.next().filter(|_| all.next().is_none())
    };
    let text = |triple: &Triple| match triple.object.as_ref() {
        TermRef::Literal(literal) => Some((literal.value().to_owned(), literal.language().map(primary))),
        _ => None,
    };
    let stated = triples.iter().filter(|t| t.predicate == edm::LANGUAGE).filter_map(text).map(|(value, _)| primary(&value)).collect();
    let tagged = triples.iter().filter(|t| subjects.contains(&t.subject.as_ref())).filter_map(text).filter_map(|(_, tag)| tag).collect();
    one(stated).or_else(|| one(tagged))
}

#[cfg(test)]
mod tests {
    use oxigraph::model::Literal;

    use super::*;
    use crate::rdf::ns::dc;

    #[test]
    fn a_text_without_a_tag_is_in_the_language_of_its_record() {
        let cho = NamedNode::new_unchecked("http://museum.example/1");
        let said = |p: NamedNodeRef<'_>, o: Literal| Triple::new(cho.clone(), p, o);
        let mut triples = vec![
            said(dc::TYPE, Literal::new_simple_literal("brief")),
            said(dc::TITLE, Literal::new_language_tagged_literal_unchecked("Brief aan moeder", "nl-nl")),
        ];
        let properties = [dc::TYPE.into_owned()];
        assert_eq!(said_by(cho.as_ref(), &triples, &properties, "")[0].spoken, Spoken::Assumed("nl".to_owned()));
        triples.push(said(dc::TITLE, Literal::new_language_tagged_literal_unchecked("Letter to mother", "en")));
        assert_eq!(said_by(cho.as_ref(), &triples, &properties, "")[0].spoken, Spoken::Unknown);
        assert_eq!(said_by(cho.as_ref(), &triples, &properties, "en")[0].spoken, Spoken::Assumed("en".to_owned()));
    }
}
