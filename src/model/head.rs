//! A head: one answer of a bundle's networks, with its label map.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

use super::{
    About, Activation, Calibration, CalibrationSpec, Closure, Decode, DetectSpec, Emit, Groups, HeadSpec, LabelRow, LikenessScore,
    ModelError,
    bundle::{add_part, inside, read_text},
    labels,
    layers::Layers,
};

/// One head: what the manifest says of it, and its label map.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The facet.
    pub facet: String,
    /// Which further network answers; none for the first one.
    pub network: Option<String>,
    /// The outputs' names, one after the other; none where texts are compared.
    pub outputs: Vec<String>,
    /// What makes scores of the output.
    pub activation: Activation,
    /// How the outputs hang together, in a hierarchical softmax.
    pub groups: Option<Groups>,
    /// Which concept each output means.
    pub labels: Vec<LabelRow>,
    /// The SHA-256 of the label map's file.
    pub label_map: String,
    /// What makes predictions of the scores.
    pub decode: Decode,
    /// What makes confidences of them.
    pub calibration: Option<Calibration>,
    /// What the answer is about.
    pub about: About,
    /// What makes boxes of the outputs, for a detector.
    pub detect: Option<DetectSpec>,
    /// The relations between what a detector finds.
    pub relations: Vec<LabelRow>,
    /// The texts' vectors that the picture's is compared with, for a zero-shot head.
    pub texts: Option<Texts>,
}

/// Vectors of texts, a row for each label.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    /// The vectors, of length 1, one after the other.
    pub vectors: Arc<Vec<f32>>,
    /// What is made of the likeness; the cosine itself where it is not given.
    pub score: Option<LikenessScore>,
}

impl Head {
    /// A head over the whole of one output of the first network, about the object.
    pub fn new(facet: impl Into<String>, output: impl Into<String>, activation: Activation, labels: Vec<LabelRow>, decode: Decode) -> Self {
        Self {
            facet: facet.into(),
            network: None,
            outputs: vec![output.into()],
            activation,
            groups: None,
            labels,
            label_map: String::new(),
            decode,
            calibration: None,
            about: About::Object,
            detect: None,
            relations: Vec::new(),
            texts: None,
        }
    }

    /// Scores of outputs, which are divided by the temperature first.
    pub fn scores(&self, raw: &[f32], temperature: f64) -> Vec<f64> {
        match &self.groups {
            Some(groups) => groups.path_product(raw, temperature),
            None => self.activation.apply(raw, temperature),
        }
    }

    /// Reads what the manifest says of a head, and the files that it names; what they say goes into the digest.
    pub(super) fn read(folder: &Path, spec: &HeadSpec, layers: &Layers, digest: &mut Sha256) -> Result<Self, ModelError> {
        let mut file = |name: &String| -> Result<(String, PathBuf), ModelError> {
            let path = inside(folder, name)?;
            let text = read_text(&path)?;
            add_part(digest, text.as_bytes());
            Ok((text, path))
        };
        // The names in the files beside a network are those of its one output; they say nothing of several.
        let names = layers.names.as_deref().filter(|_| spec.network.is_none());
        let (rows, label_map) = match spec.labels.as_ref().map(&mut file).transpose()? {
            Some((text, path)) => (labels::read(&text, names, &path)?, hex::encode(Sha256::digest(text.as_bytes()))),
            None => (Vec::new(), String::new()),
        };
        let groups = match (&spec.groups, &spec.parents) {
            (Some(name), _) => file(name).map(|(text, path)| Groups::by_nodes(&text, &rows, &path)).map(Some),
            (None, Some(name)) => file(name).map(|(text, path)| Groups::by_levels(&text, &rows, &path)).map(Some),
            (None, None) => Ok(None),
        }?
        .transpose()?;
        let calibration = match &spec.calibration {
            Some(CalibrationSpec::Inline(calibration)) => Some(calibration.clone()),
            Some(CalibrationSpec::File(elsewhere)) => {
                let (text, path) = file(&elsewhere.file)?;
                Some(Calibration::read(&text, &path)?)
            }
            None => None,
        };
        let relations = match spec.detect.as_ref().and_then(|d| d.relations.as_ref()) {
            Some(relations) => {
                let (text, path) = file(&relations.labels)?;
                let rows = labels::read(&text, None, &path)?;
                if let Some(row) = rows.iter().find(|row| row.iri.is_none()) {
                    let reason = format!("the relation `{}` has no IRI, and a statement needs one", row.label);
                    return Err(ModelError::Labels { path, line: row.index + 2, reason });
                }
                rows
            }
            None => Vec::new(),
        };
        // A detector states what it found, box by box.
        let boxes = |d: &DetectSpec| Decode { closure: Closure::None, emit: Emit::All, threshold: d.threshold, max_tags: d.max_boxes };
        let decode = spec.decode.or_else(|| spec.detect.as_ref().map(boxes));
        let nothing = Decode { closure: Closure::None, emit: Emit::All, threshold: 1.0, max_tags: 1 };
        Ok(Self {
            facet: spec.facet.clone(),
            network: spec.network.clone(),
            outputs: spec.output.all().to_vec(),
            activation: spec.activation,
            groups,
            labels: rows,
            label_map,
            decode: decode.unwrap_or(nothing),
            calibration,
            about: spec.about,
            detect: spec.detect.clone(),
            relations,
            texts: None,
        })
    }

    /// The outputs that belong to one another: names for the message.
    pub(crate) fn output_names(&self) -> String {
        self.outputs.join("`, `")
    }
}
