//! Vectors of texts, kept on disk: a file for each text encoder, template and vocabulary release. It grows text by text, so that what was
//! broken off goes on where it ended.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::ModelError;
use crate::rdf::mint::digest;

/// The first bytes of a file: what it is, and how its rows look.
const MAGIC: &[u8; 8] = b"glossat1";

/// What decides about a text's vector, and about which texts there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextKey {
    /// The SHA-256 of the text encoder's network and of its tokenizer, with the length that texts are brought to.
    pub encoder: String,
    /// The templates.
    pub template: String,
    /// The vocabulary releases.
    pub release: String,
}

/// The vectors that are known.
#[derive(Debug)]
pub struct TextCache {
    path: PathBuf,
    known: HashMap<[u8; 32], Vec<f32>>,
}

impl TextCache {
    /// Opens the file of this key below a folder. What is broken at its end, as a killed process leaves it, is dropped.
    pub fn open(folder: &Path, key: &TextKey) -> Result<Self, ModelError> {
        let name = digest([&key.encoder, &key.template, &key.release]);
        let encoder: String = key.encoder.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        let folder = folder.join(encoder);
        let path = folder.join(format!("{}.vectors", &name[..32]));
        let failed = |e: std::io::Error| ModelError::File { path: path.clone(), reason: e.to_string() };
        fs::create_dir_all(&folder).map_err(failed)?;
        let known = match File::open(&path) {
            Ok(file) => read(file),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => HashMap::new(),
            Err(e) => return Err(failed(e)),
        };
        Ok(Self { path, known })
    }

    /// How many vectors are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The vector of a text.
    pub fn vector(&self, text: &str) -> Option<&[f32]> {
        self.known.get(&sum(text)).map(Vec::as_slice)
    }

    /// Keeps the vectors of texts.
    pub fn keep(&mut self, texts: &[String], vectors: Vec<Vec<f32>>) -> Result<(), ModelError> {
        let failed = |e: std::io::Error| ModelError::File { path: self.path.clone(), reason: e.to_string() };
        let Some(width) = vectors.first().map(Vec::len) else { return Ok(()) };
        // A width that does not fit, or an end that was broken, is written anew.
        let mut bytes = Vec::new();
        let length = fs::metadata(&self.path).map_or(0, |m| m.len());
        let whole = length == (12 + self.known.len() * (32 + 4 * width)) as u64 && self.known.values().all(|v| v.len() == width);
        if !whole {
            bytes.extend_from_slice(MAGIC);
            bytes.extend_from_slice(&(width as u32).to_le_bytes());
            self.known.retain(|_, vector| vector.len() == width);
            for (sum, vector) in &self.known {
                write_row(&mut bytes, sum, vector);
            }
        }
        for (text, vector) in texts.iter().zip(vectors) {
            let sum = sum(text);
            if vector.len() == width && !self.known.contains_key(&sum) {
                write_row(&mut bytes, &sum, &vector);
                self.known.insert(sum, vector);
            }
        }
        let mut file = OpenOptions::new().create(true).write(true).append(whole).truncate(!whole).open(&self.path).map_err(failed)?;
        file.write_all(&bytes).and_then(|()| file.sync_data()).map_err(failed)
    }
}

fn sum(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn write_row(bytes: &mut Vec<u8>, sum: &[u8; 32], vector: &[f32]) {
    bytes.extend_from_slice(sum);
    for value in vector {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
}

/// The rows of a file, as far as they are whole.
fn read(file: File) -> HashMap<[u8; 32], Vec<f32>> {
    let mut known = HashMap::new();
    let mut file = BufReader::new(file);
    let mut head = [0; 12];
    if file.read_exact(&mut head).is_err() || &head[..8] != MAGIC {
        return known;
    }
    let width = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
    if width == 0 || width > 1 << 16 {
        return known;
    }
    let (mut sum, mut row) = ([0; 32], vec![0; width * 4]);
    while file.read_exact(&mut sum).is_ok() && file.read_exact(&mut row).is_ok() {
        known.insert(sum, row.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect());
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_kept_and_a_broken_end_is_dropped() {
        let home = tempfile::tempdir().unwrap();
        let key = TextKey { encoder: "ab12".to_owned(), template: "{tag}".to_owned(), release: "2026-07".to_owned() };
        let mut cache = TextCache::open(home.path(), &key).unwrap();
        cache.keep(&["a".to_owned(), "b".to_owned()], vec![vec![1.0, 2.0], vec![3.0, 4.0]]).unwrap();
        cache.keep(&["c".to_owned()], vec![vec![5.0, 6.0]]).unwrap();
        let again = TextCache::open(home.path(), &key).unwrap();
        assert_eq!((again.len(), again.vector("b"), again.vector("d")), (3, Some(&[3.0, 4.0][..]), None));
        let path = again.path.clone();
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let mut broken = TextCache::open(home.path(), &key).unwrap();
        assert_eq!(broken.len(), 2);
        broken.keep(&["d".to_owned()], vec![vec![7.0, 8.0]]).unwrap();
        assert_eq!(TextCache::open(home.path(), &key).unwrap().len(), 3);
        let other = TextKey { template: "a photo of {tag}".to_owned(), ..key };
        assert!(TextCache::open(home.path(), &other).unwrap().is_empty());
    }
}
