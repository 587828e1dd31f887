//! Europeana's Search and Record APIs: what is asked, and what the answers hold.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// The header in which the key travels: in an address it would stand in logs.
pub const KEY_HEADER: &str = "x-api-key";
/// How many items stand on a page of a search: as many as the API gives.
const ROWS: &str = "100";
/// What an answer says of who asked, and when: never part of a record.
const OF_THE_ANSWER: [&str; 4] = ["apikey", "statsDuration", "requestNumber", "success"];

/// What to search for.
#[derive(Clone, Copy, Debug)]
pub struct Search<'s> {
    /// The query.
    pub query: &'s str,
    /// Its filters.
    pub qf: &'s [String],
    /// `open`, `restricted`, `permission`; none for all.
    pub reusability: &'s [String],
}

impl Search<'_> {
    /// The address of the page at this cursor (`*` is the first).
    pub fn url(&self, api: &Url, cursor: &str) -> Option<String> {
        let mut url = below(api, &["record", "v2", "search.json"])?;
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("query", self.query);
        for qf in self.qf {
            pairs.append_pair("qf", qf);
        }
        if !self.reusability.is_empty() {
            pairs.append_pair("reusability", &self.reusability.join(","));
        }
        pairs.append_pair("profile", "rich").append_pair("rows", ROWS).append_pair("cursor", cursor);
        drop(pairs);
        Some(url.into())
    }
}

/// The address of one record, in JSON-LD or in the API's own JSON.
pub fn record_url(api: &Url, id: &str, rich: bool) -> Option<String> {
    let (set, local) = id.strip_prefix('/')?.split_once('/')?;
    let name = format!("{local}.{}", if rich { "json" } else { "jsonld" });
    below(api, &["record", "v2", set, &name]).map(Into::into)
}

fn below(api: &Url, segments: &[&str]) -> Option<Url> {
    let mut url = api.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(segments);
    Some(url)
}

/// One page of a search.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Found {
    /// Whether it went well.
    pub success: bool,
    /// Why it did not.
    pub error: Option<String>,
    /// How many items there are in all.
    pub total_results: Option<u64>,
    /// Where to go on; nothing on the last page.
    pub next_cursor: Option<String>,
    /// The items.
    pub items: Vec<Hit>,
}

/// One item, as far as we need it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Hit {
    /// `/SET/NAME`.
    pub id: String,
    /// The provider's best views.
    #[serde(rename = "edmIsShownBy")]
    pub is_shown_by: Vec<String>,
    /// When it last changed.
    pub timestamp_update: Option<String>,
}

impl Found {
    /// Reads a page.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| format!("it is not the JSON of a search: {e}"))
    }
}

/// An answer of the Record API without what it says of who asked, and when.
pub fn record_alone(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(|e| format!("it is not JSON: {e}"))?;
    if let Value::Object(answer) = &mut value {
        if answer.get("success") == Some(&Value::Bool(false)) {
            let why = answer.get("error").and_then(Value::as_str).unwrap_or("without saying why");
            return Err(format!("the API refuses: {why}"));
        }
        for name in OF_THE_ANSWER {
            answer.shift_remove(name);
        }
    }
    serde_json::to_vec(&value).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_encoded() {
        let api = Url::parse("https://api.europeana.eu").unwrap();
        let qf = vec!["(skos_concept:\"http://data.europeana.eu/concept/base/29\" AND TYPE:IMAGE)".to_owned()];
        let url = Search { query: "*", qf: &qf, reusability: &["open".to_owned()] }.url(&api, "*").unwrap();
        assert_eq!(
            url,
            "https://api.europeana.eu/record/v2/search.json?query=*&qf=%28skos_concept%3A%22http%3A%2F%2Fdata.europeana.eu%2Fconcept%2Fbase%2F29%22+AND+TYPE%3AIMAGE%29&reusability=open&profile=rich&rows=100&cursor=*"
        );
        assert_eq!(record_url(&api, "/1/a b", false).as_deref(), Some("https://api.europeana.eu/record/v2/1/a%20b.jsonld"));
        assert_eq!(record_url(&api, "nothing", true), None);
    }

    #[test]
    fn the_key_that_an_answer_repeats_is_not_kept() {
        let alone = record_alone(br#"{"apikey":"k","success":true,"statsDuration":3,"requestNumber":9,"object":{"a":1}}"#).unwrap();
        assert_eq!(alone, br#"{"object":{"a":1}}"#);
        assert!(record_alone(br#"{"success":false,"error":"Invalid API key"}"#).is_err_and(|e| e.contains("Invalid")));
    }
}
