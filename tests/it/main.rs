//! What a visitor of each room sees.

#[cfg(test)]
mod records;
