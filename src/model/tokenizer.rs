//! A tokenizer: from a text to the ids that a network knows, by the tokenizer's own file.

use std::{fs, path::Path};

use tokenizers::{PaddingParams, PaddingStrategy, Tokenizer as Inner, TruncationParams};

use super::ModelError;

/// The largest file of a tokenizer, in bytes.
const LARGEST: u64 = 64 << 20;
/// The longest text that is looked at, in characters; what is longer has more tokens than any network takes.
const LONGEST: usize = 20_000;

/// A tokenizer.
#[derive(Clone, Debug)]
pub(crate) struct Tokenizer {
    inner: Inner,
    path: std::path::PathBuf,
}

/// A text as ids, all of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) ids: Vec<i64>,
    /// 1 for the text's own, 0 for the padding.
    pub(crate) mask: Vec<i64>,
}

impl Tokenizer {
    /// Reads a tokenizer's file. Where a length is given, texts are padded with this id, or cut, to it.
    pub(crate) fn read(path: &Path, to: Option<(usize, u32)>) -> Result<Self, ModelError> {
        let refused = |reason: String| ModelError::Tokenizer { path: path.to_owned(), reason };
        if fs::metadata(path).map_err(|e| refused(e.to_string()))?.len() > LARGEST {
            return Err(refused(format!("it is larger than {LARGEST} bytes")));
        }
        let mut inner = Inner::from_file(path).map_err(|e| refused(e.to_string()))?;
        if let Some((length, pad_id)) = to {
            let cut = TruncationParams { max_length: length, ..TruncationParams::default() };
            inner.with_truncation(Some(cut)).map_err(|e| refused(e.to_string()))?;
            let padding = PaddingParams { strategy: PaddingStrategy::Fixed(length), pad_id, ..PaddingParams::default() };
            inner.with_padding(Some(padding));
        }
        Ok(Self { inner, path: path.to_owned() })
    }

    fn refused(&self, reason: &dyn std::fmt::Display) -> ModelError {
        ModelError::Tokenizer { path: self.path.clone(), reason: reason.to_string() }
    }

    /// The ids of a text, with those that begin and end it.
    pub(crate) fn tokens(&self, text: &str) -> Result<Tokens, ModelError> {
        let text = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
        let encoded = self.inner.encode(text, true).map_err(|e| self.refused(&e))?;
        Ok(Tokens {
            ids: encoded.get_ids().iter().map(|id| i64::from(*id)).collect(),
            mask: encoded.get_attention_mask().iter().map(|m| i64::from(*m)).collect(),
        })
    }

    /// The text of ids, without those that only begin and end it.
    pub(crate) fn text(&self, ids: &[u32]) -> Result<String, ModelError> {
        self.inner.decode(ids, true).map(|text| text.trim().to_owned()).map_err(|e| self.refused(&e))
    }
}
