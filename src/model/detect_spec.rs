//! The manifest's part on detectors: what makes boxes of a network's outputs.

use serde::{Deserialize, Serialize};

use super::Activation;

/// What makes boxes of outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectSpec {
    /// The shape of the outputs.
    pub kind: DetectKind,
    /// The output with the boxes, where it is not the head's own (`pred_boxes`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<String>,
    /// The least score of a box.
    pub threshold: f64,
    /// Of two boxes of one class that cover one another further than this (intersection over union), the surer one stays. By default 0.5, and
    /// for networks that do so themselves (`yolo-end2end`, `detr`) 1: they are taken at their word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iou: Option<f64>,
    /// Whether boxes of different classes leave one another alone.
    #[serde(default = "yes")]
    pub class_aware: bool,
    /// How many boxes of a picture are stated at most.
    #[serde(default = "most")]
    pub max_boxes: usize,
    /// Of what the boxes are parts, where they are parts.
    #[serde(default)]
    pub relative_to: RelativeTo,
    /// Tiles of large pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiles: Option<Tiles>,
    /// How a class's label becomes the text that the network looks for (OWL), with `{tag}` in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What one thing does to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relations: Option<RelationSpec>,
}

/// The shape of a detector's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DetectKind {
    /// `[1, 4 + classes, boxes]`: middle, width and height in the input's pixels, then a score for each class.
    #[serde(rename = "yolo-v8")]
    YoloV8,
    /// `[1, boxes, 6]`: two corners in the input's pixels, the score, the class.
    #[serde(rename = "yolo-end2end")]
    YoloEnd2End,
    /// `[1, boxes, classes + 1]`, the last one for no object, and `[1, boxes, 4]`: middle, width and height as parts of the whole.
    #[serde(rename = "detr")]
    Detr,
    /// `[1, boxes, texts]` and `[1, boxes, 4]` as before; the network is given the classes as texts.
    #[serde(rename = "owl")]
    Owl,
}

/// Of what boxes are parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelativeTo {
    /// Of the network's input, with what was laid around the picture.
    #[default]
    Input,
    /// Of the picture alone.
    Picture,
}

/// Tiles: parts of a large picture that are looked at one by one, so that what is small stays large enough to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiles {
    /// Width and height of a tile, in the picture's pixels. A picture that is no larger is looked at whole.
    pub size: u32,
    /// How much of its side a tile shares with the next one, from 0 to 0.8.
    pub overlap: f64,
    /// Whether the whole picture is looked at as well, for what is larger than a tile.
    #[serde(default = "yes")]
    pub whole: bool,
}

/// What one thing does to another: triples of a subject's box, a relation and an object's box (the outputs of `RelTR`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationSpec {
    /// `[1, triples, relations + 1]`, the last one for no relation.
    pub output: String,
    /// `[1, triples, classes + 1]` of the subject.
    pub subjects: String,
    /// `[1, triples, 4]` of the subject.
    pub subject_boxes: String,
    /// `[1, triples, classes + 1]` of the object.
    pub objects: String,
    /// `[1, triples, 4]` of the object.
    pub object_boxes: String,
    /// The label map of the relations, a file. Each has an IRI.
    pub labels: String,
    /// The least product of the three scores.
    pub threshold: f64,
}

fn yes() -> bool {
    true
}

fn most() -> usize {
    300
}

impl DetectSpec {
    /// How far two boxes may cover one another.
    pub(crate) fn least_iou(&self) -> f64 {
        let own = matches!(self.kind, DetectKind::YoloEnd2End | DetectKind::Detr) && self.tiles.is_none();
        self.iou.unwrap_or(if own { 1.0 } else { 0.5 })
    }

    /// The outputs besides the head's own.
    pub(crate) fn further_outputs(&self) -> Vec<String> {
        let mut names: Vec<String> = self.boxes.iter().cloned().collect();
        if let Some(r) = &self.relations {
            names.extend([&r.output, &r.subjects, &r.subject_boxes, &r.objects, &r.object_boxes].map(Clone::clone));
        }
        names
    }

    pub(crate) fn check(&self, activation: Activation) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.threshold) || !(0.0..=1.0).contains(&self.least_iou()) || self.max_boxes == 0 {
            return Err("`detect.threshold` and `detect.iou` lie from 0 to 1, `detect.max_boxes` is not 0".to_owned());
        }
        let two = matches!(self.kind, DetectKind::Detr | DetectKind::Owl);
        if two != self.boxes.is_some() {
            let needs = if two { "needs" } else { "has no" };
            return Err(format!("this kind of detector {needs} `detect.boxes`, a second output with the boxes"));
        }
        let wanted = if self.kind == DetectKind::Detr { Activation::Softmax } else { Activation::Sigmoid };
        let fits = activation == wanted
            || (!two && activation == Activation::None)
            || (self.kind == DetectKind::Detr && activation == Activation::Sigmoid);
        if !fits {
            return Err(
                "a detector's activation is `softmax` (or `sigmoid`) for detr, `sigmoid` for owl, `none` or `sigmoid` for yolo".to_owned()
            );
        }
        if (self.kind == DetectKind::Owl) != self.prompt.is_some() {
            return Err("`detect.prompt` belongs to the kind `owl`, which looks for texts".to_owned());
        }
        if let Some(prompt) = &self.prompt {
            crate::model::prompt::check(prompt)?;
        }
        if self.relations.is_some() && (self.kind != DetectKind::Detr || self.tiles.is_some()) {
            return Err("`detect.relations` belongs to the kind `detr`, without tiles: a tile does not see both things".to_owned());
        }
        match self.tiles {
            Some(tiles) if tiles.size < 32 || !(0.0..=0.8).contains(&tiles.overlap) => {
                Err("`detect.tiles` has a size of at least 32, and an overlap from 0 to 0.8".to_owned())
            }
            _ => Ok(()),
        }
    }
}
