//! Whose vocabulary it is, told from its first statements; and how large a graph is.

use std::collections::HashMap;

use oxigraph::model::{GraphNameRef, NamedNode, NamedOrBlankNode, Term, Triple};

use super::{
    document::{OpenDocument, Read1},
    source::Sources,
};
use crate::{
    rdf::ns::{AAT, EUROPEANA, rdf, skos},
    store::{Store, StoreError},
    vocab::VocabError,
};

/// How many statements of each document are looked at, and how many documents.
const STATEMENTS: usize = 2_000;
const DOCUMENTS: usize = 50;

/// Vocabularies that are known by where they mint.
const KNOWN: [(&str, &str); 4] =
    [(AAT, "aat"), ("http://vocab.getty.edu/tgn/", "tgn"), ("http://vocab.getty.edu/ulan/", "ulan"), (EUROPEANA, "europeana")];

/// The scheme's short name: a known namespace where most labelled or typed subjects stand, else the concept scheme's own name, else the file's.
pub(super) fn scheme(sources: &Sources, base: &str) -> Result<String, VocabError> {
    let mut seen = Seen::default();
    for document in sources.documents.iter().take(DOCUMENTS) {
        let mut open = OpenDocument::open(document, base)?;
        for _ in 0..STATEMENTS {
            match open.next() {
                Some(Ok(Read1::Triple(triple, _))) => seen.see(&triple),
                Some(Ok(Read1::BadLine(..))) => {}
                // What is wrong is told when the file is read in earnest.
                Some(Err(_)) | None => break,
            }
        }
    }
    Ok(seen.scheme().unwrap_or_else(|| sources.stem.clone()))
}

/// What the first statements show.
#[derive(Default)]
struct Seen {
    subjects: u64,
    known: HashMap<&'static str, u64>,
    schemes: HashMap<String, u64>,
}

impl Seen {
    fn see(&mut self, triple: &Triple) {
        let is_concept = triple.predicate == skos::PREF_LABEL || triple.predicate == rdf::TYPE;
        if let (true, NamedOrBlankNode::NamedNode(subject)) = (is_concept, &triple.subject) {
            self.subjects += 1;
            if let Some((_, name)) = KNOWN.iter().find(|(namespace, _)| subject.as_str().starts_with(namespace)) {
                *self.known.entry(name).or_default() += 1;
            }
        }
        if let (true, Term::NamedNode(scheme)) = (triple.predicate == skos::IN_SCHEME, &triple.object) {
            *self.schemes.entry(scheme.as_str().to_owned()).or_default() += 1;
        }
        let declared = triple.predicate == rdf::TYPE && triple.object == skos::CONCEPT_SCHEME.into();
        if let (true, NamedOrBlankNode::NamedNode(scheme)) = (declared, &triple.subject) {
            *self.schemes.entry(scheme.as_str().to_owned()).or_default() += 1;
        }
    }

    fn scheme(&self) -> Option<String> {
        let known = self.known.iter().max_by_key(|(name, count)| (**count, **name));
        if let Some((name, count)) = known
            && count * 2 > self.subjects
        {
            return Some((*name).to_owned());
        }
        // Of several schemes in one file none speaks for all of it.
        let only = if self.schemes.len() == 1 { self.schemes.keys().next() } else { None };
        only.and_then(|iri| short_name(iri))
    }
}

/// The last part of an IRI that is a word.
fn short_name(iri: &str) -> Option<String> {
    let path = iri.split_once("://").map_or(iri, |(_, path)| path);
    let part = path.split(['/', '#']).skip(1).filter(|p| !p.is_empty()).last()?;
    // A generated name says nothing to anybody.
    let word = part.chars().any(char::is_alphabetic) && part.len() <= 32 && !part.eq_ignore_ascii_case("conceptscheme");
    word.then(|| part.to_ascii_lowercase())
}

/// How many triples the graph holds.
pub(super) fn triples(store: &Store, graph: &NamedNode) -> Result<u64, StoreError> {
    let mut count = 0;
    for quad in store.quads().quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))) {
        quad?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_called_by_its_word() {
        assert_eq!(short_name("http://museum.example/thesauri/Tools/"), Some("tools".to_owned()));
        assert_eq!(short_name("http://museum.example/01617d03-bcd9-4720-9392-bf6bd92227b9"), None);
        assert_eq!(short_name("http://museum.example/"), None);
    }
}
