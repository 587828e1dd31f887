//! JPEG 2000, in which libraries keep their masters: decoded at the least of its resolutions that is enough.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};

use super::{
    Enough, ImagesError, Limits,
    colour::{self, Colours},
};

/// What decodes it, in the provenance.
pub(crate) const JPEG2000_DECODER: &str = "hayro-jpeg2000 0.5";

/// Pixels, the size in the header, and what was done.
pub(crate) struct Decoded {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgb: Vec<u8>,
    pub(crate) original: (u32, u32),
    pub(crate) decoder: String,
}

/// Decodes as much as is enough. `check` looks at the size in the header before any pixel is decoded.
pub(crate) fn decode(
    bytes: &[u8],
    enough: Enough,
    limits: &Limits,
    check: impl Fn(u32, u32) -> Result<(), ImagesError>,
) -> Result<Decoded, ImagesError> {
    let broken = |e: hayro_jpeg2000::error::DecodeError| explain(&e.to_string());
    let whole = Image::new(bytes, &DecodeSettings::default()).map_err(broken)?;
    let (width, height) = (whole.width(), whole.height());
    check(width, height)?;
    let part = enough.part(width, height);
    let target = |side: u32| ((f64::from(side) * part).ceil() as u32).clamp(1, side);
    let wanted = (part < 1.0).then(|| (target(width), target(height)));
    let image = Image::new(bytes, &DecodeSettings { target_resolution: wanted, ..DecodeSettings::default() }).map_err(broken)?;
    let alpha = image.has_alpha();
    let channels = image.color_space().num_channels();
    // Each sample is held as a number of four bytes while it is computed.
    let (wide, high) = (image.width(), image.height());
    let held = u64::from(wide) * u64::from(high) * (u64::from(channels) + 1) * 4;
    if held > limits.max_alloc_mib.saturating_mul(1024 * 1024) {
        return Err(ImagesError::Memory { mib: limits.max_alloc_mib });
    }
    let mut context = DecoderContext::default();
    let samples = image.decode(&mut context).map_err(broken)?.data_u8();
    let all_channels = usize::from(channels) + usize::from(alpha);
    if samples.len() != wide as usize * high as usize * all_channels {
        return Err(explain("its channels have different sizes"));
    }
    let samples = if alpha { over_white(&samples, all_channels, channels == 4) } else { samples };
    let (colours, icc) = match (image.color_space(), channels) {
        (ColorSpace::Icc { profile, .. }, 1) => (Colours::Grey, Some(profile.as_slice())),
        (ColorSpace::Icc { profile, .. }, 3) => (Colours::Rgb, Some(profile.as_slice())),
        (ColorSpace::Icc { profile, .. }, 4) => (Colours::Cmyk, Some(profile.as_slice())),
        (_, 1) => (Colours::Grey, None),
        (_, 3) => (Colours::Rgb, None),
        (_, 4) => (Colours::Cmyk, None),
        (_, other) => {
            return Err(ImagesError::Unsupported { format: "JPEG 2000", reason: format!("it has {other} colour channels") });
        }
    };
    let (rgb, word) = colour::to_rgb(samples, colours, icc);
    let scale = if (wide, high) == (width, height) { String::new() } else { format!(", at {wide} × {high}") };
    Ok(Decoded { width: wide, height: high, rgb, original: (width, height), decoder: format!("{JPEG2000_DECODER}{scale}{word}") })
}

/// What is transparent shows the paper. Ink on paper is none; light on paper is all of it.
fn over_white(samples: &[u8], channels: usize, is_ink: bool) -> Vec<u8> {
    let paper = if is_ink { 0 } else { 255 };
    let mut out = Vec::with_capacity(samples.len() / channels * (channels - 1));
    for pixel in samples.chunks_exact(channels) {
        if let Some((alpha, colours)) = pixel.split_last() {
            let alpha = u32::from(*alpha);
            out.extend(colours.iter().map(|c| ((u32::from(*c) * alpha + paper * (255 - alpha) + 127) / 255) as u8));
        }
    }
    out
}

fn explain(reason: &str) -> ImagesError {
    let lower = reason.to_ascii_lowercase();
    if lower.contains("end of") || lower.contains("eof") || lower.contains("truncated") {
        ImagesError::Truncated { format: "JPEG 2000" }
    } else {
        ImagesError::Broken { format: "JPEG 2000", reason: reason.to_owned() }
    }
}
