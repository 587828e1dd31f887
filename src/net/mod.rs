//! May we ask there, and how often? The one HTTP client: address guard, limits, retry.
