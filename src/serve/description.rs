//! What the endpoint says about itself: SPARQL 1.1 Service Description.

use oxigraph::{
    io::RdfSerializer,
    model::{BlankNode, Literal, NamedNode, Triple},
    sparql::results::QueryResultsFormat,
};

use super::ServeError;
use crate::{
    rdf::{
        Base,
        ns::{PREFIXES, dcterms, rdf, sd},
    },
    store::query::{AnswerFormat, Settings},
};

/// The description in a graph format. The endpoint's address comes from our base, never from what a client says about itself.
pub(super) fn description(base: &Base, settings: &Settings, format: AnswerFormat) -> Result<Vec<u8>, ServeError> {
    let syntax = format.graph().ok_or_else(|| ServeError::internal("a description in a format for tables"))?;
    let mut serializer = RdfSerializer::from_format(syntax);
    for (prefix, iri) in PREFIXES.iter().copied().chain([("sd", sd::NS)]) {
        serializer = serializer.with_prefix(prefix, iri).map_err(ServeError::internal)?;
    }
    let mut out = serializer.for_writer(Vec::new());
    for triple in triples(base, settings) {
        out.serialize_triple(&triple).map_err(ServeError::internal)?;
    }
    out.finish().map_err(ServeError::internal)
}

fn triples(base: &Base, settings: &Settings) -> Vec<Triple> {
    let endpoint = NamedNode::new_unchecked(format!("{}sparql", base.as_str()));
    let service = NamedNode::new_unchecked(format!("{}sparql#service", base.as_str()));
    let mut triples = vec![
        Triple::new(service.clone(), rdf::TYPE, sd::SERVICE),
        Triple::new(service.clone(), sd::ENDPOINT, endpoint),
        Triple::new(service.clone(), sd::SUPPORTED_LANGUAGE, sd::SPARQL_11_QUERY),
    ];
    if settings.union_default_graph {
        triples.push(Triple::new(service.clone(), sd::FEATURE, sd::UNION_DEFAULT_GRAPH));
    }
    for format in AnswerFormat::TABLES.into_iter().chain(AnswerFormat::GRAPHS) {
        if let Some(iri) = iri(format) {
            triples.push(Triple::new(service.clone(), sd::RESULT_FORMAT, NamedNode::new_unchecked(iri)));
        }
    }
    let data_set = BlankNode::default();
    let default_graph = BlankNode::default();
    let limits = format!(
        "A query may take {} s and {} MB. At most {} run at once. A text holds at most {} bytes, {} triple patterns, {} groups, {} levels of nesting. SERVICE is refused.",
        settings.deadline_seconds,
        settings.worker_megabytes,
        settings.parallel,
        settings.guard.text,
        settings.guard.patterns,
        settings.guard.arms,
        settings.guard.nesting
    );
    triples.extend([
        Triple::new(service.clone(), dcterms::DESCRIPTION, Literal::new_language_tagged_literal_unchecked(limits, "en")),
        Triple::new(service, sd::DEFAULT_DATASET, data_set.clone()),
        Triple::new(data_set.clone(), rdf::TYPE, sd::DATASET),
        Triple::new(data_set, sd::DEFAULT_GRAPH, default_graph.clone()),
        Triple::new(default_graph, rdf::TYPE, sd::GRAPH),
    ]);
    triples
}

/// The IRI of a format in the W3C's registry.
fn iri(format: AnswerFormat) -> Option<&'static str> {
    Some(match format {
        AnswerFormat::Json => QueryResultsFormat::Json.iri(),
        AnswerFormat::Xml => QueryResultsFormat::Xml.iri(),
        AnswerFormat::Csv => QueryResultsFormat::Csv.iri(),
        AnswerFormat::Tsv => QueryResultsFormat::Tsv.iri(),
        graph => graph.graph()?.iri(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_stands_under_the_base() {
        let base = Base::new("https://enrich.example/").expect("a base");
        for format in AnswerFormat::GRAPHS {
            let text = String::from_utf8(description(&base, &Settings::default(), format).expect("written")).expect("UTF-8");
            assert!(text.contains("https://enrich.example/sparql"), "{text}");
        }
    }
}
