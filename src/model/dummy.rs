//! A scorer without a network, for tests and rehearsals: it keeps the same contract and depends on the picture's checksum alone.

use std::collections::HashMap;

use super::{Bundle, Head, HeadScores, ModelError, Provided, Scorer, Scores};
use crate::images::Picture;

/// The output of what the dummy sees; everything else is 0.
const SEEN: f32 = 8.0;

/// Sees what it was told to see or else, in each picture, one thing by its checksum.
#[derive(Clone, Debug)]
pub struct Dummy {
    heads: Vec<Head>,
    told: HashMap<(String, String), usize>,
    provided: Provided,
}

impl Dummy {
    /// A dummy with a bundle's heads.
    pub fn new(bundle: &Bundle) -> Self {
        let provided = Provided { runtime: "dummy".to_owned(), provider: "cpu".to_owned(), why_not: Vec::new() };
        Self { heads: bundle.heads().to_vec(), told: HashMap::new(), provided }
    }

    /// In the picture with this checksum, it sees this output of this facet.
    #[must_use]
    pub fn seeing(mut self, checksum: &str, facet: &str, index: usize) -> Self {
        self.told.insert((checksum.to_owned(), facet.to_owned()), index);
        self
    }

    fn sees(&self, picture: &Picture, head: &Head) -> usize {
        let told = self.told.get(&(picture.checksum.clone(), head.facet.clone()));
        let sum = || picture.checksum.bytes().fold(0_usize, |sum, byte| (sum * 31 + usize::from(byte)) % head.labels.len().max(1));
        told.copied().unwrap_or_else(sum)
    }
}

impl Scorer for Dummy {
    fn score(&mut self, pictures: &[&Picture]) -> Result<Vec<Scores>, ModelError> {
        let score_head = |picture: &Picture, head: &Head| {
            let seen = self.sees(picture, head);
            let raw = (0..head.labels.len()).map(|index| if index == seen { SEEN } else { 0.0 }).collect();
            HeadScores::of(head, raw)
        };
        let score = |picture: &&Picture| {
            let heads = self.heads.iter().filter(|h| h.detect.is_none()).map(|head| score_head(picture, head)).collect::<Result<_, _>>()?;
            Ok(Scores::of_heads(heads))
        };
        pictures.iter().map(score).collect()
    }

    fn provider(&self) -> &Provided {
        &self.provided
    }
}
