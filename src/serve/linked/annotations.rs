//! `/record/{key}/annotations`: a record's annotations as a Web Annotation collection, and its one page.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{
    annotation::{context, item},
    describe::{describe, ours},
    thing::{blocking, guarded},
    wanted::ANNO_TYPE,
};
use crate::{
    enrichment::{annotations_of, enrichments_of},
    rdf::{RecordKey, mint::short_key, ns::oa},
    serve::{
        App, ServeError, form,
        protocol::text,
        sparql::{label, matches_tag, tag},
    },
    store::query::accepts,
};

/// How many annotations stand in a page.
const PAGE: usize = 100;

/// The collection, or with `?page=` one of its pages.
pub(in crate::serve) async fn annotations(State(app): State<Arc<App>>, Path(key): Path<String>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let asked = async {
        let accept = text(&request.headers, &header::ACCEPT);
        if !["application/ld+json", "application/json", "text/html"].iter().any(|t| accepts(&accept, t) > 0.0) {
            return Err(ServeError::new(
                axum::http::StatusCode::NOT_ACCEPTABLE,
                format!("there is {ANNO_TYPE}; other syntaxes at the IRIs of the annotations"),
            ));
        }
        let key = RecordKey::parse(&key).ok_or_else(|| ServeError::not_found("a record's key is 32 hexadecimal digits"))?;
        let pairs = form::pairs(request.uri.query().unwrap_or_default())?;
        let page =
            form::only(&pairs, "page")?.map(|p| p.parse::<usize>().map_err(|_| ServeError::bad_request("`page` is a number from 0")));
        let page = page.transpose()?;
        let headers = request.headers.clone();
        blocking(&app, move |app| answer(app, &key, page, &headers)).await
    };
    guarded(&request, asked).await
}

fn answer(app: &App, key: &RecordKey, page: Option<usize>, headers: &HeaderMap) -> Result<Response, ServeError> {
    let version = app.store.version();
    let cache_key = short_key(["annotations", key.as_str(), &format!("{page:?}")]);
    let mut response = if matches_tag(&text(headers, &header::IF_NONE_MATCH), &tag(version, &cache_key)) {
        axum::http::StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = serde_json::to_vec_pretty(&collection(app, key, page)?).map_err(ServeError::internal)?;
        ([(header::CONTENT_TYPE, ANNO_TYPE)], body).into_response()
    };
    label(app, response.headers_mut(), version, Some(&cache_key));
    response.headers_mut().insert(
        header::LINK,
        HeaderValue::from_static(
            "<http://www.w3.org/ns/ldp#BasicContainer>; rel=\"type\", <http://www.w3.org/TR/annotation-protocol/>; rel=\"http://www.w3.org/ns/ldp#constrainedBy\"",
        ),
    );
    Ok(response)
}

fn collection(app: &App, key: &RecordKey, page: Option<usize>) -> Result<Value, ServeError> {
    let store = &app.store;
    let Some(listed) = store.index().record(key).map_err(ours)? else {
        return Err(ServeError::not_found("there is no such record here"));
    };
    let mut iris = Vec::new();
    for facts in enrichments_of(store, key).map_err(ours)?.iter().filter(|f| f.replaced_by.is_none()) {
        iris.extend(annotations_of(store, &facts.graph).map_err(ours)?.into_iter().map(|a| a.iri));
    }
    // What people put in a tagger's place stands with their verdicts.
    for verdict in crate::review::verdicts_of(store, key).map_err(ours)? {
        if let Some(concept) = &verdict.correction {
            let own_key = short_key([verdict.annotation.as_str(), verdict.who.as_str()]);
            let own = store.base().annotation(&own_key, verdict.property.as_ref(), concept.as_ref(), "");
            if store.object(&own, oa::HAS_BODY, &store.base().review_graph()).map_err(ours)?.is_some() && !iris.contains(&own) {
                iris.push(own);
            }
        }
    }
    let own = format!("{}record/{key}/annotations", store.base().as_str());
    let about = json!({
        "id": own,
        "type": "AnnotationCollection",
        "label": format!("Annotations of {}", listed.title),
        "total": iris.len(),
    });
    let of_page = |page: usize| -> Result<Value, ServeError> {
        let mut items = Vec::new();
        for iri in iris.iter().skip(page * PAGE).take(PAGE) {
            if let Some(description) = describe(store, app.pool.settings(), iri)? {
                items.push(item(app, iri, &description)?);
            }
        }
        let mut told = json!({ "id": format!("{own}?page={page}"), "type": "AnnotationPage", "startIndex": page * PAGE, "items": items });
        if iris.len() > (page + 1) * PAGE {
            told["next"] = format!("{own}?page={}", page + 1).into();
        }
        if page > 0 {
            told["prev"] = format!("{own}?page={}", page - 1).into();
        }
        Ok(told)
    };
    let mut told = json!({ "@context": context() });
    let rest = match page {
        Some(page) if page > 0 && page * PAGE >= iris.len() => return Err(ServeError::not_found("the collection has no such page")),
        Some(page) => {
            let mut told = of_page(page)?;
            told["partOf"] = about;
            told
        }
        None => {
            let mut told = about;
            if !iris.is_empty() {
                told["first"] = of_page(0)?;
                told["last"] = format!("{own}?page={}", (iris.len() - 1) / PAGE).into();
            }
            told
        }
    };
    if let (Value::Object(told), Value::Object(rest)) = (&mut told, rest) {
        told.extend(rest);
    }
    Ok(told)
}
