//! Annotations as IIIF viewers read them: a list of version 2 of the Presentation API, a page of version 3. They are on the web resource that
//! was looked at; where a manifest has it on a canvas, only the provider knows.

use serde_json::{Value, json};

use super::SharedStatement;

/// Presentation API 2.1, section 5.7: an annotation list.
pub fn iiif_list(id: &str, statements: &[SharedStatement], languages: &[&str]) -> Value {
    let one = |statement: &SharedStatement| {
        let label = statement.label(languages);
        json!({
            "@id": statement.iri.as_str(),
            "@type": "oa:Annotation",
            "motivation": "oa:tagging",
            "resource": [
                { "@id": statement.concept.as_str(), "@type": "oa:SemanticTag" },
                {
                    "@type": ["oa:Tag", "cnt:ContentAsText"],
                    "format": "text/plain",
                    "chars": label.map_or(statement.concept.as_str(), |l| l.text.as_str()),
                    "language": label.map(|l| l.language.as_str()),
                },
            ],
            "on": on(statement),
        })
    };
    json!({
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@id": id,
        "@type": "sc:AnnotationList",
        "resources": statements.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Presentation API 3.0, section 5.8: an annotation page.
pub fn iiif_page(id: &str, statements: &[SharedStatement], languages: &[&str]) -> Value {
    let one = |statement: &SharedStatement| {
        let label = statement.label(languages);
        json!({
            "id": statement.iri.as_str(),
            "type": "Annotation",
            "motivation": "tagging",
            "body": [
                { "type": "SpecificResource", "source": statement.concept.as_str() },
                {
                    "type": "TextualBody",
                    "value": label.map_or(statement.concept.as_str(), |l| l.text.as_str()),
                    "language": label.map_or("none", |l| l.language.as_str()),
                    "format": "text/plain",
                },
            ],
            "target": on(statement),
        })
    };
    json!({
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": id,
        "type": "AnnotationPage",
        "items": statements.iter().map(one).collect::<Vec<_>>(),
    })
}

fn on(statement: &SharedStatement) -> &str {
    statement.web_resource.as_ref().map_or(statement.cho.as_str(), |resource| resource.as_str())
}
