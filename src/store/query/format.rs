//! The formats in which an answer can be written: four for tables, six for graphs.

use oxigraph::{io::RdfFormat, sparql::results::QueryResultsFormat};
use serde::{Deserialize, Serialize};

use crate::rdf::syntax::JSON_LD;

/// What kind of answer a query gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum AnswerKind {
    /// SELECT gives a table, ASK yes or no.
    Table,
    /// CONSTRUCT and DESCRIBE give triples.
    Graph,
}

/// A format for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerFormat {
    /// SPARQL results in JSON.
    Json,
    /// SPARQL results in XML. Characters that XML 1.0 forbids are left out of literals, since no escape can carry them.
    Xml,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Turtle, with our prefixes.
    Turtle,
    /// N-Triples.
    NTriples,
    /// N-Quads.
    NQuads,
    /// `TriG`, with our prefixes.
    TriG,
    /// RDF/XML. Characters that XML 1.0 forbids are left out of literals.
    RdfXml,
    /// JSON-LD.
    JsonLd,
}

impl AnswerFormat {
    /// The formats for tables, the one that we prefer first.
    pub const TABLES: [Self; 4] = [Self::Json, Self::Xml, Self::Csv, Self::Tsv];
    /// The formats for graphs, the one that we prefer first.
    pub const GRAPHS: [Self; 6] = [Self::Turtle, Self::NTriples, Self::JsonLd, Self::RdfXml, Self::NQuads, Self::TriG];

    /// What it can carry.
    pub fn kind(self) -> AnswerKind {
        if Self::TABLES.contains(&self) { AnswerKind::Table } else { AnswerKind::Graph }
    }

    /// The `Content-Type` that it is sent with.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/sparql-results+json",
            Self::Xml => "application/sparql-results+xml",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Tsv => "text/tab-separated-values; charset=utf-8",
            Self::Turtle => "text/turtle; charset=utf-8",
            Self::NTriples => "application/n-triples",
            Self::NQuads => "application/n-quads",
            Self::TriG => "application/trig",
            Self::RdfXml => "application/rdf+xml",
            Self::JsonLd => "application/ld+json",
        }
    }

    /// The media types that ask for it, in lower case.
    pub fn asked_as(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/sparql-results+json", "application/json", "text/json"],
            Self::Xml => &["application/sparql-results+xml", "application/xml", "text/xml"],
            Self::Csv => &["text/csv"],
            Self::Tsv => &["text/tab-separated-values", "text/tsv"],
            Self::Turtle => &["text/turtle", "application/turtle", "application/x-turtle"],
            Self::NTriples => &["application/n-triples", "text/plain"],
            Self::NQuads => &["application/n-quads", "text/x-nquads", "text/nquads"],
            Self::TriG => &["application/trig", "application/x-trig"],
            Self::RdfXml => &["application/rdf+xml", "application/xml", "text/xml"],
            Self::JsonLd => &["application/ld+json", "application/json", "text/json"],
        }
    }

    /// The ending of a file in it, which is also its name in `?format=`.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Turtle => "ttl",
            Self::NTriples => "nt",
            Self::NQuads => "nq",
            Self::TriG => "trig",
            Self::RdfXml => "rdf",
            Self::JsonLd => "jsonld",
        }
    }

    /// The formats of a name in `?format=`: an ending or a media type. `json` and `xml` also mean the graph format in that syntax.
    pub fn named(name: &str) -> Vec<Self> {
        let name = name.trim().to_ascii_lowercase();
        let matches = |format: &Self| {
            let also = match format {
                Self::JsonLd => "json",
                Self::RdfXml => "xml",
                Self::Turtle => "turtle",
                _ => "",
            };
            format.ending() == name || also == name || format.asked_as().contains(&name.as_str())
        };
        Self::TABLES.into_iter().chain(Self::GRAPHS).filter(matches).collect()
    }

    /// The engine's format for tables.
    pub(super) fn table(self) -> Option<QueryResultsFormat> {
        Some(match self {
            Self::Json => QueryResultsFormat::Json,
            Self::Xml => QueryResultsFormat::Xml,
            Self::Csv => QueryResultsFormat::Csv,
            Self::Tsv => QueryResultsFormat::Tsv,
            _ => return None,
        })
    }

    /// The engine's format for graphs.
    pub fn graph(self) -> Option<RdfFormat> {
        Some(match self {
            Self::Turtle => RdfFormat::Turtle,
            Self::NTriples => RdfFormat::NTriples,
            Self::NQuads => RdfFormat::NQuads,
            Self::TriG => RdfFormat::TriG,
            Self::RdfXml => RdfFormat::RdfXml,
            Self::JsonLd => JSON_LD,
            _ => return None,
        })
    }

    /// Whether it is written in XML.
    pub(super) fn is_xml(self) -> bool {
        matches!(self, Self::Xml | Self::RdfXml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_ending_and_media_type() {
        for format in AnswerFormat::TABLES.into_iter().chain(AnswerFormat::GRAPHS) {
            assert!(AnswerFormat::named(format.ending()).contains(&format));
            let plain = format.media_type().split(';').next().unwrap_or_default();
            assert!(AnswerFormat::named(plain).contains(&format), "{plain}");
            assert_eq!(format.table().is_some(), format.kind() == AnswerKind::Table);
            assert_eq!(format.graph().is_some(), format.kind() == AnswerKind::Graph);
        }
        assert_eq!(AnswerFormat::named("json"), [AnswerFormat::Json, AnswerFormat::JsonLd]);
        assert!(AnswerFormat::named("docx").is_empty());
    }
}
