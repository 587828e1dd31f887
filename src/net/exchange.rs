//! An exchange: a message to a service that an operator named, and its answer.

use std::sync::mpsc;

use reqwest::Method;
use tokio::runtime::Handle;
use url::Url;

use super::{
    Client, NetError,
    client::{host_of, refusal},
};

/// What is sent.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Header lines: name and value.
    pub headers: Vec<(String, String)>,
    /// The body; without one it is a GET.
    pub body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answered {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl Client {
    /// Sends a message once, and takes an answer of at most so many bytes. Refusals (4xx) come back as they are, since a service says in their
    /// body what is wrong; nobody is followed elsewhere.
    pub async fn exchange(&self, url: &str, message: Message, max_bytes: u64) -> Result<Answered, NetError> {
        let url = Url::parse(url).map_err(|e| NetError::Url { url: url.to_owned(), reason: e.to_string() })?;
        self.guard.check(&url)?;
        let _turn = self.manners.turn(host_of(&url)).await;
        let method = if message.body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.http.request(method, url.clone());
        for (name, value) in &message.headers {
            request = request.header(name, value);
        }
        let response = request.body(message.body.unwrap_or_default()).send().await.map_err(|e| self.broken(&url, e))?;
        let status = response.status().as_u16();
        if status >= 500 || (300..400).contains(&status) {
            return Err(refusal(&url, &response));
        }
        let line = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers = response.headers().iter().filter_map(line).collect();
        let body = self.body(&url, response, max_bytes).await?;
        Ok(Answered { status, headers, body })
    }
}

/// Does something that waits on the runtime's threads, and waits here for it. For threads that may wait, never for asynchronous code.
pub fn wait_for<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = Result<T, NetError>> + Send + 'static,
) -> Result<T, NetError> {
    let (tell, told) = mpsc::sync_channel(1);
    runtime.spawn(async move {
        // Nobody waits any longer where this fails.
        drop(tell.send(work.await));
    });
    let stopped = || NetError::Client("the runtime that drives the network has stopped".to_owned());
    told.recv().unwrap_or_else(|_| Err(stopped()))
}
