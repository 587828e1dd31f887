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
use glossator::net::{Client, NetError, Reply, Request, Settings};

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
        .route("/drip", get(drip))
        .route("/to-the-machine", get(to_the_machine))
        .route("/far", get(|| async { Redirect::temporary("http://169.254.169.254/latest/meta-data/") }))
        .route("/robots.txt", get(robots))
        .route("/closed/picture", get(|| async { "closed" }))
        .route("/head", get(|| async { StatusCode::OK }))
        .route("/no-head", get(no_head))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(20)).await }))
        .with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
    (address, asked)
}

async fn robots(State(asked): State<Asked>) -> &'static str {
    asked.0.fetch_add(100, Ordering::SeqCst);
    "User-agent: *\nDisallow: /closed/\n"
}

/// Sends those who came by name to the same place by number.
async fn to_the_machine(headers: axum::http::HeaderMap) -> Redirect {
    let port = headers[header::HOST].to_str().unwrap().rsplit(':').next().unwrap().to_owned();
    Redirect::temporary(&format!("http://127.0.0.1:{port}/picture"))
}

/// A byte now and then, for ever.
async fn drip() -> Response {
    let drops = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((Ok::<_, std::io::Error>("x"), ()))
    });
    Body::from_stream(drops).into_response()
}

async fn no_head(method: axum::http::Method) -> StatusCode {
    if method == axum::http::Method::HEAD { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::OK }
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
    let hasty = Settings { total_seconds: 1, retries: 0, ..settings() };
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

#[tokio::test]
async fn a_host_that_is_allowed_may_not_send_us_to_one_that_is_not() {
    let (address, _) = serve().await;
    let only_by_name = Settings { allow_private: false, allow_private_hosts: vec!["localhost".to_owned()], ..settings() };
    let client = Client::new(only_by_name).unwrap();
    let at = |path: &str| format!("http://localhost:{}{path}", address.port());
    assert!(client.fetch(&at("/picture")).await.is_ok());
    for path in ["/to-the-machine", "/far"] {
        let found = client.fetch(&at(path)).await;
        assert!(matches!(found, Err(NetError::Address { .. })), "{path}: {found:?}");
    }
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off() {
    let start = Instant::now();
    assert!(matches!(fetch("/drip", Settings { total_seconds: 1, retries: 0, ..settings() }).await.0, Err(NetError::Time { .. })));
    assert!(start.elapsed() < Duration::from_secs(5));
    let start = Instant::now();
    let patience = Settings { total_seconds: 30, patience_seconds: 1, retries: 0, ..settings() };
    assert!(matches!(fetch("/drip", patience).await.0, Err(NetError::Patience { .. })));
    assert!(start.elapsed() < Duration::from_secs(5), "however many attempts are left");
}

#[tokio::test]
async fn a_hosts_rules_are_heeded_where_a_record_sends_us_and_read_once() {
    let (address, asked) = serve().await;
    let client = Client::new(settings()).unwrap();
    let at = |path: &str| format!("http://{address}{path}");
    for _ in 0..3 {
        assert!(client.send(&Request::found_in_data(&at("/picture"))).await.is_ok());
        let closed = client.send(&Request::found_in_data(&at("/closed/picture"))).await;
        assert!(matches!(closed, Err(NetError::Robots { .. })), "{closed:?}");
    }
    assert_eq!(asked.0.load(Ordering::SeqCst), 100, "robots.txt is read once");
    // What a person names is asked; and a host may agree to be.
    assert!(client.fetch(&at("/closed/picture")).await.is_ok());
    let agreed = Client::new(Settings { robots_exempt: vec!["127.0.0.1".to_owned()], ..settings() }).unwrap();
    assert!(agreed.send(&Request::found_in_data(&at("/closed/picture"))).await.is_ok());
}

#[tokio::test]
async fn whether_something_is_there_is_asked_without_fetching_it() {
    let (address, _) = serve().await;
    let client = Client::new(settings()).unwrap();
    for (path, there) in [("/head", true), ("/no-head", true), ("/gone", false), ("/endless", true)] {
        let url = format!("http://{address}{path}");
        assert_eq!(client.probe(&Request::found_in_data(&url)).await.is_ok(), there, "{path}");
    }
    let url = format!("http://{address}/picture");
    assert!(matches!(client.send(&Request { etag: Some("\"7\""), ..Request::of(&url) }).await, Ok(Reply::Fetched(_))));
}
