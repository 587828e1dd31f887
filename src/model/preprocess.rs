//! Preprocessing: from a picture to the numbers that a network wants, the way Pillow and torchvision make them.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use half::f16;

use super::{
    Crop, CropMode, ModelError,
    image_spec::{Color, Dtype, Filter, ImageSpec, Layout, ResizeMode},
    tensor::{Kind, Numbers},
};
use crate::images::Picture;

/// A batch of prepared pictures.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// The shape, batch first.
    pub(crate) shape: [usize; 4],
    pub(crate) numbers: Numbers,
}

/// The shape of a batch of so many pictures.
pub(crate) fn shape(spec: &ImageSpec, pictures: usize) -> [usize; 4] {
    let [width, height] = spec.input_size().map(|s| s as usize);
    match spec.layout {
        Layout::NCHW => [pictures, 3, height, width],
        Layout::NHWC => [pictures, height, width, 3],
    }
}

/// Prepares pictures, and fills up with black ones to the size that a network insists on.
pub(crate) fn batch(pictures: &[&Picture], spec: &ImageSpec, size: usize) -> Result<Batch, ModelError> {
    let prepared: Vec<Numbers> = pictures.iter().map(|picture| numbers(picture, spec)).collect::<Result<_, _>>()?;
    Ok(gather(prepared.iter(), spec, size))
}

/// One picture's numbers, in the network's order.
pub(crate) fn numbers(picture: &Picture, spec: &ImageSpec) -> Result<Numbers, ModelError> {
    let pixels = pixels(picture, spec)?;
    Ok(match spec.dtype {
        Dtype::F32 => {
            let (mut numbers, tables) = (vec![0.0; pixels.len()], tables(spec));
            arrange(&pixels, spec, &mut numbers, |channel, byte| tables[channel][usize::from(byte)]);
            Numbers::F32(numbers)
        }
        Dtype::F16 => {
            let (mut numbers, tables) = (vec![f16::ZERO; pixels.len()], tables(spec));
            arrange(&pixels, spec, &mut numbers, |channel, byte| f16::from_f32(tables[channel][usize::from(byte)]));
            Numbers::F16(numbers)
        }
        Dtype::U8 => {
            let mut numbers = vec![0; pixels.len()];
            arrange(&pixels, spec, &mut numbers, |_, byte| byte);
            Numbers::U8(numbers)
        }
    })
}

/// Lays pictures' numbers one behind the other, and fills up with black ones to the size that a network insists on.
pub(crate) fn gather<'n>(prepared: impl Iterator<Item = &'n Numbers>, spec: &ImageSpec, size: usize) -> Batch {
    let shape = shape(spec, size);
    let all = shape.iter().product();
    let numbers = match spec.dtype {
        Dtype::F32 => {
            let mut numbers = Vec::with_capacity(all);
            for one in prepared {
                if let Numbers::F32(one) = one {
                    numbers.extend_from_slice(one);
                }
            }
            numbers.resize(all, 0.0);
            Numbers::F32(numbers)
        }
        Dtype::F16 => {
            let mut numbers = Vec::with_capacity(all);
            for one in prepared {
                if let Numbers::F16(one) = one {
                    numbers.extend_from_slice(one);
                }
            }
            numbers.resize(all, f16::ZERO);
            Numbers::F16(numbers)
        }
        Dtype::U8 => {
            let mut numbers = Vec::with_capacity(all);
            for one in prepared {
                if let Numbers::U8(one) = one {
                    numbers.extend_from_slice(one);
                }
            }
            numbers.resize(all, 0);
            Numbers::U8(numbers)
        }
    };
    Batch { shape, numbers }
}

/// The kind of numbers of a picture's tensor.
pub(crate) fn kind(dtype: Dtype) -> Kind {
    match dtype {
        Dtype::F32 => Kind::F32,
        Dtype::F16 => Kind::F16,
        Dtype::U8 => Kind::U8,
    }
}

/// Where a picture comes to lie in a network's input: what is at `x` there stands at `x * scale[0] + from[0]` here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    pub(crate) scale: [f64; 2],
    pub(crate) from: [f64; 2],
    /// The part of the input that shows the picture: width and height, in pixels.
    pub(crate) shown: [u32; 2],
}

/// Where a picture of this size comes to lie.
pub(crate) fn placement(width: u32, height: u32, spec: &ImageSpec) -> Placement {
    let scaled = scaled_size(width, height, spec);
    let scale = [f64::from(scaled[0]) / f64::from(width.max(1)), f64::from(scaled[1]) / f64::from(height.max(1))];
    let Some(crop) = spec.crop else { return Placement { scale, from: [0.0; 2], shown: scaled } };
    let along = |axis: usize| {
        let (source, target, common) = overlap(scaled[axis], crop.size[axis], crop.mode);
        (target as f64 - source as f64, common as u32)
    };
    let ((x, width), (y, height)) = (along(0), along(1));
    Placement { scale, from: [x, y], shown: [width, height] }
}

/// For each channel, the number that each byte becomes.
fn tables(spec: &ImageSpec) -> [[f32; 256]; 3] {
    std::array::from_fn(|channel| {
        std::array::from_fn(|byte| ((byte as f64 * spec.rescale - spec.mean[channel]) / spec.std[channel]) as f32)
    })
}

/// Puts pixels in the network's order of axes and colours.
fn arrange<T>(pixels: &[u8], spec: &ImageSpec, out: &mut [T], number: impl Fn(usize, u8) -> T) {
    let area = pixels.len() / 3;
    for (index, pixel) in pixels.chunks_exact(3).enumerate() {
        for channel in 0..3 {
            let byte = match spec.color {
                Color::RGB => pixel[channel],
                Color::BGR => pixel[2 - channel],
            };
            let place = match spec.layout {
                Layout::NCHW => channel * area + index,
                Layout::NHWC => index * 3 + channel,
            };
            out[place] = number(channel, byte);
        }
    }
}

/// Scales and cuts: red, green and blue of the network's width and height.
fn pixels(picture: &Picture, spec: &ImageSpec) -> Result<Vec<u8>, ModelError> {
    let [width, height] = scaled_size(picture.width, picture.height, spec);
    let scaled = scale(picture, width, height, spec)?;
    Ok(match spec.crop {
        Some(crop) => cut(&scaled, [width, height], crop),
        None => scaled,
    })
}

/// The longer side is cut down to whole pixels, not rounded: torchvision does so, and the crop moves with it.
fn scaled_size(width: u32, height: u32, spec: &ImageSpec) -> [u32; 2] {
    let [edge, other] = spec.resize.size.sides();
    let scaled = |side: u32, by: u32| ((u64::from(edge) * u64::from(side) / u64::from(by.max(1))) as u32).max(1);
    let by_width = match spec.resize.mode {
        ResizeMode::Stretch => return [edge, other],
        ResizeMode::ShortestEdge => width < height,
        ResizeMode::LongestEdge => width > height,
    };
    if by_width { [edge, scaled(height, width)] } else { [scaled(width, height), edge] }
}

fn scale(picture: &Picture, width: u32, height: u32, spec: &ImageSpec) -> Result<Vec<u8>, ModelError> {
    if (width, height) == (picture.width, picture.height) {
        return Ok(picture.rgb.clone());
    }
    // A sliver of a picture, scaled by its short side, would not fit into memory.
    if u64::from(width) * u64::from(height) > 100_000_000 {
        return Err(ModelError::Prepare(format!("{} × {} pixels become {width} × {height}", picture.width, picture.height)));
    }
    let failed = |e: &dyn std::fmt::Display| ModelError::Prepare(e.to_string());
    let source = ImageRef::new(picture.width, picture.height, &picture.rgb, PixelType::U8x3).map_err(|e| failed(&e))?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(algorithm(spec));
    Resizer::new().resize(&source, &mut target, &options).map_err(|e| failed(&e))?;
    Ok(target.into_vec())
}

/// Convolution widens the filter when a picture becomes smaller, as Pillow does; interpolation does not, as `OpenCV` and old torchvision.
fn algorithm(spec: &ImageSpec) -> ResizeAlg {
    let filter = match spec.resize.filter {
        Filter::Nearest => return ResizeAlg::Nearest,
        Filter::Bilinear => FilterType::Bilinear,
        Filter::Bicubic => FilterType::CatmullRom,
        Filter::Lanczos3 => FilterType::Lanczos3,
    };
    if spec.resize.antialias { ResizeAlg::Convolution(filter) } else { ResizeAlg::Interpolation(filter) }
}

/// Cuts a part out, row by row; where there is too little, the filling stays around it.
fn cut(pixels: &[u8], [width, height]: [u32; 2], crop: Crop) -> Vec<u8> {
    let [cut_width, cut_height] = crop.size;
    let mut out = if crop.fill == [0; 3] {
        vec![0; cut_width as usize * cut_height as usize * 3]
    } else {
        crop.fill.repeat(cut_width as usize * cut_height as usize)
    };
    let (from_x, to_x, columns) = overlap(width, cut_width, crop.mode);
    let (from_y, to_y, rows) = overlap(height, cut_height, crop.mode);
    for row in 0..rows {
        let from = ((from_y + row) * width as usize + from_x) * 3;
        let to = ((to_y + row) * cut_width as usize + to_x) * 3;
        out[to..to + columns * 3].copy_from_slice(&pixels[from..from + columns * 3]);
    }
    out
}

/// Where to begin in the source, where in the target, and how many pixels they have in common, when both have one middle or one beginning.
fn overlap(source: u32, target: u32, mode: CropMode) -> (usize, usize, usize) {
    let (source, target) = (source as usize, target as usize);
    match mode {
        CropMode::TopLeft => (0, 0, source.min(target)),
        CropMode::Center if source >= target => ((source - target) / 2, 0, target),
        CropMode::Center => (0, (target - source) / 2, source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::image_spec::{Resize, Size};

    fn spec(mode: ResizeMode, edge: u32, crop: Option<[u32; 2]>) -> ImageSpec {
        ImageSpec {
            input: "x".to_owned(),
            mask: None,
            layout: Layout::NCHW,
            dtype: Dtype::F32,
            color: Color::RGB,
            resize: Resize { mode, size: Size::Edge(edge), filter: Filter::Bilinear, antialias: true },
            crop: crop.map(centred),
            rescale: 1.0,
            mean: [0.0, 1.0, 2.0],
            std: [1.0, 1.0, 2.0],
        }
    }

    fn centred(size: [u32; 2]) -> Crop {
        Crop { mode: CropMode::Center, size, fill: [0; 3] }
    }

    fn picture(width: u32, height: u32) -> Picture {
        let rgb = (0..width * height).flat_map(|i| [i as u8, 100, 200]).collect();
        Picture::from_rgb(width, height, rgb).unwrap()
    }

    #[test]
    fn sides_are_scaled_as_torchvision_does() {
        let shortest = spec(ResizeMode::ShortestEdge, 256, Some([224, 224]));
        assert_eq!(scaled_size(500, 375, &shortest), [341, 256]);
        assert_eq!(scaled_size(375, 500, &shortest), [256, 341]);
        assert_eq!(scaled_size(10, 10_000, &shortest), [256, 256_000]);
        let longest = spec(ResizeMode::LongestEdge, 100, Some([100, 100]));
        assert_eq!(scaled_size(200, 1, &longest), [100, 1]);
        assert_eq!(scaled_size(300, 600, &spec(ResizeMode::Stretch, 32, None)), [32, 32]);
    }

    #[test]
    fn axes_and_colours_are_put_in_order() {
        let mut spec = spec(ResizeMode::Stretch, 2, None);
        let Numbers::F32(numbers) = batch(&[&picture(2, 2)], &spec, 1).unwrap().numbers else { panic!() };
        assert_eq!(numbers, [0.0, 1.0, 2.0, 3.0, 99.0, 99.0, 99.0, 99.0, 99.0, 99.0, 99.0, 99.0]);
        (spec.layout, spec.color, spec.dtype) = (Layout::NHWC, Color::BGR, Dtype::U8);
        let made = batch(&[&picture(2, 2)], &spec, 2).unwrap();
        let Numbers::U8(numbers) = made.numbers else { panic!() };
        assert_eq!((made.shape, &numbers[..6], numbers[12]), ([2, 2, 2, 3], &[200, 100, 0, 200, 100, 1][..], 0));
    }

    #[test]
    fn the_middle_is_cut_out_and_black_is_laid_around_it() {
        let pixels: Vec<u8> = (0..9).flat_map(|i| [i; 3]).collect();
        assert_eq!(cut(&pixels, [3, 3], centred([1, 1])), [4, 4, 4]);
        let padded = cut(&[7, 7, 7], [1, 1], centred([3, 3]));
        assert_eq!((&padded[..12], &padded[12..15], &padded[15..]), (&[0; 12][..], &[7; 3][..], &[0; 12][..]));
    }

    #[test]
    fn a_sliver_is_refused() {
        let spec = spec(ResizeMode::ShortestEdge, 2000, Some([224, 224]));
        assert!(matches!(batch(&[&picture(1, 20_000)], &spec, 1), Err(ModelError::Prepare(_))));
    }

    #[test]
    fn a_letterbox_knows_where_the_picture_lies() {
        let mut spec = spec(ResizeMode::LongestEdge, 64, Some([64, 64]));
        let placed = placement(200, 100, &spec);
        assert_eq!((placed.scale, placed.from, placed.shown), ([0.32, 0.32], [0.0, 16.0], [64, 32]));
        spec.crop = Some(Crop { mode: CropMode::TopLeft, size: [64, 64], fill: [114; 3] });
        let cornered = placement(200, 100, &spec);
        assert_eq!(cornered, Placement { from: [0.0, 0.0], ..placed });
        let Numbers::F32(numbers) = batch(&[&picture(200, 100)], &spec, 1).unwrap().numbers else { panic!() };
        let green = |row: usize| numbers[64 * 64 + row * 64];
        assert_eq!((green(0), green(63)), (100.0 - 1.0, 114.0 - 1.0), "what is below the picture is grey; the mean is taken off both");
        let stretched = placement(200, 100, &self::spec(ResizeMode::Stretch, 50, None));
        assert_eq!((stretched.scale, stretched.from), ([0.25, 0.5], [0.0, 0.0]));
    }
}
