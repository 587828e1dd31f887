//! Large files: fetched to disk, gone on with where they broke off, and not fetched at all where nothing changed.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use base64::Engine as _;
use reqwest::{
    Response,
    header::{
        ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
    },
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    Client, NetError,
    client::{elsewhere, host_of, refusal, text},
};

/// The longest time for one attempt at a large file; that nothing comes for `total_seconds` ends it sooner.
const LONGEST: Duration = Duration::from_hours(24);

/// By what a host tells one version of a file from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// `ETag`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Mark {
    fn of(headers: &HeaderMap) -> Self {
        Self { etag: text(headers, &ETAG), last_modified: text(headers, &LAST_MODIFIED) }
    }

    /// What may stand in `If-Range`: a strong entity tag, or a date (RFC 9110, section 13.1.5).
    fn for_range(&self) -> Option<&str> {
        self.etag.as_deref().filter(|e| !e.starts_with("W/")).or(self.last_modified.as_deref())
    }
}

/// What is to be fetched, and where to.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// Its address.
    pub url: &'w str,
    /// The file that it becomes. What came of it stands beside it (`.part`) until all of it is there.
    pub into: &'w Path,
    /// The largest size in bytes.
    pub max_bytes: u64,
    /// The version that we have: if it is still that one, nothing is fetched.
    pub known: Option<&'w Mark>,
    /// The SHA-256 that it must have, in hexadecimal.
    pub sha256: Option<&'w str>,
}

/// What became of a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Download {
    /// The host says that it is the version that we have.
    Unchanged,
    /// It is there.
    Whole {
        /// Its version.
        mark: Mark,
        /// Its SHA-256 in hexadecimal.
        sha256: String,
        /// Its size in bytes.
        bytes: u64,
        /// How many of them were there before, from an attempt that broke off.
        resumed: u64,
    },
}

/// What came so far, and of which version.
struct Part {
    data: PathBuf,
    note: PathBuf,
    mark: Mark,
    have: u64,
    /// How much of it an earlier attempt left.
    left: u64,
}

#[derive(Serialize, Deserialize)]
struct PartNote {
    url: String,
    mark: Mark,
}

/// What one attempt led to.
enum Step {
    Done(Option<String>),
    Unchanged,
    Elsewhere(Url),
    Again,
}

impl Client {
    /// Fetches a large file to disk. `told` hears of every piece: its size, and that of the whole, where the host says it.
    pub async fn download(&self, wanted: Wanted<'_>, told: &mut (dyn FnMut(u64, Option<u64>) + Send)) -> Result<Download, NetError> {
        let mut url = Url::parse(wanted.url).map_err(|e| NetError::Url { url: wanted.url.to_owned(), reason: e.to_string() })?;
        let mut part = Part::open(&wanted);
        let (mut attempt, mut hops) = (0, 0);
        loop {
            self.guard.check(&url)?;
            let before = part.have;
            let error = match self.one_attempt(&url, &wanted, &mut part, told).await {
                Ok(Step::Done(stated)) => return part.finish(&wanted, stated),
                Ok(Step::Unchanged) => return Ok(Download::Unchanged),
                Ok(Step::Again) => continue,
                Ok(Step::Elsewhere(next)) if hops < self.settings.max_redirects => {
                    hops += 1;
                    url = next;
                    continue;
                }
                Ok(Step::Elsewhere(_)) => return Err(NetError::Redirects { url: url.to_string(), limit: self.settings.max_redirects }),
                Err(error) => error,
            };
            // Whoever goes on where it broke off is not trying the same thing again.
            attempt = if part.have > before { 1 } else { attempt + 1 };
            let wait = match &error {
                NetError::Busy { wait, .. } => *wait,
                _ => Duration::from_millis(500 << attempt.min(8)),
            };
            if !error.passes() || attempt > self.settings.retries || wait > Duration::from_secs(self.settings.max_wait_seconds) {
                return Err(error);
            }
            tracing::debug!(%url, attempt, have = part.have, %error, "going on with a download");
            self.manners.pause(host_of(&url), wait);
        }
    }

    async fn one_attempt(
        &self,
        url: &Url,
        wanted: &Wanted<'_>,
        part: &mut Part,
        told: &mut (dyn FnMut(u64, Option<u64>) + Send),
    ) -> Result<Step, NetError> {
        let _turn = self.manners.turn(host_of(url)).await;
        let mut request = self.http.get(url.clone()).header(ACCEPT_ENCODING, "identity").timeout(LONGEST);
        if let Some(mark) = part.mark.for_range().filter(|_| part.have > 0) {
            request = request.header(RANGE, format!("bytes={}-", part.have)).header(IF_RANGE, mark);
        } else {
            let known = wanted.known.cloned().unwrap_or_default();
            for (name, value) in [(IF_NONE_MATCH, known.etag), (IF_MODIFIED_SINCE, known.last_modified)] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
        }
        let response = tokio::time::timeout(self.settings.total_time(), request.send()).await.map_err(|_| self.late(url))?;
        let response = response.map_err(|e| self.broken(url, e))?;
        if let Some(next) = elsewhere(url, &response)? {
            return Ok(Step::Elsewhere(next));
        }
        match response.status().as_u16() {
            304 if wanted.known.is_some() => return Ok(Step::Unchanged),
            200 => part.begin(wanted, Mark::of(response.headers()))?,
            206 if begins_at(&response) == Some(part.have) => {}
            // All of it came, and we ended before we could say so.
            416 if whole_size(&response) == Some(part.have) => return Ok(Step::Done(None)),
            // What we have is no beginning of what is there now.
            206 | 416 if part.have > 0 => {
                part.begin(wanted, Mark::default())?;
                return Ok(Step::Again);
            }
            _ => return Err(refusal(url, &response)),
        }
        let stated = stated_sha256(response.headers());
        self.pour(url, wanted, response, part, told).await?;
        Ok(Step::Done(stated))
    }

    async fn pour(
        &self,
        url: &Url,
        wanted: &Wanted<'_>,
        mut response: Response,
        part: &mut Part,
        told: &mut (dyn FnMut(u64, Option<u64>) + Send),
    ) -> Result<(), NetError> {
        let too_large = || NetError::TooLarge { url: url.to_string(), limit: wanted.max_bytes };
        let whole = response.content_length().map(|rest| part.have + rest);
        if whole.is_some_and(|whole| whole > wanted.max_bytes) {
            return Err(too_large());
        }
        let mut file = part.append().map_err(|e| part.disk(wanted, e))?;
        loop {
            let chunk = tokio::time::timeout(self.settings.total_time(), response.chunk()).await.map_err(|_| self.late(url))?;
            let Some(chunk) = chunk.map_err(|e| self.broken(url, e))? else { break };
            if part.have + chunk.len() as u64 > wanted.max_bytes {
                return Err(too_large());
            }
            file.write_all(&chunk).map_err(|e| part.disk(wanted, e))?;
            part.have += chunk.len() as u64;
            told(chunk.len() as u64, whole);
        }
        file.sync_all().map_err(|e| part.disk(wanted, e))?;
        match whole {
            Some(whole) if whole != part.have => {
                Err(NetError::Connection { url: url.to_string(), reason: format!("it broke off after {} of {whole} bytes", part.have) })
            }
            _ => Ok(()),
        }
    }

    fn late(&self, url: &Url) -> NetError {
        NetError::Time { url: url.to_string(), limit: self.settings.total_time() }
    }
}

impl Part {
    /// What is there from an earlier attempt, if it was at the same address and the host can tell its versions apart.
    fn open(wanted: &Wanted<'_>) -> Self {
        let beside = |ending: &str| {
            let mut name = wanted.into.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let (data, note) = (beside(".part"), beside(".part.json"));
        let noted = std::fs::read(&note).ok().and_then(|bytes| serde_json::from_slice::<PartNote>(&bytes).ok());
        let have = std::fs::metadata(&data).map_or(0, |m| m.len());
        match noted.filter(|n| n.url == wanted.url && n.mark.for_range().is_some()) {
            Some(noted) => Self { data, note, mark: noted.mark, have, left: have },
            None => Self { data, note, mark: Mark::default(), have: 0, left: 0 },
        }
    }

    fn disk(&self, wanted: &Wanted<'_>, reason: std::io::Error) -> NetError {
        NetError::Disk { url: wanted.url.to_owned(), path: self.data.clone(), reason }
    }

    /// Begins anew, with this version.
    fn begin(&mut self, wanted: &Wanted<'_>, mark: Mark) -> Result<(), NetError> {
        let begun = || -> std::io::Result<()> {
            File::create(&self.data)?;
            std::fs::write(&self.note, serde_json::to_vec(&PartNote { url: wanted.url.to_owned(), mark: mark.clone() })?)
        };
        begun().map_err(|e| self.disk(wanted, e))?;
        (self.mark, self.have, self.left) = (mark, 0, 0);
        Ok(())
    }

    fn append(&self) -> std::io::Result<File> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&self.data)?;
        file.set_len(self.have)?;
        file.seek(SeekFrom::End(0))?;
        Ok(file)
    }

    fn finish(self, wanted: &Wanted<'_>, stated: Option<String>) -> Result<Download, NetError> {
        let got = sha256_of(&self.data).map_err(|e| self.disk(wanted, e))?;
        let due = wanted.sha256.map(str::to_ascii_lowercase).or(stated);
        if let Some(due) = due.filter(|due| *due != got) {
            for path in [&self.data, &self.note] {
                std::fs::remove_file(path).map_err(|e| self.disk(wanted, e))?;
            }
            return Err(NetError::Checksum { url: wanted.url.to_owned(), got, wanted: due });
        }
        std::fs::rename(&self.data, wanted.into).and_then(|()| std::fs::remove_file(&self.note)).map_err(|e| self.disk(wanted, e))?;
        Ok(Download::Whole { mark: self.mark, sha256: got, bytes: self.have, resumed: self.left })
    }
}

fn sha256_of(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

/// `Content-Range: bytes 100-199/200`: where it begins.
fn begins_at(response: &Response) -> Option<u64> {
    let range = text(response.headers(), &CONTENT_RANGE)?;
    range.trim().strip_prefix("bytes")?.trim().split('-').next()?.trim().parse().ok()
}

/// `Content-Range: bytes */200`: how long the whole is.
fn whole_size(response: &Response) -> Option<u64> {
    text(response.headers(), &CONTENT_RANGE)?.rsplit('/').next()?.trim().parse().ok()
}

/// The SHA-256 of the whole that the host states: `Repr-Digest` (RFC 9530), or its forerunner `Digest`.
fn stated_sha256(headers: &HeaderMap) -> Option<String> {
    let of = |name: &'static str| text(headers, &HeaderName::from_static(name));
    let stated = of("repr-digest").or_else(|| of("digest"))?;
    let value = stated.split(',').find_map(|d| {
        let (name, value) = d.trim().split_once('=')?;
        name.eq_ignore_ascii_case("sha-256").then(|| value.trim_matches(':').to_owned())
    })?;
    base64::engine::general_purpose::STANDARD.decode(value).ok().map(hex::encode)
}
