//! How bundles come: from archives, of which hostile ones are refused, from an address, and from a hub.

use std::{
    fs,
    io::{Cursor, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Path as Asked, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use futures_util::StreamExt as _;
use glossator::{
    jobs::{Job, ModelJob, Report},
    model::{UnpackLimits, unpack},
};

use super::place::{Place, kind};

/// The files of a folder, by their names below it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let all = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
    all.map(|e| (e.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), fs::read(e.path()).unwrap())).collect()
}

fn tar_gz(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // By hand: the library itself would refuse to write a name that leads out.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn zip(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn within(folder: &str, members: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    members.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)).collect()
}

#[test]
fn bundles_come_in_archives() {
    let place = Place::new();
    for (name, bytes) in [
        ("two.zip", zip(&files(&kind("two")))),
        ("facets.tar.gz", tar_gz(&within("facets-1", files(&kind("facets"))))),
        ("nodes.zip", zip(&within("nodes", files(&kind("nodes"))))),
    ] {
        let path = place.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        assert_eq!(place.add(&path).figures["passed"], true, "{name}");
    }
    let left = fs::read_dir(place.folder.path().join("store/models"))
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().starts_with('.'));
    assert_eq!(left.count(), 0, "nothing is left of what was unpacked");
}

#[test]
fn hostile_archives_are_refused_whole() {
    let home = tempfile::tempdir().unwrap();
    let good = || files(&kind("two"));
    let with = |name: &str| [good(), vec![(name.to_owned(), b"x".to_vec())]].concat();
    let bomb = [good(), vec![("zeros".to_owned(), vec![0; 40 << 20])]].concat();
    let limits = UnpackLimits { bytes: 1 << 25, ..UnpackLimits::default() };
    let many: Vec<_> = (0..40).map(|i| (format!("labels/{i}"), Vec::new())).collect();
    let mut link = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    link.append_link(&mut header, "model.onnx", "/etc/passwd").unwrap();
    let link = link.into_inner().unwrap().finish().unwrap();
    let cases: Vec<(&str, Vec<u8>, UnpackLimits, &str)> = vec![
        ("up.tar.gz", tar_gz(&with("../../evil")), limits, "leads out"),
        ("absolute.tar.gz", tar_gz(&with("/tmp/evil")), limits, "leads out"),
        ("up.zip", zip(&with("labels/../../evil")), limits, "leads out"),
        ("drive.zip", zip(&with("C:evil")), limits, "leads out"),
        ("twice.tar.gz", tar_gz(&with("bundle.toml")), limits, "twice"),
        ("bomb.tar.gz", tar_gz(&bomb), limits, "unpacks to more"),
        ("bomb.zip", zip(&bomb), limits, "unpacks to more"),
        ("many.zip", zip(&many), UnpackLimits { entries: 20, ..limits }, "more than 20 members"),
        ("link.tar.gz", link, limits, "link"),
        ("empty.zip", zip(&[("readme".to_owned(), Vec::new())]), limits, "bundle.toml"),
        ("cut.tar.gz", tar_gz(&good())[..900].to_vec(), limits, "incomplete deflate"),
        ("page.tar.gz", b"<html>not found</html>".to_vec(), limits, "archive"),
    ];
    for (name, bytes, limits, word) in cases {
        let path = home.path().join(name);
        fs::write(&path, bytes).unwrap();
        let into = home.path().join(format!("{name}.d"));
        fs::create_dir(&into).unwrap();
        let error = unpack(&path, &into, limits).unwrap_err().to_string();
        assert!(error.contains(word) && error.contains(name), "{name}: {error}");
    }
    assert!(!home.path().parent().unwrap().join("evil").exists() && !home.path().join("evil").exists() && !Path::new("/tmp/evil").exists());
}

/// A server of files. It breaks off in the middle the first time that each is asked for.
#[derive(Clone)]
struct Files {
    all: Arc<Vec<(String, Vec<u8>)>>,
    asked: Arc<AtomicUsize>,
    continued: Arc<AtomicUsize>,
    breaks: usize,
}

async fn file(State(files): State<Files>, Asked(path): Asked<String>, headers: HeaderMap) -> Response {
    let Some((_, bytes)) = files.all.iter().find(|(name, _)| *name == path) else { return StatusCode::NOT_FOUND.into_response() };
    let number = files.asked.fetch_add(1, Ordering::SeqCst);
    let from = headers.get(header::RANGE).and_then(|r| r.to_str().ok()?.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let etag = (header::ETAG, "\"one\"".to_owned());
    let from = from.filter(|_| headers.get(header::IF_RANGE).is_some_and(|i| i == "\"one\""));
    if from.is_some() {
        files.continued.fetch_add(1, Ordering::SeqCst);
    }
    let part = bytes[from.unwrap_or(0)..].to_vec();
    let length = part.len();
    let ends = number < files.breaks;
    let pieces = part.chunks(1000).take(if ends { length / 2000 } else { usize::MAX }).map(|p| Ok(bytes::Bytes::copy_from_slice(p)));
    let pieces = futures_util::stream::iter(pieces.collect::<Vec<_>>());
    // What was sent has to arrive before the connection breaks.
    let end = futures_util::stream::once(async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        Err(std::io::Error::other("broken off"))
    });
    let body = if ends { Body::from_stream(pieces.chain(end)) } else { Body::from_stream(pieces) };
    let mut response = match from {
        Some(from) => {
            let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, range), etag], body).into_response()
        }
        None => ([etag], body).into_response(),
    };
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

fn serve(place: &Place, all: Vec<(String, Vec<u8>)>, breaks: usize) -> (SocketAddr, Files) {
    let files = Files { all: Arc::new(all), asked: Arc::default(), continued: Arc::default(), breaks };
    let pages = Router::new().route("/{*path}", get(file)).with_state(files.clone());
    let address = place.house.waiting.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
        address
    });
    (address, files)
}

fn fetch(place: &Place, from: &str, sha256: Option<String>, manifest: Option<PathBuf>) -> anyhow::Result<Report> {
    place.try_run(&Job::Model(ModelJob::Fetch { from: from.to_owned(), sha256, manifest }))
}

#[test]
fn an_archive_comes_from_an_address_and_goes_on_where_it_broke_off() {
    let place = Place::new();
    let archive = zip(&files(&kind("clip")));
    let sum = glossator::images::checksum(&archive);
    let (address, served) = serve(&place, vec![("bundle.zip".to_owned(), archive)], 2);
    let url = format!("http://{address}/bundle.zip");
    let error = format!("{:#}", fetch(&place, &url, Some("0".repeat(64)), None).unwrap_err());
    assert!(error.contains("checksum") && error.contains(&sum), "{error}");
    assert!(served.continued.load(Ordering::SeqCst) >= 1, "it went on where it broke off");
    assert!(place.run(&Job::Model(ModelJob::List)).figures["models"].as_array().unwrap().is_empty(), "nothing of it was kept");
    let report = fetch(&place, &url, Some(sum), None).unwrap();
    assert_eq!((report.figures["passed"].clone(), report.figures["model"].clone()), (true.into(), "clip".into()));
    let missing = format!("{:#}", fetch(&place, &format!("http://{address}/none.zip"), None, None).unwrap_err());
    assert!(missing.contains("404"), "{missing}");
}

#[test]
fn what_was_stopped_goes_on_with_the_next_command() {
    let mut place = Place::new();
    place.house.settings.net.retries = 0;
    let archive = zip(&files(&kind("facets")));
    let (address, served) = serve(&place, vec![("bundle.zip".to_owned(), archive)], 1);
    let url = format!("http://{address}/bundle.zip");
    let first = fetch(&place, &url, None, None);
    // What brought something is no failed attempt, so it may have gone on by itself already.
    if first.is_err() {
        assert_eq!(fetch(&place, &url, None, None).unwrap().figures["passed"], true);
    }
    assert_eq!(served.continued.load(Ordering::SeqCst), 1);
}

#[test]
fn a_bundle_comes_from_a_hub() {
    let mut place = Place::new();
    let at = |revision: &str, members: Vec<(String, Vec<u8>)>| within(&format!("museum/clip/resolve/{revision}"), members);
    let bare: Vec<_> = files(&kind("clip")).into_iter().filter(|(n, _)| !n.starts_with("golden") && n != "bundle.toml").collect();
    let (address, _) = serve(&place, [at("v1", files(&kind("clip"))), at("bare", bare)].concat(), 0);
    let unset = format!("{:#}", fetch(&place, "museum/clip@v1", None, None).unwrap_err());
    assert!(unset.contains("model.hub"), "{unset}");
    place.house.settings.model.hub = Some(format!("http://{address}"));
    let report = fetch(&place, "museum/clip@v1", None, None).unwrap();
    assert_eq!(report.figures["passed"], true);
    place.run(&Job::Model(ModelJob::Remove { id: "clip".to_owned() }));
    // The hub has the networks alone: the manifest and the golden sample are one's own.
    let error = format!("{:#}", fetch(&place, "museum/clip@bare", None, None).unwrap_err());
    assert!(error.contains("--manifest"), "{error}");
    let own = place.folder.path().join("own");
    fs::create_dir(&own).unwrap();
    for name in ["bundle.toml", "golden.json", "golden.png"] {
        fs::copy(kind("clip").join(name), own.join(name)).unwrap();
    }
    let report = fetch(&place, "museum/clip@bare", None, Some(own.join("bundle.toml"))).unwrap();
    assert_eq!(report.figures["passed"], true);
    let error = format!("{:#}", fetch(&place, "museum/../clip", None, None).unwrap_err());
    assert!(error.contains("owner/name"), "{error}");
}
