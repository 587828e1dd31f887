//! How fast pictures are tagged, end to end, as a share of what the bare runtime does with tensors in memory: same machine, run and batch.
//!
//! ```sh
//! benches/models.py MODELS && benches/pictures.py PICTURES --from SCANS
//! cargo bench --bench tagging -- --models MODELS --pictures PICTURES --ort LIBRARY [--python PYTHON] [--only NAME] [--seconds 10]
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a bench talks on the terminal and ends where it cannot go on"
)]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use glossator::{
    images::{self, Mirror, decode_enough},
    jobs::{House, Ingest, Job, Listener, ModelJob, Outlet, PictureSources, Settings, Tag},
    model::{Bundle, Device, Places, RuntimeChoice, Scorer as _, Session},
    rdf::Base,
    store::Store,
    telemetry::{Silent, SystemClock},
    vocab::LoadRequest,
};
use ort::{session::SessionInputValue, value::Tensor};

struct Options {
    models: PathBuf,
    pictures: PathBuf,
    ort: PathBuf,
    python: Option<PathBuf>,
    only: Option<String>,
    seconds: f64,
    batch: usize,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let value = |name: &str| words.iter().position(|w| w == name).and_then(|at| words.get(at + 1)).cloned();
    if let Some(network) = value("--bare") {
        let (ort, batch, seconds) = (value("--ort").unwrap(), value("--batch").unwrap(), value("--seconds").unwrap());
        return bare(&network, &ort, batch.parse().unwrap(), seconds.parse().unwrap());
    }
    let Some((models, pictures)) = value("--models").zip(value("--pictures")) else {
        println!(
            "skipped: say where models and pictures are, with --models and --pictures (benches/models.py and benches/pictures.py make them)"
        );
        return;
    };
    let ort = value("--ort").or_else(|| std::env::var("ORT_DYLIB_PATH").ok());
    let options = Options {
        models: models.into(),
        pictures: pictures.into(),
        ort: ort.unwrap_or_else(|| panic!("--ort says where ONNX Runtime's library is")).into(),
        python: value("--python").map(PathBuf::from),
        only: value("--only"),
        seconds: value("--seconds").and_then(|s| s.parse().ok()).unwrap_or(10.0),
        batch: value("--batch").and_then(|s| s.parse().ok()).unwrap_or(8),
    };
    println!("| network | pictures | bare runtime | decoding | ceiling | end to end | of bare | of ceiling | Python | Python, draft |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for model in folders(&options.models) {
        for pictures in folders(&options.pictures) {
            let name = format!("{} {}", name(&model), name(&pictures));
            if options.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
                row(&options, &model, &pictures);
            }
        }
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    all.sort();
    all
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// One line of the table. The bare runtime is measured before and after, since a machine has moods.
fn row(options: &Options, model: &Path, pictures: &Path) {
    let before = bare_elsewhere(options, model);
    let decoding = decoding(options, model, pictures);
    let whole = end_to_end(options, model, pictures);
    let after = bare_elsewhere(options, model);
    let bare = f64::midpoint(before, after);
    let ceiling = 1.0 / (1.0 / bare + 1.0 / decoding);
    let peer = |draft| options.python.as_ref().map(|python| peer(options, python, model, pictures, draft));
    let (plain, draft) = (peer(false), peer(true));
    let against = |peer: Option<f64>| peer.map_or("–".to_owned(), |p| format!("{p:.1} ({:.2}×)", whole / p));
    println!(
        "| {} | {} | {bare:.1} ({before:.1}, {after:.1}) | {decoding:.1} | {ceiling:.1} | {whole:.1} | {:.3} | {:.3} | {} | {} |",
        name(model),
        name(pictures),
        whole / bare,
        whole / ceiling,
        against(plain),
        against(draft)
    );
}

/// The runtime alone, in a process of its own, on one tensor that lies in memory.
fn bare_elsewhere(options: &Options, model: &Path) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--bare", &model.join("model.onnx").display().to_string(), "--ort", &options.ort.display().to_string()])
        .args(["--batch", &options.batch.to_string(), "--seconds", &options.seconds.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.trim().parse().unwrap_or_else(|_| panic!("the bare runtime says: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn bare(network: &str, library: &str, batch: usize, seconds: f64) {
    let environment = ort::init_from(library).unwrap().with_telemetry(false).build().unwrap();
    let mut session = ort::session::Session::builder(&environment).unwrap().commit_from_file(network).unwrap();
    let numbers: Vec<f32> = (0..batch * 3 * 224 * 224).map(|i| (i % 251) as f32 / 125.0 - 1.0).collect();
    let tensor = Tensor::from_array((vec![batch, 3, 224, 224], numbers)).unwrap();
    let mut run = || drop(session.run(vec![("pixel_values", SessionInputValue::from(&tensor))]).unwrap());
    run();
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs_f64(seconds) {
        run();
        done += batch;
    }
    println!("{}", f64::from(u32::try_from(done).unwrap()) / begun.elapsed().as_secs_f64());
}

fn runtime(options: &Options) -> RuntimeChoice {
    let settings = glossator::model::Settings { ort_lib: Some(options.ort.clone()), ..glossator::model::Settings::default() };
    RuntimeChoice::find(&settings, &Places::default()).unwrap()
}

/// Decoding and scaling alone, on all cores.
fn decoding(options: &Options, model: &Path, pictures: &Path) -> f64 {
    let session = Session::open(&Bundle::open(model).unwrap(), &runtime(options), Device::Cpu).unwrap();
    let preparer = session.preparer().unwrap();
    drop(session);
    let files: Vec<Vec<u8>> = files(pictures).iter().map(|path| std::fs::read(path).unwrap()).collect();
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let cores = std::thread::available_parallelism().unwrap().get();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(bytes) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let picture = decode_enough(bytes, &images::Limits::default(), preparer.enough()).unwrap();
                    std::hint::black_box(preparer.prepare(picture).unwrap());
                }
            });
        }
    });
    files.len() as f64 / begun.elapsed().as_secs_f64()
}

fn files(pictures: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(pictures).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

struct Nowhere;

impl Outlet for Nowhere {
    fn write(&self, _: &[u8]) -> std::io::Result<()> {
        Ok(())
    }
}

/// The whole job, as its user runs it: records in a store on disk, annotations in it at the end.
fn end_to_end(options: &Options, model: &Path, pictures: &Path) -> f64 {
    let home = tempfile::tempdir().unwrap();
    let waiting = tokio::runtime::Runtime::new().unwrap();
    let base = Base::new("https://bench.example/").unwrap();
    let store = Store::open(&home.path().join("store"), &base, glossator::store::Settings::default(), Arc::new(SystemClock)).unwrap();
    let mut settings = Settings::default();
    settings.model.ort_lib = Some(options.ort.clone());
    settings.model.device = Device::Cpu;
    settings.stages.batch = options.batch;
    let house = House { store: Arc::new(store), settings, waiting: waiting.handle().clone() };
    let run = |job: &Job| house.run(job, Listener { progress: &Silent, outlet: &Nowhere }).unwrap();
    run(&Job::Load(LoadRequest {
        files: vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("data/vocabulary/aat-excerpt.ttl")],
        scheme: Some("aat".to_owned()),
        ..LoadRequest::default()
    }));
    let records = home.path().join("records");
    std::fs::create_dir(&records).unwrap();
    for file in files(pictures) {
        std::fs::write(records.join(name(&file)).with_extension("xml"), record(&name(&file))).unwrap();
    }
    run(&Job::Ingest(Ingest { paths: vec![records], data_set: None }));
    run(&Job::Model(ModelJob::Add { folder: model.to_owned() }));
    let mirrors = vec![Mirror { prefix: "http://bench.example/".to_owned(), folder: pictures.to_owned() }];
    let report = run(&Job::Tag(Tag { sources: PictureSources { mirrors, ..PictureSources::default() }, ..Tag::default() }));
    let figure = |name: &str| report.figures[name].as_f64().unwrap();
    assert_eq!(figure("pictures") as usize, files(pictures).len(), "{:?}", report.lines);
    eprintln_stages(&report.lines);
    figure("pictures") / figure("seconds")
}

fn eprintln_stages(lines: &[String]) {
    for line in lines.iter().filter(|line| line.starts_with("fetching")) {
        println!("<!-- {line} -->");
    }
}

fn record(picture: &str) -> String {
    format!(
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/"><edm:ProvidedCHO rdf:about="http://bench.example/o/{picture}"><edm:type>IMAGE</edm:type></edm:ProvidedCHO><ore:Aggregation rdf:about="http://bench.example/a/{picture}"><edm:aggregatedCHO rdf:resource="http://bench.example/o/{picture}"/><edm:isShownBy rdf:resource="http://bench.example/{picture}"/></ore:Aggregation></rdf:RDF>"#
    )
}

/// The usual pipeline in Python, on the same pictures with the same batch and as many threads.
fn peer(options: &Options, python: &Path, model: &Path, pictures: &Path, draft: bool) -> f64 {
    let cores = std::thread::available_parallelism().unwrap().get();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer.py");
    let mut command = Command::new(python);
    command.arg(script).arg(model.join("model.onnx")).arg(pictures);
    command.args(["--batch", &options.batch.to_string(), "--threads", &cores.to_string()]);
    if draft {
        command.arg("--draft");
    }
    let output = command.output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("the pipeline in Python says: {}", String::from_utf8_lossy(&output.stderr)));
    said["per_second"].as_f64().unwrap()
}
