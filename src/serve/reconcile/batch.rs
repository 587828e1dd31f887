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
/// How many properties and values are looked at.
pub(super) const MOST_KNOWN: usize = 20;

/// One query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The key under which the answer is expected; the draft of 1.0 has none.
    pub(super) key: String,
    /// The names to be found, any of them.
    pub(super) names: Vec<String>,
    /// The concepts that are meant, by IRI, where that is known.
    pub(super) ids: Vec<String>,
    /// The language of the names, where it is known.
    pub(super) language: Option<String>,
    /// Only concepts of one of these types; any where there is none.
    pub(super) types: Vec<String>,
    /// How many candidates.
    pub(super) limit: usize,
    /// What else is known.
    pub(super) known: Vec<Known>,
}

/// What is known of a concept: values of one of its properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The property.
    pub(super) property: String,
    /// The values.
    pub(super) values: Vec<String>,
    /// How many of them it has.
    pub(super) quantifier: Quantifier,
    /// Whether a concept of which this is not so is no candidate at all.
    pub(super) required: bool,
}

/// How many of several values are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// At least one.
    #[default]
    Any,
    /// Each of them.
    All,
    /// Not one.
    None,
}

impl Known {
    /// Whether it is so, given for how many of the values it is.
    pub(super) fn holds(&self, agreeing: usize) -> bool {
        match self.quantifier {
            Quantifier::Any => agreeing > 0 || self.values.is_empty(),
            Quantifier::All => agreeing == self.values.len(),
            Quantifier::None => agreeing == 0,
        }
    }
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
    let known: Vec<Known> =
        fields.get("properties").and_then(Value::as_array).into_iter().flatten().take(MOST_KNOWN).filter_map(property).collect();
    if name.is_empty() && known.is_empty() {
        return Err(wrong("names nothing: it needs a `query`"));
    }
    let types = match fields.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several.iter().filter_map(id).collect(),
        Some(object @ Value::Object(_)) => id(object).into_iter().collect(),
        _ => Vec::new(),
    };
    let types = types.into_iter().filter(|t| !t.is_empty()).take(20).collect();
    let names = if name.is_empty() { Vec::new() } else { vec![name] };
    Ok(Asked { key: key.to_owned(), names, types, limit: limit(fields.get("limit")), known, ..Asked::default() })
}

/// How many candidates are wanted, within what is given at most.
pub(super) fn limit(said: Option<&Value>) -> usize {
    said.and_then(Value::as_f64).map_or(USUAL, |l| l.max(0.0) as usize).clamp(1, MOST_CANDIDATES)
}

fn property(given: &Value) -> Option<Known> {
    Some(Known { property: given["pid"].as_str()?.to_owned(), values: values(&given["v"]), ..Known::default() })
}

/// A value, or several.
pub(super) fn values(given: &Value) -> Vec<String> {
    match given {
        Value::Array(several) => several.iter().take(MOST_KNOWN).filter_map(id).collect(),
        one => id(one).into_iter().collect(),
    }
}

/// A text, or the id of an entity.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
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
        assert_eq!((asked[0].names[0].as_str(), asked[0].limit, asked[0].types.len()), ("lutes", 3, 1));
        let known: Vec<&[String]> = asked[1].known.iter().map(|k| k.values.as_slice()).collect();
        assert_eq!(known, [&["http://e/1".to_owned()][..], &["a".to_owned(), "b".to_owned()]]);
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
