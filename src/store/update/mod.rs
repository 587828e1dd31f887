//! Changes that come from outside: SPARQL updates, and graphs that are put, added to and deleted whole.
//!
//! They are the operator's, and touch the operator's graphs only. What this program derives or guards (see `closed.rs`) is not open to them:
//! every quad that is to be inserted or removed is looked at, one by one, after the pattern has been evaluated and before anything is
//! done, so that no turn of phrase (a variable for a graph, `MOVE`, `DROP ALL`) gets past. An update is thought through first, over quads that
//! stay as they are ([`draft`]): where that evaluates a pattern, in a process that can be killed. What it comes to is one transaction, for
//! the version that it was thought through for: where one of its operations fails, none was done.

mod closed;
mod error;
mod evaluate;
mod graphs;
mod overlay;
mod parse;
mod ticket;
mod view;
mod work;

pub use closed::Closed;
pub use error::UpdateError;
pub use evaluate::{Bounds, draft};
pub use graphs::{GraphChange, GraphWritten};
pub use overlay::Draft;
pub use parse::{Update, UpdateText, parse_update};
pub use ticket::Ticket;
