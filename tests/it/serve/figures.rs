//! What queries cost: measured on demand, `cargo test --test it -- --ignored costs --nocapture`.

use std::time::{Duration, Instant};

use glossator::store::query::Settings;

use super::{
    client::ask,
    server::{fill, served},
};

/// The address space and the memory of our workers, in megabytes.
fn sizes() -> Vec<(u64, u64)> {
    let ours = std::process::id().to_string();
    let field = |status: &str, name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().split(' ').next()?.parse::<u64>().ok()
    };
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let statuses = processes.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok());
    statuses
        .filter(|status| field(status, "PPid").map(|p| p.to_string()) == Some(ours.clone()))
        .filter_map(|status| Some((field(&status, "VmPeak")? >> 10, field(&status, "VmHWM")? >> 10)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, and takes a while"]
async fn costs() {
    let served = served(Settings::default()).await;
    for round in 0..10 {
        fill(&served.store, 30_000 * (round + 1));
    }
    let first = Instant::now();
    served.pool.warm().await.expect("warm");
    eprintln!("snapshot and first worker: {:?}", first.elapsed());
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() * 99 / 100])
    };
    let mut warm = Vec::new();
    for _ in 0..200 {
        warm.push(ask(served.address, "ASK {}", "*/*").await.took);
    }
    eprintln!("ASK, warm: median and 99th percentile {:?}", median(warm));
    let mut cold = Vec::new();
    for round in 0..20 {
        fill(&served.store, 310_000 + round * 3);
        tokio::time::sleep(Duration::from_millis(450)).await;
        cold.push(ask(served.address, "ASK {}", "*/*").await.took);
    }
    eprintln!("ASK after a commit (snapshot, worker, answer): median and worst {:?}", median(cold));
    let all = ask(served.address, "SELECT ?s ?p ?o { ?s ?p ?o }", "text/csv").await;
    eprintln!("{} rows, {} bytes of CSV in {:?}", all.text().lines().count() - 1, all.body.len(), all.took);
    let count = ask(served.address, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").await;
    eprintln!("COUNT in {:?}", count.took);
    eprintln!("workers (address space, memory at most, MB): {:?}", sizes());
}
