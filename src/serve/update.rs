//! `/update`: SPARQL 1.1 Update over HTTP, for those who bear the token.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use tokio::runtime::Handle;

use super::{
    App, ServeError,
    change::{change, done, only, read_whole},
    door::Door,
    protocol::{self, Asked},
};
use crate::store::{
    query::{DraftRequest, GuardLimits},
    update::{Bounds, UpdateText, parse_update},
};

/// Triples that one update's text may hold, mostly in INSERT DATA and DELETE DATA.
const TRIPLES: usize = 100_000;

/// The address of updates, whatever the method.
pub(super) async fn update(State(app): State<Arc<App>>, Extension(door): Extension<Door>, request: Request) -> Response {
    if *request.method() != Method::POST {
        return only(request.method(), "POST, OPTIONS");
    }
    asked(&app, &door, request).await.unwrap_or_else(ServeError::into_response)
}

async fn asked(app: &Arc<App>, door: &Door, request: Request) -> Result<Response, ServeError> {
    let (parts, body) = request.into_parts();
    door.admit(&parts.headers, parts.uri.query())?;
    let body = read_whole(&parts.headers, body, body_bytes(app), app.settings.write_seconds).await?;
    match protocol::read(&parts.method, parts.uri.query().unwrap_or_default(), &parts.headers, &body)? {
        Asked::Update(text) => carry_out(app, *text).await,
        Asked::Query(_) | Asked::Page(_) | Asked::Nothing { .. } => {
            Err(ServeError::bad_request("there is no `update`; queries go to /sparql"))
        }
    }
}

/// How long the body of an update may be. A form may take three bytes for one.
pub(super) fn body_bytes(app: &App) -> usize {
    (app.settings.update_megabytes << 20).saturating_mul(3).saturating_add(64 << 10)
}

/// Does an update whose sender may do that. What a pattern of it comes to is found out in a process that is killed when the time is up, over the
/// newest version; where the store moved on in the meantime, once more while nobody else writes.
pub(super) async fn carry_out(app: &Arc<App>, mut asked: UpdateText) -> Result<Response, ServeError> {
    asked.base = format!("{}sparql", app.store.base().as_str());
    let guard = &app.pool.settings().guard;
    let patterns = guard.patterns;
    let most = GuardLimits { text: app.settings.update_megabytes << 20, patterns: TRIPLES, ..guard.clone() };
    let quads = app.settings.update_quads;
    let (store, pool, waiting) = (Arc::clone(&app.store), app.pool.clone(), Handle::current());
    let committed = change(app, move |ticket| {
        let update = parse_update(&asked, &most, patterns)?;
        if !update.evaluates() {
            return Ok(store.update(&update, Bounds { quads }, ticket)?);
        }
        let request = DraftRequest { asked, base: store.base().as_str().to_owned(), guard: most, patterns, quads };
        let (version, draft) = waiting.block_on(pool.draft(request.clone(), None, ticket))?;
        if let Some(committed) = store.apply(&draft, version, ticket)? {
            return Ok(committed);
        }
        let make = |snapshot| waiting.block_on(pool.draft(request, Some(snapshot), ticket)).map(|(_, draft)| draft);
        Ok(store.apply_alone(make, ticket)?)
    })
    .await?;
    Ok(done(StatusCode::NO_CONTENT, committed))
}
