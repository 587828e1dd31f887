//! Whoever asks the source: the one HTTP client with a harvest's patience, which stops waiting when it is told to.

use std::time::Duration;

use futures_util::future::join_all;

use crate::{
    jobs::{House, Listener, stopped::until_stopped},
    net::{Client, Download, Fetched, HeaderMap, NetError, Settings, Wanted},
    telemetry::Progress,
};

/// So many records are asked for at once where each is asked for by itself; the client lets as many through as the host may be asked.
pub(super) const AT_ONCE: usize = 8;
/// What came of asking.
pub(super) enum Asked<T> {
    Answer(T),
    Failed(NetError),
    Stopped,
}

/// Asks one address after the other.
pub(super) struct Asker<'h> {
    client: Client,
    house: &'h House,
    progress: &'h dyn Progress,
    max_bytes: u64,
    pub(super) requests: u64,
}

impl<'h> Asker<'h> {
    pub(super) fn new(house: &'h House, listener: Listener<'h>, allow_private: bool) -> anyhow::Result<Self> {
        let (net, harvest) = (&house.settings.net, &house.settings.harvest);
        let max_bytes = harvest.max_page_mib.saturating_mul(1 << 20);
        let settings = Settings {
            total_seconds: harvest.total_seconds,
            retries: harvest.retries,
            max_wait_seconds: harvest.max_wait_seconds,
            patience_seconds: (harvest.total_seconds + harvest.max_wait_seconds).saturating_mul(u64::from(harvest.retries) + 1),
            max_body_mib: harvest.max_page_mib,
            allow_private: net.allow_private || allow_private,
            ..net.clone()
        };
        Ok(Self { client: Client::new(settings)?, house, progress: listener.progress, max_bytes, requests: 0 })
    }

    /// Asks for one page.
    pub(super) fn ask(&mut self, url: &str, headers: &HeaderMap) -> Asked<Fetched> {
        self.requests += 1;
        let (client, progress, max_bytes) = (&self.client, self.progress, self.max_bytes);
        self.house.waiting.block_on(async {
            tokio::select! {
                answer = client.fetch_with(url, max_bytes, headers) => answer.map_or_else(Asked::Failed, Asked::Answer),
                () = until_stopped(progress) => Asked::Stopped,
            }
        })
    }

    /// Asks for several pages at once, as far as the host is asked by several at once; the answers come in the order of the addresses.
    pub(super) fn ask_all(&mut self, urls: &[String], headers: &HeaderMap) -> Vec<Asked<Fetched>> {
        self.requests += urls.len() as u64;
        let (client, progress, max_bytes) = (&self.client, self.progress, self.max_bytes);
        self.house.waiting.block_on(async {
            let answers = join_all(urls.iter().map(|url| client.fetch_with(url, max_bytes, headers)));
            tokio::select! {
                answers = answers => answers.into_iter().map(|a| a.map_or_else(Asked::Failed, Asked::Answer)).collect(),
                () = until_stopped(progress) => urls.iter().map(|_| Asked::Stopped).collect(),
            }
        })
    }

    /// Fetches a large file.
    pub(super) fn download(&mut self, wanted: Wanted<'_>) -> Asked<Download> {
        self.requests += 1;
        let (client, progress) = (&self.client, self.progress);
        let mut begun = false;
        let mut told = |bytes, whole| {
            if !std::mem::replace(&mut begun, true) {
                progress.begin("fetching the archive (bytes)", whole);
            }
            progress.advance(bytes);
        };
        self.house.waiting.block_on(async {
            tokio::select! {
                done = client.download(wanted, &mut told) => done.map_or_else(Asked::Failed, Asked::Answer),
                () = until_stopped(progress) => Asked::Stopped,
            }
        })
    }

    /// Waits a little before the same is asked again. Whether we may go on.
    pub(super) fn pause(&self, wait: Duration) -> bool {
        let progress = self.progress;
        self.house.waiting.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(wait) => true,
                () = until_stopped(progress) => false,
            }
        })
    }
}
