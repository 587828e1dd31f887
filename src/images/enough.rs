//! How much of a picture is enough: a network sees a few hundred pixels, and whoever fetches and decodes need not bring more.

use serde::{Deserialize, Serialize};

/// How large a picture has to be at least, as it is to be looked at (upright).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Enough {
    /// All of its pixels are wanted.
    #[default]
    Whole,
    /// The shorter side, in pixels.
    Shorter(u32),
    /// The longer side, in pixels.
    Longer(u32),
    /// Width and height, in pixels.
    Both(u32, u32),
}

impl Enough {
    /// The least part of the full size, from 0 to 1, that is still enough.
    pub fn part(self, width: u32, height: u32) -> f64 {
        let ratio = |wanted: u32, side: u32| f64::from(wanted) / f64::from(side.max(1));
        let part = match self {
            Self::Whole => 1.0,
            Self::Shorter(side) => ratio(side, width.min(height)),
            Self::Longer(side) => ratio(side, width.max(height)),
            Self::Both(wide, high) => ratio(wide, width).max(ratio(high, height)),
        };
        part.min(1.0)
    }

    /// Whether a picture of this size will do in place of a larger one.
    pub fn is_met_by(self, width: u32, height: u32) -> bool {
        match self {
            Self::Whole => false,
            Self::Shorter(side) => width.min(height) >= side,
            Self::Longer(side) => width.max(height) >= side,
            Self::Both(wide, high) => width >= wide && height >= high,
        }
    }

    /// What is enough for both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole, _) | (_, Self::Whole) => Self::Whole,
            (Self::Shorter(a), Self::Shorter(b)) => Self::Shorter(a.max(b)),
            (Self::Longer(a), Self::Longer(b)) => Self::Longer(a.max(b)),
            (Self::Both(a, b), Self::Both(c, d)) => Self::Both(a.max(c), b.max(d)),
            // Where the shorter side has the most that any side should have, every side has it.
            (a, b) => Self::Shorter(a.most().max(b.most())),
        }
    }

    /// The most that is asked of a side.
    fn most(self) -> u32 {
        match self {
            Self::Whole => u32::MAX,
            Self::Shorter(side) | Self::Longer(side) => side,
            Self::Both(wide, high) => wide.max(high),
        }
    }

    /// The same, for a picture that lies on its side.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Both(wide, high) => Self::Both(high, wide),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_that_counts_decides() {
        assert!((Enough::Shorter(512).part(4000, 3000) - 512.0 / 3000.0).abs() < 1e-12);
        assert!((Enough::Longer(500).part(4000, 3000) - 0.125).abs() < 1e-12);
        assert!((Enough::Both(100, 1500).part(4000, 3000) - 0.5).abs() < 1e-12);
        assert!((Enough::Shorter(512).part(400, 300) - 1.0).abs() < 1e-12, "nothing is ever enlarged");
        assert!((Enough::Whole.part(9, 9) - 1.0).abs() < 1e-12);
        assert!(Enough::Shorter(300).is_met_by(400, 300) && !Enough::Shorter(301).is_met_by(400, 300));
        assert_eq!(Enough::Both(1, 2).turned(), Enough::Both(2, 1));
    }

    #[test]
    fn what_is_enough_for_both_is_enough_for_each() {
        let all = [Enough::Whole, Enough::Shorter(512), Enough::Longer(640), Enough::Both(448, 300)];
        for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (*a, *b))) {
            for (width, height) in [(4000, 3000), (500, 4000)] {
                let both = a.and(b).part(width, height);
                assert!(both >= a.part(width, height) && both >= b.part(width, height), "{a:?} and {b:?}");
            }
        }
        assert_eq!(Enough::Shorter(512).and(Enough::Shorter(300)), Enough::Shorter(512));
    }
}
