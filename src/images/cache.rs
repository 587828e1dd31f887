//! What was fetched is kept, by the checksum of its content: `ab/<sha256>`. Any of it may be deleted at any time.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Mutex,
    time::SystemTime,
};

use super::{ImagesError, checksum};

/// The folder and its bounds.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    max_bytes: u64,
    /// How many bytes are there, counted when something first comes in. Its lock is held while room is made, so that only one thread does.
    held: Mutex<Option<u64>>,
}

impl Cache {
    pub(crate) fn open(folder: &Path, max_bytes: u64) -> Result<Self, ImagesError> {
        let cache = Self { folder: folder.to_owned(), max_bytes, held: Mutex::new(None) };
        fs::create_dir_all(folder).map_err(|e| cache.failed(&e))?;
        Ok(cache)
    }

    /// The bytes with this checksum, where they are here and are still what they were.
    pub(crate) fn find(&self, wanted: &str) -> Option<Vec<u8>> {
        let path = self.body(wanted)?;
        let bytes = fs::read(&path).ok()?;
        if checksum(&bytes) != wanted {
            tracing::warn!(path = %path.display(), "a picture in the cache is not what it was, and is fetched again");
            return None;
        }
        touch(&path);
        Some(bytes)
    }

    /// Whether there are bytes with this checksum, without reading them.
    pub(crate) fn holds(&self, wanted: &str) -> bool {
        self.body(wanted).is_some_and(|path| path.is_file())
    }

    /// Keeps bytes, as far as there is room for them at all.
    pub(crate) fn keep(&self, checksum: &str, bytes: &[u8]) -> Result<(), ImagesError> {
        let size = bytes.len() as u64;
        let Some(path) = self.body(checksum).filter(|_| size <= self.max_bytes) else { return Ok(()) };
        let fresh = !path.exists();
        self.write(&path, bytes)?;
        if fresh {
            self.make_room(size);
        }
        Ok(())
    }

    /// Where bytes with this checksum lie; nowhere, if it is none.
    fn body(&self, checksum: &str) -> Option<PathBuf> {
        let is_checksum = checksum.len() == 64 && checksum.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_checksum.then(|| self.folder.join(&checksum[..2]).join(checksum))
    }

    /// Writes beside and renames, so that nobody ever reads half a file.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), ImagesError> {
        let parent = path.parent().unwrap_or(&self.folder);
        let written = fs::create_dir_all(parent).and_then(|()| tempfile::NamedTempFile::new_in(parent)).and_then(|mut file| {
            file.write_all(bytes)?;
            file.persist(path).map_err(|e| e.error)
        });
        written.map(drop).map_err(|e| self.failed(&e))
    }

    /// Counts what came in; above the limit, what was used longest ago goes until a tenth is free.
    fn make_room(&self, added: u64) {
        let mut held = self.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = held.as_mut() {
            *known += added;
            if *known <= self.max_bytes {
                return;
            }
        }
        let mut entries = self.entries();
        let mut sum = entries.iter().map(|entry| entry.bytes).sum::<u64>();
        if sum > self.max_bytes {
            entries.sort_by_key(|entry| entry.used);
            for entry in entries {
                if sum <= self.max_bytes - self.max_bytes / 10 {
                    break;
                }
                remove(&entry.path);
                sum = sum.saturating_sub(entry.bytes);
            }
        }
        *held = Some(sum);
    }

    /// All pictures that are here.
    fn entries(&self) -> Vec<Entry> {
        let files = walkdir::WalkDir::new(&self.folder).min_depth(2).max_depth(2).into_iter().filter_map(Result::ok);
        let bodies = files.filter(|f| f.file_name().len() == 64 && f.file_type().is_file());
        bodies
            .filter_map(|file| {
                let about = file.metadata().ok()?;
                Some(Entry { path: file.into_path(), bytes: about.len(), used: about.modified().ok()? })
            })
            .collect()
    }

    fn failed(&self, error: &dyn std::error::Error) -> ImagesError {
        ImagesError::Cache { folder: self.folder.clone(), reason: error.to_string() }
    }
}

struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Marks a file as used now. Where that fails it merely goes earlier.
fn touch(path: &Path) {
    let touched = fs::File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    if let Err(error) = touched {
        tracing::trace!(path = %path.display(), %error, "a picture in the cache cannot be marked as used");
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!(path = %path.display(), %error, "a file in the cache cannot be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_and_what_was_changed_is_not() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::open(home.path(), 1000).unwrap();
        let sum = checksum(b"abc");
        cache.keep(&sum, b"abc").unwrap();
        assert_eq!(cache.find(&sum).unwrap(), b"abc");
        assert!(cache.holds(&sum) && !cache.holds(&checksum(b"b")));
        fs::write(cache.body(&sum).unwrap(), b"abd").unwrap();
        assert!(cache.find(&sum).is_none());
        assert!(cache.find("../../../etc/passwd").is_none());
    }

    #[test]
    fn the_oldest_goes_when_there_is_no_room() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::open(home.path(), 1000).unwrap();
        let bytes = |n: u8| vec![n; 300];
        let sum = |n: u8| checksum(&bytes(n));
        for n in 0..3 {
            cache.keep(&sum(n), &bytes(n)).unwrap();
            let age = SystemTime::now() - std::time::Duration::from_secs(100 - u64::from(n));
            fs::File::options().append(true).open(cache.body(&sum(n)).unwrap()).unwrap().set_modified(age).unwrap();
        }
        cache.keep(&sum(3), &bytes(3)).unwrap();
        assert!(cache.find(&sum(0)).is_none());
        assert!(cache.find(&sum(2)).is_some() && cache.find(&sum(3)).is_some());
        assert_eq!(*cache.held.lock().unwrap(), Some(900));
        cache.keep(&checksum(&[7; 2000]), &[7; 2000]).unwrap();
        assert!(!cache.holds(&checksum(&[7; 2000])), "what is larger than the whole cache is not kept");
    }
}
