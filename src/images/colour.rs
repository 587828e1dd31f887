//! Colours as they were meant: numbers under a colour profile (ICC) become the numbers that networks and screens expect (sRGB).

use std::sync::{Arc, Mutex, PoisonError};

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

use super::checksum;

/// What the bytes of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    Grey,
    Rgb,
    /// Ink: 255 is all of it.
    Cmyk,
}

/// From a profile's colours to sRGB.
pub(crate) type ToSrgb = Arc<dyn TransformExecutor<u8> + Send + Sync>;

/// What a profile asks for.
#[derive(Clone)]
pub(crate) enum Profile {
    /// Its colours are sRGB's, to the eye.
    Srgb,
    /// They are others.
    Other(ToSrgb),
    /// It cannot be read, or it is for another kind of pixels.
    Unusable,
}

/// Two colours that differ by no more than this in any channel are the same.
const SAME: u8 = 2;
/// How many profiles are kept ready. A scanner's pictures all carry the same one.
const KEPT: usize = 32;

static READY: Mutex<Vec<(String, Colours, Profile)>> = Mutex::new(Vec::new());

/// Reads a profile for pixels of this kind.
pub(crate) fn profile(icc: &[u8], colours: Colours) -> Profile {
    let key = checksum(icc);
    let mut ready = READY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, _, profile)) = ready.iter().find(|(k, c, _)| *k == key && *c == colours) {
        return profile.clone();
    }
    let profile = read(icc, colours);
    if ready.len() >= KEPT {
        ready.remove(0);
    }
    ready.push((key, colours, profile.clone()));
    profile
}

fn read(icc: &[u8], colours: Colours) -> Profile {
    let Ok(profile) = ColorProfile::new_from_slice(icc) else { return Profile::Unusable };
    let (space, layout) = match colours {
        Colours::Grey => (DataColorSpace::Gray, Layout::Gray),
        Colours::Rgb => (DataColorSpace::Rgb, Layout::Rgb),
        // Four channels are four channels.
        Colours::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba),
    };
    if profile.color_space != space {
        return Profile::Unusable;
    }
    let made = profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, TransformOptions::default());
    match made {
        Ok(transform) if changes_nothing(transform.as_ref(), colours) => Profile::Srgb,
        Ok(transform) => Profile::Other(transform),
        Err(_) => Profile::Unusable,
    }
}

/// Whether a few colours from all over stay where they are.
fn changes_nothing(transform: &(dyn TransformExecutor<u8> + Send + Sync), colours: Colours) -> bool {
    let steps = [0_u8, 51, 102, 153, 204, 255];
    let (probe, expected): (Vec<u8>, Vec<u8>) = match colours {
        Colours::Cmyk => return false,
        Colours::Grey => (steps.to_vec(), steps.iter().flat_map(|s| [*s; 3]).collect()),
        Colours::Rgb => {
            let count = steps.len();
            let all: Vec<u8> =
                (0..count.pow(3)).flat_map(|i| [steps[i / count / count], steps[i / count % count], steps[i % count]]).collect();
            (all.clone(), all)
        }
    };
    let mut found = vec![0; expected.len()];
    transform.transform(&probe, &mut found).is_ok() && found.iter().zip(&expected).all(|(f, e)| f.abs_diff(*e) <= SAME)
}

/// Pixels of this kind as red, green and blue; with what was done to them, for the provenance.
pub(crate) fn to_rgb(pixels: Vec<u8>, colours: Colours, icc: Option<&[u8]>) -> (Vec<u8>, &'static str) {
    let profile = icc.map(|icc| profile(icc, colours));
    if let Some(Profile::Other(transform)) = &profile {
        let channels = match colours {
            Colours::Grey => 1,
            Colours::Rgb => 3,
            Colours::Cmyk => 4,
        };
        let mut rgb = vec![0; pixels.len() / channels * 3];
        if transform.transform(&pixels, &mut rgb).is_ok() {
            return (rgb, ", ICC profile to sRGB");
        }
    }
    let word = if matches!(profile, Some(Profile::Unusable | Profile::Other(_))) { ", ICC profile not used" } else { "" };
    (without_profile(pixels, colours), word)
}

fn without_profile(pixels: Vec<u8>, colours: Colours) -> Vec<u8> {
    match colours {
        Colours::Rgb => pixels,
        Colours::Grey => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
        Colours::Cmyk => {
            let light = |ink: u8, black: u8| ((255 - u16::from(ink)) * (255 - u16::from(black)) / 255) as u8;
            pixels.chunks_exact(4).flat_map(|ink| [light(ink[0], ink[3]), light(ink[1], ink[3]), light(ink[2], ink[3])]).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srgb_stays_and_other_colours_are_turned_into_it() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert!(matches!(profile(&srgb, Colours::Rgb), Profile::Srgb));
        assert_eq!(to_rgb(vec![10, 20, 30], Colours::Rgb, Some(&srgb)), (vec![10, 20, 30], ""));
        let wide = ColorProfile::new_display_p3().encode().unwrap();
        let (found, word) = to_rgb(vec![200, 100, 50], Colours::Rgb, Some(&wide));
        assert_eq!(word, ", ICC profile to sRGB");
        // The same colour needs more red in the narrower space.
        assert!(found[0] > 205 && found[1] < 100, "{found:?}");
        // Grey is grey everywhere.
        let (grey, _) = to_rgb(vec![128, 128, 128], Colours::Rgb, Some(&wide));
        assert!(grey.iter().all(|g| g.abs_diff(128) <= 2), "{grey:?}");
    }

    #[test]
    fn a_profile_for_other_pixels_is_left_aside_and_told() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert_eq!(to_rgb(vec![0, 255, 255, 0], Colours::Cmyk, Some(&srgb)), (vec![255, 0, 0], ", ICC profile not used"));
        assert_eq!(to_rgb(vec![7], Colours::Grey, Some(b"no profile")), (vec![7, 7, 7], ", ICC profile not used"));
        assert_eq!(to_rgb(vec![0, 0, 0, 255], Colours::Cmyk, None), (vec![0, 0, 0], ""));
    }
}
