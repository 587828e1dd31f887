//! A harvest of many records over OAI-PMH: how long pages and single records take, and whether memory stays flat.
//!
//!     GLOSSATOR_RECORDS=100000 GLOSSATOR_NGINX=/usr/sbin/nginx cargo bench --bench harvest
//!
//! Where `GLOSSATOR_NGINX` names nginx, it sends the same pages from files, to the same client.
#![expect(clippy::print_stdout, reason = "what was measured is told to whoever runs the bench")]

mod http;

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

fn main() -> anyhow::Result<()> {
    let Some(records) = std::env::var("GLOSSATOR_RECORDS").ok().and_then(|n| n.parse::<usize>().ok()) else {
        println!("skipped: GLOSSATOR_RECORDS says how many records to harvest");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("records.zip");
    write_records(&archive, records)?;
    let began = Instant::now();
    let glossator = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glossator"));
        command.args(arguments).current_dir(folder.path()).env("GLOSSATOR_STORE", folder.path().join("store")).env("GLOSSATOR_LOG", "warn");
        command.stdout(Stdio::null());
        command
    };
    let status = glossator(&["ingest", "records.zip", "--data-set", "bench"]).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "ingest: {status}");
    println!("{records} records read in {:.1} s", began.elapsed().as_secs_f64());
    let port = http::free_port()?;
    let server = http::Running(glossator(&["serve", "--listen", &format!("127.0.0.1:{port}")]).stderr(Stdio::null()).spawn()?);
    http::wait(port)?;
    std::thread::sleep(Duration::from_secs(2));
    for prefix in ["oai_dc", "edm"] {
        let pages = folder.path().join(prefix);
        std::fs::create_dir(&pages)?;
        let whole = harvest(port, server.0.id(), prefix, records, &pages)?;
        if let Some(nginx) = std::env::var_os("GLOSSATOR_NGINX") {
            let files = from_files(Path::new(&nginx), &pages, folder.path())?;
            println!("{prefix}: nginx sends the same bytes in {files:.2} s; ours takes {:.1} times that", whole / files);
        }
    }
    Ok(())
}

/// The time that the same client takes for the same pages where nginx has them as files, in seconds.
fn from_files(nginx: &Path, pages: &Path, folder: &Path) -> anyhow::Result<f64> {
    let port = http::free_port()?;
    let configuration = folder.join("nginx.conf");
    let (own, pages_name) = (folder.display(), pages.display());
    std::fs::write(
        &configuration,
        format!(
            "daemon off; master_process off; pid {own}/nginx.pid; error_log {own}/nginx.log; events {{}}\n\
             http {{ access_log off; client_body_temp_path {own}/t1; proxy_temp_path {own}/t2; fastcgi_temp_path {own}/t3; \
             uwsgi_temp_path {own}/t4; scgi_temp_path {own}/t5; sendfile on; tcp_nopush on; \
             server {{ listen 127.0.0.1:{port}; root {pages_name}; }} }}"
        ),
    )?;
    let _server = http::Running(Command::new(nginx).arg("-c").arg(&configuration).arg("-p").arg(folder).stderr(Stdio::null()).spawn()?);
    http::wait(port)?;
    let count = std::fs::read_dir(pages)?.count();
    let began = Instant::now();
    for number in 0..count {
        let page = http::send(port, "GET", &format!("/{number}.xml"), &[], b"")?;
        ensure!(page.status == 200, "nginx: {}", page.status);
        // What a harvester has to find in each page it looks for here as well.
        let text = String::from_utf8_lossy(&page.body).into_owned();
        ensure!(between(&text, "<resumptionToken", ">").is_some() || number + 1 == count, "a page without a token");
    }
    Ok(began.elapsed().as_secs_f64())
}

fn harvest(port: u16, process: u32, prefix: &str, records: usize, folder: &Path) -> anyhow::Result<f64> {
    let mut target = format!("/oai?verb=ListRecords&metadataPrefix={prefix}");
    let (mut pages, mut seen, mut bytes, mut identifiers) = (Vec::new(), 0, 0, Vec::new());
    let before = resident(process)?;
    let began = Instant::now();
    loop {
        let page = http::send(port, "GET", &target, &[], b"")?;
        ensure!(page.status == 200, "{target}: {}", page.status);
        let text = String::from_utf8_lossy(&page.body).into_owned();
        seen += text.matches("<record>").count();
        bytes += page.body.len();
        std::fs::write(folder.join(format!("{}.xml", pages.len())), &page.body)?;
        pages.push(page.took);
        if pages.len() % 10 == 1 {
            identifiers
                .extend(text.split("<header>").skip(1).filter_map(|h| between(h, "<identifier>", "</identifier>")).map(str::to_owned));
        }
        let Some(token) = between(&text, "<resumptionToken", "</resumptionToken>").and_then(|t| t.split_once('>')).map(|(_, token)| token)
        else {
            break;
        };
        if token.is_empty() {
            break;
        }
        target = format!("/oai?verb=ListRecords&resumptionToken={token}");
    }
    let whole = began.elapsed().as_secs_f64();
    ensure!(seen == records, "{seen} of {records} records came");
    let after = resident(process)?;
    let mut single = Vec::new();
    for number in 0..500 {
        let identifier = identifiers.get(number % identifiers.len()).context("no identifier")?;
        let target = format!("/oai?verb=GetRecord&metadataPrefix={prefix}&identifier={identifier}");
        let answer = http::send(port, "GET", &target, &[], b"")?;
        ensure!(answer.status == 200 && answer.body.windows(10).any(|w| w == b"<metadata>"), "{target}");
        single.push(answer.took);
    }
    println!(
        "{prefix}: {seen} records in {} pages, {:.1} MB in {whole:.1} s ({:.0} records/s); page p50 {:.1} p99 {:.1} ms; GetRecord p50 {:.2} p99 {:.2} ms; memory {before} -> {after} MB",
        pages.len(),
        bytes as f64 / 1e6,
        seen as f64 / whole,
        percentile(&mut pages, 50),
        percentile(&mut pages, 99),
        percentile(&mut single, 50),
        percentile(&mut single, 99),
    );
    Ok(whole)
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let from = text.find(open)? + open.len();
    Some(&text[from..from + text[from..].find(close)?])
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
}

/// The memory that a process holds, in megabytes.
fn resident(process: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

fn write_records(path: &Path, count: usize) -> anyhow::Result<()> {
    let mut zip = zip::ZipWriter::new(File::create(path)?);
    for number in 0..count {
        zip.start_file(format!("{number}.xml"), zip::write::SimpleFileOptions::default())?;
        let cho = format!("http://museum.example/object/{number}");
        write!(
            zip,
            r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/">
<edm:ProvidedCHO rdf:about="{cho}"><dc:title xml:lang="en">Object number {number}</dc:title><dc:description xml:lang="en">The {number}th thing in a long row of things, drawn with care.</dc:description><dc:identifier>M.{number}</dc:identifier><dc:type xml:lang="en">drawing</dc:type><edm:type>IMAGE</edm:type></edm:ProvidedCHO>
<edm:WebResource rdf:about="{cho}/picture.jpg"><edm:rights rdf:resource="http://creativecommons.org/publicdomain/mark/1.0/"/></edm:WebResource>
<ore:Aggregation rdf:about="{cho}#aggregation"><edm:aggregatedCHO rdf:resource="{cho}"/><edm:dataProvider>Museum {}</edm:dataProvider><edm:provider>Bench</edm:provider><edm:isShownAt rdf:resource="{cho}.html"/><edm:isShownBy rdf:resource="{cho}/picture.jpg"/><edm:rights rdf:resource="http://creativecommons.org/publicdomain/mark/1.0/"/></ore:Aggregation>
</rdf:RDF>"#,
            number % 7
        )?;
    }
    zip.finish()?;
    Ok(())
}
