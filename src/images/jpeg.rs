//! Whether a JPEG is whole. The decoder fills what is missing with grey and says nothing, and a network then tags the grey.

/// Walks from marker to marker (ITU-T T.81, annex B) and tells whether the end-of-image marker is reached.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            0xd9 => return true,
            // Start of scan: its header has a length like any segment's, and entropy-coded data follows it.
            0xda => {
                skip_segment(bytes, &mut at);
                skip_entropy_coded(bytes, &mut at);
            }
            // Restart markers, start of image and TEM stand alone.
            0xd0..=0xd8 | 0x01 => {}
            _ => skip_segment(bytes, &mut at),
        }
    }
    false
}

/// The next marker's second byte; fill bytes (0xff) may stand before it, and stray bytes are stepped over as decoders do.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        while *bytes.get(*at)? != 0xff {
            *at += 1;
        }
        while *bytes.get(*at)? == 0xff {
            *at += 1;
        }
        let marker = *bytes.get(*at)?;
        *at += 1;
        if marker != 0 {
            return Some(marker);
        }
    }
}

fn skip_segment(bytes: &[u8], at: &mut usize) {
    let length = match (bytes.get(*at), bytes.get(*at + 1)) {
        (Some(high), Some(low)) => usize::from(u16::from_be_bytes([*high, *low])),
        _ => bytes.len(),
    };
    *at += length.max(2);
}

/// In entropy-coded data 0xff is followed by 0x00 or a restart marker; anything else is the next marker.
fn skip_entropy_coded(bytes: &[u8], at: &mut usize) {
    while let Some(marker) = bytes.get(*at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xff)) {
        *at += marker;
        let next = bytes.get(*at + 1).copied().unwrap_or(0);
        if !matches!(next, 0 | 0xd0..=0xd7) {
            return;
        }
        *at += 1;
    }
    *at = bytes.len();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_jpeg_ends_with_its_marker_and_a_cut_one_does_not() {
        let mut bytes = Vec::new();
        let pixels: Vec<u8> = (0..64 * 64 * 3).map(|i| (i * 37 % 251) as u8).collect();
        image::codecs::jpeg::JpegEncoder::new(&mut bytes).encode(&pixels, 64, 64, image::ExtendedColorType::Rgb8).unwrap();
        assert!(is_whole(&bytes));
        let mut trailing = bytes.clone();
        trailing.extend_from_slice(b"whatever a camera adds");
        assert!(is_whole(&trailing));
        for cut in [3, 20, bytes.len() / 2, bytes.len() - 2] {
            assert!(!is_whole(&bytes[..cut]), "{cut}");
        }
    }
}
