//! A session: all of a bundle's networks, loaded, on a device, ready to score pictures.

use super::{
    Activation, Bundle, Captioned, Device, EmbeddingSpec, Head, HeadFound, HeadScores, ModelError, Pool, Prepared, Preparer, Provided,
    RuntimeChoice, Scorer, Scores, captioner::Captioner, detector, eye::Eye, preparer::enough_for, tensor::Output,
    text_encoder::unit,
};
use crate::images::{Enough, Picture};

/// A bundle's networks, loaded. It scores for one thread at a time; open one for each thread.
#[derive(Debug)]
pub struct Session {
    eyes: Vec<Eye>,
    heads: Vec<Head>,
    embedding: Option<EmbeddingSpec>,
    captioner: Option<Captioner>,
    provided: Provided,
}

/// What the eyes saw of one picture: for each eye its outputs, or nothing where only parts of the picture are looked at.
type Seen = Vec<Option<Vec<Output>>>;

impl Session {
    /// Loads a bundle's networks. A device that is named serves, or this is an error; `auto` says in `why_not` what it could not have.
    pub fn open(bundle: &Bundle, runtime: &RuntimeChoice, device: Device) -> Result<Self, ModelError> {
        let manifest = bundle.manifest();
        let mut names: Vec<Option<&str>> = vec![None];
        names.extend(manifest.networks.iter().map(|n| Some(n.name.as_str())));
        let mut eyes = Vec::new();
        for name in names {
            let outputs = outputs(bundle, name);
            if !outputs.is_empty() {
                eyes.push(Eye::open(bundle, name, outputs, &texts(bundle, name), runtime, device)?);
            }
        }
        let captioner = Captioner::open(bundle, runtime, device)?;
        let first = eyes.first().map(|eye| &eye.network);
        let device = if runtime.remote().is_some() { "remote".to_owned() } else { first.map_or(device, |n| n.device).to_string() };
        let why_not = first.map_or_else(Vec::new, |n| n.why_not.clone());
        let provided = Provided { runtime: runtime.runtime(), provider: device, why_not };
        Ok(Self { eyes, heads: bundle.heads().to_vec(), embedding: manifest.embedding.clone(), captioner, provided })
    }

    fn eye(&self, name: Option<&str>) -> Result<usize, ModelError> {
        let found = self.eyes.iter().position(|eye| eye.name.as_deref() == name);
        found.ok_or_else(|| ModelError::Tensor { kind: "output", name: name.unwrap_or("main").to_owned(), known: Vec::new() })
    }

    /// Whether something asks for what this eye sees of the whole picture; a detector looks by itself.
    fn looks_at_all(&self, eye: &Eye) -> bool {
        let first = eye.name.is_none() && (self.embedding.is_some() || self.captioner.is_some());
        first || self.heads.iter().any(|head| head.network == eye.name && head.detect.is_none() && !head.outputs.is_empty())
    }

    /// Lets each eye look at the whole of the pictures, where anything asks for that.
    fn look(&mut self, pictures: &[&Picture]) -> Result<Vec<Seen>, ModelError> {
        self.look_with(pictures.len(), |eye, _| eye.look(pictures))
    }

    /// The same for pictures that were made ready: `eye` is told which of the numbers are its own.
    fn look_prepared(&mut self, prepared: &[&Prepared]) -> Result<Vec<Seen>, ModelError> {
        let missing = || ModelError::Prepare("the picture was made ready for another tagger".to_owned());
        self.look_with(prepared.len(), |eye, own| match own {
            Some(own) => {
                let numbers = prepared.iter().map(|one| one.numbers.get(own).ok_or_else(missing));
                eye.look_prepared(&numbers.collect::<Result<Vec<_>, _>>()?)
            }
            None => {
                let pictures = prepared.iter().map(|one| one.picture.as_deref().ok_or_else(missing));
                eye.look(&pictures.collect::<Result<Vec<_>, _>>()?)
            }
        })
    }

    /// Lets eyes look, each with its place among those for whom numbers are made ready.
    fn look_with(
        &mut self,
        pictures: usize,
        look: impl Fn(&mut Eye, Option<usize>) -> Result<Vec<Vec<Output>>, ModelError>,
    ) -> Result<Vec<Seen>, ModelError> {
        let looking: Vec<bool> = self.eyes.iter().map(|eye| self.looks_at_all(eye)).collect();
        let mut seen: Vec<Seen> = (0..pictures).map(|_| Vec::with_capacity(self.eyes.len())).collect();
        let mut ready = 0;
        for (eye, looks) in self.eyes.iter_mut().zip(looking) {
            if !looks {
                seen.iter_mut().for_each(|seen| seen.push(None));
                continue;
            }
            let own = eye.image.mask.is_none().then_some(ready);
            ready += usize::from(own.is_some());
            let answers = look(eye, own)?;
            seen.iter_mut().zip(answers).for_each(|(seen, answer)| seen.push(Some(answer)));
        }
        Ok(seen)
    }

    /// How much of the picture itself is wanted, by detectors and by eyes that are told where the picture lies in their input.
    fn kept(&self) -> Option<Enough> {
        let detectors = self.heads.iter().filter_map(|head| {
            let spec = head.detect.as_ref()?;
            let eye = self.eyes.iter().find(|eye| eye.name == head.network)?;
            Some(if spec.tiles.is_some() { Enough::Whole } else { enough_for(&eye.image) })
        });
        let masked = self.eyes.iter().filter(|eye| eye.image.mask.is_some() && self.looks_at_all(eye));
        detectors.chain(masked.map(|eye| enough_for(&eye.image))).reduce(Enough::and)
    }

    /// What one head says of one picture that its eye has seen.
    fn head(&self, head: &Head, seen: &Seen, embedding: Option<&[f32]>) -> Result<HeadScores, ModelError> {
        if head.outputs.is_empty() {
            return HeadScores::of(head, likenesses(head, embedding)?);
        }
        let eye = self.eye(head.network.as_deref())?;
        let mut raw = Vec::with_capacity(head.labels.len());
        let mut shape = Vec::new();
        for name in &head.outputs {
            let output = seen[eye].as_ref().and_then(|outputs| outputs.get(self.eyes[eye].output(name).ok()?));
            let output = output.ok_or_else(|| ModelError::Tensor { kind: "output", name: name.clone(), known: Vec::new() })?;
            raw.extend_from_slice(&output.numbers);
            shape.clone_from(&output.shape);
        }
        if raw.len() != head.labels.len() {
            let (facet, output) = (head.facet.clone(), head.output_names());
            return Err(ModelError::Width { facet, output, shape, pictures: 1, labels: head.labels.len() });
        }
        HeadScores::of(head, raw)
    }

    fn embedding(&self, seen: &Seen) -> Result<Option<Vec<f32>>, ModelError> {
        let Some(spec) = &self.embedding else { return Ok(None) };
        let eye = self.eye(None)?;
        let output = seen[eye].as_ref().and_then(|outputs| outputs.get(self.eyes[eye].output(&spec.output).ok()?));
        let output = output.ok_or_else(|| ModelError::Tensor { kind: "output", name: spec.output.clone(), known: Vec::new() })?;
        if let Some(index) = output.numbers.iter().position(|n| !n.is_finite()) {
            return Err(ModelError::NotANumber { facet: "embedding".to_owned(), index });
        }
        let vector = pooled(output, spec.pool);
        Ok(Some(if spec.normalize { unit(vector) } else { vector }))
    }

    fn found(&mut self, head: &Head, picture: &Picture) -> Result<HeadFound, ModelError> {
        let eye = self.eye(head.network.as_deref())?;
        detector::find(&mut self.eyes[eye], head, picture)
    }

    fn caption(&mut self, seen: &Seen) -> Result<Option<Captioned>, ModelError> {
        let Some(captioner) = &mut self.captioner else { return Ok(None) };
        let eye = self.eyes.iter().position(|eye| eye.name.is_none());
        let states = eye.and_then(|eye| seen[eye].as_ref()?.get(self.eyes[eye].output(captioner.states()).ok()?));
        let missing = || ModelError::Tensor { kind: "output", name: captioner.states().to_owned(), known: Vec::new() };
        let states = states.ok_or_else(missing)?;
        captioner.caption(states)
    }

    /// What is said of pictures that the eyes have seen. A detector looks again, at parts: it needs the picture itself.
    fn say(&mut self, all: &[Seen], pictures: &[Option<&Picture>]) -> Result<Vec<Scores>, ModelError> {
        // Lent to the loop: a zero-shot head may have thousands of labels, which are not copied for each batch.
        let heads = std::mem::take(&mut self.heads);
        let said = pictures.iter().zip(all).map(|(picture, seen)| self.say_one(&heads, *picture, seen)).collect();
        self.heads = heads;
        said
    }

    fn say_one(&mut self, heads: &[Head], picture: Option<&Picture>, seen: &Seen) -> Result<Scores, ModelError> {
        let mut said = Scores { embedding: self.embedding(seen)?, ..Scores::default() };
        for head in heads {
            if head.detect.is_some() {
                let whole = picture.ok_or_else(|| ModelError::Prepare("a detector wants the whole picture".to_owned()))?;
                said.found.push(self.found(head, whole)?);
            } else {
                said.heads.push(self.head(head, seen, said.embedding.as_deref())?);
            }
        }
        said.captions.extend(self.caption(seen)?);
        Ok(said)
    }
}

impl Scorer for Session {
    fn score(&mut self, pictures: &[&Picture]) -> Result<Vec<Scores>, ModelError> {
        let seen = self.look(pictures)?;
        self.say(&seen, &pictures.iter().map(|p| Some(*p)).collect::<Vec<_>>())
    }

    fn preparer(&self) -> Option<Preparer> {
        let plain = self.eyes.iter().filter(|eye| eye.image.mask.is_none() && self.looks_at_all(eye));
        Some(Preparer::new(plain.map(|eye| eye.image.clone()).collect(), self.kept()))
    }

    fn score_prepared(&mut self, prepared: &[&Prepared]) -> Result<Vec<Scores>, ModelError> {
        let seen = self.look_prepared(prepared)?;
        self.say(&seen, &prepared.iter().map(|one| one.picture.as_deref()).collect::<Vec<_>>())
    }

    fn provider(&self) -> &Provided {
        &self.provided
    }
}

/// The outputs that a network is asked for, each once.
fn outputs(bundle: &Bundle, network: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let heads = bundle.heads().iter().filter(|head| head.network.as_deref() == network);
    let of_heads = heads.flat_map(|h| h.outputs.iter().cloned().chain(h.detect.iter().flat_map(super::DetectSpec::further_outputs)));
    let manifest = bundle.manifest();
    let of_first = manifest.embedding.iter().map(|e| e.output.clone()).chain(manifest.caption.iter().map(|c| c.states.clone()));
    for name in of_heads.chain(of_first.filter(|_| network.is_none())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The texts that a network looks for: the classes of a detector that is given them.
fn texts(bundle: &Bundle, network: Option<&str>) -> Vec<String> {
    let looking = bundle.heads().iter().filter(|head| head.network.as_deref() == network);
    let of = |head: &Head| {
        let prompt = head.detect.as_ref().and_then(|d| d.prompt.clone())?;
        let text = |label: &str| super::Wording { tag: label.to_owned(), above: Vec::new() }.text(&prompt);
        Some(head.labels.iter().map(|row| text(&row.label)).collect::<Vec<_>>())
    };
    looking.filter_map(of).flatten().collect()
}

/// How like a picture's vector is to each text's, scaled as the head says.
fn likenesses(head: &Head, embedding: Option<&[f32]>) -> Result<Vec<f32>, ModelError> {
    let (Some(texts), Some(embedding)) = (&head.texts, embedding) else { return Err(ModelError::NoTexts(head.facet.clone())) };
    let vector = unit(embedding.to_vec());
    if vector.is_empty() || texts.vectors.len() != head.labels.len() * vector.len() {
        let (facet, shape) = (head.facet.clone(), vec![vector.len() as i64]);
        return Err(ModelError::Width { facet, output: "the text encoder's".to_owned(), shape, pictures: 1, labels: head.labels.len() });
    }
    let likeness = |text: &[f32]| text.iter().zip(&vector).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let scaled =
        |cosine: f64| texts.score.filter(|_| head.activation != Activation::None).map_or(cosine, |s| cosine * s.logit_scale + s.logit_bias);
    Ok(texts.vectors.chunks_exact(vector.len()).map(|text| scaled(likeness(text)) as f32).collect())
}

/// One row of an output with several.
fn pooled(output: &Output, pool: Pool) -> Vec<f32> {
    match pool {
        Pool::None => output.numbers.clone(),
        Pool::First => output.rows().next().map(<[f32]>::to_vec).unwrap_or_default(),
        Pool::Mean => {
            let rows = output.rows();
            let count = rows.len().max(1) as f32;
            let width = output.shape.last().map_or(0, |w| (*w).max(0) as usize);
            let sum = rows.fold(vec![0.0; width], |mut sum: Vec<f32>, row| {
                sum.iter_mut().zip(row).for_each(|(s, v)| *s += v);
                sum
            });
            sum.into_iter().map(|v| v / count).collect()
        }
    }
}
