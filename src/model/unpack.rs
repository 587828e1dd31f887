//! Bundles that come in an archive: unpacked into a folder, and refused where the archive means harm.

use std::{
    fs::{self, File},
    io::{BufReader, Read, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use zip::ZipArchive;

use super::{ModelError, bundle::MANIFEST};

/// What an archive may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All files together, in bytes.
    pub bytes: u64,
    /// How many files and folders.
    pub entries: u64,
    /// How many times larger than the archive.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 << 30, entries: 10_000, ratio: 200 }
    }
}

/// What has come out of an archive so far.
struct Unpacking<'u> {
    into: &'u Path,
    limits: Limits,
    packed: u64,
    bytes: u64,
    entries: u64,
}

/// Unpacks a zip, tar or tar.gz into a folder, which has to be empty; the folder in it that holds the manifest. An archive that leads out of
/// the folder, holds links or devices, names a file twice or unpacks to more than the limits is refused whole.
pub fn unpack(archive: &Path, into: &Path, limits: Limits) -> Result<PathBuf, ModelError> {
    let refused = |reason: String| ModelError::Archive { path: archive.to_owned(), reason };
    let mut file = File::open(archive).map_err(|e| refused(e.to_string()))?;
    let packed = file.metadata().map_err(|e| refused(e.to_string()))?.len();
    let mut head = [0; 4];
    let read = file.read(&mut head).map_err(|e| refused(e.to_string()))?;
    file.rewind().map_err(|e| refused(e.to_string()))?;
    let mut unpacking = Unpacking { into, limits, packed, bytes: 0, entries: 0 };
    let done = match &head[..read] {
        [b'P', b'K', ..] => unpacking.zip(file),
        [0x1f, 0x8b, ..] => unpacking.tar(GzDecoder::new(BufReader::new(file))),
        _ => unpacking.tar(BufReader::new(file)),
    };
    done.and_then(|()| root(into)).map_err(refused)
}

impl Unpacking<'_> {
    fn zip(&mut self, file: File) -> Result<(), String> {
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| format!("the zip archive is broken: {e}"))?;
        if archive.has_overlapping_files().unwrap_or(true) {
            return Err("members of the zip archive lie over one another".to_owned());
        }
        for number in 0..archive.len() {
            let mut member = archive.by_index(number).map_err(|e| format!("member {number} cannot be read: {e}"))?;
            let name = member.name().map_err(|e| format!("the name of member {number} cannot be read: {e}"))?.into_owned();
            if member.is_symlink() {
                return Err(format!("`{name}` is a link"));
            }
            let target = self.target(&name)?;
            if member.is_dir() {
                make_folder(&target)?;
            } else {
                self.write(&name, &target, &mut member)?;
            }
        }
        Ok(())
    }

    fn tar(&mut self, source: impl Read) -> Result<(), String> {
        let mut archive = tar::Archive::new(source);
        let broken = |e: std::io::Error| format!("it is no zip, tar or tar.gz archive, or a broken one: {e}");
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let kind = entry.header().entry_type();
            if matches!(kind, tar::EntryType::XGlobalHeader | tar::EntryType::XHeader) {
                continue;
            }
            let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| "a name in it is not UTF-8".to_owned())?;
            let target = self.target(&name)?;
            if kind.is_dir() {
                make_folder(&target)?;
            } else if kind.is_file() {
                self.write(&name, &target, &mut entry)?;
            } else {
                return Err(format!("`{name}` is a link or a device"));
            }
        }
        Ok(())
    }

    /// Where a member goes: its name is looked at before anything of it is read.
    fn target(&mut self, name: &str) -> Result<PathBuf, String> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(format!("it has more than {} members", self.limits.entries));
        }
        let plain = name.trim_end_matches('/');
        let bad_part = |part: &str| part.is_empty() || part == ".." || part.contains(['\\', '\0', ':']);
        let parts: Vec<&str> = plain.split('/').filter(|part| *part != ".").collect();
        if parts.iter().any(|part| bad_part(part)) || name.len() > 1000 {
            return Err(format!("the name `{}` leads out of it or cannot be a file's", name.escape_debug()));
        }
        Ok(self.into.join(parts.join("/")))
    }

    fn write(&mut self, name: &str, target: &Path, content: &mut dyn Read) -> Result<(), String> {
        let failed = |e: std::io::Error| format!("`{name}`: {e}");
        if let Some(folder) = target.parent() {
            make_folder(folder)?;
        }
        let created = File::options().write(true).create_new(true).open(target);
        let mut file = created
            .map_err(|e| if e.kind() == std::io::ErrorKind::AlreadyExists { format!("`{name}` stands in it twice") } else { failed(e) })?;
        // A small archive of text may well unpack to a few hundred times its size, so the ratio counts from a mebibyte on.
        let by_ratio = self.packed.max(1 << 20).saturating_mul(self.limits.ratio);
        let limit = self.limits.bytes.min(by_ratio);
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = content.read(&mut buffer).map_err(failed)?;
            if read == 0 {
                return file.flush().map_err(failed);
            }
            self.bytes += read as u64;
            if self.bytes > limit {
                return Err(format!("it unpacks to more than {limit} bytes"));
            }
            file.write_all(&buffer[..read]).map_err(failed)?;
        }
    }
}

fn make_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The folder that holds the manifest: the archive's top, or the one folder in it.
fn root(folder: &Path) -> Result<PathBuf, String> {
    let holds = |folder: &Path| folder.join(MANIFEST).is_file() || folder.join("ensemble.toml").is_file();
    if holds(folder) {
        return Ok(folder.to_owned());
    }
    let inner = fs::read_dir(folder).map_err(|e| e.to_string())?.filter_map(Result::ok).map(|e| e.path()).filter(|p| p.is_dir());
    let mut with: Vec<PathBuf> = inner.filter(|p| holds(p)).collect();
    match (with.pop(), with.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(format!("there is no `{MANIFEST}` at its top or in the one folder in it")),
    }
}
