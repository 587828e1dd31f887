//! How do we say it in EDM and SKOS, with confidence and provenance?
