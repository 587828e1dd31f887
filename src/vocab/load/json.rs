//! JSON: linked data as it is, Europeana's entities that come without their context, and maps from labels to IRIs.

use std::io::{Cursor, Read};

use oxigraph::io::{JsonLdProfileSet, LoadedDocument, RdfFormat};

use super::form::Form;
use crate::rdf::{ns::EUROPEANA_ENTITY_CONTEXT, syntax::JSON_LD};

/// Our own context for Europeana's entities, written from the fields of its answers.
const ENTITY_CONTEXT: &str = include_str!("../../../ontology/contexts/europeana-entity.jsonld");

/// What a beginning of JSON is, or why it is nothing that we know.
pub(super) fn form_of(text: &str) -> Result<Form, String> {
    if text.starts_with('[') {
        return Ok(if text.contains("\"@context\"") || text.contains("\"@id\"") { Form::Rdf(JSON_LD) } else { Form::EntityList });
    }
    let fields = fields(text);
    let has = |name: &str| fields.iter().any(|f| f.name == name);
    if fields.iter().any(|f| f.name.starts_with('@')) {
        return Ok(Form::Rdf(JSON_LD));
    }
    if (has("id") || has("about")) && (has("prefLabel") || has("items") || has("type")) {
        return Ok(Form::EntityObject);
    }
    if !fields.is_empty() && fields.iter().all(|f| f.value.as_deref().is_some_and(|v| v.contains("://"))) {
        return Ok(Form::LabelMap);
    }
    Err("this JSON is neither linked data (no @context), nor an entity of Europeana (no id and prefLabel), nor a map from labels to IRIs"
        .to_owned())
}

/// A field of the outermost object, with its value if that is a text.
struct Field {
    name: String,
    value: Option<String>,
}

/// The fields of the outermost object, as far as the beginning shows them.
fn fields(text: &str) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut depth = 0_u32;
    let mut name: Option<String> = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let Some(string) = string_at(&text[at..]) else { return fields };
                for _ in 1..string.chars().count() {
                    chars.next();
                }
                if depth == 1 {
                    let content = string.trim_matches('"').to_owned();
                    match name.take() {
                        Some(name) => fields.push(Field { name, value: Some(content) }),
                        None => name = Some(content),
                    }
                }
            }
            '{' | '[' => {
                if let (1, Some(name)) = (depth, name.take()) {
                    fields.push(Field { name, value: None });
                }
                depth += 1;
            }
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => {
                // A number, true, false or null stood there.
                if let Some(name) = name.take() {
                    fields.push(Field { name, value: None });
                }
            }
            _ => {}
        }
    }
    fields
}

/// The string, with its quotes, with which this text begins.
fn string_at(text: &str) -> Option<&str> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return text.get(..=at),
            _ => {}
        }
    }
    None
}

/// The same text with Europeana's context said.
pub(super) fn with_context(form: Form, mut text: Box<dyn Read>) -> std::io::Result<Box<dyn Read>> {
    let context = format!("{{\"@context\":\"{EUROPEANA_ENTITY_CONTEXT}\",");
    if form == Form::EntityList {
        return Ok(Box::new(Cursor::new(format!("{context}\"@graph\":")).chain(text).chain(Cursor::new("}"))));
    }
    let mut byte = [0];
    while text.read(&mut byte)? == 1 {
        if byte == *b"{" {
            return Ok(Box::new(Cursor::new(context).chain(text)));
        }
    }
    Ok(Box::new(Cursor::new("{}")))
}

/// Contexts come from this program and never from the web.
pub(super) fn load_context(iri: &str) -> Result<LoadedDocument, Box<dyn std::error::Error + Send + Sync>> {
    let web = |iri: &str| iri.trim_start_matches("https://").trim_start_matches("http://").to_owned();
    if web(iri) == web(EUROPEANA_ENTITY_CONTEXT) {
        return Ok(LoadedDocument {
            url: EUROPEANA_ENTITY_CONTEXT.to_owned(),
            content: ENTITY_CONTEXT.as_bytes().to_vec(),
            format: RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() },
        });
    }
    Err(format!("we fetch no contexts, and <{iri}> is not one that we have; write the context into the file").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_apart() {
        assert_eq!(form_of(r#"{"@context": "x"}"#), Ok(Form::Rdf(JSON_LD)));
        assert_eq!(form_of(r#"{"about": "http://a.example/1", "prefLabel": {"de": ["\"x, {"]}}"#), Ok(Form::EntityObject));
        assert_eq!(form_of(r#"{"map": "http://a.example/1", "toy": "http://a.example/2"}"#), Ok(Form::LabelMap));
        assert!(form_of(r#"{"success": true, "object": {"about": "/1", "prefLabel": {}}}"#).is_err());
    }
}
