//! What a bundle need not say itself, because the files beside the network say it: those that hubs ship, and the network's own notes.
//!
//! From the lowest layer to the highest: the network's notes, `open_clip`'s, timm's and transformers' `config.json`, `preprocessor_config.json`,
//! and above all of them `bundle.toml`.

use std::{fs, path::Path};

use serde_json::Value as Json;
use toml::{Table, Value};

use super::{ModelError, OnnxFile};

/// The longest of these files, in bytes.
const LONGEST: u64 = 16 << 20;
/// The files that hubs ship beside a network, from the lowest layer to the highest.
pub(crate) const HUB_FILES: [&str; 3] = ["open_clip_config.json", "config.json", "preprocessor_config.json"];

/// What the files beside a network say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    /// In the words of the manifest.
    pub(crate) table: Table,
    /// The labels of the outputs in their order, where a file tells them.
    pub(crate) names: Option<Vec<String>>,
    /// The texts that were read: they decide about the predictions, so they belong to the digest.
    pub(crate) texts: Vec<String>,
}

impl Layers {
    /// Reads the files in a bundle's folder. `network` is the network's file, where it is known and there.
    pub(crate) fn read(folder: &Path, network: Option<&Path>) -> Result<Self, ModelError> {
        let mut layers = Self::default();
        if let Some(network) = network.filter(|n| n.is_file()) {
            layers.add_onnx(&OnnxFile::read(network)?);
        }
        for name in HUB_FILES {
            let path = folder.join(name);
            if !path.is_file() {
                continue;
            }
            let broken = |reason: String| ModelError::File { path: path.clone(), reason };
            if fs::metadata(&path).map_err(|e| broken(e.to_string()))?.len() > LONGEST {
                return Err(broken(format!("it is larger than {LONGEST} bytes")));
            }
            let text = fs::read_to_string(&path).map_err(|e| broken(e.to_string()))?;
            let json: Json = serde_json::from_str(&text).map_err(|e| broken(format!("it is no JSON: {e}")))?;
            layers.add_json(name, &json);
            layers.texts.push(text);
        }
        Ok(layers)
    }

    fn add_onnx(&mut self, network: &OnnxFile) {
        let mut image = Table::new();
        let pictures: Vec<_> = network.inputs.iter().filter(|i| matches!(i.dims.len(), 3 | 4)).collect();
        if let [input] = pictures.as_slice() {
            image.insert("input".to_owned(), input.name.as_str().into());
            image.insert(
                "dtype".to_owned(),
                if input.element == 2 {
                    "u8"
                } else if input.element == 10 {
                    "f16"
                } else {
                    "f32"
                }
                .into(),
            );
            let last_three = &input.dims[input.dims.len() - 3..];
            image.insert("layout".to_owned(), if last_three[2] == 3 && last_three[0] != 3 { "NHWC" } else { "NCHW" }.into());
        }
        // Ultralytics writes the size and the names of the classes into the network's notes.
        if let Some(size) = network.metadata.get("imgsz").and_then(|s| serde_json::from_str::<[u32; 2]>(s).ok()) {
            image.extend(letterbox(size));
        }
        if !image.is_empty() {
            put(&mut self.table, image);
        }
        self.names = network.metadata.get("names").and_then(|names| python_names(names));
    }

    fn add_json(&mut self, name: &str, json: &Json) {
        let image = match name {
            "preprocessor_config.json" => preprocessor(json),
            "open_clip_config.json" => open_clip(json),
            _ => json.get("pretrained_cfg").or(Some(json).filter(|j| j.get("input_size").is_some())).map(timm).unwrap_or_default(),
        };
        if !image.is_empty() {
            put(&mut self.table, image);
        }
        if let Some(names) = id2label(json).or_else(|| label_names(json)) {
            self.names = Some(names);
        }
    }
}

/// The manifest's own table over what stands below it. How a picture is scaled and cut belongs together: who says one of them says both.
pub(crate) fn over(mut own: Table, below: &Table) -> Table {
    let Some(Value::Table(below)) = below.get("image") else { return own };
    let image = own.entry("image").or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(image) = image {
        let scaled = image.contains_key("resize") || image.contains_key("crop");
        for (key, value) in below {
            if !(image.contains_key(key) || scaled && (key == "resize" || key == "crop")) {
                image.insert(key.clone(), value.clone());
            }
        }
    }
    own
}

/// Puts what a layer says of pictures over what the layers below it say.
fn put(table: &mut Table, image: Table) {
    let below = table.entry("image").or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(below) = below {
        if image.contains_key("resize") {
            below.remove("crop");
        }
        below.extend(image);
    }
}

fn resize(mode: &str, size: Value, filter: &str) -> Value {
    let mut table = Table::new();
    table.insert("mode".to_owned(), mode.into());
    table.insert("size".to_owned(), size);
    table.insert("filter".to_owned(), filter.into());
    // Pillow, with which all of these were made, always counts all pixels.
    table.insert("antialias".to_owned(), true.into());
    Value::Table(table)
}

fn crop(width: u32, height: u32, fill: Option<[u8; 3]>) -> Value {
    let mut table = Table::new();
    table.insert("mode".to_owned(), "center".into());
    table.insert("size".to_owned(), Value::Array(vec![i64::from(width).into(), i64::from(height).into()]));
    if let Some(fill) = fill {
        table.insert("fill".to_owned(), Value::Array(fill.iter().map(|c| i64::from(*c).into()).collect()));
    }
    Value::Table(table)
}

fn sides(width: u32, height: u32) -> Value {
    Value::Array(vec![i64::from(width).into(), i64::from(height).into()])
}

fn normal(mean: Option<&Json>, std: Option<&Json>, rescale: Option<f64>) -> Table {
    let three = |json: Option<&Json>| -> Option<Value> {
        let numbers: Vec<f64> = json?.as_array()?.iter().filter_map(Json::as_f64).collect();
        (numbers.len() == 3).then(|| Value::Array(numbers.into_iter().map(Value::Float).collect()))
    };
    let mut image = Table::new();
    for (key, value) in [("mean", three(mean)), ("std", three(std)), ("rescale", rescale.map(Value::Float))] {
        if let Some(value) = value {
            image.insert(key.to_owned(), value);
        }
    }
    image.insert("color".to_owned(), "RGB".into());
    image
}

/// As Ultralytics prepares pictures: scaled by the longer side, and grey laid around it.
fn letterbox([height, width]: [u32; 2]) -> Table {
    let mut image = normal(Some(&Json::from(vec![0.0; 3])), Some(&Json::from(vec![1.0; 3])), Some(1.0 / 255.0));
    image.insert("resize".to_owned(), resize("longest-edge", i64::from(width.min(height)).into(), "bilinear"));
    image.insert("crop".to_owned(), crop(width, height, Some([114; 3])));
    image
}

/// The filters as Pillow counts them.
fn pillow_filter(number: u64) -> &'static str {
    match number {
        0 => "nearest",
        1 => "lanczos3",
        3 => "bicubic",
        _ => "bilinear",
    }
}

fn number(json: Option<&Json>) -> Option<u32> {
    json?.as_u64().and_then(|n| u32::try_from(n).ok())
}

/// Transformers' `preprocessor_config.json`.
fn preprocessor(json: &Json) -> Table {
    let flag = |name: &str| json.get(name).and_then(Json::as_bool).unwrap_or(true);
    let normalised = flag("do_normalize");
    let mean = if normalised { json.get("image_mean").cloned() } else { Some(Json::from(vec![0.0; 3])) };
    let std = if normalised { json.get("image_std").cloned() } else { Some(Json::from(vec![1.0; 3])) };
    let factor = json.get("rescale_factor").and_then(Json::as_f64).unwrap_or(1.0 / 255.0);
    let mut image = normal(mean.as_ref(), std.as_ref(), Some(if flag("do_rescale") { factor } else { 1.0 }));
    let filter = pillow_filter(json.get("resample").and_then(Json::as_u64).unwrap_or(2));
    let size = json.get("size");
    let edge = number(size).or_else(|| number(size?.get("shortest_edge")));
    let both = size.and_then(|s| Some((number(s.get("width"))?, number(s.get("height"))?)));
    let cut = json.get("crop_size").filter(|_| json.get("do_center_crop").and_then(Json::as_bool).unwrap_or(false));
    let cut = cut.and_then(|c| number(Some(c)).map(|n| (n, n)).or_else(|| Some((number(c.get("width"))?, number(c.get("height"))?))));
    let part = json.get("crop_pct").and_then(Json::as_f64);
    match (edge, both, cut, part) {
        (Some(edge), _, Some((width, height)), _) => {
            image.insert("resize".to_owned(), resize("shortest-edge", i64::from(edge).into(), filter));
            image.insert("crop".to_owned(), crop(width, height, None));
        }
        (_, Some((w, h)), Some((width, height)), _) if w == h => {
            image.insert("resize".to_owned(), resize("shortest-edge", i64::from(w).into(), filter));
            image.insert("crop".to_owned(), crop(width, height, None));
        }
        // ConvNeXt's: below 384 pixels it is scaled to more and cut, from there on stretched.
        (Some(edge), _, None, Some(part)) if edge < 384 && part > 0.0 => {
            image.insert("resize".to_owned(), resize("shortest-edge", ((f64::from(edge) / part) as i64).into(), filter));
            image.insert("crop".to_owned(), crop(edge, edge, None));
        }
        (_, Some((width, height)), None, _) => {
            image.insert("resize".to_owned(), resize("stretch", sides(width, height), filter));
        }
        (Some(edge), _, None, _) => {
            image.insert("resize".to_owned(), resize("stretch", sides(edge, edge), filter));
        }
        _ => {}
    }
    image
}

/// timm's `pretrained_cfg`.
fn timm(json: &Json) -> Table {
    let mut image = normal(json.get("mean"), json.get("std"), Some(1.0 / 255.0));
    let size: Vec<u32> = json.get("input_size").and_then(Json::as_array).into_iter().flatten().filter_map(|n| number(Some(n))).collect();
    let filter = json.get("interpolation").and_then(Json::as_str).unwrap_or("bicubic");
    let part = json.get("crop_pct").and_then(Json::as_f64).filter(|p| *p > 0.0).unwrap_or(0.875);
    if let [_, height, width] = size.as_slice() {
        if json.get("crop_mode").and_then(Json::as_str) == Some("squash") {
            image.insert("resize".to_owned(), resize("stretch", sides(*width, *height), filter));
        } else {
            let edge = (f64::from(*height.min(width)) / part).floor() as i64;
            image.insert("resize".to_owned(), resize("shortest-edge", edge.into(), filter));
            image.insert("crop".to_owned(), crop(*width, *height, None));
        }
    }
    image
}

/// `open_clip_config.json`.
fn open_clip(json: &Json) -> Table {
    let prepared = json.get("preprocess_cfg").unwrap_or(&Json::Null);
    let mut image = normal(prepared.get("mean"), prepared.get("std"), Some(1.0 / 255.0));
    let filter = prepared.get("interpolation").and_then(Json::as_str).unwrap_or("bicubic");
    let size = number(json.pointer("/model_cfg/vision_cfg/image_size")).or_else(|| number(prepared.get("size")));
    if let Some(size) = size {
        if prepared.get("resize_mode").and_then(Json::as_str) == Some("squash") {
            image.insert("resize".to_owned(), resize("stretch", sides(size, size), filter));
        } else {
            image.insert("resize".to_owned(), resize("shortest-edge", i64::from(size).into(), filter));
            image.insert("crop".to_owned(), crop(size, size, None));
        }
    }
    image
}

/// `id2label`, in the order of its numbers; nothing where one is missing.
fn id2label(json: &Json) -> Option<Vec<String>> {
    let map = json.get("id2label")?.as_object()?;
    (0..map.len()).map(|index| map.get(&index.to_string())?.as_str().map(str::to_owned)).collect()
}

/// timm's `label_names`.
fn label_names(json: &Json) -> Option<Vec<String>> {
    let names = json.get("label_names").or_else(|| json.pointer("/pretrained_cfg/label_names"))?.as_array()?;
    names.iter().map(|n| n.as_str().map(str::to_owned)).collect()
}

/// A dictionary as Python prints it: `{0: 'knight', 1: "St. George's horse"}`.
fn python_names(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (index, after) = rest.split_once(':')?;
        if index.trim().trim_matches(['\'', '"']).parse::<usize>().ok()? != names.len() {
            return None;
        }
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (mut name, mut escaped, mut end) = (String::new(), false, None);
        for (at, c) in after.char_indices().skip(1) {
            match c {
                '\\' if !escaped => escaped = true,
                c if c == quote && !escaped => {
                    end = Some(at + 1);
                    break;
                }
                c => {
                    name.push(c);
                    escaped = false;
                }
            }
        }
        names.push(name);
        rest = after[end?..].trim_start().trim_start_matches(',').trim_start();
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ImageSpec, ResizeMode, Size};

    fn image(json: &str, name: &str) -> ImageSpec {
        let mut layers = Layers::default();
        layers.add_json(name, &serde_json::from_str(json).unwrap());
        let own: Table = toml::from_str("[image]\ninput = \"x\"\nlayout = \"NCHW\"\ndtype = \"f32\"").unwrap();
        over(own, &layers.table)["image"].clone().try_into().unwrap()
    }

    #[test]
    fn the_files_of_hubs_are_understood() {
        let clip = r#"{"crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "do_normalize": true, "do_rescale": true, "do_resize": true,
            "image_mean": [0.48, 0.45, 0.40], "image_std": [0.26, 0.26, 0.27], "resample": 3, "size": {"shortest_edge": 224}}"#;
        let read = image(clip, "preprocessor_config.json");
        assert_eq!((read.resize.mode, read.resize.size, read.input_size()), (ResizeMode::ShortestEdge, Size::Edge(224), [224, 224]));
        let vit = r#"{"do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": 224}"#;
        let read = image(vit, "preprocessor_config.json");
        assert_eq!((read.resize.mode, read.input_size(), read.mean[0]), (ResizeMode::Stretch, [224, 224], 0.5));
        let convnext = r#"{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "crop_pct": 0.875, "resample": 3, "size": {"shortest_edge": 224}}"#;
        let read = image(convnext, "preprocessor_config.json");
        assert_eq!((read.resize.size, read.input_size()), (Size::Edge(256), [224, 224]));
        let timm = r#"{"architecture": "convnext_base", "pretrained_cfg": {"input_size": [3, 288, 288], "interpolation": "bicubic", "crop_pct": 0.95,
            "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}"#;
        let read = image(timm, "config.json");
        assert_eq!((read.resize.size, read.input_size(), read.std[2]), (Size::Edge(303), [288, 288], 0.225));
        let open = r#"{"model_cfg": {"vision_cfg": {"image_size": 256}}, "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic", "resize_mode": "squash"}}"#;
        let read = image(open, "open_clip_config.json");
        assert_eq!((read.resize.mode, read.input_size()), (ResizeMode::Stretch, [256, 256]));
    }

    #[test]
    fn names_are_read_in_their_order() {
        let names = python_names("{0: 'knight', 1: \"St. George's horse\", 2: 'it\\'s'}").unwrap();
        assert_eq!(names, ["knight", "St. George's horse", "it's"]);
        assert!(python_names("{0: 'a', 2: 'b'}").is_none() && python_names("[1]").is_none() && python_names("{0: 'a").is_none());
        let json: Json = serde_json::from_str(r#"{"id2label": {"1": "b", "0": "a"}}"#).unwrap();
        assert_eq!(id2label(&json).unwrap(), ["a", "b"]);
    }

    #[test]
    fn the_manifest_goes_before_the_files() {
        let below: Table = toml::from_str("[image]\nmean = [0.5, 0.5, 0.5]\ncrop = { mode = \"center\", size = [8, 8] }").unwrap();
        let own: Table = toml::from_str("[image]\nmean = [0.1, 0.1, 0.1]\nresize = { mode = \"stretch\" }").unwrap();
        let merged = over(own, &below);
        assert_eq!(merged["image"]["mean"][0].as_float(), Some(0.1));
        assert!(merged["image"].get("crop").is_none(), "who says how it is scaled says how it is cut");
    }
}
