//! `/sparql`: the SPARQL protocol over HTTP.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};

use super::{
    App, ServeError,
    change::read_whole,
    description,
    door::Door,
    pages,
    protocol::{self, ALLOW, Asked, not_acceptable, text},
    update,
};
use crate::{
    rdf::mint::short_key,
    store::query::{Answer, AnswerFormat, Question, negotiate},
};

/// The version of the store that an answer was given from.
pub(super) const VERSION: HeaderName = HeaderName::from_static("x-glossator-version");

/// The endpoint, whatever the method.
pub(super) async fn sparql(State(app): State<Arc<App>>, Extension(door): Extension<Door>, request: Request) -> Response {
    let mut response = match *request.method() {
        Method::OPTIONS => (StatusCode::NO_CONTENT, [(header::ALLOW, ALLOW)]).into_response(),
        Method::GET | Method::HEAD | Method::POST => ask(&app, &door, request).await.unwrap_or_else(ServeError::into_response),
        _ => {
            let error = ServeError::new(StatusCode::METHOD_NOT_ALLOWED, format!("this endpoint knows {ALLOW}"));
            let mut response = error.into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(ALLOW));
            response
        }
    };
    open_to_all(response.headers_mut());
    response
}

/// Scripts on any page may ask, and may read what our headers tell.
pub(super) fn open_to_all(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOW));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Accept, Content-Type, If-None-Match, X-Request-Id"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("ETag, Link, Retry-After, X-Glossator-Version, X-Request-Id"),
    );
    headers.append(header::VARY, HeaderValue::from_static("Accept"));
}

async fn ask(app: &Arc<App>, door: &Door, request: Request) -> Result<Response, ServeError> {
    let (parts, body) = request.into_parts();
    let body = if parts.method == Method::POST { read_body(app, door, &parts, body).await? } else { Vec::new() };
    let fresh = door.writes();
    match protocol::read(&parts.method, parts.uri.query().unwrap_or_default(), &parts.headers, &body)? {
        Asked::Query(question) => answer(app, &parts.headers, Question { fresh, ..question }).await,
        Asked::Page(question) => pages::results(app, Question { fresh, ..question }).await,
        Asked::Update(text) => {
            door.admit(&parts.headers, parts.uri.query())?;
            update::carry_out(app, *text).await
        }
        Asked::Nothing { html: true } => pages::query_page(app, parts.uri.query()),
        Asked::Nothing { html: false } => describe(app, &parts.headers),
    }
}

/// The whole body, if it is not too long and does not take too long. Only who may send an update may send a long one.
async fn read_body(app: &App, door: &Door, parts: &Parts, body: Body) -> Result<Vec<u8>, ServeError> {
    // A form may take three bytes for one.
    let query = app.pool.settings().guard.text.saturating_mul(3).saturating_add(64 << 10);
    if door.admit(&parts.headers, parts.uri.query()).is_ok() {
        return read_whole(&parts.headers, body, query.max(update::body_bytes(app)), app.settings.write_seconds).await;
    }
    read_whole(&parts.headers, body, query, app.settings.body_seconds).await
}

pub(super) async fn answer(app: &App, headers: &HeaderMap, question: Question) -> Result<Response, ServeError> {
    let stable = is_stable(&question.query);
    let key = key(&question);
    if stable && headers.contains_key(header::IF_NONE_MATCH) {
        let version = app.pool.version(question.fresh).await?;
        if matches_tag(&text(headers, &header::IF_NONE_MATCH), &tag(version, &key)) {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            label(app, response.headers_mut(), version, stable.then_some(key.as_str()));
            return Ok(response);
        }
    }
    let in_address = question.in_address;
    let began = Instant::now();
    let answered = app.pool.ask(question).await;
    app.metrics.query(began.elapsed());
    let Answer { version, format, body, .. } = answered.map_err(|e| ServeError::from(e).in_address(in_address))?;
    let length = body.length();
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    label(app, headers, version, stable.then_some(key.as_str()));
    Ok(response)
}

/// What the answer depends on besides the store.
fn key(question: &Question) -> String {
    let formats = format!("{:?} {:?} {}", question.formats, question.max_rows, question.own_default_graph);
    let graphs = question.default_graphs.iter().map(|g| format!("d {g}")).chain(question.named_graphs.iter().map(|g| format!("n {g}")));
    short_key([question.query.clone(), formats].into_iter().chain(graphs))
}

/// The same query over the same version gives the same answer, unless it asks for the time or for chance.
fn is_stable(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    !["now", "rand", "uuid"].iter().any(|word| query.contains(word))
}

pub(super) fn tag(version: u64, key: &str) -> String {
    format!("W/\"v{version}-{key}\"")
}

/// RFC 9110, section 13.1.2: the weak comparison.
pub(super) fn matches_tag(header: &str, ours: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    header.trim() == "*" || header.split(',').any(|theirs| plain(theirs) == plain(ours))
}

pub(super) fn label(app: &App, headers: &mut HeaderMap, version: u64, key: Option<&str>) {
    headers.insert(VERSION, HeaderValue::from(version));
    let caching = match key {
        Some(_) => format!("public, max-age={}, must-revalidate", app.settings.cache_seconds),
        None => "no-store".to_owned(),
    };
    let tag = key.map(|key| tag(version, key));
    for (name, value) in [(header::CACHE_CONTROL, Some(caching)), (header::ETAG, tag)] {
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
            headers.insert(name, value);
        }
    }
}

fn describe(app: &App, headers: &HeaderMap) -> Result<Response, ServeError> {
    let format = negotiate(&text(headers, &header::ACCEPT), &AnswerFormat::GRAPHS).ok_or_else(not_acceptable)?;
    let bytes = description::description(app.store.base(), app.pool.settings(), format)?;
    Ok(([(header::CONTENT_TYPE, format.media_type())], bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_compare_weakly() {
        assert!(matches_tag("\"x\", W/\"v1-a\"", "W/\"v1-a\""));
        assert!(matches_tag("\"v1-a\"", "W/\"v1-a\""));
        assert!(matches_tag("*", "W/\"v1-a\""));
        assert!(!matches_tag("W/\"v2-a\"", "W/\"v1-a\""));
    }

    #[test]
    fn chance_and_time_are_not_cached() {
        assert!(is_stable("SELECT * { ?s ?p ?o }"));
        assert!(!is_stable("SELECT (Now() AS ?n) {}"));
    }
}
