//! What is to be seen? From a web resource to decoded pixels.

mod settings;
mod error;
mod origin;
mod cache;
mod pictures;
mod sniff;
mod jpeg;
mod decode;
mod picture;

pub use decode::{DECODER, decode};
pub use error::ImagesError;
pub use origin::{Mirror, Origin};
pub use picture::{Picture, checksum};
pub use pictures::{PictureBytes, Pictures};
pub use settings::{Limits, Settings};
