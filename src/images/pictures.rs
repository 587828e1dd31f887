//! Pictures of web resources: their bytes, from a file, the cache or the network.

use std::{
    fs::File,
    io::Read as _,
    path::Path,
    sync::{Arc, mpsc},
};

use tokio::runtime::Handle;

use super::{
    ImagesError, Origin, Picture, Settings,
    cache::{Cache, Note},
    checksum, decode, sniff,
};
use crate::net::{Client, NetError};

/// The bytes of a picture as they came.
#[derive(Clone, PartialEq, Eq)]
pub struct PictureBytes {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in lower-case hexadecimal.
    pub checksum: String,
    /// Their media type: what the bytes say, or else what the host said.
    pub media_type: String,
}

impl std::fmt::Debug for PictureBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PictureBytes({}, {} bytes, sha256 {})", self.media_type, self.bytes.len(), self.checksum)
    }
}

impl PictureBytes {
    fn new(bytes: Vec<u8>, said: &str) -> Self {
        let guessed = sniff::media_type(&bytes);
        let media_type = if guessed.starts_with("image/") || said.is_empty() { guessed } else { said };
        Self { checksum: checksum(&bytes), media_type: media_type.to_owned(), bytes }
    }
}

/// Fetches pictures for threads that wait: each call blocks until the bytes are there.
#[derive(Debug)]
pub struct Pictures {
    settings: Settings,
    client: Client,
    runtime: Handle,
    cache: Option<Cache>,
}

impl Pictures {
    /// Pictures by these settings. `runtime` drives the network; what was fetched is kept below `cache_folder`.
    pub fn new(settings: Settings, client: Client, runtime: Handle, cache_folder: &Path) -> Result<Self, ImagesError> {
        let max_bytes = settings.cache_mib.saturating_mul(1024 * 1024);
        let cache = if max_bytes == 0 { None } else { Some(Cache::open(cache_folder, max_bytes)?) };
        Ok(Self { settings, client, runtime, cache })
    }

    /// What an operator set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The bytes of a web resource: of its file, from the cache, or else from the network. Call it from a thread that may wait, never from
    /// asynchronous code: it would hold up whatever else its thread has to do.
    pub fn fetch(&self, iri: &str) -> Result<PictureBytes, ImagesError> {
        match Origin::of(iri, &self.settings)? {
            Origin::File(path) => self.read(iri, &path),
            Origin::Http(url) => match self.find(&url) {
                Some(found) => Ok(found),
                None => self.ask(&url),
            },
        }
    }

    /// The bytes of a web resource where no network is needed for them.
    pub fn cached(&self, iri: &str) -> Option<PictureBytes> {
        match Origin::of(iri, &self.settings).ok()? {
            Origin::File(path) => self.read(iri, &path).ok(),
            Origin::Http(url) => self.find(&url),
        }
    }

    /// Whether the bytes are at hand without the network. Cheaper than reading them.
    pub fn holds(&self, iri: &str) -> bool {
        match Origin::of(iri, &self.settings) {
            Ok(Origin::File(path)) => path.is_file(),
            Ok(Origin::Http(url)) => self.find(&url).is_some(),
            Err(_) => false,
        }
    }

    /// Forgets what a web resource was, so that it is fetched anew.
    pub fn forget(&self, iri: &str) {
        if let (Ok(Origin::Http(url)), Some(cache)) = (Origin::of(iri, &self.settings), &self.cache) {
            cache.forget(&url);
        }
    }

    /// Fetches and decodes a web resource.
    pub fn picture(&self, iri: &str) -> Result<Picture, ImagesError> {
        decode(&self.fetch(iri)?.bytes, &self.settings.limits)
    }

    fn find(&self, url: &str) -> Option<PictureBytes> {
        let (note, bytes) = self.cache.as_ref()?.find(url)?;
        Some(PictureBytes { bytes, checksum: note.checksum, media_type: note.media_type })
    }

    /// Reads a file; its size is looked at before and while it is read.
    fn read(&self, iri: &str, path: &Path) -> Result<PictureBytes, ImagesError> {
        let failed = |e: std::io::Error| ImagesError::File { iri: iri.to_owned(), reason: e.to_string() };
        let limit = self.settings.max_file_mib;
        let max_bytes = limit.saturating_mul(1024 * 1024);
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() {
            return Err(ImagesError::File { iri: iri.to_owned(), reason: "it is not a plain file".to_owned() });
        }
        let mut bytes = Vec::new();
        if about.len() <= max_bytes {
            file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        }
        if about.len().max(bytes.len() as u64) > max_bytes {
            return Err(ImagesError::FileTooLarge { iri: iri.to_owned(), bytes: about.len(), limit });
        }
        Ok(PictureBytes::new(bytes, ""))
    }

    /// Asks the network on the runtime's threads, and waits here.
    fn ask(&self, url: &str) -> Result<PictureBytes, ImagesError> {
        let (tell, told) = mpsc::sync_channel(1);
        let (client, address) = (self.client.clone(), url.to_owned());
        self.runtime.spawn(async move {
            let fetched = client.fetch(&address).await;
            // Nobody waits any longer where this fails.
            drop(tell.send(fetched));
        });
        let stopped = || NetError::Client("the runtime that drives the network has stopped".to_owned());
        let fetched = told.recv().unwrap_or_else(|_| Err(stopped())).map_err(Arc::new)?;
        let picture = PictureBytes::new(fetched.bytes, &fetched.media_type);
        if let Some(cache) = &self.cache {
            let (checksum, media_type) = (picture.checksum.clone(), picture.media_type.clone());
            let note = Note { url: url.to_owned(), final_url: fetched.final_url, checksum, media_type, etag: fetched.etag };
            // A full disk must not stop the work: the picture is at hand.
            if let Err(error) = cache.keep(&note, &picture.bytes) {
                tracing::warn!(%url, %error, "a picture is not kept");
            }
        }
        Ok(picture)
    }
}
