//! The program: hands what was asked to the library.

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|a| a != "query-worker") {
        return ExitCode::from(2);
    }
    let folder = PathBuf::from(arguments.next().unwrap_or_default());
    let megabytes = arguments.next().and_then(|m| m.to_str()?.parse().ok()).unwrap_or(4096);
    match glossator::store::query::run_worker(&folder, megabytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "a query worker ends");
            ExitCode::FAILURE
        }
    }
}
