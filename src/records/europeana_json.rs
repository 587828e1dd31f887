//! The JSON in which Europeana's Record API answers by default: neither JSON-LD nor any other RDF, but EDM under other names.

use oxigraph::model::{Literal, NamedNode, Term, Triple};
use serde_json::{Map, Value};
use url::Url;

use super::{Note, NoteKind, clean::Marked, graph::Graph};
use crate::rdf::{
    iri,
    ns::{self, edm, rdf, xsd},
};

/// Properties whose values are text, also where they look like an address.
const TEXTS: &[&str] = &["dc:identifier", "dc:title", "dc:description", "dcterms:alternative", "dc:language", "dc:format"];
/// What says nothing about the record, or is made from the rest of it.
const LEFT_OUT: &[&str] = &["about", "webResources", "textAttributionSnippet", "htmlAttributionSnippet", "dqvHasQualityAnnotation"];

/// The classes of things, by the name of their list.
const CLASSES: &[(&str, &str)] = &[
    ("providedCHOs", "edm:ProvidedCHO"),
    ("aggregations", "ore:Aggregation"),
    ("europeanaAggregation", "edm:EuropeanaAggregation"),
    ("proxies", "ore:Proxy"),
    ("concepts", "skos:Concept"),
    ("agents", "edm:Agent"),
    ("places", "edm:Place"),
    ("timespans", "edm:TimeSpan"),
    ("organizations", "foaf:Organization"),
    ("licenses", "cc:License"),
    ("services", "svcs:Service"),
];

/// Names that do not follow the rule.
const NAMES: &[(&str, &str)] = &[
    ("proxyIn", "ore:proxyIn"),
    ("proxyFor", "ore:proxyFor"),
    ("lineage", "ore:lineage"),
    ("aggregates", "ore:aggregates"),
    ("europeanaProxy", "edm:europeanaProxy"),
    ("aggregatedCHO", "edm:aggregatedCHO"),
    ("hasView", "edm:hasView"),
    ("webResourceDcRights", "dc:rights"),
    ("webResourceEdmRights", "edm:rights"),
    ("svcsHasService", "svcs:has_service"),
    ("begin", "edm:begin"),
    ("end", "edm:end"),
    ("isPartOf", "dcterms:isPartOf"),
    ("hasPart", "dcterms:hasPart"),
    ("dcTermsHasPart", "dcterms:hasPart"),
    ("isNextInSequence", "edm:isNextInSequence"),
    ("latitude", "wgs84_pos:lat"),
    ("longitude", "wgs84_pos:long"),
    ("altitude", "wgs84_pos:alt"),
    ("foafName", "foaf:name"),
    ("foafLogo", "foaf:logo"),
    ("foafHomepage", "foaf:homepage"),
];

/// Names that begin with their prefix in camel case.
const PREFIXES: &[(&str, &str)] = &[
    ("dcterms", "dcterms"),
    ("dc", "dc"),
    ("edm", "edm"),
    ("ore", "ore"),
    ("ebucore", "ebucore"),
    ("owl", "owl"),
    ("skos", "skos"),
    ("rdf", "rdf"),
    ("rdaGr2", "rdaGr2"),
    ("foaf", "foaf"),
    ("doap", "doap"),
];

/// SKOS's own names, which stand without a prefix.
const SKOS: &[&str] = &[
    "prefLabel",
    "altLabel",
    "hiddenLabel",
    "note",
    "notation",
    "broader",
    "narrower",
    "related",
    "broadMatch",
    "narrowMatch",
    "relatedMatch",
    "exactMatch",
    "closeMatch",
    "inScheme",
    "scopeNote",
    "definition",
];

/// Whether this is such an answer, and if so, the record in it.
pub(super) fn object_of(text: &str) -> Option<Map<String, Value>> {
    // The look at the text spares a second parse of JSON-LD, which is what most of it is.
    if !text.contains("\"proxies\"") || text.contains("\"@context\"") {
        return None;
    }
    let Value::Object(mut answer) = serde_json::from_str(text).ok()? else { return None };
    let object = match answer.remove("object") {
        Some(Value::Object(object)) => object,
        _ => answer,
    };
    (object.contains_key("proxies") && object.contains_key("aggregations")).then_some(object)
}

/// The record as a graph.
pub(super) fn graph(object: &Map<String, Value>) -> Graph {
    let mut record = Record { graph: Graph::default(), cho: String::new(), datasets: Vec::new() };
    let proxies = object.get("proxies").and_then(Value::as_array);
    let cho = proxies.into_iter().flatten().find_map(|p| p.get("proxyFor")?.as_str());
    record.cho = cho.map(europeana).unwrap_or_default();
    if let Ok(cho) = NamedNode::new(&record.cho) {
        record.graph.triples.push(Triple::new(cho, rdf::TYPE, edm::PROVIDED_CHO));
    }
    let names = ["edmDatasetName", "europeanaCollectionName"].into_iter().find_map(|n| object.get(n));
    record.datasets.extend(names.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    for (list, class) in CLASSES {
        match object.get(*list) {
            Some(Value::Array(things)) => things.iter().for_each(|thing| record.thing(thing, class)),
            Some(thing @ Value::Object(_)) => record.thing(thing, class),
            _ => {}
        }
    }
    record.graph
}

/// Europeana's own IRIs are written without their beginning.
fn europeana(reference: &str) -> String {
    if reference.starts_with('/') { format!("{}{}", ns::EUROPEANA.trim_end_matches('/'), reference) } else { reference.to_owned() }
}

struct Record {
    graph: Graph,
    cho: String,
    datasets: Vec<String>,
}

impl Record {
    fn note(&mut self, text: String) {
        self.graph.notes.push(Marked { subject: None, note: Note::new(None, NoteKind::LeftOut, text) });
    }

    fn thing(&mut self, thing: &Value, class: &str) {
        let Some(fields) = thing.as_object() else { return };
        let about = fields.get("about").and_then(Value::as_str).unwrap_or_default();
        let Some(subject) = self.reference(about) else {
            return self.note(format!("a {class} whose name is `{about}`, which is no IRI, was left out"));
        };
        if let Some(class) = ns::expand(class) {
            self.graph.triples.push(Triple::new(subject.clone(), rdf::TYPE, class));
        }
        for (name, value) in fields.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
            let Some((short, predicate)) = property(name) else {
                self.note(format!("`{name}` of a {class} has no property in EDM and was left out"));
                continue;
            };
            self.values(&subject, &short, &predicate, value, "def");
        }
        if class == "edm:EuropeanaAggregation" {
            let names = std::mem::take(&mut self.datasets);
            let name = |n: String| Triple::new(subject.clone(), edm::DATASET_NAME, Literal::new_simple_literal(n));
            self.graph.triples.extend(names.into_iter().map(name));
        }
        for resource in fields.get("webResources").and_then(Value::as_array).into_iter().flatten() {
            self.thing(resource, "edm:WebResource");
        }
    }

    fn values(&mut self, subject: &NamedNode, short: &str, predicate: &NamedNode, value: &Value, language: &str) {
        match value {
            Value::Array(all) => all.iter().for_each(|v| self.values(subject, short, predicate, v, language)),
            Value::Object(by_language) => by_language.iter().for_each(|(l, v)| self.values(subject, short, predicate, v, l)),
            Value::Null => {}
            one => {
                if let Some(object) = self.term(short, one, language) {
                    self.graph.triples.push(Triple::new(subject.clone(), predicate.clone(), object));
                }
            }
        }
    }

    fn term(&mut self, short: &str, value: &Value, language: &str) -> Option<Term> {
        let text = match value {
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_i64() || number.is_u64() => {
                return Some(Literal::new_typed_literal(number.to_string(), xsd::INTEGER).into());
            }
            other => other.to_string(),
        };
        if !TEXTS.contains(&short)
            && let Some(iri) = self.reference(&text)
        {
            return Some(iri.into());
        }
        let plain = || Literal::new_simple_literal(&text);
        let literal = if matches!(language, "def" | "zxx") {
            plain()
        } else {
            Literal::new_language_tagged_literal(&text, language).unwrap_or_else(|_| plain())
        };
        Some(literal.into())
    }

    /// The IRI that a text is, if it is one.
    fn reference(&self, text: &str) -> Option<NamedNode> {
        let text = text.trim();
        let whole = match text.chars().next()? {
            '/' => europeana(text),
            '#' => format!("{}{text}", self.cho),
            _ => shown_at(text).unwrap_or_else(|| text.to_owned()),
        };
        let web = ["http://", "https://", "urn:"].iter().any(|scheme| whole.starts_with(scheme));
        if !web || whole.chars().any(char::is_whitespace) {
            return None;
        }
        NamedNode::new(iri::mend(&whole).unwrap_or(whole)).ok()
    }
}

/// The API sends visitors to providers through an address of its own, in which the key of whoever asked stands.
fn shown_at(text: &str) -> Option<String> {
    let url =
        Url::parse(text).ok().filter(|u| u.host_str().is_some_and(|h| h.ends_with("europeana.eu")) && u.path().ends_with("/redirect"))?;
    url.query_pairs().find(|(name, _)| name == "shownAt").map(|(_, value)| value.into_owned())
}

/// The property that a name stands for: prefixed, and as an IRI.
fn property(name: &str) -> Option<(String, NamedNode)> {
    let known = NAMES.iter().find(|(n, _)| *n == name).map(|(_, short)| (*short).to_owned());
    let skos = || SKOS.contains(&name).then(|| format!("skos:{name}"));
    let prefixed = || {
        let fits = |start: &&(&str, &str)| name.strip_prefix(start.0).is_some_and(|rest| rest.starts_with(char::is_uppercase));
        let (start, prefix) = PREFIXES.iter().find(fits)?;
        let mut rest = name.strip_prefix(start)?.chars();
        let first = rest.next()?.to_ascii_lowercase();
        Some(format!("{prefix}:{first}{}", rest.as_str()))
    };
    let short = known.or_else(skos).or_else(prefixed)?;
    let iri = ns::expand(&short)?;
    Some((short, iri))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_properties() {
        let of = |name| property(name).map(|(short, _)| short).unwrap_or_default();
        assert_eq!(of("dcTitle"), "dc:title");
        assert_eq!(of("dctermsIsPartOf"), "dcterms:isPartOf");
        assert_eq!(of("edmIsShownBy"), "edm:isShownBy");
        assert_eq!(of("rdaGr2DateOfBirth"), "rdaGr2:dateOfBirth");
        assert_eq!(of("prefLabel"), "skos:prefLabel");
        assert_eq!(of("statsDuration"), "");
    }

    #[test]
    fn an_address_that_carries_a_key_gives_what_it_leads_to() {
        let address = "https://api.europeana.eu/api/secret/redirect?shownAt=http%3A%2F%2Fmuseum.example%2F1&provider=x";
        assert_eq!(shown_at(address).as_deref(), Some("http://museum.example/1"));
        assert_eq!(shown_at("http://museum.example/redirect?shownAt=x"), None);
    }
}
