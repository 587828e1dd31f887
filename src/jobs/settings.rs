//! What the pipeline's rooms are set to, together.

use serde::{Deserialize, Serialize};

use crate::{enrichment, images, model, net, records};

/// The settings of every room that a job passes through.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Fetching.
    pub net: net::Settings,
    /// Reading records.
    pub records: records::ReadSettings,
    /// Pictures.
    pub images: images::Settings,
    /// Networks.
    pub model: model::Settings,
    /// Facets and their properties.
    pub enrichment: enrichment::Settings,
    /// How tagging's stages run side by side.
    pub stages: StageSettings,
}

/// How the stages of tagging run side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StageSettings {
    /// Threads that wait for hosts and files.
    pub fetchers: usize,
    /// Threads that decode and scale; as many as there are cores where it is 0.
    pub decoders: usize,
    /// How many pictures go into the network at once.
    pub batch: usize,
    /// For how long a batch that is not full waits for more, in milliseconds.
    pub batch_milliseconds: u64,
}

impl Default for StageSettings {
    fn default() -> Self {
        Self { fetchers: 8, decoders: 0, batch: 8, batch_milliseconds: 5 }
    }
}

impl StageSettings {
    /// How many threads decode.
    pub(super) fn decoding_threads(&self) -> usize {
        match self.decoders {
            0 => std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            set => set,
        }
    }
}
