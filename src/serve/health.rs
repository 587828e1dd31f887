//! Whether it lives, told in JSON.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse};
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

/// `/healthz`.
pub(super) async fn health(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ServeError> {
    let snapshot = app.pool.version().await?;
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
