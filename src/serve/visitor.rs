//! Who looks: the languages that a visitor reads.

use axum::http::{HeaderMap, header};

use super::{form, protocol::text};

/// A visitor of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The languages that they read, the best first, in lower case; English stands at the end if nowhere else.
    pub languages: Vec<String>,
}

impl Visitor {
    /// From `?lang=` if it is there, and from `Accept-Language`.
    pub(super) fn of(address: Option<&str>, headers: &HeaderMap) -> Self {
        let asked = address.and_then(|a| form::pairs(a).ok()).and_then(|pairs| form::only(&pairs, "lang").ok().flatten());
        let accepted = text(headers, &header::ACCEPT_LANGUAGE);
        let mut weighted: Vec<(f32, String)> = accepted.split(',').take(30).filter_map(weighted).collect();
        weighted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut languages: Vec<String> = Vec::new();
        for tag in asked.into_iter().chain(weighted.into_iter().map(|(_, tag)| tag)).chain(["en".to_owned()]) {
            let tag = tag.trim().to_ascii_lowercase();
            let known = languages.contains(&tag) || tag.is_empty() || tag.len() > 35;
            if !known && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                languages.push(tag);
            }
        }
        Self { languages }
    }

    /// The place of a language tag in what the visitor reads: the smaller, the better. A tag without its region will do for one with it.
    pub fn rank(&self, tag: &str) -> usize {
        let tag = tag.to_ascii_lowercase();
        let primary = |t: &str| t.split('-').next().unwrap_or_default().to_owned();
        let exact = self.languages.iter().position(|l| *l == tag).map(|p| p * 2);
        let near = self.languages.iter().position(|l| primary(l) == primary(&tag)).map(|p| p * 2 + 1);
        exact.into_iter().chain(near).min().unwrap_or(if tag.is_empty() { usize::MAX - 1 } else { usize::MAX })
    }
}

fn weighted(part: &str) -> Option<(f32, String)> {
    let (tag, quality) = part.split_once(';').map_or((part, None), |(tag, q)| (tag, q.trim().strip_prefix("q=")));
    let quality = quality.map_or(1.0, |q| q.trim().parse().unwrap_or(1.0));
    (quality > 0.0 && tag.trim() != "*").then(|| (quality, tag.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_and_english_comes_last() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "de;q=0.5, sv-SE, *;q=0.1".parse().expect("a header"));
        let visitor = Visitor::of(Some("lang=NL"), &headers);
        assert_eq!(visitor.languages, ["nl", "sv-se", "de", "en"]);
        assert!(visitor.rank("sv") < visitor.rank("de"));
        assert!(visitor.rank("") < visitor.rank("fr"));
        assert_eq!(Visitor::of(Some("lang=%3Cscript%3E"), &HeaderMap::new()).languages, ["en"]);
    }
}
