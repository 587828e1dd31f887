//! What became of each picture's address: when it was last seen, what it was, since when it fails, and why.
//!
//! A small table beside the cache. Pictures leave the cache when there is no room; what is known of their addresses stays.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use jiff::Timestamp;
use redb::{Database, Durability, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use serde::{Deserialize, Serialize};

use super::ImagesError;

const LINKS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("links");

/// So many notes may be lost when the machine fails: they are made again when the addresses are next asked.
const SYNCED_EVERY: u32 = 128;

/// What is known of one address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Where it was found, after all redirects.
    pub final_url: String,
    /// The SHA-256 of what was found there last, in lower-case hexadecimal.
    pub checksum: Option<String>,
    /// Its media type.
    pub media_type: String,
    /// The host's own mark of that version.
    pub etag: Option<String>,
    /// The host's own date of that version.
    pub last_modified: Option<String>,
    /// The address under which it was got instead: a IIIF request of the size that was needed, or a thumbnail.
    pub through: Option<String>,
    /// When it was last there.
    pub last_seen: Option<Timestamp>,
    /// When it was last asked for.
    pub last_asked: Option<Timestamp>,
    /// Since when it fails; nothing while it does not.
    pub first_failure: Option<Timestamp>,
    /// Why it failed last; nothing while it does not.
    pub last_error: Option<String>,
    /// Whether it is gone as far as its host can tell, and not only out of reach for now.
    pub gone: bool,
}

/// How an address is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// It was there when it was last asked for.
    Alive,
    /// It could not be reached; it may be there again tomorrow.
    Failing,
    /// It is gone, or something else than a picture is there.
    Dead,
    /// Nobody asked for it yet.
    Unasked,
}

impl LinkState {
    /// Its word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Failing => "failing",
            Self::Dead => "dead",
            Self::Unasked => "not asked yet",
        }
    }
}

impl Link {
    /// How it is doing.
    pub fn state(&self) -> LinkState {
        match (&self.last_error, self.gone, self.last_asked) {
            (Some(_), true, _) => LinkState::Dead,
            (Some(_), false, _) => LinkState::Failing,
            (None, _, Some(_)) => LinkState::Alive,
            (None, _, None) => LinkState::Unasked,
        }
    }

    /// It was there just now.
    pub(crate) fn seen(&mut self, now: Timestamp) {
        (self.last_seen, self.last_asked) = (Some(now), Some(now));
        (self.first_failure, self.last_error, self.gone) = (None, None, false);
    }

    /// It was not.
    pub(crate) fn failed(&mut self, now: Timestamp, error: &ImagesError) {
        self.last_asked = Some(now);
        self.first_failure = self.first_failure.or(Some(now));
        self.last_error = Some(error.to_string());
        self.gone = error.is_gone();
    }
}

/// The table, open.
pub struct Links {
    database: Database,
    folder: PathBuf,
    unsynced: AtomicU32,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Links({})", self.folder.display())
    }
}

/// The tables that this process has open: a file can be opened only once, and pages and jobs look into the same.
static OPEN: Mutex<Vec<(PathBuf, Weak<Links>)>> = Mutex::new(Vec::new());

impl Links {
    /// Opens the table in a folder.
    pub(crate) fn open(folder: &Path) -> Result<Arc<Self>, ImagesError> {
        let failed = |error: &dyn std::fmt::Display| ImagesError::Cache { folder: folder.to_owned(), reason: error.to_string() };
        let real = folder.canonicalize().map_err(|e| failed(&e))?;
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(_, links)| links.strong_count() > 0);
        if let Some(links) = open.iter().find(|(path, _)| *path == real).and_then(|(_, links)| links.upgrade()) {
            return Ok(links);
        }
        let database = Database::create(real.join("links.redb")).map_err(|e| failed(&e))?;
        let links = Arc::new(Self { database, folder: real.clone(), unsynced: AtomicU32::new(0) });
        open.push((real, Arc::downgrade(&links)));
        Ok(links)
    }

    /// What is known of an address.
    pub fn of(&self, url: &str) -> Result<Option<Link>, ImagesError> {
        let read = self.database.begin_read().map_err(|e| self.failed(&e))?;
        let table = match read.open_table(LINKS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        let found = table.get(url).map_err(|e| self.failed(&e))?;
        // What an earlier version wrote and we cannot read is not known.
        Ok(found.and_then(|bytes| serde_json::from_slice(bytes.value()).ok()))
    }

    /// Writes down what became of an address.
    pub(crate) fn note(&self, url: &str, change: impl FnOnce(&mut Link)) -> Result<(), ImagesError> {
        let mut write = self.database.begin_write().map_err(|e| self.failed(&e))?;
        if self.unsynced.fetch_add(1, Ordering::AcqRel) % SYNCED_EVERY != 0 {
            write.set_durability(Durability::None).map_err(|e| self.failed(&e))?;
        }
        {
            let mut table = write.open_table(LINKS).map_err(|e| self.failed(&e))?;
            let known = table.get(url).map_err(|e| self.failed(&e))?.and_then(|bytes| serde_json::from_slice(bytes.value()).ok());
            let mut link: Link = known.unwrap_or_default();
            change(&mut link);
            let bytes = serde_json::to_vec(&link).map_err(|e| self.failed(&e))?;
            table.insert(url, bytes.as_slice()).map_err(|e| self.failed(&e))?;
        }
        write.commit().map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> ImagesError {
        ImagesError::Cache { folder: self.folder.clone(), reason: error.to_string() }
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        // An empty commit makes those before it durable.
        let synced = self.database.begin_write().map_err(|e| self.failed(&e)).and_then(|write| write.commit().map_err(|e| self.failed(&e)));
        if let Err(error) = synced {
            tracing::warn!(%error, "what is known of pictures' addresses could not be written down");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_link_fails_since_its_first_failure_and_is_well_again_at_once() {
        let home = tempfile::tempdir().unwrap();
        let links = Links::open(home.path()).unwrap();
        assert_eq!(links.of("http://m.example/1").unwrap(), None);
        links.note("http://m.example/1", |link| link.seen(at("2026-01-01T00:00:00Z"))).unwrap();
        for day in ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"] {
            links.note("http://m.example/1", |link| link.failed(at(day), &ImagesError::Empty)).unwrap();
        }
        let link = links.of("http://m.example/1").unwrap().unwrap();
        assert_eq!(link.state(), LinkState::Dead);
        assert_eq!((link.last_seen, link.first_failure), (Some(at("2026-01-01T00:00:00Z")), Some(at("2026-02-01T00:00:00Z"))));
        drop(links);
        let links = Links::open(home.path()).unwrap();
        assert_eq!(links.of("http://m.example/1").unwrap(), Some(link), "it is on disk");
        links.note("http://m.example/1", |link| link.seen(at("2026-04-01T00:00:00Z"))).unwrap();
        assert_eq!(links.of("http://m.example/1").unwrap().unwrap().state(), LinkState::Alive);
    }

    #[test]
    fn one_process_opens_it_as_often_as_it_likes() {
        let home = tempfile::tempdir().unwrap();
        let (first, second) = (Links::open(home.path()).unwrap(), Links::open(home.path()).unwrap());
        first.note("http://m.example/1", |link| link.seen(at("2026-01-01T00:00:00Z"))).unwrap();
        assert!(second.of("http://m.example/1").unwrap().is_some());
    }
}
