//! One request a connection, timed from the first byte that is sent to the last that comes.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Child,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// A server that runs as long as this is held.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) took: Duration,
}

/// A port that is free now.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until somebody listens.
pub(crate) fn wait(port: u16) -> anyhow::Result<()> {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if began.elapsed() > Duration::from_mins(1) {
            bail!("nobody listens on port {port}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Sends one request.
pub(crate) fn send(port: u16, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<Answer> {
    let began = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let took = began.elapsed();
    let split = bytes.windows(4).position(|w| w == b"\r\n\r\n").context("no head")?;
    let head = String::from_utf8_lossy(&bytes[..split]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
    let raw = &bytes[split + 4..];
    let body = if head.contains("transfer-encoding: chunked") { chunks(raw)? } else { raw.to_vec() };
    Ok(Answer { status, body, took })
}

fn chunks(mut raw: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = raw.windows(2).position(|w| w == b"\r\n").context("a chunk is broken off")?;
        let size = usize::from_str_radix(std::str::from_utf8(&raw[..end])?.trim(), 16)?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(raw.get(end + 2..end + 2 + size).context("a chunk is broken off")?);
        raw = &raw[end + 2 + size + 2..];
    }
}
