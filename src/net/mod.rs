//! May we ask there, and how often? The one HTTP client: address guard, limits, politeness to each host, retry.

mod settings;
mod error;
mod guard;
mod politeness;
mod robots;
mod request;
mod client;

pub use client::Client;
pub use error::NetError;
pub use request::{Fetched, Reply, Request};
pub use settings::Settings;
