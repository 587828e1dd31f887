//! What the pipeline's rooms are set to, together.

use serde::{Deserialize, Serialize};

use crate::{enrichment, images, linking, model, net, records, validation};

/// The settings of every room that a job passes through.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Fetching.
    pub net: net::Settings,
    /// Reading records.
    pub records: records::ReadSettings,
    /// Harvesting.
    pub harvest: records::harvest::Settings,
    /// Reports of validations.
    pub validation: validation::Settings,
    /// Pictures.
    pub images: images::Settings,
    /// Networks.
    pub model: model::Settings,
    /// Facets and their properties.
    pub enrichment: enrichment::Settings,
    /// What is read in records' words.
    pub linking: linking::Settings,
    /// How tagging's stages run side by side.
    pub stages: StageSettings,
    /// Where concepts may be fetched.
    pub dereference: DereferenceSettings,
}

/// Where concepts may be fetched that records name and no vocabulary has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DereferenceSettings {
    /// The hosts that may be asked for their own concepts.
    pub hosts: Vec<String>,
}

impl Default for DereferenceSettings {
    fn default() -> Self {
        let hosts = ["vocab.getty.edu", "data.europeana.eu", "d-nb.info", "id.loc.gov", "iconclass.org", "data.bnf.fr"];
        Self { hosts: hosts.map(str::to_owned).to_vec() }
    }
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
    /// How many sessions of the network compute side by side, each loaded by itself. On a GPU two keep it busy while the scores of a batch are
    /// taken off it; on a processor one uses all cores.
    pub sessions: usize,
}

impl Default for StageSettings {
    fn default() -> Self {
        Self { fetchers: 8, decoders: 0, batch: 8, batch_milliseconds: 5, sessions: 1 }
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
