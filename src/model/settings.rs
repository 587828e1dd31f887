//! What an operator may set about running networks.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Device, RuntimeKind};

/// Which runtime computes, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `auto` takes ONNX Runtime where its library is found, and tract, which is built in, where it is not.
    pub runtime: RuntimeKind,
    /// ONNX Runtime's library, or the folder that holds it. Where it is given, it must load.
    pub ort_lib: Option<PathBuf>,
    /// `auto`, `cpu`, `cuda` or `tensorrt`. A device that is named must serve, or we do not start; `auto` says why it fell back.
    pub device: Device,
    /// A server of the Open Inference Protocol that computes in our place, such as `http://triton:8000`. Its models have the bundles' names.
    pub remote: Option<String>,
    /// The hub from which `owner/name@revision` is fetched, such as `https://hub.example`.
    pub hub: Option<String>,
    /// The largest file that is fetched for a bundle, in MiB.
    pub max_download_mib: u64,
    /// The folder in which TensorRT keeps the engines that it builds, which takes minutes: the next start takes them from there.
    pub engine_cache: Option<PathBuf>,
    /// Whether TensorRT may compute in half precision: faster, and scores differ in the third digit.
    pub fp16: bool,
    /// How many threads one network may use; as many as there are cores where nothing is set. ONNX Runtime alone heeds it.
    pub threads: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            runtime: RuntimeKind::default(),
            ort_lib: None,
            device: Device::default(),
            remote: None,
            hub: None,
            max_download_mib: 16_384,
            engine_cache: None,
            fp16: false,
            threads: None,
        }
    }
}
