//! A picture made ready for one network by another thread than the one that computes, so that the network never waits for it.

use super::{ImageSpec, ModelError, image_spec::ResizeMode, preprocess, tensor::Numbers};
use crate::images::{Enough, Picture};

/// How many times the network's own size a picture should have before it is scaled down to it: what is left out beyond that, by a server or
/// a decoder, changes next to nothing.
const MORE_THAN_SEEN: u32 = 2;

/// Makes pictures ready for one network. Cheap to clone, and shared by threads.
#[derive(Clone, Debug)]
pub struct Preparer {
    spec: ImageSpec,
}

/// A picture as its network wants it.
#[derive(Clone, Debug)]
pub struct Prepared(pub(super) Numbers);

impl Preparer {
    pub(super) fn new(spec: ImageSpec) -> Self {
        Self { spec }
    }

    /// How much of a picture is enough for this network.
    pub fn enough(&self) -> Enough {
        let [width, height] = self.spec.resize.size.sides().map(|side| side.saturating_mul(MORE_THAN_SEEN));
        match self.spec.resize.mode {
            ResizeMode::ShortestEdge => Enough::Shorter(width),
            ResizeMode::LongestEdge => Enough::Longer(width),
            ResizeMode::Stretch => Enough::Both(width, height),
        }
    }

    /// Makes a picture ready.
    pub fn prepare(&self, picture: &Picture) -> Result<Prepared, ModelError> {
        preprocess::numbers(picture, &self.spec).map(Prepared)
    }
}
