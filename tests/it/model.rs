//! Bundles and sessions: what is refused, and that every runtime and every shape of export says the same.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use glossator::{
    images::{Limits, Picture, decode},
    model::{Bundle, Device, Dummy, Golden, ModelError, Places, RuntimeChoice, RuntimeKind, Scorer as _, Session, Settings},
};

/// What is replaced in a manifest, and by what.
type Changes<'a> = &'a [(&'a str, &'a str)];

const DATA: &str = "tests/data/model";

fn tiny() -> Bundle {
    Bundle::open(&Path::new(DATA).join("tiny")).unwrap()
}

fn tract() -> RuntimeChoice {
    RuntimeChoice::find(&Settings { runtime: RuntimeKind::Tract, ..Settings::default() }, &Places::default()).unwrap()
}

/// ONNX Runtime, where this machine has it; the tests say so where it has not.
fn onnxruntime() -> Option<RuntimeChoice> {
    let wanted = Settings { runtime: RuntimeKind::OnnxRuntime, ..Settings::default() };
    match RuntimeChoice::find(&wanted, &Places::of_this_process()) {
        Ok(found) => Some(found),
        Err(reason) => {
            say(&format!("skipped what needs ONNX Runtime: {reason}"));
            None
        }
    }
}

/// Tells whoever watches the tests.
fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// A copy of the tiny bundle with changes in its manifest, and perhaps another network.
fn altered(changes: Changes<'_>, network: Option<&str>) -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("bundle");
    fs::create_dir_all(folder.join("labels")).unwrap();
    for name in ["bundle.toml", "model.onnx", "golden.png", "golden.json", "labels/subjects.tsv"] {
        fs::copy(Path::new(DATA).join("tiny").join(name), folder.join(name)).unwrap();
    }
    let mut manifest = fs::read_to_string(folder.join("bundle.toml")).unwrap();
    if let Some(network) = network {
        let old = glossator::images::checksum(&fs::read(folder.join("model.onnx")).unwrap());
        let bytes = fs::read(Path::new(DATA).join(network)).unwrap();
        manifest = manifest.replace(&old, &glossator::images::checksum(&bytes));
        fs::write(folder.join("model.onnx"), bytes).unwrap();
    }
    for (from, to) in changes {
        assert!(manifest.contains(from), "{from}");
        manifest = manifest.replace(from, to);
    }
    fs::write(folder.join("bundle.toml"), manifest).unwrap();
    (home, folder)
}

fn refused(changes: Changes<'_>) -> String {
    let (_home, folder) = altered(changes, None);
    Bundle::open(&folder).unwrap_err().to_string()
}

#[test]
fn a_bundle_says_what_it_is() {
    let bundle = tiny();
    assert_eq!((bundle.id(), bundle.version(), bundle.status().as_str()), ("tiny", "1", "demo"));
    assert_eq!((bundle.heads()[0].labels.len(), bundle.checksum().len(), bundle.digest().len()), (4, 64, 64));
    let (_home, folder) = altered(&[("threshold = 0.5", "threshold = 0.6")], None);
    assert_ne!(Bundle::open(&folder).unwrap().digest(), bundle.digest());
}

#[test]
fn a_manifest_that_makes_no_sense_is_refused_by_name() {
    for (from, to, word) in [
        ("status = \"demo\"", "status = \"demo\"\nlicense = \"MIT\"", "license"),
        ("licence = \"CC0-1.0\"", "licence = \" \"", "licence"),
        ("schema = 1", "schema = 2", "schema"),
        ("output = \"logits\"", "output = \"\"", "output"),
        ("task = \"tagging\"", "task = \"detection\"", "detection"),
        ("antialias = true", "antialiased = true", "antialias"),
        ("crop = { mode = \"center\", size = [8, 8] }", "", "crop"),
        ("std = [0.229, 0.224, 0.225]", "std = [0.229, 0, 0.225]", "zero"),
        ("threshold = 0.5", "threshold = 5", "threshold"),
        ("\"softmax\"", "\"sigmoid\"", "sum-descendants"),
        (
            "threshold = 0.5, max_tags = 3 }",
            "threshold = 0.5, max_tags = 3 }\ncalibration = { kind = \"temperature\", t = 1, fitted_on = \"x\", n = 1, m = 2 }",
            "m",
        ),
        (
            "threshold = 0.5, max_tags = 3 }",
            "threshold = 0.5, max_tags = 3 }\ncalibration = { kind = \"temperature\", t = 0, fitted_on = \"x\", n = 1 }",
            "temperature",
        ),
        ("file = \"model.onnx\"", "file = \"../model.onnx\"", "leads out"),
        ("labels = \"labels/subjects.tsv\"", "labels = \"/etc/passwd\"", "leads out"),
        ("labels = \"labels/subjects.tsv\"", "labels = \"labels/none.tsv\"", "none.tsv"),
        ("sha256 = \"", "sha256 = \"00", "checksum"),
    ] {
        let error = refused(&[(from, to)]);
        assert!(error.contains(word), "{to}: {error}");
    }
}

fn golden_picture() -> Picture {
    decode(&fs::read(Path::new(DATA).join("tiny/golden.png")).unwrap(), &Limits::default()).unwrap()
}

fn picture(seed: u32) -> Picture {
    let rgb = (0..20 * 16 * 3).map(|i: u32| (i.wrapping_mul(seed).wrapping_add(i >> 3) % 251) as u8).collect();
    Picture::from_rgb(20, 16, rgb).unwrap()
}

#[test]
fn the_golden_sample_of_python_agrees() {
    let bundle = tiny();
    for runtime in [Some(tract()), onnxruntime()].into_iter().flatten() {
        let mut session = Session::open(&bundle, &runtime, Device::Cpu).unwrap();
        let report = bundle.check(&mut session).unwrap();
        assert!(report.golden == Golden::Agrees && report.differences.len() == 4, "{report}");
        assert_eq!(report.provided.provider, "cpu");
    }
}

#[test]
fn a_wrong_preprocessing_is_seen_and_shown_by_concept() {
    let (_home, folder) = altered(&[("\"RGB\"", "\"BGR\"")], None);
    let bundle = Bundle::open(&folder).unwrap();
    let report = bundle.check(&mut Session::open(&bundle, &tract(), Device::Cpu).unwrap()).unwrap();
    assert!(!report.passed());
    assert!(report.to_string().contains("subjects 0 altar"), "{report}");
    let (_home, folder) = altered(&[("[golden]\npicture = \"golden.png\"\nscores = \"golden.json\"\ntolerance = 1e-3", "")], None);
    let bundle = Bundle::open(&folder).unwrap();
    let report = bundle.check(&mut Session::open(&bundle, &tract(), Device::Cpu).unwrap()).unwrap();
    assert!(report.passed() && report.golden == Golden::Missing && report.to_string().contains("warning"));
}

#[test]
fn every_shape_of_export_says_the_same() {
    let pictures = [golden_picture(), picture(3), picture(5), picture(7)];
    let pictures: Vec<&Picture> = pictures.iter().collect();
    let expected = Session::open(&tiny(), &tract(), Device::Cpu).unwrap().score(&pictures).unwrap();
    assert_eq!(expected.len(), 4);
    let bytes = [("layout = \"NCHW\"", "layout = \"NHWC\""), ("dtype = \"f32\"", "dtype = \"u8\"")];
    let shapes: [(Changes<'_>, Option<&str>); 5] = [
        (&[], None),
        (&[("output = \"logits\"", "output = \"grid\"")], None),
        (&[], Some("fixed.onnx")),
        (&[], Some("single.onnx")),
        (&bytes, Some("bytes.onnx")),
    ];
    for runtime in [Some(tract()), onnxruntime()].into_iter().flatten() {
        for (changes, network) in shapes {
            let (_home, folder) = altered(changes, network);
            let bundle = Bundle::open(&folder).unwrap();
            let scores = Session::open(&bundle, &runtime, Device::Cpu).unwrap().score(&pictures).unwrap();
            for (found, expected) in scores.iter().zip(&expected) {
                let pairs = found.heads[0].scores.iter().zip(&expected.heads[0].scores);
                let worst = pairs.map(|(f, e)| (f - e).abs()).fold(0.0, f32::max);
                assert!(worst < 1e-4, "{} {network:?} {changes:?}: {worst}", runtime.runtime());
            }
        }
    }
}

#[test]
fn what_does_not_fit_the_network_is_an_error() {
    for runtime in [Some(tract()), onnxruntime()].into_iter().flatten() {
        let open = |changes: Changes<'_>| {
            let (_home, folder) = altered(changes, None);
            Session::open(&Bundle::open(&folder).unwrap(), &runtime, Device::Cpu).and_then(|mut s| s.score(&[&picture(3)]))
        };
        let input = open(&[("input = \"pixel_values\"", "input = \"pixels\"")]);
        assert!(matches!(input, Err(ModelError::Tensor { kind: "input", .. })), "{input:?}");
        let output = open(&[("output = \"logits\"", "output = \"scores\"")]);
        assert!(matches!(output, Err(ModelError::Tensor { kind: "output", .. })), "{output:?}");
        let size = open(&[("size = [8, 8]", "size = [9, 8]")]);
        assert!(matches!(size, Err(ModelError::Input { .. } | ModelError::Load { .. })), "{size:?}");
        let (_home, folder) = altered(&[], None);
        let labels = fs::read_to_string(folder.join("labels/subjects.tsv")).unwrap();
        fs::write(folder.join("labels/subjects.tsv"), format!("{labels}4\t-\tmore\t-\n")).unwrap();
        let mut session = Session::open(&Bundle::open(&folder).unwrap(), &runtime, Device::Cpu).unwrap();
        let width = session.score(&[&picture(3)]);
        assert!(matches!(width, Err(ModelError::Width { labels: 5, .. })), "{width:?}");
    }
}

#[test]
fn a_device_that_was_named_serves_or_is_an_error() {
    let bundle = tiny();
    for device in [Device::Cuda, Device::TensorRt] {
        let error = Session::open(&bundle, &tract(), device).unwrap_err();
        assert!(matches!(error, ModelError::Device { .. }), "{error}");
    }
    let session = Session::open(&bundle, &tract(), Device::Auto).unwrap();
    assert_eq!((session.provider().provider.as_str(), session.provider().why_not.is_empty()), ("cpu", false));
    if let Some(runtime) = onnxruntime() {
        let session = Session::open(&bundle, &runtime, Device::Auto).unwrap();
        let provided = session.provider();
        assert!(provided.runtime.starts_with("onnxruntime 1."), "{provided:?}");
        // Without a GPU it says why it computes on the processor; with one there is nothing to say, and naming CUDA works.
        let named = Session::open(&bundle, &runtime, Device::Cuda);
        match provided.provider.as_str() {
            "cuda" => assert!(named.is_ok()),
            _ => assert!(provided.why_not.iter().any(|w| w.contains("cuda")) && matches!(named, Err(ModelError::Device { .. }))),
        }
    }
}

#[test]
fn the_dummy_keeps_the_contract() {
    let bundle = tiny();
    let (a, b) = (picture(3), picture(5));
    let mut dummy = Dummy::new(&bundle).seeing(&a.checksum, "subjects", 2);
    let first = dummy.score(&[&a, &b]).unwrap();
    assert_eq!(first, dummy.score(&[&a, &b]).unwrap());
    assert_eq!(first.len(), 2);
    assert!(first[0].heads[0].scores[2] > 0.9);
}

/// Bundles of real networks, where somebody has put their folder into `GLOSSATOR_BUNDLES`.
#[test]
fn real_bundles_agree_with_their_golden_samples() {
    let Some(folder) = std::env::var_os("GLOSSATOR_BUNDLES") else { return };
    for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("bundle.toml").is_file()) {
        let bundle = Bundle::open(&entry).unwrap();
        for runtime in [onnxruntime(), Some(tract())].into_iter().flatten() {
            match Session::open(&bundle, &runtime, Device::Cpu).and_then(|mut session| bundle.check(&mut session)) {
                Ok(report) => {
                    say(&report.to_string());
                    assert!(report.passed(), "{report}");
                }
                Err(error) => say(&format!("{} on {}: {error}", bundle.id(), runtime.runtime())),
            }
        }
    }
}
