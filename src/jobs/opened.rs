//! A tagger ready to work: a bundle or an ensemble, its networks loaded, its labels joined with the loaded vocabularies.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context as _, bail};

use super::{House, models::card, tag::tagger};
use crate::{
    enrichment::TaggerCard,
    model::{Bundle, Candidate, Device, Scorer, TextCache, TextEncoder, TextKey, Together},
    rdf::mint::digest,
    tagging::{ENSEMBLE, EnsembleSpec, Tagger, candidates},
    telemetry::Progress,
    vocab::{StoredHierarchy, Vocabularies},
};

/// How many texts are encoded between two writes to the cache.
const TEXTS: usize = 256;

/// A tagger ready to work.
pub(super) struct Opened {
    pub card: TaggerCard,
    /// The members, where it is an ensemble.
    pub members: Vec<TaggerCard>,
    pub tagger: Tagger,
    pub scorer: Box<dyn Scorer>,
}

/// An ensemble in the store.
#[derive(Clone, Debug)]
pub(super) struct InstalledEnsemble {
    pub spec: EnsembleSpec,
    pub folder: PathBuf,
}

/// Other words for zero-shot facets, for one job: `materials` → `an image of an object made of {tag}`.
pub(super) type Prompts = BTreeMap<String, String>;

impl House {
    /// Opens the tagger with this id (or id@version); without one, the only one there is.
    pub(super) fn open_tagger(
        &self,
        id: Option<&str>,
        device: Option<Device>,
        prompts: &Prompts,
        progress: &dyn Progress,
    ) -> anyhow::Result<Opened> {
        match self.ensemble(id)? {
            Some(ensemble) => self.open_ensemble(&ensemble, device, progress),
            None => self.open_bundle(self.model(id)?.bundle, device, prompts, progress),
        }
    }

    /// Opens a bundle, and lets its zero-shot heads choose their candidates.
    pub(super) fn open_bundle(
        &self,
        mut bundle: Bundle,
        device: Option<Device>,
        prompts: &Prompts,
        progress: &dyn Progress,
    ) -> anyhow::Result<Opened> {
        for (facet, prompt) in prompts {
            bundle = bundle.with_prompt(facet, prompt)?;
        }
        let bundle = self.choose(bundle, device, progress)?;
        let tagger = tagger(self, &bundle)?;
        let said = tagger.heads_count() > 0 || tagger.facets().next().is_some();
        if !said {
            bail!("{} {} makes vectors of pictures and says nothing about them: it cannot tag", bundle.id(), bundle.version());
        }
        let scorer = Box::new(self.session(&bundle, device)?);
        Ok(Opened { card: card(&bundle), members: Vec::new(), tagger, scorer })
    }

    fn open_ensemble(&self, ensemble: &InstalledEnsemble, device: Option<Device>, progress: &dyn Progress) -> anyhow::Result<Opened> {
        let (mut cards, mut taggers, mut scorers) = (Vec::new(), Vec::new(), Vec::new());
        for member in &ensemble.spec.members {
            let model = self.model(Some(&member.tagger)).with_context(|| format!("the ensemble `{}`", ensemble.spec.id))?;
            let opened = self.open_bundle(model.bundle, device, &Prompts::new(), progress)?;
            cards.push(opened.card);
            taggers.push(opened.tagger);
            scorers.push(opened.scorer);
        }
        let path = ensemble.folder.join(ENSEMBLE);
        let tagger = Tagger::ensemble(&ensemble.spec, taggers, &StoredHierarchy::new(&self.store)?, &path)?;
        let card = ensemble.card(&cards)?;
        Ok(Opened { card, members: cards, tagger, scorer: Box::new(Together::new(scorers)) })
    }

    /// Joins a bundle's zero-shot heads with the concepts of the loaded vocabularies: their vectors come from the cache, or from the encoder.
    fn choose(&self, mut bundle: Bundle, device: Option<Device>, progress: &dyn Progress) -> anyhow::Result<Bundle> {
        let heads: Vec<_> = bundle.manifest().heads.iter().filter(|h| h.candidates.is_some()).cloned().collect();
        if heads.is_empty() {
            return Ok(bundle);
        }
        let vocabularies = Vocabularies::new(&self.store)?;
        let releases: Vec<String> = vocabularies.releases().iter().map(|r| format!("{} {}", r.graph.as_str(), r.checksum)).collect();
        let mut encoder = None;
        for head in heads {
            let Some(spec) = &head.candidates else { continue };
            let chosen = candidates(&vocabularies, &head.facet, spec, &head.prompts)?;
            let key =
                TextKey { encoder: encoder_key(&bundle), template: serde_json::to_string(&head.prompts)?, release: digest(&releases) };
            let mut cache = TextCache::open(&self.store.folder().join("text-vectors"), &key)?;
            let by_candidate: Vec<Vec<String>> = chosen.iter().map(|c| c.texts(&head.prompts)).collect();
            let mut missing: Vec<String> = by_candidate.iter().flatten().filter(|t| cache.vector(t).is_none()).cloned().collect();
            missing.sort_unstable();
            missing.dedup();
            if !missing.is_empty() {
                progress.begin(&format!("vectors of the texts of {}", head.facet), Some(missing.len() as u64));
                if encoder.is_none() {
                    encoder = Some(self.text_encoder(&bundle, device)?);
                }
                let Some(encoder) = &mut encoder else { continue };
                for part in missing.chunks(TEXTS) {
                    cache.keep(part, encoder.encode(part)?)?;
                    progress.advance(part.len() as u64);
                    if progress.stopped() {
                        bail!("stopped while vectors of texts were made; those that are made are kept, and the same command goes on");
                    }
                }
            }
            let vectors = means(&by_candidate, &cache)?;
            bundle = bundle.with_texts(&head.facet, &chosen, vectors);
        }
        Ok(bundle)
    }

    /// Loads a bundle's text encoder.
    pub(super) fn text_encoder(&self, bundle: &Bundle, device: Option<Device>) -> anyhow::Result<TextEncoder> {
        let runtime = self.runtime()?;
        let encoder = TextEncoder::open(bundle, &runtime, device.unwrap_or(self.settings.model.device))?;
        encoder.with_context(|| format!("{} has no text encoder", bundle.id()))
    }

    /// Every ensemble in the store. One that cannot be read is a warning, not the end.
    pub(super) fn ensembles(&self) -> anyhow::Result<Vec<InstalledEnsemble>> {
        let mut found = Vec::new();
        let folder = self.models_folder();
        if !folder.exists() {
            return Ok(found);
        }
        for entry in walkdir::WalkDir::new(&folder).min_depth(2).max_depth(2).sort_by_file_name() {
            let folder = entry?.into_path();
            let path = folder.join(ENSEMBLE);
            if path.is_file() {
                match EnsembleSpec::parse(&std::fs::read_to_string(&path)?, &path) {
                    Ok(spec) => found.push(InstalledEnsemble { spec, folder }),
                    Err(error) => tracing::warn!(folder = %folder.display(), %error, "an ensemble cannot be read"),
                }
            }
        }
        Ok(found)
    }

    /// The ensemble with this id, if that is what the id names.
    pub(super) fn ensemble(&self, id: Option<&str>) -> anyhow::Result<Option<InstalledEnsemble>> {
        let Some(id) = id else { return Ok(None) };
        let fits = |e: &InstalledEnsemble| e.spec.id == id || format!("{}@{}", e.spec.id, e.spec.version) == id;
        Ok(self.ensembles()?.into_iter().rfind(fits))
    }
}

impl InstalledEnsemble {
    /// The ensemble as the provenance tells of it: its network is those of its members together.
    fn card(&self, members: &[TaggerCard]) -> anyhow::Result<TaggerCard> {
        let spec = &self.spec;
        let text = std::fs::read_to_string(self.folder.join(ENSEMBLE))?;
        let settings: Vec<String> = members.iter().map(|m| m.settings_digest.clone()).chain([text]).collect();
        Ok(TaggerCard {
            id: spec.id.clone(),
            version: spec.version.clone(),
            title: spec.title.clone(),
            status: spec.status.as_str().to_owned(),
            licence: spec.licence.clone(),
            model_checksum: digest(members.iter().map(|m| m.model_checksum.as_str())),
            settings_digest: digest(settings),
            calibrated_on: spec
                .facets
                .iter()
                .filter_map(|f| Some((f.facet.clone(), f.calibration.as_ref()?.fitted_on().to_owned())))
                .collect(),
        })
    }
}

/// What decides about a text's vector: the network, the tokenizer, and how texts are brought to one length.
fn encoder_key(bundle: &Bundle) -> String {
    let text = bundle.manifest().text.as_ref();
    let parts =
        text.map(|t| [t.sha256.clone().unwrap_or_default(), t.tokenizer_sha256.clone(), t.length.to_string(), t.pad_id.to_string()]);
    digest(parts.unwrap_or_default())
}

/// For each candidate, the mean of its texts' vectors, of length 1.
fn means(by_candidate: &[Vec<String>], cache: &TextCache) -> anyhow::Result<Vec<f32>> {
    let mut all = Vec::new();
    for texts in by_candidate {
        let mut sum: Vec<f64> = Vec::new();
        for text in texts {
            let vector = cache.vector(text).with_context(|| format!("the text `{text}` has no vector"))?;
            sum.resize(vector.len(), 0.0);
            sum.iter_mut().zip(vector).for_each(|(s, v)| *s += f64::from(*v));
        }
        let length = sum.iter().map(|v| v * v).sum::<f64>().sqrt();
        if length == 0.0 || !length.is_finite() {
            bail!("the texts of a concept ({}) have no vector that could be compared", texts.join(" · "));
        }
        all.extend(sum.into_iter().map(|v| (v / length) as f32));
    }
    Ok(all)
}

/// The vectors of a golden sample's candidates: they are few, and not kept.
pub(super) fn golden_vectors(encoder: &mut TextEncoder, chosen: &[Candidate], bundle: &Bundle, facet: &str) -> anyhow::Result<Vec<f32>> {
    let prompts = bundle.manifest().heads.iter().find(|h| h.facet == facet).map(|h| h.prompts.clone()).unwrap_or_default();
    let mut all = Vec::new();
    for candidate in chosen {
        let vectors = encoder.encode(&candidate.texts(&prompts))?;
        let mut sum = vec![0.0_f64; vectors.first().map_or(0, Vec::len)];
        for vector in &vectors {
            sum.iter_mut().zip(vector).for_each(|(s, v)| *s += f64::from(*v));
        }
        let length = sum.iter().map(|v| v * v).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        all.extend(sum.into_iter().map(|v| (v / length) as f32));
    }
    Ok(all)
}
