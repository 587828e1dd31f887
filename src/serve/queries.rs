//! `/queries`: what is under way, for the operator; and stopping a query by its id, for the operator and for the one who asked.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{App, ServeError, change::only, client::client, door::Door, sparql::open_to_all};

/// The list.
pub(super) async fn queries(State(app): State<Arc<App>>, Extension(door): Extension<Door>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return only(request.method(), "GET, HEAD, OPTIONS");
    }
    if let Err(error) = door.admit(request.headers(), request.uri().query()) {
        return error.into_response();
    }
    let (running, waiting) = app.pool.figures();
    let listed: Vec<Value> = app
        .pool
        .running()
        .list()
        .into_iter()
        .map(|q| json!({ "id": q.id, "client": q.client, "milliseconds": q.milliseconds, "query": &*q.query }))
        .collect();
    Json(json!({ "running": running, "waiting": waiting, "queries": listed })).into_response()
}

/// One of them: DELETE stops it.
pub(super) async fn one_query(
    State(app): State<Arc<App>>,
    Extension(door): Extension<Door>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let mut response = if parts.method == Method::DELETE {
        let stopped = if door.writes() {
            door.admit(&parts.headers, parts.uri.query()).map(|()| app.pool.running().stop(&id, None))
        } else {
            Ok(app.pool.running().stop(&id, client(&door, &parts, &app.settings.trusted_proxies).as_deref()))
        };
        match stopped {
            Ok(true) => StatusCode::NO_CONTENT.into_response(),
            Ok(false) => ServeError::not_found("no query of yours with this id is under way").into_response(),
            Err(error) => error.into_response(),
        }
    } else {
        only(&parts.method, "DELETE, OPTIONS")
    };
    open_to_all(response.headers_mut());
    response
}
