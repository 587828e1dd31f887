//! Whether it lives, told in JSON.

use std::sync::{Arc, atomic::Ordering};

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::{Value, json};

use super::{App, ServeError};

/// Tells what the taggers run on: execution provider, device, models. Handed in by the one who loaded them.
#[derive(Clone)]
pub struct Runtime(Arc<dyn Fn() -> Value + Send + Sync>);

impl Runtime {
    /// Takes what tells it.
    pub fn new(tells: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        Self(Arc::new(tells))
    }
}

impl Default for Runtime {
    fn default() -> Self {
        Self::new(|| Value::Null)
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Runtime")
    }
}

/// `/readyz`: whether a query would be answered, and we are not about to end.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ServeError> {
    if app.draining.load(Ordering::Acquire) {
        let ending = ServeError::new(StatusCode::SERVICE_UNAVAILABLE, "this server is ending: what is under way is answered, ask another");
        return Err(ServeError { retry_seconds: Some(10), ..ending });
    }
    match app.pool.version(false).await {
        Ok(version) => Ok(Json(json!({ "status": "ready", "snapshotVersion": version }))),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let detail = "no snapshot of the store can be had; the log tells why";
            Err(ServeError { retry_seconds: Some(10), ..ServeError::new(StatusCode::SERVICE_UNAVAILABLE, detail) })
        }
    }
}

/// `/robots.txt`: pages may be read, slowly; what costs a process a request may not.
pub(super) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /sparql\nDisallow: /update\nDisallow: /graph-store\nDisallow: /query\nDisallow: /search\nDisallow: /look\nCrawl-delay: 5\n"
}

/// `/version`: which program this is, and what it speaks.
pub(super) async fn version(State(app): State<Arc<App>>) -> impl IntoResponse {
    Json(json!({
        "program": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "storeVersion": app.store.version(),
        "speaks": ["SPARQL 1.1", "SPARQL 1.1 Graph Store HTTP Protocol", "OAI-PMH 2.0", "Reconciliation API 0.2", "Web Annotation", "LDES"],
    }))
}

/// `/healthz`.
pub(super) async fn health(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ServeError> {
    let snapshot = app.pool.version(false).await?;
    Ok(Json(json!({
        "status": "ok",
        "program": env!("CARGO_PKG_VERSION"),
        "storeVersion": app.store.version(),
        "snapshotVersion": snapshot,
        "recordsNotHarvested": app.oai.skipped(),
        "uptimeSeconds": app.started.elapsed().as_secs(),
        "runtime": (app.runtime.0)(),
    })))
}
