//! Vocabularies: loaded, looked into.
