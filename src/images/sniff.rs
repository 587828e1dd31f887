//! What bytes are that were sent in place of a picture.

use image::ImageFormat;

use super::ImagesError;

/// How much of the beginning is looked at.
const BEGINNING: usize = 1024;

/// A format that we decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One of the library's own.
    Usual(ImageFormat),
    /// JPEG 2000.
    Jpeg2000,
}

/// The picture format of these bytes, told from the bytes alone: names and media types are often wrong.
pub(crate) fn format(bytes: &[u8]) -> Result<Format, ImagesError> {
    if bytes.is_empty() {
        return Err(ImagesError::Empty);
    }
    if is_jpeg2000(bytes) {
        return Ok(Format::Jpeg2000);
    }
    match image::guess_format(bytes) {
        Ok(format) if format.reading_enabled() => Ok(Format::Usual(format)),
        Ok(_) => Err(ImagesError::NotAPicture("a picture format that is not built in")),
        Err(_) => Err(ImagesError::NotAPicture(other_than_picture(bytes))),
    }
}

/// A file of boxes (ISO/IEC 15444-1, annex I), or the bare codestream (annex A).
fn is_jpeg2000(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x00\x00\x00\x0cjP  ") || bytes.starts_with(b"\xff\x4f\xff\x51")
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
    if is_jpeg2000(bytes) {
        return "image/jp2";
    }
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

impl Format {
    /// Its usual name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Usual(format) => name(format),
            Self::Jpeg2000 => "JPEG 2000",
        }
    }
}
