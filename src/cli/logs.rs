//! Where the log goes, and for whom it is written.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Begins to log on standard error. `GLOSSATOR_LOG` goes before the settings.
pub(super) fn begin(log: &Log) {
    let filter =
        EnvFilter::try_from_env("GLOSSATOR_LOG").or_else(|_| EnvFilter::try_new(&log.filter)).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let begun = match log.format {
        LogFormat::Human => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if let Err(error) = begun {
        tracing::debug!(error, "somebody logs already");
    }
}
