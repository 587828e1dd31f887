//! The tags of an XML text, one after the other, also where the text is not well formed: an answer whose records are broken still has a
//! frame in which each of them can be found.

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    Empty,
}

/// One tag, and where it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'t> {
    pub(super) kind: Kind,
    /// Its name, with the prefix.
    pub(super) name: &'t str,
    attributes: &'t str,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'t> Tag<'t> {
    /// Its name without the prefix.
    pub(super) fn local(&self) -> &'t str {
        self.name.rsplit(':').next().unwrap_or(self.name)
    }

    /// Its attributes as they are written: names, and values with their references.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (name, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            rest = after;
            Some((name.trim(), value))
        })
    }

    /// The value of one attribute, its references resolved.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.attributes().find(|(n, _)| *n == name).map(|(_, value)| unescape(value))
    }
}

/// Text with its references resolved; where they cannot be, as it is.
pub(super) fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// Walks over the tags of a text. Comments, CDATA, processing instructions and declarations are passed over.
#[derive(Clone, Debug)]
pub(super) struct Tags<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tags<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// Goes on from this place.
    pub(super) fn leap(&mut self, to: usize) {
        self.at = to;
    }

    fn behind(&self, from: usize, end: &str) -> usize {
        self.text.get(from..).and_then(|rest| rest.find(end)).map_or(self.text.len(), |at| from + at + end.len())
    }

    /// The tag that begins here, if one does.
    fn tag(&self, start: usize) -> Option<Tag<'t>> {
        let inside = self.text.get(start + 1..)?;
        let (kind, name_at) = if inside.starts_with('/') { (Kind::End, start + 2) } else { (Kind::Start, start + 1) };
        let named = self.text.get(name_at..)?;
        let length = named.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '<' | '=' | '"' | '\''))?;
        let name = named.get(..length)?;
        if !name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':')) {
            return None;
        }
        let mut quote = None;
        for (at, c) in named.get(length..)?.char_indices() {
            let at = name_at + length + at;
            match (quote, c) {
                // A `<` inside a tag is the beginning of another, and this one was none.
                (_, '<') => return None,
                (Some(q), c) if c == q => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '>') => {
                    let inner = self.text.get(name_at + length..at)?;
                    let empty = kind == Kind::Start && inner.ends_with('/');
                    let kind = if empty { Kind::Empty } else { kind };
                    let attributes = inner.strip_suffix('/').unwrap_or(inner);
                    return Some(Tag { kind, name, attributes, start, end: at + 1 });
                }
                _ => {}
            }
        }
        None
    }
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        loop {
            let start = self.at + self.text.get(self.at..)?.find('<')?;
            let rest = self.text.get(start..)?;
            if rest.starts_with("<!--") {
                self.at = self.behind(start + 4, "-->");
            } else if rest.starts_with("<![CDATA[") {
                self.at = self.behind(start + 9, "]]>");
            } else if rest.starts_with("<?") {
                self.at = self.behind(start + 2, "?>");
            } else if let Some(tag) = self.tag(start) {
                self.at = tag.end;
                return Some(tag);
            } else {
                self.at = start + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_among_rubble() {
        let text = "<?xml x?><!-- <no> --><a:b c='1>2' d = \"x&amp;y\"><![CDATA[<no>]]>1 < 2 & <broken <e/></a:b>";
        let tags: Vec<_> = Tags::new(text).map(|t| (t.kind, t.name, t.local())).collect();
        assert_eq!(tags, [(Kind::Start, "a:b", "b"), (Kind::Empty, "e", "e"), (Kind::End, "a:b", "b")]);
        let first = Tags::new(text).next();
        assert_eq!(first.and_then(|t| t.attribute("d")).as_deref(), Some("x&y"));
        assert_eq!(first.and_then(|t| t.attribute("c")).as_deref(), Some("1>2"));
        assert_eq!(Tags::new("<a").count() + Tags::new("<").count() + Tags::new("").count(), 0);
    }
}
