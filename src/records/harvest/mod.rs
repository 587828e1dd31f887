//! Where records come from besides files: OAI-PMH providers, Europeana's APIs, IIIF collections. What is asked, and what the answers hold; who asks, and
//! what becomes of it, is the jobs' to say.

mod settings;
mod moment;
mod tags;
mod mend;
mod request;
mod answer;
mod identify;
pub mod europeana;
pub mod iiif;

pub use answer::{Answer, Header, Item, OaiError, Payload, Token};
pub use identify::{Deletions, Identity};
pub use mend::{Decoded, decode, mend};
pub use moment::{Granularity, Moment};
pub use request::{Selection, get_record, identify, list, list_on};
pub use settings::Settings;
