//! The pages in a browser, where there is one: they are drawn without a slip, the editor wakes up, and nothing is fetched from elsewhere.

use std::{net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use glossator::store::query::Settings;
use tokio::{process::Command, time::timeout};

use super::server::served;

fn chromium() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        eprintln!("skipped: there is no Chromium on the PATH");
    }
    found
}

/// The document as it stands after its scripts have run, and what the browser complained of.
async fn drawn(program: &PathBuf, address: SocketAddr, path: &str, width: u32) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Command::new(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .arg(format!("--window-size={width},900"))
        .arg(format!("http://{address}{path}"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_mins(1), running).await.expect("the browser ends").expect("the browser runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaints = complaints.lines().filter(|line| line.contains("CONSOLE")).collect::<Vec<_>>().join("\n");
    (String::from_utf8_lossy(&output.stdout).into_owned(), complaints)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_draws_the_pages() {
    let Some(program) = chromium() else { return };
    let served = served(Settings::default()).await;
    for (path, expected) in [
        ("/", "Luta, gitarrmodell"),
        ("/record/0123456789abcdef0123456789abcdef", "What we say of it"),
        ("/concept?iri=http%3A%2F%2Fvocab.getty.edu%2Faat%2F300041620", "musical instruments"),
        ("/query", "role=\"listbox\""),
    ] {
        for width in [1280, 390] {
            let (page, complaints) = drawn(&program, served.address, path, width).await;
            assert!(page.contains(expected) && page.contains("</html>"), "{path}: {}", page.chars().take(2000).collect::<String>());
            assert_eq!(complaints, "", "{path}");
        }
    }
    // What is coloured stands in a layer of its own: the editor's script ran, under our own content security policy.
    let (page, _) = drawn(&program, served.address, "/query", 1280).await;
    assert!(page.contains("aria-autocomplete=\"list\""), "{page}");
}
