//! Archives at an address: fetched once, gone on with, read whole; what they no longer hold is deleted.

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use glossator::jobs::{FromArchive, Harvest, HarvestFrom, Job};

use super::{
    Place, figure, figures, harvest,
    provider::{cho, edm},
};

#[derive(Default)]
struct Inside {
    bytes: Vec<u8>,
    etag: Option<String>,
    /// The connection breaks after so many bytes, so many times.
    breaks: Option<(usize, usize)>,
    asked: Vec<HeaderMap>,
}

struct Host {
    address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
    _waiting: tokio::runtime::Runtime,
}

impl Host {
    fn new() -> Self {
        let inside = Arc::new(Mutex::new(Inside::default()));
        let waiting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let pages = Router::new().route("/files/delivery.zip", get(answer)).with_state(Arc::clone(&inside));
        let listener = waiting.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        waiting.spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Self { address, inside, _waiting: waiting }
    }

    fn serve(&self, bytes: Vec<u8>, etag: Option<&str>) {
        let mut inside = self.inside.lock().unwrap();
        inside.bytes = bytes;
        inside.etag = etag.map(str::to_owned);
        inside.asked.clear();
    }

    fn job(&self) -> Harvest {
        harvest(HarvestFrom::Archive(FromArchive { url: format!("http://{}/files/delivery.zip", self.address), sha256: None }))
    }

    fn asked(&self) -> Vec<HeaderMap> {
        self.inside.lock().unwrap().asked.clone()
    }
}

async fn answer(State(inside): State<Arc<Mutex<Inside>>>, headers: HeaderMap) -> Response {
    let mut inside = inside.lock().unwrap();
    inside.asked.push(headers.clone());
    let of = |name| headers.get(name).and_then(|v: &axum::http::HeaderValue| v.to_str().ok()).map(str::to_owned);
    if inside.etag.is_some() && of(header::IF_NONE_MATCH) == inside.etag {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let whole = inside.bytes.len();
    let from = of(header::RANGE)
        .filter(|_| of(header::IF_RANGE) == inside.etag)
        .and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let mut response = Response::builder().status(if from.is_some() { 206 } else { 200 });
    if let Some(etag) = &inside.etag {
        response = response.header(header::ETAG, etag);
    }
    if let Some(from) = from {
        response = response.header(header::CONTENT_RANGE, format!("bytes {from}-{}/{whole}", whole - 1));
    }
    let rest = inside.bytes[from.unwrap_or(0)..].to_vec();
    response = response.header(header::CONTENT_LENGTH, rest.len());
    if let Some((after, times)) = inside.breaks.filter(|(after, times)| *times > 0 && rest.len() > *after) {
        inside.breaks = Some((after, times - 1));
        let first = rest[..after].to_vec();
        // What was sent should be on its way before the line is cut.
        let cut = async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            Err(std::io::Error::other("the line is cut"))
        };
        let broken = futures_util::StreamExt::chain(futures_util::stream::iter([Ok(first)]), futures_util::stream::once(cut));
        return response.body(Body::from_stream(broken)).unwrap();
    }
    response.body(Body::from(rest)).unwrap()
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn records(numbers: impl Iterator<Item = usize>) -> Vec<u8> {
    let members: Vec<_> = numbers.map(|n| (format!("{n}.xml"), edm(n, &format!("jug {n}")))).collect();
    zip(&members.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect::<Vec<_>>())
}

#[test]
fn an_archive_is_read_once_and_its_new_version_deletes_what_is_gone() {
    let (host, place) = (Host::new(), Place::new());
    host.serve(records(0..6), Some("\"1\""));
    let job = Job::Harvest(host.job());
    let report = place.run(&job);
    assert_eq!((figures(&report), report.exit_code()), ([6, 0, 0, 0, 0], 0), "{:?}", report.lines);
    assert!(
        !place.house.store.folder().join("harvest").read_dir().unwrap().any(|f| f
            .unwrap()
            .path()
            .extension()
            .is_some_and(|e| e == "archive"))
    );
    let report = place.run(&job);
    assert_eq!((figure(&report, "harvested"), figures(&report)), (0, [0; 5]));
    assert_eq!(host.asked().last().unwrap()[header::IF_NONE_MATCH], "\"1\"");

    // A member is gone, one is broken, one is new, one holds another object.
    let title = edm(1, "a jug with a new title");
    let broken = edm(2, "jug 2").replace("</dc:title>", "");
    let other = edm(77, "another object");
    let bytes = zip(&[("0.xml", &edm(0, "jug 0")), ("1.xml", &title), ("2.xml", &broken), ("4.xml", &other), ("5.xml", &edm(5, "jug 5"))]);
    host.serve(bytes, Some("\"2\""));
    let report = place.run(&job);
    assert_eq!((figures(&report), report.exit_code()), ([1, 1, 2, 2, 1], 3), "{:?}", report.lines);
    assert!(place.is_gone(&cho(3)) && place.is_gone(&cho(4)), "3 is gone, and 4 has another object in its place");
    assert!(place.chos().contains(&cho(2)), "what cannot be read now is not gone");
}

#[test]
fn a_download_goes_on_where_it_broke_off() {
    let (host, place) = (Host::new(), Place::new());
    let bytes = records(0..40);
    host.serve(bytes.clone(), Some("\"1\""));
    host.inside.lock().unwrap().breaks = Some((bytes.len() / 3, 2));
    let report = place.run(&Job::Harvest(host.job()));
    assert_eq!(figures(&report)[0], 40, "{:?}", report.lines);
    let ranges: Vec<_> = host.asked().iter().map(|h| h.get(header::RANGE).is_some()).collect();
    assert_eq!(ranges, [false, true, true]);

    // A host that tells no versions apart: begun anew, and known by its content.
    let place = Place::new();
    host.serve(bytes.clone(), None);
    host.inside.lock().unwrap().breaks = Some((bytes.len() / 3, 1));
    assert_eq!(figures(&place.run(&Job::Harvest(host.job())))[0], 40);
    assert!(host.asked().iter().all(|h| h.get(header::RANGE).is_none()));
    let report = place.run(&Job::Harvest(host.job()));
    assert_eq!((figure(&report, "harvested"), report.exit_code()), (0, 0), "the same bytes are not read again");
}

#[test]
fn an_archive_that_is_not_what_it_should_be_changes_nothing() {
    let (host, place) = (Host::new(), Place::new());
    host.serve(records(0..5), Some("\"1\""));
    place.run(&Job::Harvest(host.job()));
    let before = place.graphs();
    let from =
        HarvestFrom::Archive(FromArchive { url: format!("http://{}/files/delivery.zip", host.address), sha256: Some("00".repeat(32)) });
    host.serve(records(0..1), Some("\"2\""));
    let report = place.run(&Job::Harvest(harvest(from)));
    assert!(report.figures["failed"].as_str().unwrap().contains("checksum"), "{:?}", report.figures);
    // Half an archive: the zip's own table is missing.
    let bytes = records(0..5);
    host.serve(bytes[..bytes.len() / 2].to_vec(), Some("\"3\""));
    let report = place.run(&Job::Harvest(host.job()));
    assert_eq!((figures(&report)[3], report.exit_code()), (0, 1), "{:?}", report.lines);
    assert_eq!(place.graphs(), before);
    // An empty one: most of what we hold would go.
    host.serve(zip(&[("readme.txt", "nothing yet")]), Some("\"4\""));
    let report = place.run(&Job::Harvest(host.job()));
    assert_eq!((figures(&report)[3], figure(&report, "not_deleted")), (0, 5));
}
