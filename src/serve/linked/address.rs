//! Where our things live: the path of a request, and the IRIs that it may mean.

use oxigraph::model::NamedNode;

use super::wanted::Form;
use crate::{
    rdf::{Base, iri::encode_segment},
    serve::{ServeError, form},
};

/// The first segments of the IRIs that we mint.
pub(in crate::serve) const CLASSES: [&str; 18] = [
    "aggregation",
    "agent",
    "annotation",
    "dataset",
    "graph",
    "label-map",
    "model",
    "person",
    "picture",
    "policy",
    "proxy",
    "review",
    "run",
    "source",
    "statement",
    "store",
    "target",
    "text",
];

/// One reading of an address: an IRI of ours, and the form of its document if the address ends in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) iri: NamedNode,
    pub(super) form: Option<Form>,
}

/// What an address may mean, the plainest first: the whole path as an IRI, then without an ending that names a form. A name may end like a
/// file's, so whether a thing is there decides.
pub(super) fn readings(base: &Base, path: &str) -> Result<Vec<Reading>, ServeError> {
    let local = path.strip_prefix(&folder(base)).or_else(|| path.strip_prefix('/')).unwrap_or(path);
    let local = local.split('/').map(settle).collect::<Result<Vec<_>, _>>()?.join("/");
    let of = |local: &str, form| Reading { iri: NamedNode::new_unchecked(format!("{}{local}", base.as_str())), form };
    let mut readings = vec![of(&local, None)];
    for form in Form::ALL {
        if let Some(stem) = local.strip_suffix(form.ending()).and_then(|rest| rest.strip_suffix('.')) {
            readings.push(of(stem, Some(form)));
        }
    }
    Ok(readings)
}

/// The path below which the base stands: `/`, or the folder in which a proxy lets us live.
pub(in crate::serve) fn folder(base: &Base) -> String {
    let after = base.as_str().split_once("://").map_or("", |(_, rest)| rest);
    after.find('/').map_or_else(|| "/".to_owned(), |at| after[at..].to_owned())
}

/// A segment as we mint it, however the client encoded it.
fn settle(segment: &str) -> Result<String, ServeError> {
    Ok(encode_segment(&form::decode(&segment.replace('+', "%2B"))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query::AnswerFormat;

    #[test]
    fn an_address_is_read_with_and_without_its_ending() {
        let base = Base::new("https://enrich.example/lod/").expect("a base");
        for path in ["/lod/agent/t/1.0.nt", "/agent/t/1.0.nt", "/agent/%74/1.0.nt"] {
            let found = readings(&base, path).expect("readable");
            assert_eq!(found.len(), 2);
            assert_eq!(found[0].iri.as_str(), "https://enrich.example/lod/agent/t/1.0.nt");
            assert_eq!(found[1].iri.as_str(), "https://enrich.example/lod/agent/t/1.0");
            assert_eq!(found[1].form, Some(Form::Rdf(AnswerFormat::NTriples)));
        }
        assert_eq!(
            readings(&base, "/person/A%C3%A9+b").expect("readable")[0].iri.as_str(),
            "https://enrich.example/lod/person/A%C3%A9%2Bb"
        );
        assert!(readings(&base, "/person/%FF").is_err());
        assert_eq!(readings(&base, "/run/x.anno.jsonld").expect("readable").len(), 3);
    }
}
