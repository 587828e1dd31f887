//! The manifest's part on texts: the encoder that makes vectors of them, its tokenizer, and what a captioning network begins and ends with.

use serde::{Deserialize, Serialize};

/// How texts become numbers. Where `file` is missing, the ids go into the picture's own network (OWL).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSpec {
    /// The text encoder's network, relative to the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Its output: `[N, width]`, or `[N, tokens, width]` of which the first is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The input of token ids.
    #[serde(default = "input_ids")]
    pub input: String,
    /// The input that tells tokens from padding, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// The numbers of both.
    #[serde(default)]
    pub dtype: TokenType,
    /// The tokenizer's own file, `tokenizer.json`.
    pub tokenizer: String,
    /// Its SHA-256.
    pub tokenizer_sha256: String,
    /// How many tokens a text has: shorter ones are padded, longer ones cut.
    pub length: usize,
    /// The id that shorter ones are padded with.
    pub pad_id: u32,
}

/// The numbers of token ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenType {
    /// 64 bits, as most exports have them.
    #[default]
    I64,
    /// 32 bits.
    I32,
}

/// A captioning network's second half: it is given what the picture's network says and the words so far, and says the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptionSpec {
    /// The facet under which captions are proposed for a property.
    pub facet: String,
    /// The picture network's output that the decoder is given.
    pub states: String,
    /// The decoder's network, relative to the bundle.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Its input of token ids, `[1, length]`.
    #[serde(default = "input_ids")]
    pub input: String,
    /// Its input for what the picture's network says.
    #[serde(default = "encoder_states")]
    pub states_input: String,
    /// Its output, `[1, length, words]`.
    #[serde(default = "logits")]
    pub output: String,
    /// The tokenizer's own file.
    pub tokenizer: String,
    /// Its SHA-256.
    pub tokenizer_sha256: String,
    /// The id that begins a caption.
    pub begin_id: u32,
    /// The id that ends one.
    pub end_id: u32,
    /// How many tokens a caption has at most.
    pub length: usize,
    /// The language that it speaks.
    pub language: String,
    /// The least mean likelihood of a word; less sure captions are not told.
    #[serde(default)]
    pub threshold: f64,
}

fn input_ids() -> String {
    "input_ids".to_owned()
}

fn encoder_states() -> String {
    "encoder_hidden_states".to_owned()
}

fn logits() -> String {
    "logits".to_owned()
}

/// The longest text, in tokens.
const LONGEST: usize = 4096;

impl TextSpec {
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.length == 0 || self.length > LONGEST {
            return Err(format!("`text.length` lies from 1 to {LONGEST}"));
        }
        match (&self.file, &self.sha256, &self.output) {
            (Some(_), Some(_), Some(_)) | (None, None, None) => Ok(()),
            _ => Err("`text.file`, `text.sha256` and `text.output` belong together".to_owned()),
        }
    }
}

impl CaptionSpec {
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.length < 2 || self.length > 512 {
            return Err("`caption.length` lies from 2 to 512".to_owned());
        }
        if self.language.trim().is_empty() || self.facet.trim().is_empty() {
            return Err("`caption.language` or `caption.facet` is empty".to_owned());
        }
        if (0.0..=1.0).contains(&self.threshold) { Ok(()) } else { Err("`caption.threshold` lies from 0 to 1".to_owned()) }
    }
}
