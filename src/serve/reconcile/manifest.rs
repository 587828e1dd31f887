//! The service's manifests, one for each version of the API: what it is, and where its parts are.

use serde_json::{Value, json};

use super::{candidates::Finder, suggest::all_types};
use crate::{
    rdf::{Base, ns::skos},
    serve::SourceError,
};

/// How large a preview is, in pixels.
const PREVIEW: (u32, u32) = (430, 220);

/// The manifest of version 0.2. Addresses come from our base, never from what a client says about itself.
pub(super) fn manifest(base: &Base, site: &str, finder: &Finder<'_>) -> Result<Value, SourceError> {
    let root = base.as_str().trim_end_matches('/');
    let service = format!("{root}/reconcile");
    let suggest = |what: &str| {
        let flyout = format!("/flyout/{what}?id=${{id}}");
        json!({ "service_url": service, "service_path": format!("/suggest/{what}"), "flyout_service_path": flyout })
    };
    Ok(json!({
        "versions": ["0.2"],
        "name": format!("{site}: concepts"),
        "identifierSpace": skos::CONCEPT.as_str(),
        "schemaSpace": skos::NS,
        "documentation": format!("{root}/"),
        "serviceVersion": env!("CARGO_PKG_VERSION"),
        "defaultTypes": types(finder)?,
        "view": { "url": format!("{root}/concept?iri={{{{id}}}}") },
        "preview": { "url": format!("{service}/preview?id={{{{id}}}}"), "width": PREVIEW.0, "height": PREVIEW.1 },
        "suggest": { "entity": suggest("entity"), "type": suggest("type"), "property": suggest("property") },
        "extend": { "propose_properties": { "service_url": service, "service_path": "/properties" }, "property_settings": [] },
        "batchSize": super::batch::MOST_QUERIES,
    }))
}

/// The manifest of the draft of 1.0, whose routes are fixed below the service's address.
pub(super) fn draft_manifest(base: &Base, site: &str, finder: &Finder<'_>) -> Result<Value, SourceError> {
    let root = base.as_str().trim_end_matches('/');
    Ok(json!({
        "versions": ["1.0-draft"],
        "name": format!("{site}: concepts"),
        "lang": "en",
        "documentation": format!("{root}/"),
        "serviceVersion": env!("CARGO_PKG_VERSION"),
        "defaultTypes": types(finder)?,
        "view": { "url": format!("{root}/concept?iri={{id}}") },
        "preview": { "width": PREVIEW.0, "height": PREVIEW.1 },
        "suggest": { "entity": true, "type": true, "property": true },
        "extend": { "proposeProperties": true, "propertySettings": [] },
        "batchSize": super::batch::MOST_QUERIES,
        "standardizedScore": true,
    }))
}

fn types(finder: &Finder<'_>) -> Result<Vec<Value>, SourceError> {
    Ok(all_types(finder)?.into_iter().take(40).map(|(id, name)| json!({ "id": id, "name": name })).collect())
}
