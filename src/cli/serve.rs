//! `glossator serve`.
use super::run::Bench;
use crate::jobs::House;
pub(super) fn run(_bench: &Bench, _listen: Option<&str>) -> anyhow::Result<u8> { anyhow::bail!("later") }
pub(super) fn serve(_bench: &Bench, _house: House, _listen: Option<&str>, _p: Option<&std::path::Path>) -> anyhow::Result<u8> { anyhow::bail!("later") }
