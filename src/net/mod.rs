//! May we ask there, and how often? The one HTTP client: address guard, limits, politeness to each host, retry.

mod settings;
mod error;
mod guard;
mod politeness;
mod robots;
mod request;
mod client;
mod download;
mod exchange;

pub use client::Client;
pub use download::{Download, Mark, Wanted};
pub use error::NetError;
pub use exchange::{Answered, Message, wait_for};
pub use request::{Fetched, Reply, Request};
pub use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
pub use settings::Settings;
