//! A change that came over the wire, done on a thread of its own: one after the other, each with a time limit.

use std::{sync::Arc, thread, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{App, ServeError, sparql::VERSION};
use crate::store::{
    Committed,
    update::{Ticket, UpdateError},
};

/// The stack of the thread: what the guard lets through is parsed and evaluated in it.
const STACK: usize = 256 << 20;

/// Does something to the store. Whoever goes away, or waits longer than is set, stops it: then nothing was done. When it can no longer be
/// stopped, it is waited for.
pub(super) async fn change<T: Send + 'static>(
    app: &Arc<App>,
    what: impl FnOnce(&Ticket) -> Result<T, ServeError> + Send + 'static,
) -> Result<T, ServeError> {
    let time = Duration::from_secs(app.settings.write_seconds.max(1));
    let busy = || too_long("other changes are under way");
    let turn = tokio::time::timeout(time, Arc::clone(&app.changing).acquire_owned()).await;
    let turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
    let leaving = Leaving(Ticket::default());
    let ticket = leaving.0.clone();
    let (send, mut receive) = tokio::sync::oneshot::channel();
    let work = move || {
        let done = what(&ticket);
        // The turn is given back when the work has ended, which may be after nobody waits for it any more.
        drop(turn);
        if send.send(done).is_err() {
            tracing::info!("a change was stopped: nobody waited for it any more");
        }
    };
    thread::Builder::new().name("change".to_owned()).stack_size(STACK).spawn(work).map_err(ServeError::internal)?;
    let gone = |_| ServeError::internal("the thread of a change is gone");
    match tokio::time::timeout(time, &mut receive).await {
        Ok(done) => done.map_err(gone)?,
        Err(_) if leaving.0.stop() => Err(UpdateError::Stopped.into()),
        // It is being committed.
        Err(_) => receive.await.map_err(gone)?,
    }
}

/// Stops the change when it is dropped, if that is still possible.
struct Leaving(Ticket);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.stop();
    }
}

pub(super) fn too_long(why: &str) -> ServeError {
    ServeError { retry_seconds: Some(10), ..ServeError::new(StatusCode::SERVICE_UNAVAILABLE, format!("{why}; try again")) }
}

/// The whole body, if it is not too long and does not take too long. One that says that it is too long is not even begun to be read.
pub(super) async fn read_whole(headers: &HeaderMap, body: Body, most: usize, seconds: u64) -> Result<Vec<u8>, ServeError> {
    let too_long = || ServeError::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a body holds at most {most} bytes here"));
    let said = headers.get(header::CONTENT_LENGTH).and_then(|l| l.to_str().ok()).and_then(|l| l.parse::<u64>().ok());
    if said.is_some_and(|length| length > most as u64) {
        return Err(too_long());
    }
    match tokio::time::timeout(Duration::from_secs(seconds), to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(_)) => Err(too_long()),
        Err(_) => Err(ServeError::new(StatusCode::REQUEST_TIMEOUT, "the body came too slowly")),
    }
}

/// A response without a body that says which version of the store shows the change.
pub(super) fn done(status: StatusCode, committed: Committed) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(VERSION, HeaderValue::from(committed.version));
    response
}

/// 204 to OPTIONS, 405 to any other method, both with what is allowed.
pub(super) fn only(method: &Method, allow: &'static str) -> Response {
    let mut response = if *method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        ServeError::new(StatusCode::METHOD_NOT_ALLOWED, format!("this address knows {allow}")).into_response()
    };
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}
