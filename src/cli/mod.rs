//! What did you ask for? One file a command; each makes a job of it, or starts the server.

mod args;
mod bar;
mod config;
mod demo;
mod harvest;
mod inspect;
mod logs;
mod run;
mod serve;
mod validate;

use std::process::ExitCode;

use clap::Parser as _;

pub use args::{Arguments, Command};

/// Exit codes: 0 done, 1 failed, 2 usage, 3 done with some records rejected.
const FAILED: u8 = 1;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Command::QueryWorker { snapshot, memory_megabytes } = &arguments.command {
        return worker(snapshot, *memory_megabytes);
    }
    match run::run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            bar::complain(&error, arguments.json);
            ExitCode::from(FAILED)
        }
    }
}

/// A process that answers queries until its parent closes the pipe.
fn worker(snapshot: &std::path::Path, memory_megabytes: u64) -> ExitCode {
    match crate::store::query::run_worker(snapshot, memory_megabytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            bar::complain(&error.into(), false);
            ExitCode::from(FAILED)
        }
    }
}
