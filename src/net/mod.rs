//! May we ask there, and how often? The one HTTP client: address guard, limits, politeness to each host, retry.

mod settings;
mod error;
mod guard;
mod politeness;
mod client;

pub use client::{Client, Fetched};
pub use error::NetError;
pub use settings::Settings;
