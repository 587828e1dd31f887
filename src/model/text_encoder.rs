//! A text encoder: vectors of texts, to be compared with those of pictures.

use super::{
    Bundle, Device, ModelError, Provided, RuntimeChoice, TextSpec, TokenType,
    network::{Network, Which},
    tensor::{Input, Kind, Numbers, Wanted},
    tokenizer::{Tokenizer, Tokens},
};

/// How many texts go into the network at once, where it does not say itself.
const AT_ONCE: usize = 32;

/// A loaded text encoder.
#[derive(Debug)]
pub struct TextEncoder {
    network: Network,
    tokenizer: Tokenizer,
    spec: TextSpec,
    provided: Provided,
}

impl TextEncoder {
    /// Loads a bundle's text encoder; nothing where it has none.
    pub fn open(bundle: &Bundle, runtime: &RuntimeChoice, device: Device) -> Result<Option<Self>, ModelError> {
        let Some(spec) = bundle.manifest().text.clone() else { return Ok(None) };
        let (Some(file), Some(output)) = (&spec.file, &spec.output) else { return Ok(None) };
        let tokenizer = Tokenizer::read(&bundle.file(&spec.tokenizer)?, Some((spec.length, spec.pad_id)))?;
        let name = format!("{}.text", bundle.id());
        let file = bundle.file(file)?;
        let which = Which { file: &file, name: &name };
        let network = Network::open(which, wanted(&spec, 1, true), vec![output.clone()], runtime, device)?;
        let provided = Provided { runtime: runtime.runtime(), provider: network.device.to_string(), why_not: network.why_not.clone() };
        Ok(Some(Self { network, tokenizer, spec, provided }))
    }

    /// What really computes.
    pub fn provider(&self) -> &Provided {
        &self.provided
    }

    /// The vectors of texts, each of length 1, in their order.
    pub fn encode(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let fixed = self.network.batch();
        let mut vectors = Vec::with_capacity(texts.len());
        for part in texts.chunks(fixed.unwrap_or(AT_ONCE)) {
            let size = fixed.unwrap_or(part.len());
            let tokens = part.iter().map(|text| self.tokenizer.tokens(text)).collect::<Result<Vec<_>, _>>()?;
            let answers = self.network.run(inputs(&self.spec, &tokens, size), size)?;
            for answer in answers.into_iter().take(part.len()) {
                // `[tokens, width]` gives its first row, `[width]` itself.
                let vector = answer.first().and_then(|output| output.rows().next().map(<[f32]>::to_vec)).unwrap_or_default();
                vectors.push(unit(vector));
            }
        }
        Ok(vectors)
    }
}

/// What the inputs look like, for so many texts.
pub(crate) fn wanted(spec: &TextSpec, texts: usize, per_item: bool) -> Vec<Wanted> {
    let kind = match spec.dtype {
        TokenType::I64 => Kind::I64,
        TokenType::I32 => Kind::I32,
    };
    let one = |name: &String| Wanted { name: name.clone(), kind, shape: vec![texts, spec.length], per_item };
    std::iter::once(&spec.input).chain(&spec.mask).map(one).collect()
}

/// The inputs of texts, filled up with empty ones to the size that a network insists on.
pub(crate) fn inputs(spec: &TextSpec, tokens: &[Tokens], size: usize) -> Vec<Input> {
    let numbers = |of: &dyn Fn(&Tokens) -> &Vec<i64>, fill: i64| {
        let mut all: Vec<i64> = tokens.iter().flat_map(|t| of(t).iter().copied()).collect();
        all.resize(size * spec.length, fill);
        match spec.dtype {
            TokenType::I64 => Numbers::I64(all),
            TokenType::I32 => Numbers::I32(all.into_iter().map(|n| n as i32).collect()),
        }
    };
    let shape = vec![size, spec.length];
    let mut given = vec![Input { name: spec.input.clone(), shape: shape.clone(), numbers: numbers(&|t| &t.ids, i64::from(spec.pad_id)) }];
    if let Some(mask) = &spec.mask {
        given.push(Input { name: mask.clone(), shape, numbers: numbers(&|t| &t.mask, 0) });
    }
    given
}

/// A vector of the length 1 in the same direction; one without a direction stays as it is.
pub(crate) fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value = (f64::from(*value) / length) as f32;
        }
    }
    vector
}
