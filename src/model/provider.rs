//! Devices: which one was asked for, and which one really serves.

use serde::{Deserialize, Serialize};

/// The device that an operator asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// CUDA where it serves, else the processor; and why not CUDA.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// A GPU of NVIDIA's, by CUDA.
    Cuda,
    /// A GPU of NVIDIA's, by TensorRT.
    TensorRt,
}

impl Device {
    /// The word in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
        }
    }
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Auto, Self::Cpu, Self::Cuda, Self::TensorRt]
            .into_iter()
            .find(|d| d.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("`{text}` is no device; there are auto, cpu, cuda and tensorrt"))
    }
}

/// What really computes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provided {
    /// The runtime with its version, such as `onnxruntime 1.31.1`.
    pub runtime: String,
    /// `cpu`, `cuda` or `tensorrt`.
    pub provider: String,
    /// What would have come first, and why it does not serve.
    pub why_not: Vec<String>,
}
