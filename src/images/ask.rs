//! What is asked of a web resource: its address, what else its record says about getting it, and how much of it is enough.

use serde::{Deserialize, Serialize};

use super::Enough;

/// A picture that is wanted, and the ways to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The web resource's IRI.
    pub iri: String,
    /// The IIIF image service that its record names for it.
    pub service: Option<String>,
    /// The IIIF manifest that its record names for it.
    pub manifest: Option<String>,
    /// A smaller picture of the same, with the width and height that the record gives for it.
    pub thumbnail: Option<(String, u32, u32)>,
    /// How much of it is enough.
    pub enough: Enough,
}

impl Ask {
    /// The whole of a web resource, of which nothing else is known.
    pub fn whole(iri: &str) -> Self {
        Self { iri: iri.to_owned(), ..Self::default() }
    }
}

/// How a picture was got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From a local folder.
    File,
    /// By a IIIF request of the size that is needed.
    Sized,
    /// As a thumbnail that is large enough.
    Thumbnail,
    /// As it is.
    Whole,
}

impl Way {
    /// Its word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "from local folders",
            Self::Sized => "by IIIF requests of just the size that is needed",
            Self::Thumbnail => "as thumbnails that are large enough",
            Self::Whole => "as they are",
        }
    }
}
