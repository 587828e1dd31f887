//! The pictures of a job: fetched by the room's settings, and by what this job's command line adds to them.

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};

use super::House;
use crate::{
    images::{self, Mirror, Pictures},
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
    /// The pictures, by the settings and what a job adds.
    pub(super) fn pictures(&self, more: &PictureSources) -> anyhow::Result<Pictures> {
        let mut settings = self.settings.images.clone();
        settings.mirrors.extend(more.mirrors.iter().cloned());
        settings.folders.extend(more.folders.iter().cloned());
        let net = net::Settings { allow_private: self.settings.net.allow_private || more.allow_private, ..self.settings.net.clone() };
        let client = net::Client::new(net)?;
        let pictures = Pictures::new(settings, client, self.waiting.clone(), &self.store.folder().join("pictures"))?;
        Ok(pictures.with_clock(Arc::clone(self.store.clock())))
    }

    /// Whether [`House::kept_picture`] has something to give.
    pub fn keeps_picture(&self, iri: &str) -> anyhow::Result<bool> {
        Ok(self.pictures(&PictureSources::default())?.holds(iri))
    }

    /// The picture of a web resource as it was last fetched, or as a local file has it; never asks the network.
    pub fn kept_picture(&self, iri: &str) -> anyhow::Result<Option<images::PictureBytes>> {
        Ok(self.pictures(&PictureSources::default())?.cached(iri))
    }
}
