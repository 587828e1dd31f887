//! The table in which Europeana's classification pilot kept what it found: `category,skos_concept,URI,ID,URL`.

use std::{
    fs::{File, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::rdf::ns::EUROPEANA_ITEM;

const HEADER: &str = "category,skos_concept,URI,ID,URL\n";

/// The table while it is written: beside its place, until it is whole.
pub(super) struct Table {
    path: PathBuf,
    part: PathBuf,
    file: File,
    waiting: Vec<u8>,
    written: u64,
    rows: u64,
    without_picture: u64,
}

impl Table {
    /// Opens the table; of what is there from before, so many bytes count.
    pub(super) fn open(path: &Path, written: u64) -> anyhow::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)
            .with_context(|| format!("making {}", part.display()))?;
        let there = file.metadata()?.len();
        let written = if there >= written { written } else { 0 };
        file.set_len(written)?;
        file.seek(SeekFrom::End(0))?;
        let waiting = if written == 0 { HEADER.as_bytes().to_vec() } else { Vec::new() };
        Ok(Self { path: path.to_path_buf(), part, file, waiting, written, rows: 0, without_picture: 0 })
    }

    /// Adds an item. One without a picture of its own is counted and left out: the table is for looking at pictures.
    pub(super) fn row(&mut self, category: &str, concept: &str, id: &str, picture: &str) -> anyhow::Result<()> {
        if picture.is_empty() {
            self.without_picture += 1;
            return Ok(());
        }
        self.rows += 1;
        let iri = format!("{EUROPEANA_ITEM}{}", id.trim_start_matches('/'));
        let mut writer = csv::WriterBuilder::new().from_writer(&mut self.waiting);
        writer.write_record([category, concept, iri.as_str(), id, picture])?;
        writer.flush()?;
        Ok(())
    }

    /// Puts the rows on disk; how long the table is now.
    pub(super) fn flush(&mut self) -> anyhow::Result<u64> {
        self.file.write_all(&self.waiting).with_context(|| format!("writing {}", self.part.display()))?;
        self.file.sync_all()?;
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(self.written)
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn without_picture(&self) -> u64 {
        self.without_picture
    }

    /// The table is whole, or stays beside its place until the harvest goes on.
    pub(super) fn finish(mut self, whole: bool) -> anyhow::Result<String> {
        self.flush()?;
        if !whole {
            return Ok(format!("the table so far is {}", self.part.display()));
        }
        std::fs::rename(&self.part, &self.path).with_context(|| format!("making {}", self.path.display()))?;
        Ok(format!(
            "{} rows are in {}; {} items have no picture of their own and were left out",
            self.rows,
            self.path.display(),
            self.without_picture
        ))
    }
}
