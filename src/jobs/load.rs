//! Loading a vocabulary: the room does it; here it is reported.

use super::{House, Listener, Report};
use crate::{
    rdf::RecordKey,
    store::{Change, Listing},
    vocab::{self, LabelIndex, LoadReport, LoadRequest},
};

/// How many records are stamped in one transaction.
const PAGE: usize = 500;

pub(super) fn run(house: &House, request: &LoadRequest, listener: Listener<'_>) -> anyhow::Result<Report> {
    let loaded = vocab::load(&house.store, request, listener.progress)?;
    let relabelled = if loaded.unchanged { 0 } else { relabel(house)? };
    // So that whoever looks for a label next does not wait for the index.
    LabelIndex::open(&house.store)?;
    let mut report = Report { lines: lines(&loaded), partial: loaded.bad_lines > 0, ..Report::default() };
    if let serde_json::Value::Object(figures) = serde_json::to_value(&loaded)? {
        report.figures = figures;
    }
    if relabelled > 0 {
        report.line(format!("  {relabelled} published records get a new datestamp: their concepts may be labelled otherwise now"));
    }
    report.figure("relabelled", relabelled);
    report.figure("version", house.store.version());
    Ok(report)
}

/// Records are served with the labels of their published concepts, and a vocabulary may have changed them. Whose it did is not looked
/// into: what is sent once too often does no harm, and what is not sent is lost.
fn relabel(house: &House) -> anyhow::Result<u64> {
    let (mut count, mut last) = (0, None);
    loop {
        let page = house.store.index().page(Listing::ByKey, last.as_ref(), PAGE)?;
        let Some(end) = page.last().cloned() else { return Ok(count) };
        let relabelled: Vec<RecordKey> = page.into_iter().filter(|listed| listed.published).map(|listed| listed.key).collect();
        count += relabelled.len() as u64;
        house.store.commit(Change { relabelled, ..Change::default() })?;
        last = Some(end);
    }
}

fn lines(loaded: &LoadReport) -> Vec<String> {
    let seconds = loaded.milliseconds as f64 / 1000.0;
    let name = format!("{} {}", loaded.scheme, loaded.release);
    if loaded.unchanged {
        return vec![format!("{name}: these very bytes are in the store already; nothing changed")];
    }
    let mut lines = vec![format!("{name}: {} triples in {seconds:.1} s into <{}>", loaded.triples, loaded.graph)];
    if loaded.before > 0 {
        lines.push(format!("  in place of {} triples of an earlier load", loaded.before));
    }
    if let Some(table) = &loaded.table {
        lines.push(format!(
            "  {} rows: {} with a Europeana IRI, {} with an AAT IRI, {} with Wikidata, {} with DBpedia; {} mapped",
            table.rows, table.with_europeana, table.with_aat, table.with_wikidata, table.with_dbpedia, table.mapped
        ));
        if table.misplaced + table.trimmed > 0 {
            lines.push(format!("  {} values stood in the wrong column, {} had white space around them", table.misplaced, table.trimmed));
        }
        lines.extend(table.unmapped.iter().map(|row| format!("  not mapped to anything: {row}")));
    } else {
        let labels: Vec<String> = loaded
            .labels
            .iter()
            .map(|(language, count)| format!("{} {count}", if language.is_empty() { "(no language)" } else { language }))
            .collect();
        lines.push(format!(
            "  {} concepts, {} guide terms, {} facets; labels: {}",
            loaded.concepts,
            loaded.guide_terms,
            loaded.facets,
            labels.join(", ")
        ));
    }
    if loaded.bad_lines + loaded.mended > 0 {
        lines.push(format!("  {} lines or statements left out, {} mended", loaded.bad_lines, loaded.mended));
    }
    for note in &loaded.notes {
        let at = note.line.map(|l| format!(", line {l}")).unwrap_or_default();
        lines.push(format!("  {}{at}: {}", note.file, note.text));
    }
    if loaded.notes_in_all > loaded.notes.len() as u64 {
        lines.push(format!("  … and {} notes more", loaded.notes_in_all - loaded.notes.len() as u64));
    }
    lines
}
