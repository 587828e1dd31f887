//! The form of Europeana's Annotation API: semantic tags with Europeana's own concept as their body, which is what that service takes.

use serde_json::{Value, json};

use super::SharedStatement;
use crate::review::Standing;

/// The annotations that Europeana would take: those that we stand by and whose concept Europeana has. How many were left out is told beside them.
pub fn europeana(statements: &[SharedStatement]) -> (Vec<Value>, usize) {
    let stood_by: Vec<_> = statements.iter().filter(|s| s.published || s.standing == Standing::Accepted).collect();
    let told: Vec<Value> = stood_by.iter().filter_map(|statement| one(statement)).collect();
    let left_out = statements.len() - told.len();
    (told, left_out)
}

fn one(statement: &SharedStatement) -> Option<Value> {
    let body = statement.europeana.as_deref()?;
    let mut told = json!({
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": statement.iri.as_str(),
        "type": "Annotation",
        "motivation": "tagging",
        "creator": {
            "id": statement.creator.as_str(),
            "type": if statement.by_person { "Person" } else { "Software" },
            "name": statement.creator_name,
        },
        "body": body,
        "target": statement.cho,
    });
    if let Some(created) = &statement.created {
        told["created"] = json!(created);
    }
    Some(told)
}
