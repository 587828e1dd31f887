//! In which form a client wants a thing: a page, one of RDF's syntaxes, or the Web Annotation model's JSON-LD.

use axum::http::{HeaderMap, StatusCode, header};

use crate::{
    serve::{ServeError, form, protocol::text},
    store::query::{AnswerFormat, negotiate, prefers_html},
};

/// The media type's profile by which a client asks for the Web Annotation model.
pub(super) const ANNO: &str = "http://www.w3.org/ns/anno.jsonld";
/// The media type with it.
pub(super) const ANNO_TYPE: &str = "application/ld+json; profile=\"http://www.w3.org/ns/anno.jsonld\"";

/// A form in which a thing is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Form {
    /// A page for people.
    Page,
    /// Triples or quads.
    Rdf(AnswerFormat),
    /// The Web Annotation model.
    WebAnnotation,
}

impl Form {
    /// All of them; an ending that ends in another's comes before it.
    pub(super) const ALL: [Self; 8] = [
        Self::WebAnnotation,
        Self::Page,
        Self::Rdf(AnswerFormat::Turtle),
        Self::Rdf(AnswerFormat::JsonLd),
        Self::Rdf(AnswerFormat::NTriples),
        Self::Rdf(AnswerFormat::RdfXml),
        Self::Rdf(AnswerFormat::NQuads),
        Self::Rdf(AnswerFormat::TriG),
    ];

    /// What stands behind the dot in the document's address.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Page => "html",
            Self::Rdf(format) => format.ending(),
            Self::WebAnnotation => "anno.jsonld",
        }
    }

    /// The `Content-Type`.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Page => "text/html; charset=utf-8",
            Self::Rdf(format) => format.media_type(),
            Self::WebAnnotation => ANNO_TYPE,
        }
    }

    /// What it is called on a page.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Page => "HTML",
            Self::WebAnnotation => "Web Annotation",
            Self::Rdf(AnswerFormat::Turtle) => "Turtle",
            Self::Rdf(AnswerFormat::JsonLd) => "JSON-LD",
            Self::Rdf(AnswerFormat::NTriples) => "N-Triples",
            Self::Rdf(AnswerFormat::RdfXml) => "RDF/XML",
            Self::Rdf(AnswerFormat::NQuads) => "N-Quads",
            Self::Rdf(_) => "TriG",
        }
    }
}

/// The form that a request asks for: by `?format=` (an ending or a media type) or by what it accepts. 406 where we have none of it.
pub(in crate::serve) fn wanted(address: &str, headers: &HeaderMap, annotation: bool) -> Result<Form, ServeError> {
    let accept = text(headers, &header::ACCEPT);
    let named = form::only(&form::pairs(address)?, "format")?.filter(|f| !f.is_empty());
    if let Some(name) = named {
        let lower = name.to_ascii_lowercase();
        let own = Form::ALL.into_iter().find(|f| f.ending() == lower || f.media_type() == lower);
        let other = || AnswerFormat::named(&lower).into_iter().find(|f| AnswerFormat::GRAPHS.contains(f)).map(Form::Rdf);
        return own.filter(|f| annotation || *f != Form::WebAnnotation).or_else(other).ok_or_else(not_acceptable);
    }
    if prefers_html(&accept) {
        return Ok(Form::Page);
    }
    match negotiate(&accept, &AnswerFormat::GRAPHS).ok_or_else(not_acceptable)? {
        AnswerFormat::JsonLd if annotation && accept.contains(ANNO) => Ok(Form::WebAnnotation),
        format => Ok(Form::Rdf(format)),
    }
}

/// 406, with what there is.
pub(super) fn not_acceptable() -> ServeError {
    let list: Vec<String> = Form::ALL.into_iter().map(|f| format!("{} (.{})", f.media_type(), f.ending())).collect();
    ServeError::new(StatusCode::NOT_ACCEPTABLE, format!("there is: {}", list.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(address: &str, accept: &str, annotation: bool) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header"));
        wanted(address, &headers, annotation).ok()
    }

    #[test]
    fn forms_are_told_apart() {
        assert_eq!(asked("", "*/*", false), Some(Form::Rdf(AnswerFormat::Turtle)));
        assert_eq!(asked("", "text/html,*/*;q=0.8", false), Some(Form::Page));
        assert_eq!(asked("", ANNO_TYPE, true), Some(Form::WebAnnotation));
        assert_eq!(asked("", ANNO_TYPE, false), Some(Form::Rdf(AnswerFormat::JsonLd)));
        assert_eq!(asked("format=rdf", "text/html", false), Some(Form::Rdf(AnswerFormat::RdfXml)));
        assert_eq!(asked("format=json", "", false), Some(Form::Rdf(AnswerFormat::JsonLd)));
        assert_eq!(asked("format=anno.jsonld", "", false), None);
        assert_eq!(asked("", "image/png", false), None);
        assert_eq!(asked("format=csv", "", false), None);
    }
}
