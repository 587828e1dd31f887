//! How much an archive may unpack to: counted while it is read, so that a bomb is stopped before it bursts.

use std::{
    cell::Cell,
    io::{self, Read},
};

use super::ReadSettings;

/// Below this many unpacked bytes the ratio is not asked: small texts pack very well.
const RATIO_FROM: u64 = 4 << 20;

/// What one archive, with the archives inside it, has used of its limits.
#[derive(Debug)]
pub(super) struct Budget<'s> {
    settings: &'s ReadSettings,
    packed: Cell<u64>,
    unpacked: Cell<u64>,
    entries: Cell<u64>,
}

impl<'s> Budget<'s> {
    pub(super) fn new(settings: &'s ReadSettings) -> Self {
        Self { settings, packed: Cell::new(0), unpacked: Cell::new(0), entries: Cell::new(0) }
    }

    /// Counts packed bytes that were read.
    pub(super) fn add_packed(&self, bytes: u64) {
        self.packed.set(self.packed.get().saturating_add(bytes));
    }

    /// Counts one member.
    pub(super) fn add_entry(&self) {
        self.entries.set(self.entries.get().saturating_add(1));
    }

    /// Which limit has been passed, in words.
    pub(super) fn exceeded(&self) -> Option<String> {
        let (packed, unpacked) = (self.packed.get(), self.unpacked.get());
        let most = self.settings.max_archive_bytes;
        if unpacked > most {
            return Some(format!("the archive unpacks to more than {most} bytes"));
        }
        let ratio = self.settings.max_ratio;
        if unpacked > RATIO_FROM && unpacked > packed.saturating_mul(ratio) {
            return Some(format!("the archive unpacks to more than {ratio} times its size"));
        }
        let entries = self.settings.max_entries;
        (self.entries.get() > entries).then(|| format!("the archive has more than {entries} members"))
    }

    /// Counts what comes out of a decompressor, and stops at the limit.
    pub(super) fn guard<R: Read>(&self, inner: R) -> Guarded<'_, R> {
        Guarded { inner, budget: self }
    }

    /// Counts what goes into a decompressor.
    pub(super) fn weigh<R: Read>(&self, inner: R) -> Weighed<'_, R> {
        Weighed { inner, budget: self }
    }
}

/// A reader of unpacked bytes that stops at the limit.
pub(super) struct Guarded<'b, R> {
    inner: R,
    budget: &'b Budget<'b>,
}

impl<R: Read> Read for Guarded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.budget.unpacked.set(self.budget.unpacked.get().saturating_add(count as u64));
        match self.budget.exceeded() {
            Some(reason) => Err(io::Error::other(reason)),
            None => Ok(count),
        }
    }
}

/// A reader of packed bytes that counts them.
pub(super) struct Weighed<'b, R> {
    inner: R,
    budget: &'b Budget<'b>,
}

impl<R: Read> Read for Weighed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.budget.add_packed(count as u64);
        Ok(count)
    }
}

/// What became of reading one document whole.
pub(super) enum Whole {
    /// All of it.
    Bytes(Vec<u8>),
    /// It is larger than a document may be.
    TooLarge,
    /// It broke off; these bytes came before.
    Broken(Vec<u8>, io::Error),
}

/// Reads all of a document, up to the limit.
pub(super) fn read_whole(reader: &mut dyn Read, settings: &ReadSettings) -> Whole {
    let mut bytes = Vec::new();
    match reader.take(settings.max_document_bytes.saturating_add(1)).read_to_end(&mut bytes) {
        Err(e) => Whole::Broken(bytes, e),
        Ok(_) if bytes.len() as u64 > settings.max_document_bytes => Whole::TooLarge,
        Ok(_) => Whole::Bytes(bytes),
    }
}
