//! Decoding: header first, then as many pixels as are enough, upright, in the colours that were meant, over white.

use std::{
    io::{Cursor, ErrorKind},
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, RgbImage, metadata::Orientation};

use super::{
    Enough, ImagesError, Limits, Picture, checksum,
    colour::{self, Colours},
    jpeg, jpeg2000, scaled,
    sniff::{self, Format},
};

/// What decodes all that is not JPEG 2000 and not decoded at a part of its size. Two decoders differ by a shade and so give different
/// scores, so each picture says which one it was.
pub const DECODER: &str = "image 0.25";

/// Decodes a whole picture. Of a moving one the first frame is taken; transparent parts are laid over white, like paper.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, ImagesError> {
    decode_enough(bytes, limits, Enough::Whole)
}

/// Decodes as much of a picture as is enough, where its format can give less than the whole.
pub fn decode_enough(bytes: &[u8], limits: &Limits, enough: Enough) -> Result<Picture, ImagesError> {
    let format = sniff::format(bytes)?;
    // A decoder that meets what it did not expect may panic; that is the picture's fault, and must not end the run.
    let decoded = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Jpeg2000 => decode_jpeg2000(bytes, limits, enough),
        Format::Usual(format) => decode_usual(bytes, format, limits, enough),
    }));
    let gave_up = |_| ImagesError::Broken { format: format.name(), reason: "its decoder gave up".to_owned() };
    Ok(decoded.map_err(gave_up)??.upright(bytes))
}

/// Pixels as a decoder left them.
struct Decoded {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    original: (u32, u32),
    orientation: Orientation,
    decoder: String,
}

impl Decoded {
    /// The picture as it is to be looked at.
    fn upright(self, bytes: &[u8]) -> Picture {
        let Self { mut width, mut height, mut rgb, original, orientation, decoder } = self;
        if orientation != Orientation::NoTransforms
            && let Some(pixels) = RgbImage::from_raw(width, height, std::mem::take(&mut rgb))
        {
            let mut pixels = DynamicImage::ImageRgb8(pixels);
            pixels.apply_orientation(orientation);
            (width, height) = (pixels.width(), pixels.height());
            rgb = pixels.into_rgb8().into_raw();
        }
        let (original_width, original_height) = original;
        Picture { width, height, rgb, checksum: checksum(bytes), original_width, original_height, decoder }
    }
}

fn decode_jpeg2000(bytes: &[u8], limits: &Limits, enough: Enough) -> Result<Decoded, ImagesError> {
    let found = jpeg2000::decode(bytes, enough, limits, |width, height| check_size(width, height, limits))?;
    let jpeg2000::Decoded { width, height, rgb, original, decoder } = found;
    Ok(Decoded { width, height, rgb, original, orientation: Orientation::NoTransforms, decoder })
}

fn decode_usual(bytes: &[u8], format: ImageFormat, limits: &Limits, enough: Enough) -> Result<Decoded, ImagesError> {
    if format == ImageFormat::Jpeg && !jpeg::is_whole(bytes) {
        return Err(ImagesError::Truncated { format: sniff::name(format) });
    }
    let failed = |error| explain(error, format, limits);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(memory(limits));
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let original = decoder.dimensions();
    check_size(original.0, original.1, limits)?;
    // A broken EXIF block, or a broken profile, is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let icc = decoder.icc_profile().unwrap_or_default();
    if format == ImageFormat::Jpeg
        && let Some(found) = decode_scaled(bytes, original, orientation, icc.as_deref(), limits, enough)
    {
        return Ok(found);
    }
    let mut left = memory(limits);
    left.reserve(decoder.total_bytes()).and_then(|()| decoder.set_limits(left)).map_err(failed)?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    let (width, height) = (pixels.width(), pixels.height());
    let is_grey = !pixels.color().has_color();
    let rgb = over_white(pixels);
    let (rgb, word) = match icc {
        None => (rgb, ""),
        Some(icc) if is_grey => colour::to_rgb(rgb.into_iter().step_by(3).collect(), Colours::Grey, Some(&icc)),
        Some(icc) => colour::to_rgb(rgb, Colours::Rgb, Some(&icc)),
    };
    Ok(Decoded { width, height, rgb, original, orientation, decoder: format!("{DECODER}{word}") })
}

/// A JPEG with many more pixels than are needed, or in printer's inks with a profile. What the decoder that can do this refuses, the other
/// one may still decode.
fn decode_scaled(
    bytes: &[u8],
    original: (u32, u32),
    orientation: Orientation,
    icc: Option<&[u8]>,
    limits: &Limits,
    enough: Enough,
) -> Option<Decoded> {
    let lies = matches!(orientation, Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH);
    let by = scaled::divisor(original.0, original.1, if lies { enough.turned() } else { enough });
    if by == 1 && !(icc.is_some() && scaled::is_cmyk(bytes)) {
        return None;
    }
    match scaled::decode(bytes, by, icc, limits) {
        Ok(found) => {
            let scaled::Scaled { width, height, rgb, decoder } = found?;
            Some(Decoded { width, height, rgb, original, orientation, decoder })
        }
        Err(error) => {
            tracing::debug!(%error, "a JPEG cannot be decoded at a part of its size");
            None
        }
    }
}

fn memory(limits: &Limits) -> image::Limits {
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(limits.max_alloc_mib.saturating_mul(1024 * 1024));
    memory
}

fn check_size(width: u32, height: u32, limits: &Limits) -> Result<(), ImagesError> {
    if width == 0 || height == 0 {
        return Err(ImagesError::NoPixels { width, height });
    }
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > limits.max_side || pixels > u64::from(limits.max_megapixels) * 1_000_000 {
        let Limits { max_side, max_megapixels, .. } = *limits;
        return Err(ImagesError::TooLarge { width, height, max_side, max_megapixels });
    }
    Ok(())
}

/// Three bytes a pixel; what is transparent shows white.
fn over_white(pixels: DynamicImage) -> Vec<u8> {
    if !pixels.color().has_alpha() {
        return pixels.into_rgb8().into_raw();
    }
    let rgba = pixels.into_rgba8().into_raw();
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.chunks_exact(4) {
        let alpha = u32::from(pixel[3]);
        rgb.extend(pixel[..3].iter().map(|c| ((u32::from(*c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8));
    }
    rgb
}

/// Puts the decoder's error into words that tell a provider what to do.
fn explain(error: ImageError, format: ImageFormat, limits: &Limits) -> ImagesError {
    let name = sniff::name(format);
    match error {
        ImageError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => ImagesError::Truncated { format: name },
        ImageError::Limits(_) => ImagesError::Memory { mib: limits.max_alloc_mib },
        ImageError::Unsupported(e) => ImagesError::Unsupported { format: name, reason: e.to_string() },
        other => {
            let reason = other.to_string();
            if ends_early(&reason) { ImagesError::Truncated { format: name } } else { ImagesError::Broken { format: name, reason } }
        }
    }
}

/// Decoders have many words for an end that comes too early, and no type for it.
fn ends_early(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["unexpected end", "unexpectedeof", "end of file", "eof", "failed to fill whole buffer", "no more bytes", "missing image data"]
        .iter()
        .any(|words| reason.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(pixels: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        pixels.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn first_pixel(bytes: &[u8]) -> [u8; 3] {
        let picture = decode(bytes, &Limits::default()).unwrap();
        [picture.rgb[0], picture.rgb[1], picture.rgb[2]]
    }

    #[test]
    fn grey_deep_and_transparent_pixels_become_rgb() {
        let grey = DynamicImage::ImageLuma8(image::GrayImage::from_pixel(2, 3, image::Luma([9])));
        assert_eq!(first_pixel(&png(&grey)), [9, 9, 9]);
        let deep = DynamicImage::ImageRgb16(image::ImageBuffer::from_pixel(2, 3, image::Rgb([65535, 32896, 0])));
        assert_eq!(first_pixel(&png(&deep)), [255, 128, 0]);
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(2, 3, image::Rgba([0, 0, 0, 0])));
        assert_eq!(first_pixel(&png(&clear)), [255, 255, 255]);
        let half = DynamicImage::ImageLumaA8(image::GrayAlphaImage::from_pixel(2, 3, image::LumaA([0, 128])));
        assert_eq!(first_pixel(&png(&half)), [127, 127, 127]);
    }

    #[test]
    fn the_checksum_is_of_the_bytes_as_they_came() {
        let bytes = png(&DynamicImage::new_rgb8(2, 2));
        let picture = decode(&bytes, &Limits::default()).unwrap();
        assert_eq!((picture.checksum, picture.rgb.len()), (checksum(&bytes), 12));
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let cases: [(&[u8], &str); 6] = [
            (b"", "empty"),
            (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
            (b"%PDF-1.7 ...", "PDF"),
            (b"<!DOCTYPE html><html>404</html>", "HTML"),
            (b"{\"error\": 404}", "JSON"),
            (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        ];
        for (bytes, word) in cases {
            let error = decode(bytes, &Limits::default()).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn limits_are_read_from_the_header() {
        let limits = Limits { max_side: 100, max_megapixels: 1, ..Limits::default() };
        let error = decode(&png(&DynamicImage::new_luma8(101, 2)), &limits).unwrap_err();
        assert!(matches!(error, ImagesError::TooLarge { width: 101, height: 2, .. }), "{error}");
        let limits = Limits { max_alloc_mib: 1, ..Limits::default() };
        let error = decode(&png(&DynamicImage::new_rgb8(1200, 1200)), &limits).unwrap_err();
        assert!(matches!(error, ImagesError::Memory { mib: 1 }), "{error}");
    }

    #[test]
    fn the_decoder_that_is_named_is_the_one_that_is_built_in() {
        let manifest = include_str!("../../Cargo.toml");
        let version = DECODER.strip_prefix("image ").unwrap();
        assert!(manifest.contains(&format!("image = {{ version = \"{version}")));
    }
}
