//! The report of a validation, written while it goes on: JSON and RDF as they grow, the page at the end; to whoever asked, and kept beside
//! the store, where `serve` shows the last one.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Listener, Report, query::ToOutlet};
use crate::validation::{self, Checked, RdfReport, Summary};

/// Where the last report lies, below the store's folder.
pub const LAST_REPORT: &str = "reports/validation";

/// In which form the report is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportForm {
    /// A few lines for people.
    #[default]
    Text,
    /// Every finding and the counts, as one JSON object.
    Json,
    /// A `sh:ValidationReport` in Turtle.
    Ttl,
    /// A page that needs nothing beside it.
    Html,
}

impl ReportForm {
    /// Reads its name on the command line.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "json" => Self::Json,
            "ttl" => Self::Ttl,
            "html" => Self::Html,
            _ => return None,
        })
    }
}

/// The forms of a report that is being written. What is over the limit of findings is counted and not written.
pub(super) struct Reporting<'r> {
    summary: Summary,
    shown: Vec<Checked>,
    settings: &'r validation::Settings,
    written: u64,
    files: Vec<Form<'r>>,
    /// The names of the files beside the store, as they are written and as they will be called.
    renames: Vec<(PathBuf, PathBuf)>,
    folder: Option<PathBuf>,
    asked: ReportForm,
    listener: Listener<'r>,
}

enum Form<'r> {
    Json { out: Box<dyn Write + 'r>, first: bool },
    Rdf(Box<RdfReport<Box<dyn Write + 'r>>>),
}

impl<'r> Reporting<'r> {
    /// Begins a report. `folder` is the store's, where there is one.
    pub(super) fn begin(
        summary: Summary,
        settings: &'r validation::Settings,
        folder: Option<&Path>,
        asked: ReportForm,
        listener: Listener<'r>,
    ) -> anyhow::Result<Self> {
        let summary = Summary { examples: settings.examples, ..summary };
        let mut reporting = Self {
            summary,
            shown: Vec::new(),
            settings,
            written: 0,
            files: Vec::new(),
            renames: Vec::new(),
            folder: None,
            asked,
            listener,
        };
        if let Some(folder) = folder {
            reporting.keep_beside(folder)?;
        }
        let outlet = || -> Box<dyn Write + 'r> { Box::new(ToOutlet { outlet: listener.outlet, buffer: Vec::new() }) };
        match asked {
            ReportForm::Json => reporting.files.push(Form::json(outlet())?),
            ReportForm::Ttl => reporting.files.push(Form::Rdf(Box::new(RdfReport::begin(outlet())?))),
            ReportForm::Text | ReportForm::Html => {}
        }
        Ok(reporting)
    }

    fn keep_beside(&mut self, folder: &Path) -> anyhow::Result<()> {
        let last = folder.join(LAST_REPORT);
        let above = last.parent().unwrap_or(folder);
        std::fs::create_dir_all(above).with_context(|| format!("making the folder {}", above.display()))?;
        for ending in ["json", "ttl"] {
            let whole = last.with_extension(ending);
            let part = last.with_extension(format!("{ending}.{}.part", std::process::id()));
            let file = File::create(&part).with_context(|| format!("making the report {}", part.display()))?;
            let out: Box<dyn Write + 'r> = Box::new(BufWriter::new(file));
            self.files.push(if ending == "json" { Form::json(out)? } else { Form::Rdf(Box::new(RdfReport::begin(out)?)) });
            self.renames.push((part, whole));
        }
        self.folder = Some(folder.to_path_buf());
        Ok(())
    }

    /// Takes a record in.
    pub(super) fn add(&mut self, mut checked: Checked) -> anyhow::Result<()> {
        self.summary.add(&checked);
        let room = self.settings.max_findings.saturating_sub(self.written) as usize;
        let worth_showing = !checked.conforms() && self.shown.len() < self.settings.records_on_page;
        if worth_showing {
            self.shown.push(checked.clone());
        }
        checked.findings.truncate(room);
        self.written += checked.findings.len() as u64;
        self.files.iter_mut().try_for_each(|form| form.record(&checked))
    }

    /// Ends the report, and says in short what was found.
    pub(super) fn end(mut self, stopped: bool) -> anyhow::Result<Report> {
        for form in std::mem::take(&mut self.files) {
            form.end(&self.summary)?;
        }
        if let Some(folder) = &self.folder {
            let whole = folder.join(LAST_REPORT).with_extension("html");
            let part = whole.with_extension("html.part");
            let page = validation::page(&self.summary, &self.shown, true)?;
            std::fs::write(&part, page).with_context(|| format!("writing the report {}", part.display()))?;
            self.renames.push((part, whole));
        }
        // A report is replaced whole: who reads it meanwhile sees the one before.
        for (part, whole) in &self.renames {
            std::fs::rename(part, whole).with_context(|| format!("keeping the report {}", whole.display()))?;
        }
        if self.asked == ReportForm::Html {
            let page = validation::page(&self.summary, &self.shown, false)?;
            self.listener.outlet.write(page.as_bytes())?;
        }
        Ok(self.report(stopped))
    }

    fn report(&self, stopped: bool) -> Report {
        let summary = &self.summary;
        let mut report = Report { partial: !summary.conforms(), ..Report::default() };
        report.line(format!(
            "{} records: {} can be taken as they are, {} need mending; {} could not be read",
            summary.records,
            summary.conforming,
            summary.records - summary.conforming,
            summary.rejected
        ));
        let found = &summary.findings;
        report.line(format!("{} violations, {} warnings, {} notes", found.violations, found.warnings, found.notes));
        for (name, rule) in summary.by_weight() {
            report.line(format!("  {:9} {:>7} records  {name}: {}", rule.severity.word(), rule.records, rule.message));
        }
        let tiers = |of: &[u64; 4]| format!("0: {}, A: {}, B: {}, C: {}", of[0], of[1], of[2], of[3]);
        report.line(format!("metadata tiers  {}", tiers(&summary.tiers.tier)));
        if let Some(after) = &summary.tiers_enriched {
            report.line(format!("with what is published  {}; {} records have a better one", tiers(&after.tier), summary.better));
        }
        if stopped {
            report.line("stopped before the end: the report is about what was read so far");
        }
        for (name, count) in [
            ("records", summary.records),
            ("conforming", summary.conforming),
            ("rejected", summary.rejected),
            ("violations", found.violations),
            ("warnings", found.warnings),
            ("notes", found.notes),
        ] {
            report.figure(name, count);
        }
        let by_rule: serde_json::Map<String, serde_json::Value> =
            summary.by_weight().into_iter().map(|(name, rule)| (name.clone(), json!(rule.records))).collect();
        report.figure("records_by_rule", by_rule);
        report.figure("tiers", json!(summary.tiers));
        if let Some(after) = &summary.tiers_enriched {
            report.figure("tiers_enriched", json!(after));
        }
        report.figure("stopped", stopped);
        if let Some(folder) = &self.folder {
            let page = folder.join(LAST_REPORT).with_extension("html");
            report.line(format!("the report is {} (and .json, .ttl); `serve` shows it at /reports/validation", page.display()));
            report.figure("report", page.display().to_string());
        }
        report
    }
}

impl<'r> Form<'r> {
    fn json(mut out: Box<dyn Write + 'r>) -> anyhow::Result<Self> {
        out.write_all(b"{\"records\":[")?;
        Ok(Self::Json { out, first: true })
    }

    fn record(&mut self, checked: &Checked) -> anyhow::Result<()> {
        match self {
            Self::Json { out, first } => {
                out.write_all(if *first { b"\n" } else { b",\n" })?;
                *first = false;
                serde_json::to_writer(&mut *out, checked)?;
            }
            Self::Rdf(report) => report.record(checked)?,
        }
        Ok(())
    }

    fn end(self, summary: &Summary) -> anyhow::Result<()> {
        match self {
            Self::Json { mut out, .. } => {
                out.write_all(b"\n],\"summary\":")?;
                serde_json::to_writer(&mut out, summary)?;
                out.write_all(b"}\n")?;
                out.flush()?;
            }
            Self::Rdf(report) => report.end()?.flush()?,
        }
        Ok(())
    }
}
