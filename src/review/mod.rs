//! What did a person decide? Verdicts are events: nothing is overwritten, and the last one of them holds.

mod decide;
mod error;
mod verdict;

pub use decide::{Decided, decide};
pub use error::ReviewError;
pub use verdict::{Decision, Standing, Verdict, verdicts_of};
