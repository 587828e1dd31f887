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
