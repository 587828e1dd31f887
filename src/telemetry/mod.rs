//! How do we hear it working? Logs, progress, and the clock by which both are told.

mod clock;
mod progress;

pub use clock::{Clock, FixedClock, SystemClock};
pub use progress::{Progress, Silent};
