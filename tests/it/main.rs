//! What a visitor of each room sees.

mod records;
