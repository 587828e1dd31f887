//! IIIF Presentation collections, versions 2 and 3: which manifests and further collections they lead to.

use serde_json::Value;

/// What stands at a IIIF address.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A manifest: one object.
    Manifest,
    /// A collection, and where it leads.
    Collection(Vec<Member>),
}

/// A member of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its address.
    pub url: String,
    /// Whether it is a collection itself, or another page of this one.
    pub collection: bool,
}

/// Tells what an answer is.
pub fn look(bytes: &[u8]) -> Result<Found, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| format!("it is not JSON: {e}"))?;
    match kind(&value) {
        Some(Kind::Manifest) => Ok(Found::Manifest),
        Some(Kind::Collection) => Ok(Found::Collection(members(&value))),
        None => Err("it is neither a IIIF manifest nor a collection".to_owned()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Manifest,
    Collection,
}

fn kind(value: &Value) -> Option<Kind> {
    let name = value.get("type").or_else(|| value.get("@type"))?.as_str()?;
    match name.rsplit(':').next()? {
        "Manifest" => Some(Kind::Manifest),
        "Collection" | "CollectionPage" => Some(Kind::Collection),
        _ => None,
    }
}

/// The address of a thing, which may stand alone.
fn address(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("id").or_else(|| value.get("@id"))?.as_str())
}

fn members(collection: &Value) -> Vec<Member> {
    let mut all = Vec::new();
    for (list, always) in [("manifests", Some(false)), ("collections", Some(true)), ("members", None), ("items", None)] {
        for member in collection.get(list).and_then(Value::as_array).into_iter().flatten() {
            let told = kind(member).map(|k| k == Kind::Collection);
            if let (Some(url), Some(collection)) = (address(member), always.or(told)) {
                all.push(Member { url: url.to_owned(), collection });
            }
        }
    }
    for page in ["first", "next"] {
        all.extend(collection.get(page).and_then(address).map(|url| Member { url: url.to_owned(), collection: true }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_tell_their_members() {
        let two = br#"{"@type":"sc:Collection","manifests":[{"@id":"http://m/1","@type":"sc:Manifest"},"http://m/2"],"collections":[{"@id":"http://c/1"}],"members":[{"@id":"http://m/3","@type":"sc:Manifest"}],"next":"http://c/2"}"#;
        let Ok(Found::Collection(found)) = look(two) else { panic!("a collection") };
        let told: Vec<_> = found.iter().map(|m| (m.url.as_str(), m.collection)).collect();
        assert_eq!(told, [("http://m/1", false), ("http://m/2", false), ("http://c/1", true), ("http://m/3", false), ("http://c/2", true)]);
        let three = br#"{"type":"Collection","items":[{"id":"http://m/1","type":"Manifest"},{"id":"http://c/1","type":"Collection"},{"id":"http://x","type":"Canvas"}]}"#;
        let Ok(Found::Collection(found)) = look(three) else { panic!("a collection") };
        assert_eq!(found.len(), 2);
        assert_eq!(look(br#"{"type":"Manifest","id":"http://m/1"}"#), Ok(Found::Manifest));
        assert!(look(b"{}").is_err() && look(b"<html>").is_err());
    }
}
