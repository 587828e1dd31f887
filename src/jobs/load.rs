//! Loading a vocabulary: the room does it; here it is reported.

use super::{House, Listener, Report, vocabulary, walk::Walk};
use crate::{
    rdf::RecordKey,
    store::Change,
    vocab::{self, LabelIndex, LoadReport, LoadRequest},
};

/// How many rows without a match are shown.
const UNMAPPED: usize = 20;

pub(super) fn run(house: &House, request: &LoadRequest, listener: Listener<'_>) -> anyhow::Result<Report> {
    let loaded = vocab::load(&house.store, request, listener.progress)?;
    let relabelled = if loaded.unchanged { 0 } else { relabel(house)? };
    // So that whoever looks for a label next does not wait for the index.
    LabelIndex::open(&house.store)?;
    let mut report = Report { lines: lines(&loaded), partial: loaded.bad_lines > 0, ..Report::default() };
    if let serde_json::Value::Object(figures) = serde_json::to_value(&loaded)? {
        report.figures = figures;
    }
    others(house, request, &loaded, listener, &mut report)?;
    if !loaded.unchanged && !loaded.is_mapping_set() {
        let (statements, concepts) = vocabulary::resting_on_obsolete(house, listener)?;
        if statements > 0 {
            report.line(format!(
                "  {statements} statements rest on {concepts} concepts that were replaced, withdrawn or moved, or are gone: `glossator vocabulary obsolete` lists them by record"
            ));
        }
        report.figure("resting_on_obsolete", statements);
        report.figure("obsolete_concepts", concepts);
    }
    if relabelled > 0 {
        report.line(format!("  {relabelled} published records get a new datestamp: their concepts may be labelled otherwise now"));
    }
    report.figure("relabelled", relabelled);
    report.figure("version", house.store.version());
    Ok(report)
}

/// Other releases of a mapping set stand beside this one and are followed too, unless they are to go.
fn others(house: &House, request: &LoadRequest, loaded: &LoadReport, listener: Listener<'_>, report: &mut Report) -> anyhow::Result<()> {
    let sets = vocab::Vocabularies::new(&house.store)?;
    for other in sets.mapping_sets().iter().filter(|set| loaded.others.iter().any(|graph| graph == set.graph.as_str())) {
        if request.replace {
            vocabulary::take_back(house, other, listener)?;
            report.line(format!("  {} was taken back: this one is in its place", other.name()));
        } else {
            report.line(format!(
                "  {} stands beside it and is followed too: `--replace` takes it back, or `glossator vocabulary retract`",
                other.name()
            ));
        }
    }
    report.figure("replaced", if request.replace { loaded.others.len() } else { 0 });
    Ok(())
}

/// Records are served with the labels of their published concepts, and a vocabulary may have changed them. Whose it did is not looked
/// into: what is sent once too often does no harm, and what is not sent is lost.
pub(super) fn relabel(house: &House) -> anyhow::Result<u64> {
    let mut count = 0;
    for page in Walk::new(&house.store, None) {
        let relabelled: Vec<RecordKey> = page?.into_iter().filter(|listed| listed.published).map(|listed| listed.key).collect();
        count += relabelled.len() as u64;
        house.store.commit(Change { relabelled, ..Change::default() })?;
    }
    Ok(count)
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
    if loaded.is_mapping_set() {
        let by: Vec<String> = loaded.alignments.iter().map(|(property, count)| format!("{count} {property}")).collect();
        let by = if by.is_empty() { "no alignment".to_owned() } else { by.join(", ") };
        lines.push(format!("  a mapping set: {by}"));
    }
    if let Some(table) = loaded.table.as_ref().filter(|table| !table.properties.is_empty()) {
        lines.push(format!(
            "  {} rows: {} alignments, {} that are kept and not followed, {} that say it is not so, {} without a match",
            table.rows,
            table.mapped,
            table.not_followed,
            table.denied,
            table.unmapped.len()
        ));
        lines.extend(table.unmapped.iter().take(UNMAPPED).map(|row| format!("  not mapped to anything: {row}")));
    } else if let Some(table) = &loaded.table {
        lines.push(format!(
            "  {} rows: {} with a Europeana IRI, {} with an AAT IRI, {} with Wikidata, {} with DBpedia; {} mapped",
            table.rows, table.with_europeana, table.with_aat, table.with_wikidata, table.with_dbpedia, table.mapped
        ));
        if table.misplaced + table.trimmed > 0 {
            lines.push(format!("  {} values stood in the wrong column, {} had white space around them", table.misplaced, table.trimmed));
        }
        lines.extend(table.unmapped.iter().take(UNMAPPED).map(|row| format!("  not mapped to anything: {row}")));
        if table.unmapped.len() > UNMAPPED {
            lines.push(format!("  … and {} more; --json has them all", table.unmapped.len() - UNMAPPED));
        }
    } else if !loaded.is_mapping_set() {
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
