//! What a full listing has shown so far: kept in a file beside the store, so that memory does not grow and a harvest that was stopped knows
//! at its end what was not listed.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use redb::{Database, ReadableDatabase as _, TableDefinition};

const SEEN: TableDefinition<'_, &str, ()> = TableDefinition::new("seen");
const WALK: TableDefinition<'_, &str, &str> = TableDefinition::new("walk");

/// How much of the file is held in memory: unless it is told, its engine takes up to a gibibyte.
const CACHED_BYTES: usize = 8 << 20;

/// What was seen in one listing.
#[derive(Debug)]
pub(super) struct Seen {
    database: Database,
    path: PathBuf,
    waiting: Vec<String>,
    /// Whether nothing is known of this listing from before.
    pub(super) fresh: bool,
}

impl Seen {
    /// Opens what was seen in this listing; what was seen in another is forgotten.
    pub(super) fn open(folder: &Path, key: &str, walk: &str) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
        let path = folder.join(format!("{key}.seen.redb"));
        let known = builder().open(&path).ok().filter(|database| is_of(database, walk).unwrap_or(false));
        let fresh = known.is_none();
        if fresh && path.exists() {
            std::fs::remove_file(&path).with_context(|| format!("clearing away {}", path.display()))?;
        }
        let database = match known {
            Some(database) => database,
            None => builder().create(&path).with_context(|| format!("making {}", path.display()))?,
        };
        let write = database.begin_write()?;
        write.open_table(SEEN)?;
        write.open_table(WALK)?.insert("walk", walk)?;
        write.commit()?;
        Ok(Self { database, path, waiting: Vec::new(), fresh })
    }

    /// Notes that something was listed.
    pub(super) fn add(&mut self, name: String) {
        self.waiting.push(name);
    }

    /// Puts on disk what was noted.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let write = self.database.begin_write()?;
        {
            let mut table = write.open_table(SEEN)?;
            for name in self.waiting.drain(..) {
                table.insert(name.as_str(), ())?;
            }
        }
        write.commit()?;
        Ok(())
    }

    /// Whether it was listed. What was noted since the last flush counts as well.
    pub(super) fn has(&self, name: &str) -> anyhow::Result<bool> {
        Ok(self.waiting.iter().any(|w| w == name) || self.database.begin_read()?.open_table(SEEN)?.get(name)?.is_some())
    }

    /// The listing is over: nothing of it is needed any more.
    pub(super) fn forget(self) -> anyhow::Result<()> {
        let Self { database, path, .. } = self;
        drop(database);
        std::fs::remove_file(&path).with_context(|| format!("clearing away {}", path.display()))
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHED_BYTES);
    builder
}

fn is_of(database: &Database, walk: &str) -> anyhow::Result<bool> {
    let read = database.begin_read()?;
    Ok(read.open_table(WALK)?.get("walk")?.is_some_and(|known| known.value() == walk))
}
