//! What does the network compute? Bundles, runtimes, devices, preprocessing, heads: tensors only. It knows no RDF; an IRI is a label here.

mod settings;
mod error;
mod image_spec;
mod manifest;
mod labels;
mod bundle;
mod runtime;
mod provider;
mod preprocess;
mod preparer;
mod ort_engine;
mod tract_engine;
mod session;
mod scores;
mod dummy;
mod text_vectors;
mod check;

pub use bundle::{Bundle, Head};
pub use check::{CheckReport, Difference, Golden};
pub use dummy::Dummy;
pub use error::ModelError;
pub use image_spec::{Color, Crop, CropMode, Dtype, Filter, ImageSpec, Layout, Resize, ResizeMode, Size};
pub use labels::{LabelRow, Mapping};
pub use manifest::{Activation, Calibration, Closure, Decode, Emit, GoldenSpec, HeadSpec, Manifest, OneOrMany, Provenance, Source, Status};
pub use preparer::{Prepared, Preparer};
pub use provider::{Device, Provided};
pub use runtime::{Places, RuntimeChoice, RuntimeKind};
pub use scores::{HeadScores, Scorer, Scores};
pub use session::Session;
pub use settings::Settings;
pub use text_vectors::TextVectors;
