//! An eye: a network that is given pictures, with what it expects of them.

use super::{
    Bundle, Device, ImageSpec, ModelError, OnnxFile, RuntimeChoice,
    network::{Network, Which},
    preprocess::{self, Batch, Placement},
    tensor::{Input, Numbers, Output, Wanted},
    text_encoder,
    tokenizer::Tokenizer,
};
use crate::images::Picture;

/// How many pictures go into a network at once, where it does not say itself. On a processor more brings little.
const AT_ONCE: usize = 16;

/// A network that looks at pictures.
#[derive(Debug)]
pub(crate) struct Eye {
    /// The bundle's name for the network; none for the first one.
    pub(crate) name: Option<String>,
    pub(crate) network: Network,
    pub(crate) image: ImageSpec,
    /// What goes in with every picture: the texts that are looked for.
    texts: Vec<Input>,
    /// The height and width of the mask, where it wants one.
    mask: Option<[usize; 2]>,
}

impl Eye {
    /// Loads the network of this name for these outputs. `texts` are looked for in each picture.
    pub(crate) fn open(
        bundle: &Bundle,
        name: Option<&str>,
        outputs: Vec<String>,
        texts: &[String],
        runtime: &RuntimeChoice,
        device: Device,
    ) -> Result<Self, ModelError> {
        let (file, image) = bundle.network_of(name)?;
        let served = name.map_or_else(|| bundle.id().to_owned(), |name| format!("{}.{name}", bundle.id()));
        let kind = preprocess::kind(image.dtype);
        let mut wanted = vec![Wanted { name: image.input.clone(), kind, shape: preprocess::shape(&image, 1).to_vec(), per_item: true }];
        let mask = image.mask.as_ref().map(|mask| mask_size(&file, mask, &image)).transpose()?;
        if let (Some(name), Some([height, width])) = (&image.mask, mask) {
            wanted.push(Wanted { name: name.clone(), kind: super::tensor::Kind::I64, shape: vec![1, height, width], per_item: true });
        }
        let texts = match (&bundle.manifest().text, texts.is_empty()) {
            (Some(spec), false) => {
                let tokenizer = Tokenizer::read(&bundle.file(&spec.tokenizer)?, Some((spec.length, spec.pad_id)))?;
                let tokens = texts.iter().map(|text| tokenizer.tokens(text)).collect::<Result<Vec<_>, _>>()?;
                wanted.extend(text_encoder::wanted(spec, tokens.len(), false));
                text_encoder::inputs(spec, &tokens, tokens.len())
            }
            _ => Vec::new(),
        };
        let network = Network::open(Which { file: &file, name: &served }, wanted, outputs, runtime, device)?;
        Ok(Self { name: name.map(str::to_owned), network, image, texts, mask })
    }

    /// How many pictures at once it insists on. Texts belong to one picture's batch.
    fn fixed(&self) -> Option<usize> {
        self.network.batch().or_else(|| (!self.texts.is_empty()).then_some(1))
    }

    /// Looks at pictures: for each of them the outputs, in the order in which they were asked for.
    pub(crate) fn look(&mut self, pictures: &[&Picture]) -> Result<Vec<Vec<Output>>, ModelError> {
        let mut answers = Vec::with_capacity(pictures.len());
        for part in pictures.chunks(self.fixed().unwrap_or(AT_ONCE)) {
            let size = self.fixed().unwrap_or(part.len());
            let batch = preprocess::batch(part, &self.image, size)?;
            let mask = match (&self.image.mask, self.mask) {
                (Some(name), Some(mask)) => Some(self.masks(name, mask, part, size)),
                _ => None,
            };
            answers.extend(self.run(batch, mask, size)?.into_iter().take(part.len()));
        }
        Ok(answers)
    }

    /// The same for pictures that were made ready.
    pub(crate) fn look_prepared(&mut self, prepared: &[&Numbers]) -> Result<Vec<Vec<Output>>, ModelError> {
        let mut answers = Vec::with_capacity(prepared.len());
        for part in prepared.chunks(self.fixed().unwrap_or(AT_ONCE)) {
            let size = self.fixed().unwrap_or(part.len());
            let batch = preprocess::gather(part.iter().copied(), &self.image, size);
            answers.extend(self.run(batch, None, size)?.into_iter().take(part.len()));
        }
        Ok(answers)
    }

    fn run(&mut self, batch: Batch, mask: Option<Input>, size: usize) -> Result<Vec<Vec<Output>>, ModelError> {
        let mut inputs = vec![Input { name: self.image.input.clone(), shape: batch.shape.to_vec(), numbers: batch.numbers }];
        inputs.extend(mask);
        inputs.extend(self.texts.iter().cloned());
        self.network.run(inputs, size)
    }

    /// Where a picture comes to lie in the network's input.
    pub(crate) fn placement(&self, picture: &Picture) -> Placement {
        preprocess::placement(picture.width, picture.height, &self.image)
    }

    /// The place of an output among those that were asked for.
    pub(crate) fn output(&self, name: &str) -> Result<usize, ModelError> {
        let known = self.network.outputs();
        let place = known.iter().position(|n| n == name);
        place.ok_or_else(|| ModelError::Tensor { kind: "output", name: name.to_owned(), known: known.to_vec() })
    }

    /// 1 where the picture is, 0 where something was laid around it.
    fn masks(&self, name: &str, [height, width]: [usize; 2], pictures: &[&Picture], size: usize) -> Input {
        let mut numbers = vec![0_i64; size * height * width];
        let [input_width, input_height] = self.image.input_size().map(f64::from);
        for (picture, mask) in pictures.iter().zip(numbers.chunks_exact_mut((height * width).max(1))) {
            let placed = self.placement(picture);
            let inside = |at: usize, side: usize, whole: f64, axis: usize| {
                let middle = (at as f64 + 0.5) * whole / side as f64;
                let from = placed.from[axis].max(0.0);
                middle >= from && middle < from + f64::from(placed.shown[axis])
            };
            for (at, one) in mask.iter_mut().enumerate() {
                let (row, column) = (at / width, at % width);
                *one = i64::from(inside(row, height, input_height, 1) && inside(column, width, input_width, 0));
            }
        }
        Input { name: name.to_owned(), shape: vec![size, height, width], numbers: Numbers::I64(numbers) }
    }
}

/// The mask is as large as the network's file says, or else as the picture.
fn mask_size(file: &std::path::Path, mask: &str, image: &ImageSpec) -> Result<[usize; 2], ModelError> {
    let found = OnnxFile::read(file)?;
    let [width, height] = image.input_size().map(|s| s as usize);
    let declared = found.inputs.iter().find(|i| i.name == mask).map(|i| i.dims.clone()).unwrap_or_default();
    Ok(match declared.as_slice() {
        [_, h, w] if *h > 0 && *w > 0 => [*h as usize, *w as usize],
        _ => [height, width],
    })
}
