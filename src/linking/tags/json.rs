//! Tags in JSON, in the shapes in which services answer: Google Vision, Amazon Rekognition, Azure and Watson, one answer or a list of them,
//! and plain objects with the names that tables have.

use serde_json::Value;

use super::{BadTag, Score, Tag, read_score, split_label};

/// Where services say what a picture is.
const ABOUT: [&str; 16] = [
    "record",
    "cho",
    "image",
    "url",
    "uri",
    "source_url",
    "resolved_url",
    "imageUri",
    "image_url",
    "filename",
    "file",
    "path",
    "id",
    "item",
    "about",
    "name_of_image",
];
/// Where lists of tags stand, and how a tag's label and number are called there. The first that fits counts.
const LISTS: [(&str, &[&str], &[&str]); 11] = [
    ("labelAnnotations", &["description"], &["score"]),
    ("label_annotations", &["description"], &["score"]),
    ("localizedObjectAnnotations", &["name"], &["score"]),
    ("Labels", &["Name"], &["Confidence"]),
    ("tags", &["name", "label", "tag"], &["confidence", "score"]),
    ("objects", &["object", "name"], &["confidence", "score"]),
    ("classes", &["class"], &["score", "confidence"]),
    ("labels", &["name", "label", "description"], &["score", "confidence"]),
    ("annotations", &["label", "value", "tag", "description"], &["score", "confidence"]),
    ("concepts", &["name", "label"], &["value", "confidence", "score"]),
    ("keywords", &["keyword", "text"], &["score", "confidence"]),
];
/// What wraps an answer, or a list of answers.
const WRAPPERS: [&str; 12] = [
    "responses",
    "response",
    "images",
    "classifiers",
    "results",
    "result",
    "items",
    "tagsResult",
    "values",
    "data",
    "predictions",
    "records",
];

/// The tags of one document or line. `number` is that of the first.
pub(super) fn read(value: &Value, number: &mut u64, take: &mut dyn FnMut(Result<Tag, BadTag>) -> bool) -> bool {
    Reader { number, take, found: false }.document(value)
}

struct Reader<'r> {
    number: &'r mut u64,
    take: &'r mut dyn FnMut(Result<Tag, BadTag>) -> bool,
    found: bool,
}

impl Reader<'_> {
    fn document(&mut self, value: &Value) -> bool {
        let go_on = self.walk(value, None, 0);
        if go_on && !self.found {
            *self.number += 1;
            let reason =
                "no tags are in it: we know Google Vision's, Rekognition's, Azure's and Watson's answers, and objects with about and label";
            return (self.take)(Err(BadTag { line: *self.number, reason: reason.to_owned() }));
        }
        go_on
    }

    fn walk(&mut self, value: &Value, about: Option<&str>, depth: usize) -> bool {
        if depth > 12 {
            return true;
        }
        match value {
            Value::Array(items) => items.iter().all(|item| self.walk(item, about, depth + 1)),
            Value::Object(object) => {
                let own = about_of(value);
                let about = own.as_deref().or(about);
                if let Some(tag) = plain(value) {
                    return self.tell(about, tag);
                }
                for (list, labels, scores) in LISTS {
                    if let Some(items) = object.get(list).and_then(Value::as_array)
                        && items.iter().any(|item| text(item, labels).is_some() || item.is_string())
                    {
                        for item in items {
                            if !self.item(about, item, labels, scores) {
                                return false;
                            }
                        }
                    }
                }
                for wrapper in WRAPPERS {
                    if let Some(inner) = object.get(wrapper)
                        && (inner.is_array() || inner.is_object())
                    {
                        // A list of bare tags below `values` is Azure's.
                        let bare = inner
                            .as_array()
                            .is_some_and(|a| a.iter().all(|i| text(i, &["name"]).is_some() && i.get("confidence").is_some()));
                        let go_on = if bare {
                            inner.as_array().is_some_and(|a| a.iter().all(|i| self.item(about, i, &["name"], &["confidence"])))
                        } else {
                            self.walk(inner, about, depth + 1)
                        };
                        if !go_on {
                            return false;
                        }
                    }
                }
                // Answers by the name of the picture: { "a.jpg": { … } }
                for (name, inner) in object {
                    let is_answer = inner.is_object() && LISTS.iter().any(|(l, _, _)| inner.get(l).is_some_and(Value::is_array));
                    if is_answer && !WRAPPERS.contains(&name.as_str()) && !self.walk(inner, Some(name), depth + 1) {
                        return false;
                    }
                }
                true
            }
            _ => true,
        }
    }

    fn item(&mut self, about: Option<&str>, item: &Value, labels: &[&str], scores: &[&str]) -> bool {
        let said = item.as_str().map(str::to_owned).or_else(|| text(item, labels));
        let Some(said) = said else {
            *self.number += 1;
            self.found = true;
            return (self.take)(Err(BadTag { line: *self.number, reason: "it has no label".to_owned() }));
        };
        let (label, own) = split_label(&said);
        let score = scores.iter().find_map(|name| item.get(name)).map_or(own, number);
        self.tell(about, (label, score, item))
    }

    fn tell(&mut self, about: Option<&str>, (label, score, from): (String, Option<Score>, &Value)) -> bool {
        self.found = true;
        *self.number += 1;
        let line = *self.number;
        let tag = match (about, score.map(Score::part)) {
            (None, _) => Err(BadTag { line, reason: format!("`{label}` does not say what it is about") }),
            (Some(_), Some(None)) => Err(BadTag { line, reason: format!("the score of `{label}` is none from 0 to 1 or percentage") }),
            (Some(about), score) => Ok(Tag {
                about: about.to_owned(),
                label,
                language: text(from, &["language", "locale"]).map(|l| l.to_lowercase()),
                score: score.flatten(),
                concept: text(from, &["concept", "concept_uri", "aat"]),
                annotator: text(from, &["annotator", "user", "user_name", "creator"]),
                count: from.get("count").or_else(|| from.get("votes")).and_then(Value::as_u64),
                line,
            }),
        };
        (self.take)(tag)
    }
}

/// An object that is one tag: about, label and perhaps a score.
fn plain(value: &Value) -> Option<(String, Option<Score>, &Value)> {
    let said = text(value, &["label", "tag"])?;
    about_of(value)?;
    let (label, own) = split_label(&said);
    let score = ["score", "confidence", "percent"].iter().find_map(|n| value.get(n)).map_or(own, number);
    Some((label, score, value))
}

fn about_of(value: &Value) -> Option<String> {
    let context = value.get("context").and_then(|c| text(c, &["uri"]));
    let rekognition = value.get("Image").and_then(|i| i.as_str().map(str::to_owned).or_else(|| text(i.get("S3Object")?, &["Name"])));
    let source = value.get("source").and_then(|s| text(s, &["imageUri", "uri"]));
    text(value, &ABOUT).or(context).or(rekognition).or(source)
}

fn text(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| value.get(name)?.as_str()).map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned)
}

/// A number, or a text with one; what is neither is a percentage that cannot be.
fn number(value: &Value) -> Option<Score> {
    match value {
        Value::Number(n) => n.as_f64().map(Score::Plain),
        Value::String(s) => Some(read_score(s).unwrap_or(Score::Percent(f64::INFINITY))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tags(value: &Value) -> Vec<Result<Tag, BadTag>> {
        let mut all = Vec::new();
        read(value, &mut 0, &mut |tag| {
            all.push(tag);
            true
        });
        all
    }

    #[test]
    fn every_service_is_understood() {
        for (name, answer) in [
            (
                "google",
                json!({ "responses": [{ "context": { "uri": "a.jpg" }, "labelAnnotations": [{ "mid": "/m/1", "description": "Plant", "score": 0.9456, "topicality": 0.9 }] }] }),
            ),
            (
                "rekognition",
                json!({ "Image": "a.jpg", "Labels": [{ "Name": "Plant", "Confidence": 94.56, "Instances": [], "Parents": [] }], "LabelModelVersion": "3.0" }),
            ),
            ("azure", json!({ "image": "a.jpg", "tags": [{ "name": "Plant", "confidence": 0.9456 }], "requestId": "x" })),
            ("azure 4", json!({ "url": "a.jpg", "tagsResult": { "values": [{ "name": "Plant", "confidence": 0.9456 }] } })),
            (
                "watson",
                json!({ "images": [{ "image": "a.jpg", "classifiers": [{ "classifier_id": "default", "classes": [{ "class": "Plant", "score": 0.9456 }] }] }] }),
            ),
            ("by picture", json!({ "a.jpg": { "labelAnnotations": [{ "description": "Plant", "score": 0.9456 }] } })),
            ("plain", json!([{ "image": "a.jpg", "label": "Plant 94.56 %" }])),
        ] {
            let tags = tags(&answer);
            assert_eq!(tags.len(), 1, "{name}: {tags:?}");
            let tag = tags[0].as_ref().unwrap();
            assert_eq!((tag.about.as_str(), tag.label.as_str(), tag.score), ("a.jpg", "Plant", Some(0.9456)), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        assert!(tags(&json!({ "weather": "fine" }))[0].as_ref().is_err_and(|bad| bad.reason.contains("no tags")));
        assert!(tags(&json!({ "labelAnnotations": [{ "description": "Plant", "score": 0.9 }] }))[0].is_err());
        assert!(tags(&json!({ "image": "a", "tags": [{ "name": "Plant", "confidence": 140 }] }))[0].is_err());
    }
}
