//! RDF's syntaxes: which one a file or a client speaks, told from a name, a media type or an option.

use oxigraph::io::{JsonLdProfileSet, RdfFormat};

/// JSON-LD as it is written by most.
pub const JSON_LD: RdfFormat = RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() };

/// The syntax that a file name's ending tells, compression endings aside (`aat.nt.gz`).
pub fn from_file_name(name: &str) -> Option<RdfFormat> {
    let lower = name.to_ascii_lowercase();
    let plain = lower.strip_suffix(".gz").unwrap_or(&lower);
    let ending = plain.rsplit_once('.').map(|(_, ending)| ending)?;
    from_short_name(ending)
}

/// The syntax of a file ending or of a `--format` option.
pub fn from_short_name(name: &str) -> Option<RdfFormat> {
    Some(match name {
        "nt" => RdfFormat::NTriples,
        "nq" => RdfFormat::NQuads,
        "ttl" | "turtle" | "n3" => RdfFormat::Turtle,
        "trig" => RdfFormat::TriG,
        "rdf" | "xml" | "owl" | "edm" => RdfFormat::RdfXml,
        "jsonld" | "json" => JSON_LD,
        _ => return None,
    })
}
