//! Sets: data sets, providers and runs, under names that a setSpec may have.
//!
//! What stands below the base as `dataset/NAME` is `dataset:NAME` here; a percent sign, which no setSpec has, becomes `!`, which no path
//! of ours has.

use oxigraph::model::NamedNode;

use crate::{
    rdf::{
        ns::{dcterms, prov},
        text_of,
    },
    store::{Stamped, Store, StoreError},
};

/// The setSpec of a set of the index.
pub(super) fn spec(set: &str) -> String {
    set.replacen('/', ":", 1).replace('%', "!")
}

/// The set of the index with this setSpec.
pub(super) fn set_of(spec: &str) -> String {
    spec.replacen(':', "/", 1).replace('!', "%")
}

/// What a set is called, told from one of its records.
pub(super) fn name(store: &Store, set: &str, member: &Stamped) -> Result<String, StoreError> {
    let (kind, rest) = set.split_once('/').unwrap_or((set, ""));
    let iri = NamedNode::new_unchecked(format!("{}{set}", store.base().as_str()));
    let meta = store.meta_graph();
    let said = |property| -> Result<Option<String>, StoreError> { Ok(store.object(&iri, property, &meta)?.map(text_of)) };
    Ok(match kind {
        "dataset" => format!("Data set {}", said(dcterms::TITLE)?.unwrap_or_else(|| rest.to_owned())),
        "provider" => format!("Records of {}", member.provider),
        _ => {
            let began = said(prov::STARTED_AT_TIME)?.map(|at| format!(", begun {at}")).unwrap_or_default();
            format!("Records of which the run {rest} said something{began}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_has_a_spec_that_reads_back() {
        for (set, expected) in [("dataset/My%20set%2F1", "dataset:My!20set!2F1"), ("run/0a", "run:0a"), ("dataset/a~b.c", "dataset:a~b.c")]
        {
            assert_eq!(spec(set), expected);
            assert_eq!(set_of(expected), set);
        }
    }
}
