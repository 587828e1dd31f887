//! Which format a client wants, by RFC 9110 section 12.5.1: quality, then specificity, then our own preference.

use super::AnswerFormat;

/// One range of an `Accept` header.
#[derive(Clone, Debug, PartialEq)]
struct Range<'a> {
    main: &'a str,
    sub: &'a str,
    /// Parameters that our media types do not have make it ask for something else; `charset=utf-8` and profiles are let pass.
    quality: f32,
}

impl Range<'_> {
    /// How specifically it names the media type: 3 is exactly; none is not at all.
    fn names(&self, media_type: &str) -> Option<u8> {
        let (main, sub) = media_type.split_once('/')?;
        if self.main == "*" && self.sub == "*" {
            Some(1)
        } else if self.main.eq_ignore_ascii_case(main) && self.sub == "*" {
            Some(2)
        } else if self.main.eq_ignore_ascii_case(main) && self.sub.eq_ignore_ascii_case(sub) {
            Some(3)
        } else {
            None
        }
    }
}

/// The ranges of a header. What is no range is passed over.
fn ranges(accept: &str) -> Vec<Range<'_>> {
    accept.split(',').filter_map(range).take(100).collect()
}

fn range(text: &str) -> Option<Range<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let (main, sub) = parts.next()?.split_once('/')?;
    let token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if !token(main) || !token(sub) || (main == "*" && sub != "*") {
        return None;
    }
    let mut quality = 1.0;
    for parameter in parts {
        let Some((name, value)) = parameter.split_once('=') else { continue };
        if name.trim().eq_ignore_ascii_case("q") {
            // Lenient: a quality that is none is 1.
            quality = value.trim().parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(1.0);
        } else if name.trim().eq_ignore_ascii_case("charset") && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") {
            return None;
        }
    }
    Some(Range { main, sub, quality })
}

/// The quality that a client gives a media type; 0 where it does not accept it. No header, or one without any range, accepts all.
pub fn accepts(accept: &str, media_type: &str) -> f32 {
    let ranges = ranges(accept);
    if ranges.is_empty() { 1.0 } else { quality(&ranges, media_type).map_or(0.0, |(q, _)| q) }
}

/// The quality of the most specific range that names the media type, and how specific it is.
fn quality(ranges: &[Range<'_>], media_type: &str) -> Option<(f32, u8)> {
    ranges.iter().filter_map(|r| Some((r.quality, r.names(media_type)?))).max_by_key(|(_, specific)| *specific)
}

/// The best of these formats for an `Accept` header, or nothing where the client wants none of them.
pub fn negotiate(accept: &str, ours: &[AnswerFormat]) -> Option<AnswerFormat> {
    let ranges = ranges(accept);
    if ranges.is_empty() {
        return ours.first().copied();
    }
    let mut best: Option<((f32, u8), AnswerFormat)> = None;
    for format in ours {
        // Its own name first: asked for by a synonym it is a little less what was meant.
        let own = format.asked_as().iter().enumerate().filter_map(|(place, name)| {
            let (quality, specific) = quality(&ranges, name)?;
            (quality > 0.0).then_some((quality, specific * 2 - u8::from(place > 0)))
        });
        let Some(rank) = own.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))) else { continue };
        let refused = quality(&ranges, format.asked_as().first().unwrap_or(&"")).is_some_and(|(q, s)| q == 0.0 && s == 3);
        let better = best.is_none_or(|(b, _)| rank.0.total_cmp(&b.0).then(rank.1.cmp(&b.1)).is_gt());
        if better && !refused {
            best = Some((rank, *format));
        }
    }
    best.map(|(_, format)| format)
}

/// Whether this is a browser: it names HTML, and nothing of ours is worth more to it.
pub fn prefers_html(accept: &str) -> bool {
    let ranges = ranges(accept);
    let html = ["text/html", "application/xhtml+xml"]
        .into_iter()
        .filter_map(|name| quality(&ranges, name).filter(|(_, specific)| *specific == 3))
        .map(|(quality, _)| quality)
        .fold(0.0, f32::max);
    // `application/xml` stands in every browser's header; only a format of its own name counts against HTML.
    let ours = AnswerFormat::TABLES.iter().chain(&AnswerFormat::GRAPHS).filter_map(|f| f.asked_as().first());
    let best = ours.filter_map(|name| quality(&ranges, name).filter(|(_, s)| *s == 3)).map(|(q, _)| q).fold(0.0, f32::max);
    html > 0.0 && html >= best
}

#[cfg(test)]
mod tests {
    use super::*;
    use AnswerFormat::{Csv, Json, JsonLd, NTriples, RdfXml, Tsv, Turtle, Xml};

    #[test]
    fn tables() {
        for (accept, format) in [
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("garbage", Some(Json)),
            ("application/json", Some(Json)),
            ("text/csv", Some(Csv)),
            ("text/*", Some(Csv)),
            ("text/*;q=0.5, application/sparql-results+xml;q=0.4", Some(Csv)),
            ("application/sparql-results+xml, */*;q=0.1", Some(Xml)),
            ("application/xml", Some(Xml)),
            ("application/sparql-results+json;q=0.5, text/tab-separated-values", Some(Tsv)),
            ("application/sparql-results+json;q=0, */*", Some(Xml)),
            ("text/csv;q=abc", Some(Csv)),
            ("TEXT/CSV; Charset=UTF-8", Some(Csv)),
            ("text/csv;charset=iso-8859-1", Some(Json)),
            ("image/png", None),
            ("*/*;q=0", None),
            ("text/turtle", None),
            ("*/csv, text/csv", Some(Csv)),
        ] {
            assert_eq!(negotiate(accept, &AnswerFormat::TABLES), format, "{accept}");
        }
    }

    #[test]
    fn graphs() {
        for (accept, format) in [
            ("", Some(Turtle)),
            ("application/json", Some(JsonLd)),
            ("application/rdf+xml", Some(RdfXml)),
            ("text/plain", Some(NTriples)),
            ("application/ld+json;profile=\"x\"", Some(JsonLd)),
            ("text/csv", None),
            ("application/rdf+xml;q=0.5,text/turtle;q=0.9,*/*;q=0.1", Some(Turtle)),
        ] {
            assert_eq!(negotiate(accept, &AnswerFormat::GRAPHS), format, "{accept}");
        }
    }

    #[test]
    fn browsers() {
        assert!(prefers_html("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"));
        assert!(!prefers_html("*/*"));
        assert!(!prefers_html(""));
        assert!(!prefers_html("text/turtle, text/html;q=0.5"));
        assert!(!prefers_html("text/html;q=0"));
    }
}
