//! A table of query results, from SPARQL results in JSON.

use serde_json::Value;

use crate::rdf::ns::{AAT, EUROPEANA_CONCEPT, PREFIXES};

/// A table as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// For ASK.
    pub(super) boolean: Option<bool>,
}

/// One value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    /// What it is in full, where the text is short for it.
    pub(super) full: String,
    pub(super) href: String,
    pub(super) language: String,
    pub(super) datatype: String,
}

impl Table {
    /// Reads results. What is no such thing is an empty table.
    pub(super) fn of(json: &Value, base: &str) -> Self {
        let strings = |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let columns: Vec<String> = strings(&json["head"]["vars"]);
        let row = |binding: &Value| columns.iter().map(|name| binding.get(name).map(|v| cell(v, base)).unwrap_or_default()).collect();
        let rows = json["results"]["bindings"].as_array().into_iter().flatten().map(row).collect();
        Self { boolean: json["boolean"].as_bool(), rows, columns }
    }
}

fn cell(value: &Value, base: &str) -> Cell {
    let text = value["value"].as_str().unwrap_or_default();
    match value["type"].as_str() {
        Some("uri") => Cell { text: short(text), full: text.to_owned(), href: href(text, base), ..Cell::default() },
        Some("bnode") => Cell { text: format!("_:{text}"), ..Cell::default() },
        Some("triple") => Cell { text: value["value"].to_string(), ..Cell::default() },
        _ => Cell {
            text: text.to_owned(),
            language: value["xml:lang"].as_str().unwrap_or_default().to_owned(),
            datatype: value["datatype"].as_str().map(short).unwrap_or_default(),
            ..Cell::default()
        },
    }
}

/// An IRI with its prefix, where it has one of ours.
pub(super) fn short(iri: &str) -> String {
    let local =
        |ns: &str| iri.strip_prefix(ns).filter(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    PREFIXES.iter().find_map(|(prefix, ns)| Some(format!("{prefix}:{}", local(ns)?))).unwrap_or_else(|| iri.to_owned())
}

/// Where an IRI leads from our pages: to our own page of a concept, or to itself if that is safe.
pub(super) fn href(iri: &str, base: &str) -> String {
    if iri.starts_with(AAT) || iri.starts_with(EUROPEANA_CONCEPT) {
        return format!("/concept?iri={}", crate::rdf::iri::encode_segment(iri));
    }
    if let Some(key) = iri.strip_prefix(base).and_then(|l| l.strip_prefix("graph/source/").or_else(|| l.strip_prefix("graph/published/"))) {
        return format!("/record/{key}");
    }
    if iri.starts_with("http://") || iri.starts_with("https://") { iri.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iris_are_short_and_lead_somewhere_safe() {
        assert_eq!(short("http://www.w3.org/2004/02/skos/core#Concept"), "skos:Concept");
        assert_eq!(short("http://vocab.getty.edu/aat/1/2"), "http://vocab.getty.edu/aat/1/2");
        assert_eq!(href("javascript:alert(1)", "http://b/"), "");
        assert_eq!(href("http://b/graph/source/abc", "http://b/"), "/record/abc");
        assert!(href("http://vocab.getty.edu/aat/300041620", "http://b/").starts_with("/concept?iri="));
    }

    #[test]
    fn unbound_is_an_empty_cell() {
        let json = serde_json::json!({"head": {"vars": ["a", "b"]}, "results": {"bindings": [{"b": {"type": "literal", "value": "x", "xml:lang": "en"}}]}});
        let table = Table::of(&json, "http://b/");
        assert_eq!(table.rows[0][0], Cell::default());
        assert_eq!((table.rows[0][1].text.as_str(), table.rows[0][1].language.as_str()), ("x", "en"));
    }
}
