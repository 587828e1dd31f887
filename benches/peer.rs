//! The same questions to Glossator and to Oxigraph's own server, over the same data: what a plain query costs beside the peer, and what the
//! shortcuts for hierarchies save.
//!
//! The peer is asked twice: with the very quads of our store, its default graph being the union of all as ours is; and with the triples of the
//! vocabulary alone, in one default graph, which is the least that an engine can be asked to look through.
//!
//!     GLOSSATOR_PEER=/path/to/oxigraph GLOSSATOR_AAT=/path/to/aat.nt.gz cargo bench --bench peer
#![expect(clippy::print_stdout, reason = "what was measured is told to whoever runs the bench")]

mod http;

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};

/// How often each question is asked, or as often as fits into the time for one question and one server: all in all under eight minutes.
const TIMES: usize = 31;
const AT_LEAST: usize = 3;
const TIME: Duration = Duration::from_secs(10);
const PREFIXES: &str = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX gvp: <http://vocab.getty.edu/ontology#> PREFIX aat: <http://vocab.getty.edu/aat/> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ";
/// Plain questions: no shortcut of ours has a part in them.
const PLAIN: [&str; 8] = [
    "ASK { aat:300264092 ?p ?o }",
    "SELECT * { aat:300041620 ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?c a gvp:Concept }",
    "SELECT ?c ?l { ?c a gvp:Concept ; skos:prefLabel ?l } LIMIT 1000",
    "SELECT ?c ?l { ?c skos:prefLabel ?l FILTER(CONTAINS(LCASE(STR(?l)), \"lute\")) }",
    "SELECT ?p (COUNT(*) AS ?n) { ?s skos:inScheme ?x ; ?p ?o } GROUP BY ?p",
    "SELECT ?l { ?c skos:broader ?b . ?b skos:prefLabel ?l } LIMIT 5000",
    "CONSTRUCT { ?c skos:prefLabel ?l } WHERE { ?c skos:prefLabel ?l ; skos:broader ?b . ?b skos:broader aat:300264092 }",
];
/// Questions about hierarchies. 300264092 is the Objects Facet, 300010358 materials by composition.
const HIERARCHY: [&str; 8] = [
    "SELECT (COUNT(?c) AS ?n) { ?c skos:broader* aat:300264092 }",
    "SELECT (COUNT(?c) AS ?n) { ?c skos:broader+ aat:300264091 }",
    "ASK { ?c skos:broader+ aat:300264092 . FILTER(?c = aat:300041620) }",
    "SELECT ?c { ?c skos:broader+ aat:300264092 } LIMIT 100",
    "SELECT (COUNT(?c) AS ?n) { ?c gvp:broaderPreferred+ aat:300264092 ; a gvp:GuideTerm }",
    "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c skos:broader+ aat:300264092 ; skos:broader+ aat:300209261 }",
    "SELECT ?c { ?c skos:broader+ aat:300264092 FILTER(?c = aat:300041620) }",
    "SELECT (COUNT(?c) AS ?n) { aat:300264092 ^skos:broader+ ?c }",
];

fn main() -> anyhow::Result<()> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let (Some(peer), Some(aat)) = (named("GLOSSATOR_PEER"), named("GLOSSATOR_AAT")) else {
        println!("skipped: GLOSSATOR_PEER names Oxigraph's own program, GLOSSATOR_AAT a vocabulary in N-Triples, packed or not");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let plain = unpacked(&aat, folder.path())?;
    let ours = env!("CARGO_BIN_EXE_glossator");
    let store = folder.path().join("ours");
    let glossator = |arguments: &[&str]| {
        let mut command = Command::new(ours);
        command.args(arguments).current_dir(folder.path()).env("GLOSSATOR_STORE", &store).env("GLOSSATOR_LOG", "warn");
        // One client asks all: what is fair among many is not measured here.
        command.env("GLOSSATOR_QUERY__FAIR_USE__CPU_SECONDS_PER_MINUTE", "0").stdout(Stdio::null());
        command
    };
    done(&mut glossator(&["load", &aat.to_string_lossy(), "--scheme", "aat", "--release", "bench"]))?;
    let quads = folder.path().join("quads.nq");
    done(glossator(&["export", "--format", "nq"]).stdout(File::create(&quads)?))?;
    let (union, alone) = (folder.path().join("union"), folder.path().join("alone"));
    let theirs = |location: &Path, arguments: &[&str]| {
        let mut command = Command::new(&peer);
        command.args(arguments).arg("--location").arg(location).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    done(&mut theirs(&union, &["load", "--file", &quads.to_string_lossy()]))?;
    done(&mut theirs(&alone, &["load", "--file", &plain.to_string_lossy()]))?;
    let ports = [http::free_port()?, http::free_port()?, http::free_port()?];
    let addresses = ports.map(|port| format!("127.0.0.1:{port}"));
    let _ours = http::Running(glossator(&["serve", "--listen", &addresses[0]]).stderr(Stdio::null()).spawn()?);
    let _union = http::Running(theirs(&union, &["serve", "--union-default-graph", "--bind", &addresses[1]]).spawn()?);
    let _alone = http::Running(theirs(&alone, &["serve", "--bind", &addresses[2]]).spawn()?);
    for port in ports {
        http::wait(port)?;
    }
    println!(
        "medians of {TIMES}, milliseconds: ours; theirs over the same quads, and how many times ours; theirs over one graph, and how many times ours"
    );
    let servers = [(ports[0], "/sparql"), (ports[1], "/query"), (ports[2], "/query")];
    for (name, questions) in [("plain", &PLAIN[..]), ("hierarchy", &HIERARCHY[..])] {
        let mut ratios = [Vec::new(), Vec::new()];
        for question in questions {
            let [ours, theirs @ ..] = measure(servers, question)?;
            print!("{:>10.2}", milliseconds(&ours));
            for (ratios, theirs) in ratios.iter_mut().zip(theirs) {
                ensure!(ours.lines == theirs.lines, "{question}: {} lines here, {} there", ours.lines, theirs.lines);
                let ratio = milliseconds(&theirs) / milliseconds(&ours);
                ratios.push(ratio);
                print!(" {:>10.2} {ratio:>7.2}", milliseconds(&theirs));
            }
            println!("  {question}");
        }
        for (ratios, over) in ratios.iter_mut().zip(["the same quads", "one graph"]) {
            let median = median_of(ratios);
            println!("{name}, {over}: median of theirs/ours {median:.2}; of ours/theirs {:.2}", 1.0 / median);
        }
        println!();
    }
    Ok(())
}

fn milliseconds(measured: &Measured) -> f64 {
    measured.median.as_secs_f64() * 1e3
}

/// The middle one, or the mean of the middle two.
fn median_of(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    f64::midpoint(numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2])
}

#[derive(Clone, Copy, Default)]
struct Measured {
    median: Duration,
    lines: usize,
}

/// Asks the servers in turn, so that what else the machine does falls on each of them.
fn measure(servers: [(u16, &str); 3], question: &str) -> anyhow::Result<[Measured; 3]> {
    let query = format!("{PREFIXES}{question}");
    let accept = if query.contains("CONSTRUCT") { "application/n-triples" } else { "text/tab-separated-values, */*;q=0.1" };
    let headers = [("Content-Type", "application/sparql-query"), ("Accept", accept)];
    let mut times = [const { Vec::new() }; 3];
    let mut measured = [Measured::default(); 3];
    let began = Instant::now();
    for number in 0..=TIMES {
        if number > AT_LEAST && began.elapsed() > TIME * 3 {
            break;
        }
        for (place, (port, path)) in servers.into_iter().enumerate() {
            let answer = http::send(port, "POST", path, &headers, query.as_bytes())?;
            if answer.status != 200 {
                bail!("{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
            }
            measured[place].lines = answer.body.split(|b| *b == b'\n').count();
            // The first one finds out what the others only read.
            if number > 0 {
                times[place].push(answer.took);
            }
        }
    }
    for (measured, times) in measured.iter_mut().zip(&mut times) {
        times.sort_unstable();
        measured.median = times[times.len() / 2];
    }
    Ok(measured)
}

fn done(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("running {command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}

fn unpacked(file: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    if file.extension().is_none_or(|e| e != "gz") {
        return Ok(file.to_path_buf());
    }
    let target = folder.join("plain.nt");
    let mut out = File::create(&target)?;
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(File::open(file)?), &mut out)?;
    out.flush()?;
    Ok(target)
}
