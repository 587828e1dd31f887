//! What was odd about the files that were loaded: counted, and the first few kept in words.

use serde::{Deserialize, Serialize};

/// How many notes are kept in words.
const KEPT: usize = 20;

/// Something odd in a file that did not stop the load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The file, and the archive's member.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<u64>,
    /// What is odd, and what was done about it.
    pub text: String,
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.text),
            None => write!(f, "{}: {}", self.file, self.text),
        }
    }
}

/// All notes of one load.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The first of them.
    pub(super) first: Vec<Note>,
    /// How many there were.
    pub(super) all: u64,
    /// Lines or statements that were left out.
    pub(super) bad_lines: u64,
    /// IRIs and language tags that were mended.
    pub(super) mended: u64,
    /// The first bad line in words.
    pub(super) first_bad: Option<String>,
}

impl Notes {
    pub(super) fn add(&mut self, file: &str, line: Option<u64>, text: impl Into<String>) {
        self.all += 1;
        if self.first.len() < KEPT {
            self.first.push(Note { file: file.to_owned(), line, text: text.into() });
        }
    }

    pub(super) fn bad(&mut self, file: &str, line: Option<u64>, text: &str) {
        self.bad_lines += 1;
        if self.first_bad.is_none() {
            let line = line.map_or_else(String::new, |l| format!("line {l}: "));
            self.first_bad = Some(format!("{line}{text}"));
        }
        self.add(file, line, format!("left out: {text}"));
    }

    pub(super) fn mended(&mut self, file: &str, text: impl Into<String>) {
        self.mended += 1;
        self.add(file, None, text);
    }
}
