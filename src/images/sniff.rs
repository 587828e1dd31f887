//! What bytes are that were sent in place of a picture.

use image::ImageFormat;

use super::ImagesError;

/// How much of the beginning is looked at.
const BEGINNING: usize = 1024;

/// The picture format of these bytes, told from the bytes alone: names and media types are often wrong.
pub(crate) fn format(bytes: &[u8]) -> Result<ImageFormat, ImagesError> {
    if bytes.is_empty() {
        return Err(ImagesError::Empty);
    }
    match image::guess_format(bytes) {
        Ok(format) if format.reading_enabled() => Ok(format),
        Ok(_) => Err(ImagesError::NotAPicture("a picture format that is not built in")),
        Err(_) => Err(ImagesError::NotAPicture(other_than_picture(bytes))),
    }
}

/// Names the usual impostors: pages of error, documents, drawings.
fn other_than_picture(bytes: &[u8]) -> &'static str {
    let beginning = &bytes[..bytes.len().min(BEGINNING)];
    if beginning.starts_with(b"%PDF") {
        return "a PDF document";
    }
    if beginning.starts_with(b"PK\x03\x04") {
        return "a ZIP archive";
    }
    if beginning.starts_with(b"\x00\x00\x00\x0cjP  ") || beginning.starts_with(b"\xff\x4f\xff\x51") {
        return "a JPEG 2000 picture";
    }
    let text = String::from_utf8_lossy(beginning).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.contains("<svg") {
        "an SVG drawing"
    } else if text.starts_with("<!doctype html") || text.contains("<html") {
        "an HTML page"
    } else if text.starts_with("<?xml") || text.starts_with('<') {
        "an XML document"
    } else if text.starts_with('{') || text.starts_with('[') {
        "a JSON document"
    } else {
        "something of unknown kind"
    }
}

/// The media type of a picture's bytes.
pub(crate) fn media_type(bytes: &[u8]) -> &'static str {
    image::guess_format(bytes).map_or("application/octet-stream", |f| f.to_mime_type())
}

/// The format's usual name.
pub(crate) fn name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::WebP => "WebP",
        ImageFormat::Gif => "GIF",
        ImageFormat::Bmp => "BMP",
        _ => "picture",
    }
}
