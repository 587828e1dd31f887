//! Fetching, against a server on this machine: what comes back, and what is refused.

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use glossator::net::{Client, NetError, Settings};

/// A server whose first answers to `/busy` and `/broken` are errors.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

async fn serve() -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let pages = Router::new()
        .route("/picture", get(|| async { ([(header::CONTENT_TYPE, "image/PNG; charset=x"), (header::ETAG, "\"7\"")], "bytes") }))
        .route("/agent", get(|headers: axum::http::HeaderMap| async move { headers[header::USER_AGENT].to_str().unwrap_or("").to_owned() }))
        .route("/busy", get(busy))
        .route("/broken", get(broken))
        .route("/gone", get(|| async { StatusCode::NOT_FOUND }))
        .route("/later", get(|| async { (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "3600")]) }))
        .route("/large", get(|| async { vec![0_u8; 3 * 1024 * 1024] }))
        .route("/endless", get(endless))
        .route("/bomb", get(|| async { gzipped(&vec![0; 1024 * 1024]) }))
        .route("/packed", get(|| async { gzipped(b"unpacked") }))
        .route("/moved", get(|| async { Redirect::temporary("/picture") }))
        .route("/round", get(|| async { Redirect::temporary("/round") }))
        .route("/inwards", get(|| async { Redirect::temporary("file:///etc/passwd") }))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(20)).await }))
        .with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
    (address, asked)
}

async fn busy(State(asked): State<Asked>) -> Response {
    match asked.0.fetch_add(1, Ordering::SeqCst) {
        0 => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response(),
        _ => "at last".into_response(),
    }
}

async fn broken(State(asked): State<Asked>) -> Response {
    asked.0.fetch_add(1, Ordering::SeqCst);
    StatusCode::BAD_GATEWAY.into_response()
}

async fn endless() -> Response {
    let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0_u8; 65536]));
    Body::from_stream(chunks).into_response()
}

fn gzipped(bytes: &[u8]) -> Response {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    ([(header::CONTENT_ENCODING, "gzip")], packed.finish().unwrap()).into_response()
}

fn settings() -> Settings {
    Settings { allow_private: true, delay_per_host_ms: 0, max_body_mib: 2, ..Settings::default() }
}

async fn fetch(path: &str, settings: Settings) -> (Result<glossator::net::Fetched, NetError>, Asked) {
    let (address, asked) = serve().await;
    (Client::new(settings).unwrap().fetch(&format!("http://{address}{path}")).await, asked)
}

#[tokio::test]
async fn a_picture_comes_with_what_the_host_says_of_it() {
    let fetched = fetch("/moved", settings()).await.0.unwrap();
    assert_eq!((fetched.bytes.as_slice(), fetched.media_type.as_str()), (&b"bytes"[..], "image/png"));
    assert!(fetched.final_url.ends_with("/picture"));
    assert_eq!(fetched.etag.as_deref(), Some("\"7\""));
    let agent = fetch("/agent", settings()).await.0.unwrap();
    assert!(String::from_utf8(agent.bytes).unwrap().starts_with("Glossator/"));
    assert_eq!(fetch("/packed", settings()).await.0.unwrap().bytes, b"unpacked");
}

#[tokio::test]
async fn this_machine_is_not_asked_unless_it_is_meant() {
    let (address, _) = serve().await;
    let client = Client::new(Settings { allow_private: false, ..settings() }).unwrap();
    for url in [format!("http://{address}/picture"), format!("http://localhost:{}/picture", address.port())] {
        assert!(matches!(client.fetch(&url).await, Err(NetError::Address { .. })), "{url}");
    }
}

#[tokio::test]
async fn what_is_too_large_or_goes_round_is_cut_off() {
    assert!(matches!(fetch("/large", settings()).await.0, Err(NetError::TooLarge { .. })));
    assert!(matches!(fetch("/endless", settings()).await.0, Err(NetError::TooLarge { .. })));
    assert!(matches!(fetch("/bomb", settings()).await.0, Err(NetError::Ratio { .. })));
    assert!(matches!(fetch("/round", settings()).await.0, Err(NetError::Redirects { limit: 3, .. })));
    assert!(matches!(fetch("/inwards", settings()).await.0, Err(NetError::Url { .. })));
    let start = Instant::now();
    let hasty = Settings { total_seconds: 1, ..settings() };
    assert!(matches!(fetch("/slow", hasty).await.0, Err(NetError::Time { .. })));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn errors_that_may_pass_are_tried_again_and_others_are_not() {
    let start = Instant::now();
    let (fetched, asked) = fetch("/busy", settings()).await;
    assert_eq!((fetched.unwrap().bytes.as_slice(), asked.0.load(Ordering::SeqCst)), (&b"at last"[..], 2));
    assert!(start.elapsed() >= Duration::from_secs(1), "the host asked us to wait");
    let (fetched, asked) = fetch("/broken", Settings { retries: 2, ..settings() }).await;
    assert!(matches!(fetched, Err(NetError::Status { status: 502, .. })));
    assert_eq!(asked.0.load(Ordering::SeqCst), 3);
    assert!(matches!(fetch("/gone", settings()).await.0, Err(NetError::Status { status: 404, .. })));
    assert!(matches!(fetch("/later", settings()).await.0, Err(NetError::Busy { status: 503, .. })));
}
