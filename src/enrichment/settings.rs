//! Which EDM property a facet's concepts are proposed for.

use std::collections::BTreeMap;

use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};

use super::EnrichmentError;
use crate::rdf::ns::PREFIXES;

/// What an operator may set about enrichments.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// From a facet, as a model's bundle names it, to the property of the CHO that its concepts are proposed for (`dc:type` or a full IRI).
    pub properties: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        let properties = [
            ("object-types", "dc:type"),
            ("materials", "dcterms:medium"),
            ("subjects", "dc:subject"),
            ("disciplines", "dc:subject"),
            ("captions", "dc:description"),
        ];
        Self { properties: properties.into_iter().map(|(f, p)| (f.to_owned(), p.to_owned())).collect() }
    }
}

impl Settings {
    /// The property for a facet.
    pub fn property(&self, facet: &str) -> Result<NamedNode, EnrichmentError> {
        let name = self.properties.get(facet).ok_or_else(|| EnrichmentError::Facet(facet.to_owned()))?;
        let iri = PREFIXES
            .iter()
            .find_map(|(prefix, namespace)| Some(format!("{namespace}{}", name.strip_prefix(prefix)?.strip_prefix(':')?)))
            .unwrap_or_else(|| name.clone());
        NamedNode::new(iri).map_err(|_| EnrichmentError::Property { facet: facet.to_owned(), property: name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facets_have_their_properties() {
        let settings = Settings::default();
        assert_eq!(settings.property("materials").map(NamedNode::into_string).ok().as_deref(), Some("http://purl.org/dc/terms/medium"));
        assert_eq!(
            settings.property("subjects").map(NamedNode::into_string).ok().as_deref(),
            Some("http://purl.org/dc/elements/1.1/subject")
        );
        assert!(settings.property("colours").is_err());
    }
}
