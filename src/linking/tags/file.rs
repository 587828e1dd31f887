//! A file of tags: opened, told apart, and read to its end without being held in memory (JSON documents are, up to a limit).

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BadTag, Tag, csv, json};
use crate::linking::LinkingError;

/// The largest JSON document, in bytes. JSON lines may be many more in all.
const MOST_JSON: u64 = 256 << 20;
/// How much of a file is looked at to tell what it is.
const HEAD: u64 = 4096;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagFormat {
    /// A table.
    Csv,
    /// One JSON document, or one a line.
    Json,
}

impl std::str::FromStr for TagFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => Ok(Self::Csv),
            "json" | "jsonl" | "ndjson" => Ok(Self::Json),
            other => Err(format!("`{other}` is no format of tags: csv (also with tabs or semicolons) or json (also a document a line)")),
        }
    }
}

/// Reads a file and hands on its tags and the lines that cannot be read, until the taker has enough. The format is told from the content
/// where it is not given.
pub fn read_tags(path: &Path, format: Option<TagFormat>, mut take: impl FnMut(Result<Tag, BadTag>) -> bool) -> Result<(), LinkingError> {
    let refuse = |reason: String| LinkingError::File { path: path.to_path_buf(), reason };
    let failed = |e: std::io::Error| refuse(e.to_string());
    let mut file = File::open(path).map_err(failed)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let head = String::from_utf8_lossy(&head).into_owned();
    let begins = head.trim_start_matches('\u{feff}').trim_start().chars().next();
    let format = format.unwrap_or(if matches!(begins, Some('{' | '[')) { TagFormat::Json } else { TagFormat::Csv });
    match format {
        TagFormat::Csv => csv::read(BufReader::new(file), delimiter(&head), take).map_err(refuse),
        TagFormat::Json => {
            let mut number = 0;
            let size = file.metadata().map_err(failed)?.len();
            let mut first = String::new();
            let mut reader = BufReader::new(file);
            (&mut reader).take(MOST_JSON).read_line(&mut first).map_err(failed)?;
            if serde_json::from_str::<Value>(first.trim_start_matches('\u{feff}')).is_ok_and(|v| v.is_object()) {
                return lines(first, reader, &mut take).map_err(failed);
            }
            if size > MOST_JSON {
                return Err(refuse(format!(
                    "it is a JSON document of {size} bytes, and we take {MOST_JSON}: write it as one document a line"
                )));
            }
            let mut text = first;
            reader.read_to_string(&mut text).map_err(failed)?;
            let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| refuse(e.to_string()))?;
            json::read(&value, &mut number, &mut take);
            Ok(())
        }
    }
}

/// A document a line; a tag's number is then its line's.
fn lines(first: String, reader: BufReader<File>, take: &mut dyn FnMut(Result<Tag, BadTag>) -> bool) -> std::io::Result<()> {
    for (at, line) in (1_u64..).zip(std::iter::once(Ok(first)).chain(reader.lines())) {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let mut numbered = |tag: Result<Tag, BadTag>| match tag {
            Ok(tag) => take(Ok(Tag { line: at, ..tag })),
            Err(bad) => take(Err(BadTag { line: at, ..bad })),
        };
        let go_on = match serde_json::from_str::<Value>(line.trim_start_matches('\u{feff}')) {
            Ok(value) => json::read(&value, &mut 0, &mut numbered),
            Err(error) => numbered(Err(BadTag { line: at, reason: error.to_string() })),
        };
        if !go_on {
            break;
        }
    }
    Ok(())
}

/// What stands most often in the first line.
fn delimiter(head: &str) -> u8 {
    let first = head.lines().next().unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    let best = [',', ';', '\t'].into_iter().max_by_key(|c| count(*c)).unwrap_or(',');
    // Of as many commas as others, the comma.
    if count(best) == count(',') { b',' } else { best as u8 }
}
