//! The sorted index: records by datestamp, by data set and by concept, and concepts by label. Everything in it is derived from the
//! store; it knows at which version, and is made anew when it is behind.

use std::{ops::ControlFlow, path::Path};

use jiff::Timestamp;
use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};
use redb::{
    Database, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, TableDefinition, WriteTransaction,
    backends::InMemoryBackend,
};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{Reader, Store, StoreError, stamped};
use crate::rdf::{
    RecordKey,
    ns::{dcterms, edm, enr, foaf, oa, rdf, skos},
};

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");
const BY_SET: TableDefinition<'_, (&str, &str), ()> = TableDefinition::new("records by data set");
const BY_CONCEPT: TableDefinition<'_, (&str, &str), ()> = TableDefinition::new("records by concept");
/// Folded label, concept, language, graph; the label as it is written.
const LABELS: TableDefinition<'_, (&str, &str, &str, &str), &str> = TableDefinition::new("concepts by label");
/// The same the other way round: graph, folded label, concept, language.
const LABELS_OF: TableDefinition<'_, (&str, &str, &str, &str), ()> = TableDefinition::new("labels by graph");

/// Graph, and which reading of its labels stands here: a number that is never given twice.
const LABELS_READ: TableDefinition<'_, &str, u64> = TableDefinition::new("readings of labels");
/// The number of the last reading.
const LAST_READING: &str = "labels";

/// The version of the tables' layout: another one makes the index anew.
const LAYOUT: u64 = 3;

/// A record as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its key.
    pub key: RecordKey,
    /// The CHO's IRI.
    pub cho: String,
    /// A title, in whatever language came first; the CHO's IRI where there is none.
    pub title: String,
    /// The data provider, or nothing.
    pub provider: String,
    /// The data set's IRI.
    pub data_set: String,
    /// When its dissemination last changed.
    pub datestamp: Timestamp,
    /// The concepts of its annotations, each once, sorted.
    pub concepts: Vec<String>,
    /// How many annotations it has.
    pub annotations: u32,
    /// Whether something is published for it.
    pub published: bool,
}

/// Which records a list is about.
#[derive(Clone, Copy, Debug)]
pub enum Listing<'l> {
    /// All of them, the longest unchanged first.
    ByDatestamp {
        /// From this datestamp on, or from the beginning.
        from: Option<Timestamp>,
    },
    /// All of them, by key: an order in which nothing moves while records change.
    ByKey,
    /// Those of one data set, by key.
    DataSet(&'l str),
    /// Those that have an annotation with this very concept, by key.
    Concept(&'l str),
}

/// A concept found by one of its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConceptHit {
    /// The concept's IRI.
    pub concept: String,
    /// The label as it is written.
    pub label: String,
    /// Its language tag, or nothing.
    pub language: String,
}

/// The sorted index of one store.
#[derive(Debug)]
pub struct Index(Database);

impl Index {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(Database::builder().set_cache_size(super::settings::CACHED_BYTES).create(path)?))
    }

    pub(super) fn in_memory() -> Result<Self, StoreError> {
        Ok(Self(Database::builder().create_with_backend(InMemoryBackend::new())?))
    }

    /// Makes the index anew if it is not at the store's version.
    pub(super) fn follow(&self, store: &Store) -> Result<(), StoreError> {
        if self.marker("layout")? == Some(LAYOUT) && self.marker("version")? == Some(store.version()) {
            return Ok(());
        }
        self.rebuild(store)
    }

    /// Makes the whole index anew from the store.
    pub fn rebuild(&self, store: &Store) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        let reading = last_reading(&write)?;
        write.delete_table(META)?;
        write.open_table(META)?.insert(LAST_READING, reading)?;
        write.delete_table(RECORDS)?;
        stamped::clear(&write)?;
        write.delete_table(BY_SET)?;
        write.delete_table(BY_CONCEPT)?;
        let meta = store.base().meta_graph();
        let graph = GraphNameRef::from(meta.as_ref());
        let sources = store.quads().quads_for_pattern(None, Some(rdf::TYPE), Some(TermRef::from(enr::SOURCE_GRAPH)), Some(graph));
        for source in sources {
            if let NamedOrBlankNode::NamedNode(source) = source?.subject
                && let Some(listed) = listed(store, &source)?
            {
                put(&write, &listed)?;
                if let Some(stamped) = stamped::stamped(store, &listed.key, Some(&listed))? {
                    stamped::put(&write, &stamped)?;
                }
            }
        }
        for key in stamped::gone(store)? {
            if listed(store, &store.base().source_graph(&key))?.is_none()
                && let Some(stamped) = stamped::stamped(store, &key, None)?
            {
                stamped::put(&write, &stamped)?;
            }
        }
        mark(&write, store.version())?;
        write.commit()?;
        self.rebuild_labels(store)
    }

    /// Brings the touched records up to the version that was just committed, as the reader shows it.
    pub(super) fn update(&self, store: &Reader, touched: &[RecordKey], version: u64) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        for key in touched {
            forget(&write, key)?;
            stamped::forget(&write, key)?;
            let listed = listed(store, &store.base().source_graph(key))?;
            if let Some(listed) = &listed {
                put(&write, listed)?;
            }
            if let Some(stamped) = stamped::stamped(store, key, listed.as_ref())? {
                stamped::put(&write, &stamped)?;
            }
        }
        mark(&write, version)?;
        write.commit()?;
        Ok(())
    }

    /// Brings the labels of one vocabulary graph up to what it holds now: after it was loaded, or is gone.
    pub(super) fn refresh_labels(&self, store: &Store, graph: &NamedNode) -> Result<(), StoreError> {
        if !is_vocabulary(store, graph) {
            return Ok(());
        }
        let write = self.0.begin_write()?;
        forget_labels(&write, graph)?;
        put_labels(&write, store, graph)?;
        note_reading(&write, graph)?;
        write.commit()?;
        Ok(())
    }

    fn rebuild_labels(&self, store: &Store) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        write.delete_table(LABELS)?;
        write.delete_table(LABELS_OF)?;
        write.delete_table(LABELS_READ)?;
        write.open_table(LABELS)?;
        write.open_table(LABELS_READ)?;
        for graph in store.quads().named_graphs() {
            if let NamedOrBlankNode::NamedNode(graph) = graph?
                && is_vocabulary(store, &graph)
            {
                put_labels(&write, store, &graph)?;
                note_reading(&write, &graph)?;
            }
        }
        write.commit()?;
        Ok(())
    }

    /// The record with this key.
    pub fn record(&self, key: &RecordKey) -> Result<Option<Listed>, StoreError> {
        let read = self.0.begin_read()?;
        let found = read.open_table(RECORDS)?.get(key.as_str())?;
        Ok(found.and_then(|bytes| serde_json::from_slice(bytes.value()).ok()))
    }

    /// How many records there are.
    pub fn len(&self) -> Result<u64, StoreError> {
        Ok(self.0.begin_read()?.open_table(RECORDS)?.len()?)
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.len()? == 0)
    }

    /// Hands on the records of a list in its order, beginning behind `after`, until the visitor breaks off.
    pub fn records(
        &self,
        listing: Listing<'_>,
        after: Option<&Listed>,
        mut visit: impl FnMut(Listed) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let read = self.0.begin_read()?;
        let records = read.open_table(RECORDS)?;
        let show = |key: &str, visit: &mut dyn FnMut(Listed) -> ControlFlow<()>| -> Result<ControlFlow<()>, StoreError> {
            let listed = records.get(key)?.and_then(|bytes| serde_json::from_slice(bytes.value()).ok());
            Ok(listed.map_or(ControlFlow::Continue(()), visit))
        };
        match listing {
            Listing::ByDatestamp { from } => {
                self.keys_by_stamp(from, after, |key| Ok(show(key, &mut visit)?.is_continue()))?;
            }
            Listing::ByKey => {
                let start = after.map_or("", |l| l.key.as_str());
                for row in records.range(start..)? {
                    let (key, bytes) = row?;
                    if after.is_some() && key.value() == start {
                        continue;
                    }
                    let Ok(listed) = serde_json::from_slice(bytes.value()) else { continue };
                    if visit(listed).is_break() {
                        break;
                    }
                }
            }
            Listing::DataSet(of) | Listing::Concept(of) => {
                let table = read.open_table(if matches!(listing, Listing::DataSet(_)) { BY_SET } else { BY_CONCEPT })?;
                let start = (of, after.map_or("", |l| l.key.as_str()));
                for row in table.range(start..)? {
                    let (key, ()) = row.map(|(k, v)| (k, v.value()))?;
                    let (set, record) = key.value();
                    if set != of {
                        break;
                    }
                    if after.is_some() && record == start.1 {
                        continue;
                    }
                    if show(record, &mut visit)?.is_break() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// At most so many records of a list, behind `after`.
    pub fn page(&self, listing: Listing<'_>, after: Option<&Listed>, most: usize) -> Result<Vec<Listed>, StoreError> {
        let mut page = Vec::new();
        self.records(listing, after, |listed| {
            page.push(listed);
            if page.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(page)
    }

    /// At most so many concepts one of whose labels begins like this, whatever its case and accents, the alphabet's first label first.
    pub fn concepts_by_label(&self, beginning: &str, most: usize) -> Result<Vec<ConceptHit>, StoreError> {
        let folded = fold_label(beginning);
        let read = self.0.begin_read()?;
        let mut hits = Vec::new();
        let Ok(table) = read.open_table(LABELS) else { return Ok(hits) };
        for row in table.range((folded.as_str(), "", "", "")..)? {
            let (key, label) = row?;
            let (found, concept, language, _) = key.value();
            if !found.starts_with(&folded) || hits.len() == most {
                break;
            }
            if !hits.iter().any(|h: &ConceptHit| h.concept == concept && h.label == label.value()) {
                hits.push(ConceptHit { concept: concept.to_owned(), label: label.value().to_owned(), language: language.to_owned() });
            }
        }
        Ok(hits)
    }

    /// The vocabularies' graphs that have labels, each with the number of the reading that stands here. Another reading has another number.
    pub fn label_readings(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let read = self.0.begin_read()?;
        let table = match read.open_table(LABELS_READ) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        table.iter()?.map(|row| row.map(|(graph, reading)| (graph.value().to_owned(), reading.value())).map_err(StoreError::from)).collect()
    }

    /// The database, for tables that other rooms derive from the store.
    pub(crate) fn database(&self) -> &Database {
        &self.0
    }

    fn marker(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let read = self.0.begin_read()?;
        match read.open_table(META) {
            Ok(table) => Ok(table.get(name)?.map(|v| v.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// A label as it is looked up: lower case, without accents, white space folded.
pub fn fold_label(label: &str) -> String {
    let plain: String = label.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn mark(write: &WriteTransaction, version: u64) -> Result<(), StoreError> {
    let mut meta = write.open_table(META)?;
    meta.insert("layout", LAYOUT)?;
    meta.insert("version", version)?;
    // So that readers find every table, full or empty.
    write.open_table(RECORDS)?;
    stamped::ready(write)?;
    write.open_table(BY_SET)?;
    write.open_table(BY_CONCEPT)?;
    Ok(())
}

fn put(write: &WriteTransaction, listed: &Listed) -> Result<(), StoreError> {
    let key = listed.key.as_str();
    let bytes = serde_json::to_vec(listed).map_err(|e| StoreError::Query(format!("writing the index: {e}")))?;
    write.open_table(RECORDS)?.insert(key, bytes.as_slice())?;
    write.open_table(BY_SET)?.insert((listed.data_set.as_str(), key), ())?;
    let mut by_concept = write.open_table(BY_CONCEPT)?;
    for concept in &listed.concepts {
        by_concept.insert((concept.as_str(), key), ())?;
    }
    Ok(())
}

fn forget(write: &WriteTransaction, key: &RecordKey) -> Result<(), StoreError> {
    let key = key.as_str();
    let old: Option<Listed> = write.open_table(RECORDS)?.remove(key)?.and_then(|bytes| serde_json::from_slice(bytes.value()).ok());
    let Some(old) = old else { return Ok(()) };
    write.open_table(BY_SET)?.remove((old.data_set.as_str(), key))?;
    let mut by_concept = write.open_table(BY_CONCEPT)?;
    for concept in &old.concepts {
        by_concept.remove((concept.as_str(), key))?;
    }
    Ok(())
}

fn last_reading(write: &WriteTransaction) -> Result<u64, StoreError> {
    Ok(write.open_table(META)?.get(LAST_READING)?.map_or(0, |v| v.value()))
}

/// Gives what now stands of a graph's labels a number of its own.
fn note_reading(write: &WriteTransaction, graph: &NamedNode) -> Result<(), StoreError> {
    let reading = last_reading(write)? + 1;
    write.open_table(META)?.insert(LAST_READING, reading)?;
    let has_labels = {
        let labels_of = write.open_table(LABELS_OF)?;
        let first = labels_of.range((graph.as_str(), "", "", "")..)?.next().transpose()?;
        first.is_some_and(|(key, _)| key.value().0 == graph.as_str())
    };
    let mut readings = write.open_table(LABELS_READ)?;
    if has_labels {
        readings.insert(graph.as_str(), reading)?;
    } else {
        readings.remove(graph.as_str())?;
    }
    Ok(())
}

/// Only vocabularies have labels to be found by; a record's own contextual concepts are the provider's.
fn is_vocabulary(store: &Store, graph: &NamedNode) -> bool {
    store.base().local(graph.as_str()).is_some_and(|local| local.starts_with("graph/vocab/"))
}

fn put_labels(write: &WriteTransaction, store: &Store, graph: &NamedNode) -> Result<(), StoreError> {
    let mut labels = write.open_table(LABELS)?;
    let mut labels_of = write.open_table(LABELS_OF)?;
    let name = GraphNameRef::from(graph.as_ref());
    for predicate in [skos::PREF_LABEL, skos::ALT_LABEL, skos::HIDDEN_LABEL] {
        for quad in store.quads().quads_for_pattern(None, Some(predicate), None, Some(name)) {
            let quad = quad?;
            if let (NamedOrBlankNode::NamedNode(concept), Term::Literal(label)) = (&quad.subject, &quad.object) {
                let folded = fold_label(label.value());
                let language = label.language().unwrap_or("");
                labels.insert((folded.as_str(), concept.as_str(), language, graph.as_str()), label.value())?;
                labels_of.insert((graph.as_str(), folded.as_str(), concept.as_str(), language), ())?;
            }
        }
    }
    Ok(())
}

fn forget_labels(write: &WriteTransaction, graph: &NamedNode) -> Result<(), StoreError> {
    let mut labels = write.open_table(LABELS)?;
    let mut labels_of = write.open_table(LABELS_OF)?;
    // What sorts right behind every row of this graph.
    let behind = format!("{}\u{1}", graph.as_str());
    for row in labels_of.extract_from_if((graph.as_str(), "", "", "")..(behind.as_str(), "", "", ""), |_, ()| true)? {
        let (key, ()) = row.map(|(key, value)| (key, value.value()))?;
        let (graph, folded, concept, language) = key.value();
        labels.remove((folded, concept, language, graph))?;
    }
    Ok(())
}

/// What the store says of the record in this source graph, if it has one.
fn listed(store: &Reader, source: &NamedNode) -> Result<Option<Listed>, StoreError> {
    let meta = store.base().meta_graph();
    let text = |predicate: NamedNodeRef<'_>| -> Result<Option<String>, StoreError> {
        Ok(store.object(source, predicate, &meta)?.map(|term| match term {
            Term::NamedNode(n) => n.into_string(),
            Term::Literal(l) => l.value().to_owned(),
            other => other.to_string(),
        }))
    };
    let Some(key) = text(enr::RECORD)?.as_deref().and_then(RecordKey::parse) else { return Ok(None) };
    let Some(cho) = text(foaf::PRIMARY_TOPIC)? else { return Ok(None) };
    let Some(datestamp) = text(dcterms::MODIFIED)?.and_then(|t| t.parse().ok()) else { return Ok(None) };
    let mut concepts = Vec::new();
    let mut annotations = 0;
    for graph in store.subjects(enr::RECORD, TermRef::Literal(oxigraph::model::LiteralRef::new_simple_literal(key.as_str())), &meta)? {
        let NamedOrBlankNode::NamedNode(graph) = graph else { continue };
        if !store.base().local(graph.as_str()).is_some_and(|l| l.starts_with("graph/enrichment/")) {
            continue;
        }
        let bodies = store.quads().quads_for_pattern(None, Some(oa::HAS_BODY), None, Some(GraphNameRef::from(graph.as_ref())));
        for body in bodies {
            if let Term::NamedNode(concept) = body?.object {
                annotations += 1;
                // What stands under our own base is a text and no concept.
                if store.base().local(concept.as_str()).is_none() {
                    concepts.push(concept.into_string());
                }
            }
        }
    }
    concepts.sort_unstable();
    concepts.dedup();
    let published = store.has_graph(&store.base().published_graph(&key))?;
    Ok(Some(Listed {
        title: text(dcterms::TITLE)?.unwrap_or_else(|| cho.clone()),
        provider: text(edm::DATA_PROVIDER)?.unwrap_or_default(),
        data_set: text(enr::DATA_SET)?.unwrap_or_default(),
        key,
        cho,
        datestamp,
        concepts,
        annotations,
        published,
    }))
}
