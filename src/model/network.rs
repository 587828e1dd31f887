//! A network, loaded by a runtime on a device: tensors in, tensors out.

use std::path::Path;

use super::{
    Device, ModelError, RuntimeChoice,
    ort_engine::OrtEngine,
    remote_engine::RemoteEngine,
    tensor::{Input, Numbers, Output, Wanted},
    tract_engine::TractEngine,
};

/// What computes: a runtime with a network in it.
pub(crate) trait Engine: Send + std::fmt::Debug {
    /// The axes of the network's first input.
    fn axes(&self) -> &Axes;
    /// What is to be known about how it computes.
    fn notes(&self) -> &[String] {
        &[]
    }
    /// Computes the outputs of these names, in their order.
    fn run(&mut self, inputs: Vec<Input>, outputs: &[String]) -> Result<Vec<Output>, ModelError>;
}

/// A loaded network.
#[derive(Debug)]
pub(crate) struct Network {
    engine: Box<dyn Engine>,
    wanted: Vec<Wanted>,
    outputs: Vec<String>,
    /// What it runs on.
    pub(crate) device: Device,
    /// What would have come first, and why it does not serve.
    pub(crate) why_not: Vec<String>,
}

/// Which network: its file, and its name where somebody else's server holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which<'w> {
    pub(crate) file: &'w Path,
    pub(crate) name: &'w str,
}

/// The axes of a network's input as its file declares them; -1 is free, and none at all is anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Axes(pub(crate) Vec<i64>);

impl Axes {
    /// How many items at once the network insists on. `axes` is how many its input has with a batch.
    pub(crate) fn batch(&self, axes: usize) -> Option<usize> {
        match self.0.as_slice() {
            // Without a batch axis it is one item.
            without if !without.is_empty() && without.len() + 1 == axes => Some(1),
            [batch, ..] if *batch > 0 => Some(*batch as usize),
            _ => None,
        }
    }

    /// The shape of a batch in the network's own number of axes. `free` is the batch where the network leaves it open.
    pub(crate) fn concrete(&self, shape: &[usize], free: usize) -> Vec<usize> {
        if !self.0.is_empty() && self.0.len() + 1 == shape.len() {
            return shape[1..].to_vec();
        }
        let mut concrete = shape.to_vec();
        if let Some(first) = concrete.first_mut() {
            *first = self.batch(shape.len()).unwrap_or(free);
        }
        concrete
    }

    /// The same axes with a batch that was free set to this.
    pub(crate) fn with_batch(&self, batch: i64) -> Vec<i64> {
        let mut axes = self.0.clone();
        if let [first, _, _, _] | [first, _] = axes.as_mut_slice() {
            *first = if *first > 0 { *first } else { batch };
        }
        axes
    }

    /// Whether items of this shape (batch first) fit.
    pub(crate) fn check(&self, shape: &[usize], input: &str) -> Result<(), ModelError> {
        let given: Vec<i64> = shape.iter().map(|s| *s as i64).collect();
        let wanted = &self.0;
        let tail = if wanted.len() + 1 == shape.len() { wanted.as_slice() } else { wanted.get(1..).unwrap_or_default() };
        let fits = wanted.is_empty() || (tail.len() + 1 == given.len() && tail.iter().zip(&given[1..]).all(|(w, g)| *w < 0 || w == g));
        if fits { Ok(()) } else { Err(ModelError::Input { input: input.to_owned(), wanted: wanted.clone(), given }) }
    }
}

impl Network {
    /// Loads a network for inputs of these shapes, the one that carries the items first. A device that is named serves, or this is an
    /// error; `auto` says in `why_not` what it could not have.
    pub(crate) fn open(
        which: Which<'_>,
        wanted: Vec<Wanted>,
        outputs: Vec<String>,
        runtime: &RuntimeChoice,
        device: Device,
    ) -> Result<Self, ModelError> {
        let mut why_not = runtime.why_not().to_vec();
        let load = |device| Self::load(which, &wanted, &outputs, runtime, device);
        let (engine, device) = match (runtime.environment().is_some(), device) {
            (true, Device::Auto) => match load(Device::Cuda) {
                Ok(engine) => (engine, Device::Cuda),
                Err(error) => {
                    why_not.push(match error {
                        ModelError::Device { device, reason } => format!("{device}: {reason}"),
                        other => other.to_string(),
                    });
                    (load(Device::Cpu)?, Device::Cpu)
                }
            },
            (_, Device::Auto) => (load(Device::Cpu)?, Device::Cpu),
            (_, named) => (load(named)?, named),
        };
        why_not.extend(engine.notes().iter().cloned());
        if let Some(first) = wanted.first() {
            engine.axes().check(&first.shape, &first.name)?;
        }
        tracing::info!(network = %which.file.display(), runtime = %runtime.runtime(), device = %device, "network loaded");
        Ok(Self { engine, wanted, outputs, device, why_not })
    }

    /// Loads the network for one device, and on a GPU computes once: some installations fail only then.
    fn load(
        which: Which<'_>,
        wanted: &[Wanted],
        outputs: &[String],
        runtime: &RuntimeChoice,
        device: Device,
    ) -> Result<Box<dyn Engine>, ModelError> {
        if let Some(remote) = runtime.remote() {
            return Ok(Box::new(RemoteEngine::open(remote, which.name, wanted, outputs)?));
        }
        let Some(environment) = runtime.environment() else {
            if device != Device::Cpu {
                let reason = "tract computes on the processor alone, and ONNX Runtime was not found".to_owned();
                return Err(ModelError::Device { device: device.to_string(), reason });
            }
            return Ok(Box::new(TractEngine::load(which.file, wanted, outputs)?));
        };
        let names: Vec<&str> = wanted.iter().map(|w| w.name.as_str()).collect();
        let mut engine = OrtEngine::load(which.file, &names, environment, runtime, device)?;
        if device != Device::Cpu {
            let failed = |e: ModelError| ModelError::Device { device: device.to_string(), reason: e.to_string() };
            if let Some(first) = wanted.first() {
                engine.axes().check(&first.shape, &first.name)?;
            }
            let axes = engine.axes().clone();
            let zeros = wanted.iter().map(|w| {
                let shape = if w.per_item { axes.concrete(&w.shape, 1) } else { w.shape.clone() };
                Input { name: w.name.clone(), numbers: Numbers::zeros(w.kind, shape.iter().product()), shape }
            });
            engine.run(zeros.collect(), outputs).map_err(failed)?;
        }
        Ok(Box::new(engine))
    }

    /// How many items at once it insists on.
    pub(crate) fn batch(&self) -> Option<usize> {
        self.engine.axes().batch(self.wanted.first().map_or(0, |w| w.shape.len()))
    }

    /// The outputs that it is asked for.
    pub(crate) fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Computes. Each input holds so many items, batch first; the outputs come item by item, each as many as there are names.
    pub(crate) fn run(&mut self, mut inputs: Vec<Input>, items: usize) -> Result<Vec<Vec<Output>>, ModelError> {
        let per_item = |input: &Input| self.wanted.iter().any(|w| w.per_item && w.name == input.name);
        for input in inputs.iter_mut().filter(|input| per_item(input)) {
            input.shape = self.engine.axes().concrete(&input.shape, items);
        }
        let answers = self.engine.run(inputs, &self.outputs)?;
        let mut by_item: Vec<Vec<Output>> = (0..items).map(|_| Vec::with_capacity(answers.len())).collect();
        for (answer, name) in answers.into_iter().zip(&self.outputs) {
            let parts =
                answer.split(items).ok_or_else(|| ModelError::Items { output: name.clone(), shape: answer.shape.clone(), items })?;
            by_item.iter_mut().zip(parts).for_each(|(item, part)| item.push(part));
        }
        Ok(by_item)
    }
}
