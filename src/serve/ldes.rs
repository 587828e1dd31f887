//! `/ldes`: what became of each record's enrichment and when, as a Linked Data Event Stream in pages (TREE). A page that is full never changes
//! what follows it, and may be kept.
//!
//! A member is a version of what is said about one record, by its datestamp. The list of datestamps holds the newest version of each, so that
//! is what the stream promises (its retention policy); older versions go from the pages, and nothing is ever put before what was passed.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use oxigraph::model::{BlankNode, GraphName, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term};

use super::{
    App, ServeError, SourceError,
    linked::{self, Form},
    protocol::text,
    sparql::open_to_all,
};
use crate::{
    enrichment::{annotations_of, enrichments_of},
    rdf::{
        RecordKey,
        mint::short_key,
        ns::{activity_streams, dcterms, edm, enr, foaf, ldes, oa, prov, rdf, soa, tree, xsd},
    },
    store::{Span, StampList, Stamped, Standing, Store},
};

/// How many records stand on a page.
const PAGE: usize = 100;

/// Statements in the making.
#[derive(Default)]
struct Said(Vec<Quad>);

impl Said {
    fn say(&mut self, subject: impl Into<NamedOrBlankNode>, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.0.push(Quad::new(subject, predicate, object, GraphName::DefaultGraph));
    }
}

/// The stream itself: what it is, and where its pages begin.
pub(super) async fn stream(State(app): State<Arc<App>>, RawQuery(address): RawQuery, headers: HeaderMap) -> Result<Response, ServeError> {
    let base = app.store.base().as_str();
    let (stream, first) = (node(format!("{base}ldes")), node(format!("{base}ldes/after/0")));
    let mut said = Said::default();
    describe(&stream, &mut said);
    said.say(stream.clone(), tree::VIEW, stream.clone());
    said.say(stream.clone(), rdf::TYPE, tree::NODE);
    lead(&stream, &first, Timestamp::UNIX_EPOCH, &mut said);
    let policy = BlankNode::new_unchecked("policy");
    said.say(stream, ldes::RETENTION_POLICY, policy.clone());
    said.say(policy.clone(), rdf::TYPE, ldes::LATEST_VERSION_SUBSET);
    said.say(policy, ldes::AMOUNT, Literal::new_typed_literal("1", xsd::INTEGER));
    answer(&headers, address.as_deref(), &said, false)
}

/// A page: the records whose enrichment changed last behind a place in time.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Path(after): Path<String>,
    RawQuery(address): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ServeError> {
    let place = read_place(&after)?;
    let (said, full) =
        tokio::task::spawn_blocking(move || members(&app.store, &after, place.as_ref())).await.map_err(ServeError::internal)??;
    answer(&headers, address.as_deref(), &said, full)
}

fn node(iri: String) -> NamedNode {
    NamedNode::new_unchecked(iri)
}

fn ours(error: impl std::fmt::Display) -> ServeError {
    SourceError::Failed(error.to_string()).into()
}

fn describe(stream: &NamedNode, said: &mut Said) {
    said.say(stream.clone(), rdf::TYPE, ldes::EVENT_STREAM);
    said.say(stream.clone(), ldes::TIMESTAMP_PATH, prov::GENERATED_AT_TIME);
    said.say(stream.clone(), ldes::VERSION_OF_PATH, dcterms::IS_VERSION_OF);
    said.say(
        stream.clone(),
        dcterms::TITLE,
        Literal::new_language_tagged_literal_unchecked("What is said about the records, version by version", "en"),
    );
}

/// From one page to another that begins at a time.
fn lead(from: &NamedNode, to: &NamedNode, time: Timestamp, said: &mut Said) {
    // A name of its own, so that the same page is the same bytes.
    let relation = BlankNode::new_unchecked("next");
    said.say(from.clone(), tree::RELATION, relation.clone());
    said.say(relation.clone(), rdf::TYPE, tree::GREATER_THAN_OR_EQUAL_TO_RELATION);
    said.say(relation.clone(), tree::NODE_OF, to.clone());
    said.say(relation.clone(), tree::PATH, prov::GENERATED_AT_TIME);
    said.say(relation, tree::VALUE, moment(time));
}

fn moment(time: Timestamp) -> Literal {
    Literal::new_typed_literal(time.to_string(), xsd::DATE_TIME)
}

/// Where a page begins: behind a record with its datestamp in microseconds, or at the beginning.
fn read_place(after: &str) -> Result<Option<(Timestamp, RecordKey)>, ServeError> {
    if after == "0" {
        return Ok(None);
    }
    let place = after.split_once('-').and_then(|(time, key)| {
        let time = Timestamp::from_microsecond(time.parse().ok()?).ok()?;
        Some((time, RecordKey::parse(key)?))
    });
    place.map(Some).ok_or_else(|| ServeError::not_found("the stream has no such page; it begins at /ldes"))
}

fn members(store: &Store, after: &str, place: Option<&(Timestamp, RecordKey)>) -> Result<(Said, bool), ServeError> {
    let base = store.base();
    let (stream, own) = (node(format!("{}ldes", base.as_str())), node(format!("{}ldes/after/{after}", base.as_str())));
    // Only what is settled: nothing will be stamped before it any more.
    let until = Timestamp::from_microsecond(store.settled_until().as_microsecond() - 1).map_err(ours)?;
    let span = Span { from: Timestamp::MIN, until };
    let after = place.map(|(time, key)| (*time, key));
    let found = store.index().stamped_page(StampList::default(), span, after, PAGE).map_err(ours)?;
    let mut said = Said::default();
    describe(&stream, &mut said);
    said.say(stream.clone(), tree::VIEW, own.clone());
    said.say(own.clone(), rdf::TYPE, tree::NODE);
    for stamped in &found {
        member(store, &stream, stamped, &mut said)?;
    }
    let full = found.len() == PAGE;
    if let (true, Some(last)) = (full, found.last()) {
        let next = node(format!("{}ldes/after/{}-{}", base.as_str(), last.datestamp.as_microsecond(), last.key));
        lead(&own, &next, last.datestamp, &mut said);
    }
    Ok((said, full))
}

/// What is said about a record now: its annotations as parts of the version, so that whoever follows the stream needs nothing else.
fn member(store: &Store, stream: &NamedNode, stamped: &Stamped, said: &mut Said) -> Result<(), ServeError> {
    let base = store.base();
    let listed = store.index().record(&stamped.key).map_err(ours)?;
    let enriched = listed.as_ref().is_some_and(|listed| listed.annotations > 0);
    if !enriched && stamped.published == Standing::Never && !stamped.gone {
        return Ok(());
    }
    let version = node(format!("{}#{}-{}", stream.as_str(), stamped.key, stamped.datestamp.as_microsecond()));
    said.say(stream.clone(), tree::MEMBER, version.clone());
    said.say(version.clone(), dcterms::IS_VERSION_OF, base.source_graph(&stamped.key));
    said.say(version.clone(), prov::GENERATED_AT_TIME, moment(stamped.datestamp));
    let Some(listed) = listed else {
        said.say(version, rdf::TYPE, activity_streams::DELETE);
        return Ok(());
    };
    said.say(version.clone(), rdf::TYPE, activity_streams::UPDATE);
    said.say(version.clone(), foaf::PRIMARY_TOPIC, node(listed.cho.clone()));
    if !stamped.provider.is_empty() {
        said.say(version.clone(), edm::DATA_PROVIDER, Literal::new_simple_literal(&stamped.provider));
    }
    if stamped.published == Standing::Now {
        said.say(version.clone(), prov::SPECIALIZATION_OF, base.aggregator_proxy(&stamped.key));
    }
    let published = store.triples(&base.published_graph(&stamped.key)).map_err(ours)?;
    let mut number = 0;
    for facts in enrichments_of(store, &stamped.key).map_err(ours)?.iter().filter(|facts| facts.replaced_by.is_none()) {
        for annotation in annotations_of(store, &facts.graph).map_err(ours)? {
            let part = BlankNode::new_unchecked(format!("a{}n{number}", &short_key([stamped.key.as_str()])[..12]));
            number += 1;
            said.say(version.clone(), activity_streams::ITEMS, part.clone());
            said.say(part.clone(), rdf::TYPE, oa::ANNOTATION);
            said.say(part.clone(), prov::SPECIALIZATION_OF, annotation.iri.clone());
            said.say(part.clone(), oa::HAS_BODY, annotation.concept.clone());
            said.say(part.clone(), oa::HAS_SOURCE, annotation.web_resource.clone());
            said.say(part.clone(), enr::PROPOSED_PROPERTY, annotation.property.clone());
            said.say(part.clone(), dcterms::CREATOR, annotation.creator.clone());
            if let Some(confidence) = annotation.confidence {
                let digits = format!("{confidence:.4}");
                said.say(part.clone(), soa::CONFIDENCE, Literal::new_typed_literal(digits, xsd::DECIMAL));
            }
            if published.iter().any(|t| t.predicate == annotation.property && t.object == Term::from(annotation.concept.clone())) {
                said.say(part, prov::WAS_INFLUENCED_BY, base.aggregator_proxy(&stamped.key));
            }
        }
    }
    Ok(())
}

fn answer(headers: &HeaderMap, address: Option<&str>, said: &Said, full: bool) -> Result<Response, ServeError> {
    let format = match linked::wanted(address.unwrap_or_default(), headers, false)? {
        Form::Rdf(format) => format,
        _ => crate::store::query::AnswerFormat::Turtle,
    };
    let bytes = linked::write(&said.0, format)?;
    let tag = format!("W/\"{}\"", &short_key([bytes.as_slice(), format.ending().as_bytes()])[..24]);
    let mut response = if text(headers, &header::IF_NONE_MATCH) == tag {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, format.media_type())], bytes).into_response()
    };
    open_to_all(response.headers_mut());
    let told = response.headers_mut();
    let caching = if full { "public, max-age=604800, immutable" } else { "public, max-age=5" };
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        told.insert(header::ETAG, tag);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert!(read_place("0").expect("a place").is_none());
        let key = "0123456789abcdef0123456789abcdef";
        let (time, found) = read_place(&format!("1700000000000001-{key}")).expect("a place").expect("one");
        assert_eq!((time.as_microsecond(), found.as_str()), (1_700_000_000_000_001, key));
        for wrong in ["", "x", "1-2", "-1", "99999999999999999999-0123456789abcdef0123456789abcdef"] {
            assert!(read_place(wrong).is_err(), "{wrong}");
        }
    }
}
