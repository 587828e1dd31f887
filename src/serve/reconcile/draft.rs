//! The draft of the API's version 1.0, below an address of its own: questions in JSON, conditions in the place of properties, fixed routes.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{
    batch::{self, Asked, Known, Quantifier},
    candidates::TOLD,
    door::{self, ALLOW, Pairs, finding, nowhere, open},
    extend,
    manifest::draft_manifest,
    suggest::{self, Beginning},
};
use crate::serve::{App, ServeError, Visitor, form, protocol::text};

/// `/reconcile/1.0` and what the draft puts below it.
pub(in crate::serve) async fn draft(State(app): State<Arc<App>>, request: Request) -> Response {
    open(ask(&app, request).await)
}

async fn ask(app: &Arc<App>, request: Request) -> Result<Response, ServeError> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().trim_start_matches("/reconcile/1.0").trim_matches('/').to_owned();
    let posts = matches!(path.as_str(), "match" | "extend");
    let wrong_method =
        || ServeError::new(StatusCode::METHOD_NOT_ALLOWED, format!("this is asked by {}", if posts { "POST" } else { "GET" }));
    let said = match parts.method {
        Method::OPTIONS => return Ok(StatusCode::NO_CONTENT.into_response()),
        Method::GET | Method::HEAD if !posts => String::new(),
        Method::POST if posts => {
            let media_type = text(&parts.headers, &header::CONTENT_TYPE).to_ascii_lowercase();
            if !media_type.starts_with("application/json") {
                return Err(ServeError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a POST carries application/json"));
            }
            door::whole(app, body).await?
        }
        Method::GET | Method::HEAD | Method::POST => return Err(wrong_method()),
        _ => return Err(ServeError::new(StatusCode::METHOD_NOT_ALLOWED, format!("this service knows {ALLOW}"))),
    };
    let pairs = form::pairs(parts.uri.query().unwrap_or_default())?;
    let visitor = Visitor::of(parts.uri.query(), &parts.headers);
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || answer(&app, &visitor, &path, &pairs, &said)).await.map_err(ServeError::internal)?
}

fn answer(app: &App, visitor: &Visitor, path: &str, pairs: &Pairs, said: &str) -> Result<Response, ServeError> {
    let number = |name: &str| -> Result<Option<usize>, ServeError> {
        let wrong = |_| ServeError::bad_request(format!("`{name}` is a number"));
        form::only(pairs, name)?.map(|n| n.parse().map_err(wrong)).transpose()
    };
    let beginning = || -> Result<Beginning, ServeError> {
        let most = number("limit")?.unwrap_or(suggest::MOST).clamp(1, suggest::MOST);
        Ok(Beginning { prefix: door::prefix(pairs)?, skip: number("offset")?.unwrap_or(0), most })
    };
    let told = match path {
        "" => finding(app, visitor, |finder| Ok(draft_manifest(app.store.base(), &app.settings.name, finder)?))?,
        "match" => finding(app, visitor, |finder| {
            let mut results = Vec::new();
            for asked in read(said)? {
                results.push(json!({ "candidates": finder.answer(&asked)? }));
            }
            Ok(json!({ "results": results }))
        })?,
        "extend" => finding(app, visitor, |finder| Ok(extend::extend(finder, said)?.listed()))?,
        "extend/propose" => {
            let limit = number("limit")?;
            let mut told = door::proposed(form::only(pairs, "type")?, limit.unwrap_or(usize::MAX));
            if let Some(limit) = limit {
                told["limit"] = limit.into();
            }
            told
        }
        "suggest/entity" => {
            let asked = beginning()?;
            finding(app, visitor, |finder| Ok(suggest::entities(finder, &asked)?))?
        }
        "suggest/type" => {
            let asked = beginning()?;
            finding(app, visitor, |finder| Ok(suggest::types(finder, &asked)?))?
        }
        "suggest/property" => suggest::properties(&beginning()?),
        "preview" => return door::preview(app, visitor, pairs),
        _ => return Err(nowhere()),
    };
    Ok(Json(told).into_response())
}

/// Reads a batch of queries.
fn read(said: &str) -> Result<Vec<Asked>, ServeError> {
    let wrong = |what: &str| ServeError::bad_request(format!("the body is a JSON object with `queries`, a list: {what}"));
    let json: Value = serde_json::from_str(said).map_err(|e| wrong(&e.to_string()))?;
    let queries = json.get("queries").and_then(Value::as_array).ok_or_else(|| wrong("there is none"))?;
    if queries.len() > batch::MOST_QUERIES {
        let most = batch::MOST_QUERIES;
        return Err(ServeError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("a batch holds at most {most} queries; this has {}", queries.len()),
        ));
    }
    queries.iter().enumerate().map(|(number, query)| one(number, query)).collect()
}

fn one(number: usize, query: &Value) -> Result<Asked, ServeError> {
    let wrong = |what: String| ServeError::bad_request(format!("query {} {what}", number + 1));
    let fields = query.as_object().ok_or_else(|| wrong("is no object".to_owned()))?;
    if let Some(strange) = fields.keys().find(|k| !["type", "limit", "lang", "dir", "conditions"].contains(&k.as_str())) {
        return Err(wrong(format!("has `{strange}`, and knows only `conditions`, `type`, `limit`, `lang` and `dir`")));
    }
    let types = match fields.get("type") {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one.clone()],
        Some(_) => return Err(wrong("has a `type` that is no text; one type is given by its id".to_owned())),
    };
    let mut asked = Asked {
        types,
        limit: batch::limit(fields.get("limit")),
        language: fields.get("lang").and_then(Value::as_str).map(str::to_owned),
        ..Asked::default()
    };
    let conditions = fields.get("conditions").and_then(Value::as_array).filter(|c| !c.is_empty());
    let conditions = conditions.ok_or_else(|| wrong("has no `conditions`; at least one says what is wanted".to_owned()))?;
    for condition in conditions.iter().take(batch::MOST_KNOWN) {
        take(condition, &mut asked).map_err(|what| wrong(format!("has a condition {what}")))?;
    }
    Ok(asked)
}

fn take(condition: &Value, asked: &mut Asked) -> Result<(), String> {
    let values: Vec<String> =
        batch::values(&condition["propertyValue"]).iter().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
    if values.is_empty() {
        return Err("without a `propertyValue`".to_owned());
    }
    if values.iter().any(|v| v.chars().count() > batch::LONGEST) {
        return Err(format!("with a value that is longer than {} characters", batch::LONGEST));
    }
    match condition["matchType"].as_str() {
        Some("name") => asked.names.extend(values),
        Some("id") => asked.ids.extend(values),
        Some("property") => {
            let property = condition["propertyId"].as_str().ok_or("on a property that it does not name: `propertyId`")?.to_owned();
            let quantifier = match condition["matchQuantifier"].as_str() {
                None | Some("any") => Quantifier::Any,
                Some("all") => Quantifier::All,
                Some("none") => Quantifier::None,
                Some(other) => return Err(format!("with the quantifier `{other}`; it is `any`, `all` or `none`")),
            };
            let required = condition["required"] == true;
            if required && !TOLD.contains(&property.as_str()) {
                return Err(format!("that requires `{property}`, and only {} can be required", TOLD.join(", ")));
            }
            asked.known.push(Known { property, values, quantifier, required });
        }
        _ => return Err("whose `matchType` is not `name`, `id` or `property`".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_become_names_ids_and_what_is_known() {
        let asked = read(
            r#"{"queries": [{"type": "aat", "limit": 3, "lang": "en", "conditions": [
                {"matchType": "name", "propertyValue": [" lutes ", "lute"]},
                {"matchType": "property", "propertyId": "broader", "propertyValue": {"id": "http://e/1"}, "required": true, "matchQuantifier": "none"}]},
              {"conditions": [{"matchType": "id", "propertyValue": "http://e/2"}]}]}"#,
        )
        .expect("readable");
        assert_eq!((asked[0].names.as_slice(), asked[0].limit), (&["lutes".to_owned(), "lute".to_owned()][..], 3));
        let known = &asked[0].known[0];
        assert!(known.required && known.quantifier == Quantifier::None && known.holds(0) && !known.holds(1));
        assert_eq!(asked[1].ids, ["http://e/2"]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for bad in [
            "x",
            "[]",
            r#"{"queries": {}}"#,
            r#"{"queries": [{}]}"#,
            r#"{"queries": [{"conditions": []}]}"#,
            r#"{"queries": [{"query": "x"}]}"#,
            r#"{"queries": [{"conditions": [{"propertyValue": "x"}]}]}"#,
            r#"{"queries": [{"conditions": [{"matchType": "name"}]}]}"#,
            r#"{"queries": [{"type": ["a"], "conditions": [{"matchType": "name", "propertyValue": "x"}]}]}"#,
            r#"{"queries": [{"conditions": [{"matchType": "property", "propertyId": "size", "propertyValue": "x", "required": true}]}]}"#,
        ] {
            assert_eq!(read(bad).expect_err(bad).status.as_u16(), 400, "{bad}");
        }
    }
}
