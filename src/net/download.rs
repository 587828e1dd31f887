//! A download: a large file that comes in pieces, goes on where it was broken off, and is what its checksum says.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::{
    Response, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, RANGE},
};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    Client, NetError,
    client::{elsewhere, host_of, refusal, text},
};
use crate::telemetry::Progress;

/// The longest that a whole download may take.
const LONGEST: Duration = Duration::from_hours(24);

/// What is to be downloaded.
#[derive(Clone, Debug)]
pub struct Download {
    /// The address.
    pub url: String,
    /// Where it is kept. What has come of it so far stands beside, with `.part` behind its name.
    pub to: PathBuf,
    /// Its SHA-256, where it is known.
    pub sha256: Option<String>,
    /// The largest size in bytes.
    pub max_bytes: u64,
}

impl Download {
    /// Where the part stands that has come so far.
    pub fn part(&self) -> PathBuf {
        let mut name = self.to.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        self.to.with_file_name(name)
    }

    fn mark(&self) -> PathBuf {
        self.part().with_extension("etag")
    }

    /// The part that has come, and the host's mark of the version that it is part of. Without a mark nothing can go on: two versions
    /// would be sewn together.
    fn so_far(&self) -> (u64, Option<String>) {
        let mark = std::fs::read_to_string(self.mark()).ok().filter(|mark| !mark.is_empty());
        let length = std::fs::metadata(self.part()).map_or(0, |m| m.len());
        match mark {
            Some(mark) if length > 0 => (length, Some(mark)),
            _ => (0, None),
        }
    }

    fn disk(&self, error: &std::io::Error) -> NetError {
        NetError::Disk { path: self.to.clone(), reason: error.to_string() }
    }
}

impl Client {
    /// Downloads a file; its SHA-256. What breaks off is asked for again from where it ended, as often as the settings allow, and once more
    /// when the same download is asked for later.
    pub async fn download(&self, wanted: &Download, progress: &dyn Progress) -> Result<String, NetError> {
        let mut attempt = 0;
        loop {
            let before = wanted.so_far().0;
            let error = match self.attempt(wanted, progress).await {
                Ok(()) => break,
                Err(error) => error,
            };
            // What brought something is no failed attempt.
            attempt = if wanted.so_far().0 > before { 0 } else { attempt + 1 };
            if !error.passes() || attempt > self.settings.retries {
                return Err(error);
            }
            let wait = match &error {
                NetError::Busy { wait, .. } => *wait,
                _ => Duration::from_millis(250 << attempt.min(8)),
            };
            if wait > Duration::from_secs(self.settings.max_wait_seconds) {
                return Err(error);
            }
            progress.say(&format!("{error}; going on from byte {}", wanted.so_far().0));
            tokio::time::sleep(wait).await;
        }
        whole(wanted)
    }

    /// Follows to where the file is, and takes what comes of it.
    async fn attempt(&self, wanted: &Download, progress: &dyn Progress) -> Result<(), NetError> {
        let mut url = Url::parse(&wanted.url).map_err(|e| NetError::Url { url: wanted.url.clone(), reason: e.to_string() })?;
        // Hubs send to where the bytes are; a few hops more than a picture has.
        for _ in 0..=self.settings.max_redirects.max(5) {
            self.guard.check(&url)?;
            let _turn = self.manners.turn(host_of(&url)).await;
            let (so_far, mark) = wanted.so_far();
            let mut request = self.http.get(url.clone()).header(ACCEPT_ENCODING, "identity").timeout(LONGEST);
            if let Some(mark) = mark {
                request = request.header(RANGE, format!("bytes={so_far}-")).header(IF_RANGE, mark);
            }
            let sent = tokio::time::timeout(self.settings.total_time(), request.send()).await;
            let response = sent.map_err(|_| self.too_slow(&url))?.map_err(|e| self.broken(&url, e))?;
            if let Some(next) = elsewhere(&url, &response)? {
                url = next;
                continue;
            }
            return self.take_pieces(wanted, &url, response, so_far, progress).await;
        }
        Err(NetError::Redirects { url: url.to_string(), limit: self.settings.max_redirects.max(5) })
    }

    /// Takes what comes, and writes it as it comes. Silence longer than `net.total_seconds` breaks it off.
    async fn take_pieces(
        &self,
        wanted: &Download,
        url: &Url,
        mut response: Response,
        so_far: u64,
        progress: &dyn Progress,
    ) -> Result<(), NetError> {
        let from = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if goes_on(&response, so_far) => so_far,
            // All of it had come already.
            StatusCode::RANGE_NOT_SATISFIABLE if so_far > 0 => return Ok(()),
            _ => return Err(refusal(url, &response)),
        };
        let too_large = || NetError::TooLarge { url: url.to_string(), limit: wanted.max_bytes };
        let total = response.content_length().map(|rest| rest + from);
        if total.is_some_and(|total| total > wanted.max_bytes) {
            return Err(too_large());
        }
        progress.begin(&format!("fetching {}", file_name(url)), total);
        progress.advance(from);
        let mut file = open(&wanted.part(), from).map_err(|e| wanted.disk(&e))?;
        // Weak marks say that two versions mean the same, not that their bytes are the same.
        let mark = text(response.headers(), &ETAG).filter(|mark| !mark.starts_with("W/")).unwrap_or_default();
        std::fs::write(wanted.mark(), mark).map_err(|e| wanted.disk(&e))?;
        let mut length = from;
        loop {
            let chunk = tokio::time::timeout(self.settings.total_time(), response.chunk()).await;
            let Some(chunk) = chunk.map_err(|_| self.too_slow(url))?.map_err(|e| self.broken(url, e))? else { break };
            length += chunk.len() as u64;
            if length > wanted.max_bytes {
                return Err(too_large());
            }
            file.write_all(&chunk).map_err(|e| wanted.disk(&e))?;
            progress.advance(chunk.len() as u64);
            if progress.stopped() {
                return Err(NetError::Stopped { url: url.to_string() });
            }
        }
        file.sync_all().map_err(|e| wanted.disk(&e))?;
        match total {
            Some(total) if length < total => {
                Err(NetError::Connection { url: url.to_string(), reason: format!("it ended after {length} of {total} bytes") })
            }
            _ => Ok(()),
        }
    }

    fn too_slow(&self, url: &Url) -> NetError {
        NetError::Time { url: url.to_string(), limit: self.settings.total_time() }
    }
}

/// Compares the checksum, and gives the file its name. What is wrong is not kept: going on with it would not mend it.
fn whole(wanted: &Download) -> Result<String, NetError> {
    let found = checksum(&wanted.part()).map_err(|e| wanted.disk(&e))?;
    let forget = |path: PathBuf| match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(wanted.disk(&e)),
        _ => Ok(()),
    };
    forget(wanted.mark())?;
    if let Some(expected) = wanted.sha256.as_ref().filter(|expected| !expected.eq_ignore_ascii_case(&found)) {
        forget(wanted.part())?;
        return Err(NetError::Checksum { url: wanted.url.clone(), expected: expected.clone(), found });
    }
    std::fs::rename(wanted.part(), &wanted.to).map_err(|e| wanted.disk(&e))?;
    Ok(found)
}

/// Whether an answer begins where we asked it to (RFC 9110, section 14.4).
fn goes_on(response: &Response, so_far: u64) -> bool {
    text(response.headers(), &CONTENT_RANGE).is_some_and(|range| range.starts_with(&format!("bytes {so_far}-")))
}

fn open(path: &Path, from: u64) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    file.set_len(from)?;
    drop(file);
    OpenOptions::new().append(true).open(path)
}

fn checksum(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(&buffer[..read]);
    }
}

fn file_name(url: &Url) -> String {
    url.path_segments().and_then(|mut s| s.next_back()).filter(|s| !s.is_empty()).unwrap_or("it").to_owned()
}
