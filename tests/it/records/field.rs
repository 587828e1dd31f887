//! Records as the field sends them. The folder with them is not part of the repository: without it these tests say so and pass.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
};

use glossator::{
    rdf::{canonical::isomorphic, iri},
    records::{Note, NoteKind, ReadSettings, Record},
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::Triple,
};

use super::Read;

/// The folder with the field's records, if it is here.
fn edm() -> Option<PathBuf> {
    let shared =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("data/edm");
    if folder.is_dir() {
        return Some(folder);
    }
    say(&format!("skipped: there is no {}", folder.display()));
    None
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The folders with records in them.
fn folders(edm: &Path) -> Vec<PathBuf> {
    ["fixtures", "amsab-internal", "corelib-records", "corelib-records-test-update", "kb-alba", "sounds"]
        .iter()
        .map(|f| edm.join(f))
        .collect()
}

#[test]
fn what_the_field_sends_is_taken_or_refused_with_a_reason() {
    let Some(edm) = edm() else { return };
    let mut all = Read::default();
    for folder in folders(&edm) {
        let read = Read::paths(std::slice::from_ref(&folder));
        let clean = read.records.iter().filter(|r| r.notes.is_empty()).count();
        let originals = read.records.iter().map(|r| (&r.original.source, &r.original.bytes));
        let documents: BTreeMap<_, _> = originals.chain(read.rejected.iter().map(|r| (&r.source, &r.bytes))).collect();
        let strictly = documents.values().filter(|bytes| strict(bytes)).count();
        say(&format!("{} documents, {strictly} of which a plain parser takes", documents.len()));
        say(&format!(
            "{:30} {:5} records, {clean} clean, {} with notes; {} refused, {} skipped, {} passed over",
            folder.file_name().unwrap_or_default().to_string_lossy(),
            read.records.len(),
            read.records.len() - clean,
            read.rejected.len(),
            read.skipped.len(),
            read.summary.passed_over,
        ));
        all.records.extend(read.records);
        all.rejected.extend(read.rejected);
        all.skipped.extend(read.skipped);
    }
    let mut by_kind: BTreeMap<NoteKind, (usize, String)> = BTreeMap::new();
    for record in &all.records {
        for kind in record.notes.iter().map(|n| n.kind).collect::<std::collections::BTreeSet<_>>() {
            let example =
                || record.notes.iter().find(|n| n.kind == kind).map(|n| format!("{}: {}", record.original.source, n.text)).unwrap();
            by_kind.entry(kind).or_insert_with(|| (0, example())).0 += 1;
        }
    }
    for (kind, (count, example)) in &by_kind {
        say(&format!("{kind:?}: {count} records, e.g. {example}"));
    }
    for rejected in &all.rejected {
        say(&format!("refused {} line {:?}: {}", rejected.source, rejected.line, rejected.reason));
        assert!(!rejected.reason.is_empty() && !rejected.bytes.is_empty(), "{}", rejected.source);
    }
    for (source, reason) in &all.skipped {
        say(&format!("skipped {source}: {reason}"));
    }
    assert!(all.records.len() > 5000 && all.rejected.len() < 20);
    for record in &all.records {
        assert!(record.triples.iter().all(|t| !t.to_string().contains("glossator.invalid")), "{}", record.original.source);
        assert!(record.notes.iter().all(|n| !n.text.contains("glossator.invalid")), "{}", record.original.source);
    }
}

/// Whether a plain parser takes the document.
fn strict(bytes: &[u8]) -> bool {
    RdfParser::from_format(RdfFormat::RdfXml).for_slice(bytes).all(|q| q.is_ok())
}

/// Whether the notes on a record leave its triples as a plain parser sees them. References that begin with a slash would lead a plain
/// parser out of the place that we give them.
fn is_as_it_was(record: &Record) -> bool {
    let harmless =
        |n: &Note| matches!(n.kind, NoteKind::Untidy | NoteKind::Orphan) || (n.kind == NoteKind::Relative && !has_rooted_reference(record));
    record.notes.iter().all(harmless)
}

fn has_rooted_reference(record: &Record) -> bool {
    let bytes = &record.original.bytes;
    [b"about=\"/".as_slice(), b"about=\"../", b"resource=\"/", b"resource=\"../"]
        .iter()
        .any(|sign| bytes.windows(sign.len()).any(|w| w == *sign))
}

/// A plain parse against our base, if the parser takes the document. XML wants line breaks brought to one form before anything else (XML 1.0, 2.11), which
/// the parser leaves undone.
fn plain(bytes: &[u8], base: &str) -> Option<Vec<Triple>> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let quads = RdfParser::from_format(RdfFormat::RdfXml).with_base_iri(base).unwrap().for_slice(text.as_bytes());
    quads.map(|q| q.map(|q| Triple::new(q.subject, q.predicate, q.object)).ok()).collect()
}

#[test]
fn a_record_says_what_its_document_says_but_for_the_notes() {
    let Some(edm) = edm() else { return };
    let read = Read::paths(&folders(&edm));
    let base = ReadSettings::default().relative_references;
    let mut compared = 0;
    let mut of_document: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &read.records {
        of_document.entry(&record.original.source).or_default().push(record);
    }
    for (source, records) in of_document {
        let original = &records[0].original;
        if original.format != RdfFormat::RdfXml || !records.iter().all(|r| is_as_it_was(r)) {
            continue;
        }
        let Some(plain) = plain(&original.bytes, &base) else { continue };
        // What records of one document share stands in each of them, but in the document once.
        let mut ours: Vec<Triple> = records.iter().flat_map(|r| r.triples.iter().cloned()).collect();
        if records.len() > 1 {
            assert!(
                !ours.iter().any(|t| t.to_string().contains("_:")),
                "{source} has several records with blank nodes: compare it otherwise"
            );
            ours.sort_by_cached_key(ToString::to_string);
            ours.dedup();
        }
        assert!(isomorphic(&plain, &ours).unwrap(), "{source}");
        compared += records.len();
    }
    say(&format!("{compared} of {} records compared with a plain parse", read.records.len()));
    assert!(compared > 1000);
}

#[test]
fn two_readings_give_the_same_records() {
    let Some(edm) = edm() else { return };
    let fixtures = [edm.join("fixtures")];
    let (first, second) = (Read::paths(&fixtures), Read::paths(&fixtures));
    assert_eq!(first.records.len(), second.records.len());
    for (one, two) in first.records.iter().zip(&second.records) {
        assert_eq!((&one.triples, &one.key, &one.notes), (&two.triples, &two.key, &two.notes));
        assert_eq!(one.canonical_digest().unwrap(), two.canonical_digest().unwrap());
    }
}

#[test]
fn iris_found_invalid_in_europeanas_data_are_mended_or_said_to_be_beyond_it() {
    let Some(edm) = edm() else { return };
    let (mut good, mut mended) = (0, 0);
    let mut beyond: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for entry in std::fs::read_dir(edm.join("bad-iris")).unwrap() {
        let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(entry.unwrap().path()).unwrap();
        for row in rows.byte_records().filter_map(Result::ok) {
            let text = String::from_utf8_lossy(row.get(1).unwrap_or_default()).into_owned();
            let now = iri::mend(&text);
            match oxiri::IriRef::parse(now.as_deref().unwrap_or(&text)) {
                Ok(_) if now.is_some() => mended += 1,
                Ok(_) => good += 1,
                Err(e) => beyond.entry(e.to_string()).or_insert_with(|| (0, text)).0 += 1,
            }
        }
    }
    let lost: usize = beyond.values().map(|(count, _)| count).sum();
    say(&format!("{good} were references already, {mended} are after mending, {lost} are beyond it"));
    for (reason, (count, example)) in beyond.iter().take(40) {
        say(&format!("{count} {reason}: `{example}`"));
    }
    assert!(lost < 5 && mended > 4000);
}
