//! Where are the triples? Open, bulk load, the one writer, the sorted index, originals, snapshots for those who ask.
//!
//! The engine has no write isolation, so every change goes through [`Store::commit`], [`Store::replace_graph`] or (from outside)
//! [`Store::update`] and [`Store::write_graph`], one at a time, and is on disk when they return. Lists and paging rest on [`Index`], which is derived from the store and made anew when it is behind.

mod bulk;
mod change;
mod error;
mod handle;
mod index;
mod originals;
pub mod query;
mod read;
mod rests_on;
mod settings;
mod snapshot;
pub mod update;
mod stamped;

pub use bulk::Replaced;
pub use change::{Change, Committed};
pub use error::StoreError;
pub use handle::Store;
pub use index::{ConceptHit, Index, Listed, Listing, fold_label};
pub use originals::Originals;
pub use read::{Reader, Stretches};
pub use settings::Settings;
pub use snapshot::{Snapshot, open_snapshot};
pub use stamped::{Span, StampList, Stamped, Standing, tombstone};
