//! JPEG at a part of its size: where a picture has many more pixels than are needed, an eighth, a quarter or a half of each side is decoded
//! in the first place. That is twice as fast as decoding all and throwing most of it away.

use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};

use super::{
    Enough, ImagesError, Limits,
    colour::{self, Colours},
};

/// What decodes at scale, in the provenance.
pub(crate) const SCALING_DECODER: &str = "jpeg-decoder 0.3";

/// Pixels, and what was done to get them.
pub(crate) struct Scaled {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgb: Vec<u8>,
    pub(crate) decoder: String,
}

/// By how much each side may be divided so that enough is left.
pub(crate) fn divisor(width: u32, height: u32, enough: Enough) -> u32 {
    let fits = |by: &u32| enough.is_met_by(width.div_ceil(*by), height.div_ceil(*by));
    [8, 4, 2].into_iter().find(fits).unwrap_or(1)
}

/// Decodes at this part of its size. `None` for the kinds of JPEG that are better left to the other decoder.
pub(crate) fn decode(bytes: &[u8], by: u32, icc: Option<&[u8]>, limits: &Limits) -> Result<Option<Scaled>, ImagesError> {
    let broken = |e: jpeg_decoder::Error| ImagesError::Broken { format: "JPEG", reason: e.to_string() };
    let most = limits.max_alloc_mib.saturating_mul(1024 * 1024);
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().map_err(broken)?;
    let Some(full) = decoder.info() else { return Ok(None) };
    let colours = match full.pixel_format {
        PixelFormat::L8 => Colours::Grey,
        PixelFormat::RGB24 => Colours::Rgb,
        PixelFormat::CMYK32 => Colours::Cmyk,
        PixelFormat::L16 => return Ok(None),
    };
    // Progressive pictures are held as coefficients, two bytes each, until the last scan is in.
    let coefficients = u64::from(full.width) * u64::from(full.height) * 2 * full.pixel_format.pixel_bytes() as u64;
    if full.coding_process == CodingProcess::DctProgressive && coefficients > most {
        return Err(ImagesError::Memory { mib: limits.max_alloc_mib });
    }
    let part = |side: u16| u32::from(side).div_ceil(by) as u16;
    decoder.scale(part(full.width), part(full.height)).map_err(broken)?;
    decoder.set_max_decoding_buffer_size(usize::try_from(most).unwrap_or(usize::MAX));
    let pixels = decoder.decode().map_err(broken)?;
    let Some(info) = decoder.info() else { return Ok(None) };
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let (rgb, word) = colour::to_rgb(pixels, colours, icc);
    if rgb.len() as u64 != u64::from(width) * u64::from(height) * 3 {
        return Ok(None);
    }
    let scale = if by > 1 { format!(", 1/{by} of its size") } else { String::new() };
    Ok(Some(Scaled { width, height, rgb, decoder: format!("{SCALING_DECODER}{scale}{word}") }))
}

/// Whether the JPEG is in printer's inks: those need the profile before they are turned into red, green and blue.
pub(crate) fn is_cmyk(bytes: &[u8]) -> bool {
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().is_ok() && decoder.info().is_some_and(|info| info.pixel_format == PixelFormat::CMYK32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_left_out_than_may_be() {
        assert_eq!(divisor(4000, 3000, Enough::Shorter(375)), 8);
        assert_eq!(divisor(4000, 3000, Enough::Shorter(376)), 4);
        assert_eq!(divisor(4000, 3000, Enough::Shorter(1501)), 1);
        assert_eq!(divisor(4000, 3000, Enough::Whole), 1);
        assert_eq!(divisor(4000, 3000, Enough::Both(100, 1500)), 2);
    }
}
