//! A thing's page: what is said about it, by graph, with links to everything that it names.

use std::collections::BTreeMap;

use oxigraph::model::{GraphName, NamedNode, NamedOrBlankNode, Quad, Term, TermRef};

use super::{
    describe::{Description, class_of, is_document},
    wanted::Form,
};
use crate::{
    rdf::{
        iri::encode_segment,
        ns::{dcterms, enr, foaf, oa, rdf, rdfs, skos},
        plain,
    },
    serve::{
        SourceError, Visitor,
        pages::{GraphView, Link, PropertyRow, Section, ThingView, Value},
        shown::words::{concept_link, property, short, value_here},
    },
    store::Store,
    vocab::Vocabularies,
};

/// How many statements a page shows.
const SHOWN: usize = 600;

/// One page in the making.
pub(super) struct Making<'m> {
    pub(super) store: &'m Store,
    pub(super) visitor: &'m Visitor,
    pub(super) vocabularies: Vocabularies<'m>,
    pub(super) iri: &'m NamedNode,
    /// The address of the thing's documents, without an ending.
    pub(super) stem: String,
}

impl<'m> Making<'m> {
    pub(super) fn new(store: &'m Store, visitor: &'m Visitor, iri: &'m NamedNode) -> Result<Self, SourceError> {
        let vocabularies = Vocabularies::new(store).map_err(super::describe::ours)?;
        let stem = store.base().local(iri.as_str()).map(|local| format!("/{local}")).unwrap_or_default();
        Ok(Self { store, visitor, vocabularies, iri, stem })
    }

    pub(super) fn view(&self, description: &Description) -> Result<ThingView, SourceError> {
        let shown = description.quads.get(..SHOWN).unwrap_or(&description.quads);
        Ok(ThingView {
            heading: self.heading(description)?,
            kind: self.kind(description),
            iri: self.iri.as_str().to_owned(),
            gone: description.gone,
            notes: description.notes.clone(),
            graphs: self.graphs(shown)?,
            more: (description.quads.len() - shown.len()) as u64,
            pointing: self.pointing(&description.pointing)?,
            more_pointing: description.more_pointing,
            forms: if description.gone { Vec::new() } else { self.forms() },
            query: self.query(),
        })
    }

    fn kind(&self, description: &Description) -> String {
        let class = description.objects(self.iri, rdf::TYPE).map(plain).find(|c| c.starts_with(enr::NS));
        let path = || match class_of(self.store.base(), self.iri.as_str()) {
            ".well-known" => "catalogue".to_owned(),
            class => class.to_owned(),
        };
        class.map_or_else(path, |c| words(c.trim_start_matches(enr::NS)))
    }

    fn heading(&self, description: &Description) -> Result<String, SourceError> {
        if let (Some(Term::NamedNode(concept)), Some(Term::NamedNode(as_what))) =
            (description.objects(self.iri, oa::HAS_BODY).next(), description.objects(self.iri, enr::PROPOSED_PROPERTY).next())
        {
            let label = concept_link(&self.vocabularies, self.visitor, concept.as_str())?.label;
            return Ok(format!("“{}” as {}", label.text, short(as_what.as_str())));
        }
        let version = description.objects(self.iri, dcterms::HAS_VERSION).chain(description.objects(self.iri, enr::RELEASE)).next();
        for predicate in [foaf::NAME, dcterms::TITLE, rdfs::LABEL, skos::PREF_LABEL] {
            if let Some(name) = description.objects(self.iri, predicate).next() {
                return Ok(version.map_or_else(|| plain(name), |v| format!("{} {}", plain(name), plain(v))));
            }
        }
        let local = self.store.base().local(self.iri.as_str()).unwrap_or(self.iri.as_str());
        let class = class_of(self.store.base(), self.iri.as_str());
        Ok(if is_document(self.store.base(), self.iri) { words(local.trim_start_matches("graph/")) } else { words(class) })
    }

    /// What each graph says; what we spell out ourselves stands in none.
    fn graphs(&self, quads: &[Quad]) -> Result<Vec<GraphView>, SourceError> {
        let mut names: Vec<&GraphName> = Vec::new();
        for quad in quads {
            if !names.contains(&&quad.graph_name) {
                names.push(&quad.graph_name);
            }
        }
        names.sort_by_key(|name| matches!(name, GraphName::DefaultGraph));
        let mut views = Vec::new();
        for name in names {
            let graph = match name {
                GraphName::NamedNode(graph) => self.here(graph),
                GraphName::DefaultGraph if quads.iter().any(|q| q.graph_name != *name) => {
                    Link { text: "What follows from that".to_owned(), href: String::new() }
                }
                _ => Link { text: "What is said".to_owned(), href: String::new() },
            };
            let mut subjects: Vec<&NamedOrBlankNode> = Vec::new();
            for quad in quads.iter().filter(|q| q.graph_name == *name) {
                if !subjects.contains(&&quad.subject) {
                    subjects.push(&quad.subject);
                }
            }
            let mut sections = Vec::new();
            for subject in subjects {
                sections.push(self.section(subject, quads.iter().filter(|q| q.graph_name == *name && q.subject == *subject))?);
            }
            views.push(GraphView { graph, sections });
        }
        Ok(views)
    }

    fn section<'q>(&self, subject: &NamedOrBlankNode, quads: impl Iterator<Item = &'q Quad>) -> Result<Section, SourceError> {
        let iri = match subject {
            NamedOrBlankNode::NamedNode(node) => node.as_str().to_owned(),
            NamedOrBlankNode::BlankNode(node) => node.to_string(),
        };
        let mut rows: BTreeMap<String, PropertyRow> = BTreeMap::new();
        let mut heading = String::new();
        for quad in quads {
            if quad.predicate == rdf::TYPE {
                heading = short(&plain(&quad.object));
            }
            add(&mut rows, quad, self.value(quad.object.as_ref())?);
        }
        Ok(Section { heading, iri, rows: rows.into_values().collect() })
    }

    fn pointing(&self, quads: &[Quad]) -> Result<Vec<PropertyRow>, SourceError> {
        let mut rows: BTreeMap<String, PropertyRow> = BTreeMap::new();
        for quad in quads {
            let from: TermRef<'_> = quad.subject.as_ref().into();
            add(&mut rows, quad, self.value(from)?);
        }
        Ok(rows.into_values().collect())
    }

    fn value(&self, term: TermRef<'_>) -> Result<Value, SourceError> {
        value_here(self.store.base(), &self.vocabularies, self.visitor, term)
    }

    fn here(&self, iri: &NamedNode) -> Link {
        let local = self.store.base().local(iri.as_str());
        Link {
            text: local.unwrap_or(iri.as_str()).to_owned(),
            href: local.map_or_else(|| iri.as_str().to_owned(), |local| format!("/{local}")),
        }
    }

    fn forms(&self) -> Vec<Link> {
        let annotation = class_of(self.store.base(), self.iri.as_str()) == "annotation";
        let forms = Form::ALL.into_iter().filter(|f| *f != Form::Page && (annotation || *f != Form::WebAnnotation));
        forms.map(|f| Link { text: f.name().to_owned(), href: format!("{}.{}", self.stem, f.ending()) }).collect()
    }

    fn query(&self) -> Link {
        let iri = self.iri.as_str();
        let query = if is_document(self.store.base(), self.iri) {
            format!("# Everything in this graph\nSELECT ?s ?p ?o WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}\nLIMIT 1000")
        } else {
            format!(
                "# Everything about <{iri}>, and what points to it\nSELECT ?graph ?s ?p ?o WHERE {{\n  GRAPH ?graph {{\n    {{ BIND(<{iri}> AS ?s) ?s ?p ?o }} UNION {{ BIND(<{iri}> AS ?o) ?s ?p ?o }}\n  }}\n}}\nLIMIT 1000"
            )
        };
        Link { text: "Ask for the same in SPARQL".to_owned(), href: format!("/query?query={}", encode_segment(&query)) }
    }
}

fn add(rows: &mut BTreeMap<String, PropertyRow>, quad: &Quad, value: Value) {
    let name = property(quad.predicate.as_ref());
    let row = rows.entry(name.text.clone()).or_insert_with(|| PropertyRow { property: name, values: Vec::new() });
    if !row.values.contains(&value) {
        row.values.push(value);
    }
}

/// `EnrichmentGraph` as words: enrichment graph.
fn words(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.chars().enumerate() {
        if c.is_uppercase() && at > 0 {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    out
}
