//! Vocabularies as an operator and a researcher meet them: loaded from files in every syntax, and looked into.

mod loading;
mod looking_up;
mod mapping_sets;
mod releases;
mod real;
mod tables;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use glossator::{
    rdf::Base,
    store::Store,
    telemetry::{Silent, SystemClock},
    vocab::{LoadReport, LoadRequest, VocabError, load},
};

/// A store in memory.
fn store() -> Store {
    let base = Base::new("https://glossator.example/").expect("a base");
    Store::in_memory(&base, Arc::new(SystemClock)).expect("a store in memory")
}

/// A fixture of this room.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vocab").join(name)
}

fn request(files: &[PathBuf]) -> LoadRequest {
    LoadRequest { files: files.to_vec(), ..LoadRequest::default() }
}

fn try_load(store: &Store, files: &[PathBuf]) -> Result<LoadReport, VocabError> {
    load(store, &request(files), &Silent)
}

fn load_fixtures(store: &Store, names: &[&str]) -> LoadReport {
    let files: Vec<PathBuf> = names.iter().map(|n| fixture(n)).collect();
    try_load(store, &files).unwrap_or_else(|e| panic!("{names:?}: {e}"))
}

fn strings(nodes: &[oxigraph::model::NamedNode]) -> Vec<&str> {
    nodes.iter().map(|n| n.as_str().rsplit('/').next().unwrap_or_default()).collect()
}
