//! `/record/{key}/share/…`: what is said about one record, in the forms in which others exchange it.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{App, ServeError, SourceError, Visitor, sparql::open_to_all};
use crate::{
    publication::{TABLE_COLUMNS, europeana, iiif_list, iiif_page, ntua, shared_statements, table_rows},
    rdf::RecordKey,
    vocab::Vocabularies,
};

/// The forms, by the names of their documents: what they are, and where they come from.
pub(super) const FORMS: [(&str, &str); 5] = [
    ("europeana.json", "for Europeana’s Annotation API"),
    ("ntua.jsonld", "for SAGE, CrowdHeritage and MINT"),
    ("iiif-2.json", "as a IIIF annotation list (2.1)"),
    ("iiif-3.json", "as a IIIF annotation page (3.0)"),
    ("write-back.csv", "as a table for the museum’s own system"),
];

/// One record in one form.
pub(super) async fn share(
    State(app): State<Arc<App>>,
    Path((key, form)): Path<(String, String)>,
    RawQuery(address): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = Visitor::of(address.as_deref(), &headers);
    let work = move || written(&app, &key, &form, &visitor);
    let written = tokio::task::spawn_blocking(work).await.map_err(ServeError::internal).and_then(|done| done);
    let mut response = match written {
        Ok((media_type, bytes)) => ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")], bytes).into_response(),
        Err(error) => error.into_response(),
    };
    open_to_all(response.headers_mut());
    response
}

fn ours(error: impl std::fmt::Display) -> ServeError {
    SourceError::Failed(error.to_string()).into()
}

fn written(app: &App, key: &str, form: &str, visitor: &Visitor) -> Result<(&'static str, Vec<u8>), ServeError> {
    let store = &app.store;
    let key = RecordKey::parse(key).ok_or_else(|| ServeError::not_found("a record's key is 32 hexadecimal digits"))?;
    let listed = store.index().record(&key).map_err(ours)?.ok_or_else(|| ServeError::not_found("there is no such record here"))?;
    let vocabularies = Vocabularies::new(store).map_err(ours)?;
    let statements = shared_statements(store, &vocabularies, &listed).map_err(ours)?;
    let languages: Vec<&str> = visitor.languages.iter().map(String::as_str).collect();
    let own = format!("{}record/{key}/share/{form}", store.base().as_str());
    let json = |media_type, value: &Value| Ok((media_type, serde_json::to_vec_pretty(value).map_err(ServeError::internal)?));
    match form {
        "europeana.json" => json("application/ld+json", &Value::from(europeana(&statements).0)),
        "ntua.jsonld" => json("application/ld+json", &ntua(&statements)),
        "iiif-2.json" => json(
            "application/ld+json;profile=\"http://iiif.io/api/presentation/2/context.json\"",
            &iiif_list(&own, &statements, &languages),
        ),
        "iiif-3.json" => json(
            "application/ld+json;profile=\"http://iiif.io/api/presentation/3/context.json\"",
            &iiif_page(&own, &statements, &languages),
        ),
        "write-back.csv" => {
            let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            out.write_record(TABLE_COLUMNS).map_err(ServeError::internal)?;
            for row in table_rows(store, &listed, &statements, &languages).map_err(ours)? {
                out.write_record(row).map_err(ServeError::internal)?;
            }
            Ok(("text/csv; charset=utf-8", out.into_inner().map_err(ServeError::internal)?))
        }
        _ => {
            let names: Vec<&str> = FORMS.iter().map(|(name, _)| *name).collect();
            Err(ServeError::not_found(format!("a record is shared as {}", names.join(", "))))
        }
    }
}
