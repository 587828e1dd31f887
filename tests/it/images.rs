//! From a web resource to pixels: what providers really send, and where it may come from.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::get,
};
use glossator::{
    images::{Ask, Enough, ImagesError, Limits, LinkState, Mirror, Pictures, Settings, Way, checksum, decode, decode_enough},
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
    for name in [
        "cmyk.jpg",
        "progressive.jpg",
        "lossless.webp",
        "deflated.tif",
        "moving.gif",
        "moving.webp",
        "cmyk.tif",
        "lossless.jp2",
        "polyglot.png",
    ] {
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

/// Whether the left half is red and the right half blue.
fn red_and_blue(picture: &glossator::images::Picture) -> bool {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let at = |x: usize, y: usize| &picture.rgb[(y * width + x) * 3..][..3];
    let row = height / 2;
    near(at(width / 8, row), [200, 20, 20]) && near(at(width - 1 - width / 8, row), [20, 20, 200])
}

#[test]
fn a_large_picture_is_decoded_at_the_part_of_its_size_that_is_enough() {
    let limits = Limits::default();
    for (name, parts) in [("large-progressive.jpg", "1/4"), ("large-cmyk.jpg", "1/4"), ("large.jp2", "300 × 200")] {
        let part = decode_enough(&sample(name), &limits, Enough::Shorter(200)).unwrap();
        assert_eq!((part.width, part.height, part.original_width, part.original_height), (300, 200, 1200, 800), "{name}");
        assert!(red_and_blue(&part), "{name}");
        assert!(part.decoder.contains(parts), "{name}: {}", part.decoder);
        let whole = decode(&sample(name), &limits).unwrap();
        assert_eq!((whole.width, whole.height), (1200, 800), "{name}");
        assert!(red_and_blue(&whole) && !whole.decoder.contains("1/"), "{name}: {}", whole.decoder);
    }
    let grey = decode_enough(&sample("large-grey.jpg"), &limits, Enough::Both(100, 100)).unwrap();
    assert_eq!((grey.width, grey.height), (150, 100));
    assert!(grey.rgb.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]));
}

#[test]
fn a_picture_that_lies_on_its_side_is_turned_at_every_size() {
    let limits = Limits::default();
    // 1200 wide as it is stored, 1200 high as it is seen.
    for (enough, size) in [(Enough::Whole, (800, 1200)), (Enough::Both(390, 10), (400, 600)), (Enough::Both(10, 290), (200, 300))] {
        let picture = decode_enough(&sample("large.jpg"), &limits, enough).unwrap();
        assert_eq!((picture.width, picture.height), size, "{enough:?}");
        let last = picture.rgb.len() - 3;
        assert!(near(&picture.rgb[..3], [200, 20, 20]) && near(&picture.rgb[last..], [20, 20, 200]), "{enough:?}");
    }
}

#[test]
fn half_of_the_size_shows_the_same_as_the_whole() {
    let limits = Limits::default();
    let (part, whole) = (
        decode_enough(&sample("large-progressive.jpg"), &limits, Enough::Shorter(400)).unwrap(),
        decode(&sample("large-progressive.jpg"), &limits).unwrap(),
    );
    let at = |picture: &glossator::images::Picture, x: u32, y: u32| picture.rgb[((y * picture.width + x) * 3) as usize];
    for (x, y) in [(10, 10), (100, 300), (290, 399), (310, 0), (599, 200)] {
        assert!(at(&part, x, y).abs_diff(at(&whole, x * 2, y * 2)) <= 6, "{x}, {y}");
    }
}

#[test]
fn colours_come_out_as_they_were_meant() {
    use image::ImageEncoder as _;
    let limits = Limits::default();
    // The same numbers mean a stronger red in a wide space.
    let wide = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let pixels: Vec<u8> = std::iter::repeat_n([200_u8, 100, 50], 640 * 480).flatten().collect();
    let mut jpeg = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95);
    encoder.set_icc_profile(wide.clone()).unwrap();
    encoder.write_image(&pixels, 640, 480, image::ExtendedColorType::Rgb8).unwrap();
    let mut png = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
    encoder.set_icc_profile(wide).unwrap();
    encoder.write_image(&pixels[..30], 5, 2, image::ExtendedColorType::Rgb8).unwrap();
    let found =
        [decode(&jpeg, &limits).unwrap(), decode_enough(&jpeg, &limits, Enough::Shorter(100)).unwrap(), decode(&png, &limits).unwrap()];
    for picture in &found {
        let pixel = &picture.rgb[..3];
        assert!(pixel[0].abs_diff(213) < 6 && pixel[1].abs_diff(94) < 6 && pixel[2].abs_diff(37) < 8, "{pixel:?}");
        assert!(picture.decoder.ends_with("ICC profile to sRGB"), "{}", picture.decoder);
    }
    assert!(found[1].decoder.starts_with("jpeg-decoder 0.3, 1/4"), "{}", found[1].decoder);
    // Cyan ink on this paper is no cyan of a screen.
    let inks = decode(&sample("inks.jpg"), &limits).unwrap();
    let (ink, paper) = (&inks.rgb[..3], &inks.rgb[23 * 3..24 * 3]);
    assert!(ink[0] < 60 && (120..190).contains(&ink[1]) && ink[2] > 190, "{ink:?}, {}", inks.decoder);
    assert!(paper.iter().all(|p| *p > 245), "{paper:?}");
    let grey = decode(&sample("grey.jp2"), &limits).unwrap();
    assert_eq!(grey.rgb[..3], [77, 77, 77]);
    let deep = decode(&sample("deep.tif"), &limits).unwrap();
    assert_eq!(deep.rgb[..3], [77, 77, 77]);
}

#[test]
fn hostile_pictures_are_errors_of_their_own() {
    let limits = Limits::default();
    let page = decode(&sample("page.jpg"), &limits);
    assert!(matches!(page, Err(ImagesError::NotAPicture("an HTML page"))), "{page:?}");
    for name in ["lossless.jp2", "large.jp2", "large.jpg", "inks.jpg"] {
        let whole = sample(name);
        for part in [12, 40, whole.len() / 3, whole.len() / 2] {
            for enough in [Enough::Whole, Enough::Shorter(100)] {
                let found = decode_enough(&whole[..part], &limits, enough);
                let is_jpeg2000 = name.ends_with("jp2");
                // JPEG 2000 is made so that its beginning is a coarse picture of the whole.
                assert!(found.is_err() || (is_jpeg2000 && part > 40), "{name} at {part}");
            }
        }
        // Whatever is broken in the middle, nothing panics and nothing is too large.
        for at in (20..whole.len()).step_by(whole.len() / 40 + 1) {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            if let Ok(picture) = decode_enough(&broken, &limits, Enough::Shorter(100)) {
                assert_eq!(picture.rgb.len() as u64, u64::from(picture.width) * u64::from(picture.height) * 3);
            }
        }
    }
    let small = Limits { max_side: 1000, ..limits };
    for name in ["large.jp2", "large.jpg"] {
        let found = decode_enough(&sample(name), &small, Enough::Shorter(100));
        assert!(matches!(found, Err(ImagesError::TooLarge { width: 1200, .. })), "{name}: {found:?}");
    }
}

/// A moving picture of very many frames: the first is enough.
#[test]
fn of_a_hundred_thousand_frames_the_first_is_taken() {
    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\xc8\x14\x14\0\0\0".to_vec();
    for _ in 0..100_000 {
        gif.extend_from_slice(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    }
    gif.push(b';');
    let begun = std::time::Instant::now();
    let picture = decode(&gif, &Limits::default()).unwrap();
    assert_eq!(picture.rgb, [200, 20, 20]);
    assert!(begun.elapsed() < Duration::from_secs(2));
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
    runtime: tokio::runtime::Runtime,
    home: tempfile::TempDir,
    pictures: Pictures,
    address: String,
    asked: Asked,
    stop: tokio::sync::oneshot::Sender<()>,
}

/// The paths that were asked for, in order.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    /// What was asked for since the last time, less the host's rules.
    fn take(&self) -> Vec<String> {
        let mut all = std::mem::take(&mut *self.0.lock().unwrap());
        all.retain(|path| path != "/robots.txt");
        all
    }
}

async fn note(State(asked): State<Asked>, request: Request, next: Next) -> Response {
    asked.0.lock().unwrap().push(request.uri().path().to_owned());
    next.run(request).await
}

/// The same picture for ever, which its host confirms to those who have it.
async fn versions(headers: HeaderMap) -> Response {
    if headers.get(header::IF_NONE_MATCH).is_some_and(|etag| etag == "\"1\"") {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, "\"1\"")], sample("turned.jpg")).into_response()
}

/// Image services of versions 2 and 3, one of level 0, and a manifest.
fn iiif() -> Router {
    let info = |version: u8, level: u8, more: &'static str| {
        move |headers: HeaderMap| async move {
            let host = headers[header::HOST].to_str().unwrap().to_owned();
            let (id, kind) = if version == 3 { ("id", "\"type\":\"ImageService3\",") } else { ("@id", "") };
            let profile = if version == 3 { format!("level{level}") } else { format!("http://iiif.io/api/image/2/level{level}.json") };
            format!(
                r#"{{"@context":"http://iiif.io/api/image/{version}/context.json","{id}":"http://{host}/iiif/{version}-{level}",{kind}"profile":"{profile}","width":1200,"height":800{more}}}"#
            )
        }
    };
    let manifest = |headers: HeaderMap| async move {
        let host = headers[header::HOST].to_str().unwrap().to_owned();
        format!(
            r#"{{"type":"Manifest","items":[{{"items":[{{"items":[{{"body":{{"id":"http://{host}/a.jpg","service":[{{"id":"http://{host}/iiif/3-2","type":"ImageService3"}}]}}}}]}}]}}]}}"#
        )
    };
    let picture = get(|| async { sample("large.jpg") });
    Router::new()
        .route("/iiif/2-2/info.json", get(info(2, 2, "")))
        .route("/iiif/3-2/info.json", get(info(3, 2, "")))
        .route("/iiif/2-0/info.json", get(info(2, 0, r#","sizes":[{"width":300,"height":200},{"width":600,"height":400}]"#)))
        .route("/iiif/busy/info.json", get(|| async { (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "3600")]) }))
        .route("/manifest.json", get(manifest))
        .route("/iiif/2-2/full/{size}/0/default.jpg", picture.clone())
        .route("/iiif/3-2/full/{size}/0/default.jpg", picture.clone())
        .route("/iiif/2-0/full/{size}/0/default.jpg", picture)
}

/// Pictures that may be asked of a server on this machine, and of nowhere else.
fn world(settings: Settings) -> World {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let home = tempfile::tempdir().unwrap();
    let asked = Asked::default();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let address = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages = Router::new()
            .route("/a.jpg", get(|| async { sample("turned.jpg") }))
            .route("/none", get(|| async { StatusCode::NOT_FOUND }))
            .route("/page.jpg", get(|| async { sample("page.jpg") }))
            .route("/versions.jpg", get(versions))
            .merge(iiif())
            .layer(axum::middleware::from_fn_with_state(asked.clone(), note));
        let serving = axum::serve(listener, pages).with_graceful_shutdown(async { drop(stopped.await) });
        tokio::spawn(async move { serving.await.unwrap() });
        format!("http://{address}")
    });
    let client =
        net::Client::new(net::Settings { allow_private: true, retries: 0, delay_per_host_ms: 0, ..net::Settings::default() }).unwrap();
    let pictures = Pictures::new(settings, client, runtime.handle().clone(), &home.path().join("cache")).unwrap();
    World { runtime, home, pictures, address, asked, stop }
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

#[test]
fn of_an_image_service_only_the_size_that_is_needed_is_asked() {
    let world = world(Settings::default());
    let at = |path: &str| format!("{}{path}", world.address);
    let enough = Enough::Shorter(250);
    // The service stands in the address, in the record, or in a manifest.
    let asks = [
        (Ask { enough, ..Ask::whole(&at("/iiif/2-2/full/full/0/default.jpg")) }, "/iiif/2-2/full/375,/0/default.jpg"),
        (Ask { enough, service: Some(at("/iiif/3-2")), ..Ask::whole(&at("/a.jpg")) }, "/iiif/3-2/full/375,250/0/default.jpg"),
        (Ask { enough, manifest: Some(at("/manifest.json")), ..Ask::whole(&at("/a.jpg")) }, "/iiif/3-2/full/375,250/0/default.jpg"),
        (Ask { enough, service: Some(at("/iiif/2-0/")), ..Ask::whole(&at("/a.jpg")) }, "/iiif/2-0/full/600,/0/default.jpg"),
    ];
    for (ask, expected) in &asks {
        let found = world.pictures.fetch_enough(ask).unwrap();
        assert_eq!((found.way, found.through), (Way::Sized, Some(at(expected))), "{ask:?}");
    }
    let asked = world.asked.take();
    assert!(asked.iter().all(|path| !path.contains("full/full")), "{asked:?}");
    assert!(!asked.contains(&"/a.jpg".to_owned()), "the whole picture is never fetched: {asked:?}");
    // A second time nobody is asked at all.
    for (ask, _) in &asks {
        world.pictures.fetch_enough(ask).unwrap();
    }
    assert_eq!(world.asked.take(), [""; 0]);
    assert_eq!(world.pictures.cached(&at("/iiif/2-2/full/full/0/default.jpg")).unwrap().checksum, checksum(&sample("large.jpg")));
}

#[test]
fn what_a_service_cannot_give_is_taken_as_it_is() {
    let world = world(Settings::default());
    let at = |path: &str| format!("{}{path}", world.address);
    let ask = Ask { enough: Enough::Shorter(250), service: Some(at("/none")), ..Ask::whole(&at("/a.jpg")) };
    let found = world.pictures.fetch_enough(&ask).unwrap();
    assert_eq!((found.way, found.through), (Way::Whole, None));
    assert_eq!(world.asked.take(), ["/none/info.json", "/a.jpg"]);
    // A host that is busy is not asked for the whole instead.
    let busy = Ask { service: Some(at("/iiif/busy")), ..ask.clone() };
    assert!(matches!(world.pictures.fetch_enough(&busy), Err(ImagesError::Fetch(_))));
    assert_eq!(world.asked.take(), ["/iiif/busy/info.json"]);
    // A thumbnail will do where the record says that it is large enough, and not otherwise.
    let thumbnail = |width, height| Ask {
        enough: Enough::Shorter(250),
        thumbnail: Some((at("/a.jpg"), width, height)),
        ..Ask::whole(&at("/versions.jpg"))
    };
    assert_eq!(world.pictures.fetch_enough(&thumbnail(400, 300)).unwrap().way, Way::Thumbnail);
    assert_eq!(world.pictures.fetch_enough(&thumbnail(400, 200)).unwrap().way, Way::Whole);
}

#[test]
fn a_picture_that_was_fetched_long_ago_is_confirmed_and_not_sent_again() {
    let world = world(Settings { fresh_days: 0, ..Settings::default() });
    let iri = format!("{}/versions.jpg", world.address);
    let first = world.pictures.fetch(&iri).unwrap();
    assert_eq!(world.pictures.fetch(&iri).unwrap(), first);
    assert_eq!(world.asked.take(), ["/versions.jpg", "/versions.jpg"], "its host was asked whether it changed");
    world.stop.send(()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(world.pictures.fetch(&iri).unwrap(), first, "and where the host is gone, it is taken as it was");
}

#[test]
fn what_becomes_of_addresses_is_written_down() {
    let world = world(Settings { fresh_days: 0, ..Settings::default() });
    let at = |path: &str| format!("{}{path}", world.address);
    let state = |path: &str| world.pictures.links().of(&at(path)).unwrap().unwrap_or_default().state();
    assert_eq!(state("/a.jpg"), LinkState::Unasked);
    world.pictures.fetch(&at("/a.jpg")).unwrap();
    assert!(world.pictures.fetch(&at("/none")).is_err());
    let page = world.pictures.fetch(&at("/page.jpg"));
    assert!(matches!(page, Err(ImagesError::NotAPicture("an HTML page"))), "{page:?}");
    assert_eq!((state("/a.jpg"), state("/none"), state("/page.jpg")), (LinkState::Alive, LinkState::Dead, LinkState::Dead));
    assert!(world.pictures.probe(&at("/versions.jpg")).is_ok() && world.pictures.probe(&at("/none")).is_err());
    assert_eq!(state("/versions.jpg"), LinkState::Alive);
    let gone = world.pictures.links().of(&at("/none")).unwrap().unwrap();
    assert!(gone.last_error.unwrap().contains("404") && gone.first_failure.is_some() && gone.last_seen.is_none());
    world.stop.send(()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert!(world.pictures.probe(&at("/a.jpg")).is_err());
    assert_eq!(state("/a.jpg"), LinkState::Failing, "a host that does not answer may answer tomorrow");
    assert!(world.pictures.links().of(&at("/a.jpg")).unwrap().unwrap().last_seen.is_some());
}

#[test]
fn no_spelling_of_a_private_address_is_asked_for_a_picture() {
    let world = world(Settings::default());
    let client = net::Client::new(net::Settings { retries: 0, ..net::Settings::default() }).unwrap();
    let pictures = Pictures::new(Settings::default(), client, world.runtime.handle().clone(), &world.home.path().join("other")).unwrap();
    let port = world.address.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "localhost", "localhost.", "169.254.169.254"] {
        let iri = format!("http://{host}:{port}/a.jpg");
        for ask in [Ask::whole(&iri), Ask { enough: Enough::Shorter(9), service: Some(iri.clone()), ..Ask::whole(&iri) }] {
            let found = pictures.fetch_enough(&ask);
            assert!(matches!(found, Err(ImagesError::Fetch(_))), "{host}: {found:?}");
        }
    }
    assert_eq!(world.asked.take(), [""; 0]);
}

#[test]
fn a_cache_of_a_limited_size_forgets_pictures_and_not_their_addresses() {
    let world = world(Settings { cache_mib: 0, ..Settings::default() });
    let iri = format!("{}/a.jpg", world.address);
    world.pictures.fetch(&iri).unwrap();
    assert!(world.pictures.cached(&iri).is_none() && !world.pictures.holds(&iri));
    assert_eq!(world.pictures.links().of(&iri).unwrap().unwrap().state(), LinkState::Alive);
}
