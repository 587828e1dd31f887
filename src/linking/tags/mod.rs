//! What others said of pictures and objects: the tags of services and of crowds, read from their files.
//!
//! A [`Tag`] is one line of theirs: about what, which label, how sure, by whom. JSON comes in the shapes of the services that people use, CSV
//! with whatever of our column names it has. What cannot be read is told with its line, and the rest is done.

mod csv;
mod drag_fill;
mod file;
mod json;
mod label;
mod stop_list;
mod tag;

pub use drag_fill::{DragFill, Filled};
pub use file::{TagFormat, read_tags};
pub use label::{Score, read_score, split_label};
pub use stop_list::StopList;
pub use tag::{BadTag, Tag};
