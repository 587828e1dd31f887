//! The pictures of a job: fetched by the room's settings, and by what this job's command line adds to them.

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};

use super::House;
use crate::{
    images::{Mirror, Pictures},
    net,
};

/// Where else a job may take pictures from: what the command line says, for this job alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PictureSources {
    /// IRI prefixes whose pictures lie in a local folder.
    pub mirrors: Vec<Mirror>,
    /// Folders from which `file:` IRIs may be read.
    pub folders: Vec<PathBuf>,
    /// Whether private addresses may be asked.
    pub allow_private: bool,
}

impl House {
    /// The HTTP client, by the settings; a job may allow private addresses for itself.
    pub(super) fn client(&self, allow_private: bool) -> anyhow::Result<net::Client> {
        let allow_private = self.settings.net.allow_private || allow_private;
        Ok(net::Client::new(net::Settings { allow_private, ..self.settings.net.clone() })?)
    }

    /// The pictures, by the settings and what a job adds.
    pub(super) fn pictures(&self, more: &PictureSources) -> anyhow::Result<Pictures> {
        let mut settings = self.settings.images.clone();
        settings.mirrors.extend(more.mirrors.iter().cloned());
        settings.folders.extend(more.folders.iter().cloned());
        let client = self.client(more.allow_private)?;
        let pictures = Pictures::new(settings, client, self.waiting.clone(), &self.store.folder().join("pictures"))?;
        Ok(pictures.with_clock(Arc::clone(self.store.clock())))
    }

    /// The pictures as they were last fetched, or as local files have them, for whoever shows them.
    pub fn kept_pictures(&self) -> anyhow::Result<Pictures> {
        self.pictures(&PictureSources::default())
    }
}
