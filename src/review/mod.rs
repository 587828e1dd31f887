//! What did a person decide?
