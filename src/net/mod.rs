//! May we ask there, and how often? The one HTTP client: address guard, limits, politeness to each host, retry.

mod settings;
mod error;
mod guard;
mod politeness;
mod client;
mod download;

pub use client::{Client, Fetched};
pub use download::{Download, Mark, Wanted};
pub use error::NetError;
pub use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
pub use settings::Settings;
