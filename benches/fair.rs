//! One client asks little, another asks as much as it can: how long the first waits, alone and beside the other.
//!
//!     GLOSSATOR_AAT=/path/to/aat.nt.gz cargo bench --bench fair
#![expect(clippy::print_stdout, reason = "what was measured is told to whoever runs the bench")]

mod http;

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;

/// How long each part is measured.
const PART: Duration = Duration::from_secs(20);
/// How many queries the flood has under way at once: what a client may.
const FLOOD: usize = 5;
/// From where the flood says that it comes.
const ELSEWHERE: (&str, &str) = ("X-Forwarded-For", "192.0.2.9");
const QUERY: [(&str, &str); 1] = [("Content-Type", "application/sparql-query")];

fn main() -> anyhow::Result<()> {
    let Some(aat) = std::env::var_os("GLOSSATOR_AAT").map(PathBuf::from) else {
        println!("skipped: GLOSSATOR_AAT names a vocabulary in N-Triples, packed or not");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let glossator = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glossator"));
        command
            .args(arguments)
            .current_dir(folder.path())
            .env("GLOSSATOR_STORE", folder.path().join("store"))
            .env("GLOSSATOR_LOG", "error");
        // Shares are not measured here but what happens while nobody has used up his; a proxy that is trusted tells the clients apart.
        command.env("GLOSSATOR_QUERY__FAIR_USE__CPU_SECONDS_PER_MINUTE", "0").env("GLOSSATOR_QUERY__DEADLINE_SECONDS", "3");
        command.env("GLOSSATOR_SERVE__TRUSTED_PROXIES", "[\"127.0.0.1\"]").stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let status = glossator(&["load", &aat.to_string_lossy(), "--scheme", "aat", "--release", "bench"]).status()?;
    ensure!(status.success(), "load: {status}");
    let port = http::free_port()?;
    let _server = http::Running(glossator(&["serve", "--listen", &format!("127.0.0.1:{port}")]).spawn()?);
    http::wait(port)?;
    calm(port, Duration::from_secs(2))?;
    let alone = calm(port, PART)?;
    println!("alone:            {}", told(&alone));
    for (name, heavy) in [
        ("endless queries", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"),
        ("heavy queries", "SELECT ?l { ?c <http://www.w3.org/2004/02/skos/core#prefLabel> ?l FILTER(CONTAINS(LCASE(STR(?l)), \"lute\")) }"),
    ] {
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let flood: Vec<_> = (0..FLOOD)
            .map(|_| {
                let (stop, sent) = (Arc::clone(&stop), Arc::clone(&sent));
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let number = sent.fetch_add(1, Ordering::Relaxed);
                        // Each differs, so that none shares another's answer; from an address of another network.
                        drop(http::send(port, "POST", "/sparql", &[QUERY[0], ELSEWHERE], format!("{heavy} # {number}").as_bytes()));
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(500));
        let beside = calm(port, PART)?;
        stop.store(true, Ordering::Relaxed);
        for one in flood {
            drop(one.join());
        }
        let ratio = percentile(&beside, 99) / percentile(&alone, 99);
        println!("{name:<17} {}; p99 {ratio:.1} times; {} queries beside", told(&beside), sent.load(Ordering::Relaxed));
    }
    Ok(())
}

/// Small questions, one after the other.
fn calm(port: u16, time: Duration) -> anyhow::Result<Vec<Duration>> {
    let (began, mut took) = (Instant::now(), Vec::new());
    while began.elapsed() < time {
        let query = format!("SELECT * {{ <http://vocab.getty.edu/aat/300041620> ?p ?o }} # {}", took.len());
        let answer = http::send(port, "POST", "/sparql", &QUERY, query.as_bytes())?;
        ensure!(answer.status == 200, "{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        took.push(answer.took);
        std::thread::sleep(Duration::from_millis(20));
    }
    took.sort_unstable();
    Ok(took)
}

fn told(took: &[Duration]) -> String {
    format!("{} small queries, p50 {:.1} p99 {:.1} ms", took.len(), percentile(took, 50), percentile(took, 99))
}

fn percentile(took: &[Duration], percent: usize) -> f64 {
    took[(took.len() * percent / 100).min(took.len() - 1)].as_secs_f64() * 1e3
}
