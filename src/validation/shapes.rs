//! Shapes: what a graph must and should look like, compiled once, tried on many graphs.

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{NamedNode, Triple},
};

use super::{Finding, ValidationError, shacl::Compiled};
use crate::rdf::ns::{SHAPES, sh};

/// The shapes that come with us: their name, and their text.
macro_rules! ours {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../shapes/", $name, ".ttl")))),*]
    };
}

/// Compiled shapes.
pub struct Shapes {
    name: String,
    compiled: Compiled,
}

impl std::fmt::Debug for Shapes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shapes").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Shapes {
    /// Shapes of somebody's own, in Turtle. Relative IRIs in them are resolved against `base`.
    pub fn parse(name: &str, text: &str, base: &str) -> Result<Self, ValidationError> {
        Self::compile(name, &[(base, text)])
    }

    /// What records must and should be whose object describes itself (EDM external).
    pub fn external() -> Result<Self, ValidationError> {
        Self::built_in("edm-external", ours!["edm-classes", "edm-record", "edm-external"])
    }

    /// What records must and should be whose object is described by proxies (EDM internal).
    pub fn internal() -> Result<Self, ValidationError> {
        Self::built_in("edm-internal", ours!["edm-record", "edm-internal"])
    }

    /// What we publish of a record: tried on its published graph alone.
    pub fn publication() -> Result<Self, ValidationError> {
        Self::built_in("publication", ours!["publication"])
    }

    /// What taggers and people said, with what is said about their graphs, runs and pictures.
    pub fn enrichment() -> Result<Self, ValidationError> {
        Self::built_in("enrichment", ours!["annotation", "enrichment-graph", "review", "score-only-on-annotations"])
    }

    /// What we say of data sets and vocabularies, so that registers of data sets take them.
    pub fn catalogue() -> Result<Self, ValidationError> {
        Self::built_in("catalogue", ours!["catalogue"])
    }

    fn built_in(name: &str, documents: &[(&str, &str)]) -> Result<Self, ValidationError> {
        let bases: Vec<String> = documents.iter().map(|(name, _)| format!("{SHAPES}{name}")).collect();
        let documents: Vec<(&str, &str)> = bases.iter().map(String::as_str).zip(documents.iter().map(|(_, text)| *text)).collect();
        Self::compile(name, &documents)
    }

    fn compile(name: &str, documents: &[(&str, &str)]) -> Result<Self, ValidationError> {
        let refuse = |reason: String| ValidationError::Shapes { name: name.to_owned(), reason };
        for (base, text) in documents {
            let triples = parse(name, text, base)?;
            if let Some(property) = sparql_in(&triples) {
                return Err(refuse(format!("they use {property}, which belongs to SHACL-SPARQL; only SHACL Core is understood here")));
            }
        }
        let compiled = Compiled::compile(documents).map_err(refuse)?;
        Ok(Self { name: name.to_owned(), compiled })
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What does not conform in this graph; `what` names it where something goes wrong.
    pub fn validate(&self, what: &str, triples: &[Triple]) -> Result<Vec<Finding>, ValidationError> {
        self.compiled.validate(triples).map_err(|reason| ValidationError::Graph { what: what.to_owned(), reason })
    }
}

/// Reads the shapes once more with our own parser, which tells the line of a fault.
fn parse(name: &str, text: &str, base: &str) -> Result<Vec<Triple>, ValidationError> {
    let refuse = |reason: String| ValidationError::Syntax { name: name.to_owned(), reason };
    let parser = RdfParser::from_format(RdfFormat::Turtle).with_base_iri(base).map_err(|e| refuse(e.to_string()))?;
    parser.for_slice(text).map(|quad| quad.map(Triple::from).map_err(|e| refuse(e.to_string()))).collect()
}

/// What of SHACL-SPARQL the shapes use: passed over, it would let graphs pass that do not conform.
fn sparql_in(triples: &[Triple]) -> Option<&NamedNode> {
    let theirs = [sh::SPARQL, sh::TARGET, sh::VALIDATOR, sh::NODE_VALIDATOR, sh::PROPERTY_VALIDATOR];
    triples.iter().map(|t| &t.predicate).find(|p| theirs.contains(&p.as_ref()))
}
