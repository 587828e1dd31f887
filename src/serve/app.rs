//! The application: what the doors share, the addresses, and the layer around all of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use tokio::sync::Semaphore;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType},
};

use super::{
    Runtime, ServeError, Settings, Source, WriteToken,
    door::Door,
    dumps,
    error::Told,
    flights::Flights,
    graph_store,
    health::{health, ready, robots, version},
    ldes, linked,
    metrics::{self, Metrics},
    oai::{Oai, oai},
    pages,
    protocol::text,
    queries::{one_query, queries},
    reconcile::{self, Branches},
    shared,
    sparql::{self, QueryKey},
    update,
};
use crate::store::{Store, query::QueryPool};

/// The name under which a request stands in the log.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Pages bring nothing along but their own style, script and pictures, and send forms nowhere else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the doors share.
#[derive(Debug)]
pub struct App {
    pub(super) store: Arc<Store>,
    pub(super) pool: QueryPool,
    pub(super) source: Arc<dyn Source>,
    pub(super) runtime: Runtime,
    pub(super) settings: Settings,
    pub(super) started: Instant,
    pub(super) looking: Arc<Semaphore>,
    /// Changes from outside are made one at a time.
    pub(super) changing: Arc<Semaphore>,
    pub(super) metrics: Metrics,
    pub(super) oai: Oai,
    pub(super) branches: Branches,
    pub(super) flights: Flights,
    /// Whether we are about to end, and should be asked no more.
    pub(super) draining: AtomicBool,
    requests: AtomicU64,
    /// Sets the ids of this process apart from those of the last.
    epoch: String,
}

impl App {
    /// Puts the doors together.
    pub fn new(store: Arc<Store>, pool: QueryPool, source: Arc<dyn Source>, runtime: Runtime, settings: Settings) -> Self {
        let epoch = crate::rdf::mint::short_key([store.clock().now().to_string().as_bytes(), std::process::id().to_string().as_bytes()]);
        let looking = Arc::new(Semaphore::new(settings.look_parallel.max(1)));
        let epoch = epoch[..8].to_owned();
        Self {
            pool,
            source,
            runtime,
            settings,
            started: Instant::now(),
            looking,
            changing: Arc::new(Semaphore::new(1)),
            metrics: Metrics::default(),
            branches: Branches::default(),
            flights: Flights::default(),
            draining: AtomicBool::new(false),
            oai: Oai::new(store.folder()),
            store,
            requests: AtomicU64::new(0),
            epoch,
        }
    }

    /// From here on `/readyz` says no, while what comes is still answered: who sends us visitors sends them elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    fn request_id(&self) -> String {
        format!("{}-{}", self.epoch, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

/// Every address that we answer, for the public: nothing is changed here.
pub fn router(app: Arc<App>) -> Router {
    through(app, Door::Public)
}

/// The same addresses for the operator, who may also write, and sees at once what was written.
pub fn write_router(app: Arc<App>, token: WriteToken) -> Router {
    through(app, Door::Write(Arc::new(token)))
}

fn through(app: Arc<App>, door: Door) -> Router {
    let look_bytes = app.settings.look_megabytes << 20;
    let mut ours = Router::new();
    let folder = linked::folder(app.store.base());
    for class in linked::CLASSES {
        let mut paths = vec![format!("/{class}/{{*rest}}"), format!("/{class}")];
        if folder != "/" {
            paths.extend([format!("{folder}{class}/{{*rest}}"), format!("{folder}{class}")]);
        }
        for path in paths {
            ours = ours.route(&path, any(linked::thing));
        }
    }
    // What others are led to by our IRIs stands under the base as well.
    if folder != "/" {
        ours = ours
            .route(&format!("{folder}dumps"), get(dumps::list))
            .route(&format!("{folder}dumps/{{version}}/{{name}}"), get(dumps::file))
            .route(&format!("{folder}ldes"), get(ldes::stream))
            .route(&format!("{folder}ldes/after/{{place}}"), get(ldes::page))
            .route(&format!("{folder}record/{{key}}/share/{{form}}"), get(shared::share));
    }
    // A graph's own address stands under the base, wherever that is.
    let mut stores = vec!["/graph-store".to_owned()];
    if folder != "/" {
        stores.push(format!("{folder}graph-store"));
    }
    for path in stores {
        let whole = || any(graph_store::graph_store).layer(DefaultBodyLimit::disable());
        ours = ours.route(&path, whole()).route(&format!("{path}/"), whole()).route(&format!("{path}/{{*graph}}"), whole());
    }
    ours.route("/.well-known/void", any(linked::well_known_void))
        .route("/record/{key}/annotations", any(linked::annotations))
        .route("/record/{key}/share/{form}", get(shared::share))
        .route("/reconcile", any(reconcile::reconcile))
        .route("/reconcile/1.0", any(reconcile::draft))
        .route("/reconcile/1.0/{*rest}", any(reconcile::draft))
        .route("/reconcile/{*rest}", any(reconcile::beside))
        .route("/sparql", any(sparql::sparql))
        .route("/update", any(update::update))
        .route("/oai", get(oai).post(oai))
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/version", get(version))
        .route("/dumps", get(dumps::list))
        .route("/dumps/{version}/{name}", get(dumps::file))
        .route("/ldes", get(ldes::stream))
        .route("/ldes/after/{place}", get(ldes::page))
        .route("/queries", any(queries))
        .route("/queries/{id}", any(one_query))
        .route("/metrics", get(metrics::metrics))
        .route("/robots.txt", get(robots))
        .route("/", get(pages::start))
        .route("/records", get(pages::records))
        .route("/record/{key}", get(pages::record))
        .route("/record/{key}/picture", get(pages::picture))
        .route("/concept", any(linked::concept))
        .route("/search", get(pages::search))
        .route("/concepts", get(pages::tree))
        .route("/query", get(pages::query))
        .route("/reports/{name}", get(pages::report))
        .route("/look", post(pages::look).layer(DefaultBodyLimit::max(look_bytes + (64 << 10))))
        .route("/static/style.css", get(pages::style))
        .route("/static/editor.js", get(pages::editor_script))
        .route("/static/terms.json", get(pages::terms))
        .method_not_allowed_fallback(|| async { ServeError::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not know that method") })
        .fallback(|| async { ServeError::not_found("there is nothing at this address") })
        .layer(Extension(door))
        .layer(CatchPanicLayer::custom(|_panic: Box<dyn std::any::Any + Send>| ServeError::internal("a panic").into_response()))
        .layer(from_fn_with_state(Arc::clone(&app), around))
        .layer(CompressionLayer::new().compress_when(worth_packing()))
        .with_state(app)
}

/// What is packed already is not packed again.
fn worth_packing() -> impl Predicate {
    let not = NotForContentType::const_new;
    DefaultPredicate::new().and(not("application/gzip")).and(not("application/zip"))
}

/// The outermost layer: gives each request an id, tells errors in what the client reads, and logs one line.
async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let given = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| is_id(id)).map(str::to_owned);
    let id = given.unwrap_or_else(|| app.request_id());
    let accept = text(request.headers(), &header::ACCEPT);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ServeError>() {
        response = told(&app, response, &error, &accept, &id);
    } else if response.status().is_client_error() && !response.headers().contains_key(header::CONTENT_TYPE) {
        let error = ServeError::new(response.status(), response.status().canonical_reason().unwrap_or("the request is wrong"));
        response = told(&app, response, &error, &accept, &id);
    }
    furnish(response.headers_mut(), &id);
    app.metrics.request(&route, response.status().as_u16());
    let milliseconds = began.elapsed().as_millis() as u64;
    if let Some(QueryKey(query)) = response.extensions_mut().remove::<QueryKey>() {
        tracing::info!(%method, path, status = response.status().as_u16(), milliseconds, request = id, query, "answered");
        return response;
    }
    tracing::info!(%method, path, status = response.status().as_u16(), milliseconds, request = id, "answered");
    response
}

/// What another service may call a request, if it stands in our log and in a header.
pub(super) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The same response with a body that tells the error.
fn told(app: &App, response: Response, error: &ServeError, accept: &str, id: &str) -> Response {
    let (media_type, body) = match Told::to(accept) {
        Told::Page => ("text/html; charset=utf-8", pages::error_page(app, error, id)),
        Told::Text => ("text/plain; charset=utf-8", error.text(id)),
        Told::Problem => ("application/problem+json", error.problem(id)),
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if error.status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"glossator\""));
    }
    if let Some(seconds) = error.retry_seconds {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Response::from_parts(parts, body.into())
}

fn furnish(headers: &mut axum::http::HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html")) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
        headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
    }
}
