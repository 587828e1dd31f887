//! The SPARQL 1.1 protocol: what a request asks, and whether it may.

use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode, header};
use oxigraph::model::NamedNode;

use super::{ServeError, form};
use crate::store::{
    query::{AnswerFormat, AnswerKind, Formats, Question, negotiate, prefers_html},
    update::UpdateText,
};

/// The methods that the endpoint knows.
pub(super) const ALLOW: &str = "GET, HEAD, POST, QUERY, OPTIONS";

/// What a request to the endpoint is.
#[derive(Debug)]
pub(super) enum Asked {
    /// A query, to be answered in one of the question's formats.
    Query(Question),
    /// A query, to be answered with a page.
    Page(Question),
    /// An update.
    Update(Box<UpdateText>),
    /// No query: a browser wants the page with the editor, anybody else the description of the service.
    Nothing { html: bool },
}

/// Reads a request whose body was read already.
pub(super) fn read(method: &Method, address: &str, headers: &HeaderMap, body: &[u8]) -> Result<Asked, ServeError> {
    let mut pairs = form::pairs(address)?;
    let is_get = matches!(*method, Method::GET | Method::HEAD);
    if is_get {
        if pairs.iter().any(|(name, _)| name == "update") {
            return Err(ServeError::bad_request("an update cannot come by GET"));
        }
    } else {
        pairs.extend(from_body(headers, body)?);
    }
    let query = form::only(&pairs, "query")?;
    let update = form::only(&pairs, "update")?;
    if update.is_some() && query.is_some() {
        return Err(ServeError::bad_request("`query` and `update` are there together"));
    }
    if let Some(text) = update {
        if pairs.iter().any(|(name, _)| name == "default-graph-uri" || name == "named-graph-uri") {
            return Err(ServeError::bad_request("`default-graph-uri` belongs to a query, not to an update"));
        }
        let (using, using_named) = (graphs(&pairs, "using-graph-uri")?, graphs(&pairs, "using-named-graph-uri")?);
        return Ok(Asked::Update(Box::new(UpdateText { text, base: String::new(), using, using_named })));
    }
    if pairs.iter().any(|(name, _)| name == "using-graph-uri" || name == "using-named-graph-uri") {
        return Err(ServeError::bad_request("`using-graph-uri` belongs to an update, not to a query"));
    }
    let accept = text(headers, &header::ACCEPT);
    let format = form::only(&pairs, "format")?.filter(|f| !f.is_empty());
    let html = format.as_deref().map_or_else(|| prefers_html(&accept), |f| f.eq_ignore_ascii_case("html") || f.starts_with("text/html"));
    let Some(query) = query else {
        if is_get && !pairs.iter().any(|(name, _)| name.ends_with("-graph-uri")) {
            return Ok(Asked::Nothing { html });
        }
        return Err(ServeError::bad_request("there is no `query`"));
    };
    if query.trim().is_empty() {
        return Err(ServeError::bad_request("the query is empty"));
    }
    let question = Question {
        formats: if html {
            Formats { table: Some(AnswerFormat::Json), graph: Some(AnswerFormat::Turtle) }
        } else {
            formats(format.as_deref(), &accept)?
        },
        query,
        default_graphs: graphs(&pairs, "default-graph-uri")?,
        named_graphs: graphs(&pairs, "named-graph-uri")?,
        max_rows: None,
        timeout: timeout(form::only(&pairs, "timeout")?.as_deref())?,
        in_address: is_get,
        rdf_12: reads_rdf_12(form::only(&pairs, "version")?.as_deref(), &accept)?,
        explain: is_yes(form::only(&pairs, "explain")?.as_deref()),
        ..Question::default()
    };
    Ok(if html && !question.explain { Asked::Page(question) } else { Asked::Query(question) })
}

fn is_yes(text: Option<&str>) -> bool {
    matches!(text, Some("true" | "1" | "yes" | "on"))
}

/// Whether a client reads RDF 1.2: it says so with `version=1.2` at a media type that it accepts, or in the address. Others get what 1.1 knows.
fn reads_rdf_12(asked: Option<&str>, accept: &str) -> Result<bool, ServeError> {
    match asked {
        Some("1.2") => Ok(true),
        Some("1.1") => Ok(false),
        Some(other) => Err(ServeError::bad_request(format!("`version` is 1.1 or 1.2, not `{other}`"))),
        None => Ok(accept.split([',', ';']).any(|part| {
            let named = part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("version"));
            named.is_some_and(|(_, version)| version.trim().trim_matches('"') == "1.2")
        })),
    }
}

fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Vec<(String, String)>, ServeError> {
    let content_type = text(headers, &header::CONTENT_TYPE);
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset = parts.filter_map(|p| p.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let unsupported = |what: &str| Err(ServeError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what));
    if charset
        .is_some_and(|(_, value)| !matches!(value.trim().trim_matches('"').to_ascii_lowercase().as_str(), "utf-8" | "utf8" | "us-ascii"))
    {
        return unsupported("queries come in UTF-8");
    }
    if text(headers, &header::CONTENT_ENCODING).split(',').any(|c| !c.trim().is_empty() && !c.trim().eq_ignore_ascii_case("identity")) {
        return unsupported("queries come without a Content-Encoding");
    }
    let body = std::str::from_utf8(body).map_err(|_| ServeError::bad_request("the body is not UTF-8"))?;
    match media_type.as_str() {
        "application/x-www-form-urlencoded" => form::pairs(body),
        "application/sparql-query" => Ok(vec![("query".to_owned(), body.to_owned())]),
        "application/sparql-update" => Ok(vec![("update".to_owned(), body.to_owned())]),
        _ => unsupported("a POST carries application/sparql-query, application/sparql-update or application/x-www-form-urlencoded"),
    }
}

/// A header's text, its lines joined.
pub(super) fn text(headers: &HeaderMap, name: &header::HeaderName) -> String {
    headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).collect::<Vec<_>>().join(", ")
}

fn formats(asked: Option<&str>, accept: &str) -> Result<Formats, ServeError> {
    let formats = if let Some(name) = asked {
        let named = AnswerFormat::named(name);
        let of = |kind| named.iter().copied().find(|f| f.kind() == kind);
        Formats { table: of(AnswerKind::Table), graph: of(AnswerKind::Graph) }
    } else {
        Formats { table: negotiate(accept, &AnswerFormat::TABLES), graph: negotiate(accept, &AnswerFormat::GRAPHS) }
    };
    if formats == Formats::default() {
        return Err(not_acceptable());
    }
    Ok(formats)
}

/// 406, with what there is.
pub(super) fn not_acceptable() -> ServeError {
    let list =
        |formats: &[AnswerFormat]| formats.iter().map(|f| format!("{} ({})", f.asked_as()[0], f.ending())).collect::<Vec<_>>().join(", ");
    let detail =
        format!("tables come as {}; graphs as {}; `format=html` gives a page", list(&AnswerFormat::TABLES), list(&AnswerFormat::GRAPHS));
    ServeError::new(StatusCode::NOT_ACCEPTABLE, detail)
}

fn graphs(pairs: &[(String, String)], name: &str) -> Result<Vec<String>, ServeError> {
    let graphs = form::every(pairs, name);
    match graphs.iter().find(|iri| NamedNode::new(iri.as_str()).is_err()) {
        Some(bad) => Err(ServeError::bad_request(format!("`{name}` is no absolute IRI: {bad}"))),
        None => Ok(graphs),
    }
}

fn timeout(text: Option<&str>) -> Result<Option<Duration>, ServeError> {
    let Some(text) = text.filter(|t| !t.trim().is_empty()) else { return Ok(None) };
    let seconds = text.trim().parse::<f64>().ok().filter(|s| s.is_finite() && *s > 0.0);
    let seconds = seconds.ok_or_else(|| ServeError::bad_request("`timeout` is a number of seconds above 0"))?;
    Ok(Some(Duration::from_secs_f64(seconds.min(86_400.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(address: &str, accept: &str) -> Result<Asked, ServeError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header"));
        read(&Method::GET, address, &headers, b"")
    }

    fn post(content_type: &str, address: &str, body: &[u8]) -> Result<Asked, u16> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().expect("a header"));
        read(&Method::POST, address, &headers, body).map_err(|e| e.status.as_u16())
    }

    #[test]
    fn what_get_may_ask() {
        let status = |address: &str, accept: &str| get(address, accept).map_err(|e| e.status.as_u16()).err();
        assert_eq!(status("query=ASK%7B%7D", "*/*"), None);
        assert_eq!(status("query=ASK&query=ASK", "*/*"), Some(400));
        assert_eq!(status("query=+", "*/*"), Some(400));
        assert_eq!(status("update=x", "*/*"), Some(400));
        assert_eq!(status("query=ASK&default-graph-uri=x", "*/*"), Some(400));
        assert_eq!(status("default-graph-uri=http://e/", "*/*"), Some(400));
        assert_eq!(status("query=%FF", "*/*"), Some(400));
        assert_eq!(status("query=ASK", "image/png"), Some(406));
        assert_eq!(status("query=ASK", "*/*;q=0"), Some(406));
        assert_eq!(status("query=ASK&format=docx", "*/*"), Some(406));
        assert_eq!(status("query=ASK&timeout=x", "*/*"), Some(400));
        assert!(matches!(get("query=ASK", "application/json;version=1.2"), Ok(Asked::Query(q)) if q.rdf_12));
        assert!(matches!(get("query=ASK&version=1.1", "text/turtle; version=\"1.2\""), Ok(Asked::Query(q)) if !q.rdf_12));
        assert_eq!(status("query=ASK&version=2", "*/*"), Some(400));
        assert!(matches!(get("query=ASK&explain=true", "text/html"), Ok(Asked::Query(q)) if q.explain));
        assert!(matches!(get("", "text/html"), Ok(Asked::Nothing { html: true })));
        assert!(matches!(get("query=ASK", "text/html"), Ok(Asked::Page(_))));
        assert!(matches!(get("query=ASK&format=json", "text/html"), Ok(Asked::Query(_))));
    }

    #[test]
    fn what_post_may_carry() {
        let form = "application/x-www-form-urlencoded";
        assert!(post(form, "", b"query=ASK{}").is_ok());
        assert!(post("application/sparql-query; charset=UTF-8", "", b"ASK{}").is_ok());
        assert_eq!(post("application/sparql-query;charset=iso-8859-1", "", b"ASK{}").err(), Some(415));
        assert_eq!(post("application/sparql-query", "", b"\xff").err(), Some(400));
        assert_eq!(post("application/sparql-query", "query=ASK", b"ASK{}").err(), Some(400));
        assert_eq!(post(form, "", b"query=ASK&update=CLEAR").err(), Some(400));
        assert!(matches!(post(form, "", b"update=CLEAR ALL&using-graph-uri=http://e/"), Ok(Asked::Update(u)) if u.using == ["http://e/"]));
        assert!(matches!(post("application/sparql-update", "", b"CLEAR ALL"), Ok(Asked::Update(u)) if u.text == "CLEAR ALL"));
        assert_eq!(post("application/sparql-update", "default-graph-uri=http://e/", b"CLEAR ALL").err(), Some(400));
        assert_eq!(post(form, "", b"query=ASK&using-graph-uri=http://e/").err(), Some(400));
        assert_eq!(post("text/plain", "", b"ASK{}").err(), Some(415));
        assert_eq!(post(form, "", b"").err(), Some(400));
    }
}
