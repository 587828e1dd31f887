//! Loading a release of a vocabulary, or a set of alignments: many files, one graph, whole or not at all.
//!
//! Files are read as they stream, in one pass, into the store's bulk loader; see `labels` for how SKOS-XL is joined in bounded memory on
//! the way. The same bytes under the same name change nothing; other bytes under the same name take the old ones' place.

mod clean;
mod describe;
mod document;
mod family;
mod form;
mod json;
mod labels;
mod mapping;
mod mapping_facts;
mod notes;
mod report;
mod solr;
mod source;
mod sssom;
mod stream;
mod survey;
mod table;

use std::{cell::RefCell, path::PathBuf};

use oxigraph::model::{NamedNode, Triple};
use serde::{Deserialize, Serialize};

pub use notes::Note;
pub use report::{LoadReport, TableFigures};

use self::{
    describe::{Description, described},
    notes::Notes,
    source::{Sources, sources},
    stream::{Statements, Terms},
};
use super::VocabError;
use crate::{
    rdf::ns::enr,
    store::{Change, Store},
    telemetry::Progress,
};

/// How many bad lines are let pass where nobody says otherwise.
const MOST_BAD_LINES: u64 = 1000;
/// How many digits of the content's checksum name a release that has no name.
const RELEASE_DIGITS: usize = 12;

/// What is to be loaded, and what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadRequest {
    /// The files and folders, by absolute paths; together they are one release.
    pub files: Vec<PathBuf>,
    /// The scheme's short name (`aat`), or the mapping set's. Told from the data where it is not given.
    pub scheme: Option<String>,
    /// The release. The beginning of the content's checksum where it is not given.
    pub release: Option<String>,
    /// When it was issued: a date, a month or a year.
    pub date: Option<String>,
    /// Where it is from, an IRI.
    pub source: Option<String>,
    /// Under which licence, an IRI.
    pub licence: Option<String>,
    /// How many bad lines are let pass (1000 if not given).
    pub max_bad_lines: Option<u64>,
    /// Who made it, names or IRIs.
    pub authors: Vec<String>,
    /// For a mapping set: how it was made.
    pub method: Option<String>,
    /// Whether it is a mapping set although it is RDF.
    pub mapping: bool,
    /// Whether every other release of this mapping set is taken back once this one is in; whoever asks for the load does it.
    pub replace: bool,
}

/// Loads a release. An error leaves the store as it was.
pub fn load(store: &Store, request: &LoadRequest, progress: &dyn Progress) -> Result<LoadReport, VocabError> {
    let begun = store.clock().now();
    let mut notes = Notes::default();
    let sources = sources(&request.files, &mut notes, progress)?;
    let notes = RefCell::new(notes);
    let mut report = if request.mapping || is_mapping(&sources)? {
        mapping::load_mapping(store, request, &sources, &notes, progress)?
    } else {
        load_vocabulary(store, request, &sources, &notes, progress)?
    };
    let notes = notes.into_inner();
    report.bad_lines = notes.bad_lines;
    report.mended = notes.mended;
    report.notes_in_all = notes.all;
    report.notes = notes.first;
    report.milliseconds = u64::try_from(store.clock().now().duration_since(begun).as_millis()).unwrap_or(0);
    Ok(report)
}

/// Tables make a mapping set, everything else a vocabulary; both at once make neither.
fn is_mapping(sources: &Sources) -> Result<bool, VocabError> {
    let table = sources.documents.iter().find(|d| d.form.is_table());
    let other = sources.documents.iter().find(|d| !d.form.is_table());
    match (table, other) {
        (Some(table), Some(other)) => Err(VocabError::Mixed { table: table.name.clone(), other: other.name.clone() }),
        (table, _) => Ok(table.is_some()),
    }
}

fn load_vocabulary(
    store: &Store,
    request: &LoadRequest,
    sources: &Sources,
    notes: &RefCell<Notes>,
    progress: &dyn Progress,
) -> Result<LoadReport, VocabError> {
    let base = store.base().relative_references();
    let scheme = match &request.scheme {
        Some(scheme) => scheme.clone(),
        None => survey::scheme(sources, &base)?,
    };
    let release = release(request, sources);
    let graph = store.base().vocabulary_graph(&scheme, &release);
    let checksum = sources.checksum.clone();
    let facts = Vec::new();
    let description = Description {
        graph: &graph,
        class: enr::VOCABULARY_GRAPH,
        scheme: &scheme,
        release: &release,
        checksum: &checksum,
        request,
        facts,
    };
    let terms = Terms { graph: &graph, base: &base, most_bad_lines: request.max_bad_lines.unwrap_or(MOST_BAD_LINES), notes, progress };
    let mut report = replace(store, &description, Statements::new(&sources.documents, terms), notes, progress)?;
    report.count(store, &graph)?;
    Ok(report)
}

fn release(request: &LoadRequest, sources: &Sources) -> String {
    let digits = || sources.checksum.chars().take(RELEASE_DIGITS).collect();
    request.release.clone().unwrap_or_else(digits)
}

/// Makes the graph hold these statements, unless it was made of the same bytes before.
fn replace(
    store: &Store,
    description: &Description<'_>,
    statements: impl Iterator<Item = Result<Triple, VocabError>>,
    notes: &RefCell<Notes>,
    progress: &dyn Progress,
) -> Result<LoadReport, VocabError> {
    let graph: &NamedNode = description.graph;
    let mut report = LoadReport {
        graph: graph.as_str().to_owned(),
        scheme: description.scheme.to_owned(),
        release: description.release.to_owned(),
        ..LoadReport::default()
    };
    if description.is_loaded(store)? {
        store.commit(description.amend(store)?)?;
        report.unchanged = true;
        report.triples = survey::triples(store, graph)?;
        report.before = report.triples;
        return Ok(report);
    }
    let old = described(store, graph)?;
    let describe = |triples: u64| -> Change { description.change(store, triples, notes.borrow().bad_lines, old) };
    let replaced = store.replace_graph(graph, statements, describe, progress)?;
    report.triples = replaced.triples;
    report.before = replaced.before;
    Ok(report)
}
