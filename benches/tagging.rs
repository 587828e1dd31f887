//! How fast pictures are tagged, end to end, as a share of what the bare runtime does with tensors in memory: same machine, run and batch.
//!
//! ```sh
//! cargo bench --bench tagging -- --work FOLDER --from SCANS --python PYTHON --ort LIBRARY [--only NAME] [--seconds 6] [--count 60]
//! ```
//!
//! FOLDER keeps what `models.py` and `pictures.py` make there the first time; SCANS are JPEG files, in folders. PYTHON has onnx, onnxruntime, numpy
//! and Pillow. On two cores all of it takes about ten minutes.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
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

/// What is wanted of the large networks, of what is bare and of what is possible; and against the pipeline in Python.
const GOAL: f64 = 0.95;
const LARGE: [&str; 2] = ["convnext-base", "vit-b16"];

struct Options {
    work: PathBuf,
    ort: PathBuf,
    python: PathBuf,
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
    let Some((work, python)) = value("--work").zip(value("--python")) else {
        println!("skipped: --work says where models and pictures are kept, --from which scans they are made from, --python who makes them");
        return;
    };
    let ort = value("--ort").or_else(|| std::env::var("ORT_DYLIB_PATH").ok());
    let options = Options {
        work: work.into(),
        ort: ort.unwrap_or_else(|| panic!("--ort says where ONNX Runtime's library is")).into(),
        python: python.into(),
        only: value("--only"),
        seconds: value("--seconds").and_then(|s| s.parse().ok()).unwrap_or(6.0),
        batch: value("--batch").and_then(|s| s.parse().ok()).unwrap_or(8),
    };
    let (models, pictures) = (options.work.join("models"), options.work.join("pictures"));
    if !models.is_dir() {
        make(&options, "models.py", &[&models.display().to_string()]);
    }
    if !pictures.is_dir() {
        let from = value("--from").unwrap_or_else(|| panic!("--from says which pictures the scans and derivatives are made from"));
        let count = value("--count").unwrap_or_else(|| "60".to_owned());
        make(&options, "pictures.py", &[&pictures.display().to_string(), "--from", &from, "--count", &count]);
    }
    let mut rows = Vec::new();
    for model in folders(&models) {
        for pictures in folders(&pictures) {
            let name = format!("{} {}", name(&model), name(&pictures));
            if options.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
                eprintln!("{name} …");
                rows.push(row(&options, &model, &pictures));
            }
        }
    }
    tell(&options, &rows);
}

/// Lets one of the scripts beside this file make something, once.
fn make(options: &Options, script: &str, words: &[&str]) {
    eprintln!("{script} {} …", words[0]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(script);
    let status = Command::new(&options.python).arg(&script).args(words).status().unwrap();
    assert!(status.success(), "{} failed", script.display());
}

/// One line of the table, in pictures a second.
struct Row {
    model: String,
    pictures: String,
    bare: [f64; 2],
    decoding: f64,
    whole: f64,
    stages: String,
    python: f64,
    draft: f64,
}

impl Row {
    fn bare(&self) -> f64 {
        f64::midpoint(self.bare[0], self.bare[1])
    }

    /// What decoding and computing together allow, when nothing else costs anything.
    fn ceiling(&self) -> f64 {
        1.0 / (1.0 / self.bare() + 1.0 / self.decoding)
    }

    /// What was aimed at, and whether it was reached.
    fn goal(&self) -> String {
        let large = LARGE.contains(&self.model.as_str());
        let scans = self.pictures == "12mp";
        let (name, reached, wanted) = match (large, scans) {
            (true, false) => ("of bare", self.whole / self.bare(), GOAL),
            (true, true) => ("of ceiling", self.whole / self.ceiling(), GOAL),
            (false, true) => ("Python", self.whole / self.python, 1.5),
            (false, false) => ("Python", self.whole / self.python.max(self.draft), 1.0),
        };
        format!("{name} ≥ {wanted}: {}", if reached >= wanted { "yes" } else { "no" })
    }
}

fn tell(options: &Options, rows: &[Row]) {
    let cores = std::thread::available_parallelism().unwrap().get();
    println!("{cores} cores, {}, batches of {}; pictures a second\n", runtime(options).runtime(), options.batch);
    println!(
        "| network | pictures | bare runtime (before, after) | decoding | ceiling | end to end | of bare | of ceiling | Python | Python with draft | goal |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        let against = |peer: f64| format!("{peer:.1} ({:.2}×)", row.whole / peer);
        println!(
            "| {} | {} | {:.1} ({:.1}, {:.1}) | {:.1} | {:.1} | {:.1} | {:.3} | {:.3} | {} | {} | {} |",
            row.model,
            row.pictures,
            row.bare(),
            row.bare[0],
            row.bare[1],
            row.decoding,
            row.ceiling(),
            row.whole,
            row.whole / row.bare(),
            row.whole / row.ceiling(),
            against(row.python),
            against(row.draft),
            row.goal()
        );
    }
    println!(
        "\nDecoding is decoding and scaling alone, on all cores; the ceiling is what it and the network allow together, one after the other."
    );
    for row in rows {
        println!("{} {}: {}", row.model, row.pictures, row.stages);
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

/// Measures one line. The bare runtime and the pipelines in Python are measured before and after, since a machine has moods.
fn row(options: &Options, model: &Path, pictures: &Path) -> Row {
    let before = bare_elsewhere(options, model);
    let decoding = decoding(options, model, pictures);
    // Often enough for the whole to take a while: what is done once a run would stand out otherwise.
    let ceiling = 1.0 / (1.0 / before + 1.0 / decoding);
    let repeat = (ceiling * options.seconds * 1.5 / files(pictures).len() as f64).ceil().clamp(1.0, 40.0) as usize;
    let peers = || [false, true].map(|draft| peer(options, model, pictures, (repeat, draft)));
    let first = peers();
    let (whole, stages) = end_to_end(options, model, pictures, repeat);
    let last = peers();
    let after = bare_elsewhere(options, model);
    Row {
        model: name(model),
        pictures: name(pictures),
        bare: [before, after],
        decoding,
        whole,
        stages,
        python: f64::midpoint(first[0], last[0]),
        draft: f64::midpoint(first[1], last[1]),
    }
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
fn end_to_end(options: &Options, model: &Path, pictures: &Path, repeat: usize) -> (f64, String) {
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
    let files = files(pictures);
    let turns: Vec<String> = (0..repeat).map(|turn| format!("{turn}/")).collect();
    for (turn, file) in turns.iter().flat_map(|turn| files.iter().map(move |file| (turn, file))) {
        let picture = format!("{turn}{}", name(file));
        std::fs::write(records.join(picture.replace('/', "-")).with_extension("xml"), record(&picture)).unwrap();
    }
    run(&Job::Ingest(Ingest { paths: vec![records], data_set: None }));
    run(&Job::Model(ModelJob::Add { folder: model.to_owned() }));
    let mirror = |turn: &String| Mirror { prefix: format!("http://bench.example/{turn}"), folder: pictures.to_owned() };
    let mirrors = turns.iter().map(mirror).collect();
    let report = run(&Job::Tag(Tag { sources: PictureSources { mirrors, ..PictureSources::default() }, ..Tag::default() }));
    let figure = |name: &str| report.figures[name].as_f64().unwrap();
    assert_eq!(figure("pictures") as usize, files.len() * repeat, "{:?}", report.lines);
    let stages = report.lines.iter().find(|line| line.starts_with("fetching")).cloned().unwrap_or_default();
    (figure("pictures") / figure("seconds"), stages)
}

fn record(picture: &str) -> String {
    format!(
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/"><edm:ProvidedCHO rdf:about="http://bench.example/o/{picture}"><edm:type>IMAGE</edm:type></edm:ProvidedCHO><ore:Aggregation rdf:about="http://bench.example/a/{picture}"><edm:aggregatedCHO rdf:resource="http://bench.example/o/{picture}"/><edm:isShownBy rdf:resource="http://bench.example/{picture}"/></ore:Aggregation></rdf:RDF>"#
    )
}

/// The usual pipeline in Python, on the same pictures with the same batch and as many threads.
fn peer(options: &Options, model: &Path, pictures: &Path, (repeat, draft): (usize, bool)) -> f64 {
    let cores = std::thread::available_parallelism().unwrap().get();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer.py");
    let mut command = Command::new(&options.python);
    command.arg(script).arg(model.join("model.onnx")).arg(pictures);
    command.args(["--batch", &options.batch.to_string(), "--threads", &cores.to_string(), "--repeat", &repeat.div_ceil(2).to_string()]);
    if draft {
        command.arg("--draft");
    }
    let output = command.output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("the pipeline in Python says: {}", String::from_utf8_lossy(&output.stderr)));
    said["per_second"].as_f64().unwrap()
}
