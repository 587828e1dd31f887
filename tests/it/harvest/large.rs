//! A hundred thousand records, by the program itself: how fast, and in how much memory. Run by hand: it takes minutes.

use std::process::Command;

use super::provider::Provider;

#[test]
#[ignore = "takes minutes; run it by name to see the rate and the memory"]
fn a_hundred_thousand_records_in_flat_memory() {
    let count: usize = std::env::var("GLOSSATOR_RECORDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let provider = Provider::new();
    provider.with(|i| (i.made, i.page) = (count, 100));
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::var("GLOSSATOR_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_glossator").to_owned());
    for run in ["first", "second (nothing new)"] {
        let mut child = Command::new(&program)
            .args(["harvest", "oai", &provider.url(), "--allow-private", "--full", "--json", "--store"])
            .arg(folder.path().join("store"))
            .env("GLOSSATOR_NET__DELAY_PER_HOST_MS", "0")
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut peaks = Vec::new();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let of =
                |name: &str| text.lines().find_map(|l| l.strip_prefix(name)).and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
            peaks.extend(of("VmRSS:").zip(of("RssAnon:")));
            std::thread::sleep(std::time::Duration::from_millis(500));
        };
        let mut out = String::new();
        std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut out).unwrap();
        let figures: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        let quarter = |n: usize| peaks.get(peaks.len() * n / 4).map_or(0, |p| p.1 / 1024);
        eprintln!(
            "{run}: {} records, {} a second, peak {} MiB (anonymous {} MiB; at a quarter, half, three quarters: {} {} {} MiB)",
            figures["harvested"],
            figures["per_second"],
            peaks.iter().map(|p| p.0).max().unwrap_or(0) / 1024,
            peaks.iter().map(|p| p.1).max().unwrap_or(0) / 1024,
            quarter(1),
            quarter(2),
            quarter(3)
        );
        assert!(status.success(), "{figures}");
        assert_eq!(figures["harvested"], count);
    }
}
