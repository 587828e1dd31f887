//! `/graph-store`: the SPARQL 1.1 Graph Store HTTP Protocol. Everybody may read a graph; who bears the token may put, add to and delete
//! those that are open.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use oxigraph::model::{GraphName, NamedNode};

use super::{
    App, ServeError,
    change::{change, done, only, read_whole},
    door::Door,
    form, graph_body,
    protocol::{not_acceptable, text},
    sparql,
};
use crate::{
    rdf::mint::short_key,
    store::{
        query::{AnswerFormat, Formats, Question, negotiate},
        update::{Closed, GraphChange, GraphWritten},
    },
};

const ALLOW: &str = "GET, HEAD, PUT, POST, DELETE, OPTIONS";
const WHOLE_GRAPH: &str = include_str!("../../queries/serve/graph.rq");

/// The address, and those of graphs below it, whatever the method.
pub(super) async fn graph_store(State(app): State<Arc<App>>, Extension(door): Extension<Door>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answered = match parts.method {
        Method::GET | Method::HEAD => show(&app, &door, &parts).await,
        Method::PUT | Method::POST => write(&app, &door, parts, body).await,
        Method::DELETE => delete(&app, &door, &parts).await,
        _ => return only(&parts.method, ALLOW),
    };
    answered.unwrap_or_else(ServeError::into_response)
}

/// Which graph a request is about; none where it names none.
fn graph(app: &App, parts: &Parts) -> Result<Option<GraphName>, ServeError> {
    let pairs = form::pairs(parts.uri.query().unwrap_or_default())?;
    let named = form::only(&pairs, "graph")?;
    let default = form::only(&pairs, "default")?;
    let below = parts.uri.path().split_once("/graph-store/").map_or("", |(_, below)| below);
    let iri = match (named, default, below) {
        (Some(iri), None, "") => iri,
        (None, Some(_), "") => return Ok(Some(GraphName::DefaultGraph)),
        (None, None, "") => return Ok(None),
        // Direct identification: the graph's name is the address itself, as the public knows it.
        (None, None, below) => format!("{}graph-store/{below}", app.store.base().as_str()),
        _ => return Err(ServeError::bad_request("the request names more than one graph")),
    };
    NamedNode::new(&iri).map(|graph| Some(graph.into())).map_err(|e| ServeError::bad_request(format!("`{iri}` is no absolute IRI: {e}")))
}

fn no_graph() -> ServeError {
    ServeError::bad_request("the request names no graph: `?graph=IRI`, `?default`, or an address below /graph-store/")
}

fn not_there(graph: &GraphName) -> ServeError {
    ServeError::not_found(format!("there is no graph {graph}"))
}

async fn show(app: &Arc<App>, door: &Door, parts: &Parts) -> Result<Response, ServeError> {
    let graph = graph(app, parts)?.ok_or_else(no_graph)?;
    if !app.store.is_graph(&graph).map_err(ServeError::internal)? {
        return Err(not_there(&graph));
    }
    let pairs = form::pairs(parts.uri.query().unwrap_or_default())?;
    let format = match form::only(&pairs, "format")? {
        Some(name) => AnswerFormat::named(&name).into_iter().find(|f| f.graph().is_some()),
        None => negotiate(&text(&parts.headers, &header::ACCEPT), &AnswerFormat::GRAPHS),
    };
    let mut question = Question {
        query: WHOLE_GRAPH.to_owned(),
        formats: Formats { table: None, graph: Some(format.ok_or_else(not_acceptable)?) },
        ..Question::default()
    };
    match graph {
        GraphName::NamedNode(graph) => question.default_graphs.push(graph.into_string()),
        _ => question.own_default_graph = true,
    }
    let mut response = sparql::answer_to(app, door, parts, question).await?;
    sparql::open_to_all(response.headers_mut());
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
    Ok(response)
}

async fn write(app: &Arc<App>, door: &Door, parts: Parts, body: Body) -> Result<Response, ServeError> {
    door.admit(&parts.headers, parts.uri.query())?;
    let named = graph(app, &parts)?;
    let is_put = parts.method == Method::PUT;
    if named.is_none() && is_put {
        return Err(no_graph());
    }
    if let Some(GraphName::NamedNode(graph)) = &named {
        Closed::under(app.store.base()).refuse(graph)?;
    }
    let most = app.settings.write_megabytes << 20;
    let media_types = graph_body::Told::read(&parts.headers)?;
    let bytes = read_whole(&parts.headers, body, most, app.settings.write_seconds).await?;
    let bytes = graph_body::unpacked(&parts.headers, bytes, most)?;
    let documents = graph_body::documents(media_types, parts, bytes).await?;
    let store = Arc::clone(&app.store);
    let (graph, written) = change(app, move |ticket| {
        // A new graph is named after what it holds and when it came: the version moves with each.
        let graph = named.unwrap_or_else(|| {
            let version = store.version().to_be_bytes();
            let key = short_key(documents.iter().map(|d| d.bytes.as_slice()).chain([version.as_slice()]));
            NamedNode::new_unchecked(format!("{}graph-store/{key}", store.base().as_str())).into()
        });
        let base = match &graph {
            GraphName::NamedNode(graph) => graph.as_str().to_owned(),
            _ => format!("{}graph-store", store.base().as_str()),
        };
        let mut triples = Vec::new();
        for document in &documents {
            document.read(&base, ticket, &mut triples)?;
        }
        let what = if is_put { GraphChange::Put(triples) } else { GraphChange::Post(triples) };
        let written = store.write_graph(&graph, what, ticket)?;
        Ok((graph, written))
    })
    .await?;
    let GraphWritten { was_there, committed } = written;
    let mut response = done(if was_there { StatusCode::NO_CONTENT } else { StatusCode::CREATED }, committed);
    if !was_there {
        locate(app, &graph, response.headers_mut());
    }
    Ok(response)
}

/// Where a new graph is to be had: at its own address if that is ours, else by its name.
fn locate(app: &App, graph: &GraphName, headers: &mut HeaderMap) {
    let GraphName::NamedNode(graph) = graph else { return };
    let base = app.store.base();
    let address = if base.local(graph.as_str()).is_some_and(|local| local.starts_with("graph-store/")) {
        graph.as_str().to_owned()
    } else {
        format!("{}graph-store?graph={}", base.as_str(), crate::rdf::iri::encode_segment(graph.as_str()))
    };
    if let Ok(address) = HeaderValue::from_str(&address) {
        headers.insert(header::LOCATION, address);
    }
}

async fn delete(app: &Arc<App>, door: &Door, parts: &Parts) -> Result<Response, ServeError> {
    door.admit(&parts.headers, parts.uri.query())?;
    let graph = graph(app, parts)?.ok_or_else(no_graph)?;
    let store = Arc::clone(&app.store);
    let name = graph.clone();
    let written = change(app, move |ticket| Ok(store.write_graph(&name, GraphChange::Delete, ticket)?)).await?;
    if written.was_there { Ok(done(StatusCode::NO_CONTENT, written.committed)) } else { Err(not_there(&graph)) }
}
