//! The terminal: a progress bar while it works, lines at the end, one JSON object for machines.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the one place that speaks on the terminal")]

use std::{
    fs::File,
    io::{BufWriter, IsTerminal as _, Write as _},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    jobs::{Outlet, Report},
    telemetry::Progress,
};

/// A bar on standard error, where somebody looks at it.
#[derive(Debug)]
pub(super) struct Bar {
    bar: Mutex<ProgressBar>,
    stop: Arc<AtomicBool>,
}

impl Bar {
    pub(super) fn new(stop: Arc<AtomicBool>) -> Self {
        Self { bar: Mutex::new(ProgressBar::hidden()), stop }
    }

    fn bar(&self) -> ProgressBar {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn clear(&self) {
        self.bar().finish_and_clear();
    }
}

impl Progress for Bar {
    fn begin(&self, stage: &str, total: Option<u64>) {
        self.bar().finish_and_clear();
        let bar = if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        let template = match total {
            Some(total) => {
                bar.set_length(total);
                "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}"
            }
            None => "{msg} {spinner} {human_pos} {per_sec} {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(stage.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }

    fn advance(&self, units: u64) {
        self.bar().inc(units);
    }

    fn say(&self, line: &str) {
        self.bar().suspend(|| eprintln!("{line}"));
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

/// Standard output, or a file.
#[derive(Debug)]
pub(super) enum Out {
    Standard,
    File(Mutex<BufWriter<File>>),
}

impl Out {
    pub(super) fn to(path: Option<&Path>) -> std::io::Result<Self> {
        Ok(match path {
            Some(path) => Self::File(Mutex::new(BufWriter::new(File::create(path)?))),
            None => Self::Standard,
        })
    }

    pub(super) fn finish(&self) -> std::io::Result<()> {
        match self {
            Self::Standard => std::io::stdout().flush(),
            Self::File(file) => file.lock().unwrap_or_else(PoisonError::into_inner).flush(),
        }
    }
}

impl Outlet for Out {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Standard => std::io::stdout().write_all(bytes),
            Self::File(file) => file.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes),
        }
    }
}

/// What a job did: lines for people on standard error (standard output may carry an answer), or the figures for machines.
pub(super) fn show(report: &Report, json: bool, output_is_taken: bool) {
    for line in &report.lines {
        if json || output_is_taken {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }
    if json {
        println!("{}", serde_json::Value::Object(report.figures.clone()));
    }
}

/// A line on standard output.
pub(super) fn say(line: &str) {
    println!("{line}");
}

/// What went wrong, with its reasons.
pub(super) fn complain(error: &anyhow::Error, json: bool) {
    eprintln!("glossator: {error:#}");
    if json {
        println!("{}", serde_json::json!({ "error": format!("{error:#}") }));
    }
}
