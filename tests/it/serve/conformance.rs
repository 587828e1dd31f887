//! The W3C's suites for the SPARQL protocol, the Graph Store Protocol and Service Descriptions, over the program itself. They are run where
//! the shared folder holds them and Python knows RDF; elsewhere the test says that it is skipped.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const TOKEN: &str = "correct-horse-battery-staple";

/// The runner of the suites, and a Python that can run it.
fn runner() -> Result<(PathBuf, PathBuf), String> {
    let shared =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let runner = shared.join("conformance/w3c_http.py");
    if !runner.exists() {
        return Err(format!("there is no {}", runner.display()));
    }
    let python = std::env::var_os("GLOSSATOR_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let knows = Command::new(&python).args(["-c", "import rdflib, pyoxigraph"]).stderr(Stdio::null()).status();
    if !knows.is_ok_and(|status| status.success()) {
        return Err(format!("{} has no rdflib and pyoxigraph (GLOSSATOR_PYTHON names another)", python.display()));
    }
    Ok((runner, python))
}

/// The program, which ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().expect("ended");
        self.0.wait().expect("ended");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port()
}

fn start(folder: &Path, port: u16) -> Running {
    let write_door = format!("127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_glossator"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--write-listen", &write_door]).current_dir(folder);
    command.env("GLOSSATOR_STORE", folder.join("store")).env("GLOSSATOR_BASE", format!("http://{write_door}/"));
    // The suites expect that queries see the default graph alone.
    command.env("GLOSSATOR_WRITE_TOKEN", TOKEN).env("GLOSSATOR_SPARQL_DEFAULT_GRAPH", "real");
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    let running = Running(child);
    let began = Instant::now();
    while std::net::TcpStream::connect(&write_door).is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "the program does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    running
}

#[test]
fn the_suites_of_the_w3c() {
    let (runner, python) = match runner() {
        Ok(found) => found,
        Err(reason) => {
            eprintln!("skipped: {reason}");
            return;
        }
    };
    let folder = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let _running = start(folder.path(), port);
    for (suite, passed) in [("protocol", 34), ("gsp", 13), ("sd", 3)] {
        let at = |path: &str| format!("http://127.0.0.1:{port}/{path}");
        let mut command = Command::new(&python);
        command.arg(&runner).args(["--suite", suite, "--auth", &format!("Bearer {TOKEN}")]);
        command.args(["--query", &at("sparql"), "--update", &at("update"), "--gsp", &at("graph-store")]);
        let output = command.output().expect("ran");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        eprint!("{said}");
        assert!(
            said.contains(&format!("{suite}: {passed} passed, 0 failed of {passed} ")),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn no_write_door_without_a_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let serve = |token: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glossator"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--write-listen", "127.0.0.1:0"])
            .current_dir(folder.path())
            .env_remove("GLOSSATOR_WRITE_TOKEN");
        command.envs(token.map(|token| ("GLOSSATOR_WRITE_TOKEN", token)));
        let output = command.output().expect("ran");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for token in [None, Some(""), Some("two words")] {
        let (code, said) = serve(token);
        assert!(code == Some(1) && said.contains("GLOSSATOR_WRITE_TOKEN"), "{token:?}: {said}");
    }
    assert!(!folder.path().join("glossator-store").exists(), "the store was not even made");
}
