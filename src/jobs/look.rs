//! A photograph of somebody's own is looked at, and nothing of it is kept.

use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{
    House,
    opened::{Opened, Prompts},
    tag::{provider_of, tagger},
};
use crate::{
    enrichment::TaggerCard,
    images::{Picture, decode},
    model::{Bundle, Scorer},
    tagging::{FacetPredictions, Tagger},
    telemetry::Silent,
};

/// What was seen on a photograph.
#[derive(Debug)]
pub struct Looked {
    /// The decoded picture.
    pub picture: Picture,
    /// The tagger.
    pub tagger: TaggerCard,
    /// What it sees, by facet.
    pub facets: Vec<FacetPredictions>,
    /// What it ran on.
    pub provider: String,
}

/// Looks at photographs with the house's first model, one at a time. The network stays loaded from one to the next.
#[derive(Debug)]
pub struct Looker {
    house: House,
    ready: Mutex<Option<Ready>>,
    /// What is told of the runtime, without waiting for whoever looks at something.
    told: Mutex<Value>,
}

/// A loaded network, and the tagger over the vocabularies as they were at a version of the store.
#[derive(Debug)]
struct Ready {
    checksum: String,
    version: u64,
    card: TaggerCard,
    scorer: Box<dyn Scorer>,
    tagger: Tagger,
}

impl Looker {
    /// Looks on behalf of this house.
    pub fn new(house: House) -> Self {
        Self { house, ready: Mutex::default(), told: Mutex::default() }
    }

    /// Looks at one picture. Nothing is written anywhere.
    pub fn look(&self, bytes: &[u8]) -> anyhow::Result<Looked> {
        let picture = decode(bytes, &self.house.settings.images.limits)?;
        self.with_ready(|ready| {
            let scores = ready.scorer.score(&[&picture])?;
            let facets = scores.first().map(|s| ready.tagger.predict(s)).unwrap_or_default();
            Ok((facets, ready.card.clone(), provider_of(ready.scorer.as_ref())))
        })
        .map(|(facets, tagger, provider)| Looked { picture, tagger, facets, provider })
    }

    /// Loads the network before anybody waits for it. Without a model there is nothing to do.
    pub fn prepare(&self) {
        if let Err(error) = self.with_ready(|_| Ok(())) {
            *self.told.lock().unwrap_or_else(PoisonError::into_inner) = json!({ "model": null, "reason": format!("{error:#}") });
        }
    }

    /// Which runtime and which execution provider the first model really runs on, and why not another: as it was when it was last loaded.
    pub fn provided(&self) -> Value {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with_ready<A>(&self, act: impl FnOnce(&mut Ready) -> anyhow::Result<A>) -> anyhow::Result<A> {
        let models = self.house.models()?;
        let model = models.into_iter().next().context("the store has no model yet: `glossator model add FOLDER` takes one in")?;
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *ready {
            Some(ready) if ready.checksum == model.bundle.checksum() => {
                self.bring_along(ready, &model.bundle)?;
                act(ready)
            }
            empty => act(empty.insert(self.open(&model.bundle)?)),
        }
    }

    fn open(&self, bundle: &Bundle) -> anyhow::Result<Ready> {
        let version = self.house.store.version();
        let Opened { card, tagger, scorer, .. } = self.house.open_bundle(bundle.clone(), None, &Prompts::new(), &Silent)?;
        let provided = scorer.provider();
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = json!({
            "model": format!("{}@{}", bundle.id(), bundle.version()),
            "runtime": provided.runtime,
            "provider": provided.provider,
            "whyNot": provided.why_not,
        });
        Ok(Ready { checksum: bundle.checksum(), version, card, scorer, tagger })
    }

    /// The vocabularies may have changed since. A tagger that chooses from them chooses anew.
    fn bring_along(&self, ready: &mut Ready, bundle: &Bundle) -> anyhow::Result<()> {
        let version = self.house.store.version();
        if ready.version == version {
            return Ok(());
        }
        if bundle.manifest().heads.iter().any(|h| h.candidates.is_some()) {
            *ready = self.open(bundle)?;
        } else {
            ready.tagger = tagger(&self.house, bundle)?;
            ready.version = version;
        }
        Ok(())
    }
}
