//! Terms as people read them.

use oxigraph::model::Term;

/// The text of a term: a literal's value, an IRI, or how anything else is written.
pub fn text_of(term: Term) -> String {
    match term {
        Term::NamedNode(node) => node.into_string(),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}
