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
    client::client,
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

/// By which a query is stopped.
pub(super) const QUERY_ID: HeaderName = HeaderName::from_static("x-query-id");
/// RFC 10008: what the method QUERY may carry.
const ACCEPT_QUERY: HeaderName = HeaderName::from_static("accept-query");
const RATE_LIMIT: [HeaderName; 3] = [
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// The key of a query's text, so that a line in the log tells which one it was.
#[derive(Clone, Debug)]
pub(super) struct QueryKey(pub(super) String);

/// The endpoint, whatever the method.
pub(super) async fn sparql(State(app): State<Arc<App>>, Extension(door): Extension<Door>, request: Request) -> Response {
    let mut response = match *request.method() {
        Method::OPTIONS => {
            let accepted = "application/sparql-query, application/x-www-form-urlencoded";
            (StatusCode::NO_CONTENT, [(header::ALLOW, ALLOW), (ACCEPT_QUERY, accepted)]).into_response()
        }
        _ if matches!(request.method().as_str(), "GET" | "HEAD" | "POST" | "QUERY") => {
            ask(&app, &door, request).await.unwrap_or_else(ServeError::into_response)
        }
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
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Accept, Content-Type, If-None-Match, X-Query-Id, X-Request-Id"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "ETag, Link, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Glossator-Version, X-Query-Id, X-Request-Id",
        ),
    );
    headers.append(header::VARY, HeaderValue::from_static("Accept"));
}

async fn ask(app: &Arc<App>, door: &Door, request: Request) -> Result<Response, ServeError> {
    let (parts, body) = request.into_parts();
    let is_query = parts.method.as_str() == "QUERY";
    let has_body = is_query || parts.method == Method::POST;
    let body = if has_body { read_body(app, door, &parts, body).await? } else { Vec::new() };
    match protocol::read(&parts.method, parts.uri.query().unwrap_or_default(), &parts.headers, &body)? {
        Asked::Query(question) => answer_to(app, door, &parts, question).await,
        Asked::Page(question) => {
            let question = on_behalf(app, door, &parts, question)?;
            let told = Told::of(&question);
            let answered = pages::results(app, question).await;
            Ok(told.mark(app, answered))
        }
        Asked::Update(_) if is_query => Err(ServeError::bad_request("the method QUERY changes nothing: send an update by POST")),
        Asked::Update(text) => {
            door.admit(&parts.headers, parts.uri.query())?;
            update::carry_out(app, *text).await
        }
        Asked::Nothing { html: true } => pages::query_page(app, parts.uri.query()),
        Asked::Nothing { html: false } => describe(app, &parts.headers),
    }
}

/// The question, with who asks and by which id it can be stopped.
pub(super) fn on_behalf(app: &App, door: &Door, parts: &Parts, question: Question) -> Result<Question, ServeError> {
    let given = text(&parts.headers, &QUERY_ID);
    let id = if given.is_empty() {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(ServeError::internal)?;
        hex::encode(random)
    } else if super::app::is_id(&given) {
        given
    } else {
        return Err(ServeError::bad_request("X-Query-Id has 1 to 64 letters, digits, `-`, `_` and `.`"));
    };
    if app.pool.running().has(&id) {
        return Err(ServeError::new(StatusCode::CONFLICT, "a query with this X-Query-Id is under way"));
    }
    Ok(Question { client: client(door, parts, &app.settings.trusted_proxies), id, fresh: door.writes(), ..question })
}

/// What is told of a question besides its answer: its id, and what its client has left.
struct Told {
    id: String,
    client: Option<String>,
    key: QueryKey,
}

impl Told {
    fn of(question: &Question) -> Self {
        Self { id: question.id.clone(), client: question.client.clone(), key: QueryKey(short_key([&question.query])) }
    }

    fn mark(self, app: &App, answered: Result<Response, ServeError>) -> Response {
        let mut response = answered.unwrap_or_else(|error| {
            let too_many = error.status == StatusCode::TOO_MANY_REQUESTS;
            let instead = too_many.then(|| format!("{}dumps", app.store.base().as_str()));
            ServeError { instead, ..error }.into_response()
        });
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            headers.insert(QUERY_ID, id);
        }
        if let Some(allowance) = self.client.as_deref().and_then(|client| app.pool.ledger().allowance(client)) {
            let told = [allowance.limit.round() as u64, allowance.remaining.floor() as u64, allowance.reset];
            for (name, value) in RATE_LIMIT.into_iter().zip(told) {
                headers.insert(name, HeaderValue::from(value));
            }
        }
        response.extensions_mut().insert(self.key);
        response
    }
}

/// Answers somebody's question.
pub(super) async fn answer_to(app: &App, door: &Door, parts: &Parts, question: Question) -> Result<Response, ServeError> {
    let question = on_behalf(app, door, parts, question)?;
    let told = Told::of(&question);
    let answered = answer(app, &parts.headers, question).await;
    Ok(told.mark(app, answered))
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

async fn answer(app: &App, headers: &HeaderMap, question: Question) -> Result<Response, ServeError> {
    let stable = is_stable(&question.query) && !question.explain;
    let key = key(&question);
    let in_address = question.in_address;
    let (explains, rdf_12) = (question.explain, question.rdf_12);
    let began = Instant::now();
    // Who reads what they wrote waits for nobody else's answer.
    let answered = if stable && !question.fresh {
        let version = app.pool.version(false).await?;
        if matches_tag(&text(headers, &header::IF_NONE_MATCH), &tag(version, &key)) {
            return Ok(not_modified(app, version, &key));
        }
        app.flights.ask(&app.pool, format!("{version} {key}"), question).await
    } else {
        if stable && headers.contains_key(header::IF_NONE_MATCH) {
            let version = app.pool.version(true).await?;
            if matches_tag(&text(headers, &header::IF_NONE_MATCH), &tag(version, &key)) {
                return Ok(not_modified(app, version, &key));
            }
        }
        app.pool.ask(question).await
    };
    app.metrics.query(began.elapsed());
    let Answer { version, format, body, .. } = answered.map_err(|e| ServeError::from(e).in_address(in_address))?;
    let length = body.length();
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    let media_type = if explains {
        HeaderValue::from_static("application/json")
    } else if rdf_12 {
        HeaderValue::from_str(&format!("{}; version=1.2", format.media_type())).map_err(ServeError::internal)?
    } else {
        HeaderValue::from_static(format.media_type())
    };
    headers.insert(header::CONTENT_TYPE, media_type);
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    label(app, headers, version, stable.then_some(key.as_str()));
    Ok(response)
}

fn not_modified(app: &App, version: u64, key: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    label(app, response.headers_mut(), version, Some(key));
    response
}

/// What the answer depends on besides the store.
fn key(question: &Question) -> String {
    let Question { formats, max_rows, own_default_graph, rdf_12, explain, .. } = question;
    let formats = format!("{formats:?} {max_rows:?} {own_default_graph} {rdf_12} {explain}");
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
