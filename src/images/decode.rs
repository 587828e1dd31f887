//! Decoding: header first, then pixels, upright, over white.

use std::io::{Cursor, ErrorKind};

use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, metadata::Orientation};

use super::{ImagesError, Limits, Picture, checksum, jpeg, sniff};

/// What decodes: one path for all pictures, since two decoders differ by a shade and so give different scores.
pub const DECODER: &str = "image 0.25";

/// Decodes a picture. Of a moving one the first frame is taken; transparent parts are laid over white, like paper.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, ImagesError> {
    let format = sniff::format(bytes)?;
    if format == ImageFormat::Jpeg && !jpeg::is_whole(bytes) {
        return Err(ImagesError::Truncated { format: sniff::name(format) });
    }
    let failed = |error| explain(error, format, limits);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(memory(limits));
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (original_width, original_height) = decoder.dimensions();
    check_size(original_width, original_height, limits)?;
    let mut left = memory(limits);
    left.reserve(decoder.total_bytes()).and_then(|()| decoder.set_limits(left)).map_err(failed)?;
    // A broken EXIF block is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    pixels.apply_orientation(orientation);
    Ok(Picture {
        width: pixels.width(),
        height: pixels.height(),
        rgb: over_white(pixels),
        checksum: checksum(bytes),
        original_width,
        original_height,
        decoder: DECODER.to_owned(),
    })
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
