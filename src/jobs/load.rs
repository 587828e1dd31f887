//! Loading a vocabulary: the room does it; here it is reported.

use super::{House, Listener, Report};
use crate::vocab::{self, LoadRequest};

pub(super) fn run(house: &House, request: &LoadRequest, listener: Listener<'_>) -> anyhow::Result<Report> {
    let loaded = vocab::load(&house.store, request, listener.progress)?;
    let mut report = Report::default();
    report.lines = loaded.lines();
    if let serde_json::Value::Object(figures) = serde_json::to_value(&loaded)? {
        report.figures = figures;
    }
    report.partial = loaded.is_partial();
    report.figure("version", house.store.version());
    Ok(report)
}
