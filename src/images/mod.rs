//! What is to be seen? From a web resource to decoded pixels.

mod settings;
mod error;
mod enough;
mod origin;
mod ask;
mod image_request;
mod iiif;
mod cache;
mod links;
mod pictures;
mod sniff;
mod jpeg;
mod colour;
mod scaled;
mod jpeg2000;
mod decode;
mod picture;

pub use ask::{Ask, Way};
pub use decode::{DECODER, decode, decode_enough};
pub use enough::Enough;
pub use error::ImagesError;
pub use links::{Link, LinkState, Links};
pub use origin::{Mirror, Origin};
pub use picture::{Picture, checksum};
pub use pictures::{PictureBytes, Pictures};
pub use settings::{Limits, Settings};
