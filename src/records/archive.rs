//! Archives: zip, tar and gzip are read member by member, in their own order, without unpacking anything to disk.

use std::{
    io::{Cursor, Read, Seek, SeekFrom},
    ops::ControlFlow,
};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use zip::{ZipArchive, read::ZipFile, read::read_zipfile_from_stream};

use super::{
    ReadSettings, Rejected, Taken,
    budget::{Budget, Whole, read_whole},
    document,
    read::{Sink, syntax_of},
};

/// How many archives may lie inside one another.
const MAX_NESTING: usize = 3;
/// How much of a file is looked at to tell what it is.
const HEAD: u64 = 512;

/// Something that is read from any place in it.
pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// Reads a file or an uploaded body, and, where it is an archive, everything in it.
pub(super) struct Unpacker<'u, 't> {
    pub(super) settings: &'u ReadSettings,
    pub(super) sink: &'u mut Sink<'t>,
    budget: &'u Budget<'u>,
    nesting: usize,
}

/// Reads a file or an uploaded body under the name that its records will carry.
pub(super) fn read_source(name: &str, source: &mut dyn ReadSeek, settings: &ReadSettings, sink: &mut Sink<'_>) -> ControlFlow<()> {
    let budget = Budget::new(settings);
    Unpacker { settings, sink, budget: &budget, nesting: 0 }.read(name, source)
}

/// What a file is, by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Zip,
    Gzip,
    Tar,
    None,
}

fn container(head: &[u8]) -> Container {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        Container::Zip
    } else if head.starts_with(&[0x1f, 0x8b]) {
        Container::Gzip
    } else if head.get(257..262) == Some(b"ustar".as_slice()) {
        Container::Tar
    } else {
        Container::None
    }
}

impl Unpacker<'_, '_> {
    fn reject(&mut self, name: &str, reason: impl Into<String>, bytes: Vec<u8>) -> ControlFlow<()> {
        let rejected = Rejected { source: name.to_owned(), line: None, reason: reason.into(), bytes: bytes.into(), notes: Vec::new() };
        self.sink.take(Taken::Rejected(rejected))
    }

    fn skip(&mut self, name: &str, reason: impl Into<String>) -> ControlFlow<()> {
        self.sink.take(Taken::Skipped { source: name.to_owned(), reason: reason.into() })
    }

    fn read(&mut self, name: &str, source: &mut dyn ReadSeek) -> ControlFlow<()> {
        let mut head = Vec::new();
        let looked = source.take(HEAD).read_to_end(&mut head).and_then(|_| source.seek(SeekFrom::Start(0)));
        if let Err(e) = looked {
            return self.reject(name, format!("it cannot be read: {e}"), Vec::new());
        }
        let kind = container(&head);
        if kind != Container::None && self.nesting >= MAX_NESTING {
            return self.reject(name, format!("archives lie more than {MAX_NESTING} deep inside one another"), Vec::new());
        }
        self.nesting += 1;
        let flow = match kind {
            Container::Zip => self.read_zip(name, source),
            Container::Gzip => self.read_gzip(name, source),
            Container::Tar => self.read_tar(name, source),
            Container::None => self.read_document(name, source),
        };
        self.nesting -= 1;
        flow
    }

    fn read_document(&mut self, name: &str, mut source: &mut dyn ReadSeek) -> ControlFlow<()> {
        let whole = read_whole(&mut source, self.settings);
        self.take_whole(name, whole)
    }

    fn take_whole(&mut self, name: &str, whole: Whole) -> ControlFlow<()> {
        match whole {
            Whole::Bytes(bytes) if container(&bytes) != Container::None => self.read(name, &mut Cursor::new(bytes)),
            Whole::Bytes(bytes) => match syntax_of(name, &bytes) {
                Some(format) => document::read(name, &Bytes::from(bytes), format, self.settings, self.sink),
                None => self.skip(name, "it is in none of the syntaxes in which records come"),
            },
            Whole::TooLarge => {
                let reason = format!("it is larger than {} bytes, the most that is read as one document", self.settings.max_document_bytes);
                self.reject(name, reason, Vec::new())
            }
            Whole::Broken(bytes, e) => self.reject(name, format!("it breaks off: {e}"), bytes),
        }
    }

    fn read_gzip(&mut self, name: &str, source: &mut dyn ReadSeek) -> ControlFlow<()> {
        let budget = self.budget;
        let mut unpacked = budget.guard(MultiGzDecoder::new(budget.weigh(source)));
        let mut head = Vec::new();
        if let Err(e) = (&mut unpacked).take(HEAD).read_to_end(&mut head) {
            return self.reject(name, format!("the gzip stream is broken: {e}"), head);
        }
        let kind = container(&head);
        let mut all = Cursor::new(head).chain(unpacked);
        if kind == Container::Tar {
            return self.read_tar(name, &mut all);
        }
        let plain = name.strip_suffix(".gz").unwrap_or(name);
        let whole = read_whole(&mut all, self.settings);
        self.take_whole(plain, whole)
    }

    fn read_tar(&mut self, name: &str, source: &mut dyn Read) -> ControlFlow<()> {
        let mut archive = tar::Archive::new(source);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(e) => return self.reject(name, format!("the tar archive cannot be read: {e}"), Vec::new()),
        };
        for entry in entries {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(e) => return self.reject(name, format!("the tar archive is broken: {e}"), Vec::new()),
            };
            self.budget.add_entry();
            let member = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let full = format!("{name}!{member}");
            let kind = entry.header().entry_type();
            if kind.is_symlink() || kind.is_hard_link() {
                self.skip(&full, "it is a link; links in archives are not followed")?;
            } else if kind.is_file() {
                self.read_member(&full, &member, &mut entry)?;
            } else {
                self.sink.pass_over();
            }
            if let Some(reason) = self.budget.exceeded() {
                return self.reject(name, reason, Vec::new());
            }
        }
        ControlFlow::Continue(())
    }

    /// One file in an archive: its name is looked at before its content.
    fn read_member(&mut self, full: &str, member: &str, content: &mut dyn Read) -> ControlFlow<()> {
        if is_passed_over(member) {
            self.sink.pass_over();
            return ControlFlow::Continue(());
        }
        let whole = read_whole(content, self.settings);
        match (unsafe_name(member), whole) {
            (Some(reason), Whole::Bytes(bytes) | Whole::Broken(bytes, _)) => self.reject(full, reason, bytes),
            (Some(reason), Whole::TooLarge) => self.reject(full, reason, Vec::new()),
            (None, whole) => self.take_whole(full, whole),
        }
    }

    fn read_zip(&mut self, name: &str, source: &mut dyn ReadSeek) -> ControlFlow<()> {
        let mut archive = match ZipArchive::new(&mut *source) {
            Ok(archive) => archive,
            Err(e) => return self.read_broken_zip(name, source, &format!("the zip archive is broken: {e}")),
        };
        if archive.len() as u64 > self.settings.max_entries {
            return self.reject(name, format!("the archive has more than {} members", self.settings.max_entries), Vec::new());
        }
        if archive.has_overlapping_files().unwrap_or(false) {
            return self.reject(name, "members of the zip archive lie over one another", Vec::new());
        }
        for number in 0..archive.len() {
            match archive.by_index(number) {
                Ok(file) => self.read_zip_member(name, file)?,
                Err(e) => self.reject(&format!("{name}!{number}"), format!("the member cannot be read: {e}"), Vec::new())?,
            }
            if let Some(reason) = self.budget.exceeded() {
                return self.reject(name, reason, Vec::new());
            }
        }
        ControlFlow::Continue(())
    }

    fn read_zip_member<R: Read>(&mut self, name: &str, mut file: ZipFile<'_, R>) -> ControlFlow<()> {
        let member = file.name().map_or_else(|_| String::from_utf8_lossy(file.name_raw()).into_owned(), std::borrow::Cow::into_owned);
        let full = format!("{name}!{member}");
        self.budget.add_entry();
        if file.is_dir() {
            self.sink.pass_over();
            return ControlFlow::Continue(());
        }
        if file.is_symlink() {
            return self.skip(&full, "it is a link; links in archives are not followed");
        }
        let budget = self.budget;
        budget.add_packed(file.compressed_size());
        self.read_member(&full, &member, &mut budget.guard(&mut file))
    }

    /// A zip whose table of contents is missing or broken: its members are read from the front for as long as that goes well.
    fn read_broken_zip(&mut self, name: &str, source: &mut dyn ReadSeek, reason: &str) -> ControlFlow<()> {
        let mut broken = source.seek(SeekFrom::Start(0)).err().map(|e| e.to_string());
        while broken.is_none() {
            let mut stream: &mut dyn Read = &mut *source;
            match read_zipfile_from_stream(&mut stream) {
                Ok(Some(file)) => self.read_zip_member(name, file)?,
                Ok(None) => break,
                Err(e) => broken = Some(e.to_string()),
            }
            broken = broken.or_else(|| self.budget.exceeded());
        }
        self.reject(name, reason, Vec::new())
    }
}

/// What systems leave in archives beside the files that were meant.
pub(super) fn is_passed_over(path: &str) -> bool {
    path.split('/').any(|part| part == "__MACOSX" || (part.starts_with('.') && part.len() > 1 && part != ".."))
}

/// Why a member's name is not trusted, if it is not.
fn unsafe_name(name: &str) -> Option<&'static str> {
    let drive = name.as_bytes().get(1) == Some(&b':') && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if name.is_empty() || name.contains('\0') {
        Some("its name in the archive is empty or holds U+0000")
    } else if name.starts_with('/') || drive {
        Some("its name in the archive is an absolute path")
    } else if name.contains('\\') {
        Some("its name in the archive holds a backslash")
    } else if name.split('/').any(|part| part == "..") {
        Some("its name in the archive leads out of the archive")
    } else {
        None
    }
}
