//! What can go wrong with a model.

use std::path::PathBuf;

/// A bundle or a runtime that cannot be used, or a run that failed.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The manifest does not say what it should.
    #[error("{}: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, and where in it.
        reason: String,
    },
    /// A file of the bundle cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The built-in text model.
    #[error("the built-in text model cannot be used: {reason}")]
    TextModel {
        /// What is wrong with it.
        reason: String,
    },
    /// A path in the manifest leads out of the bundle.
    #[error("`{name}` in {} leads out of the bundle; a bundle's files stand in its own folder", bundle.display())]
    Outside {
        /// The bundle's folder.
        bundle: PathBuf,
        /// The path as it is written.
        name: String,
    },
    /// The network is not the one that the manifest speaks of.
    #[error("{} has the checksum {found}, but the manifest says {expected}: fetch the bundle again, or correct `source.sha256`", path.display())]
    Checksum {
        /// The network's file.
        path: PathBuf,
        /// What the manifest says.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A label map is not well formed.
    #[error("{}, line {line}: {reason}", path.display())]
    Labels {
        /// The label map.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The runtime that was asked for cannot be used.
    #[error("{runtime} cannot be used: {reason}")]
    Runtime {
        /// Which one.
        runtime: String,
        /// Why.
        reason: String,
    },
    /// The device that was asked for does not serve.
    #[error("the device `{device}` does not serve: {reason}. Set `model.device` to `auto` or `cpu`, or mend the installation")]
    Device {
        /// Which one.
        device: String,
        /// Why.
        reason: String,
    },
    /// The network cannot be loaded.
    #[error("{} cannot be loaded by {runtime}: {reason}", path.display())]
    Load {
        /// The network's file.
        path: PathBuf,
        /// The runtime.
        runtime: String,
        /// What it says.
        reason: String,
    },
    /// The network has no such input or output.
    #[error("the network has no {kind} `{name}`; it has {}", known.join(", "))]
    Tensor {
        /// `input` or `output`.
        kind: &'static str,
        /// The name in the manifest.
        name: String,
        /// The names in the network.
        known: Vec<String>,
    },
    /// The network wants pictures of another shape than the manifest gives.
    #[error("the network's input `{input}` has the shape {wanted:?}, but the manifest makes {given:?} (batch first)")]
    Input {
        /// The input.
        input: String,
        /// The shape in the network; -1 is free.
        wanted: Vec<i64>,
        /// The shape that we make.
        given: Vec<i64>,
    },
    /// An output is wider or narrower than its label map.
    #[error("facet `{facet}`: the output `{output}` has the shape {shape:?} for {pictures} pictures, but its label map has {labels} rows")]
    Width {
        /// The facet.
        facet: String,
        /// The output.
        output: String,
        /// Its shape.
        shape: Vec<i64>,
        /// How many pictures went in.
        pictures: usize,
        /// How many rows the label map has.
        labels: usize,
    },
    /// An output does not fall into as many parts as went in.
    #[error("the output `{output}` has the shape {shape:?} for {items} pictures or texts")]
    Items {
        /// The output.
        output: String,
        /// Its shape.
        shape: Vec<i64>,
        /// How many went in.
        items: usize,
    },
    /// A detector's outputs are not what the manifest says.
    #[error("facet `{facet}`: the detector's outputs cannot be read: {reason}")]
    Boxes {
        /// The facet.
        facet: String,
        /// What is wrong.
        reason: String,
    },
    /// A captioning network's outputs are not what the manifest says.
    #[error("the caption cannot be made: {0}")]
    Captions(String),
    /// A server that computes in our place does not serve.
    #[error("the server at {server} does not serve: {reason}. Set `model.remote` to another one, or leave it out to compute here")]
    Remote {
        /// Its address.
        server: String,
        /// What is wrong.
        reason: String,
    },
    /// A tokenizer cannot be used.
    #[error("the tokenizer {} cannot be used: {reason}", path.display())]
    Tokenizer {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A head has not been joined with the texts that it compares with.
    #[error("facet `{0}` chooses from the loaded vocabularies, and nothing has been chosen for it yet")]
    NoTexts(String),
    /// An archive that is no bundle, or a hostile one.
    #[error("the archive {} is refused: {reason}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The run failed.
    #[error("{runtime} failed while it computed: {reason}")]
    Run {
        /// The runtime.
        runtime: String,
        /// What it says.
        reason: String,
    },
    /// The network gave no number.
    #[error("facet `{facet}`: the network's output {index} is not a finite number")]
    NotANumber {
        /// The facet.
        facet: String,
        /// Which output.
        index: usize,
    },
    /// The picture cannot be brought to the network's size.
    #[error("the picture cannot be prepared for the network: {0}")]
    Prepare(String),
    /// The golden sample cannot be used.
    #[error("the golden sample cannot be checked: {0}")]
    Golden(String),
}
