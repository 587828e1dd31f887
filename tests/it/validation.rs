//! The room `validation`: shapes, rules, tiers, reports. `w3c` runs the W3C's own tests, where they are at hand.

mod cases;
mod documents;
mod job;
mod tiers;
mod w3c;

use std::path::{Path, PathBuf};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::Triple,
};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What is shared beside the repository, if it is here.
fn shared(path: &str) -> Option<PathBuf> {
    let shared =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let place = shared.join(path);
    if place.exists() {
        return Some(place);
    }
    say(&format!("skipped: there is no {}", place.display()));
    None
}

fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The triples of a Turtle file, with its own address as base.
fn turtle(path: &Path) -> Vec<Triple> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let parser = RdfParser::from_format(RdfFormat::Turtle).with_base_iri(address(path)).unwrap();
    parser.for_slice(&text).map(|quad| quad.map_or_else(|e| panic!("{}: {e}", path.display()), Triple::from)).collect()
}

fn address(path: &Path) -> String {
    format!("file://{}", path.display())
}
