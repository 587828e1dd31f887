//! A session: a bundle's network, loaded, on a device, ready to score pictures.

use super::{
    Bundle, Device, Head, HeadScores, ImageSpec, ModelError, Prepared, Preparer, Provided, RuntimeChoice, Scorer, Scores,
    ort_engine::OrtEngine,
    preprocess::{self, Batch},
    tract_engine::TractEngine,
};
use crate::images::Picture;

/// How many pictures go into a network at once, where it does not say itself. On a processor more brings little.
const AT_ONCE: usize = 16;

/// A loaded network. It scores for one thread at a time; open one for each thread.
#[derive(Debug)]
pub struct Session {
    engine: Box<dyn Engine>,
    image: ImageSpec,
    heads: Vec<Head>,
    outputs: Vec<String>,
    provided: Provided,
}

/// What computes: a runtime with a network in it.
pub(crate) trait Engine: Send + std::fmt::Debug {
    /// The axes of the network's input.
    fn axes(&self) -> &Axes;
    /// Computes the outputs of these names, in their order.
    fn run(&mut self, batch: Batch, shape: &[usize], outputs: &[String]) -> Result<Vec<Output>, ModelError>;
}

/// One output of a network.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) shape: Vec<i64>,
    pub(crate) numbers: Vec<f32>,
}

/// The axes of a network's input as its file declares them; -1 is free, and none at all is anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Axes(pub(crate) Vec<i64>);

impl Axes {
    /// How many pictures at once the network insists on.
    fn batch(&self) -> Option<usize> {
        match self.0.as_slice() {
            // Without a batch axis it is one picture.
            [_, _, _] => Some(1),
            [batch, ..] if *batch > 0 => Some(*batch as usize),
            _ => None,
        }
    }

    /// The shape of a batch in the network's own number of axes. `free` is the batch where the network leaves it open.
    pub(crate) fn concrete(&self, shape: [usize; 4], free: usize) -> Vec<usize> {
        if self.0.len() == 3 { shape[1..].to_vec() } else { vec![self.batch().unwrap_or(free), shape[1], shape[2], shape[3]] }
    }

    /// The same axes with a batch that was free set to this.
    pub(crate) fn with_batch(&self, batch: i64) -> Vec<i64> {
        let mut axes = self.0.clone();
        if let [first, _, _, _] = axes.as_mut_slice() {
            *first = if *first > 0 { *first } else { batch };
        }
        axes
    }

    /// Whether pictures of this shape fit.
    fn check(&self, shape: [usize; 4], input: &str) -> Result<(), ModelError> {
        let given = shape.map(|s| s as i64);
        let wanted = &self.0;
        let tail = if wanted.len() == 3 { wanted.as_slice() } else { wanted.get(1..).unwrap_or_default() };
        let fits = wanted.is_empty() || (tail.len() == 3 && tail.iter().zip(&given[1..]).all(|(w, g)| *w < 0 || w == g));
        if fits { Ok(()) } else { Err(ModelError::Input { input: input.to_owned(), wanted: wanted.clone(), given: given.to_vec() }) }
    }
}

impl Session {
    /// Loads a bundle's network. A device that is named serves, or this is an error; `auto` says in `why_not` what it could not have.
    pub fn open(bundle: &Bundle, runtime: &RuntimeChoice, device: Device) -> Result<Self, ModelError> {
        let mut why_not = runtime.why_not().to_vec();
        let (engine, serving) = match (runtime.environment().is_some(), device) {
            (true, Device::Auto) => match Self::load(bundle, runtime, Device::Cuda) {
                Ok(engine) => (engine, Device::Cuda),
                Err(reason) => {
                    why_not.push(reason.to_string());
                    (Self::load(bundle, runtime, Device::Cpu)?, Device::Cpu)
                }
            },
            (_, Device::Auto) => (Self::load(bundle, runtime, Device::Cpu)?, Device::Cpu),
            (_, named) => (Self::load(bundle, runtime, named)?, named),
        };
        let image = bundle.manifest().image.clone();
        engine.axes().check(preprocess::shape(&image, 1), &image.input)?;
        let provided = Provided { runtime: runtime.runtime(), provider: serving.to_string(), why_not };
        let (heads, outputs) = (bundle.heads().to_vec(), outputs(bundle));
        tracing::info!(bundle = bundle.id(), version = bundle.version(), runtime = %provided.runtime, provider = %provided.provider, "network loaded");
        Ok(Self { engine, image, heads, outputs, provided })
    }

    /// Loads the network for one device, and on a GPU computes once: some installations fail only then.
    fn load(bundle: &Bundle, runtime: &RuntimeChoice, device: Device) -> Result<Box<dyn Engine>, ModelError> {
        let image = &bundle.manifest().image;
        let Some(environment) = runtime.environment() else {
            return Self::load_in_tract(bundle, device);
        };
        let options = (device, runtime.settings().threads);
        let mut engine = OrtEngine::load(bundle.network(), &image.input, environment, &runtime.runtime(), options)?;
        if device != Device::Cpu {
            let size = engine.axes().batch().unwrap_or(1);
            engine.axes().check(preprocess::shape(image, 1), &image.input)?;
            let batch = preprocess::batch(&[], image, size)?;
            let shape = engine.axes().concrete(batch.shape, size);
            let failed = |e: ModelError| ModelError::Device { device: device.to_string(), reason: e.to_string() };
            engine.run(batch, &shape, &outputs(bundle)).map_err(failed)?;
        }
        Ok(Box::new(engine))
    }

    fn load_in_tract(bundle: &Bundle, device: Device) -> Result<Box<dyn Engine>, ModelError> {
        if device != Device::Cpu {
            let reason = "tract computes on the processor alone, and ONNX Runtime was not found".to_owned();
            return Err(ModelError::Device { device: device.to_string(), reason });
        }
        let image = &bundle.manifest().image;
        let shape = preprocess::shape(image, 1);
        let engine = TractEngine::load(bundle.network(), (&image.input, image.dtype), shape, &outputs(bundle))?;
        Ok(Box::new(engine))
    }

    /// Whoever makes pictures ready for this network on other threads.
    pub fn preparer(&self) -> Option<Preparer> {
        Some(Preparer::new(self.image.clone()))
    }

    /// Scores pictures that were made ready by this network's [`Preparer`].
    pub fn score_prepared(&mut self, prepared: &[&Prepared]) -> Result<Vec<Scores>, ModelError> {
        let fixed = self.engine.axes().batch();
        let mut scores = Vec::with_capacity(prepared.len());
        for part in prepared.chunks(fixed.unwrap_or(AT_ONCE)) {
            let size = fixed.unwrap_or(part.len());
            let batch = preprocess::gather(part.iter().map(|one| &one.0), &self.image, size);
            scores.extend(self.score_batch(batch, part.len(), size)?);
        }
        Ok(scores)
    }

    /// Scores as many pictures as go in at once: the first of the batch are pictures, the others fill it up.
    fn score_batch(&mut self, batch: Batch, pictures: usize, size: usize) -> Result<Vec<Scores>, ModelError> {
        let shape = self.engine.axes().concrete(batch.shape, size);
        let answers = self.engine.run(batch, &shape, &self.outputs)?;
        let mut scores: Vec<Scores> = (0..pictures).map(|_| Scores { heads: Vec::with_capacity(self.heads.len()) }).collect();
        for head in &self.heads {
            let answer = self.outputs.iter().position(|name| *name == head.output).and_then(|index| answers.get(index));
            let answer =
                answer.ok_or_else(|| ModelError::Tensor { kind: "output", name: head.output.clone(), known: self.outputs.clone() })?;
            for (picture, numbers) in scores.iter_mut().zip(split(answer, head, size)?) {
                picture.heads.push(HeadScores::new(&head.facet, head.activation, numbers.to_vec())?);
            }
        }
        Ok(scores)
    }
}

impl Scorer for Session {
    fn score(&mut self, pictures: &[&Picture]) -> Result<Vec<Scores>, ModelError> {
        let fixed = self.engine.axes().batch();
        let mut scores = Vec::with_capacity(pictures.len());
        for part in pictures.chunks(fixed.unwrap_or(AT_ONCE)) {
            let size = fixed.unwrap_or(part.len());
            let batch = preprocess::batch(part, &self.image, size)?;
            scores.extend(self.score_batch(batch, part.len(), size)?);
        }
        Ok(scores)
    }

    fn provider(&self) -> &Provided {
        &self.provided
    }
}

/// The outputs that the heads read, each once.
fn outputs(bundle: &Bundle) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for head in bundle.heads() {
        if !names.contains(&head.output) {
            names.push(head.output.clone());
        }
    }
    names
}

/// Each picture's part of an output. `[N, C]`, `[N, C, 1, 1]` and, for one picture, `[C]` are the same; what matters is that each picture
/// has as many numbers as the label map has rows.
fn split<'a>(output: &'a Output, head: &Head, pictures: usize) -> Result<impl Iterator<Item = &'a [f32]>, ModelError> {
    let width = head.labels.len();
    let by_picture = output.shape.first() == Some(&(pictures as i64));
    let fits = output.numbers.len() == width * pictures && (by_picture || pictures == 1);
    if fits {
        return Ok(output.numbers.chunks_exact(width));
    }
    Err(ModelError::Width { facet: head.facet.clone(), output: head.output.clone(), shape: output.shape.clone(), pictures, labels: width })
}
