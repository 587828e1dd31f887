//! The door for every IRI of ours: what is asked for is found, and sent on to, described, or told to be gone.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use oxigraph::model::{NamedNode, Quad};

use super::{
    address::{Reading, readings},
    annotation::web_annotation,
    describe::{Description, class_of, describe, is_document},
    page::Making,
    void,
    wanted::{Form, wanted},
};
use crate::{
    serve::{
        App, ServeError, SourceError, Visitor,
        pages::{self, ThingView},
        protocol::text,
        sparql::{label, matches_tag, open_to_all, tag},
    },
    store::query::write_quads,
};

/// What these doors know.
const ALLOW: &str = "GET, HEAD, OPTIONS";

/// `/annotation/…`, `/run/…` and the other IRIs of ours.
pub(in crate::serve) async fn thing(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    guarded(&parts, answer(&app, &parts)).await
}

/// `/.well-known/void`
pub(in crate::serve) async fn well_known_void(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    guarded(&parts, void_answer(&app, &parts)).await
}

/// The methods that may be used, and the headers that let scripts on other pages read the answer.
pub(super) async fn guarded(request: &Parts, answer: impl Future<Output = Result<Response, ServeError>>) -> Response {
    let mut response = match request.method {
        Method::GET | Method::HEAD => answer.await.unwrap_or_else(ServeError::into_response),
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => ServeError::new(StatusCode::METHOD_NOT_ALLOWED, format!("this address knows {ALLOW}")).into_response(),
    };
    let headers = response.headers_mut();
    open_to_all(headers);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOW));
    headers.insert(header::ALLOW, HeaderValue::from_static(ALLOW));
    response
}

/// Does what waits for the store where waiting is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> Result<T, ServeError> + Send + 'static,
) -> Result<T, ServeError> {
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || work(&app)).await.map_err(ServeError::internal)?
}

async fn answer(app: &Arc<App>, request: &Parts) -> Result<Response, ServeError> {
    let path = request.uri.path().to_owned();
    let address = request.uri.query().unwrap_or_default().to_owned();
    let headers = request.headers.clone();
    let readings = readings(app.store.base(), &path)?;
    blocking(app, move |app| found(app, &path, &address, &headers, readings)).await
}

/// The first reading of the address under which there is something.
fn found(app: &App, path: &str, address: &str, headers: &HeaderMap, readings: Vec<Reading>) -> Result<Response, ServeError> {
    // Read before the description: if the store moves on in between, the tag is old and the next visit asks again.
    let version = app.store.version();
    for Reading { iri, form } in readings {
        let Some(description) = describe(&app.store, app.pool.settings(), &iri)? else { continue };
        let base = app.store.base();
        let is_annotation = class_of(base, iri.as_str()) == "annotation";
        if form == Some(Form::WebAnnotation) && !is_annotation {
            continue;
        }
        let wants = match form {
            Some(form) => form,
            None => wanted(address, headers, is_annotation)?,
        };
        if form.is_none() && !description.gone && !is_document(base, &iri) {
            return Ok(see_other(path, address, wants));
        }
        let document = Document { app, iri: &iri, description: &description, form: wants, negotiated: form.is_none() };
        return document.response(headers, Some(address), version);
    }
    Err(ServeError::not_found("nothing is known here under this IRI"))
}

/// 303 to the document in the form that is wanted. The address is relative, so that it holds behind any proxy.
fn see_other(path: &str, address: &str, form: Form) -> Response {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let language = address.split('&').find(|p| p.starts_with("lang=")).map(|p| format!("?{p}")).unwrap_or_default();
    let location = format!("{name}.{}{language}", form.ending());
    match HeaderValue::from_str(&location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => ServeError::not_found("nothing is known here under this IRI").into_response(),
    }
}

/// A description on its way out.
pub(super) struct Document<'d> {
    pub(super) app: &'d App,
    pub(super) iri: &'d NamedNode,
    pub(super) description: &'d Description,
    pub(super) form: Form,
    /// Whether the form followed from what the client accepts.
    pub(super) negotiated: bool,
}

impl Document<'_> {
    pub(super) fn response(&self, headers: &HeaderMap, address: Option<&str>, version: u64) -> Result<Response, ServeError> {
        let visitor = Visitor::of(address, headers);
        let languages = if self.form == Form::Page { visitor.languages.join(",") } else { String::new() };
        let key = crate::rdf::mint::short_key([self.iri.as_str(), self.form.ending(), &languages]);
        let unchanged = headers.contains_key(header::IF_NONE_MATCH)
            && !self.description.gone
            && matches_tag(&text(headers, &header::IF_NONE_MATCH), &tag(version, &key));
        let mut response = if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { self.body(&visitor)? };
        label(self.app, response.headers_mut(), version, Some(&key));
        self.links(response.headers_mut());
        Ok(response)
    }

    fn body(&self, visitor: &Visitor) -> Result<Response, ServeError> {
        let bytes = match self.form {
            Form::Page => pages::thing_page(self.app, &self.view(visitor)?)?.into_bytes(),
            Form::WebAnnotation if self.description.gone => write(self.description.all(), crate::store::query::AnswerFormat::JsonLd)?,
            Form::WebAnnotation => {
                let json = web_annotation(self.app, self.iri, self.description)?;
                serde_json::to_vec_pretty(&json).map_err(ServeError::internal)?
            }
            Form::Rdf(format) => write(self.description.all(), format)?,
        };
        let status = if self.description.gone { StatusCode::GONE } else { StatusCode::OK };
        Ok((status, [(header::CONTENT_TYPE, self.form.media_type())], bytes).into_response())
    }

    fn view(&self, visitor: &Visitor) -> Result<ThingView, SourceError> {
        Making::new(&self.app.store, visitor, self.iri)?.view(self.description)
    }

    /// What the document is about, and what other forms there are.
    fn links(&self, headers: &mut HeaderMap) {
        let iri = self.iri.as_str();
        let mut links: Vec<String> = Vec::new();
        if !is_document(self.app.store.base(), self.iri) {
            links.push(format!("<{iri}>; rel=\"describes\""));
        }
        if class_of(self.app.store.base(), iri) == "annotation" {
            links.push("<http://www.w3.org/ns/ldp#Resource>; rel=\"type\"".to_owned());
        }
        if self.app.store.base().local(iri).is_some() {
            for form in Form::ALL.into_iter().filter(|f| *f != self.form && *f != Form::WebAnnotation) {
                let media_type = form.media_type().split(';').next().unwrap_or_default();
                links.push(format!("<{iri}.{}>; rel=\"alternate\"; type=\"{media_type}\"", form.ending()));
            }
            if self.negotiated
                && let Ok(location) = HeaderValue::from_str(&format!("{iri}.{}", self.form.ending()))
            {
                headers.insert(header::CONTENT_LOCATION, location);
            }
        }
        if let Ok(links) = HeaderValue::from_str(&links.join(", ")) {
            headers.insert(header::LINK, links);
        }
    }
}

pub(in crate::serve) fn write<'q>(
    quads: impl IntoIterator<Item = &'q Quad>,
    format: crate::store::query::AnswerFormat,
) -> Result<Vec<u8>, ServeError> {
    write_quads(quads, format).map_err(|fault| ServeError::internal(fault.message))
}

async fn void_answer(app: &Arc<App>, request: &Parts) -> Result<Response, ServeError> {
    let address = request.uri.query().unwrap_or_default().to_owned();
    let headers = request.headers.clone();
    let form = wanted(&address, &headers, false)?;
    blocking(app, move |app| {
        let version = app.store.version();
        let (iri, quads) = void::whole(&app.store, app.pool.settings(), &app.settings)?;
        let notes = vec![
            "All that is here, by data set and vocabulary: how much there is, under which licence, and where to ask for it.".to_owned(),
        ];
        let description = Description { quads, notes, ..Description::default() };
        let document = Document { app, iri: &iri, description: &description, form, negotiated: false };
        document.response(&headers, Some(&address), version)
    })
    .await
}
