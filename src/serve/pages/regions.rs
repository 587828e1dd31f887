//! Where on a picture something is, as a page draws it: boxes over the picture, in thousandths of the picture's width.

use super::{Certainty, ConceptLink, Link};

/// The width of the drawing, to which everything on it is scaled.
pub const DRAWN: u32 = 1000;
/// The height of a line of words on the drawing.
const LINE: u32 = 30;

/// A part of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionView {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
    /// The same in words, in the picture's own pixels.
    pub words: String,
    /// Where it can be looked at by itself, if the picture has an image service.
    pub alone: Option<Link>,
}

impl RegionView {
    /// Where the words of a box begin: above it, or within where there is no room.
    pub fn words_at(&self) -> u32 {
        if self.y >= LINE { self.y - LINE / 4 } else { self.y + LINE }
    }

    /// At the right border words end with the box, and do not run out of the picture.
    pub fn words_end(&self) -> bool {
        self.x > DRAWN * 2 / 3
    }

    /// The right side.
    pub fn right(&self) -> u32 {
        self.x + self.width
    }
}

/// Something that stands on the page already, by its number there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// The annotation's number on the page, from 1.
    pub number: usize,
    /// What it is.
    pub concept: ConceptLink,
}

/// What a tagger says besides concepts of the object: of the digital picture, or of two things on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AsideView {
    /// The annotation.
    pub page: Link,
    /// Who does it, where one thing does something to another.
    pub subject: Option<Placed>,
    /// What it does, or what was noticed.
    pub concept: ConceptLink,
    /// To whom.
    pub object: Option<Placed>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Who says so.
    pub tagger: Link,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_on_the_picture() {
        let region = |x, y| RegionView { x, y, width: 100, height: 100, ..RegionView::default() };
        assert!(region(0, 0).words_at() > 0 && region(0, 200).words_at() < 200);
        assert!(region(900, 0).words_end() && !region(10, 0).words_end());
        assert_eq!(region(900, 0).right(), DRAWN);
    }
}
