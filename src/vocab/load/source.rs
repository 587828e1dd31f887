//! The files of a load, and the documents in them: plain, gzipped, or members of a zip archive; in which form each is written.

use std::{
    fs::File,
    io::{Cursor, Read, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::{
    form::{Form, HEAD, form_of},
    notes::Notes,
};
use crate::{rdf::mint::digest, telemetry::Progress, vocab::VocabError};

/// How much may be unpacked from anything, and from then on how many times its packed size: a bomb is neither.
const FREE_UNPACKED: u64 = 1 << 30;
const MOST_TIMES_PACKED: u64 = 200;
/// JSON-LD is largely held in memory while it is read.
const MOST_JSON: u64 = 512 << 20;

/// One text of RDF, or one table.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// Its name as people are shown it.
    pub(super) name: String,
    /// The file that it is or lies in.
    pub(super) path: PathBuf,
    /// Its place in the archive, if it lies in one.
    pub(super) member: Option<usize>,
    /// How it is written.
    pub(super) form: Form,
    /// The checksum of the file that it is or lies in.
    pub(super) checksum: String,
    /// How many bytes of text it has, as far as that is known before it is unpacked.
    pub(super) size: u64,
}

/// What a load is about to read.
#[derive(Debug)]
pub(super) struct Sources {
    /// The documents, in the order of the request; a folder's and an archive's by name.
    pub(super) documents: Vec<Document>,
    /// The checksum of everything: of the one file, or of the checksums of all.
    pub(super) checksum: String,
    /// The name of the first file or folder, without endings.
    pub(super) stem: String,
}

/// Looks the files over: what is in them, and which bytes.
pub(super) fn sources(files: &[PathBuf], notes: &mut Notes, progress: &dyn Progress) -> Result<Sources, VocabError> {
    let Some(first) = files.first() else { return Err(VocabError::NoFiles) };
    progress.begin("looking the files over", None);
    let mut found = Found { documents: Vec::new(), checksums: Vec::new(), notes, progress };
    for path in files {
        if path.is_dir() {
            found.folder(path)?;
        } else {
            found.file(path, true)?;
        }
    }
    let Found { mut documents, mut checksums, notes, .. } = found;
    if files.iter().any(|f| f.is_dir()) {
        leave_out_tables(&mut documents, notes);
    }
    if documents.is_empty() {
        return Err(VocabError::Empty { files: shown(first) });
    }
    checksums.sort_unstable();
    checksums.dedup();
    let checksum = if checksums.len() == 1 { checksums.remove(0) } else { digest(&checksums) };
    Ok(Sources { documents, checksum, stem: stem(first) })
}

/// A folder of concepts may hold a list of them; it is no alignment.
fn leave_out_tables(documents: &mut Vec<Document>, notes: &mut Notes) {
    if documents.iter().any(|d| !d.form.is_table()) {
        documents.retain(|document| {
            if document.form.is_table() {
                notes.add(&document.name, None, "a table among vocabulary files: left out");
            }
            !document.form.is_table()
        });
    }
}

struct Found<'f> {
    documents: Vec<Document>,
    checksums: Vec<String>,
    notes: &'f mut Notes,
    progress: &'f dyn Progress,
}

impl Found<'_> {
    fn folder(&mut self, path: &Path) -> Result<(), VocabError> {
        let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
            .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>())
            .map_err(VocabError::file("list", path))?;
        inside.sort_unstable();
        for file in inside.iter().filter(|f| f.is_file() && !hidden(&shown(f))) {
            self.file(file, false)?;
        }
        Ok(())
    }

    /// A file that was named must be of a form that we know; one that was merely there is left out with a note.
    fn file(&mut self, path: &Path, named: bool) -> Result<(), VocabError> {
        let checksum = checksum(path, self.progress)?;
        let before = self.documents.len();
        if ending(&shown(path)) == "zip" {
            self.archive(path, &checksum)?;
        } else {
            let mut head = Vec::new();
            open_file(path)?.take(HEAD).read_to_end(&mut head).map_err(VocabError::file("read", path))?;
            match form_of(&shown(path), &head) {
                Ok(form) => {
                    let size = size(path)?;
                    self.documents.push(Document {
                        name: shown(path),
                        path: path.to_path_buf(),
                        member: None,
                        form,
                        checksum: checksum.clone(),
                        size,
                    });
                }
                Err(reason) if named => return Err(VocabError::UnknownForm { file: shown(path), reason }),
                Err(reason) => self.notes.add(&shown(path), None, format!("left out: {reason}")),
            }
        }
        if self.documents.len() > before {
            self.checksums.push(checksum);
        }
        Ok(())
    }

    fn archive(&mut self, path: &Path, checksum: &str) -> Result<(), VocabError> {
        let mut archive = open_archive(path)?;
        let mut members = Vec::new();
        for place in 0..archive.len() {
            let mut member = archive.by_index(place).map_err(zip_error(path))?;
            let inner = member.name().map_err(zip_error(path))?.into_owned();
            if member.is_dir() || inner.split('/').any(hidden) {
                continue;
            }
            let name = format!("{}/{inner}", shown(path));
            let mut head = Vec::new();
            member.by_ref().take(HEAD).read_to_end(&mut head).map_err(VocabError::file("unpack", path))?;
            match form_of(&inner, &head) {
                Ok(form) => {
                    let (path, checksum) = (path.to_path_buf(), checksum.to_owned());
                    members.push(Document { name, path, member: Some(place), form, checksum, size: member.size() });
                }
                Err(reason) => self.notes.add(&name, None, format!("left out: {reason}")),
            }
        }
        members.sort_by(|a, b| a.name.cmp(&b.name));
        self.documents.extend(members);
        Ok(())
    }
}

/// What is packed is taken to be ten times as large.
fn size(path: &Path) -> Result<u64, VocabError> {
    let length = path.metadata().map_err(VocabError::file("look at", path))?.len();
    Ok(if ending(&shown(path)) == "gz" { length.saturating_mul(10) } else { length })
}

impl Document {
    /// Its text, unpacked, without a byte order mark.
    pub(super) fn open(&self) -> Result<Box<dyn Read>, VocabError> {
        let mut text: Box<dyn Read> = match self.member {
            Some(place) => Box::new(unpacked_member(&self.path, place)?),
            None => open_file(&self.path)?,
        };
        if self.form.is_json() {
            text = Box::new(Limited { inner: text, left: MOST_JSON, why: "JSON of more than 512 MiB is refused; N-Triples have no limit" });
        }
        let mut mark = Vec::new();
        text.by_ref().take(3).read_to_end(&mut mark).map_err(VocabError::file("read", &self.path))?;
        if mark == b"\xEF\xBB\xBF" {
            mark.clear();
        }
        Ok(Box::new(Cursor::new(mark).chain(text)))
    }
}

fn open_file(path: &Path) -> Result<Box<dyn Read>, VocabError> {
    let file = File::open(path).map_err(VocabError::file("open", path))?;
    if ending(&shown(path)) != "gz" {
        return Ok(Box::new(file));
    }
    let packed = file.metadata().map_err(VocabError::file("look at", path))?.len();
    Ok(Box::new(against_bombs(MultiGzDecoder::new(std::io::BufReader::new(file)), packed)))
}

/// A member is unpacked to a file without a name first: the archive's own reader cannot be held beside the archive.
fn unpacked_member(path: &Path, place: usize) -> Result<File, VocabError> {
    let mut archive = open_archive(path)?;
    let member = archive.by_index(place).map_err(zip_error(path))?;
    let packed = member.compressed_size();
    let mut out = tempfile::tempfile().map_err(VocabError::file("unpack to", std::env::temp_dir()))?;
    std::io::copy(&mut against_bombs(member, packed), &mut out)
        .and_then(|_| out.flush())
        .and_then(|()| out.rewind())
        .map_err(VocabError::file("unpack", path))?;
    Ok(out)
}

fn open_archive(path: &Path) -> Result<ZipArchive<File>, VocabError> {
    let file = File::open(path).map_err(VocabError::file("open", path))?;
    ZipArchive::new(file).map_err(zip_error(path))
}

fn zip_error(path: &Path) -> impl FnOnce(zip::result::ZipError) -> VocabError {
    let path = path.to_path_buf();
    move |error| VocabError::File { doing: "unpack", path, source: std::io::Error::other(error) }
}

fn against_bombs<R: Read>(inner: R, packed: u64) -> Limited<R> {
    let left = FREE_UNPACKED.max(packed.saturating_mul(MOST_TIMES_PACKED));
    Limited { inner, left, why: "it unpacks to more than 200 times its size, which no vocabulary does" }
}

/// A reader that refuses to go on when there is more than there should be.
struct Limited<R> {
    inner: R,
    left: u64,
    why: &'static str,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| std::io::Error::other(self.why))?;
        Ok(read)
    }
}

/// The SHA-256 of a file's bytes as they lie there, so that `sha256sum` says the same.
fn checksum(path: &Path, progress: &dyn Progress) -> Result<String, VocabError> {
    let mut file = File::open(path).map_err(VocabError::file("open", path))?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 18];
    loop {
        if progress.stopped() {
            return Err(VocabError::Stopped);
        }
        let read = file.read(&mut piece).map_err(VocabError::file("read", path))?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(piece.get(..read).unwrap_or_default());
    }
}

/// The file's own name: folders are nobody's business.
pub(super) fn shown(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn hidden(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("__")
}

pub(super) fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

fn stem(path: &Path) -> String {
    let name = shown(path);
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zip")).unwrap_or(&name);
    let stem = if path.is_dir() { name } else { name.rsplit_once('.').map_or(name, |(stem, _)| stem) };
    if stem.is_empty() { "vocabulary".to_owned() } else { stem.to_owned() }
}
