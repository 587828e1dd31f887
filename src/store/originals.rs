//! The bytes of records as they came, by their checksum: outside the quads, which normalise what they store.

use std::{
    io::{Read as _, Write as _},
    path::Path,
};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition, backends::InMemoryBackend};

use super::StoreError;

const BYTES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("bytes");

/// Originals, deflated, each once.
#[derive(Debug)]
pub struct Originals(Database);

impl Originals {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::ready(Database::builder().set_cache_size(super::settings::CACHED_ORIGINALS).create(path)?)
    }

    pub(super) fn in_memory() -> Result<Self, StoreError> {
        Self::ready(Database::builder().create_with_backend(InMemoryBackend::new())?)
    }

    fn ready(database: Database) -> Result<Self, StoreError> {
        let begin = database.begin_write()?;
        begin.open_table(BYTES)?;
        begin.commit()?;
        Ok(Self(database))
    }

    /// Keeps these bytes under their SHA-256 (lower-case hexadecimal). What is there already stays. On disk when this returns.
    pub fn keep<'o>(&self, originals: impl IntoIterator<Item = (&'o str, &'o [u8])>) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        {
            let mut table = write.open_table(BYTES)?;
            for (checksum, bytes) in originals {
                if table.get(checksum)?.is_some() {
                    continue;
                }
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
                let packed =
                    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(StoreError::file("pack", "originals.redb"))?;
                table.insert(checksum, packed.as_slice())?;
            }
        }
        write.commit()?;
        Ok(())
    }

    /// The bytes with this checksum, if we have them.
    pub fn bytes(&self, checksum: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let read = self.0.begin_read()?;
        let Some(packed) = read.open_table(BYTES)?.get(checksum)? else { return Ok(None) };
        let mut bytes = Vec::new();
        DeflateDecoder::new(packed.value()).read_to_end(&mut bytes).map_err(StoreError::file("unpack", "originals.redb"))?;
        Ok(Some(bytes))
    }
}
