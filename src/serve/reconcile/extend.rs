//! `extend`: what else is known about concepts that were found, a column a property.

use serde_json::{Map, Value, json};

use super::candidates::Finder;
use crate::{
    rdf::ns::skos,
    serve::{ServeError, SourceError, shown::words::concept_link},
    vocab::Direction,
};

/// How many concepts and properties one question names.
const MOST_IDS: usize = 200;
const MOST_PROPERTIES: usize = 20;
/// How many values a cell holds.
const MOST_VALUES: usize = 50;
/// How many languages are proposed by name; any other may be asked for.
const LANGUAGES: [(&str, &str); 8] = [
    ("en", "English"),
    ("de", "German"),
    ("nl", "Dutch"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("sv", "Swedish"),
    ("zh", "Chinese"),
];

/// The properties by id and name.
pub(super) fn properties() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = [
        ("broader", "Broader concepts"),
        ("narrower", "Narrower concepts"),
        ("exactMatch", "Exact matches"),
        ("closeMatch", "Close matches"),
        ("facet", "Facets"),
        ("scheme", "Vocabulary"),
        ("altLabel", "Other labels"),
        ("scopeNote", "Notes"),
        ("prefLabel", "Preferred labels, all languages"),
    ]
    .into_iter()
    .map(|(id, name)| (id.to_owned(), name.to_owned()))
    .collect();
    all.extend(LANGUAGES.iter().map(|(tag, name)| (format!("label:{tag}"), format!("Label in {name}"))));
    all
}

fn name_of(id: &str) -> String {
    let known = properties().into_iter().find(|(known, _)| known == id).map(|(_, name)| name);
    known.unwrap_or_else(|| id.strip_prefix("label:").map_or_else(|| id.to_owned(), |tag| format!("Label in {tag}")))
}

/// A concept's values, by property.
type Cells = Vec<(String, Vec<Value>)>;

/// What is asked of which concepts, answered: properties and rows, a cell a concept and property.
pub(super) struct Extension {
    /// The properties, with their names.
    pub(super) meta: Vec<Value>,
    /// The concepts with the values of each property.
    pub(super) rows: Vec<(String, Cells)>,
}

impl Extension {
    /// As version 0.2 has it: objects by id.
    pub(super) fn by_id(self) -> Value {
        let cells = |cells: Cells| cells.into_iter().map(|(id, values)| (id, values.into())).collect::<Map<_, _>>();
        let rows: Map<String, Value> = self.rows.into_iter().map(|(id, row)| (id, cells(row).into())).collect();
        json!({ "meta": self.meta, "rows": rows })
    }

    /// As the draft of 1.0 has it: lists.
    pub(super) fn listed(self) -> Value {
        let cell = |(id, values): (String, Vec<Value>)| json!({ "id": id, "values": values });
        let row = |(id, cells): (String, Cells)| json!({ "id": id, "properties": cells.into_iter().map(cell).collect::<Vec<_>>() });
        json!({ "meta": self.meta, "rows": self.rows.into_iter().map(row).collect::<Vec<_>>() })
    }
}

/// Answers an `extend` question.
pub(super) fn extend(finder: &Finder<'_>, text: &str) -> Result<Extension, ServeError> {
    let wrong = |what: String| ServeError::bad_request(format!("`extend` is a JSON object with `ids` and `properties`: {what}"));
    let asked: Value = serde_json::from_str(text).map_err(|e| wrong(e.to_string()))?;
    let list = |name: &str| asked[name].as_array().ok_or_else(|| wrong(format!("`{name}` is no list")));
    let ids: Vec<&str> = list("ids")?.iter().filter_map(Value::as_str).collect();
    let wanted: Vec<&str> = list("properties")?.iter().filter_map(|p| p["id"].as_str()).collect();
    if ids.len() > MOST_IDS || wanted.len() > MOST_PROPERTIES {
        return Err(ServeError::new(
            axum::http::StatusCode::PAYLOAD_TOO_LARGE,
            format!("at most {MOST_IDS} ids and {MOST_PROPERTIES} properties at once"),
        ));
    }
    let meta: Vec<Value> = wanted.iter().map(|id| json!({ "id": id, "name": name_of(id) })).collect();
    let mut rows = Vec::new();
    for id in ids {
        let mut row = Vec::new();
        for property in &wanted {
            row.push(((*property).to_owned(), values(finder, id, property)?));
        }
        rows.push((id.to_owned(), row));
    }
    Ok(Extension { meta, rows })
}

fn values(finder: &Finder<'_>, id: &str, property: &str) -> Result<Vec<Value>, SourceError> {
    let vocabularies = finder.vocabularies;
    let ours = |e: crate::vocab::VocabError| SourceError::Failed(e.to_string());
    let entity = |iri: &str| -> Result<Value, SourceError> {
        Ok(json!({ "id": iri, "name": concept_link(vocabularies, finder.visitor, iri)?.label.text }))
    };
    let texts = |texts: Vec<String>| -> Vec<Value> { texts.into_iter().take(MOST_VALUES).map(|t| json!({ "str": t })).collect() };
    let entities = |iris: Vec<String>| iris.iter().take(MOST_VALUES).map(|i| entity(i)).collect::<Result<Vec<_>, _>>();
    match property {
        "broader" => entities(vocabularies.broader(id).map_err(ours)?.into_iter().map(oxigraph::model::NamedNode::into_string).collect()),
        "narrower" => {
            let narrower = vocabularies.narrower(id, MOST_VALUES).map_err(ours)?;
            entities(narrower.into_iter().map(oxigraph::model::NamedNode::into_string).collect())
        }
        "exactMatch" | "closeMatch" => {
            let wanted = if property == "exactMatch" { skos::EXACT_MATCH } else { skos::CLOSE_MATCH };
            let mut others = Vec::new();
            for a in vocabularies.alignments(id).map_err(ours)? {
                if a.property == wanted {
                    others.push(if a.direction == Direction::Forward { a.to } else { a.from }.into_string());
                }
            }
            others.sort_unstable();
            others.dedup();
            entities(others)
        }
        "facet" => entities(finder.branches.of(vocabularies, id)?.to_vec()),
        "scheme" => Ok(texts(vocabularies.scheme_of(id).map_err(ours)?.into_iter().collect())),
        "scopeNote" => {
            let notes = vocabularies.concept(id).map_err(ours)?.map(|c| c.notes).unwrap_or_default();
            Ok(texts(notes.into_iter().map(|(text, _)| text).collect()))
        }
        "altLabel" => Ok(texts(vocabularies.labels(id).map_err(ours)?.into_iter().filter(|l| !l.preferred).map(|l| l.text).collect())),
        "prefLabel" => Ok(texts(vocabularies.labels(id).map_err(ours)?.into_iter().filter(|l| l.preferred).map(|l| l.text).collect())),
        _ => {
            let Some(tag) = property.strip_prefix("label:") else { return Ok(Vec::new()) };
            let tag = tag.to_ascii_lowercase();
            let speaks = |language: &str| language == tag || language.strip_prefix(&tag).is_some_and(|rest| rest.starts_with('-'));
            let mut labels = vocabularies.labels(id).map_err(ours)?;
            labels.retain(|l| speaks(&l.language));
            let preferred = labels.iter().any(|l| l.preferred);
            Ok(texts(labels.into_iter().filter(|l| l.preferred == preferred).map(|l| l.text).collect()))
        }
    }
}
