//! The client: one address in, its bytes out, within limits.

use std::{future::Future, io::Read as _, sync::Arc, time::Duration};

use jiff::Timestamp;
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
        LAST_MODIFIED, LOCATION, RANGE, RETRY_AFTER,
    },
};
use url::Url;

use super::{
    Fetched, NetError, Reply, Request, Settings,
    guard::Guard,
    politeness::{Politeness, SILENT_TIMES},
    robots::{self, Robots, Rules},
};

/// Asks other machines for bytes. Cheap to clone; all clones share their manners.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) settings: Settings,
    pub(super) guard: Guard,
    pub(super) manners: Arc<Politeness>,
    robots: Arc<Robots>,
}

/// What one attempt led to.
enum Answer {
    Body(Fetched),
    Unchanged,
    Elsewhere(Url),
}

/// Whether the body is wanted, or only to know whether it is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HowMuch {
    Body,
    Head,
    Beginning,
}

impl Client {
    /// A client with these limits.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        install_ring();
        let guard = Guard::new(settings.allow_private, &settings.allow_private_hosts);
        let http = reqwest::Client::builder()
            .user_agent(settings.user_agent())
            .timeout(settings.total_time())
            .connect_timeout(settings.total_time().min(Duration::from_secs(10)))
            // Each hop is checked and waits for its turn, so we follow by hand; and we unpack by hand, to see both sizes.
            .redirect(reqwest::redirect::Policy::none())
            .no_gzip()
            // A proxy would look names up in our stead, behind the guard's back.
            .no_proxy()
            .dns_resolver(Arc::new(guard.clone()))
            .build()
            .map_err(|e| NetError::Client(chain(&e)))?;
        let manners = Politeness::new(settings.parallel_per_host, Duration::from_millis(settings.delay_per_host_ms));
        Ok(Self { http, settings, guard, manners: Arc::new(manners), robots: Arc::default() })
    }

    /// The limits that this client keeps.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Fetches one address, of at most the size that the settings allow.
    pub async fn fetch(&self, url: &str) -> Result<Fetched, NetError> {
        self.fetch_up_to(url, self.settings.max_body()).await
    }

    /// Fetches one address of at most so many bytes: a harvest may bring more than a picture.
    pub async fn fetch_up_to(&self, url: &str, max_bytes: u64) -> Result<Fetched, NetError> {
        self.fetch_with(url, max_bytes, &HeaderMap::new()).await
    }

    /// The same, with headers of the caller's own, such as a key or `Accept`. They go to the address's own origin and to no other that it
    /// may send us to.
    pub async fn fetch_with(&self, url: &str, max_bytes: u64, headers: &HeaderMap) -> Result<Fetched, NetError> {
        match self.send(&Request { max_bytes: Some(max_bytes), headers: Some(headers), ..Request::of(url) }).await? {
            Reply::Fetched(fetched) => Ok(fetched),
            // We named no version.
            Reply::Unchanged => Err(NetError::Status { url: url.to_owned(), status: 304 }),
        }
    }

    /// Asks for something, within the limits of size, time and politeness.
    pub async fn send(&self, request: &Request<'_>) -> Result<Reply, NetError> {
        match self.patiently(request.url, self.follow(request, HowMuch::Body)).await? {
            Answer::Body(fetched) => Ok(Reply::Fetched(fetched)),
            _ => Ok(Reply::Unchanged),
        }
    }

    /// Whether something is there, without fetching it. Hosts that do not answer HEAD are asked for its first byte.
    pub async fn probe(&self, request: &Request<'_>) -> Result<(), NetError> {
        let asked = self.patiently(request.url, self.follow(request, HowMuch::Head)).await;
        match asked {
            Err(NetError::Status { status: 400 | 403 | 405 | 406 | 500 | 501, .. }) => {
                self.patiently(request.url, self.follow(request, HowMuch::Beginning)).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    /// Ends what takes longer than we have patience for.
    async fn patiently(&self, url: &str, asked: impl Future<Output = Result<Answer, NetError>>) -> Result<Answer, NetError> {
        let limit = self.settings.patience();
        match tokio::time::timeout(limit, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(NetError::Patience { url: url.to_owned(), limit }),
        }
    }

    /// Goes where it is sent, and checks each address anew.
    async fn follow(&self, request: &Request<'_>, how_much: HowMuch) -> Result<Answer, NetError> {
        let given = |e: url::ParseError| NetError::Url { url: request.url.to_owned(), reason: e.to_string() };
        let mut url = Url::parse(request.url).map_err(given)?;
        let origin = url.origin();
        for _ in 0..=self.settings.max_redirects {
            self.guard.check(&url)?;
            if request.found_in_data {
                self.heed_robots(&url).await?;
            }
            let headers = request.headers.filter(|_| url.origin() == origin);
            match self.ask_patiently(&url, &Request { headers, ..*request }, how_much).await? {
                Answer::Elsewhere(next) => url = next,
                answer => return Ok(answer),
            }
        }
        Err(NetError::Redirects { url: url.to_string(), limit: self.settings.max_redirects })
    }

    /// Whether the host's rules let us ask for this; they are read first where we do not know them.
    async fn heed_robots(&self, url: &Url) -> Result<(), NetError> {
        let exempt = self.settings.robots_exempt.iter().any(|host| host.eq_ignore_ascii_case(host_of(url)));
        if !self.settings.robots || exempt {
            return Ok(());
        }
        let place = self.robots.place(url);
        let rules = place.get_or_try_init(|| self.read_robots(url)).await?;
        if rules.allow(url) { Ok(()) } else { Err(NetError::Robots { url: url.to_string() }) }
    }

    /// Reads the host's rules, also where they lie elsewhere.
    async fn read_robots(&self, url: &Url) -> Result<Rules, NetError> {
        let mut address = robots::address(url);
        let mut rules = Rules::None;
        for _ in 0..=self.settings.max_redirects {
            self.guard.check(&address)?;
            let request = Request { max_bytes: Some(robots::MOST_BYTES), ..Request::of(address.as_str()) };
            match self.ask_patiently(&address, &request, HowMuch::Body).await {
                Ok(Answer::Elsewhere(next)) => {
                    address = next;
                    continue;
                }
                Ok(Answer::Body(fetched)) => rules = Rules::parse(&fetched.bytes),
                Ok(Answer::Unchanged) => {}
                Err(error) => rules = robots::without(error)?,
            }
            break;
        }
        if let Some(delay) = rules.delay() {
            self.manners.slow_down(host_of(url), delay.min(Duration::from_secs(self.settings.max_wait_seconds)));
        }
        Ok(rules)
    }

    /// Asks again where an error may pass, each time a little later.
    async fn ask_patiently(&self, url: &Url, request: &Request<'_>, how_much: HowMuch) -> Result<Answer, NetError> {
        if self.manners.is_left_alone(host_of(url)) {
            return Err(NetError::LeftAlone { host: host_of(url).to_owned(), times: SILENT_TIMES });
        }
        let asked = self.ask_with_retries(url, request, how_much).await;
        let silent = matches!(asked, Err(NetError::Name { .. } | NetError::Connection { .. } | NetError::Time { .. }));
        self.manners.heard(host_of(url), !silent);
        asked
    }

    async fn ask_with_retries(&self, url: &Url, request: &Request<'_>, how_much: HowMuch) -> Result<Answer, NetError> {
        let mut attempt = 0;
        loop {
            let error = match self.ask(url, request, how_much).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let longest = Duration::from_secs(self.settings.max_wait_seconds);
            let wait = match &error {
                NetError::Busy { wait, .. } => *wait,
                _ => Duration::from_millis(250 << attempt.min(8)),
            };
            // What took all of its time once is not given as much again where it is one of many: jobs come back to it.
            let again = error.passes() && !(request.found_in_data && matches!(error, NetError::Time { .. }));
            if !again || attempt >= self.settings.retries || wait > longest {
                return Err(error);
            }
            attempt += 1;
            tracing::debug!(%url, attempt, wait_ms = wait.as_millis() as u64, %error, "asking again");
            self.manners.pause(host_of(url), wait);
        }
    }

    /// Asks once.
    async fn ask(&self, url: &Url, request: &Request<'_>, how_much: HowMuch) -> Result<Answer, NetError> {
        let _turn = self.manners.turn(host_of(url)).await;
        tracing::debug!(%url, "asking");
        let response = self.outgoing(url, request, how_much).send().await.map_err(|e| self.broken(url, e))?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Answer::Unchanged);
        }
        if let Some(next) = elsewhere(url, &response)? {
            return Ok(Answer::Elsewhere(next));
        }
        let enough = status == StatusCode::OK || (how_much == HowMuch::Beginning && status == StatusCode::PARTIAL_CONTENT);
        if !enough {
            return Err(refusal(url, &response));
        }
        if how_much != HowMuch::Body {
            return Ok(Answer::Unchanged);
        }
        self.take(url, response, request.max_bytes.unwrap_or(self.settings.max_body())).await
    }

    /// The request as it goes out.
    fn outgoing(&self, url: &Url, request: &Request<'_>, how_much: HowMuch) -> RequestBuilder {
        let mut outgoing = match how_much {
            HowMuch::Head => self.http.head(url.clone()),
            HowMuch::Beginning => self.http.get(url.clone()).header(RANGE, "bytes=0-0"),
            HowMuch::Body => self.http.get(url.clone()).header(ACCEPT_ENCODING, "gzip"),
        };
        for (name, value) in [(ACCEPT, request.accept), (IF_NONE_MATCH, request.etag), (IF_MODIFIED_SINCE, request.last_modified)] {
            if let Some(value) = value {
                outgoing = outgoing.header(name, value);
            }
        }
        match request.headers {
            Some(headers) => outgoing.headers(headers.clone()),
            None => outgoing,
        }
    }

    /// Takes the body in, with what the host says of it.
    async fn take(&self, url: &Url, response: Response, max_bytes: u64) -> Result<Answer, NetError> {
        let headers = response.headers().clone();
        let body = self.body(url, response, max_bytes).await?;
        let bytes = if is_gzip(&headers) { self.unpack(url, &body, max_bytes)? } else { body };
        let media_type = text(&headers, &CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (etag, last_modified) = (text(&headers, &ETAG), text(&headers, &LAST_MODIFIED));
        Ok(Answer::Body(Fetched { bytes, media_type, final_url: url.to_string(), etag, last_modified }))
    }

    /// Reads the body, and stops as soon as it is too large.
    pub(super) async fn body(&self, url: &Url, mut response: Response, max_bytes: u64) -> Result<Vec<u8>, NetError> {
        let too_large = || NetError::TooLarge { url: url.to_string(), limit: max_bytes };
        if response.content_length().is_some_and(|length| length > max_bytes) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.broken(url, e))? {
            if (body.len() + chunk.len()) as u64 > max_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Unpacks a body; neither its size nor its growth may pass the limits.
    fn unpack(&self, url: &Url, packed: &[u8], max_bytes: u64) -> Result<Vec<u8>, NetError> {
        // A few hundred bytes of good HTML may well unpack a hundredfold, so the ratio counts from a kibibyte on.
        let by_ratio = (packed.len() as u64).max(1024).saturating_mul(self.settings.max_gzip_ratio);
        let limit = max_bytes.min(by_ratio);
        let mut bytes = Vec::new();
        let read = flate2::read::MultiGzDecoder::new(packed).take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|e| NetError::Packed { url: url.to_string(), reason: e.to_string() })?;
        if bytes.len() as u64 <= limit {
            Ok(bytes)
        } else if by_ratio < max_bytes {
            Err(NetError::Ratio { url: url.to_string(), ratio: self.settings.max_gzip_ratio })
        } else {
            Err(NetError::TooLarge { url: url.to_string(), limit: max_bytes })
        }
    }

    /// Turns the client's error into ours; a refusal by the guard comes back as what it was.
    pub(super) fn broken(&self, url: &Url, error: reqwest::Error) -> NetError {
        if error.is_timeout() {
            return NetError::Time { url: url.to_string(), limit: self.settings.total_time() };
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(inner) = cause {
            match inner.downcast_ref::<NetError>() {
                Some(NetError::Address { host, address }) => return NetError::Address { host: host.clone(), address: *address },
                Some(NetError::Name { host, reason }) => return NetError::Name { host: host.clone(), reason: reason.clone() },
                _ => cause = inner.source(),
            }
        }
        NetError::Connection { url: url.to_string(), reason: chain(&error.without_url()) }
    }
}

/// rustls wants one provider of cryptography for the whole process. Where another is there already, that one serves.
fn install_ring() {
    let ring = rustls::crypto::ring::default_provider();
    if ring.install_default().is_err() {
        tracing::trace!("a provider of cryptography is installed already");
    }
}

pub(super) fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn is_gzip(headers: &HeaderMap) -> bool {
    text(headers, &CONTENT_ENCODING).is_some_and(|e| e.eq_ignore_ascii_case("gzip") || e.eq_ignore_ascii_case("x-gzip"))
}

/// Where the answer sends us, if it does.
pub(super) fn elsewhere(url: &Url, response: &Response) -> Result<Option<Url>, NetError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let nowhere = |reason: String| NetError::Url { url: url.to_string(), reason };
    let location = text(response.headers(), &LOCATION).ok_or_else(|| nowhere("it sends us elsewhere and does not say where".to_owned()))?;
    url.join(&location).map(Some).map_err(|e| nowhere(format!("it sends us to `{location}`, which is no address: {e}")))
}

/// The error that a status stands for, with the time that the host wants us to wait.
pub(super) fn refusal(url: &Url, response: &Response) -> NetError {
    let status = response.status().as_u16();
    let wait = text(response.headers(), &RETRY_AFTER).filter(|_| matches!(status, 429 | 503));
    match wait.and_then(|w| retry_after(&w, Timestamp::now())) {
        Some(wait) => NetError::Busy { url: url.to_string(), status, wait },
        None => NetError::Status { url: url.to_string(), status },
    }
}

/// `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::from_secs(until.as_second().saturating_sub(now.as_second()).max(0).unsigned_abs()))
}

/// An error with all its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut all = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        all = format!("{all}: {inner}");
        cause = inner.source();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_both_forms() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sat, 21 Nov 2026 10:00:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Sat, 21 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn we_say_who_we_are() {
        let settings = Settings { contact: Some("https://museum.example/bot".to_owned()), ..Settings::default() };
        assert!(settings.user_agent().starts_with("Glossator/"));
        assert!(settings.user_agent().ends_with(" (+https://museum.example/bot)"));
    }
}
