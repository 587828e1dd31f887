//! A static text model: a vector for each piece of a word, and a text's vector is their sum. It tells how alike in meaning two short English
//! texts are, at tens of thousands of texts a second.

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest as _, Sha256};
use tokenizers::Tokenizer;

use super::ModelError;

/// The model that is built in: `all-MiniLM-L6-v2`, distilled. `data/text-model/card.md` tells how, and what it is worth.
const ROWS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/text-model/model.safetensors"));
const TOKENIZER: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/text-model/tokenizer.json"));

/// A static text model, ready to embed.
#[derive(Debug)]
pub struct TextVectors {
    tokenizer: Tokenizer,
    rows: &'static [u8],
    scales: Vec<f32>,
    width: usize,
    checksum: String,
}

impl TextVectors {
    /// The model that is built in.
    pub fn built_in() -> Result<Self, ModelError> {
        let unusable = |reason: String| ModelError::TextModel { reason };
        let mut tokenizer = Tokenizer::from_bytes(TOKENIZER).map_err(|e| unusable(e.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| unusable(e.to_string()))?;
        let tensors = SafeTensors::deserialize(ROWS).map_err(|e| unusable(e.to_string()))?;
        let rows = tensors.tensor("rows").map_err(|e| unusable(e.to_string()))?;
        let scales = tensors.tensor("scales").map_err(|e| unusable(e.to_string()))?;
        let (&[count, width], Dtype::I8, Dtype::F32) = (rows.shape(), rows.dtype(), scales.dtype()) else {
            return Err(unusable("its rows are not a table of 8-bit integers with 32-bit scales".to_owned()));
        };
        let scales: Vec<f32> = scales.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        if scales.len() != count || tokenizer.get_vocab_size(true) != count {
            return Err(unusable(format!("it has {count} rows, {} scales and {} pieces", scales.len(), tokenizer.get_vocab_size(true))));
        }
        let rows = rows.data();
        Ok(Self { tokenizer, rows, scales, width, checksum: hex::encode(Sha256::digest(ROWS)) })
    }

    /// The SHA-256 of the model's numbers, hexadecimal.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// How many numbers a vector has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The vector of a text, as long as 1; all zeros where none of its pieces is known.
    pub fn embed(&self, text: &str) -> Result<Vec<f32>, ModelError> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(|e| ModelError::TextModel { reason: e.to_string() })?;
        let mut sum = vec![0.0_f32; self.width];
        for id in encoding.get_ids() {
            let place = *id as usize;
            let (Some(scale), Some(row)) = (self.scales.get(place), self.rows.get(place * self.width..(place + 1) * self.width)) else {
                continue;
            };
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += f32::from(i8::from_ne_bytes([*value])) * scale;
            }
        }
        let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
        if length > 0.0 {
            for value in &mut sum {
                *value /= length;
            }
        }
        Ok(sum)
    }

    /// How alike two vectors of this model are: the cosine, from -1 to 1.
    pub fn likeness(one: &[f32], other: &[f32]) -> f32 {
        one.iter().zip(other).map(|(a, b)| a * b).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_like_meaning_are_nearer() {
        let model = TextVectors::built_in().unwrap();
        let near = |a: &str, b: &str| TextVectors::likeness(&model.embed(a).unwrap(), &model.embed(b).unwrap());
        assert!((near("oil painting", "Oil Painting") - 1.0).abs() < 1e-5);
        assert!(near("lawyer", "attorney") > near("lawyer", "basket") + 0.1);
        assert!(near("picture of a church", "cathedrals") > near("picture of a church", "screwdrivers"));
        assert!(model.embed("").unwrap().iter().all(|v| *v == 0.0));
        assert_eq!(model.width(), 128);
    }
}
