//! Runtimes: ONNX Runtime where its library is found, tract, which is built in, where it is not.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use ort::environment::Environment;
use serde::{Deserialize, Serialize};

use super::{ModelError, Remote, Settings};

/// The version of tract that is built in.
const TRACT: &str = "tract 0.23";

/// Which runtime an operator asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuntimeKind {
    /// ONNX Runtime where it is found, else tract.
    #[default]
    Auto,
    /// ONNX Runtime, or we do not start.
    OnnxRuntime,
    /// tract.
    Tract,
}

impl std::str::FromStr for RuntimeKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "onnxruntime" => Ok(Self::OnnxRuntime),
            "tract" => Ok(Self::Tract),
            _ => Err(format!("`{text}` is no runtime; there are auto, onnxruntime and tract")),
        }
    }
}

/// The places where ONNX Runtime's library may stand, handed in so that a test can say where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// `ORT_DYLIB_PATH`.
    pub ort_dylib_path: Option<PathBuf>,
    /// The folder of our program; the library may stand in `lib` below it.
    pub program_folder: Option<PathBuf>,
    /// The user's data folder; the library may stand in `glossator/lib` below it.
    pub data_folder: Option<PathBuf>,
    /// Whether the system's own library is tried.
    pub system: bool,
}

impl Places {
    /// The places of this process.
    pub fn of_this_process() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home_data = || variable("HOME").map(|home| home.join(".local/share"));
        Self {
            ort_dylib_path: variable("ORT_DYLIB_PATH"),
            program_folder: std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned)),
            data_folder: variable("XDG_DATA_HOME").or_else(home_data),
            system: true,
        }
    }
}

/// The runtime that was found.
#[derive(Clone, Debug)]
pub struct RuntimeChoice {
    kind: Kind,
    settings: Settings,
    why_not: Vec<String>,
}

#[derive(Clone, Debug)]
enum Kind {
    OnnxRuntime(Loaded),
    Tract,
    Remote(Remote),
}

/// ONNX Runtime's library in this process.
#[derive(Clone, Debug)]
struct Loaded {
    path: PathBuf,
    version: String,
    environment: Environment,
}

/// A process can load one library and have one environment; this holds on to them.
static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

impl RuntimeChoice {
    /// Looks for a runtime in the settled order. What an operator named must serve; what we merely looked for may be absent.
    pub fn find(settings: &Settings, places: &Places) -> Result<Self, ModelError> {
        let choice = |kind, why_not| Self { kind, settings: settings.clone(), why_not };
        if settings.runtime == RuntimeKind::Tract {
            return Ok(choice(Kind::Tract, vec!["onnxruntime: the settings ask for tract".to_owned()]));
        }
        if let Some(named) = &settings.ort_lib {
            let loaded = load(&library_at(named)).map_err(|reason| runtime_error(&reason))?;
            return Ok(choice(Kind::OnnxRuntime(loaded), Vec::new()));
        }
        let mut why_not = Vec::new();
        for candidate in candidates(places) {
            match candidate.and_then(|path| load(&path)) {
                Ok(loaded) => return Ok(choice(Kind::OnnxRuntime(loaded), why_not)),
                Err(reason) => why_not.push(format!("onnxruntime: {reason}")),
            }
        }
        match settings.runtime {
            RuntimeKind::OnnxRuntime => Err(runtime_error(&why_not.join("; "))),
            _ => Ok(choice(Kind::Tract, why_not)),
        }
    }

    /// A server of the Open Inference Protocol in the place of a runtime of our own.
    pub fn at_server(settings: &Settings, remote: Remote) -> Self {
        Self { kind: Kind::Remote(remote), settings: settings.clone(), why_not: Vec::new() }
    }

    /// The runtime with its version.
    pub fn runtime(&self) -> String {
        match &self.kind {
            Kind::OnnxRuntime(loaded) => format!("onnxruntime {}", loaded.version),
            Kind::Tract => TRACT.to_owned(),
            Kind::Remote(remote) => format!("the server at {}", remote.base()),
        }
    }

    /// The library's file, where it is a library.
    pub fn library(&self) -> Option<&Path> {
        match &self.kind {
            Kind::OnnxRuntime(loaded) => Some(&loaded.path),
            Kind::Tract | Kind::Remote(_) => None,
        }
    }

    /// What would have come first, and why it does not serve.
    pub fn why_not(&self) -> &[String] {
        &self.why_not
    }

    /// What an operator set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The server, where it is that.
    pub(crate) fn remote(&self) -> Option<&Remote> {
        match &self.kind {
            Kind::Remote(remote) => Some(remote),
            Kind::OnnxRuntime(_) | Kind::Tract => None,
        }
    }

    /// ONNX Runtime's environment, where it is that.
    pub(crate) fn environment(&self) -> Option<&Environment> {
        match &self.kind {
            Kind::OnnxRuntime(loaded) => Some(&loaded.environment),
            Kind::Tract | Kind::Remote(_) => None,
        }
    }
}

fn runtime_error(reason: &str) -> ModelError {
    let hint = "Put the library of onnxruntime 1.20 or newer where `model.ort_lib` points, or set `model.runtime` to `auto`";
    ModelError::Runtime { runtime: "onnxruntime".to_owned(), reason: format!("{reason}. {hint}") }
}

/// The places in the order in which they are tried; those that are not there say so.
fn candidates(places: &Places) -> Vec<Result<PathBuf, String>> {
    let in_folder = |folder: PathBuf| find_in(&folder).ok_or_else(|| format!("no library in {}", folder.display()));
    let mut all = Vec::new();
    match &places.ort_dylib_path {
        Some(path) => all.push(Ok(library_at(path))),
        None => all.push(Err("ORT_DYLIB_PATH is not set".to_owned())),
    }
    all.extend(places.program_folder.as_ref().map(|folder| in_folder(folder.join("lib"))));
    all.extend(places.data_folder.as_ref().map(|folder| in_folder(folder.join("glossator/lib"))));
    if places.system {
        all.push(Ok(PathBuf::from(if cfg!(target_os = "macos") { "libonnxruntime.dylib" } else { "libonnxruntime.so.1" })));
    }
    all
}

/// A path names the library, or the folder that holds it.
fn library_at(path: &Path) -> PathBuf {
    find_in(path).unwrap_or_else(|| path.to_owned())
}

/// The newest library in a folder. The wheel's file carries its version in its name (`libonnxruntime.so.1.31.1`).
fn find_in(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let on_a_mac = path.extension().is_some_and(|e| e == "dylib") && name.starts_with("libonnxruntime.");
        name.starts_with("libonnxruntime.so") || on_a_mac
    };
    files.filter(is_library).max_by_key(|path| version_in(path).unwrap_or_default())
}

/// The version in a library's name.
fn version_in(path: &Path) -> Option<Vec<u32>> {
    let name = path.file_name()?.to_str()?;
    let digits = name.strip_prefix("libonnxruntime.so.").or_else(|| name.strip_prefix("libonnxruntime.")?.strip_suffix(".dylib"))?;
    digits.split('.').map(|part| part.parse().ok()).collect()
}

/// Loads the library, once. Nothing of `ort` may be called before this has gone well: it would look for a library of its own and panic.
fn load(path: &Path) -> Result<Loaded, String> {
    let mut slot = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = &*slot {
        if loaded.path != path {
            tracing::warn!(loaded = %loaded.path.display(), asked = %path.display(), "this process has loaded another library already");
        }
        return Ok(loaded.clone());
    }
    let builder = ort::init_from(path).map_err(|e| e.to_string())?;
    // Microsoft's builds tell Microsoft what is run, unless they are asked not to.
    let environment = builder.with_name("glossator").with_telemetry(false).build().map_err(|e| e.to_string())?;
    let loaded = Loaded { path: path.to_owned(), version: version(path), environment };
    *slot = Some(loaded.clone());
    Ok(loaded)
}

/// The version: from the name of the real file, or else from what the library says of the branch it was built from.
fn version(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(parts) = version_in(&real).filter(|parts| parts.len() == 3) {
        return parts.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    }
    let branch = ort::info().split_once("git-branch=rel-").and_then(|(_, rest)| rest.split(',').next());
    branch.map_or_else(|| "of unknown version".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_library_tract_serves_and_says_why() {
        let empty = tempfile::tempdir().unwrap();
        let nowhere = Some(empty.path().to_owned());
        let places = Places { ort_dylib_path: None, program_folder: nowhere.clone(), data_folder: nowhere, system: false };
        let choice = RuntimeChoice::find(&Settings::default(), &places).unwrap();
        assert_eq!((choice.runtime().as_str(), choice.library()), (TRACT, None));
        assert_eq!(choice.why_not().len(), 3);
        let wanted = Settings { runtime: RuntimeKind::OnnxRuntime, ..Settings::default() };
        assert!(matches!(RuntimeChoice::find(&wanted, &places), Err(ModelError::Runtime { .. })));
    }

    #[test]
    fn a_library_that_was_named_must_load() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("libonnxruntime.so.1.31.1");
        std::fs::write(&path, b"not a library").unwrap();
        if LOADED.lock().unwrap().is_some() {
            return; // another test of this process has loaded the real one
        }
        let settings = Settings { ort_lib: Some(home.path().to_owned()), ..Settings::default() };
        let error = RuntimeChoice::find(&settings, &Places::default()).unwrap_err().to_string();
        assert!(error.contains("libonnxruntime.so.1.31.1"), "{error}");
    }

    #[test]
    fn the_newest_library_in_a_folder_is_taken() {
        let home = tempfile::tempdir().unwrap();
        for name in ["libonnxruntime.so.1.9.0", "libonnxruntime.so.1.31.1", "libonnxruntime_providers_shared.so"] {
            std::fs::write(home.path().join(name), b"").unwrap();
        }
        assert_eq!(find_in(home.path()), Some(home.path().join("libonnxruntime.so.1.31.1")));
        assert_eq!(version(&home.path().join("libonnxruntime.so.1.31.1")), "1.31.1");
    }
}
