//! `/oai`: by GET or POST, in the same words. What is wrong with a request is told in OAI-PMH's XML with status 200; only what has nothing
//! to do with OAI-PMH is told by a status.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request as HttpRequest, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::sync::Semaphore;

use super::{
    formats::Identifiers,
    lists::{Repository, Trouble},
    request::{self, Code, OaiError},
    response::{Xml, document, element},
    token::TokenKey,
};
use crate::{
    serve::{App, ServeError, form, protocol::text},
    store::Store,
};

/// How many pages are written in one moment, and how long the next waits for its turn.
const PARALLEL: usize = 4;
const PATIENCE: Duration = Duration::from_secs(10);
/// When to come again, in seconds.
const RETRY_SECONDS: u64 = 15;
/// The longest form.
const FORM: usize = 1 << 20;
/// The longest value that is said again.
const REPEATED: usize = 4_096;

/// What the door keeps between requests.
#[derive(Debug)]
pub(in crate::serve) struct Oai {
    key: Result<TokenKey, String>,
    places: Arc<Semaphore>,
    skipped: AtomicU64,
}

impl Oai {
    /// The door of the store in this folder.
    pub(in crate::serve) fn new(folder: &Path) -> Self {
        let key = TokenKey::open(folder).map_err(|error| format!("the key of resumption tokens in {}: {error}", folder.display()));
        if let Err(reason) = &key {
            tracing::error!(reason, "harvesters cannot be served");
        }
        Self { key, places: Arc::new(Semaphore::new(PARALLEL)), skipped: AtomicU64::new(0) }
    }

    /// How many times a record was passed over because it could not be written.
    pub(in crate::serve) fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }
}

/// `/oai`
pub(in crate::serve) async fn oai(State(app): State<Arc<App>>, request: HttpRequest) -> Result<Response, ServeError> {
    let (parts, body) = request.into_parts();
    let mut asked = parts.uri.query().unwrap_or_default().to_owned();
    if parts.method == Method::POST {
        asked.push('&');
        asked.push_str(&form_text(&app, &parts.headers, body).await?);
    }
    let places = Arc::clone(&app.oai.places);
    let Ok(Ok(place)) = tokio::time::timeout(PATIENCE, places.acquire_owned()).await else {
        let error = ServeError::new(StatusCode::SERVICE_UNAVAILABLE, "too many harvesters ask at once");
        return Err(ServeError { retry_seconds: Some(RETRY_SECONDS), ..error });
    };
    let shared = Arc::clone(&app);
    let written = tokio::task::spawn_blocking(move || {
        let _place = place;
        answer(&shared, &asked)
    });
    let bytes = written.await.map_err(ServeError::internal)??;
    Ok(([(header::CONTENT_TYPE, "text/xml; charset=UTF-8"), (header::CACHE_CONTROL, "no-cache")], bytes).into_response())
}

/// The form that was posted.
async fn form_text(app: &App, headers: &HeaderMap, body: Body) -> Result<String, ServeError> {
    let media_type = text(headers, &header::CONTENT_TYPE);
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(ServeError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "OAI-PMH posts application/x-www-form-urlencoded"));
    }
    let time = Duration::from_secs(app.settings.body_seconds);
    let bytes = match tokio::time::timeout(time, to_bytes(body, FORM)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(ServeError::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a form holds at most {FORM} bytes"))),
        Err(_) => return Err(ServeError::new(StatusCode::REQUEST_TIMEOUT, "the body came too slowly")),
    };
    String::from_utf8(bytes.to_vec()).map_err(|_| ServeError::bad_request("the form is not UTF-8"))
}

/// The whole answer to a request.
fn answer(app: &App, asked: &str) -> Result<Vec<u8>, ServeError> {
    let store: &Store = &app.store;
    let repository = Repository {
        store,
        settings: &app.settings,
        key: app.oai.key.as_ref().map_err(ServeError::internal)?,
        identifiers: Identifiers::new(store.base()),
        base_url: format!("{}oai", store.base().as_str()),
        settled: store.settled_until(),
        skipped: &app.oai.skipped,
    };
    let pairs = form::pairs(asked).map_err(|error| OaiError::argument(error.detail));
    let (pairs, request) = match pairs {
        Ok(pairs) => {
            let request = request::read(&pairs);
            (pairs, request)
        }
        Err(error) => (Vec::new(), Err(error)),
    };
    // What is written before an error is found does not count.
    let mut content = Xml::new_with_indent(Vec::new(), b' ', 1);
    let answered = request.map_err(Trouble::Told).and_then(|request| repository.answer(&request, &mut content));
    let error = match answered {
        Ok(()) => None,
        Err(Trouble::Told(error)) => Some(error),
        Err(Trouble::Ours(reason)) => return Err(ServeError::internal(reason)),
    };
    // Harvesters begin the next harvest where this answer stands: so it is dated with the second up to which it is whole.
    let said = repeated(&pairs, error.as_ref().map(|error| error.code));
    let written = document(&repository.base_url, repository.settled, &said, |xml| {
        if let Some(error) = &error {
            return element(xml, "error", &[("code", error.code.as_str())], &error.message);
        }
        xml.get_mut().push(b'\n');
        xml.get_mut().extend_from_slice(&content.into_inner());
        Ok(())
    });
    written.map_err(ServeError::internal)
}

/// The arguments as they are said again: not where they were wrong, and not what the protocol's schema would not take.
fn repeated(pairs: &[(String, String)], code: Option<Code>) -> Vec<(String, String)> {
    if matches!(code, Some(Code::BadVerb | Code::BadArgument)) {
        return Vec::new();
    }
    let is_fit = |name: &str, value: &str| value.len() <= REPEATED && (name != "identifier" || oxiri::Iri::parse(value).is_ok());
    pairs.iter().filter(|(name, value)| is_fit(name, value)).cloned().collect()
}
