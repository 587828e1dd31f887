//! Each kind of bundle gives the scores that Python gave; each thing that is wrong is refused with the difference shown.

use std::{fs, io::Write as _};

use glossator::{
    images::{Limits, decode},
    jobs::{Job, ModelJob},
    model::{Bundle, Checksums, Device, Places, RuntimeChoice, RuntimeKind, Scorer as _, Session, Settings},
};

use super::place::{KINDS, Place, altered, kind};

fn runtimes() -> Vec<RuntimeChoice> {
    let find = |runtime| RuntimeChoice::find(&Settings { runtime, ..Settings::default() }, &Places::of_this_process());
    let mut found = vec![find(RuntimeKind::Tract).unwrap()];
    match find(RuntimeKind::OnnxRuntime) {
        Ok(ort) => found.push(ort),
        Err(reason) => std::io::stderr().write_all(format!("skipped what needs ONNX Runtime: {reason}\n").as_bytes()).unwrap(),
    }
    found
}

#[test]
fn every_kind_says_here_what_it_said_in_python() {
    for runtime in [RuntimeKind::Tract, RuntimeKind::Auto] {
        let mut place = Place::new();
        place.house.settings.model.runtime = runtime;
        for name in KINDS {
            let report = place.add(&kind(name));
            assert_eq!(report.figures["passed"], true, "{name}: {:?}", report.lines);
            let worst = report.figures["worst_difference"].as_f64().unwrap();
            assert!(worst < 1e-4, "{name} on {}: {worst}", report.figures["runtime"]);
            assert_eq!(place.add(&kind(name)).figures["unchanged"], true);
        }
        let listed = place.run(&Job::Model(ModelJob::List));
        assert_eq!(listed.figures["models"].as_array().unwrap().len(), KINDS.len());
        for name in KINDS {
            place.run(&Job::Model(ModelJob::Show { id: name.to_owned() }));
            place.run(&Job::Model(ModelJob::Check { id: name.to_owned(), ignore_checksums: true }));
            place.run(&Job::Model(ModelJob::Remove { id: name.to_owned() }));
        }
    }
}

#[test]
fn in_a_hierarchical_softmax_no_child_stands_above_its_parent() {
    let picture = decode(&fs::read(kind("nodes").join("golden.png")).unwrap(), &Limits::default()).unwrap();
    for runtime in runtimes() {
        for name in ["nodes", "levels"] {
            let bundle = Bundle::open(&kind(name)).unwrap();
            let scores = Session::open(&bundle, &runtime, Device::Cpu).unwrap().score(&[&picture]).unwrap();
            let scores: Vec<f64> = scores[0].heads[0].scores.iter().map(|s| f64::from(*s)).collect();
            let parents = bundle.heads()[0].groups.as_ref().unwrap().parents();
            for (parent, own) in scores.iter().enumerate() {
                let children: Vec<f64> = (0..scores.len()).filter(|c| parents[*c] == Some(parent)).map(|c| scores[c]).collect();
                assert!(children.iter().all(|c| c <= own), "{name}: {scores:?}");
                let sum: f64 = children.iter().sum();
                assert!(children.is_empty() || (sum - own).abs() <= 1e-6, "{name}: {sum} of {own}");
            }
            let top: f64 = (0..scores.len()).filter(|c| parents[*c].is_none()).map(|c| scores[c]).sum();
            assert!((top - 1.0).abs() <= 1e-6);
        }
    }
}

/// What adding a changed bundle says.
fn refused(name: &str, file: &str, changes: &[(&str, &str)]) -> String {
    let (_home, folder) = altered(name, file, changes);
    let error = Place::new().try_run(&Job::Model(ModelJob::Add { folder })).unwrap_err();
    format!("{error:#}")
}

#[test]
fn a_wrong_label_order_is_refused_and_shown() {
    let swapped = [
        ("0\thttp://vocab.example/oak\toak", "0\thttp://vocab.example/X\tX"),
        ("1\thttp://vocab.example/silver\tsilver", "1\thttp://vocab.example/oak\toak"),
        ("X\tX", "silver\tsilver"),
    ];
    let error = refused("facets", "labels/materials.tsv", &swapped);
    assert!(error.contains("materials") && error.contains("`silver` in the label map and `oak` in the sample"), "{error}");
    // The network's own notes say in which order its classes are: the manifest's label map has to agree.
    let swapped = [
        ("0\thttp://vocab.example/knight\tknight", "0\thttp://vocab.example/X\tX"),
        ("1\thttp://vocab.example/horse\thorse", "1\thttp://vocab.example/knight\tknight"),
        ("X\tX", "horse\thorse"),
    ];
    let error = refused("yolo", "labels/things.tsv", &swapped);
    assert!(error.contains("things.tsv, line 2") && error.contains("`knight` by the network's own names"), "{error}");
    let error = refused("end2end", "labels/things.tsv", &swapped);
    assert!(error.contains("knight at xywh=20,10,70,50 (the nearest is xywh=1"), "{error}");
}

#[test]
fn a_wrong_preprocessing_is_refused_and_shown() {
    let error = refused("facets", "bundle.toml", &[("\"RGB\"", "\"BGR\"")]);
    assert!(error.contains("does not give the scores of its golden sample") && error.contains("materials 0 (oak)"), "{error}");
    let error = refused("clip", "preprocessor_config.json", &[("\"do_normalize\": true", "\"do_normalize\": false")]);
    assert!(error.contains("materials") || error.contains("embedding"), "{error}");
    let error = refused("clip", "bundle.toml", &[("made of {tag}", "made from {tag}")]);
    assert!(error.contains("materials 0 (oak)"), "another prompt gives other scores: {error}");
    let error = refused("end2end", "bundle.toml", &[("\"RGB\"", "\"BGR\"")]);
    assert!(error.contains("knight at xywh"), "{error}");
}

#[test]
fn a_missing_licence_and_a_changed_file_are_refused() {
    assert!(refused("two", "bundle.toml", &[("licence = \"CC0-1.0\"", "licence = \"\"")]).contains("licence"));
    assert!(refused("two", "bundle.toml", &[("licence = \"CC0-1.0\"\n", "")]).contains("licence"));
    for (name, file) in [("two", "watermark.onnx"), ("clip", "text_model.onnx"), ("clip", "tokenizer.json"), ("captioner", "decoder.onnx")]
    {
        let (_home, folder) = altered(name, "golden.json", &[]);
        let path = folder.join(file);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = Bundle::open(&folder).unwrap_err().to_string();
        assert!(error.contains("checksum") && error.contains(file), "{error}");
    }
}

#[test]
fn a_truncated_file_is_refused_also_where_checksums_are_ignored() {
    let (_home, folder) = altered("facets", "golden.json", &[]);
    let path = folder.join("model.onnx");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    assert!(Bundle::open(&folder).unwrap_err().to_string().contains("checksum"));
    let error = Bundle::open_with(&folder, Checksums::Ignored).unwrap_err().to_string();
    assert!(error.contains("ends early"), "{error}");
}

#[test]
fn the_golden_sample_speaks_alone_where_checksums_are_ignored() {
    let place = Place::new();
    place.add(&kind("facets"));
    let manifest = place.folder.path().join("store/models/facets/1/bundle.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let sum = Bundle::open(&kind("facets")).unwrap().checksum();
    fs::write(&manifest, text.replace(&sum, &"0".repeat(64))).unwrap();
    let check = |ignore_checksums| Job::Model(ModelJob::Check { id: "facets".to_owned(), ignore_checksums });
    assert!(place.try_run(&check(false)).is_err());
    assert_eq!(place.run(&check(true)).figures["passed"], true);
    fs::write(&manifest, text.replace("\"RGB\"", "\"BGR\"")).unwrap();
    let error = format!("{:#}", place.try_run(&check(true)).unwrap_err());
    assert!(error.contains("golden sample"), "{error}");
}

#[test]
fn heads_that_make_no_sense_are_refused_by_name() {
    for (name, from, to, word) in [
        ("nodes", "groups = \"labels/groups.tsv\"", "", "groups"),
        ("nodes", "\"path-product\"", "\"sum-descendants\"", "path-product"),
        ("facets", "activation = \"sigmoid\"\nlabels = \"labels/materials.tsv\"", "activation = \"sigmoid\"", "labels"),
        ("two", "network = \"watermark\"", "network = \"none\"", "no such [[network]]"),
        ("clip", "score = { logit_scale = 10.0 }", "", "logit_scale"),
        ("clip", "made of {tag}", "made of wood", "{tag}"),
        ("clip", "[embedding]\noutput = \"image_embeds\"\nnormalize = true", "", "embedding"),
        ("detr", "boxes = \"pred_boxes\",", "", "detect.boxes"),
        ("owl", ", prompt = \"a photo of a {tag}\"", "", "prompt"),
        ("yolo", "threshold = 0.25 }", "threshold = 0.25, tiles = { size = 8, overlap = 0.2 } }", "tiles"),
        ("captioner", "length = 10", "length = 1", "caption.length"),
        ("two", "{ file = \"calibration/subjects.toml\" }", "{ file = \"../subjects.toml\" }", "leads out"),
        (
            "two",
            "{ file = \"calibration/subjects.toml\" }",
            "{ kind = \"isotonic\", fitted_on = \"x\", n = 1, points = [], more = 1 }",
            "more",
        ),
    ] {
        let error = refused(name, "bundle.toml", &[(from, to)]);
        assert!(error.contains(word), "{name}, {to}: {error}");
    }
}
