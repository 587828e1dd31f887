//! A client that sees what is on the wire: status, headers, and whether the body ended as it should.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A response as it came.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended as the head promised.
    pub(crate) complete: bool,
    pub(crate) took: Duration,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// A header that may come in several lines.
    pub(crate) fn all(&self, name: &str) -> String {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn send(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() || method == "POST" {
        head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    // A server that refuses early may close before all of the body is sent.
    drop(stream.write_all(body).await);
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes).await.is_ok();
    parse(method, &bytes, ended, began.elapsed())
}

/// A GET with an `Accept` header.
pub(crate) async fn get(address: SocketAddr, target: &str, accept: &str) -> Response {
    send(address, "GET", target, &[("Accept", accept)], b"").await
}

/// A query by POST.
pub(crate) async fn ask(address: SocketAddr, query: &str, accept: &str) -> Response {
    send(address, "POST", "/sparql", &[("Accept", accept), ("Content-Type", "application/sparql-query")], query.as_bytes()).await
}

fn parse(method: &str, bytes: &[u8], ended: bool, took: Duration) -> Response {
    let split = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    let mut response = Response { status, head, body: Vec::new(), complete: ended, took };
    let raw = &bytes[split + 4..];
    if response.header("transfer-encoding").is_some_and(|t| t.contains("chunked")) && method != "HEAD" {
        (response.body, response.complete) = chunks(raw);
    } else {
        let promised = response.header("content-length").and_then(|l| l.parse::<usize>().ok());
        response.complete = method == "HEAD" || promised.is_none_or(|l| l == raw.len());
        response.body = raw.to_vec();
    }
    response
}

/// The body in chunks, and whether the last one came.
fn chunks(mut raw: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = raw.windows(2).position(|w| w == b"\r\n") {
        let Some(size) = std::str::from_utf8(&raw[..end]).ok().and_then(|s| usize::from_str_radix(s.trim(), 16).ok()) else { break };
        let rest = &raw[end + 2..];
        if size == 0 {
            return (body, true);
        }
        body.extend_from_slice(&rest[..size.min(rest.len())]);
        if rest.len() < size + 2 {
            break;
        }
        raw = &rest[size + 2..];
    }
    (body, false)
}

/// Text as it stands in an address.
pub(crate) fn encoded(text: &str) -> String {
    glossator::rdf::iri::encode_segment(text)
}
