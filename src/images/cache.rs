//! What was fetched is kept, by checksum, with a note for each address which checksum it had.
//!
//! `ab/<sha256>` holds the bytes, `urls/<sha256 of the address>.json` the note. Both may be deleted at any time.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Mutex,
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use super::{ImagesError, checksum};

/// What is known of one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) url: String,
    pub(crate) final_url: String,
    pub(crate) checksum: String,
    pub(crate) media_type: String,
    pub(crate) etag: Option<String>,
}

/// The folder and its bounds.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    max_bytes: u64,
    /// How many bytes of pictures are there. Its lock is held while room is made, so that only one thread makes room.
    held: Mutex<u64>,
}

impl Cache {
    pub(crate) fn open(folder: &Path, max_bytes: u64) -> Result<Self, ImagesError> {
        let cache = Self { folder: folder.to_owned(), max_bytes, held: Mutex::new(0) };
        fs::create_dir_all(folder.join("urls")).map_err(|e| cache.failed(&e))?;
        let held = cache.entries().iter().map(|entry| entry.bytes).sum();
        Ok(Self { held: Mutex::new(held), ..cache })
    }

    /// The bytes of an address, where they are here and are still what they were.
    pub(crate) fn find(&self, url: &str) -> Option<(Note, Vec<u8>)> {
        let note: Note = serde_json::from_slice(&fs::read(self.note(url)).ok()?).ok()?;
        if note.url != url || note.checksum.len() != 64 || !note.checksum.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let path = self.body(&note.checksum);
        let bytes = fs::read(&path).ok()?;
        if checksum(&bytes) != note.checksum {
            tracing::warn!(path = %path.display(), "a picture in the cache is not what it was, and is fetched again");
            return None;
        }
        touch(&path);
        Some((note, bytes))
    }

    /// Keeps the bytes of an address.
    pub(crate) fn keep(&self, note: &Note, bytes: &[u8]) -> Result<(), ImagesError> {
        let size = bytes.len() as u64;
        if size > self.max_bytes {
            return Ok(());
        }
        let path = self.body(&note.checksum);
        let fresh = !path.exists();
        self.write(&path, bytes)?;
        let text = serde_json::to_vec_pretty(note).map_err(|e| self.failed(&e))?;
        self.write(&self.note(&note.url), &text)?;
        if fresh {
            self.make_room(size);
        }
        Ok(())
    }

    /// Forgets an address, so that it is asked anew. Its bytes stay for others that have the same.
    pub(crate) fn forget(&self, url: &str) {
        remove(&self.note(url));
    }

    fn note(&self, url: &str) -> PathBuf {
        self.folder.join("urls").join(format!("{}.json", checksum(url.as_bytes())))
    }

    fn body(&self, checksum: &str) -> PathBuf {
        self.folder.join(&checksum[..2]).join(checksum)
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
        *held += added;
        if *held <= self.max_bytes {
            return;
        }
        let mut entries = self.entries();
        entries.sort_by_key(|entry| entry.used);
        *held = entries.iter().map(|entry| entry.bytes).sum();
        for entry in entries {
            if *held <= self.max_bytes - self.max_bytes / 10 {
                break;
            }
            remove(&entry.path);
            *held = held.saturating_sub(entry.bytes);
        }
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

    fn note(url: &str, bytes: &[u8]) -> Note {
        let url = url.to_owned();
        Note { final_url: url.clone(), url, checksum: checksum(bytes), media_type: "image/png".to_owned(), etag: None }
    }

    #[test]
    fn what_was_kept_is_found_and_what_was_changed_is_not() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::open(home.path(), 1000).unwrap();
        cache.keep(&note("http://a/", b"abc"), b"abc").unwrap();
        assert_eq!(cache.find("http://a/").unwrap().1, b"abc");
        assert!(cache.find("http://b/").is_none());
        fs::write(cache.body(&checksum(b"abc")), b"abd").unwrap();
        assert!(cache.find("http://a/").is_none());
        cache.forget("http://a/");
        assert!(!cache.note("http://a/").exists());
    }

    #[test]
    fn the_oldest_goes_when_there_is_no_room() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::open(home.path(), 1000).unwrap();
        let bytes = |n: u8| vec![n; 300];
        for n in 0..3 {
            cache.keep(&note(&format!("http://{n}/"), &bytes(n)), &bytes(n)).unwrap();
            let age = SystemTime::now() - std::time::Duration::from_secs(100 - u64::from(n));
            fs::File::options().append(true).open(cache.body(&checksum(&bytes(n)))).unwrap().set_modified(age).unwrap();
        }
        cache.keep(&note("http://3/", &bytes(3)), &bytes(3)).unwrap();
        assert!(cache.find("http://0/").is_none());
        assert!(cache.find("http://2/").is_some() && cache.find("http://3/").is_some());
        assert_eq!(*Cache::open(home.path(), 1000).unwrap().held.lock().unwrap(), *cache.held.lock().unwrap());
    }
}
