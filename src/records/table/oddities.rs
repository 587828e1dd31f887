//! What was odd in a table: gathered by value, with the lines where it stood, so that one letter to the provider tells all of it.

use std::collections::BTreeMap;

use serde::Serialize;

/// So many lines are told of one oddity; the others are counted.
const LINES: usize = 50;
/// So many different oddities are told.
const KINDS: usize = 10_000;

/// What kind of oddity it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OddityKind {
    /// Blanks around or inside a value; it was read without them.
    Blanks,
    /// A word of the list, spelled otherwise; it was read as the list has it.
    Spelling,
    /// Not in the list.
    Unknown,
    /// Not an IRI where one must stand.
    NoIri,
    /// A CHO in more than one row.
    Repeated,
    /// Bytes that are not UTF-8; they were read as Windows-1252.
    Encoding,
}

/// Something odd, and where.
#[derive(Clone, Debug, Serialize)]
pub struct Oddity {
    /// What it is.
    pub kind: OddityKind,
    /// In which column.
    pub column: String,
    /// The value as it stands there.
    pub value: String,
    /// What was made of it.
    pub text: String,
    /// In how many rows.
    pub rows: u64,
    /// In which lines; the first of them.
    pub lines: Vec<u64>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    all: BTreeMap<(OddityKind, String, String), Oddity>,
    pub(super) untold: u64,
}

impl Oddities {
    pub(super) fn add(&mut self, kind: OddityKind, column: &str, value: &str, line: u64, text: impl FnOnce() -> String) {
        let key = (kind, column.to_owned(), value.to_owned());
        if !self.all.contains_key(&key) && self.all.len() >= KINDS {
            self.untold += 1;
            return;
        }
        let make = || Oddity { kind, column: column.to_owned(), value: value.to_owned(), text: text(), rows: 0, lines: Vec::new() };
        let oddity = self.all.entry(key).or_insert_with(make);
        oddity.rows += 1;
        if oddity.lines.len() < LINES {
            oddity.lines.push(line);
        }
    }

    pub(super) fn into_list(self) -> Vec<Oddity> {
        self.all.into_values().collect()
    }
}

impl std::fmt::Display for Oddity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.lines.iter().take(10).map(u64::to_string).collect();
        let more = if self.rows > lines.len() as u64 { ", …" } else { "" };
        let plural = if self.rows == 1 { "row" } else { "rows" };
        write!(f, "`{}` ({}), {} {plural}: {}; line {}{more}", self.value, self.column, self.rows, self.text, lines.join(", "))
    }
}
