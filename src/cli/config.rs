//! `glossator config`: what is in force, as a file that could be used.

use super::{bar, run::Bench};
use crate::config::DEFAULTS;

pub(super) fn run(bench: &Bench, defaults: bool) -> anyhow::Result<u8> {
    if defaults {
        bar::say(DEFAULTS.trim_end());
    } else if bench.json {
        bar::say(&serde_json::to_string(&bench.settings)?);
    } else {
        bar::say(toml::to_string(&bench.settings)?.trim_end());
    }
    Ok(0)
}
