//! `/reconcile` and what stands beside it: reading requests, and answering in JSON that any page may read.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::{
    batch,
    candidates::Finder,
    extend,
    manifest::manifest,
    suggest::{self, Beginning},
};
use crate::{
    serve::{App, ServeError, SourceError, Visitor, form, pages, protocol::text, sparql::open_to_all},
    vocab::Vocabularies,
};

pub(super) const ALLOW: &str = "GET, HEAD, POST, OPTIONS";
/// The largest body of a POST.
const MOST_BYTES: usize = 1 << 20;

pub(super) type Pairs = Vec<(String, String)>;

/// The service itself: its manifest, batches of queries, and `extend`.
pub(in crate::serve) async fn reconcile(State(app): State<Arc<App>>, request: Request) -> Response {
    open(
        ask(&app, request, |app, visitor, pairs| {
            finding(app, visitor, |finder| {
                if let Some(queries) = form::only(pairs, "queries")? {
                    let mut answers = Map::new();
                    for asked in batch::read(&queries)? {
                        answers.insert(asked.key.clone(), json!({ "result": finder.answer(&asked)? }));
                    }
                    return Ok(Json(Value::from(answers)).into_response());
                }
                if let Some(question) = form::only(pairs, "extend")? {
                    return Ok(Json(extend::extend(finder, &question)?.by_id()).into_response());
                }
                Ok(Json(manifest(app.store.base(), &app.settings.name, finder)?).into_response())
            })
        })
        .await,
    )
}

/// `/reconcile/suggest/…`, `/reconcile/flyout/…`, `/reconcile/preview`, `/reconcile/properties`.
pub(in crate::serve) async fn beside(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/reconcile/").to_owned();
    open(ask(&app, request, move |app, visitor, pairs| answer_beside(app, visitor, &path, pairs)).await)
}

fn answer_beside(app: &App, visitor: &Visitor, path: &str, pairs: &Pairs) -> Result<Response, ServeError> {
    let skip = form::only(pairs, "cursor")?.and_then(|c| c.parse().ok()).unwrap_or(0);
    let asked = Beginning { prefix: prefix(pairs)?, skip, most: suggest::MOST };
    match path {
        "suggest/entity" => finding(app, visitor, |finder| Ok(Json(suggest::entities(finder, &asked)?).into_response())),
        "suggest/type" => finding(app, visitor, |finder| Ok(Json(suggest::types(finder, &asked)?).into_response())),
        "suggest/property" => Ok(Json(suggest::properties(&asked)).into_response()),
        "flyout/entity" | "flyout/type" | "flyout/property" => {
            let id = form::only(pairs, "id")?.ok_or_else(|| ServeError::bad_request("of what? `id` names it"))?;
            let html = flyout(app, visitor, path, &id)?;
            Ok(Json(json!({ "id": id, "html": html })).into_response())
        }
        "properties" => Ok(Json(proposed(form::only(pairs, "type")?, usize::MAX)).into_response()),
        "preview" => preview(app, visitor, pairs),
        _ => Err(nowhere()),
    }
}

pub(super) fn nowhere() -> ServeError {
    ServeError::not_found("there is nothing at this address; /reconcile tells what there is")
}

/// What has been typed so far.
pub(super) fn prefix(pairs: &Pairs) -> Result<String, ServeError> {
    Ok(form::only(pairs, "prefix")?.unwrap_or_default().trim().chars().take(batch::LONGEST).collect())
}

/// The properties that concepts of a type may have; all types have the same.
pub(super) fn proposed(of: Option<String>, most: usize) -> Value {
    let proposed: Vec<Value> = extend::properties().into_iter().take(most).map(|(id, name)| json!({ "id": id, "name": name })).collect();
    let mut told = json!({ "properties": proposed });
    if let Some(of) = of {
        told["type"] = of.into();
    }
    told
}

/// A concept in a few lines.
pub(super) fn preview(app: &App, visitor: &Visitor, pairs: &Pairs) -> Result<Response, ServeError> {
    let id = form::only(pairs, "id")?.ok_or_else(|| ServeError::bad_request("which concept? `id` names it"))?;
    let view = app.source.concept(visitor, &id)?;
    let mut response = axum::response::Html(pages::preview_page(app, &view)?).into_response();
    // Made to stand in another program's frame.
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// What is told beside a suggestion while somebody looks at it: of a concept where it stands and what it is, of anything else its name.
fn flyout(app: &App, visitor: &Visitor, path: &str, id: &str) -> Result<String, ServeError> {
    let named = match path {
        "flyout/type" => finding(app, visitor, |finder| Ok(suggest::all_types(finder)?.into_iter().find(|(known, _)| known == id)))?,
        "flyout/property" => extend::properties().into_iter().find(|(known, _)| known == id),
        _ => None,
    };
    match app.source.concept(visitor, id) {
        Ok(view) => pages::flyout(&view.label.text, Some(&view)),
        Err(SourceError::NotFound(_)) if named.is_some() => pages::flyout(&named.map(|(_, name)| name).unwrap_or_default(), None),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn finding<A>(app: &App, visitor: &Visitor, with: impl FnOnce(&Finder<'_>) -> Result<A, ServeError>) -> Result<A, ServeError> {
    let vocabularies = Vocabularies::new(&app.store).map_err(|e| SourceError::Failed(e.to_string()))?;
    with(&Finder { store: &app.store, vocabularies: &vocabularies, branches: &app.branches, visitor })
}

/// Reads the request, and answers where waiting is allowed.
async fn ask(
    app: &Arc<App>,
    request: Request,
    answer: impl FnOnce(&App, &Visitor, &Pairs) -> Result<Response, ServeError> + Send + 'static,
) -> Result<Response, ServeError> {
    let (parts, body) = request.into_parts();
    let mut pairs = form::pairs(parts.uri.query().unwrap_or_default())?;
    match parts.method {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return Ok(StatusCode::NO_CONTENT.into_response()),
        Method::POST => pairs.extend(posted(app, &parts.headers, body).await?),
        _ => return Err(ServeError::new(StatusCode::METHOD_NOT_ALLOWED, format!("this service knows {ALLOW}"))),
    }
    let visitor = Visitor::of(parts.uri.query(), &parts.headers);
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || answer(&app, &visitor, &pairs)).await.map_err(ServeError::internal)?
}

async fn posted(app: &App, headers: &HeaderMap, body: axum::body::Body) -> Result<Pairs, ServeError> {
    let media_type = text(headers, &header::CONTENT_TYPE);
    if !media_type.is_empty() && !media_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(ServeError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a POST carries application/x-www-form-urlencoded"));
    }
    form::pairs(&whole(app, body).await?)
}

/// The whole body of a POST, as text.
pub(super) async fn whole(app: &App, body: axum::body::Body) -> Result<String, ServeError> {
    let too_long = || ServeError::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a body holds at most {MOST_BYTES} bytes"));
    let time = Duration::from_secs(app.settings.body_seconds);
    let bytes = tokio::time::timeout(time, to_bytes(body, MOST_BYTES))
        .await
        .map_err(|_| ServeError::new(StatusCode::REQUEST_TIMEOUT, "the body came too slowly"))?
        .map_err(|_| too_long())?;
    String::from_utf8(bytes.into()).map_err(|_| ServeError::bad_request("the body is not UTF-8"))
}

pub(super) fn open(answer: Result<Response, ServeError>) -> Response {
    let mut response = answer.unwrap_or_else(ServeError::into_response);
    let headers = response.headers_mut();
    open_to_all(headers);
    headers.insert(header::ALLOW, HeaderValue::from_static(ALLOW));
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
