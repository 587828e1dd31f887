//! Is this graph well-formed, and is it as good as it could be? SHACL shapes, the rules of Europeana's that SHACL cannot say, metadata tiers.
//!
//! [`Shapes`] are compiled once and tried on one record's graph at a time, so that a million records need no more memory than one.

pub mod edm_class;
mod error;
mod settings;
mod path;
mod finding;
mod shapes;
mod shacl;
mod survey;
mod orphans;
mod tier;
mod checker;
mod checked;
mod summary;
mod rdf_report;
mod page;

pub use checked::Checked;
pub use checker::Checker;
pub use error::ValidationError;
pub use finding::{Finding, Rule, Severity};
pub use page::page;
pub use path::Path;
pub use rdf_report::RdfReport;
pub use settings::Settings;
pub use shapes::Shapes;
pub use summary::{Counts, Example, ProviderCount, RuleCount, Summary, TierCounts};
pub use survey::Survey;
pub use tier::{MetadataTier, Tier, metadata_tier};
