//! Reading tables into the store by a mapping: records like all others, a list of what was odd, and a list of words to be reviewed.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    House, Listener, Report,
    reading::{Manner, Reading},
};
use crate::{
    records::{
        ReadSettings,
        table::{Mapping, OddityKind, TableSummary, read_table},
    },
    store::fold_label,
};

/// So many oddities are shown on the terminal.
const SHOWN: usize = 20;
/// So many concepts are suggested for a word.
const SUGGESTED: usize = 3;

/// Which tables to read, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadTable {
    /// The tables; absolute.
    pub paths: Vec<PathBuf>,
    /// How their rows become records.
    pub mapping: Box<Mapping>,
    /// The data set that they belong to; by default what the mapping is called.
    pub data_set: Option<String>,
    /// Where to list the words that have no concept yet; beside the store's reports where it is left out.
    pub words: Option<PathBuf>,
}

pub(super) fn run(house: &House, job: &ReadTable, listener: Listener<'_>) -> anyhow::Result<Report> {
    let data_set = job.data_set.clone().or_else(|| Some(job.mapping.name.clone()));
    let mut reading = Reading::new(house, Manner { job: "ingest", data_set, ..Manner::default() });
    let base = house.store.base().relative_references();
    let settings = ReadSettings { relative_references: base, ..house.settings.records.clone() };
    let mut summaries = Vec::new();
    listener.progress.begin("reading tables", None);
    for path in &job.paths {
        let mut failure = None;
        let summary = read_table(path, &job.mapping, &settings, &mut |taken| {
            listener.progress.advance(1);
            failure = reading.take(taken).err();
            if failure.is_some() || listener.progress.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        let stopped = summary.stopped;
        summaries.push((path.clone(), summary));
        if stopped {
            break;
        }
    }
    reading.commit()?;
    let mut report = reading.report()?;
    tell(house, job, &summaries, &mut report)?;
    Ok(report)
}

fn reports(house: &House, name: &str, ending: &str) -> anyhow::Result<PathBuf> {
    let folder = house.store.folder().join("reports");
    std::fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
    let time = house.store.clock().now().strftime("%Y%m%dT%H%M%SZ").to_string();
    Ok(folder.join(format!("{name}-{time}.{ending}")))
}

fn tell(house: &House, job: &ReadTable, summaries: &[(PathBuf, TableSummary)], report: &mut Report) -> anyhow::Result<()> {
    let sum = |count: fn(&TableSummary) -> u64| summaries.iter().map(|(_, s)| count(s)).sum::<u64>();
    let (rows, blank, repeated) = (sum(|s| s.rows), sum(|s| s.blank), sum(|s| s.repeated));
    report.line(format!("{rows} rows read, {blank} blank; {repeated} CHOs stand in more than one row"));
    for (name, value) in [("rows", rows), ("blank_rows", blank), ("repeated_chos", repeated)] {
        report.figure(name, value);
    }
    report.figure("stopped", summaries.iter().any(|(_, s)| s.stopped));
    tell_oddities(house, summaries, report)?;
    tell_words(house, job, summaries, report)
}

fn tell_oddities(house: &House, summaries: &[(PathBuf, TableSummary)], report: &mut Report) -> anyhow::Result<()> {
    let all = || summaries.iter().flat_map(|(path, s)| s.oddities.iter().map(move |o| (path, o)));
    let count = all().count();
    report.figure("oddities", count);
    let unknown: u64 = all().filter(|(_, o)| o.kind == OddityKind::Unknown).map(|(_, o)| o.rows).sum();
    report.figure("unknown_values", unknown);
    if count == 0 {
        return Ok(());
    }
    // What changes nothing in the records comes last.
    let (told, repeated): (Vec<_>, Vec<_>) = all().partition(|(_, o)| o.kind != OddityKind::Repeated);
    report.line(format!("odd values: {count}"));
    for (_, oddity) in told.iter().chain(&repeated).take(SHOWN) {
        report.line(format!("  {oddity}"));
    }
    let path = reports(house, "oddities", "jsonl")?;
    let mut lines = String::new();
    for (table, oddity) in all() {
        let mut line = serde_json::to_value(oddity)?;
        line["table"] = json!(table.file_name().map(|n| n.to_string_lossy()));
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    std::fs::write(&path, lines).with_context(|| format!("writing {}", path.display()))?;
    report.line(format!("  all of them are in {}", path.display()));
    report.figure("oddities_report", path.display().to_string());
    Ok(())
}

/// Lists the words of open lists with what they may mean, to be reviewed by somebody who knows: nothing is aligned by itself.
fn tell_words(house: &House, job: &ReadTable, summaries: &[(PathBuf, TableSummary)], report: &mut Report) -> anyhow::Result<()> {
    let mut all: std::collections::BTreeMap<(usize, &str), (u64, u64)> = std::collections::BTreeMap::new();
    for (property, word, rows, line) in summaries.iter().flat_map(|(_, s)| &s.words) {
        all.entry((*property, word)).or_insert((0, *line)).0 += rows;
    }
    report.figure("words", all.len());
    if all.is_empty() {
        return Ok(());
    }
    let path = match &job.words {
        Some(path) => path.clone(),
        None => reports(house, "words", "csv")?,
    };
    let suggested = write_words(house, job, &all, &path)?;
    report.line(format!(
        "{} words have no concept yet: they are listed in {} ({suggested} with a suggestion). Fill its column `iri`, and name the file under [terms]",
        all.len(),
        path.display()
    ));
    report.figure("words_suggested", suggested);
    report.figure("words_report", path.display().to_string());
    Ok(())
}

fn write_words(
    house: &House,
    job: &ReadTable,
    all: &std::collections::BTreeMap<(usize, &str), (u64, u64)>,
    path: &Path,
) -> anyhow::Result<u64> {
    let mut suggested = 0;
    let mut writer = csv::Writer::from_path(path).with_context(|| format!("making {}", path.display()))?;
    writer.write_record(["property", "label", "word", "language", "rows", "first_line", "suggestions", "iri"])?;
    for ((property, word), (rows, line)) in all {
        let (name, language) =
            job.mapping.properties.get(*property).map_or(("", ""), |p| (p.name.as_str(), p.language.as_deref().unwrap_or_default()));
        let last = word.rsplit(" | ").next().unwrap_or(word);
        let suggestions = suggestions(house, last, language)?;
        suggested += u64::from(!suggestions.is_empty());
        let (rows, line) = (rows.to_string(), line.to_string());
        writer.write_record([name, word, last, language, &rows, &line, &suggestions.join(" ; "), ""])?;
    }
    writer.flush()?;
    Ok(suggested)
}

/// Concepts of the loaded vocabularies with the same label. Where the label is of another language, that is said: the same letters need not
/// be the same word.
fn suggestions(house: &House, word: &str, language: &str) -> anyhow::Result<Vec<String>> {
    let folded = fold_label(word);
    let hits = house.store.index().concepts_by_label(word, 200)?;
    let mut all = Vec::new();
    for hit in hits.into_iter().filter(|hit| fold_label(&hit.label) == folded) {
        let same = language.is_empty() || hit.language.split('-').next() == language.split('-').next();
        let told = if same {
            hit.concept.clone()
        } else {
            format!("{} (its label is {})", hit.concept, if hit.language.is_empty() { "of no language" } else { &hit.language })
        };
        if !all.contains(&told) && all.len() < SUGGESTED {
            all.push(told);
        }
    }
    Ok(all)
}
