//! From a web resource to pixels: what providers really send, and where it may come from.

use std::{path::Path, time::Duration};

use axum::{Router, http::StatusCode, routing::get};
use glossator::{
    images::{ImagesError, Limits, Mirror, Pictures, Settings, checksum, decode},
    net,
};

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new("tests/data/images").join(name)).unwrap()
}

fn near(found: &[u8], expected: [u8; 3]) -> bool {
    found.iter().zip(expected).all(|(f, e)| f.abs_diff(e) < 30)
}

#[test]
fn every_kind_of_picture_shows_red_on_its_left() {
    for name in ["cmyk.jpg", "progressive.jpg", "lossless.webp", "deflated.tif", "moving.gif", "moving.webp"] {
        let picture = decode(&sample(name), &Limits::default()).unwrap();
        assert_eq!((picture.width, picture.height), (24, 16), "{name}");
        assert!(near(&picture.rgb[..3], [200, 20, 20]), "{name}: {:?}", &picture.rgb[..3]);
        assert!(near(&picture.rgb[23 * 3..24 * 3], [20, 20, 200]), "{name}: {:?}", &picture.rgb[23 * 3..24 * 3]);
    }
}

#[test]
fn a_picture_is_turned_upright() {
    let picture = decode(&sample("turned.jpg"), &Limits::default()).unwrap();
    assert_eq!((picture.width, picture.height, picture.original_width, picture.original_height), (16, 24, 24, 16));
    let last = picture.rgb.len() - 3;
    assert!(near(&picture.rgb[..3], [200, 20, 20]) && near(&picture.rgb[last..], [20, 20, 200]));
}

#[test]
fn what_is_cut_off_is_an_error_and_never_a_grey_picture() {
    for name in ["progressive.jpg", "deflated.tif", "lossless.webp", "moving.gif"] {
        let whole = sample(name);
        // Of the moving picture only the first frame need be whole.
        for part in [whole.len() / 3, whole.len() / 2] {
            let found = decode(&whole[..part], &Limits::default());
            assert!(matches!(found, Err(ImagesError::Truncated { .. } | ImagesError::Broken { .. })), "{name} at {part}: {found:?}");
        }
    }
}

/// A PNG's header alone, with the sides that it claims.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(&[kind, data].concat());
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]), chunk(b"IEND", &[])].concat()
}

#[test]
fn a_bomb_is_refused_from_its_header() {
    let bomb = decode(&claims(30_000, 30_000), &Limits::default());
    assert!(matches!(bomb, Err(ImagesError::TooLarge { width: 30_000, .. })), "{bomb:?}");
    let wide = decode(&claims(19_000, 19_000), &Limits::default());
    assert!(matches!(wide, Err(ImagesError::TooLarge { .. })), "{wide:?}");
    let nothing = decode(&claims(0, 5), &Limits::default());
    assert!(matches!(nothing, Err(ImagesError::NoPixels { .. } | ImagesError::Broken { .. })), "{nothing:?}");
    let empty_gif = decode(b"GIF89a\0\0\0\0\0\0\0;", &Limits::default());
    assert!(empty_gif.is_err(), "{empty_gif:?}");
}

struct World {
    _runtime: tokio::runtime::Runtime,
    home: tempfile::TempDir,
    pictures: Pictures,
    address: String,
    stop: tokio::sync::oneshot::Sender<()>,
}

/// Pictures that may be asked of a server on this machine, and of nowhere else.
fn world(settings: Settings) -> World {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let home = tempfile::tempdir().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let address = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages =
            Router::new().route("/a.jpg", get(|| async { sample("turned.jpg") })).route("/none", get(|| async { StatusCode::NOT_FOUND }));
        let serving = axum::serve(listener, pages).with_graceful_shutdown(async { drop(stopped.await) });
        tokio::spawn(async move { serving.await.unwrap() });
        format!("http://{address}")
    });
    let client = net::Client::new(net::Settings { allow_private: true, retries: 0, ..net::Settings::default() }).unwrap();
    let pictures = Pictures::new(settings, client, runtime.handle().clone(), &home.path().join("cache")).unwrap();
    World { _runtime: runtime, home, pictures, address, stop }
}

#[test]
fn what_was_fetched_once_is_there_when_the_host_is_gone() {
    let world = world(Settings::default());
    let iri = format!("{}/a.jpg", world.address);
    assert!(world.pictures.cached(&iri).is_none());
    let first = world.pictures.fetch(&iri).unwrap();
    assert_eq!((first.media_type.as_str(), &first.checksum), ("image/jpeg", &checksum(&sample("turned.jpg"))));
    let kept = world.home.path().join("cache").join(&first.checksum[..2]).join(&first.checksum);
    assert!(kept.is_file());
    assert!(matches!(world.pictures.fetch(&format!("{}/none", world.address)), Err(ImagesError::Fetch(_))));
    world.stop.send(()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(world.pictures.fetch(&iri).unwrap(), first);
    assert_eq!(world.pictures.picture(&iri).unwrap().width, 16);
    world.pictures.forget(&iri);
    assert!(world.pictures.cached(&iri).is_none());
}

#[test]
fn a_mirror_stands_for_the_network_and_a_file_must_be_in_an_open_folder() {
    let mirror = Mirror { prefix: "https://museum.example/pictures/".to_owned(), folder: "tests/data/images".into() };
    let world = world(Settings { mirrors: vec![mirror], ..Settings::default() });
    let picture = world.pictures.picture("https://museum.example/pictures/cmyk.jpg").unwrap();
    assert_eq!(picture.width, 24);
    let missing = world.pictures.fetch("https://museum.example/pictures/none.jpg");
    assert!(matches!(missing, Err(ImagesError::File { .. })), "{missing:?}");
    let secret = world.pictures.fetch("file:///etc/passwd");
    assert!(matches!(secret, Err(ImagesError::FileRefused { .. })), "{secret:?}");
}

#[test]
fn files_are_limited_in_size() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large"), vec![0; 1024 * 1024 + 1]).unwrap();
    let world = world(Settings { folders: vec![folder.path().to_owned()], max_file_mib: 1, cache_mib: 0, ..Settings::default() });
    let found = world.pictures.fetch(&format!("file://{}/large", folder.path().display()));
    assert!(matches!(found, Err(ImagesError::FileTooLarge { limit: 1, .. })), "{found:?}");
}
