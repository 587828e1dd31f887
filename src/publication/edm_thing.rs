//! One thing of a record as EDM's XML wants it: what is said about it, put in order, and what the schema has no place for told.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io,
};

use quick_xml::{Writer, events::BytesText};

use crate::{
    rdf::{expanded, iri::mend, ns::xsd, prefixed, xml::clean},
    validation::edm_class::{Class, Content, Element},
};

/// Who made a statement, and how sure they were: Europeana's two attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// `SoftwareAgent` or `Person`.
    pub(super) by: Option<String>,
    /// A plain decimal from 0 to 1.
    pub(super) confidence: Option<String>,
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// Something with an IRI.
    Reference(String),
    /// Text.
    Text {
        /// The language tag.
        language: Option<String>,
        /// The text.
        text: String,
        /// The datatype's IRI, where it is not plain text.
        datatype: Option<String>,
    },
}

impl Value {
    /// Plain text in a language, or in none.
    pub(super) fn text(text: &str, language: &str) -> Self {
        let language = (!language.is_empty()).then(|| language.to_owned());
        Self::Text { language, text: text.to_owned(), datatype: None }
    }
}

/// Something that is described: one element for each of its classes.
#[derive(Debug)]
pub(super) struct Thing {
    about: String,
    classes: Vec<&'static Class>,
    /// By the property's prefixed name, or its IRI where no prefix of EDM's serves.
    said: BTreeMap<String, BTreeMap<Value, Origin>>,
}

/// What could not be written, and what should have been there.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    pub(super) left_out: Vec<String>,
    pub(super) missing: Vec<String>,
}

impl Thing {
    pub(super) fn new(about: &str, class: &'static Class) -> Self {
        Self { about: about.to_owned(), classes: vec![class], said: BTreeMap::new() }
    }

    /// Whether it is the thing with this IRI.
    pub(super) fn is_about(&self, iri: &str) -> bool {
        self.about == iri
    }

    /// Makes it a thing of this class too.
    pub(super) fn is_also(&mut self, class: &'static Class) {
        if !self.is_a(class) {
            self.classes.push(class);
        }
    }

    pub(super) fn is_a(&self, class: &Class) -> bool {
        self.classes.iter().any(|c| c.name == class.name)
    }

    /// Whether one of its classes has elements of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.classes.iter().any(|class| class.has(name))
    }

    /// Adds a statement. What was said already stands as it was said first.
    pub(super) fn say(&mut self, property: &str, value: Value, origin: Origin) {
        self.said.entry(prefixed(property)).or_default().entry(value).or_insert(origin);
    }

    /// The values of a property, by its prefixed name.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.said.get(name).into_iter().flat_map(BTreeMap::keys)
    }

    /// Writes its element of one class.
    pub(super) fn write(&self, class: &'static Class, writer: &mut Writer<Vec<u8>>, remarks: &mut Remarks) -> io::Result<()> {
        let children: Vec<Child<'_>> = class.elements.iter().flat_map(|element| self.children(class, element, remarks)).collect();
        for element in class.elements.iter().filter(|e| e.needed && !children.iter().any(|c| c.name == e.name)) {
            remarks.missing.push(format!("the {} <{}> has no {}", class.name, self.about, element.name));
            if class.dispensable {
                remarks.left_out.push(format!("the {} <{}>: it has no {}", class.name, self.about, element.name));
                return Ok(());
            }
        }
        let element = writer.create_element(class.name).with_attribute(("rdf:about", &*clean(&self.about)));
        if children.is_empty() {
            element.write_empty()?;
        } else {
            element.write_inner_content(|writer| children.iter().try_for_each(|child| child.write(writer)))?;
        }
        Ok(())
    }

    /// Tells of what none of its classes has a place for.
    pub(super) fn tell_left_over(&self, remarks: &mut Remarks) {
        for name in self.said.keys().filter(|name| !self.has(name)) {
            let classes: BTreeSet<&str> = self.classes.iter().map(|c| c.name).collect();
            let classes = classes.into_iter().collect::<Vec<_>>().join(" and ");
            remarks.left_out.push(format!("{name} of <{}>: {classes} has no such element", self.about));
        }
    }

    /// The elements of one kind, as many as there may be.
    fn children<'t>(&'t self, class: &Class, element: &'static Element, remarks: &mut Remarks) -> Vec<Child<'t>> {
        let mut children = Vec::new();
        for (value, origin) in self.said.get(element.name).into_iter().flatten() {
            let mut leave_out = |reason: &str| remarks.left_out.push(format!("{} of <{}>: {reason}", element.name, self.about));
            if children.len() == element.most {
                leave_out(&format!("{} takes {} of them at most", class.name, element.most));
                continue;
            }
            match Child::new(element, value) {
                Ok(child) if element.content.takes_origin() => children.push(Child { origin: Some(origin), ..child }),
                Ok(child) => {
                    if *origin != Origin::default() {
                        leave_out("the element takes neither edm:wasGeneratedBy nor edm:confidenceLevel; they were");
                    }
                    children.push(child);
                }
                Err(reason) => leave_out(&reason),
            }
        }
        children
    }
}

/// One statement as an element.
struct Child<'t> {
    name: &'static str,
    text: Option<Cow<'t, str>>,
    resource: Option<Cow<'t, str>>,
    language: Option<&'t str>,
    datatype: Option<Cow<'t, str>>,
    origin: Option<&'t Origin>,
}

impl<'t> Child<'t> {
    /// Brings a value into the form that the element wants. A reference where only text may stand is written as text, and text that is a
    /// web address as a reference where only that may stand: it says the same.
    fn new(element: &'static Element, value: &'t Value) -> Result<Self, String> {
        let mut child = Self { name: element.name, text: None, resource: None, language: None, datatype: None, origin: None };
        if matches!(value, Value::Text { text, .. } if clean(text).trim().is_empty()) {
            return Err("it is empty".to_owned());
        }
        match (element.content, value) {
            (Content::Text, Value::Text { text, language, datatype }) => {
                child.text = Some(clean(text));
                child.language = language.as_deref().filter(|l| is_language(l));
                child.datatype = datatype.as_deref().map(Cow::Borrowed);
            }
            (Content::Either, Value::Text { text, language, .. }) => {
                child.text = Some(clean(text));
                child.language = language.as_deref().filter(|l| is_language(l));
            }
            (Content::Text, Value::Reference(iri)) => child.text = Some(clean(iri)),
            (Content::Either | Content::Reference, Value::Reference(iri)) => child.resource = Some(clean(iri)),
            (Content::Reference, Value::Text { text, .. }) => match web_address(text) {
                Some(iri) => child.resource = Some(iri),
                None => return Err(format!("it wants a reference, and `{}` is text", shortened(text))),
            },
            (Content::Bare(is) | Content::Typed(_, is), Value::Text { text, .. }) if is(text.trim()) => {
                child.text = Some(Cow::Borrowed(text.trim()));
                if let Content::Typed(datatype, _) = element.content {
                    child.datatype = expanded(datatype).map(Cow::Owned);
                }
            }
            (Content::Bare(_) | Content::Typed(..), Value::Text { text: value, .. } | Value::Reference(value)) => {
                return Err(format!("`{}` is not what the element may hold", shortened(value)));
            }
        }
        Ok(child)
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let mut element = writer.create_element(self.name);
        let origin = self.origin.map(|o| (o.by.as_deref(), o.confidence.as_deref())).unwrap_or_default();
        let attributes = [
            ("xml:lang", self.language),
            ("rdf:datatype", self.datatype.as_deref()),
            ("rdf:resource", self.resource.as_deref()),
            ("edm:wasGeneratedBy", origin.0),
            ("edm:confidenceLevel", origin.1),
        ];
        for (name, value) in attributes {
            if let Some(value) = value {
                element = element.with_attribute((name, value));
            }
        }
        match &self.text {
            Some(text) => element.write_text_content(BytesText::from_escaped(escaped(text)))?,
            None => element.write_empty()?,
        };
        Ok(())
    }
}

/// A datatype worth writing: not that of plain text.
pub(super) fn datatype(iri: &str) -> Option<String> {
    (iri != xsd::STRING.as_str()).then(|| iri.to_owned())
}

/// A carriage return is escaped: a parser would read it as a line feed (section 2.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            _ => out.push(c),
        }
    }
    out
}

/// What XML Schema takes for a language.
fn is_language(tag: &str) -> bool {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = tag.split('-').next().unwrap_or_default();
    first.bytes().all(|b| b.is_ascii_alphabetic()) && tag.split('-').all(part)
}

fn web_address(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let iri = mend(text).map_or(Cow::Borrowed(text), Cow::Owned);
    let parsed = oxiri::Iri::parse(iri.as_ref()).ok()?;
    let is_web = matches!(parsed.scheme(), "http" | "https") && parsed.authority().is_some_and(|a| !a.is_empty());
    is_web.then_some(iri)
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::edm_class::{AGGREGATION, CHO, WEB_RESOURCE};

    fn written(thing: &Thing, class: &'static Class) -> (String, Remarks) {
        let (mut writer, mut remarks) = (Writer::new(Vec::new()), Remarks::default());
        thing.write(class, &mut writer, &mut remarks).unwrap();
        thing.tell_left_over(&mut remarks);
        (String::from_utf8(writer.into_inner()).unwrap(), remarks)
    }

    fn thing(class: &'static Class, said: &[(&str, Value)]) -> Thing {
        let mut thing = Thing::new("http://museum.example/1", class);
        for (name, value) in said {
            thing.say(&expanded(name).unwrap(), value.clone(), Origin::default());
        }
        thing
    }

    #[test]
    fn elements_stand_in_the_order_of_the_schema() {
        let reference = |iri: &str| Value::Reference(iri.to_owned());
        let aggregation = thing(
            &AGGREGATION,
            &[
                ("edm:rights", reference("http://creativecommons.org/publicdomain/mark/1.0/")),
                ("edm:provider", Value::text("Examples", "en")),
                ("edm:isShownBy", Value::text(" http://museum.example/a b.jpg ", "")),
                ("edm:aggregatedCHO", reference("http://museum.example/1")),
            ],
        );
        let (xml, remarks) = written(&aggregation, &AGGREGATION);
        let at = |name: &str| xml.find(&format!("<edm:{name}")).unwrap();
        assert!(at("aggregatedCHO") < at("isShownBy") && at("isShownBy") < at("provider") && at("provider") < at("rights"), "{xml}");
        assert!(xml.contains(r#"<edm:isShownBy rdf:resource="http://museum.example/a%20b.jpg"/>"#), "{xml}");
        assert!(remarks.left_out.is_empty() && remarks.missing.is_empty(), "{remarks:?}");
    }

    #[test]
    fn what_the_schema_does_not_know_is_told_and_left_out() {
        let cho = thing(
            &CHO,
            &[
                ("dc:title", Value::text("A \u{1}& B\r", "en")),
                ("dc:date", Value::text(" ", "")),
                ("edm:hasMet", Value::text("somebody", "")),
                ("edm:type", Value::text("PICTURE", "")),
                ("foaf:name", Value::text("x", "")),
            ],
        );
        let (xml, remarks) = written(&cho, &CHO);
        assert!(xml.contains(r#"<dc:title xml:lang="en">A &amp; B&#13;</dc:title>"#), "{xml}");
        assert_eq!(remarks.left_out.len(), 4, "{remarks:?}");
        assert_eq!(remarks.missing, ["the edm:ProvidedCHO <http://museum.example/1> has no edm:type"]);
    }

    #[test]
    fn numbers_have_their_datatype_and_come_once() {
        let web = thing(&WEB_RESOURCE, &[("ebucore:width", Value::text("800", "")), ("ebucore:width", Value::text("900", ""))]);
        let (xml, remarks) = written(&web, &WEB_RESOURCE);
        assert!(xml.contains(r#"<ebucore:width rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">800</ebucore:width>"#), "{xml}");
        assert_eq!(remarks.left_out.len(), 1);
    }

    #[test]
    fn languages_are_those_of_xml_schema() {
        assert!(is_language("en") && is_language("zh-Hant-x-private"));
        assert!(!is_language("de-toolongsubtag") && !is_language("1a") && !is_language(""));
    }
}
