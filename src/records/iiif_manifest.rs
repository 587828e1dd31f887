//! A IIIF Presentation manifest, version 2 or 3, read as an EDM record: its object is the CHO, the pictures painted on its canvases are the web
//! resources, with the image services that give them in any size.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term, Triple};
use serde_json::{Map, Value};

use super::{Note, NoteKind, clean::Marked, graph::Graph, record::Failure};
use crate::rdf::{
    iri,
    ns::{self, dc, dcterms, doap, ebucore, edm, ore, rdf, svcs, xsd},
};

/// What the names of a manifest's metadata most often mean. What is not here is left out with a note, rather than guessed.
const NAMES: &[(&str, &[&str])] = &[
    ("dc:title", &["title", "titel", "titre", "titolo"]),
    (
        "dc:creator",
        &[
            "creator",
            "author",
            "artist",
            "maker",
            "photographer",
            "creators",
            "auteur",
            "auteurs",
            "autor",
            "künstler",
            "kunstenaar",
            "vervaardiger",
        ],
    ),
    ("dc:contributor", &["contributor", "contributors"]),
    ("dc:date", &["date", "dates", "datum", "date of creation", "created", "creation date", "date created", "date statement"]),
    ("dc:description", &["description", "beschreibung", "beschrijving", "abstract", "summary", "notes", "note"]),
    ("dc:subject", &["subject", "subjects", "keywords", "topic", "topics", "onderwerp", "sujet"]),
    ("dc:type", &["type", "object type", "work type", "genre", "object name", "objectnaam", "classification"]),
    ("dcterms:medium", &["medium", "material", "materials", "materiaal", "technique", "materials and techniques", "support"]),
    ("dcterms:extent", &["dimensions", "extent", "size", "physical description", "afmetingen"]),
    ("dc:language", &["language", "languages", "sprache", "taal", "langue"]),
    ("dc:publisher", &["publisher", "éditeur", "verlag"]),
    (
        "dc:identifier",
        &[
            "identifier",
            "identifiers",
            "shelfmark",
            "call number",
            "accession number",
            "inventory number",
            "object number",
            "cote",
            "signatur",
        ],
    ),
    ("dcterms:spatial", &["place", "location", "place of origin", "place of publication", "origin", "ort"]),
    ("dcterms:temporal", &["period", "century"]),
    ("dcterms:provenance", &["provenance"]),
    ("dcterms:isPartOf", &["collection", "is part of", "series"]),
    ("dc:rights", &["rights", "license", "licence", "copyright", "attribution"]),
    ("dc:source", &["source"]),
    ("dc:relation", &["relation"]),
];
/// Names under which manifests tell who holds the object.
const HOLDERS: &[&str] = &["institution", "holding institution", "repository", "holder", "data provider", "owner", "library", "museum"];
/// Properties whose value is a thing where it is an address.
const THINGS: &[&str] = &[
    "dc:creator",
    "dc:contributor",
    "dc:subject",
    "dc:type",
    "dcterms:medium",
    "dcterms:spatial",
    "dcterms:temporal",
    "dcterms:isPartOf",
    "dc:relation",
];

/// Whether this is a manifest.
pub(super) fn manifest_of(text: &str) -> Option<Map<String, Value>> {
    if !text.contains("Manifest") || !text.contains("iiif.io/api/presentation") {
        return None;
    }
    let Value::Object(value) = serde_json::from_str(text).ok()? else { return None };
    let kind = value.get("type").or_else(|| value.get("@type"))?.as_str()?;
    matches!(kind, "Manifest" | "sc:Manifest").then_some(value)
}

/// The manifest as a graph. One without a usable id is a graph with nothing in it but the reason.
pub(super) fn graph(manifest: &Map<String, Value>) -> Graph {
    let id = text_at(manifest, &["id", "@id"]).unwrap_or_default();
    let Some(about) = web_iri(&id) else {
        let failure = Failure::new(None, format!("the manifest's id is `{id}`, which is no address"));
        let broken = NamedNode::new_unchecked(format!("{}0", super::graph::BROKEN));
        let triple = Triple::new(broken, rdf::TYPE, edm::PROVIDED_CHO);
        return Graph { triples: vec![triple], broken: [failure].into(), ..Graph::default() };
    };
    let part = |name: &str| NamedNode::new_unchecked(format!("{}#{name}", about.as_str().split('#').next().unwrap_or_default()));
    let mut record = Record { graph: Graph::default(), cho: part("cho"), aggregation: part("aggregation"), manifest: about, dated: false };
    record.write(manifest);
    record.graph
}

struct Record {
    graph: Graph,
    cho: NamedNode,
    aggregation: NamedNode,
    manifest: NamedNode,
    dated: bool,
}

/// A picture on a canvas.
struct Picture {
    iri: NamedNode,
    media_type: Option<String>,
    size: Option<(u64, u64)>,
    service: Option<(NamedNode, Option<NamedNode>)>,
}

impl Record {
    fn say(&mut self, subject: &NamedNode, predicate: impl Into<NamedNode>, object: impl Into<Term>) {
        self.graph.triples.push(Triple::new(subject.clone(), predicate, object));
    }

    fn note(&mut self, text: String) {
        self.graph.notes.push(Marked { subject: None, note: Note::new(None, NoteKind::LeftOut, text) });
    }

    fn write(&mut self, manifest: &Map<String, Value>) {
        let (cho, aggregation) = (self.cho.clone(), self.aggregation.clone());
        self.say(&cho, rdf::TYPE, edm::PROVIDED_CHO);
        self.say(&cho, edm::TYPE, Literal::new_simple_literal("IMAGE"));
        self.say(&aggregation, rdf::TYPE, ore::AGGREGATION);
        self.say(&aggregation, edm::AGGREGATED_CHO, cho.clone());
        for (fields, predicate) in [(&["label"][..], dc::TITLE), (&["summary", "description"][..], dc::DESCRIPTION)] {
            for literal in fields.iter().find_map(|f| manifest.get(*f)).map(literals).unwrap_or_default() {
                self.say(&cho, predicate, literal);
            }
        }
        let holder = self.metadata(manifest);
        self.provider(manifest, holder);
        self.rights(manifest);
        if let Some(page) = first_address(manifest, &["homepage", "related"]) {
            self.say(&aggregation, edm::IS_SHOWN_AT, page);
        }
        self.pictures(manifest);
        if let Some(thumbnail) = first_address(manifest, &["thumbnail"]) {
            self.say(&aggregation, edm::OBJECT, thumbnail);
        }
    }

    /// The manifest's free metadata; who holds the object, if it says so there.
    fn metadata(&mut self, manifest: &Map<String, Value>) -> Option<Literal> {
        let (cho, mut holder) = (self.cho.clone(), None);
        for pair in manifest.get("metadata").and_then(Value::as_array).into_iter().flatten() {
            let (Some(label), Some(value)) = (pair.get("label"), pair.get("value")) else { continue };
            let names: Vec<String> = literals(label).iter().map(|l| l.value().trim().trim_end_matches(':').to_lowercase()).collect();
            let values = literals(value);
            if names.iter().any(|n| HOLDERS.contains(&n.as_str())) {
                holder = holder.or_else(|| values.into_iter().next());
                continue;
            }
            let known = NAMES.iter().find(|(_, all)| names.iter().any(|n| all.contains(&n.as_str()))).map(|(short, _)| *short);
            let Some((short, property)) = known.and_then(|short| Some((short, ns::expand(short)?))) else {
                self.note(format!(
                    "the manifest's `{}` has no property that we know for it, and was left out",
                    names.first().map_or("", String::as_str)
                ));
                continue;
            };
            for literal in values {
                match web_iri(literal.value()).filter(|_| THINGS.contains(&short)) {
                    Some(thing) => self.say(&cho, property.clone(), thing),
                    None => self.say(&cho, property.clone(), literal),
                }
            }
            self.dated |= short == "dc:date";
        }
        if !self.dated
            && let Some(date) = text_at(manifest, &["navDate"])
        {
            self.say(&cho, dc::DATE, Literal::new_simple_literal(date.get(..10).unwrap_or(&date)));
        }
        holder
    }

    fn provider(&mut self, manifest: &Map<String, Value>, holder: Option<Literal>) {
        let aggregation = self.aggregation.clone();
        let named = list(manifest.get("provider")).first().and_then(|p| p.get("label")).map(literals).unwrap_or_default();
        if let Some(name) = named.into_iter().next().or(holder) {
            self.say(&aggregation, edm::DATA_PROVIDER, name);
        }
    }

    fn rights(&mut self, manifest: &Map<String, Value>) {
        let aggregation = self.aggregation.clone();
        for rights in ["rights", "license"].iter().flat_map(|field| list(manifest.get(*field))) {
            match rights.as_str().and_then(web_iri) {
                Some(rights) => self.say(&aggregation, edm::RIGHTS, rights),
                None => self.note(format!("the manifest's rights `{rights}` are no IRI and were left out")),
            }
        }
    }

    fn pictures(&mut self, manifest: &Map<String, Value>) {
        let mut shown = Vec::new();
        for picture in bodies(manifest).iter().filter_map(|body| picture(body)) {
            if !shown.contains(&picture.iri) {
                shown.push(picture.iri.clone());
                self.picture(picture, shown.len() == 1);
            }
        }
    }

    fn picture(&mut self, picture: Picture, first: bool) {
        let (aggregation, manifest, Picture { iri, media_type, size, service }) =
            (self.aggregation.clone(), self.manifest.clone(), picture);
        self.say(&aggregation, if first { edm::IS_SHOWN_BY } else { edm::HAS_VIEW }, iri.clone());
        self.say(&iri, rdf::TYPE, edm::WEB_RESOURCE);
        self.say(&iri, dcterms::IS_REFERENCED_BY, manifest);
        if let Some(media_type) = media_type {
            self.say(&iri, ebucore::HAS_MIME_TYPE, Literal::new_simple_literal(media_type));
        }
        if let Some((width, height)) = size {
            let integer = |n: u64| Literal::new_typed_literal(n.to_string(), xsd::INTEGER);
            self.say(&iri, ebucore::WIDTH, integer(width));
            self.say(&iri, ebucore::HEIGHT, integer(height));
        }
        if let Some((service, profile)) = service {
            self.say(&iri, svcs::HAS_SERVICE, service.clone());
            self.say(&service, rdf::TYPE, svcs::SERVICE);
            self.say(&service, dcterms::CONFORMS_TO, NamedNodeRef::new_unchecked(ns::IIIF_IMAGE));
            if let Some(profile) = profile {
                self.say(&service, doap::IMPLEMENTS, profile);
            }
        }
    }
}

/// What is painted on the canvases, in their order.
fn bodies(manifest: &Map<String, Value>) -> Vec<&Value> {
    let mut all = Vec::new();
    // Version 2: sequences, canvases, images, resource.
    for sequence in list(manifest.get("sequences")) {
        for canvas in list(sequence.get("canvases")) {
            all.extend(list(canvas.get("images")).into_iter().filter_map(|image| image.get("resource")));
        }
    }
    // Version 3: canvases, annotation pages, annotations, body.
    for canvas in list(manifest.get("items")) {
        for page in list(canvas.get("items")) {
            for annotation in list(page.get("items"))
                .into_iter()
                .filter(|a| a.get("motivation").is_none_or(|m| list(Some(m)).iter().any(|m| m.as_str() == Some("painting"))))
            {
                all.extend(list(annotation.get("body")));
            }
        }
    }
    all
}

/// The picture that a body is; of a choice, the first.
fn picture(body: &Value) -> Option<Picture> {
    let kind = body.get("type").or_else(|| body.get("@type")).and_then(Value::as_str).unwrap_or_default();
    match kind {
        "Choice" => return list(body.get("items")).first().and_then(|b| picture(b)),
        "oa:Choice" => return picture(body.get("default")?),
        "SpecificResource" | "oa:SpecificResource" => return picture(body.get("source").or_else(|| body.get("full"))?),
        "Image" | "dctypes:Image" | "" => {}
        _ => return None,
    }
    let iri = web_iri(body.as_str().or_else(|| address(body))?)?;
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let service = list(body.get("service")).into_iter().find_map(|service| {
        let at = web_iri(address(service)?)?;
        let profile = list(service.get("profile")).into_iter().find_map(|p| p.as_str().map(str::to_owned));
        Some((at, profile.as_deref().and_then(|p| profile_iri(p, service))))
    });
    let media_type = body.get("format").and_then(Value::as_str).map(str::to_owned);
    Some(Picture { iri, media_type, size: number("width").zip(number("height")), service })
}

/// Version 3 of the image API shortens its profiles to their last word.
fn profile_iri(profile: &str, service: &Value) -> Option<NamedNode> {
    let version = service.get("type").or_else(|| service.get("@type")).and_then(Value::as_str).unwrap_or_default();
    match profile.strip_prefix("level") {
        Some(_) => {
            let number = if version == "ImageService2" { 2 } else { 3 };
            NamedNode::new(format!("{}/{number}/{profile}.json", ns::IIIF_IMAGE)).ok()
        }
        None => web_iri(profile),
    }
}

/// A list, or what stands in the place of a list of one.
fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

fn address(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("id").or_else(|| value.get("@id"))?.as_str())
}

fn first_address(manifest: &Map<String, Value>, fields: &[&str]) -> Option<NamedNode> {
    fields.iter().flat_map(|field| list(manifest.get(*field))).filter_map(address).find_map(web_iri)
}

fn text_at(object: &Map<String, Value>, fields: &[&str]) -> Option<String> {
    fields.iter().find_map(|f| object.get(*f)?.as_str()).map(str::to_owned)
}

fn web_iri(text: &str) -> Option<NamedNode> {
    let text = text.trim();
    if !(text.starts_with("http://") || text.starts_with("https://")) || text.chars().any(char::is_whitespace) {
        return None;
    }
    NamedNode::new(iri::mend(text).unwrap_or_else(|| text.to_owned())).ok()
}

/// The texts of a value in both versions' ways of telling languages, without the HTML that manifests may carry.
fn literals(value: &Value) -> Vec<Literal> {
    let tagged = |text: &str, language: &str| {
        let plain = || Literal::new_simple_literal(text);
        if matches!(language, "" | "none" | "@none" | "und") {
            plain()
        } else {
            Literal::new_language_tagged_literal(text, language).unwrap_or_else(|_| plain())
        }
    };
    match value {
        Value::String(text) => Some(without_html(text)).filter(|t| !t.is_empty()).map(Literal::new_simple_literal).into_iter().collect(),
        Value::Number(number) => vec![Literal::new_simple_literal(number.to_string())],
        Value::Array(all) => all.iter().flat_map(literals).collect(),
        Value::Object(fields) => match fields.get("@value") {
            Some(text) => {
                let language = fields.get("@language").and_then(Value::as_str).unwrap_or_default();
                literals(text).iter().map(|l| tagged(l.value(), language)).collect()
            }
            None => fields
                .iter()
                .flat_map(|(language, texts)| literals(texts).into_iter().map(|l| tagged(l.value(), language)).collect::<Vec<_>>())
                .collect(),
        },
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

/// Text without tags. An address that is all that a link shows stays.
fn without_html(text: &str) -> String {
    let trimmed = text.trim();
    if !(trimmed.starts_with('<') && trimmed.ends_with('>')) {
        return trimmed.to_owned();
    }
    let (mut out, mut inside) = (String::new(), false);
    for c in trimmed.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let plain = quick_xml::escape::unescape(&out).map_or_else(|_| out.clone(), std::borrow::Cow::into_owned);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
