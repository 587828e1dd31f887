//! One query, evaluated and written out in a format.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use oxigraph::{
    io::RdfSerializer,
    model::{GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term, Triple},
    sparql::{
        PreparedSparqlQuery, QueryEvaluationError, QueryResults, QuerySolution, QuerySolutionIter, QueryTripleIter, SparqlEvaluator,
        SparqlSyntaxError, results::QueryResultsSerializer,
    },
    store::{StorageError, Store as Quads},
};

use spargebra::{Query, SparqlParser, algebra::GraphPattern};

use super::{
    AnswerFormat, AnswerKind, Blame, Fault, Formats, Request, Shortcuts,
    classic::Classic,
    explain::explain,
    shortcut::{Scope, rewrite},
};
use crate::rdf::ns::PREFIXES;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Rows of a table, triples of a graph; 1 for yes or no.
    pub rows: u64,
    /// Characters that XML forbids and that were left out of literals.
    pub dropped: u64,
}

fn parse(request: &Request) -> Result<Query, Fault> {
    let parser = SparqlParser::new().with_base_iri(request.base.as_str()).map_err(|e| Fault {
        blame: Blame::Engine,
        message: format!("the endpoint's address is no IRI: {e}"),
        place: None,
    })?;
    parser.parse_query(&request.query).map_err(|e| syntax_fault(&e))
}

/// Binds the dataset. `SERVICE` has no handler, so no query reaches out.
fn prepare(evaluator: SparqlEvaluator, query: Query, request: &Request) -> Result<PreparedSparqlQuery, Fault> {
    let mut query = evaluator.for_query(query);
    let dataset = query.dataset_mut();
    if !request.default_graphs.is_empty() || !request.named_graphs.is_empty() {
        // What the protocol says takes the place of what the query says (SPARQL 1.1 Protocol, 2.1.4).
        dataset.set_default_graph(iris(&request.default_graphs)?.into_iter().map(GraphName::from).collect());
        dataset.set_available_named_graphs(iris(&request.named_graphs)?.into_iter().map(NamedOrBlankNode::from).collect());
    } else if request.union && dataset.is_default_dataset() {
        dataset.set_default_graph_as_union();
    }
    Ok(query)
}

fn iris(texts: &[String]) -> Result<Vec<NamedNode>, Fault> {
    let parse = |text: &String| {
        NamedNode::new(text).map_err(|e| Fault { blame: Blame::Query, message: format!("`{text}` is no absolute IRI: {e}"), place: None })
    };
    texts.iter().map(parse).collect()
}

/// What the engine itself finds of a pattern, in all graphs or in its own default graph.
pub(super) fn solutions(
    quads: &Quads,
    pattern: GraphPattern,
    union: bool,
) -> Result<impl Iterator<Item = Result<QuerySolution, StorageError>>, StorageError> {
    let failed = |error: QueryEvaluationError| StorageError::Other(error.into());
    let evaluator = SparqlEvaluator::new().without_default_http_service_handler();
    let mut query = evaluator.for_query(Query::Select { dataset: None, pattern, base_iri: None });
    if union {
        query.dataset_mut().set_default_graph_as_union();
    }
    let QueryResults::Solutions(rows) = query.on_store(quads).execute().map_err(failed)? else {
        return Err(StorageError::Other("no table".into()));
    };
    Ok(rows.map(move |row| row.map_err(failed)))
}

/// In which graphs the query's patterns are matched; nothing where it or the protocol names them.
fn scope(query: &Query, request: &Request) -> Option<Scope> {
    let named = query.dataset().is_some() || !request.default_graphs.is_empty() || !request.named_graphs.is_empty();
    (!named).then_some(if request.union { Scope::Union } else { Scope::Default })
}

/// Evaluates a request over quads and writes the answer. The shortcuts are those of these quads. `begin` is told the format before the first byte.
pub fn answer<W: Write>(
    quads: &Quads,
    shortcuts: &Shortcuts,
    request: &Request,
    out: W,
    begin: impl FnOnce(AnswerFormat),
) -> Result<(W, Finished), Fault> {
    let query = parse(request)?;
    let rewritten = rewrite(shortcuts, quads, query.clone(), scope(&query, request).as_ref())?;
    let prepared = prepare(rewritten.evaluator(), rewritten.query, request)?;
    if request.explain {
        begin(AnswerFormat::Json);
        return explain(&query, prepared, quads, out);
    }
    let results = prepared.on_store(quads).execute().map_err(|e| evaluation(&e))?;
    let kind = if matches!(results, QueryResults::Graph(_)) { AnswerKind::Graph } else { AnswerKind::Table };
    let format = chosen(request.formats, kind)?;
    begin(format);
    let most = request.max_rows.unwrap_or(u64::MAX);
    match results {
        QueryResults::Boolean(value) => {
            let out = table(format)?.serialize_boolean_to_writer(out, value).map_err(|e| writing(&e))?;
            Ok((out, Finished { rows: 1, dropped: 0 }))
        }
        QueryResults::Solutions(solutions) => write_solutions(solutions, format, Way { most, rdf_12: request.rdf_12 }, out),
        QueryResults::Graph(triples) => write_triples(triples, format, Way { most, rdf_12: request.rdf_12 }, out),
    }
}

/// How an answer is written.
#[derive(Clone, Copy)]
struct Way {
    /// After how many rows or triples to stop.
    most: u64,
    /// Whether the client reads RDF 1.2.
    rdf_12: bool,
}

fn chosen(formats: Formats, kind: AnswerKind) -> Result<AnswerFormat, Fault> {
    formats.of(kind).ok_or_else(|| Fault { blame: Blame::Formats(kind), message: String::new(), place: None })
}

fn table(format: AnswerFormat) -> Result<QueryResultsSerializer, Fault> {
    format.table().map(QueryResultsSerializer::from_format).ok_or_else(|| wrong(format))
}

fn wrong(format: AnswerFormat) -> Fault {
    Fault { blame: Blame::Formats(AnswerKind::Table), message: format!("{} carries no tables", format.ending()), place: None }
}

fn write_solutions<W: Write>(solutions: QuerySolutionIter<'_>, format: AnswerFormat, way: Way, out: W) -> Result<(W, Finished), Fault> {
    let mut written = table(format)?.serialize_solutions_to_writer(out, solutions.variables().to_vec()).map_err(|e| writing(&e))?;
    let mut finished = Finished { rows: 0, dropped: 0 };
    for solution in solutions {
        if finished.rows >= way.most {
            break;
        }
        let solution = solution.map_err(|e| evaluation(&e))?;
        if !way.rdf_12 && solution.iter().any(|(_, term)| Classic::is_new(term)) {
            let plain: Vec<_> =
                solution.iter().map(|(v, t)| (v.clone(), without_forbidden(&Classic::cell(t), &mut finished.dropped))).collect();
            written.serialize(plain.iter().map(|(v, t)| (v, t))).map_err(|e| writing(&e))?;
        } else if format.is_xml() && solution.iter().any(|(_, term)| term_has_forbidden(term)) {
            let clean: Vec<_> = solution.iter().map(|(v, t)| (v.clone(), without_forbidden(t, &mut finished.dropped))).collect();
            written.serialize(clean.iter().map(|(v, t)| (v, t))).map_err(|e| writing(&e))?;
        } else {
            written.serialize(&solution).map_err(|e| writing(&e))?;
        }
        finished.rows += 1;
    }
    Ok((written.finish().map_err(|e| writing(&e))?, finished))
}

fn write_triples<W: Write>(triples: QueryTripleIter<'_>, format: AnswerFormat, way: Way, out: W) -> Result<(W, Finished), Fault> {
    let mut written = serializer(format)?.for_writer(out);
    let mut classic = Classic::default();
    let mut finished = Finished { rows: 0, dropped: 0 };
    for triple in triples {
        if finished.rows >= way.most {
            break;
        }
        let triple = triple.map_err(|e| evaluation(&e))?;
        let all = if way.rdf_12 || !Classic::is_new(&triple.object) { vec![triple] } else { classic.triple(triple) };
        for mut triple in all {
            if format.is_xml() && term_has_forbidden(&triple.object) {
                triple = Triple::new(triple.subject, triple.predicate, without_forbidden(&triple.object, &mut finished.dropped));
            }
            written.serialize_triple(&triple).map_err(|e| writing(&e))?;
        }
        finished.rows += 1;
    }
    Ok((written.finish().map_err(|e| writing(&e))?, finished))
}

/// Writes quads that were gathered outside of a query. A format for triples leaves the graphs' names out; the same statement twice is written once.
pub fn write_quads<'q>(quads: impl IntoIterator<Item = &'q Quad>, format: AnswerFormat) -> Result<Vec<u8>, Fault> {
    let named = matches!(format, AnswerFormat::NQuads | AnswerFormat::TriG);
    let mut written = serializer(format)?.for_writer(Vec::new());
    let mut seen = HashSet::new();
    let mut dropped = 0;
    for quad in quads {
        let mut quad = quad.clone();
        if !named {
            quad.graph_name = GraphName::DefaultGraph;
        }
        if format.is_xml() && term_has_forbidden(&quad.object) {
            quad.object = without_forbidden(&quad.object, &mut dropped);
        }
        if seen.insert(quad.clone()) {
            written.serialize_quad(&quad).map_err(|e| writing(&e))?;
        }
    }
    written.finish().map_err(|e| writing(&e))
}

/// A serializer for graphs, with our prefixes where the format has some.
fn serializer(format: AnswerFormat) -> Result<RdfSerializer, Fault> {
    let syntax = format.graph().ok_or_else(|| wrong(format))?;
    let mut serializer = RdfSerializer::from_format(syntax);
    if matches!(format, AnswerFormat::Turtle | AnswerFormat::TriG | AnswerFormat::RdfXml) {
        for (prefix, iri) in PREFIXES {
            serializer = serializer.with_prefix(*prefix, *iri).map_err(|e| writing(&io::Error::other(e)))?;
        }
    }
    Ok(serializer)
}

/// XML 1.0, section 2.2: what is no `Char`.
fn forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn term_has_forbidden(term: &Term) -> bool {
    match term {
        Term::Literal(literal) => literal.value().contains(forbidden),
        Term::Triple(triple) => term_has_forbidden(&triple.object),
        _ => false,
    }
}

/// The term without the characters that XML cannot carry.
fn without_forbidden(term: &Term, dropped: &mut u64) -> Term {
    match term {
        Term::Literal(literal) => {
            *dropped += literal.value().chars().filter(|c| forbidden(*c)).count() as u64;
            let value: String = literal.value().chars().filter(|c| !forbidden(*c)).collect();
            match literal.language() {
                Some(language) => Literal::new_language_tagged_literal_unchecked(value, language).into(),
                None => Literal::new_typed_literal(value, literal.datatype()).into(),
            }
        }
        Term::Triple(triple) => {
            Triple::new(triple.subject.clone(), triple.predicate.clone(), without_forbidden(&triple.object, dropped)).into()
        }
        other => other.clone(),
    }
}

/// A syntax error, with the place that the parser names in its message.
pub(crate) fn syntax_fault(error: &SparqlSyntaxError) -> Fault {
    let message = error.to_string();
    let place = message.strip_prefix("error at ").and_then(|m| m.split_once(": ")).and_then(|(place, _)| {
        let (line, column) = place.split_once(':')?;
        Some((line.trim().parse().ok()?, column.trim().parse().ok()?))
    });
    let short = match (place, message.split_once("expected ")) {
        (Some((line, column)), Some((_, expected))) => {
            let expected: String = expected.chars().take(300).collect();
            format!("not SPARQL at line {line}, column {column}: expected {expected}")
        }
        _ => message.chars().take(500).collect(),
    };
    Fault { blame: Blame::Query, message: short, place }
}

pub(super) fn evaluation(error: &QueryEvaluationError) -> Fault {
    let blame = match error {
        QueryEvaluationError::UnsupportedCustomFunction(_)
        | QueryEvaluationError::UnsupportedCustomFunctionArity { .. }
        | QueryEvaluationError::NotExistingSubstitutedVariable(_) => Blame::Query,
        QueryEvaluationError::UnsupportedService(_)
        | QueryEvaluationError::UnboundService
        | QueryEvaluationError::InvalidServiceName(_)
        | QueryEvaluationError::Service(_) => Blame::Service,
        _ => Blame::Engine,
    };
    Fault { blame, message: error.to_string(), place: None }
}

pub(super) fn writing(error: &io::Error) -> Fault {
    Fault { blame: Blame::Engine, message: format!("the answer cannot be written: {error}"), place: None }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
