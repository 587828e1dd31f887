//! A picture: decoded pixels, upright, in red, green and blue.

use sha2::{Digest as _, Sha256};

/// Decoded pixels, and where they came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its width as it is to be looked at.
    pub width: u32,
    /// Its height as it is to be looked at.
    pub height: u32,
    /// Its pixels, row by row, three bytes each.
    pub rgb: Vec<u8>,
    /// SHA-256 of the bytes as they came, in lower-case hexadecimal.
    pub checksum: String,
    /// The width that its header gives, before it was turned upright.
    pub original_width: u32,
    /// The height that its header gives, before it was turned upright.
    pub original_height: u32,
    /// What decoded it. Decoders differ by a shade, so this belongs to the provenance.
    pub decoder: String,
}

impl Picture {
    /// A picture of pixels that are at hand already, three bytes each; `None` where their number does not fit the sides.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let fits = width > 0 && height > 0 && rgb.len() as u64 == u64::from(width) * u64::from(height) * 3;
        let checksum = checksum(&rgb);
        fits.then(|| Self { width, height, rgb, checksum, original_width: width, original_height: height, decoder: "none".to_owned() })
    }

    /// Its full width and height, as it is to be looked at: one that was turned upright has the sides of its header changed.
    pub fn full_size(&self) -> [u32; 2] {
        let turned = (self.width > self.height) != (self.original_width > self.original_height);
        if turned { [self.original_height, self.original_width] } else { [self.original_width, self.original_height] }
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {}, sha256 {})", self.width, self.height, self.checksum)
    }
}

/// The SHA-256 of bytes as they are, in lower-case hexadecimal.
pub fn checksum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
