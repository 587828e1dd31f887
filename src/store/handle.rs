//! The store as it is held open: quads, index, originals, and the lock that makes us the one writer.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use oxigraph::{
    model::{Literal, Term},
    store::Store as Quads,
};

use super::{Change, Index, Originals, Reader, Settings, StoreError, rests_on::RestsOn, snapshot::Latest};
use crate::{
    rdf::{Base, ns::enr},
    telemetry::Clock,
};

/// An open store. It is its own [`Reader`]; writing goes through [`Store::commit`] and [`Store::replace_graph`].
pub struct Store {
    now: Reader,
    pub(super) index: Index,
    originals: Originals,
    pub(super) settings: Settings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) version: AtomicU64,
    /// The last version that somebody was told of: a long replacement counts versions up that nobody should see.
    pub(super) acknowledged: AtomicU64,
    pub(super) writer: Mutex<()>,
    pub(super) latest: Latest,
    pub(super) replacing: AtomicBool,
    /// Since when, in microseconds, a change that gives datestamps is under way; the end of time where none is.
    pub(super) stamping: AtomicI64,
    /// Up to which microsecond somebody was told that nothing more will be stamped.
    pub(super) settled: AtomicI64,
    /// The versions with which what shortcuts rest on changed last.
    pub(super) rests_on: RestsOn,
    folder: PathBuf,
    /// Held as long as the store is open; a store in memory has none, and a folder that goes with it.
    _lock: Option<File>,
    scratch: Option<tempfile::TempDir>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("folder", &self.folder)
            .field("base", &self.base)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in a folder, making it where there is none. Finishes what a killed process left half done.
    pub fn open(folder: &Path, base: &Base, settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(StoreError::file("make the folder", folder))?;
        let folder = folder.canonicalize().map_err(StoreError::file("find", folder))?;
        let lock = take_lock(&folder)?;
        let quads = Quads::open(folder.join("quads"))?;
        let index = Index::open(&folder.join("index.redb"))?;
        let originals = Originals::open(&folder.join("originals.redb"))?;
        Self::assemble(quads, index, originals, base, settings, clock, folder, Some(lock), None)
    }

    /// A store in memory, for tests and for looking at something once.
    pub fn in_memory(base: &Base, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let scratch = tempfile::tempdir().map_err(StoreError::file("make a folder in", std::env::temp_dir()))?;
        let folder = scratch.path().to_path_buf();
        let quads = Quads::new()?;
        Self::assemble(quads, Index::in_memory()?, Originals::in_memory()?, base, Settings::default(), clock, folder, None, Some(scratch))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of the store, each named, in the one place that puts them together")]
    fn assemble(
        quads: Quads,
        index: Index,
        originals: Originals,
        base: &Base,
        settings: Settings,
        clock: Arc<dyn Clock>,
        folder: PathBuf,
        lock: Option<File>,
        scratch: Option<tempfile::TempDir>,
    ) -> Result<Self, StoreError> {
        let store = Self {
            now: Reader::new(quads, base.clone(), None),
            index,
            originals,
            settings,
            clock,
            version: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            writer: Mutex::new(()),
            latest: Latest::default(),
            replacing: AtomicBool::new(false),
            stamping: AtomicI64::new(i64::MAX),
            settled: AtomicI64::new(i64::MIN),
            rests_on: RestsOn::default(),
            folder,
            _lock: lock,
            scratch,
        };
        store.settle_base()?;
        store.version.store(store.stored_version()?, Ordering::Release);
        store.clear_snapshots()?;
        store.finish_replacements()?;
        store.index.follow(&store)?;
        store.acknowledge();
        Ok(store)
    }

    /// The base is written down when the store is made, and holds from then on.
    fn settle_base(&self) -> Result<(), StoreError> {
        let meta = self.base.meta_graph();
        for quad in self.quads.quads_for_pattern(None, Some(enr::BASE), None, None) {
            let quad = quad?;
            let Term::Literal(theirs) = quad.object else { continue };
            if theirs.value() == self.base.as_str() {
                return Ok(());
            }
            return Err(StoreError::OtherBase { theirs: theirs.value().to_owned(), ours: self.base.as_str().to_owned() });
        }
        let mut change = Change::default();
        change.add(self.base.store(), enr::BASE, Literal::new_simple_literal(self.base.as_str()), meta);
        self.commit(change)?;
        Ok(())
    }

    fn stored_version(&self) -> Result<u64, StoreError> {
        let version = self.object(&self.base.store(), enr::VERSION, &self.base.meta_graph())?;
        Ok(match version {
            Some(Term::Literal(l)) => l.value().parse().unwrap_or(0),
            _ => 0,
        })
    }

    /// The sorted index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The bytes of records as they came.
    pub fn originals(&self) -> &Originals {
        &self.originals
    }

    /// The folder in which the store lives. For a store in memory, a temporary one.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The number of the last change that is on disk.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The clock that the store was given.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Whether it lies in memory, and nowhere else.
    pub(super) fn is_in_memory(&self) -> bool {
        self.scratch.is_some()
    }

    /// Makes us the one writer until the guard goes.
    pub(super) fn writing(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever reads a store reads it as it stands.
impl std::ops::Deref for Store {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.now
    }
}

fn take_lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("writer.lock");
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(StoreError::file("open", &path))?;
    if file.try_lock().is_err() {
        let mut holder = String::new();
        if file.read_to_string(&mut holder).is_err() || holder.is_empty() {
            holder.clear();
        } else {
            holder = format!(" (process {})", holder.trim());
        }
        return Err(StoreError::Locked { folder: folder.to_path_buf(), holder });
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(StoreError::file("write", &path))?;
    Ok(file)
}
