//! What a load did, in figures.

use std::collections::{BTreeMap, HashMap};

use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, Term, TermRef};
use serde::{Deserialize, Serialize};

use super::notes::Note;
use crate::{
    rdf::ns::{gvp, owl, rdf, short, skos},
    store::{Store, StoreError},
};

/// How many languages are told.
const LANGUAGES: usize = 12;

/// The properties that align.
const ALIGNING: [NamedNodeRef<'static>; 6] =
    [skos::EXACT_MATCH, skos::CLOSE_MATCH, skos::BROAD_MATCH, skos::NARROW_MATCH, skos::RELATED_MATCH, owl::SAME_AS];

/// What a load did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// The graph that holds it.
    pub graph: String,
    /// The scheme, or the mapping set's name.
    pub scheme: String,
    /// The release.
    pub release: String,
    /// Whether these very bytes were there already, so that no triple was touched.
    pub unchanged: bool,
    /// Triples in the graph now.
    pub triples: u64,
    /// Triples in it before.
    pub before: u64,
    /// Concepts (`skos:Concept`).
    pub concepts: u64,
    /// Facets (`gvp:Facet`).
    pub facets: u64,
    /// Guide terms (`gvp:GuideTerm`).
    pub guide_terms: u64,
    /// Labels by language tag, the most frequent first; without a tag under the empty text.
    pub labels: Vec<(String, u64)>,
    /// Lines and statements that were left out.
    pub bad_lines: u64,
    /// IRIs and language tags that were mended.
    pub mended: u64,
    /// How many notes there are in all.
    pub notes_in_all: u64,
    /// The first of them.
    pub notes: Vec<Note>,
    /// For tables: what stood in them.
    pub table: Option<TableFigures>,
    /// For mapping sets: alignments by their property.
    pub alignments: BTreeMap<String, u64>,
    /// For mapping sets: the graphs of other releases of the same set.
    pub others: Vec<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// What stood in tables of alignments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFigures {
    /// Rows below the header.
    pub rows: u64,
    /// Rows with an IRI of Europeana.
    pub with_europeana: u64,
    /// Rows with an IRI of AAT.
    pub with_aat: u64,
    /// Rows with an IRI of Wikidata.
    pub with_wikidata: u64,
    /// Rows with an IRI of `DBpedia`.
    pub with_dbpedia: u64,
    /// Rows with at least two IRIs, which are aligned now.
    pub mapped: u64,
    /// The labels of rows with fewer: nothing could be aligned.
    pub unmapped: Vec<String>,
    /// Values that did not belong in their column and were put where they belong.
    pub misplaced: u64,
    /// Values that were trimmed.
    pub trimmed: u64,
    /// For SSSOM: rows by their property.
    pub properties: BTreeMap<String, u64>,
    /// For SSSOM: rows that say that something is not so.
    pub denied: u64,
    /// For SSSOM: rows with properties that are no alignments.
    pub not_followed: u64,
}

impl LoadReport {
    /// Whether it is a mapping set.
    pub fn is_mapping_set(&self) -> bool {
        self.table.is_some() || !self.alignments.is_empty()
    }

    /// Counts the alignments that are in the graph now.
    pub(super) fn count_alignments(&mut self, store: &Store, graph: &NamedNode) -> Result<(), StoreError> {
        for property in ALIGNING {
            let found = count(store, graph, property, None)?;
            if found > 0 {
                self.alignments.insert(short(property.as_str()), found);
            }
        }
        Ok(())
    }

    /// Counts what is in the graph now.
    pub(super) fn count(&mut self, store: &Store, graph: &NamedNode) -> Result<(), StoreError> {
        let class = |class: NamedNodeRef<'_>| count(store, graph, rdf::TYPE, Some(class.into()));
        self.concepts = class(skos::CONCEPT)?;
        self.facets = class(gvp::FACET)?;
        self.guide_terms = class(gvp::GUIDE_TERM)?;
        self.labels = labels(store, graph)?;
        Ok(())
    }
}

fn count(store: &Store, graph: &NamedNode, predicate: NamedNodeRef<'_>, object: Option<TermRef<'_>>) -> Result<u64, StoreError> {
    let mut count = 0;
    for quad in store.quads().quads_for_pattern(None, Some(predicate), object, Some(GraphNameRef::from(graph.as_ref()))) {
        quad?;
        count += 1;
    }
    Ok(count)
}

fn labels(store: &Store, graph: &NamedNode) -> Result<Vec<(String, u64)>, StoreError> {
    let mut languages: HashMap<String, u64> = HashMap::new();
    for predicate in [skos::PREF_LABEL, skos::ALT_LABEL, skos::HIDDEN_LABEL] {
        for quad in store.quads().quads_for_pattern(None, Some(predicate), None, Some(GraphNameRef::from(graph.as_ref()))) {
            if let Term::Literal(label) = quad?.object {
                *languages.entry(label.language().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
    }
    let mut languages: Vec<_> = languages.into_iter().collect();
    languages.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    languages.truncate(LANGUAGES);
    Ok(languages)
}
