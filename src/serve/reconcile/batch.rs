//! What a client asks: a batch of queries, read leniently where the specification lets clients differ, and bounded.

use serde_json::Value;

use crate::serve::ServeError;

/// How many queries a batch holds.
pub(super) const MOST_QUERIES: usize = 50;
/// How many characters a query has.
pub(super) const LONGEST: usize = 200;
/// How many candidates are given where nothing is said, and at most.
const USUAL: usize = 10;
const MOST_CANDIDATES: usize = 50;

/// One query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The key under which the answer is expected.
    pub(super) key: String,
    /// The name to be found.
    pub(super) name: String,
    /// Only concepts of one of these types; any where there is none.
    pub(super) types: Vec<String>,
    /// How many candidates.
    pub(super) limit: usize,
    /// What else is known: a property, and one of its values.
    pub(super) properties: Vec<(String, String)>,
}

/// Reads a batch.
pub(super) fn read(text: &str) -> Result<Vec<Asked>, ServeError> {
    let wrong = |what: &str| ServeError::bad_request(format!("`queries` is a JSON object of queries by key: {what}"));
    let json: Value = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
    let batch = json.as_object().ok_or_else(|| wrong("this is none"))?;
    if batch.len() > MOST_QUERIES {
        return Err(ServeError::new(
            axum::http::StatusCode::PAYLOAD_TOO_LARGE,
            format!("a batch holds at most {MOST_QUERIES} queries; this has {}", batch.len()),
        ));
    }
    batch.iter().map(|(key, query)| one(key, query)).collect()
}

fn one(key: &str, query: &Value) -> Result<Asked, ServeError> {
    let wrong = |what: &str| ServeError::bad_request(format!("the query `{key}` {what}"));
    let fields = query.as_object().ok_or_else(|| wrong("is no object"))?;
    let name = match fields.get("query") {
        None => String::new(),
        Some(Value::String(name)) => name.trim().to_owned(),
        Some(_) => return Err(wrong("has a `query` that is no text")),
    };
    if name.chars().count() > LONGEST {
        return Err(wrong(&format!("is longer than {LONGEST} characters")));
    }
    let properties: Vec<(String, String)> =
        fields.get("properties").and_then(Value::as_array).into_iter().flatten().take(20).flat_map(property).collect();
    if name.is_empty() && properties.is_empty() {
        return Err(wrong("names nothing: it needs a `query`"));
    }
    let limit = fields.get("limit").and_then(Value::as_f64).map_or(USUAL, |l| l.max(0.0) as usize);
    let types = match fields.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several.iter().filter_map(id).collect(),
        Some(object @ Value::Object(_)) => id(object).into_iter().collect(),
        _ => Vec::new(),
    };
    let types = types.into_iter().filter(|t| !t.is_empty()).take(20).collect();
    Ok(Asked { key: key.to_owned(), name, types, limit: limit.clamp(1, MOST_CANDIDATES), properties })
}

fn property(given: &Value) -> Vec<(String, String)> {
    let Some(pid) = given["pid"].as_str() else { return Vec::new() };
    let values = match &given["v"] {
        Value::Array(values) => values.clone(),
        value => vec![value.clone()],
    };
    values.iter().take(20).filter_map(|v| Some((pid.to_owned(), id(v)?))).collect()
}

/// A text, or the id of an entity.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(entity) => entity.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_in_every_shape_that_clients_send() {
        let batch = r#"{"q0": {"query": " lutes ", "type": ["aat"], "limit": 3},
            "q1": {"query": "x", "type": "aat", "properties": [{"pid": "broader", "v": {"id": "http://e/1", "name": "n"}}, {"pid": "scheme", "v": ["a", "b"]}]}}"#;
        let asked = read(batch).expect("readable");
        assert_eq!((asked[0].name.as_str(), asked[0].limit, asked[0].types.len()), ("lutes", 3, 1));
        assert_eq!(asked[1].properties.len(), 3);
        assert_eq!(asked[1].limit, USUAL);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for bad in ["[]", "x", r#"{"q": 1}"#, r#"{"q": {}}"#, r#"{"q": {"query": 1}}"#, r#"{"q": {"query": "  "}}"#] {
            assert_eq!(read(bad).expect_err(bad).status.as_u16(), 400, "{bad}");
        }
        let long = format!(r#"{{"q": {{"query": "{}"}}}}"#, "x".repeat(201));
        assert!(read(&long).is_err());
        let many: Vec<String> = (0..51).map(|n| format!(r#""q{n}": {{"query": "x"}}"#)).collect();
        assert_eq!(read(&format!("{{{}}}", many.join(","))).expect_err("too many").status.as_u16(), 413);
    }
}
