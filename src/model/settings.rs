//! What an operator may set about running networks.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Device, RuntimeKind};

/// Which runtime computes, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `auto` takes ONNX Runtime where its library is found, and tract, which is built in, where it is not.
    pub runtime: RuntimeKind,
    /// ONNX Runtime's library, or the folder that holds it. Where it is given, it must load.
    pub ort_lib: Option<PathBuf>,
    /// `auto`, `cpu`, `cuda` or `tensorrt`. A device that is named must serve, or we do not start; `auto` says why it fell back.
    pub device: Device,
    /// How many threads one network may use; as many as there are cores where nothing is set. ONNX Runtime alone heeds it.
    pub threads: Option<usize>,
}
