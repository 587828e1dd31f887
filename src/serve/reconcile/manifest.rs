//! The service's manifest: what it is, and where its parts are.

use serde_json::{Value, json};

use super::{candidates::Finder, suggest::all_types};
use crate::{
    rdf::{Base, ns::skos},
    serve::SourceError,
};

/// The manifest. Addresses come from our base, never from what a client says about itself.
pub(super) fn manifest(base: &Base, site: &str, finder: &Finder<'_>) -> Result<Value, SourceError> {
    let root = base.as_str().trim_end_matches('/');
    let service = format!("{root}/reconcile");
    let suggest = |what: &str| json!({ "service_url": service, "service_path": format!("/suggest/{what}") });
    let types: Vec<Value> = all_types(finder)?.into_iter().take(40).map(|(id, name)| json!({ "id": id, "name": name })).collect();
    Ok(json!({
        "versions": ["0.2"],
        "name": format!("{site}: concepts"),
        "identifierSpace": skos::CONCEPT.as_str(),
        "schemaSpace": skos::NS,
        "documentation": format!("{root}/"),
        "serviceVersion": env!("CARGO_PKG_VERSION"),
        "defaultTypes": types,
        "view": { "url": format!("{root}/concept?iri={{{{id}}}}") },
        "preview": { "url": format!("{service}/preview?id={{{{id}}}}"), "width": 430, "height": 220 },
        "suggest": { "entity": suggest("entity"), "type": suggest("type"), "property": suggest("property") },
        "extend": { "propose_properties": { "service_url": service, "service_path": "/properties" }, "property_settings": [] },
        "batchSize": super::batch::MOST_QUERIES,
    }))
}
