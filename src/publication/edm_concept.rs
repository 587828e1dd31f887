//! A concept that is published, described beside the record: so that whoever reads it alone finds labels, and what is broader and the same.

use std::collections::BTreeSet;

use super::{
    PublicationError,
    edm_thing::{Origin, Thing, Value},
};
use crate::{
    rdf::ns::skos,
    store::Store,
    vocab::{Direction, Vocabularies},
};

/// Adds what the vocabularies know about a concept; a label in a language in which the provider has one already is left to the provider.
pub(super) fn describe_concept(
    store: &Store,
    vocabularies: &Vocabularies<'_>,
    iri: &str,
    thing: &mut Thing,
) -> Result<bool, PublicationError> {
    let Some(concept) = vocabularies.concept(iri)? else { return Ok(false) };
    let providers: BTreeSet<(String, String)> = thing.values("skos:prefLabel").filter_map(label).collect();
    let mut preferred: BTreeSet<String> = providers.iter().map(|(language, _)| language.clone()).collect();
    let mut say = |property: oxigraph::model::NamedNodeRef<'_>, value: Value| thing.say(property.as_str(), value, Origin::default());
    for label in concept.labels.iter().filter(|l| !providers.contains(&(l.language.clone(), l.text.clone()))) {
        // SKOS S14: one preferred label a language at most; a second one is still a name for it.
        let property = if label.preferred && preferred.insert(label.language.clone()) { skos::PREF_LABEL } else { skos::ALT_LABEL };
        say(property, Value::text(&label.text, &label.language));
    }
    for parent in taggable_parents(vocabularies, concept.iri.as_str())? {
        say(skos::BROADER, Value::Reference(parent));
    }
    let mut same: BTreeSet<String> = BTreeSet::new();
    for alignment in vocabularies.alignments(concept.iri.as_str())?.into_iter().filter(|a| a.property == skos::EXACT_MATCH) {
        same.insert(if alignment.direction == Direction::Forward { alignment.to } else { alignment.from }.into_string());
    }
    same.insert(concept.iri.as_str().to_owned());
    for other in same.into_iter().filter(|other| other != iri) {
        say(skos::EXACT_MATCH, Value::Reference(other));
    }
    for scheme in store.objects(&concept.iri, skos::IN_SCHEME, &concept.graph)? {
        if let oxigraph::model::Term::NamedNode(scheme) = scheme {
            say(skos::IN_SCHEME, Value::Reference(scheme.into_string()));
        }
    }
    Ok(true)
}

fn label(value: &Value) -> Option<(String, String)> {
    let Value::Text { language, text, .. } = value else { return None };
    Some((language.as_deref().unwrap_or_default().to_ascii_lowercase(), text.clone()))
}

/// The broader concepts, guide terms stepped over.
fn taggable_parents(vocabularies: &Vocabularies<'_>, iri: &str) -> Result<BTreeSet<String>, PublicationError> {
    let mut parents = BTreeSet::new();
    for parent in vocabularies.broader(iri)? {
        if vocabularies.is_taggable(parent.as_str())? {
            parents.insert(parent.into_string());
        } else {
            parents.extend(vocabularies.taggable_parent(parent.as_str())?.map(oxigraph::model::NamedNode::into_string));
        }
    }
    Ok(parents)
}
