//! SHACL over real records beside `pySHACL`: the same shapes and records in the same run, the same results, and how much faster.
//!
//!     GLOSSATOR_PYTHON=/path/to/python GLOSSATOR_RECORDS=/path/to/records cargo bench --bench validation
//!
//! The python needs `pySHACL` (`pip install pyshacl`); without it only our own times are told. `GLOSSATOR_RECORDS` is a folder of EDM records,
//! by default the demonstration's; `GLOSSATOR_RECORDS_MOST` says how many of them are taken (500).
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a bench prints, and ends where something is wrong")]

use std::{
    collections::BTreeSet,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use glossator::{
    records::{ReadSettings, Taken, read_paths},
    validation::{Finding, Path as Way, Shapes},
};
use oxigraph::{
    io::{RdfFormat, RdfParser, RdfSerializer},
    model::{Term, Triple},
};
use serde_json::{Value, json};

const SHAPES: &str = "https://w3id.org/glossator/shapes/";

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let records = records();
    write(folder.path(), &records);
    let shapes = Shapes::external().unwrap();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let triples: usize = records.iter().map(Vec::len).sum();
    println!("{} records, {triples} triples; the shapes for EDM external", records.len());

    // One after the other on one thread, then spread over all of them; each from its N-Triples, as pySHACL has them.
    let (_, reading_again) = timed(|| read(folder.path(), records.len()));
    let (graphs, reading) = timed(|| read(folder.path(), records.len()));
    println!("read: {reading:.2} s ({reading_again:.2} s the first time)");
    let (_, _warm) = timed(|| validate(&shapes, &graphs, 1));
    let (found, one) = timed(|| validate(&shapes, &graphs, 1));
    let (found_by_all, all) = timed(|| validate(&shapes, &graphs, threads));
    assert!(found == found_by_all, "threads must not matter");
    let (whole, _) = timed(|| parse(&folder.path().join("all.nt")));
    let (found_in_whole, whole_time) = timed(|| lines(&shapes.validate("all", &whole).unwrap()));
    let results: usize = found.iter().map(BTreeSet::len).sum();
    println!("ours, record by record: {one:.3} s on one thread, {all:.3} s on {threads}; {results} results");
    println!("ours, all in one graph: {whole_time:.3} s; {} results", found_in_whole.len());

    let Some(theirs) = pyshacl(folder.path()) else { return };
    let seconds = |name: &str| theirs[name].as_f64().unwrap();
    let (each, at_once) = (seconds("each"), seconds("once"));
    println!("pySHACL {}, record by record: {each:.2} s (read in {:.2} s)", theirs["version"].as_str().unwrap(), seconds("reading"));
    println!("pySHACL, all in one graph: {at_once:.2} s (read in {:.2} s)", seconds("reading_whole"));
    println!("record by record: {:.1} times as fast on {threads} threads, {:.1} times on one", each / all, each / one);
    println!(
        "ours record by record beside theirs all at once: {:.1} times on {threads} threads, {:.1} times on one",
        at_once / all,
        at_once / one
    );
    println!("all in one graph: {:.1} times", at_once / whole_time);
    let by_record = theirs["by_record"].as_array().unwrap();
    let mut differ = 0;
    for (number, (ours, theirs)) in found.iter().zip(by_record).enumerate() {
        differ += usize::from(!same(&format!("record {number}"), ours, theirs, differ));
    }
    println!("{} of {} records have the same results", found.len() - differ, found.len());
    let same_at_once = same("all at once", &found_in_whole, &theirs["at_once"][0], differ);
    println!("all in one graph: {}", if same_at_once { "the same results" } else { "other results" });
    assert!(differ == 0 && same_at_once, "the results must be the same");
}

/// One result by content: focus, path, value, component, severity.
type Line = [String; 5];

fn same(what: &str, ours: &BTreeSet<Line>, theirs: &Value, told: usize) -> bool {
    let theirs: BTreeSet<Line> = theirs.as_array().unwrap().iter().map(|r| serde_json::from_value(r.clone()).unwrap()).collect();
    if told < 3 {
        for only in ours.difference(&theirs).take(3) {
            println!("{what}: only ours: {only:?}");
        }
        for only in theirs.difference(ours).take(3) {
            println!("{what}: only theirs: {only:?}");
        }
    }
    *ours == theirs
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed().as_secs_f64())
}

/// The records' triples. Terms are spelled in the way that both sides keep.
fn records() -> Vec<Vec<Triple>> {
    let folder =
        std::env::var_os("GLOSSATOR_RECORDS").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("data/records"), PathBuf::from);
    let most = std::env::var("GLOSSATOR_RECORDS_MOST").ok().and_then(|n| n.parse().ok()).unwrap_or(500);
    let mut records = Vec::new();
    read_paths(&[folder], &ReadSettings::default(), &mut |taken| {
        if let Taken::Record(record) = taken {
            records.push(record.triples);
        }
        if records.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .unwrap();
    assert!(!records.is_empty(), "there are no records");
    records
}

fn write(folder: &Path, records: &[Vec<Triple>]) {
    for (number, triples) in records.iter().enumerate() {
        write_triples(&folder.join(format!("record-{number:06}.nt")), triples);
    }
    // Blank nodes of different records have the same names: one graph of all holds those without.
    let all: BTreeSet<String> = records.iter().flatten().filter(|t| !t.to_string().contains("_:")).map(|t| format!("{t} .\n")).collect();
    std::fs::write(folder.join("all.nt"), all.into_iter().collect::<String>()).unwrap();
    let shapes = ["edm-classes", "edm-record", "edm-external"].iter().flat_map(|name| {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("shapes/{name}.ttl"))).unwrap();
        let parser = RdfParser::from_format(RdfFormat::Turtle).with_base_iri(format!("{SHAPES}{name}")).unwrap();
        parser.for_slice(&text).map(|q| q.unwrap().into()).collect::<Vec<Triple>>()
    });
    write_triples(&folder.join("shapes.nt"), &shapes.collect::<Vec<_>>());
}

fn write_triples(path: &Path, triples: &[Triple]) {
    let mut serializer = RdfSerializer::from_format(RdfFormat::NTriples).for_writer(Vec::new());
    for triple in triples {
        serializer.serialize_triple(triple).unwrap();
    }
    std::fs::write(path, serializer.finish().unwrap()).unwrap();
}

fn read(folder: &Path, count: usize) -> Vec<Vec<Triple>> {
    (0..count).map(|number| parse(&folder.join(format!("record-{number:06}.nt")))).collect()
}

fn parse(path: &Path) -> Vec<Triple> {
    RdfParser::from_format(RdfFormat::NTriples).for_slice(&std::fs::read(path).unwrap()).map(|q| q.unwrap().into()).collect()
}

fn validate(shapes: &Shapes, graphs: &[Vec<Triple>], threads: usize) -> Vec<BTreeSet<Line>> {
    let next = AtomicUsize::new(0);
    let mut all: Vec<(usize, Vec<Finding>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(graph) = graphs.get(number) else { return done };
                        done.push((number, shapes.validate("a record", graph).unwrap()));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
    });
    all.sort_by_key(|(number, _)| *number);
    all.iter().map(|(_, findings)| lines(findings)).collect()
}

fn lines(findings: &[Finding]) -> BTreeSet<Line> {
    let line = |f: &Finding| {
        [
            term(&f.focus),
            f.path.as_ref().map_or_else(String::new, way),
            f.value.as_ref().map_or_else(String::new, term),
            f.component.as_str().to_owned(),
            f.grade.as_str().to_owned(),
        ]
    };
    findings.iter().map(line).collect()
}

fn term(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => node.as_str().to_owned(),
        Term::BlankNode(_) => "_:".to_owned(),
        Term::Literal(literal) => {
            let language = literal.language().unwrap_or_default().to_lowercase();
            let datatype = if language.is_empty() { literal.datatype().as_str() } else { "" };
            // As python's json writes a list.
            let parts = [literal.value(), language.as_str(), datatype].map(|p| json!(p).to_string());
            format!("[{}]", parts.join(", "))
        }
        other @ Term::Triple(_) => panic!("{other}"),
    }
}

fn way(path: &Way) -> String {
    let joined = |ways: &[Way], between: &str| format!("({})", ways.iter().map(way).collect::<Vec<_>>().join(between));
    match path {
        Way::Property(property) => property.to_string(),
        Way::Inverse(inner) => format!("^{}", way(inner)),
        Way::Sequence(steps) => joined(steps, "/"),
        Way::Alternative(ways) => joined(ways, "|"),
        Way::ZeroOrMore(inner) => format!("{}*", way(inner)),
        Way::OneOrMore(inner) => format!("{}+", way(inner)),
        Way::ZeroOrOne(inner) => format!("{}?", way(inner)),
    }
}

/// The times and results of `pySHACL`, if it is at hand.
fn pyshacl(folder: &Path) -> Option<Value> {
    let Some(python) = std::env::var_os("GLOSSATOR_PYTHON") else {
        println!("GLOSSATOR_PYTHON names no python with pySHACL: nothing to compare with");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/validation.py");
    let output = Command::new(&python).arg(script).arg(folder).output().unwrap_or_else(|e| panic!("{}: {e}", python.display()));
    if !output.status.success() {
        println!("pySHACL did not run: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
