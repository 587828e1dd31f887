//! What a mapping set says about itself: its name, its release, who made it, when, how and under which licence.

use std::collections::BTreeMap;

use oxigraph::model::{NamedNodeRef, NamedOrBlankNode, Term, Triple};
use yaml_rust2::{Yaml, YamlLoader};

use super::{
    document::{OpenDocument, Read1},
    form::Form,
    source::{Document, Sources},
};
use crate::{
    rdf::{
        ns::{dcterms, owl, pav, rdf, rdfs, sssom, void},
        text_of,
    },
    vocab::VocabError,
};

/// The longest metadata that are read, in bytes.
const MOST: usize = 256 << 10;
/// How many statements of an RDF document are looked at for its description.
const STATEMENTS: usize = 20_000;

/// What a mapping set says about itself; what an operator says on loading goes before it.
#[derive(Clone, Debug, Default)]
pub(super) struct MappingFacts {
    pub(super) name: Option<String>,
    pub(super) release: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) date: Option<String>,
    pub(super) licence: Option<String>,
    pub(super) source: Option<String>,
    pub(super) methods: Vec<String>,
    /// What the prefixes of its IRIs stand for.
    pub(super) prefixes: BTreeMap<String, String>,
}

impl MappingFacts {
    /// Gathers what the documents say: SSSOM's metadata at their head or in files of their own, descriptions in RDF.
    pub(super) fn gather(sources: &Sources, base: &str) -> Result<Self, VocabError> {
        let mut facts = Self::default();
        for document in &sources.documents {
            match document.form {
                Form::MappingMetadata => facts.add_yaml(document, &head(document, |_| true)?)?,
                Form::Sssom(_) => facts.add_yaml(document, &head(document, |line| line.starts_with('#'))?)?,
                Form::Rdf(_) => facts.add_rdf(document, base)?,
                _ => {}
            }
        }
        Ok(facts)
    }

    fn add_yaml(&mut self, document: &Document, text: &str) -> Result<(), VocabError> {
        let refuse = |reason: String| VocabError::Syntax { file: document.name.clone(), place: String::new(), reason };
        // Anchors are what makes a small text large, and no mapping set needs them.
        if text.lines().any(|line| line.split_once(':').is_some_and(|(_, value)| value.trim_start().starts_with(['&', '*']))) {
            return Err(refuse("its metadata use YAML anchors, which are not taken".to_owned()));
        }
        let documents = YamlLoader::load_from_str(text).map_err(|e| refuse(format!("its metadata are no YAML ({e})")))?;
        let Some(Yaml::Hash(said)) = documents.into_iter().next() else { return Ok(()) };
        for (key, value) in &said {
            let (Some(key), texts) = (key.as_str(), texts(value)) else { continue };
            let first = || texts.first().filter(|text| !text.is_empty()).cloned();
            match key {
                "curie_map" => self.add_prefixes(value),
                "mapping_set_title" => self.name = first(),
                "mapping_set_id" => {
                    self.name = self.name.take().or_else(|| first().map(|id| last_part(&id)));
                    self.source = self.source.take().or_else(first);
                }
                "mapping_set_version" => self.release = first(),
                "creator_id" | "author_id" => self.authors.extend(texts),
                "creator_label" | "author_label" if !said.contains_key(&Yaml::String(key.replace("label", "id"))) => {
                    self.authors.extend(texts);
                }
                "mapping_date" | "publication_date" => self.date = first().or(self.date.take()),
                "license" => self.licence = first(),
                "mapping_set_source" | "see_also" => self.source = self.source.take().or_else(first),
                "mapping_tool" | "mapping_justification" | "mapping_method" => self.methods.extend(texts),
                _ => {}
            }
        }
        let expanded = |names: &[String]| -> Vec<String> { names.iter().map(|n| self.expand(n).unwrap_or_else(|| n.clone())).collect() };
        (self.authors, self.methods) = (expanded(&self.authors), expanded(&self.methods));
        Ok(())
    }

    fn add_prefixes(&mut self, map: &Yaml) {
        let Yaml::Hash(map) = map else { return };
        for (prefix, namespace) in map {
            if let (Some(prefix), Some(namespace)) = (prefix.as_str(), namespace.as_str()) {
                self.prefixes.insert(prefix.to_owned(), namespace.to_owned());
            }
        }
    }

    /// The IRI that `prefix:local` stands for.
    pub(super) fn expand(&self, name: &str) -> Option<String> {
        let (prefix, local) = name.split_once(':')?;
        if let Some(namespace) = self.prefixes.get(prefix) {
            return Some(format!("{namespace}{local}"));
        }
        let (_, namespace) = BUILT_IN.iter().find(|(known, _)| *known == prefix)?;
        Some(format!("{namespace}{local}"))
    }

    fn add_rdf(&mut self, document: &Document, base: &str) -> Result<(), VocabError> {
        let mut open = OpenDocument::open(document, base)?;
        let mut said: Vec<Triple> = Vec::new();
        let mut sets: Vec<NamedOrBlankNode> = Vec::new();
        for _ in 0..STATEMENTS {
            match open.next() {
                Some(Ok(Read1::Triple(triple, _))) => {
                    let kinds = [Term::from(sssom::MAPPING_SET), Term::from(void::LINKSET)];
                    if triple.predicate == rdf::TYPE && kinds.contains(&triple.object) {
                        sets.push(triple.subject.clone());
                    }
                    if DESCRIBES.iter().any(|(p, _)| triple.predicate == *p) {
                        said.push(triple);
                    }
                }
                Some(Ok(Read1::BadLine(..))) => {}
                // What is wrong is told when the file is read in earnest.
                Some(Err(_)) | None => break,
            }
        }
        for triple in said.into_iter().filter(|t| sets.contains(&t.subject)) {
            let Some((_, fact)) = DESCRIBES.iter().find(|(p, _)| triple.predicate == *p) else { continue };
            let text = text_of(triple.object);
            match fact {
                Fact::Name => self.name = Some(text),
                Fact::Release => self.release = Some(text),
                Fact::Author => self.authors.push(text),
                Fact::Date => self.date = Some(text),
                Fact::Licence => self.licence = Some(text),
                Fact::Source => self.source = Some(text),
                Fact::Method => self.methods.push(text),
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Fact {
    Name,
    Release,
    Author,
    Date,
    Licence,
    Source,
    Method,
}

/// The properties by which a mapping set in RDF is described.
const DESCRIBES: [(NamedNodeRef<'static>, Fact); 14] = [
    (dcterms::TITLE, Fact::Name),
    (rdfs::LABEL, Fact::Name),
    (owl::VERSION_INFO, Fact::Release),
    (dcterms::CREATOR, Fact::Author),
    (pav::AUTHORED_BY, Fact::Author),
    (dcterms::ISSUED, Fact::Date),
    (dcterms::CREATED, Fact::Date),
    (dcterms::MODIFIED, Fact::Date),
    (pav::AUTHORED_ON, Fact::Date),
    (dcterms::LICENSE, Fact::Licence),
    (dcterms::SOURCE, Fact::Source),
    (sssom::MAPPING_TOOL, Fact::Method),
    (sssom::MAPPING_JUSTIFICATION, Fact::Method),
    (rdf::VALUE, Fact::Name),
];

/// The prefixes that SSSOM declares itself, and those of the vocabularies that we know best.
const BUILT_IN: [(&str, &str); 12] = [
    ("owl", owl::NS),
    ("rdf", rdf::NS),
    ("rdfs", rdfs::NS),
    ("semapv", crate::rdf::ns::semapv::NS),
    ("skos", crate::rdf::ns::skos::NS),
    ("sssom", sssom::NS),
    ("xsd", crate::rdf::ns::xsd::NS),
    ("orcid", "https://orcid.org/"),
    ("aat", crate::rdf::ns::AAT),
    ("wd", crate::rdf::ns::WIKIDATA_ENTITY),
    ("wikidata", crate::rdf::ns::WIKIDATA_ENTITY),
    ("dbpedia", crate::rdf::ns::DBPEDIA_RESOURCE),
];

fn texts(value: &Yaml) -> Vec<String> {
    match value {
        Yaml::Array(values) => values.iter().flat_map(texts).collect(),
        Yaml::String(text) | Yaml::Real(text) => vec![text.clone()],
        Yaml::Integer(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// The lines at a document's beginning, without the sign that sets them apart from the table.
fn head(document: &Document, belongs: fn(&str) -> bool) -> Result<String, VocabError> {
    use std::io::{BufRead as _, BufReader, Read as _};
    let mut text = String::new();
    let reader = BufReader::new(document.open()?.take(MOST as u64 + 1));
    for line in reader.lines() {
        let line = line.map_err(|source| VocabError::File { doing: "read", path: document.path.clone(), source })?;
        if !belongs(&line) {
            break;
        }
        let line = line.trim_end();
        // Some programs write the sign and a blank, some the sign alone: what is indented is indented by more than one.
        let line = if document.form == Form::MappingMetadata { line } else { line.strip_prefix('#').unwrap_or(line) };
        text.push_str(line);
        text.push('\n');
        if text.len() > MOST {
            return Err(VocabError::TooLarge { file: document.name.clone(), reason: "its metadata are longer than 256 KiB".to_owned() });
        }
    }
    Ok(unindented(&text))
}

/// Takes away what all lines are indented by.
fn unindented(text: &str) -> String {
    let indent = text.lines().filter(|l| !l.trim().is_empty()).map(|l| l.len() - l.trim_start_matches(' ').len()).min().unwrap_or(0);
    text.lines().map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn last_part(iri: &str) -> String {
    let part = iri.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or(iri);
    let part = part.strip_suffix(".tsv").unwrap_or(part);
    part.strip_suffix(".sssom").unwrap_or(part).to_owned()
}
