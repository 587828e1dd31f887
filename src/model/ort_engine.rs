//! ONNX Runtime as the engine of a session.

use std::path::Path;

use ort::{
    environment::Environment,
    ep::{CUDA, ExecutionProviderDispatch, TensorRT},
    session::{Session, SessionInputValue, builder::SessionBuilder},
    value::{DynValue, Tensor, ValueType},
};

use super::{
    Device, ModelError,
    preprocess::{Batch, Numbers},
    session::{Axes, Engine, Output},
};

/// A network in ONNX Runtime.
#[derive(Debug)]
pub(crate) struct OrtEngine {
    session: Session,
    runtime: String,
    input: String,
    axes: Axes,
}

impl OrtEngine {
    /// Loads the network for one device. A device that does not serve is an error, never another device without a word.
    pub(crate) fn load(
        network: &Path,
        input: &str,
        environment: &Environment,
        runtime: &str,
        (device, threads): (Device, Option<usize>),
    ) -> Result<Self, ModelError> {
        let load_error =
            |e: &dyn std::fmt::Display| ModelError::Load { path: network.to_owned(), runtime: runtime.to_owned(), reason: e.to_string() };
        let mut builder = Session::builder(environment).map_err(|e| load_error(&e))?;
        if let Some(threads) = threads {
            builder = builder.with_intra_threads(threads).map_err(|e| load_error(&e))?;
        }
        let mut builder = on_device(builder, device)?;
        let session = builder.commit_from_file(network).map_err(|e| load_error(&e))?;
        let axes = axes(&session, input)?;
        Ok(Self { session, runtime: runtime.to_owned(), input: input.to_owned(), axes })
    }
}

/// Registers the device's provider. By itself the library runs on the processor when that fails, and says nothing.
fn on_device(builder: SessionBuilder, device: Device) -> Result<SessionBuilder, ModelError> {
    let providers: Vec<ExecutionProviderDispatch> = match device {
        Device::Auto | Device::Cpu => return Ok(builder),
        Device::Cuda => vec![CUDA::default().build().error_on_failure()],
        // What TensorRT cannot compute goes to CUDA.
        Device::TensorRt => vec![TensorRT::default().build().error_on_failure(), CUDA::default().build().error_on_failure()],
    };
    let refused = |e: &dyn std::fmt::Display| ModelError::Device { device: device.to_string(), reason: first_line(&e.to_string()) };
    builder.with_execution_providers(providers).map_err(|e| refused(&e))
}

/// The library's messages carry a stack trace from the second line on.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim().to_owned()
}

fn axes(session: &Session, input: &str) -> Result<Axes, ModelError> {
    let found = session.inputs().iter().find(|i| i.name() == input);
    let found = found.ok_or_else(|| ModelError::Tensor {
        kind: "input",
        name: input.to_owned(),
        known: session.inputs().iter().map(|i| i.name().to_owned()).collect(),
    })?;
    match found.dtype() {
        ValueType::Tensor { shape, .. } => Ok(Axes(shape.iter().copied().collect())),
        _ => Ok(Axes(Vec::new())),
    }
}

impl Engine for OrtEngine {
    fn axes(&self) -> &Axes {
        &self.axes
    }

    fn run(&mut self, batch: Batch, shape: &[usize], outputs: &[String]) -> Result<Vec<Output>, ModelError> {
        let runtime = self.runtime.clone();
        let failed = |e: &dyn std::fmt::Display| ModelError::Run { runtime: runtime.clone(), reason: e.to_string() };
        let value: SessionInputValue<'_> = match batch.numbers {
            Numbers::F32(numbers) => Tensor::from_array((shape.to_vec(), numbers)).map_err(|e| failed(&e))?.into(),
            Numbers::U8(numbers) => Tensor::from_array((shape.to_vec(), numbers)).map_err(|e| failed(&e))?.into(),
        };
        let answer = self.session.run(vec![(self.input.as_str(), value)]).map_err(|e| failed(&e))?;
        let mut found = Vec::with_capacity(outputs.len());
        for name in outputs {
            let value = answer.get(name).ok_or_else(|| ModelError::Tensor {
                kind: "output",
                name: name.clone(),
                known: answer.keys().map(str::to_owned).collect(),
            })?;
            let (shape, numbers) = numbers(value).map_err(|e| failed(&e))?;
            found.push(Output { shape, numbers });
        }
        Ok(found)
    }
}

/// Anything that is not f32 is an error: exports in half precision keep f32 at their edges, or can be made to.
fn numbers(value: &DynValue) -> ort::Result<(Vec<i64>, Vec<f32>)> {
    let (shape, numbers) = value.try_extract_tensor::<f32>()?;
    Ok((shape.to_vec(), numbers.to_vec()))
}
