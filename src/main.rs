//! The command `glossator`.

fn main() {}
