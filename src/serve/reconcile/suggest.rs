//! `suggest`: concepts, types and properties for somebody who types their beginning.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{candidates::Finder, extend};
use crate::{
    rdf::ns::{gvp, rdf},
    serve::{SourceError, shown::words::concept_link},
    store::fold_label,
};

/// How many suggestions are given at once.
pub(super) const MOST: usize = 20;
/// How many facets of one release are told.
const MOST_FACETS: usize = 100;

/// What a person has typed so far.
pub(super) struct Beginning {
    /// The text.
    pub(super) prefix: String,
    /// How many suggestions are known already.
    pub(super) skip: usize,
    /// How many are wanted.
    pub(super) most: usize,
}

/// Concepts by the beginning of a label.
pub(super) fn entities(finder: &Finder<'_>, asked: &Beginning) -> Result<Value, SourceError> {
    let found = if asked.prefix.is_empty() { Vec::new() } else { finder.complete(&asked.prefix, asked.skip.min(1_000), asked.most)? };
    Ok(json!({ "result": found }))
}

/// Types by any part of their name.
pub(super) fn types(finder: &Finder<'_>, asked: &Beginning) -> Result<Value, SourceError> {
    Ok(listed(all_types(finder)?, asked))
}

/// Properties by any part of their name.
pub(super) fn properties(asked: &Beginning) -> Value {
    listed(extend::properties(), asked)
}

fn listed(all: Vec<(String, String)>, asked: &Beginning) -> Value {
    let folded = fold_label(&asked.prefix);
    let fits = |(id, name): &(String, String)| fold_label(name).contains(&folded) || id.to_lowercase().starts_with(&folded);
    let found: Vec<Value> =
        all.into_iter().filter(fits).skip(asked.skip).take(asked.most).map(|(id, name)| json!({ "id": id, "name": name })).collect();
    json!({ "result": found })
}

/// Every type that there is: a scheme each, and the facets of those that declare some.
pub(super) fn all_types(finder: &Finder<'_>) -> Result<Vec<(String, String)>, SourceError> {
    let failed = |e: &dyn std::fmt::Display| SourceError::Failed(e.to_string());
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    let mut schemes: Vec<(String, String)> = Vec::new();
    for release in finder.vocabularies.releases() {
        if !schemes.iter().any(|(id, _)| *id == release.scheme) {
            schemes.push((release.scheme.clone(), format!("{} (all)", release.scheme)));
        }
        let graph = release.graph.as_ref().into();
        let facets = finder.store.quads().quads_for_pattern(None, Some(rdf::TYPE), Some(gvp::FACET.into()), Some(graph));
        for quad in facets.take(MOST_FACETS) {
            if let oxigraph::model::NamedOrBlankNode::NamedNode(facet) = quad.map_err(|e| failed(&e))?.subject {
                types.insert(facet.as_str().to_owned(), concept_link(finder.vocabularies, finder.visitor, facet.as_str())?.label.text);
            }
        }
    }
    let mut facets: Vec<(String, String)> = types.into_iter().collect();
    facets.sort_by(|a, b| a.1.cmp(&b.1));
    schemes.extend(facets);
    Ok(schemes)
}
