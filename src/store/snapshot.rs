//! Snapshots: the store as it was at one version, in a folder that another process may open, so that a query can be killed.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use oxigraph::store::Store as Quads;

use super::{Reader, Store, StoreError};

/// The store at one version. Its folder goes with the last who holds it.
#[derive(Debug)]
pub struct Snapshot {
    version: u64,
    folder: PathBuf,
}

impl Snapshot {
    /// The version that it shows.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Where it lies; [`open_snapshot`] opens it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "a snapshot's folder stays behind; the next start clears it");
        }
    }
}

/// A snapshot, and when it was made.
type Made = (Arc<Snapshot>, Instant);

/// The newest snapshot.
#[derive(Debug, Default)]
pub(super) struct Latest(Mutex<Option<Made>>);

impl Store {
    /// A snapshot that is at most as far behind the last acknowledged change as the settings allow (never more than a second).
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        self.snapshot_that(Self::is_young)
    }

    /// A snapshot that shows every change that was acknowledged before this was called: for those who read what they wrote.
    pub fn fresh_snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        self.snapshot_that(Self::is_fresh)
    }

    /// What [`Store::snapshot`], or with `fresh` [`Store::fresh_snapshot`], would give, where that is there already: waits for nothing.
    pub fn snapshot_at_hand(&self, fresh: bool) -> Option<Arc<Snapshot>> {
        let latest = self.latest.0.try_lock().ok()?;
        let will_do = if fresh { Self::is_fresh } else { Self::is_young };
        latest.as_ref().filter(|latest| will_do(self, latest)).map(|(snapshot, _)| Arc::clone(snapshot))
    }

    fn snapshot_that(&self, will_do: fn(&Self, &Made) -> bool) -> Result<Arc<Snapshot>, StoreError> {
        let mut latest = self.latest.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(latest) = latest.as_ref()
            && will_do(self, latest)
        {
            return Ok(Arc::clone(&latest.0));
        }
        let _writing = self.writing();
        self.renew(&mut latest)
    }

    /// A long replacement refreshed the snapshot before it began, and acknowledges nothing until it ends.
    fn is_young(&self, (snapshot, made): &Made) -> bool {
        let patience = Duration::from_millis(self.settings.snapshot_milliseconds.min(1000));
        snapshot.version == self.version() || made.elapsed() < patience || self.replacing.load(Ordering::Acquire)
    }

    fn is_fresh(&self, (snapshot, _): &Made) -> bool {
        let replacing = self.replacing.load(Ordering::Acquire);
        snapshot.version >= if replacing { self.acknowledged.load(Ordering::Acquire) } else { self.version() }
    }

    /// The newest snapshot's version, and how old it is. Nothing where there is none, or where one is being made.
    pub fn newest_snapshot(&self) -> Option<(u64, Duration)> {
        let latest = self.latest.0.try_lock().ok()?;
        latest.as_ref().map(|(snapshot, made)| (snapshot.version, made.elapsed()))
    }

    /// Makes sure that the newest snapshot shows the newest version, before a long change begins. Nothing to do where nobody asks.
    pub(super) fn refresh_snapshot(&self) -> Result<(), StoreError> {
        let mut latest = self.latest.0.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.as_ref().is_some_and(|(snapshot, _)| snapshot.version != self.version()) {
            let _writing = self.writing();
            self.renew(&mut latest)?;
        }
        Ok(())
    }

    fn renew(&self, latest: &mut Option<Made>) -> Result<Arc<Snapshot>, StoreError> {
        let version = self.version();
        let folder = self.snapshots_folder().join(format!("{version}-{}", latest.as_ref().map_or(0, |(s, _)| s.version)));
        std::fs::create_dir_all(self.snapshots_folder()).map_err(StoreError::file("make the folder", self.snapshots_folder()))?;
        write_snapshot(&self.quads, &folder)?;
        if let Some((older, _)) = latest.as_ref() {
            self.hand_on(older, &folder);
        }
        let snapshot = Arc::new(Snapshot { version, folder });
        *latest = Some((Arc::clone(&snapshot), Instant::now()));
        Ok(snapshot)
    }

    /// A reader with an engine of its own, which shows every change that was acknowledged before.
    pub(super) fn stretch(&self) -> Result<Reader, StoreError> {
        self.stretch_of(|| self.fresh_snapshot())
    }

    /// The same for the writer, who shows nobody else what it reads.
    pub(super) fn own_stretch(&self) -> Result<Reader, StoreError> {
        self.stretch_of(|| Ok(Arc::new(self.own_snapshot()?)))
    }

    /// What lies in memory needs no engine of its own.
    fn stretch_of(&self, snapshot: impl FnOnce() -> Result<Arc<Snapshot>, StoreError>) -> Result<Reader, StoreError> {
        if self.is_in_memory() {
            return Ok(Reader::new(self.quads.clone(), self.base.clone(), None));
        }
        let snapshot = snapshot()?;
        Ok(Reader::new(open_snapshot(snapshot.folder())?, self.base.clone(), Some(snapshot)))
    }

    /// A snapshot that nobody else is given, for those who are the writer: it shows the store as it stands.
    pub(super) fn own_snapshot(&self) -> Result<Snapshot, StoreError> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let version = self.version();
        let folder = self.snapshots_folder().join(format!("own-{version}-{}", MADE.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(self.snapshots_folder()).map_err(StoreError::file("make the folder", self.snapshots_folder()))?;
        write_snapshot(&self.quads, &folder)?;
        Ok(Snapshot { version, folder })
    }

    fn snapshots_folder(&self) -> PathBuf {
        self.folder().join("snapshots")
    }

    /// Snapshots of an earlier process are nobody's.
    pub(super) fn clear_snapshots(&self) -> Result<(), StoreError> {
        let folder = self.snapshots_folder();
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file("clear", folder)(error)),
            _ => Ok(()),
        }
    }
}

/// On disk a snapshot is a checkpoint by hard links; a store in memory is written out.
fn write_snapshot(quads: &Quads, folder: &Path) -> Result<(), StoreError> {
    if quads.backup(folder).is_ok() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(StoreError::file("make the folder", folder))?;
    let path = folder.join(DUMP);
    let file = std::fs::File::create(&path).map_err(StoreError::file("make", &path))?;
    quads
        .dump_to_writer(oxigraph::io::RdfFormat::NQuads, std::io::BufWriter::new(file))
        .map_err(|e| StoreError::Query(format!("writing out a snapshot: {e}")))?;
    Ok(())
}

const DUMP: &str = "dump.nq";

/// Opens a snapshot's folder, in this process or another, for reading.
pub fn open_snapshot(folder: &Path) -> Result<Quads, StoreError> {
    let path = folder.join(DUMP);
    if path.exists() {
        let quads = Quads::new()?;
        let file = std::fs::File::open(&path).map_err(StoreError::file("open", &path))?;
        quads
            .load_from_reader(oxigraph::io::RdfFormat::NQuads, std::io::BufReader::new(file))
            .map_err(|e| StoreError::Query(format!("reading a snapshot: {e}")))?;
        return Ok(quads);
    }
    Ok(Quads::open_read_only(folder)?)
}
