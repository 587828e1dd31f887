//! The pages' addresses: ask the source on a thread that may wait, and fill the template.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use askama::Template as _;
use axum::{
    extract::{Multipart, Path, Query, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{
    super::{App, RecordsAsked, ServeError, Source, SourceError, Visitor, protocol::text},
    ConceptView, ThingView,
    templates::{Concept, Dumps, Failure, Flyout, Look, Page, Preview, Record, Records, Search, Start, Thing, Tree},
};
use crate::{
    jobs::{DumpManifest, LAST_REPORT},
    rdf::{
        RecordKey,
        mint::checksum,
        ns::{PREFIXES, TERMS},
    },
};

type Answer = Result<Response, ServeError>;

impl Page {
    pub(super) fn new(app: &App, title: impl Into<String>, here: &'static str) -> Self {
        Self { site: app.settings.name.clone(), title: title.into(), here, notice: app.source.notice() }
    }
}

/// Asks the source where waiting is allowed.
async fn ask<T: Send + 'static>(
    app: &Arc<App>,
    asked: impl FnOnce(&dyn Source) -> Result<T, SourceError> + Send + 'static,
) -> Result<T, ServeError> {
    let source = Arc::clone(&app.source);
    Ok(tokio::task::spawn_blocking(move || asked(source.as_ref())).await.map_err(ServeError::internal)??)
}

/// The rendered page.
pub(super) fn page(template: &impl askama::Template) -> Answer {
    Ok(Html(template.render()?).into_response())
}

/// `/`
pub(in crate::serve) async fn start(State(app): State<Arc<App>>, RawQuery(address): RawQuery, headers: HeaderMap) -> Answer {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let view = ask(&app, move |source| source.start(&visitor)).await?;
    page(&Start { page: Page::new(&app, "", "start"), view: &view })
}

/// `/records`
pub(in crate::serve) async fn records(
    State(app): State<Arc<App>>,
    RawQuery(address): RawQuery,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let given = |name: &str| parameters.get(name).filter(|v| !v.is_empty()).cloned();
    let after = given("after").map(|key| key_of(&key)).transpose()?;
    let asked = RecordsAsked { after, set: given("set"), concept: given("concept") };
    let view = ask(&app, move |source| source.records(&visitor, &asked)).await?;
    page(&Records { page: Page::new(&app, view.heading.clone(), "records"), view: &view })
}

fn key_of(text: &str) -> Result<RecordKey, ServeError> {
    RecordKey::parse(text).ok_or_else(|| ServeError::not_found("a record's key is 32 hexadecimal digits"))
}

/// `/record/{key}`
pub(in crate::serve) async fn record(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    RawQuery(address): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let key = key_of(&key)?;
    let view = ask(&app, move |source| source.record(&visitor, &key)).await?;
    page(&Record { page: Page::new(&app, view.title.text.clone(), "records"), view: &view })
}

/// `/record/{key}/picture`, with `?size=` pixels for the longer side.
pub(in crate::serve) async fn picture(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let key = key_of(&key)?;
    let size = parameters.get("size").and_then(|s| s.parse().ok()).unwrap_or(1000u32).clamp(32, 2000);
    let picture = ask(&app, move |source| source.picture(&key, size)).await?;
    Ok(kept(&headers, &picture.media_type, &format!("{}-{size}", picture.checksum), picture.bytes))
}

/// `/static/style.css`
pub(in crate::serve) async fn style(headers: HeaderMap) -> Response {
    const STYLE: &str = include_str!("../templates/style.css");
    kept(&headers, "text/css; charset=utf-8", &checksum(STYLE.as_bytes())[..16], STYLE)
}

/// `/static/editor.js`
pub(in crate::serve) async fn editor_script(headers: HeaderMap) -> Response {
    const SCRIPT: &str = include_str!("../templates/editor.js");
    kept(&headers, "text/javascript; charset=utf-8", &checksum(SCRIPT.as_bytes())[..16], SCRIPT)
}

/// `/static/terms.json`: our prefixes, and the names in each, for the editor to offer.
pub(in crate::serve) async fn terms(headers: HeaderMap) -> Result<Response, ServeError> {
    let prefixes: BTreeMap<&str, &str> = PREFIXES.iter().copied().collect();
    let names: BTreeMap<&str, Vec<&str>> = TERMS
        .iter()
        .map(|(prefix, namespace, all)| (*prefix, all.iter().filter_map(|term| term.as_str().strip_prefix(namespace)).collect()))
        .collect();
    let told = serde_json::to_vec(&serde_json::json!({ "prefixes": prefixes, "names": names })).map_err(ServeError::internal)?;
    Ok(kept(&headers, "application/json", &checksum(&told)[..16], told))
}

/// `/concepts`, with `?iri=`: the trees.
pub(in crate::serve) async fn tree(
    State(app): State<Arc<App>>,
    RawQuery(address): RawQuery,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let iri = parameters.get("iri").filter(|iri| !iri.is_empty()).cloned();
    let view = ask(&app, move |source| source.tree(&visitor, iri.as_deref())).await?;
    let title = view.here.as_ref().map_or("The trees".to_owned(), |here| format!("{} in its tree", here.label.text));
    page(&Tree { page: Page::new(&app, title, "concepts"), view: &view })
}

/// Something that changes only with its tag.
fn kept(headers: &HeaderMap, media_type: &str, tag: &str, body: impl Into<axum::body::Body>) -> Response {
    let tag = format!("\"{tag}\"");
    let caching = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "public, max-age=300".to_owned())];
    if text(headers, &header::IF_NONE_MATCH).split(',').any(|theirs| theirs.trim().trim_start_matches("W/") == tag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, media_type.to_owned())], body.into()).into_response()
}

/// `/concept?iri=`
pub(in crate::serve) async fn concept(
    State(app): State<Arc<App>>,
    RawQuery(address): RawQuery,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let iri = parameters.get("iri").cloned().ok_or_else(|| ServeError::bad_request("which concept? `iri` names it"))?;
    let view = ask(&app, move |source| source.concept(&visitor, &iri)).await?;
    page(&Concept { page: Page::new(&app, view.label.text.clone(), "concepts"), view: &view })
}

/// `/search?q=`
pub(in crate::serve) async fn search(
    State(app): State<Arc<App>>,
    RawQuery(address): RawQuery,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let beginning = parameters.get("q").map(|q| q.trim().chars().take(200).collect::<String>()).unwrap_or_default();
    let view = ask(&app, move |source| source.search(&visitor, &beginning)).await?;
    page(&Search { page: Page::new(&app, "Concepts", "concepts"), view: &view })
}

/// `/reports/validation`, and the same with `.json` and `.ttl`: the last one.
pub(in crate::serve) async fn report(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    let (ending, media_type) = match name.as_str() {
        "validation" => ("html", "text/html; charset=utf-8"),
        "validation.json" => ("json", "application/json"),
        "validation.ttl" => ("ttl", "text/turtle; charset=utf-8"),
        _ => return Err(ServeError::not_found("there is no such report; /reports/validation is one")),
    };
    let path = app.store.folder().join(LAST_REPORT).with_extension(ending);
    let file = match tokio::fs::File::open(&path).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ServeError::not_found("nothing was validated yet: `glossator validate --store-records` makes this report"));
        }
        Err(error) => return Err(ServeError::internal(error)),
    };
    let body = axum::body::Body::from_stream(tokio_util::io::ReaderStream::new(file));
    // The page carries its own style, so that it can be sent on.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, body).into_response())
}

/// `/look`: a photograph of the visitor's own. It is never written down.
pub(in crate::serve) async fn look(
    State(app): State<Arc<App>>,
    RawQuery(address): RawQuery,
    headers: HeaderMap,
    mut form: Multipart,
) -> Answer {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let busy = || ServeError {
        retry_seconds: Some(5),
        ..ServeError::new(StatusCode::SERVICE_UNAVAILABLE, "other photographs are being looked at; try again soon")
    };
    let turn = Arc::clone(&app.looking).try_acquire_owned().map_err(|_| busy())?;
    let unusable = |e: axum::extract::multipart::MultipartError| ServeError::new(e.status(), e.body_text());
    while let Some(field) = form.next_field().await.map_err(unusable)? {
        if field.name() != Some("photograph") {
            continue;
        }
        let photograph = field.bytes().await.map_err(unusable)?;
        if photograph.is_empty() {
            return Err(ServeError::bad_request("no photograph was chosen"));
        }
        let view = ask(&app, move |source| source.look(&visitor, photograph)).await?;
        drop(turn);
        let mut response = page(&Look { page: Page::new(&app, "What your photograph shows", "look"), view: &view })?;
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        return Ok(response);
    }
    Err(ServeError::bad_request("the form has no `photograph`"))
}

/// Anything of ours, described.
pub(in crate::serve) fn thing_page(app: &App, view: &ThingView) -> Result<String, ServeError> {
    Ok(Thing { page: Page::new(app, view.heading.clone(), ""), view }.render()?)
}

/// The dumps that there are.
pub(in crate::serve) fn dumps_page(app: &App, dumps: &[DumpManifest]) -> Answer {
    page(&Dumps { page: Page::new(app, "The data as files", "dumps"), dumps })
}

/// A concept in a few lines, for a frame in another program's page.
pub(in crate::serve) fn preview_page(app: &App, view: &ConceptView) -> Result<String, ServeError> {
    Ok(Preview { page: Page::new(app, view.label.text.clone(), ""), view }.render()?)
}

/// A concept, or a name, beside a suggestion in another program's page.
pub(in crate::serve) fn flyout(name: &str, view: Option<&ConceptView>) -> Result<String, ServeError> {
    Ok(Flyout { name, view }.render()?)
}

/// An error as a page; in plain words if even that fails.
pub(in crate::serve) fn error_page(app: &App, error: &ServeError, request: &str) -> String {
    if error.query.is_some()
        && let Ok(page) = super::queries::failed(app, error)
    {
        return page;
    }
    let title = error.status.canonical_reason().unwrap_or("Error");
    let page = Failure { page: Page::new(app, title, ""), error, request };
    page.render().unwrap_or_else(|_| "<!doctype html><title>Error</title><p>Something failed.".to_owned())
}
