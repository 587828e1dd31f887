//! Pictures of web resources: their bytes, from a file, the cache or the network, and of no more pixels than are needed.

use std::{
    fs::File,
    future::Future,
    io::Read as _,
    path::Path,
    sync::{Arc, mpsc},
};

use jiff::Timestamp;
use tokio::runtime::Handle;

use super::{
    Ask, Enough, ImagesError, Link, Links, Origin, Picture, Settings, Way,
    cache::Cache,
    checksum, decode_enough,
    iiif::{ImageService, service_in_manifest},
    image_request::ImageRequest,
    sniff,
};
use crate::{
    net::{Client, NetError, Reply, Request},
    telemetry::{Clock, SystemClock},
};

/// The forms in which a picture is welcome: those that decode fastest first.
const PICTURE_FORMS: &str = "image/jpeg, image/png;q=0.9, image/webp;q=0.9, image/tiff;q=0.5, image/jp2;q=0.4, image/*;q=0.3, */*;q=0.1";
/// The forms in which a description of a picture is welcome.
const JSON_FORMS: &str = "application/ld+json, application/json;q=0.9, */*;q=0.1";
/// For how long a description that was not there is not asked for again, in hours.
const MISSING_HOURS: i64 = 24;

/// The bytes of a picture as they came.
#[derive(Clone, PartialEq, Eq)]
pub struct PictureBytes {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in lower-case hexadecimal.
    pub checksum: String,
    /// Their media type: what the bytes say, or else what the host said.
    pub media_type: String,
    /// The address under which they were got, where that is not the web resource's own.
    pub through: Option<String>,
    /// How they were got.
    pub way: Way,
}

impl std::fmt::Debug for PictureBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PictureBytes({}, {} bytes, sha256 {})", self.media_type, self.bytes.len(), self.checksum)
    }
}

impl PictureBytes {
    fn new(bytes: Vec<u8>, said: &str, way: Way) -> Self {
        let checksum = checksum(&bytes);
        Self { media_type: media_type(&bytes, said), checksum, bytes, through: None, way }
    }
}

/// The media type of bytes: their own word for it, or else the host's.
fn media_type(bytes: &[u8], said: &str) -> String {
    let guessed = sniff::media_type(bytes);
    if guessed.starts_with("image/") || said.is_empty() { guessed.to_owned() } else { said.to_owned() }
}

/// What an address is expected to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Picture,
    Json,
}

/// Fetches pictures for threads that wait: each call blocks until the bytes are there.
#[derive(Debug)]
pub struct Pictures {
    settings: Settings,
    client: Client,
    runtime: Handle,
    cache: Cache,
    links: Arc<Links>,
    clock: Arc<dyn Clock>,
}

impl Pictures {
    /// Pictures by these settings. `runtime` drives the network; what was fetched is kept below `cache_folder`.
    pub fn new(settings: Settings, client: Client, runtime: Handle, cache_folder: &Path) -> Result<Self, ImagesError> {
        let cache = Cache::open(cache_folder, settings.cache_mib.saturating_mul(1024 * 1024))?;
        let links = Links::open(cache_folder)?;
        Ok(Self { settings, client, runtime, cache, links, clock: Arc::new(SystemClock) })
    }

    /// The same, by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// What an operator set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What became of the addresses.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// The bytes of a web resource: of its file, from the cache, or else from the network. Call it from a thread that may wait, never from
    /// asynchronous code: it would hold up whatever else its thread has to do.
    pub fn fetch(&self, iri: &str) -> Result<PictureBytes, ImagesError> {
        self.fetch_enough(&Ask::whole(iri))
    }

    /// The bytes of as much of a web resource as is enough: by its image service where it has one, as a thumbnail where that will do, and
    /// else as it is.
    pub fn fetch_enough(&self, ask: &Ask) -> Result<PictureBytes, ImagesError> {
        let url = match Origin::of(&ask.iri, &self.settings)? {
            Origin::File(path) => return self.read(&ask.iri, &path),
            Origin::Http(url) => url,
        };
        if ask.enough != Enough::Whole {
            for (address, way) in self.smaller(ask, &url) {
                match self.at(&address) {
                    Ok(found) => {
                        self.note(&url, |link| {
                            link.seen(self.clock.now());
                            link.through = Some(address.clone());
                        });
                        return Ok(PictureBytes { through: Some(address), way, ..found });
                    }
                    Err(error) => tracing::debug!(%address, %error, "a smaller picture cannot be had"),
                }
            }
        }
        self.at(&url)
    }

    /// The addresses under which less than the whole picture may be had.
    fn smaller(&self, ask: &Ask, url: &str) -> Vec<(String, Way)> {
        let mut found = Vec::new();
        found.extend(self.sized(ask, url).map(|address| (address, Way::Sized)));
        if let Some((thumbnail, width, height)) = &ask.thumbnail
            && ask.enough.is_met_by(*width, *height)
        {
            found.push((thumbnail.clone(), Way::Thumbnail));
        }
        found
    }

    /// The IIIF request of as much as is enough, where the web resource has an image service.
    fn sized(&self, ask: &Ask, url: &str) -> Option<String> {
        let given = ImageRequest::parse(url);
        let in_manifest = || service_in_manifest(&self.description(ask.manifest.as_deref()?)?.0, &ask.iri);
        let service = ask.service.clone().or_else(|| given.as_ref().map(|g| g.service.clone())).or_else(in_manifest)?;
        let service = service.trim_end_matches('/').trim_end_matches("/info.json").to_owned();
        let (info, found) = self.description(&format!("{service}/info.json"))?;
        match ImageService::read(&info, &service, &found) {
            // The record's service may be another one than that of the address; then the whole of its picture is meant.
            Ok(read) => read.address(given.as_ref().filter(|g| g.service == service), ask.enough),
            Err(reason) => {
                tracing::debug!(service, reason, "an image service cannot be used");
                None
            }
        }
    }

    /// The bytes of a web resource where no network is needed for them: the whole, or what was last got of it.
    pub fn cached(&self, iri: &str) -> Option<PictureBytes> {
        match Origin::of(iri, &self.settings).ok()? {
            Origin::File(path) => self.read(iri, &path).ok(),
            Origin::Http(url) => {
                let link = self.link(&url);
                self.kept(&link).or_else(|| {
                    let through = link.through.clone()?;
                    Some(PictureBytes { way: Way::Sized, ..self.kept(&self.link(&through))? })
                })
            }
        }
    }

    /// Whether the bytes are at hand without the network. Cheaper than reading them.
    pub fn holds(&self, iri: &str) -> bool {
        let held = |link: &Link| link.checksum.as_deref().is_some_and(|checksum| self.cache.holds(checksum));
        match Origin::of(iri, &self.settings) {
            Ok(Origin::File(path)) => path.is_file(),
            Ok(Origin::Http(url)) => {
                let link = self.link(&url);
                held(&link) || link.through.as_deref().is_some_and(|through| held(&self.link(through)))
            }
            Err(_) => false,
        }
    }

    /// Forgets what a web resource was, so that it is fetched anew. When it was last seen stays known.
    pub fn forget(&self, iri: &str) {
        if let Ok(Origin::Http(url)) = Origin::of(iri, &self.settings) {
            let mut through = None;
            self.note(&url, |link| (link.checksum, through) = (None, link.through.take()));
            if let Some(through) = through {
                self.note(&through, |link| link.checksum = None);
            }
        }
    }

    /// Fetches and decodes a web resource.
    pub fn picture(&self, iri: &str) -> Result<Picture, ImagesError> {
        decode_enough(&self.fetch(iri)?.bytes, &self.settings.limits, Enough::Whole)
    }

    /// Asks whether a web resource is still there, without fetching it, and writes down what became of it.
    pub fn probe(&self, iri: &str) -> Result<(), ImagesError> {
        let url = match Origin::of(iri, &self.settings)? {
            Origin::File(_) => return Ok(()),
            Origin::Http(url) => url,
        };
        let (client, address) = (self.client.clone(), url.clone());
        let probed = self.wait_for(async move {
            client.probe(&Request { accept: Some(PICTURE_FORMS), ..Request::found_in_data(&address) }).await
        });
        let now = self.clock.now();
        match probed.map_err(|e| ImagesError::Fetch(Arc::new(e))) {
            Ok(()) => {
                self.note(&url, |link| link.seen(now));
                Ok(())
            }
            Err(error) => {
                self.note(&url, |link| link.failed(now, &error));
                Err(error)
            }
        }
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
        Ok(PictureBytes::new(bytes, "", Way::File))
    }

    /// A description in JSON: an `info.json`, a manifest; with the address where it was found.
    fn description(&self, address: &str) -> Option<(Vec<u8>, String)> {
        let url = match Origin::of(address, &self.settings).ok()? {
            Origin::File(path) => return self.read(address, &path).ok().map(|found| (found.bytes, address.to_owned())),
            Origin::Http(url) => url,
        };
        let link = self.link(&url);
        if link.gone && self.is_fresh(&link, MISSING_HOURS) {
            return None;
        }
        match self.from_network(&url, Kind::Json) {
            Ok(found) => Some((found.bytes, self.link(&url).final_url)),
            Err(error) => {
                tracing::debug!(%url, %error, "a description cannot be had");
                None
            }
        }
    }

    /// The picture at one address.
    fn at(&self, address: &str) -> Result<PictureBytes, ImagesError> {
        match Origin::of(address, &self.settings)? {
            Origin::File(path) => self.read(address, &path),
            Origin::Http(url) => self.from_network(&url, Kind::Picture),
        }
    }

    /// What is at an address: from the cache while it is fresh, and else from its host, which may say that it did not change. What the host
    /// cannot give any more is taken from the cache as it was.
    fn from_network(&self, url: &str, kind: Kind) -> Result<PictureBytes, ImagesError> {
        let link = self.link(url);
        let kept = self.kept(&link);
        if let Some(kept) = &kept
            && self.is_fresh(&link, i64::from(self.settings.fresh_days) * 24)
        {
            return Ok(kept.clone());
        }
        let known = kept.is_some().then_some((link.etag, link.last_modified)).unwrap_or_default();
        let asked = self.ask(url, kind, known);
        let now = self.clock.now();
        match (asked, kept) {
            (Ok(Some(found)), _) => Ok(found),
            (Ok(None), Some(kept)) => {
                self.note(url, |link| link.seen(now));
                Ok(kept)
            }
            (Ok(None), None) => Err(ImagesError::Fetch(Arc::new(NetError::Status { url: url.to_owned(), status: 304 }))),
            (Err(error), kept) => {
                self.note(url, |link| link.failed(now, &error));
                kept.ok_or_else(|| error.clone()).inspect(|_| tracing::warn!(%url, %error, "the picture is taken as it was"))
            }
        }
    }

    /// Asks the host; `None` where the version that we know still holds.
    fn ask(&self, url: &str, kind: Kind, known: (Option<String>, Option<String>)) -> Result<Option<PictureBytes>, ImagesError> {
        let (client, address) = (self.client.clone(), url.to_owned());
        let reply = self.wait_for(async move {
            let accept = if kind == Kind::Json { JSON_FORMS } else { PICTURE_FORMS };
            let (etag, last_modified) = (known.0.as_deref(), known.1.as_deref());
            client.send(&Request { accept: Some(accept), etag, last_modified, ..Request::found_in_data(&address) }).await
        });
        let Reply::Fetched(fetched) = reply.map_err(Arc::new)? else { return Ok(None) };
        if kind == Kind::Picture {
            sniff::format(&fetched.bytes)?;
        }
        let found = PictureBytes::new(fetched.bytes, &fetched.media_type, Way::Whole);
        // A full disk must not stop the work: the picture is at hand.
        let kept = self.cache.keep(&found.checksum, &found.bytes);
        if let Err(error) = &kept {
            tracing::warn!(%url, %error, "a picture is not kept");
        }
        self.note(url, |link| {
            link.seen(self.clock.now());
            (link.final_url, link.media_type) = (fetched.final_url, found.media_type.clone());
            (link.etag, link.last_modified) = (fetched.etag, fetched.last_modified);
            (link.checksum, link.through) = (Some(found.checksum.clone()), None);
        });
        Ok(Some(found))
    }

    /// Lets the runtime's threads do the asking, and waits here.
    fn wait_for<A: Send + 'static>(&self, asked: impl Future<Output = Result<A, NetError>> + Send + 'static) -> Result<A, NetError> {
        let (tell, told) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            // Nobody waits any longer where this fails.
            drop(tell.send(asked.await));
        });
        let stopped = || NetError::Client("the runtime that drives the network has stopped".to_owned());
        told.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// What is known of an address; nothing, where the table cannot be read.
    fn link(&self, url: &str) -> Link {
        self.links.of(url).unwrap_or_else(|error| {
            tracing::warn!(%error, "what is known of a picture's address cannot be read");
            None
        })
        .unwrap_or_default()
    }

    fn note(&self, url: &str, change: impl FnOnce(&mut Link)) {
        if let Err(error) = self.links.note(url, change) {
            tracing::warn!(%url, %error, "what became of a picture's address is not written down");
        }
    }

    fn kept(&self, link: &Link) -> Option<PictureBytes> {
        let checksum = link.checksum.clone()?;
        let bytes = self.cache.find(&checksum)?;
        Some(PictureBytes { bytes, checksum, media_type: link.media_type.clone(), through: None, way: Way::Whole })
    }

    /// Whether the address was asked for within so many hours.
    fn is_fresh(&self, link: &Link, hours: i64) -> bool {
        let age = |asked: Timestamp| self.clock.now().as_second().saturating_sub(asked.as_second());
        link.last_asked.is_some_and(|asked| age(asked) < hours * 3600)
    }
}
