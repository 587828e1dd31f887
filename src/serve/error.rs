//! What goes wrong at the door, told as problem details, as text or as a page, whichever the client reads.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::SourceError;
use crate::store::{
    query::{Limit, QueryError, accepts, prefers_html},
    update::UpdateError,
};

/// An error as a client sees it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}: {detail}")]
pub struct ServeError {
    /// The HTTP status.
    pub status: StatusCode,
    /// What is wrong, and what to do about it.
    pub detail: String,
    /// Line and column in the query, from 1.
    pub place: Option<(u32, u32)>,
    /// The limit that was met: its name, what was found, what is allowed.
    pub limit: Option<Box<(&'static str, usize, usize)>>,
    /// When to try again, in seconds.
    pub retry_seconds: Option<u64>,
    /// The query that was asked, so that a page can show it again.
    pub query: Option<String>,
    /// Where the same data are to be had whole.
    pub instead: Option<String>,
}

/// How an error is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// RFC 9457.
    Problem,
    Text,
    Page,
}

impl Told {
    /// What the client reads best; problem details where it does not say.
    pub(super) fn to(accept: &str) -> Self {
        if prefers_html(accept) {
            return Self::Page;
        }
        let json = accepts(accept, "application/problem+json").max(accepts(accept, "application/json"));
        if accepts(accept, "text/plain") > json { Self::Text } else { Self::Problem }
    }
}

impl ServeError {
    /// An error with this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), place: None, limit: None, retry_seconds: None, query: None, instead: None }
    }

    /// The request itself is wrong.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is nothing here.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Something of ours failed. The reason goes to the log, not to the client.
    pub fn internal(reason: impl std::fmt::Display) -> Self {
        tracing::error!(%reason, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "something failed on our side; the log tells more under this request's id")
    }

    /// The same, for a query that came in an address: what is too long there is the address.
    #[must_use]
    pub(super) fn in_address(mut self, in_address: bool) -> Self {
        if in_address && self.status == StatusCode::PAYLOAD_TOO_LARGE {
            self.status = StatusCode::URI_TOO_LONG;
            self.detail.push_str(". Send it in the body of a POST");
        }
        self
    }

    /// The error as RFC 9457 problem details.
    pub(super) fn problem(&self, request_id: &str) -> String {
        let mut problem = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "requestId": request_id,
        });
        if let Some((line, column)) = self.place {
            problem["line"] = json!(line);
            problem["column"] = json!(column);
        }
        if let Some((name, found, allowed)) = self.limit.as_deref() {
            problem["limit"] = json!({ "name": name, "found": found, "allowed": allowed });
        }
        if let Some(seconds) = self.retry_seconds {
            problem["retryAfter"] = json!(seconds);
        }
        if let Some(address) = &self.instead {
            problem["instead"] = json!(address);
        }
        problem.to_string()
    }

    /// The error in plain text.
    pub(super) fn text(&self, request_id: &str) -> String {
        let instead = self.instead.as_ref().map(|address| format!("The data as files: {address}\n")).unwrap_or_default();
        format!("{}\n{}\n{instead}request {request_id}\n", self.status, self.detail)
    }
}

/// The bare status; the outermost layer knows what the client reads, and fills it in.
impl IntoResponse for ServeError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<QueryError> for ServeError {
    fn from(error: QueryError) -> Self {
        let detail = error.to_string();
        match error {
            QueryError::Refused(refusal) => {
                let status = match refusal.limit {
                    Limit::Service => StatusCode::FORBIDDEN,
                    Limit::Text => StatusCode::PAYLOAD_TOO_LARGE,
                    _ => StatusCode::BAD_REQUEST,
                };
                let limit = (!matches!(refusal.limit, Limit::Strings | Limit::Ambiguous))
                    .then(|| Box::new((refusal.limit.name(), refusal.found, refusal.allowed)));
                Self { place: Some((refusal.line as u32, refusal.column as u32)), limit, ..Self::new(status, detail) }
            }
            QueryError::Query(fault) => {
                Self { place: fault.place.map(|(line, column)| (line as u32, column as u32)), ..Self::bad_request(detail) }
            }
            QueryError::NotAcceptable { .. } => Self::new(StatusCode::NOT_ACCEPTABLE, detail),
            QueryError::Busy { retry_seconds, .. } => {
                Self { retry_seconds: Some(retry_seconds), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
            }
            QueryError::FairUse { retry_seconds, .. } => {
                Self { retry_seconds: Some(retry_seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail) }
            }
            QueryError::Cancelled => Self::new(StatusCode::GONE, detail),
            QueryError::Deadline { seconds } => {
                Self { retry_seconds: Some(seconds.ceil() as u64), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
            }
            QueryError::Memory { .. } => Self { retry_seconds: Some(30), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) },
            QueryError::Evaluation(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail),
            QueryError::Store(_) | QueryError::Worker { .. } => Self::internal(detail),
        }
    }
}

impl From<UpdateError> for ServeError {
    fn from(error: UpdateError) -> Self {
        let detail = error.to_string();
        match error {
            UpdateError::Refused(refusal) => QueryError::from(refusal).into(),
            UpdateError::Syntax(fault) => QueryError::Query(fault).into(),
            UpdateError::UsingTwice | UpdateError::Patterns { .. } => Self::bad_request(detail),
            UpdateError::Load | UpdateError::Service | UpdateError::Closed { .. } => Self::new(StatusCode::FORBIDDEN, detail),
            UpdateError::TooMuch { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail),
            UpdateError::NoSuchGraph(_) | UpdateError::GraphExists(_) => Self::new(StatusCode::CONFLICT, detail),
            UpdateError::Stopped | UpdateError::Memory { .. } => {
                Self { retry_seconds: Some(30), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
            }
            UpdateError::Evaluation(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail),
            UpdateError::Store(error) => Self::internal(error),
        }
    }
}

impl From<SourceError> for ServeError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::NotFound(detail) => Self::not_found(detail),
            SourceError::Unusable(detail) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail),
            SourceError::Busy(detail) => Self { retry_seconds: Some(10), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) },
            SourceError::Failed(reason) => Self::internal(reason),
        }
    }
}

impl From<askama::Error> for ServeError {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_in_what_the_client_reads() {
        assert_eq!(Told::to(""), Told::Problem);
        assert_eq!(Told::to("*/*"), Told::Problem);
        assert_eq!(Told::to("text/csv"), Told::Problem);
        assert_eq!(Told::to("text/plain"), Told::Text);
        assert_eq!(Told::to("text/html,application/xml;q=0.9,*/*;q=0.8"), Told::Page);
    }

    #[test]
    fn problem_details_carry_place_and_limit() {
        let error = ServeError { place: Some((2, 3)), limit: Some(Box::new(("nesting", 101, 100))), ..ServeError::bad_request("no") };
        let problem: serde_json::Value = serde_json::from_str(&error.problem("r1")).expect("JSON");
        assert_eq!((&problem["line"], &problem["limit"]["allowed"], &problem["requestId"]), (&json!(2), &json!(100), &json!("r1")));
    }
}
