//! Terms as people read them.

use oxigraph::model::Term;

use super::ns::{EDM_PREFIXES, PREFIXES};

/// The text of a term: a literal's value, an IRI, or how anything else is written.
pub fn text_of(term: Term) -> String {
    match term {
        Term::NamedNode(node) => node.into_string(),
        other => plain(&other),
    }
}

/// The same of a term that is only lent.
pub fn plain(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => node.as_str().to_owned(),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}

/// The prefixed name of a property or class, or its IRI where none of our prefixes serves.
pub fn prefixed(iri: &str) -> String {
    let name = PREFIXES.iter().chain(EDM_PREFIXES).find_map(|(prefix, namespace)| {
        let local = iri.strip_prefix(namespace).filter(|l| !l.is_empty() && !l.contains(['/', '#', ':', '?']))?;
        Some(format!("{prefix}:{local}"))
    });
    name.unwrap_or_else(|| iri.to_owned())
}

/// The IRI of a name with one of our prefixes.
pub fn expanded(name: &str) -> Option<String> {
    let (prefix, local) = name.split_once(':')?;
    let (_, namespace) = PREFIXES.iter().chain(EDM_PREFIXES).find(|(p, _)| *p == prefix)?;
    Some(format!("{namespace}{local}"))
}
