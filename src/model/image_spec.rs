//! What a network expects of a picture: the manifest's part on preprocessing, where most tools go wrong.

use serde::{Deserialize, Serialize};

/// What the network expects of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSpec {
    /// The input's name.
    pub input: String,
    /// A second input that is 1 where the picture is and 0 where something was laid around it (`pixel_mask`), where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// The order of its axes.
    pub layout: Layout,
    /// Its numbers.
    pub dtype: Dtype,
    /// The order of its colours.
    pub color: Color,
    /// How it is scaled.
    pub resize: Resize,
    /// What is cut out of it then.
    #[serde(default)]
    pub crop: Option<Crop>,
    /// What each byte is multiplied by.
    pub rescale: f64,
    /// What is taken off then, for each colour in the order of `color`.
    pub mean: [f64; 3],
    /// By what it is divided then, for each colour in the order of `color`.
    pub std: [f64; 3],
}

/// The order of the axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// Colours first.
    NCHW,
    /// Colours last.
    NHWC,
}

/// The kind of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Rescaled and normalised.
    F32,
    /// Bytes as they are; the network normalises.
    U8,
    /// Rescaled and normalised, in half precision.
    F16,
}

/// The order of the colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Color {
    /// Red first.
    RGB,
    /// Blue first.
    BGR,
}

/// How a picture is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resize {
    /// Which side counts.
    pub mode: ResizeMode,
    /// The length of that side, or width and height.
    pub size: Size,
    /// How pixels are mixed.
    pub filter: Filter,
    /// Whether all pixels count when a picture becomes smaller. Most libraries differ here, and scores with them.
    pub antialias: bool,
}

/// Which side of a picture counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResizeMode {
    /// The shorter side gets the size.
    ShortestEdge,
    /// The longer side gets the size.
    LongestEdge,
    /// Both sides get the size, whatever becomes of the proportions.
    Stretch,
}

/// A length, or width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Size {
    /// One length for both.
    Edge(u32),
    /// Width and height.
    Sides([u32; 2]),
}

impl Size {
    /// Width and height.
    pub fn sides(self) -> [u32; 2] {
        match self {
            Self::Edge(edge) => [edge, edge],
            Self::Sides(sides) => sides,
        }
    }
}

/// How pixels are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    /// The nearest one alone.
    Nearest,
    /// A triangle.
    Bilinear,
    /// Catmull-Rom.
    Bicubic,
    /// Three lobes.
    Lanczos3,
}

/// What is cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crop {
    /// Where.
    pub mode: CropMode,
    /// Width and height. Where the picture is smaller, a colour is laid around it.
    pub size: [u32; 2],
    /// That colour: red, green and blue, black by default.
    #[serde(default)]
    pub fill: [u8; 3],
}

/// Where a part is cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CropMode {
    /// In the middle.
    Center,
    /// At the beginning: what is laid around the picture lies to its right and below.
    TopLeft,
}

impl ImageSpec {
    /// Width and height of what goes into the network.
    pub fn input_size(&self) -> [u32; 2] {
        self.crop.map_or_else(|| self.resize.size.sides(), |crop| crop.size)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let sizes = self.resize.size.sides().into_iter().chain(self.input_size());
        if sizes.into_iter().any(|s| s == 0 || s > 8192) {
            return Err("a size in [image] is 0 or above 8192".to_owned());
        }
        if self.crop.is_none() && self.resize.mode != ResizeMode::Stretch {
            return Err("without `image.crop` the input's size depends on the picture; add it, or set the mode to `stretch`".to_owned());
        }
        if self.resize.mode != ResizeMode::Stretch && matches!(self.resize.size, Size::Sides([w, h]) if w != h) {
            return Err("an edge has one length; width and height belong to the mode `stretch`".to_owned());
        }
        if self.std.iter().any(|s| *s == 0.0 || !s.is_finite()) {
            return Err("`image.std` divides by zero".to_owned());
        }
        Ok(())
    }
}
