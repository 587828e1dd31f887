//! A captioner: says in a sentence what is to be seen, word by word, the likeliest one each time.

use super::{
    Activation, Bundle, CaptionSpec, Captioned, Device, ModelError, RuntimeChoice,
    network::{Network, Which},
    tensor::{Input, Kind, Numbers, Output, Wanted},
    tokenizer::Tokenizer,
};

/// A loaded decoder. What it is given grows by a word each time; the rest is padding behind it, which a decoder never looks at.
#[derive(Debug)]
pub(crate) struct Captioner {
    spec: CaptionSpec,
    tokenizer: Tokenizer,
    bundle: Bundle,
    runtime: RuntimeChoice,
    device: Device,
    /// Loaded for states of a shape, once that is known.
    network: Option<(Vec<i64>, Network)>,
}

impl Captioner {
    /// A bundle's captioner; nothing where it has none.
    pub(crate) fn open(bundle: &Bundle, runtime: &RuntimeChoice, device: Device) -> Result<Option<Self>, ModelError> {
        let Some(spec) = bundle.manifest().caption.clone() else { return Ok(None) };
        let tokenizer = Tokenizer::read(&bundle.file(&spec.tokenizer)?, None)?;
        Ok(Some(Self { spec, tokenizer, bundle: bundle.clone(), runtime: runtime.clone(), device, network: None }))
    }

    /// The output of the picture's network that it is given.
    pub(crate) fn states(&self) -> &str {
        &self.spec.states
    }

    fn network(&mut self, states: &Output) -> Result<&mut Network, ModelError> {
        let known = self.network.take().filter(|(shape, _)| *shape == states.shape);
        let network = if let Some((_, network)) = known {
            network
        } else {
            let shape: Vec<usize> = std::iter::once(1).chain(states.shape.iter().map(|s| *s as usize)).collect();
            let wanted = vec![
                Wanted { name: self.spec.input.clone(), kind: Kind::I64, shape: vec![1, self.spec.length], per_item: false },
                Wanted { name: self.spec.states_input.clone(), kind: Kind::F32, shape, per_item: false },
            ];
            let file = self.bundle.file(&self.spec.file)?;
            let name = format!("{}.decoder", self.bundle.id());
            Network::open(Which { file: &file, name: &name }, wanted, vec![self.spec.output.clone()], &self.runtime, self.device)?
        };
        Ok(&mut self.network.insert((states.shape.clone(), network)).1)
    }

    /// The caption of a picture; nothing where it is not sure enough, or says nothing.
    pub(crate) fn caption(&mut self, states: &Output) -> Result<Option<Captioned>, ModelError> {
        let spec = self.spec.clone();
        let mut ids = vec![i64::from(spec.begin_id)];
        let mut likelihood = 0.0;
        while ids.len() < spec.length {
            let mut padded = ids.clone();
            padded.resize(spec.length, i64::from(spec.end_id));
            let shape = std::iter::once(1).chain(states.shape.iter().map(|s| *s as usize)).collect();
            let inputs = vec![
                Input { name: spec.input.clone(), shape: vec![1, spec.length], numbers: Numbers::I64(padded) },
                Input { name: spec.states_input.clone(), shape, numbers: Numbers::F32(states.numbers.clone()) },
            ];
            let answer = self.network(states)?.run(inputs, 1)?;
            let words = answer.first().and_then(|outputs| outputs.first());
            let row = words.and_then(|words| words.rows().nth(ids.len() - 1));
            let row = row.ok_or_else(|| ModelError::Captions(format!("its output `{}` has no row for word {}", spec.output, ids.len())))?;
            let scores = Activation::Softmax.apply(row, 1.0);
            let (best, score) = scores.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or((0, 0.0), |(i, s)| (i, *s));
            if !score.is_finite() {
                return Err(ModelError::Captions(format!("word {} is no number", ids.len())));
            }
            likelihood += score.ln();
            ids.push(best as i64);
            if best == spec.end_id as usize {
                break;
            }
        }
        let words: Vec<u32> = ids[1..].iter().map(|id| *id as u32).filter(|id| *id != spec.end_id).collect();
        let score = (likelihood / (ids.len() - 1).max(1) as f64).exp();
        let text = self.tokenizer.text(&words)?;
        let told = !text.is_empty() && score >= spec.threshold;
        Ok(told.then_some(Captioned { facet: spec.facet, text, language: spec.language, score }))
    }
}
