//! The query page, and results as a page.

use std::{collections::HashMap, sync::Arc, time::Instant};

use askama::Template as _;
use axum::{
    extract::{RawQuery, State},
    http::HeaderValue,
    response::Response,
};

use super::{
    super::{App, EXAMPLES, Example, ServeError, form, sparql::VERSION},
    handlers::page,
    table::Table,
    templates::{Page, Query, Results},
};
use crate::{
    rdf::iri::encode_segment,
    store::query::{AnswerKind, Question},
};

/// How many rows or triples a page shows.
const SHOWN: u64 = 1000;
/// How large an answer may be that becomes a page, in bytes.
const LARGEST: usize = 16 << 20;

/// `/query`, with `?query=` or `?example=` in the editor.
pub(in crate::serve) async fn query(State(app): State<Arc<App>>, RawQuery(address): RawQuery) -> Result<Response, ServeError> {
    query_page(&app, address.as_deref())
}

/// The page with the editor.
pub(in crate::serve) fn query_page(app: &App, address: Option<&str>) -> Result<Response, ServeError> {
    let parameters: HashMap<String, String> = form::pairs(address.unwrap_or_default())?.into_iter().collect();
    let example = parameters.get("example").and_then(|name| Example::named(name)).or_else(|| EXAMPLES.first());
    let own = parameters.get("query").filter(|q| !q.trim().is_empty());
    let text = own.map_or_else(|| example.map_or("", |e| e.text), String::as_str);
    let chosen = if own.is_some() { "" } else { example.map_or("", |e| e.name) };
    page(&editor(app, text, chosen, None))
}

fn editor<'v>(app: &App, text: &'v str, chosen: &'v str, error: Option<&'v ServeError>) -> Query<'v> {
    let deadline = app.pool.settings().deadline_seconds;
    Query { page: Page::new(app, "Ask in SPARQL", "query"), text, examples: EXAMPLES, chosen, error, deadline }
}

/// The editor again, with what was wrong.
pub(super) fn failed(app: &App, error: &ServeError) -> Result<String, askama::Error> {
    editor(app, error.query.as_deref().unwrap_or_default(), "", Some(error)).render()
}

/// Runs a query and shows what it gives.
pub(in crate::serve) async fn results(app: &App, mut question: Question) -> Result<Response, ServeError> {
    question.max_rows = Some(SHOWN + 1);
    let text = question.query.clone();
    let again = |error: ServeError| ServeError { query: Some(text.clone()), ..error };
    let in_address = question.in_address;
    let began = Instant::now();
    let answer = app.pool.ask(question).await.map_err(|e| again(ServeError::from(e).in_address(in_address)))?;
    let (version, kind, rows) = (answer.version, answer.format.kind(), answer.rows);
    let bytes = answer.body.read(LARGEST).await.map_err(|e| again(e.into()))?;
    let bytes = bytes.ok_or_else(|| again(ServeError::bad_request("the answer is too large for a page; choose another format")))?;
    let (mut table, mut graph) = (Table::default(), String::new());
    match kind {
        AnswerKind::Table => table = Table::of(&serde_json::from_slice(&bytes).map_err(ServeError::internal)?, app.store.base().as_str()),
        AnswerKind::Graph => graph = String::from_utf8_lossy(&bytes).into_owned(),
    }
    let more = rows.unwrap_or(table.rows.len() as u64) > SHOWN;
    table.rows.truncate(SHOWN as usize);
    let endings: &[_] = match kind {
        AnswerKind::Table => &[("JSON", "json"), ("XML", "xml"), ("CSV", "csv"), ("TSV", "tsv")],
        AnswerKind::Graph => &[("Turtle", "ttl"), ("N-Triples", "nt"), ("JSON-LD", "jsonld"), ("RDF/XML", "rdf")],
    };
    let encoded = encode_segment(&text);
    let links: Vec<_> = endings.iter().map(|(name, ending)| (*name, format!("/sparql?format={ending}&query={encoded}"))).collect();
    let milliseconds = began.elapsed().as_millis() as u64;
    let page_of = Page::new(app, "Results", "query");
    let mut response =
        page(&Results { page: page_of, text: &text, table: &table, graph: &graph, more, version, milliseconds, links: &links })?;
    response.headers_mut().insert(VERSION, HeaderValue::from(version));
    Ok(response)
}
