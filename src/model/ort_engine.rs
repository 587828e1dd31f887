//! ONNX Runtime as the engine of a session.

use std::path::Path;

use ort::{
    environment::Environment,
    ep::{CUDA, ExecutionProviderDispatch, TensorRT},
    memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType},
    session::{IoBinding, Session, SessionInputValue, SessionOutputs, builder::SessionBuilder},
    value::{DynValue, Tensor, ValueType},
};

use super::{
    Device, ModelError, RuntimeChoice, Settings,
    network::{Axes, Engine},
    tensor::{Input, Numbers, Output},
};

/// A network in ONNX Runtime.
#[derive(Debug)]
pub(crate) struct OrtEngine {
    session: Session,
    /// Where the device has memory of its own: what goes there and what comes back.
    binding: Option<IoBinding>,
    runtime: String,
    axes: Axes,
    notes: Vec<String>,
}

impl OrtEngine {
    /// Loads the network for one device. A device that does not serve is an error, never another device without a word.
    pub(crate) fn load(
        network: &Path,
        inputs: &[&str],
        environment: &Environment,
        choice: &RuntimeChoice,
        device: Device,
    ) -> Result<Self, ModelError> {
        let (settings, runtime) = (choice.settings(), choice.runtime());
        let load_error =
            |e: &dyn std::fmt::Display| ModelError::Load { path: network.to_owned(), runtime: runtime.clone(), reason: e.to_string() };
        let build = |device_alone: bool| -> Result<Session, ModelError> {
            let mut builder = Session::builder(environment).map_err(|e| load_error(&e))?;
            if let Some(threads) = settings.threads {
                builder = builder.with_intra_threads(threads).map_err(|e| load_error(&e))?;
            }
            // Between two batches the library's threads would go on spinning, on the cores that decode the next pictures.
            builder = builder.with_config_entry("session.force_spinning_stop", "1").map_err(|e| load_error(&e))?;
            if device_alone {
                builder = builder.with_config_entry("session.disable_cpu_ep_fallback", "1").map_err(|e| load_error(&e))?;
            }
            on_device(builder, device, settings)?.commit_from_file(network).map_err(|e| load_error(&e))
        };
        // What a device cannot compute stays on the processor. The library tells so only where that is forbidden.
        let (session, notes) = match device {
            Device::Auto | Device::Cpu => (build(false)?, Vec::new()),
            Device::Cuda | Device::TensorRt => match build(true) {
                Ok(session) => (session, Vec::new()),
                Err(ModelError::Load { reason, .. }) => {
                    let note = format!("{device}: a part of {} stays on the processor: {}", network.display(), first_line(&reason));
                    (build(false)?, vec![note])
                }
                Err(other) => return Err(other),
            },
        };
        let mut all = inputs.iter().map(|input| axes(&session, input));
        let first = all.next().unwrap_or_else(|| Ok(Axes(Vec::new())))?;
        all.try_for_each(|further| further.map(drop))?;
        let binding = match device {
            Device::Auto | Device::Cpu => None,
            Device::Cuda | Device::TensorRt => Some(session.create_binding().map_err(|e| load_error(&e))?),
        };
        Ok(Self { session, binding, runtime, axes: first, notes })
    }
}

/// Runs with inputs that are sent to the device as they are bound, and takes back the wanted outputs alone: what else the network gives stays there.
fn run_bound<'s>(
    session: &'s mut Session,
    binding: &'s mut IoBinding,
    inputs: &[(String, DynValue)],
    outputs: &[String],
) -> ort::Result<SessionOutputs<'s>> {
    binding.clear();
    for (name, value) in inputs {
        binding.bind_input(name, value)?;
    }
    let here = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::CPUOutput)?;
    for name in outputs {
        binding.bind_output_to_device(name, &here)?;
    }
    session.run_binding(binding)
}

/// Registers the device's provider. By itself the library runs on the processor when that fails, and says nothing.
fn on_device(builder: SessionBuilder, device: Device, settings: &Settings) -> Result<SessionBuilder, ModelError> {
    let providers: Vec<ExecutionProviderDispatch> = match device {
        Device::Auto | Device::Cpu => return Ok(builder),
        Device::Cuda => vec![CUDA::default().build().error_on_failure()],
        // What TensorRT cannot compute goes to CUDA.
        Device::TensorRt => vec![tensorrt(settings).build().error_on_failure(), CUDA::default().build().error_on_failure()],
    };
    let refused = |e: &dyn std::fmt::Display| ModelError::Device { device: device.to_string(), reason: first_line(&e.to_string()) };
    builder.with_execution_providers(providers).map_err(|e| refused(&e))
}

/// TensorRT builds an engine for the network and the device, and keeps it where the settings name a folder.
fn tensorrt(settings: &Settings) -> TensorRT {
    let provider = TensorRT::default().with_fp16(settings.fp16);
    match &settings.engine_cache {
        Some(folder) => provider
            .with_engine_cache(true)
            .with_engine_cache_path(folder.display())
            .with_timing_cache(true)
            .with_timing_cache_path(folder.display()),
        None => provider,
    }
}

/// The library's messages carry a stack trace from the second line on.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim().trim_end_matches('.').to_owned()
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

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn run(&mut self, inputs: Vec<Input>, outputs: &[String]) -> Result<Vec<Output>, ModelError> {
        let runtime = self.runtime.clone();
        let failed = |e: &dyn std::fmt::Display| ModelError::Run { runtime: runtime.clone(), reason: first_line(&e.to_string()) };
        let mut given: Vec<(String, DynValue)> = Vec::with_capacity(inputs.len());
        for input in inputs {
            let value = value(input.shape, input.numbers).map_err(|e| failed(&e))?;
            given.push((input.name, value));
        }
        let answer = match &mut self.binding {
            Some(binding) => run_bound(&mut self.session, binding, &given, outputs),
            None => self
                .session
                .run(given.into_iter().map(|(name, value)| (name, value.into())).collect::<Vec<(String, SessionInputValue<'_>)>>()),
        };
        let answer = answer.map_err(|e| failed(&e))?;
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

fn value(shape: Vec<usize>, numbers: Numbers) -> ort::Result<DynValue> {
    Ok(match numbers {
        Numbers::F32(numbers) => Tensor::from_array((shape, numbers))?.into_dyn(),
        Numbers::F16(numbers) => Tensor::from_array((shape, numbers))?.into_dyn(),
        Numbers::U8(numbers) => Tensor::from_array((shape, numbers))?.into_dyn(),
        Numbers::I64(numbers) => Tensor::from_array((shape, numbers))?.into_dyn(),
        Numbers::I32(numbers) => Tensor::from_array((shape, numbers))?.into_dyn(),
    })
}

/// Half precision is widened; anything else that is not f32 is an error.
fn numbers(value: &DynValue) -> ort::Result<(Vec<i64>, Vec<f32>)> {
    if let Ok((shape, numbers)) = value.try_extract_tensor::<half::f16>() {
        return Ok((shape.to_vec(), numbers.iter().map(|n| n.to_f32()).collect()));
    }
    let (shape, numbers) = value.try_extract_tensor::<f32>()?;
    Ok((shape.to_vec(), numbers.to_vec()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::model::{Places, RuntimeKind};

    /// Binding is for devices with memory of their own; what it comes to can be seen on any.
    #[test]
    fn what_is_bound_comes_to_the_same() {
        let wanted = Settings { runtime: RuntimeKind::OnnxRuntime, ..Settings::default() };
        let choice = match RuntimeChoice::find(&wanted, &Places::of_this_process()) {
            Ok(choice) => choice,
            Err(reason) => return drop(writeln!(std::io::stderr(), "skipped what needs ONNX Runtime: {reason}")),
        };
        let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tagger/model.onnx");
        let mut engine = OrtEngine::load(&network, &["pixel_values"], choice.environment().unwrap(), &choice, Device::Cpu).unwrap();
        let outputs = ["logits".to_owned()];
        let side = usize::try_from(engine.axes.0[3]).unwrap();
        let mut answers = Vec::new();
        for bound in [false, true] {
            engine.binding = bound.then(|| engine.session.create_binding().unwrap());
            // A batch of another size in between: no buffer of the first is taken for the last.
            for count in [3, 1, 2] {
                let numbers = (0..count * 3 * side * side).map(|n| (n % 97) as f32 / 50.0 - 1.0).collect();
                let input = Input { name: "pixel_values".to_owned(), shape: vec![count, 3, side, side], numbers: Numbers::F32(numbers) };
                answers.push(engine.run(vec![input], &outputs).unwrap());
            }
        }
        let (free, bound) = answers.split_at(3);
        assert_eq!(free, bound);
        assert_eq!(bound[2][0].shape[0], 2);
    }
}
