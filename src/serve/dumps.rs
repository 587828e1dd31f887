//! `/dumps`: the data as files, version by version, with their checksums; a file may be fetched in parts.

use std::{io::SeekFrom, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use oxigraph::model::{GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{App, ServeError, linked, pages, protocol::text, sparql::open_to_all};
use crate::{
    jobs::{DumpFile, DumpManifest, dump_folder, dumps, sums},
    rdf::{
        Base,
        ns::{EDM_PROFILE, IANA, dcat, dcterms, rdf, spdx, xsd},
    },
    store::query::prefers_html,
};

/// The list: a page, or the distributions in one of RDF's syntaxes.
pub(super) async fn list(State(app): State<Arc<App>>, RawQuery(address): RawQuery, headers: HeaderMap) -> Result<Response, ServeError> {
    let folder = app.store.folder().to_path_buf();
    let found = tokio::task::spawn_blocking(move || dumps(&folder)).await.map_err(ServeError::internal)?;
    let accept = text(&headers, &header::ACCEPT);
    let mut response = if address.is_none() && prefers_html(&accept) {
        pages::dumps_page(&app, &found)?
    } else {
        let linked::Form::Rdf(format) = linked::wanted(address.as_deref().unwrap_or_default(), &headers, false)? else {
            return pages::dumps_page(&app, &found);
        };
        let base = app.store.base();
        let quads: Vec<Quad> = found.iter().flat_map(|dump| dump.files.iter().flat_map(|file| distribution(base, dump, file))).collect();
        ([(header::CONTENT_TYPE, format.media_type())], linked::write(&quads, format)?).into_response()
    };
    open_to_all(response.headers_mut());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn is_zip(file: &DumpFile) -> bool {
    std::path::Path::new(&file.name).extension().is_some_and(|ending| ending == "zip")
}

/// The address of a dump's file.
pub(super) fn address(base: &Base, version: u64, name: &str) -> String {
    format!("{}dumps/v{version}/{name}", base.as_str())
}

/// What DCAT says of a file: DCAT 3, section 6.8.
pub(super) fn distribution(base: &Base, dump: &DumpManifest, file: &DumpFile) -> Vec<Quad> {
    let node = |iri: String| NamedNode::new_unchecked(iri);
    let iri = node(address(base, dump.version, &file.name));
    let set = node(file.data_set.clone().unwrap_or_else(|| format!("{}.well-known/void#all", base.as_str())));
    let sum = node(format!("{}#sha256", iri.as_str()));
    let packing = if is_zip(file) { (dcat::PACKAGE_FORMAT, "application/zip") } else { (dcat::COMPRESS_FORMAT, "application/gzip") };
    let media = |name: &str| Term::from(node(format!("{IANA}{name}")));
    let mut said = vec![
        (set, dcat::HAS_DISTRIBUTION, Term::from(iri.clone())),
        (iri.clone(), rdf::TYPE, dcat::DISTRIBUTION.into()),
        (iri.clone(), dcterms::TITLE, Literal::new_language_tagged_literal_unchecked(&file.title, "en").into()),
        (iri.clone(), dcat::DOWNLOAD_URL, iri.clone().into()),
        (iri.clone(), dcat::ACCESS_URL, iri.clone().into()),
        (iri.clone(), dcat::MEDIA_TYPE, media(&file.media_type)),
        (iri.clone(), packing.0, media(packing.1)),
        (iri.clone(), dcat::BYTE_SIZE, Literal::new_typed_literal(file.bytes.to_string(), xsd::INTEGER).into()),
        (iri.clone(), dcterms::ISSUED, Literal::new_typed_literal(dump.made.to_string(), xsd::DATE_TIME).into()),
        (iri.clone(), spdx::CHECKSUM, sum.clone().into()),
        (sum.clone(), rdf::TYPE, spdx::CHECKSUM_CLASS.into()),
        (sum.clone(), spdx::ALGORITHM, spdx::SHA256.into()),
        (sum, spdx::CHECKSUM_VALUE, Literal::new_simple_literal(&file.sha256).into()),
    ];
    if file.name.ends_with(".edm.zip") {
        said.push((iri, dcterms::CONFORMS_TO, NamedNodeRef::new_unchecked(EDM_PROFILE).into()));
    }
    said.into_iter().map(|(subject, predicate, object)| Quad::new(subject, predicate, object, GraphName::DefaultGraph)).collect()
}

/// A file of a dump; `latest` stands for the newest version and leads to it.
pub(super) async fn file(State(app): State<Arc<App>>, Path((version, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let mut response = answer(&app, &version, &name, &headers).await.unwrap_or_else(ServeError::into_response);
    open_to_all(response.headers_mut());
    response
}

async fn answer(app: &Arc<App>, version: &str, name: &str, headers: &HeaderMap) -> Result<Response, ServeError> {
    let folder = app.store.folder().to_path_buf();
    let found = tokio::task::spawn_blocking({
        let folder = folder.clone();
        move || dumps(&folder)
    });
    let found = found.await.map_err(ServeError::internal)?;
    let missing = || ServeError::not_found("there is no such dump; /dumps lists those that there are");
    if version == "latest" {
        let newest = found.first().ok_or_else(missing)?;
        let location = address(app.store.base(), newest.version, &crate::rdf::iri::encode_segment(name));
        return Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response());
    }
    let number = version.strip_prefix('v').and_then(|v| v.parse::<u64>().ok()).ok_or_else(missing)?;
    let dump = found.iter().find(|dump| dump.version == number).ok_or_else(missing)?;
    if name == "SHA256SUMS" {
        return Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sums(&dump.files)).into_response());
    }
    // Only what the dump lists is a file of it: no name leads anywhere else.
    let entry = dump.files.iter().find(|file| file.name == name).ok_or_else(missing)?;
    let opened = tokio::fs::File::open(dump_folder(&folder, number).join(&entry.name)).await.map_err(ServeError::internal)?;
    send(opened, entry, headers).await
}

async fn send(mut opened: tokio::fs::File, entry: &DumpFile, headers: &HeaderMap) -> Result<Response, ServeError> {
    let tag = format!("\"{}\"", &entry.sha256[..32.min(entry.sha256.len())]);
    let mut response = Response::new(Body::empty());
    let told = response.headers_mut();
    let media_type = if is_zip(entry) { "application/zip" } else { "application/gzip" };
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    told.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    told.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(ServeError::internal)?);
    let known = text(headers, &header::IF_NONE_MATCH);
    if known.split(',').any(|theirs| matches!(theirs.trim().trim_start_matches("W/"), theirs if theirs == tag || theirs == "*")) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let condition = text(headers, &header::IF_RANGE);
    let asked = if condition.is_empty() || condition == tag { text(headers, &header::RANGE) } else { String::new() };
    let (from, to) = match range(&asked, entry.bytes) {
        Asked::Whole => (0, entry.bytes),
        Asked::Part(from, to) => {
            let part = format!("bytes {from}-{}/{}", to - 1, entry.bytes);
            told.insert(header::CONTENT_RANGE, HeaderValue::from_str(&part).map_err(ServeError::internal)?);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (from, to)
        }
        Asked::Nothing => {
            let whole = format!("bytes */{}", entry.bytes);
            told.insert(header::CONTENT_RANGE, HeaderValue::from_str(&whole).map_err(ServeError::internal)?);
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(response);
        }
    };
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
    opened.seek(SeekFrom::Start(from)).await.map_err(ServeError::internal)?;
    *response.body_mut() = Body::from_stream(ReaderStream::new(opened.take(to - from)));
    Ok(response)
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    /// From this byte, up to that one and without it.
    Part(u64, u64),
    /// A part that there is not.
    Nothing,
}

/// RFC 9110, section 14.2. Several parts at once are answered with the whole, which is allowed.
fn range(asked: &str, length: u64) -> Asked {
    let Some(spec) = asked.trim().strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else { return Asked::Whole };
    let Some((first, last)) = spec.split_once('-') else { return Asked::Whole };
    let (first, last) = (first.trim(), last.trim());
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to && from < length => Asked::Part(from, (to + 1).min(length)),
        (Ok(from), Err(_)) if last.is_empty() && from < length => Asked::Part(from, length),
        (Err(_), Ok(0)) if first.is_empty() => Asked::Nothing,
        (Err(_), Ok(tail)) if first.is_empty() => Asked::Part(length.saturating_sub(tail), length),
        (Ok(from), _) if from >= length => Asked::Nothing,
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (asked, found) in [
            ("", Asked::Whole),
            ("bytes=0-9", Asked::Part(0, 10)),
            ("bytes=90-", Asked::Part(90, 100)),
            ("bytes=-10", Asked::Part(90, 100)),
            ("bytes=-1000", Asked::Part(0, 100)),
            ("bytes=50-1000", Asked::Part(50, 100)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=9-1", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("lines=0-9", Asked::Whole),
        ] {
            assert_eq!(range(asked, 100), found, "{asked}");
        }
    }
}
