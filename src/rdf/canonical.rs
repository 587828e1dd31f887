//! A graph in canonical form (RDFC-1.0), so that equal graphs have equal bytes: what content hashes and comparisons rest on.

use std::fmt::Write as _;

use oxigraph::model::{NamedOrBlankNode, Term, Triple};
use sophia::api::{
    MownStr,
    term::{BnodeId, IriRef, LanguageTag, SimpleTerm},
};

use super::RdfError;

/// A triple as sophia takes it, in the default graph.
type Quad<'t> = ([SimpleTerm<'t>; 3], Option<SimpleTerm<'t>>);

/// The canonical N-Quads of the triples: sorted, without duplicates, blank nodes named by their place in the graph.
/// Numbers keep the spelling they have here; hash before the store normalises them.
pub fn canonical(triples: &[Triple]) -> Result<String, RdfError> {
    if triples.iter().all(|t| !has_blank_node(t)) {
        return Ok(sorted_lines(triples));
    }
    let quads = triples.iter().map(quad).collect::<Result<std::collections::HashSet<_>, _>>()?;
    let mut out = Vec::new();
    sophia::c14n::rdfc10::normalize(&quads, &mut out).map_err(|e| RdfError::Canonical(e.to_string()))?;
    String::from_utf8(out).map_err(|e| RdfError::Canonical(e.to_string()))
}

/// Whether two graphs are the same but for the names of their blank nodes.
pub fn isomorphic(left: &[Triple], right: &[Triple]) -> Result<bool, RdfError> {
    Ok(canonical(left)? == canonical(right)?)
}

fn has_blank_node(triple: &Triple) -> bool {
    matches!(triple.subject, NamedOrBlankNode::BlankNode(_)) || matches!(triple.object, Term::BlankNode(_) | Term::Triple(_))
}

/// Without blank nodes the canonical form is the sorted lines: no need for the algorithm.
fn sorted_lines(triples: &[Triple]) -> String {
    let mut lines: Vec<String> = triples.iter().map(|t| format!("{t} .\n")).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.into_iter().fold(String::new(), |mut all, line| {
        let _ = write!(all, "{line}");
        all
    })
}

fn quad(triple: &Triple) -> Result<Quad<'_>, RdfError> {
    let subject = match &triple.subject {
        NamedOrBlankNode::NamedNode(n) => iri(n.as_str()),
        NamedOrBlankNode::BlankNode(b) => blank(b.as_str()),
    };
    Ok(([subject, iri(triple.predicate.as_str()), term(&triple.object)?], None))
}

fn term(term: &Term) -> Result<SimpleTerm<'_>, RdfError> {
    Ok(match term {
        Term::NamedNode(n) => iri(n.as_str()),
        Term::BlankNode(b) => blank(b.as_str()),
        Term::Literal(l) => match l.language() {
            Some(language) => {
                SimpleTerm::LiteralLanguage(MownStr::from(l.value()), LanguageTag::new_unchecked(MownStr::from(language)), None)
            }
            None => SimpleTerm::LiteralDatatype(MownStr::from(l.value()), IriRef::new_unchecked(MownStr::from(l.datatype().as_str()))),
        },
        Term::Triple(_) => return Err(RdfError::Canonical("triple terms have no canonical form in RDFC-1.0".to_owned())),
    })
}

fn iri(iri: &str) -> SimpleTerm<'_> {
    SimpleTerm::Iri(IriRef::new_unchecked(MownStr::from(iri)))
}

fn blank(id: &str) -> SimpleTerm<'_> {
    SimpleTerm::BlankNode(BnodeId::new_unchecked(MownStr::from(id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::{BlankNode, Literal, NamedNode};

    fn triple(blank: &str, value: &str) -> Triple {
        Triple::new(BlankNode::new_unchecked(blank), NamedNode::new_unchecked("http://p.example/"), Literal::new_simple_literal(value))
    }

    #[test]
    fn names_of_blank_nodes_do_not_matter_and_values_do() {
        assert!(isomorphic(&[triple("a", "x")], &[triple("b", "x")]).unwrap_or(false));
        assert!(!isomorphic(&[triple("a", "x")], &[triple("b", "y")]).unwrap_or(true));
    }

    #[test]
    fn both_ways_to_the_canonical_form_agree() {
        let named = |value: &str| {
            Triple::new(
                NamedNode::new_unchecked("http://s.example/"),
                NamedNode::new_unchecked("http://p.example/"),
                Literal::new_language_tagged_literal_unchecked(value, "en"),
            )
        };
        let triples = [named("b \"q\" \n \u{7f}\u{8}é"), named("a")];
        let quads: std::collections::HashSet<_> = triples.iter().filter_map(|t| quad(t).ok()).collect();
        let mut out = Vec::new();
        assert!(sophia::c14n::rdfc10::normalize(&quads, &mut out).is_ok());
        assert_eq!(sorted_lines(&triples), String::from_utf8_lossy(&out));
    }
}
