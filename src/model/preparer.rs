//! Pictures made ready for a scorer by other threads than the one that computes, so that the network never waits for them.

use std::sync::Arc;

use super::{ImageSpec, ModelError, image_spec::ResizeMode, preprocess, tensor::Numbers};
use crate::images::{Enough, Picture};

/// How many times the network's own size a picture should have before it is scaled down to it: what is left out beyond that, by a server or
/// a decoder, changes next to nothing.
const MORE_THAN_SEEN: u32 = 2;

/// Makes pictures ready. Cheap to clone, and shared by threads.
#[derive(Clone, Debug)]
pub struct Preparer {
    /// What each network that looks at the whole of a picture expects, in the scorer's order.
    specs: Arc<[ImageSpec]>,
    /// Whether the picture goes along: a detector looks at parts of it, and says where in its pixels things are.
    keeps: bool,
    enough: Enough,
    /// Those of the members, where several scorers look together.
    members: Arc<[Self]>,
}

/// A picture as its networks want it.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(super) numbers: Vec<Numbers>,
    pub(super) picture: Option<Arc<Picture>>,
    pub(super) members: Vec<Self>,
}

impl Preparer {
    /// For networks that look at whole pictures; `kept` says how much of the picture itself is wanted besides, where it is.
    pub(super) fn new(specs: Vec<ImageSpec>, kept: Option<Enough>) -> Self {
        let enough = specs.iter().map(enough_for).chain(kept).reduce(Enough::and).unwrap_or_default();
        Self { specs: specs.into(), keeps: kept.is_some(), enough, members: Arc::default() }
    }

    /// For several scorers that look at the same pictures.
    pub(super) fn together(members: Vec<Self>) -> Self {
        let enough = members.iter().map(Self::enough).reduce(Enough::and).unwrap_or_default();
        Self { specs: Arc::default(), keeps: false, enough, members: members.into() }
    }

    /// How much of a picture is enough.
    pub fn enough(&self) -> Enough {
        self.enough
    }

    /// Makes a picture ready.
    pub fn prepare(&self, picture: Picture) -> Result<Prepared, ModelError> {
        self.shared(&Arc::new(picture))
    }

    fn shared(&self, picture: &Arc<Picture>) -> Result<Prepared, ModelError> {
        Ok(Prepared {
            numbers: self.specs.iter().map(|spec| preprocess::numbers(picture, spec)).collect::<Result<_, _>>()?,
            picture: self.keeps.then(|| Arc::clone(picture)),
            members: self.members.iter().map(|member| member.shared(picture)).collect::<Result<_, _>>()?,
        })
    }
}

/// How much of a picture is enough for a network.
pub(super) fn enough_for(spec: &ImageSpec) -> Enough {
    let [width, height] = spec.resize.size.sides().map(|side| side.saturating_mul(MORE_THAN_SEEN));
    match spec.resize.mode {
        ResizeMode::ShortestEdge => Enough::Shorter(width),
        ResizeMode::LongestEdge => Enough::Longer(width),
        ResizeMode::Stretch => Enough::Both(width, height),
    }
}
