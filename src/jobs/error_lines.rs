//! The list of what did not go through: counted by reason, the first ones shown, all of them kept in a file beside the store.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use serde::Serialize;

use super::{House, Report};

/// How many are shown on the terminal, and how many of them for the same reason.
const SHOWN: usize = 20;
const SHOWN_ALIKE: u64 = 5;
/// How many reasons are counted on the terminal.
const REASONS: usize = 8;

/// One record or document that did not go through.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ErrorLine {
    /// Which: a source's name, a CHO's IRI.
    pub what: String,
    /// At which line of its document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Why.
    pub reason: String,
}

/// Collects them. Memory stays bounded: all but the first go to the file alone.
pub(super) struct ErrorLines {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    count: u64,
    first: Vec<ErrorLine>,
    by_reason: BTreeMap<String, u64>,
}

impl ErrorLines {
    pub(super) fn of(house: &House, job: &str) -> Self {
        let time = house.store.clock().now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let path = house.store.folder().join("reports").join(format!("{job}-{time}.jsonl"));
        Self { path, file: None, count: 0, first: Vec::new(), by_reason: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, line: ErrorLine) -> anyhow::Result<()> {
        if self.file.is_none() {
            if let Some(folder) = self.path.parent() {
                std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
            }
            let file = File::create(&self.path).with_context(|| format!("making the report {}", self.path.display()))?;
            self.file = Some(BufWriter::new(file));
        }
        if let Some(file) = &mut self.file {
            serde_json::to_writer(&mut *file, &line)?;
            file.write_all(b"\n")?;
        }
        self.count += 1;
        let alike = self.by_reason.entry(kind_of(&line.reason)).or_default();
        *alike += 1;
        if self.first.len() < SHOWN && *alike <= SHOWN_ALIKE {
            self.first.push(line);
        }
        Ok(())
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Puts the list into the report.
    pub(super) fn finish(mut self, report: &mut Report, heading: &str) -> anyhow::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        if let Some(mut file) = self.file.take() {
            file.flush()?;
        }
        report.partial = true;
        report.line(format!("{heading}: {}", self.count));
        for line in &self.first {
            let at = line.line.map(|l| format!(", line {l}")).unwrap_or_default();
            report.line(format!("  {}{at}: {}", line.what, line.reason));
        }
        if self.count > self.first.len() as u64 {
            report.line(format!("  … and {} more; by reason:", self.count - self.first.len() as u64));
            let mut reasons: Vec<(&String, &u64)> = self.by_reason.iter().collect();
            reasons.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            report.lines.extend(reasons.iter().take(REASONS).map(|(reason, count)| format!("    {count} × {reason}")));
        }
        report.line(format!("  all of them are in {}", self.path.display()));
        report.figure("by_reason", serde_json::to_value(&self.by_reason)?);
        report.figure("report", self.path.display().to_string());
        Ok(())
    }
}

/// A reason without its particulars (quoted values, numbers), so that alike ones are counted together.
fn kind_of(reason: &str) -> String {
    let mut kind = String::new();
    let mut quoted = None;
    for c in reason.chars() {
        match (quoted, c) {
            (Some('<'), '>') | (Some('`'), '`') | (Some('“'), '”') => {
                quoted = None;
                kind.push('…');
            }
            (Some(_), _) => {}
            (None, '<' | '`' | '“') => quoted = Some(c),
            (None, _) if c.is_ascii_digit() => {
                if !kind.ends_with('#') {
                    kind.push('#');
                }
            }
            (None, _) => kind.push(c),
        }
    }
    kind.chars().take(120).collect()
}
