//! What can go wrong on the way to pixels.

use std::{path::PathBuf, sync::Arc};

use crate::net::NetError;

/// A picture that cannot be had or cannot be read. It is a note about one record, never the end of a run.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ImagesError {
    /// Not an IRI that leads to a picture.
    #[error("`{iri}` does not lead to a picture: {reason}")]
    Iri {
        /// The web resource.
        iri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that a record may not make us read.
    #[error("`{iri}` is not read: it is not within one of the folders in `images.folders`")]
    FileRefused {
        /// The web resource.
        iri: String,
    },
    /// A mirror or a folder does not have the file, or it cannot be read.
    #[error("the file for `{iri}` cannot be read: {reason}")]
    File {
        /// The web resource.
        iri: String,
        /// What the system says.
        reason: String,
    },
    /// The file is larger than we read.
    #[error("the file for `{iri}` has {bytes} bytes, more than `images.max_file_mib` allows ({limit} MiB)")]
    FileTooLarge {
        /// The web resource.
        iri: String,
        /// Its size.
        bytes: u64,
        /// The limit in MiB.
        limit: u64,
    },
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] Arc<NetError>),
    /// The cache cannot be used.
    #[error("the cache of pictures in {} cannot be used: {reason}", folder.display())]
    Cache {
        /// Where it is.
        folder: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// No bytes at all.
    #[error("the picture is empty: the file has no bytes")]
    Empty,
    /// Something else that was sent in place of a picture.
    #[error("this is {0}, not a picture that we can decode (JPEG, JPEG 2000, PNG, TIFF, WebP, GIF, BMP)")]
    NotAPicture(&'static str),
    /// A side of no pixels.
    #[error("the picture has no pixels: its header says {width} × {height}")]
    NoPixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// Larger than we decode.
    #[error(
        "the picture is too large to be decoded: {width} × {height} pixels; `images.limits` allows {max_side} a side and {max_megapixels} million in all"
    )]
    TooLarge {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// The longest side allowed.
        max_side: u32,
        /// The most pixels allowed, in millions.
        max_megapixels: u32,
    },
    /// The decoder wants more memory than it may have.
    #[error("the picture needs more than {mib} MiB to be decoded (`images.limits.max_alloc_mib`)")]
    Memory {
        /// What it may have.
        mib: u64,
    },
    /// It ends too early.
    #[error("the picture is cut off: its {format} data ends before the last pixel; fetch it again or ask the provider for a whole one")]
    Truncated {
        /// The format.
        format: &'static str,
    },
    /// A kind of the format that we do not read.
    #[error("this kind of {format} is not supported: {reason}")]
    Unsupported {
        /// The format.
        format: &'static str,
        /// What is not supported.
        reason: String,
    },
    /// It is broken otherwise.
    #[error("the {format} data is broken: {reason}")]
    Broken {
        /// The format.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
}

impl ImagesError {
    /// Whether nothing that could be looked at is there any more, as far as anybody can tell: not only out of reach for now.
    pub fn is_gone(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_gone(),
            Self::NotAPicture(_) | Self::Empty | Self::Iri { .. } | Self::NoPixels { .. } => true,
            _ => false,
        }
    }
}
