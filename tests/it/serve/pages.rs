//! The pages over the wire.

use glossator::store::query::Settings;

use super::{
    client::{encoded, get, send},
    server::served,
};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_there() {
    let served = served(Settings::default()).await;
    let at = served.address;
    let key = "0123456789abcdef0123456789abcdef";
    for target in [
        "/".to_owned(),
        "/records".to_owned(),
        format!("/records?after={key}"),
        format!("/record/{key}"),
        "/search?q=lut".to_owned(),
        format!("/concept?iri={}", encoded("http://vocab.getty.edu/aat/300041620")),
        "/query".to_owned(),
        "/query?example=published".to_owned(),
        "/sparql".to_owned(),
    ] {
        let page = get(at, &target, BROWSER).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{target}");
        assert!(page.header("content-security-policy").is_some() && page.text().contains("</html>"), "{target}");
    }
    let style = get(at, "/static/style.css", "*/*").await;
    let tag = style.header("etag").expect("a tag").to_owned();
    assert_eq!(send(at, "GET", "/static/style.css", &[("If-None-Match", &tag)], b"").await.status, 304);
    let picture = get(at, &format!("/record/{key}/picture?size=99999"), "*/*").await;
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
    for (target, status) in
        [("/record/..%2F..%2Fetc", 404), ("/concept?iri=http://none.example/", 404), ("/concept", 400), ("/nothing", 404)]
    {
        let page = get(at, target, BROWSER).await;
        assert_eq!(page.status, status, "{target}");
        assert!(page.text().contains("class=\"failure\"") && page.text().contains("Request "), "{target}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photograph_is_looked_at() {
    let served = served(Settings::default()).await;
    let part = |content: &[u8]| {
        [&b"--b\r\nContent-Disposition: form-data; name=\"photograph\"; filename=\"x.png\"\r\n\r\n"[..], content, b"\r\n--b--\r\n"].concat()
    };
    let headers = [("Content-Type", "multipart/form-data; boundary=b"), ("Accept", BROWSER)];
    let seen = send(served.address, "POST", "/look", &headers, &part(b"picture")).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    assert!(seen.text().contains("is forgotten") && seen.header("cache-control") == Some("no-store"));
    assert_eq!(send(served.address, "POST", "/look", &headers, &part(b"")).await.status, 400);
    assert_eq!(send(served.address, "POST", "/look", &headers, &part(&vec![0; 21 << 20])).await.status, 413);
    assert_eq!(send(served.address, "POST", "/look", &headers, b"--b--\r\n").await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_and_robots_are_told_what_they_ask() {
    let served = served(Settings::default()).await;
    let at = served.address;
    assert_eq!(super::client::ask(at, "ASK {}", "*/*").await.status, 200);
    assert_eq!(super::client::ask(at, "ASK { oops", "*/*").await.status, 400);
    let ready = get(at, "/readyz", "*/*").await;
    assert!(ready.status == 200 && ready.json()["snapshotVersion"].is_number(), "{}", ready.text());
    let metrics = get(at, "/metrics", "*/*").await;
    assert!(metrics.header("content-type").is_some_and(|t| t.starts_with("text/plain; version=0.0.4")));
    for said in [
        "glossator_http_requests_total{route=\"/sparql\",status=\"400\"} 1",
        "glossator_query_seconds_count 2",
        "glossator_workers_killed_total 0",
        "glossator_snapshot_age_seconds ",
        &format!("glossator_store_version {}", served.store.version()),
    ] {
        assert!(metrics.text().contains(said), "{said} in {}", metrics.text());
    }
    assert!(get(at, "/robots.txt", "*/*").await.text().contains("Disallow: /sparql"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_packed_for_who_can_unpack_them() {
    let served = served(Settings::default()).await;
    let target = format!("/sparql?query={}", encoded("SELECT * { ?s ?p ?o } LIMIT 500"));
    let plain = get(served.address, &target, "text/csv").await;
    let packed = send(served.address, "GET", &target, &[("Accept", "text/csv"), ("Accept-Encoding", "gzip")], b"").await;
    assert_eq!((packed.header("content-encoding"), plain.header("content-encoding")), (Some("gzip"), None));
    assert!(packed.complete && packed.body.len() < plain.body.len());
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed.body.as_slice()), &mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain.body);
    assert_eq!(packed.header("etag"), plain.header("etag"));
    assert!(packed.header("etag").is_some_and(|tag| tag.starts_with("W/")), "a weak tag holds for both");
    assert!(packed.all("vary").to_ascii_lowercase().contains("accept-encoding"), "{}", packed.all("vary"));
    assert!(plain.all("vary").to_ascii_lowercase().contains("accept-encoding"), "{}", plain.all("vary"));
}
