//! How do we say it in EDM and SKOS, with confidence and provenance?
//!
//! One enrichment is all that one tagger says about one record: a graph of annotations whose IRI comes from the work that made it, and a
//! few statements about that graph. The same work twice is the same triples.

mod annotations;
mod asides;
mod claims;
mod describe;
mod crop;
mod picture_targets;
mod beside;
mod error;
mod settings;
mod texts;
mod work;

pub use annotations::{Annotation, EnrichmentFacts, annotation, annotations_of, enrichments_of};
pub use asides::{Aside, Said, asides_of};
pub use claims::{Claim, ClaimWork, Crowd, describe_claims, describe_import, describe_outside_agent};
pub use crop::crop_link;
pub use describe::{Enrichment, describe, describe_members, describe_run, describe_tagger};
pub use error::EnrichmentError;
pub use settings::Settings;
pub use texts::{TextWork, describe_links};
pub use work::{Seen, TaggerCard, Work};
