//! What of it do we stand by? The policy, and the aggregator's proxy derived from what is sure enough or accepted.

mod derive;
mod edm_class;
mod edm_concept;
mod edm_origin;
mod edm_proxy;
mod edm_source;
mod edm_thing;
mod edm_xml;
mod error;
mod in_force;
mod policy;
mod shared;

pub use derive::{Publication, publication_of};
pub use edm_origin::published_concepts;
pub use edm_xml::{EdmDocument, EdmXml};
pub use error::PublicationError;
pub use in_force::{describe_policy, policy_in_force};
pub use policy::{Policy, Rule, Status};
pub use shared::{SharedStatement, TABLE_COLUMNS, europeana, iiif_list, iiif_page, ntua, shared_statements, table_rows};
