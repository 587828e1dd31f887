//! The lists that harvesters follow: every record by its datestamp, as a whole and set by set, and what was said once and no longer is.
//! A record that is gone keeps its place in them for good.

use jiff::Timestamp;
use oxigraph::model::{GraphNameRef, LiteralRef, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};
use redb::{ReadableDatabase as _, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::{Index, Listed, Reader, Store, StoreError};
use crate::rdf::{
    RecordKey,
    mint::short_key,
    ns::{dcterms, edm, enr, prov, rdf},
    text_of,
};

const STAMPED: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records, also those that are gone");
const BY_STAMP: TableDefinition<'_, (&str, i64, &str), ()> = TableDefinition::new("records by list and datestamp");

/// Whether something of ours is published for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing ever was.
    Never,
    /// Something is.
    Now,
    /// Something was, and nothing is any more.
    NoLonger,
}

/// A record as harvesters see it, also when it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// Its key.
    pub key: RecordKey,
    /// When its dissemination last changed.
    pub datestamp: Timestamp,
    /// The sets that it belongs to, sorted: `dataset/NAME`, `provider/KEY`, `run/KEY`, as they stand below the base.
    pub sets: Vec<String>,
    /// The data provider, or nothing.
    pub provider: String,
    /// Whether the record itself is gone.
    pub gone: bool,
    /// Whether something is published for it.
    pub published: Standing,
}

/// One of the lists.
#[derive(Clone, Copy, Debug, Default)]
pub struct StampList<'l> {
    /// Only records for which something is or was published.
    pub published: bool,
    /// Only records of this set.
    pub set: Option<&'l str>,
}

/// From when until when, both included.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// From this datestamp on.
    pub from: Timestamp,
    /// Up to this one.
    pub until: Timestamp,
}

impl StampList<'_> {
    fn name(&self) -> String {
        format!("{}{}", if self.published { PUBLISHED } else { ALL }, self.set.unwrap_or_default())
    }
}

/// How the names of the lists begin.
const ALL: &str = "all ";
const PUBLISHED: &str = "published ";

impl Stamped {
    fn lists(&self) -> Vec<String> {
        let kinds = [Some(ALL), (self.published != Standing::Never).then_some(PUBLISHED)];
        let sets = || std::iter::once("").chain(self.sets.iter().map(String::as_str));
        kinds.into_iter().flatten().flat_map(|kind| sets().map(move |set| format!("{kind}{set}"))).collect()
    }
}

impl Index {
    /// The record with this key, also if it is gone.
    pub fn stamped(&self, key: &RecordKey) -> Result<Option<Stamped>, StoreError> {
        let read = self.database().begin_read()?;
        let found = read.open_table(STAMPED)?.get(key.as_str())?;
        Ok(found.and_then(|bytes| serde_json::from_slice(bytes.value()).ok()))
    }

    /// At most so many records of a list, the longest unchanged first, behind a record that had this datestamp.
    pub fn stamped_page(
        &self,
        list: StampList<'_>,
        span: Span,
        after: Option<(Timestamp, &RecordKey)>,
        most: usize,
    ) -> Result<Vec<Stamped>, StoreError> {
        let name = list.name();
        let read = self.database().begin_read()?;
        let (records, table) = (read.open_table(STAMPED)?, read.open_table(BY_STAMP)?);
        let start = match after {
            Some((stamp, key)) => (name.as_str(), stamp.as_microsecond(), key.as_str()),
            None => (name.as_str(), span.from.as_microsecond(), ""),
        };
        let mut page = Vec::new();
        for row in table.range(start..end(&name, span))? {
            let (row, ()) = row.map(|(k, v)| (k, v.value()))?;
            if page.len() == most {
                break;
            }
            if after.is_some() && row.value() == start {
                continue;
            }
            let record = records.get(row.value().2)?;
            page.extend(record.and_then(|bytes| serde_json::from_slice::<Stamped>(bytes.value()).ok()));
        }
        Ok(page)
    }

    /// How many records of a list lie in a span.
    pub fn count_stamped(&self, list: StampList<'_>, span: Span) -> Result<u64, StoreError> {
        let name = list.name();
        let read = self.database().begin_read()?;
        let table = read.open_table(BY_STAMP)?;
        let mut count = 0;
        for row in table.range((name.as_str(), span.from.as_microsecond(), "")..end(&name, span))? {
            row?;
            count += 1;
        }
        Ok(count)
    }

    /// At most so many sets behind one, each with one of its records.
    pub fn sets(&self, after: &str, most: usize) -> Result<Vec<(String, Stamped)>, StoreError> {
        let read = self.database().begin_read()?;
        let (records, table) = (read.open_table(STAMPED)?, read.open_table(BY_STAMP)?);
        let mut sets = Vec::new();
        // One look-up a set: from each we leap behind its last record.
        let mut behind = format!("{ALL}{after}\0");
        while sets.len() < most {
            let Some(row) = table.range((behind.as_str(), i64::MIN, "")..)?.next() else { break };
            let (row, _) = row?;
            let (list, _, key) = row.value();
            let Some(set) = list.strip_prefix(ALL) else { break };
            let record = records.get(key)?.and_then(|bytes| serde_json::from_slice(bytes.value()).ok());
            sets.extend(record.map(|record| (set.to_owned(), record)));
            behind = format!("{list}\0");
        }
        Ok(sets)
    }

    /// The oldest datestamp.
    pub fn first_stamp(&self) -> Result<Option<Timestamp>, StoreError> {
        self.end_stamp(false)
    }

    /// The newest datestamp.
    pub(super) fn last_stamp(&self) -> Result<Option<Timestamp>, StoreError> {
        self.end_stamp(true)
    }

    fn end_stamp(&self, last: bool) -> Result<Option<Timestamp>, StoreError> {
        let read = self.database().begin_read()?;
        let Ok(table) = read.open_table(BY_STAMP) else { return Ok(None) };
        let mut rows = table.range((ALL, i64::MIN, "")..=(ALL, i64::MAX, ""))?;
        let row = if last { rows.next_back() } else { rows.next() };
        Ok(row.transpose()?.and_then(|(key, _)| Timestamp::from_microsecond(key.value().1).ok()))
    }

    /// The keys of the records in the list of all, from a datestamp on, behind a record.
    pub(super) fn keys_by_stamp(
        &self,
        from: Option<Timestamp>,
        after: Option<&Listed>,
        mut visit: impl FnMut(&str) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let read = self.database().begin_read()?;
        let table = read.open_table(BY_STAMP)?;
        let first = from.map_or(i64::MIN, Timestamp::as_microsecond);
        let start = after.map_or((ALL, first, ""), |l| (ALL, l.datestamp.as_microsecond(), l.key.as_str()));
        for row in table.range(start..)? {
            let (row, ()) = row.map(|(k, v)| (k, v.value()))?;
            let (list, _, key) = row.value();
            let is_start = after.is_some() && row.value() == start;
            if list != ALL || !(is_start || visit(key)?) {
                break;
            }
        }
        Ok(())
    }
}

/// The first place behind a span.
fn end(list: &str, span: Span) -> (&str, i64, &'static str) {
    (list, span.until.as_microsecond().saturating_add(1), "")
}

pub(super) fn ready(write: &WriteTransaction) -> Result<(), StoreError> {
    write.open_table(STAMPED)?;
    write.open_table(BY_STAMP)?;
    Ok(())
}

pub(super) fn clear(write: &WriteTransaction) -> Result<(), StoreError> {
    write.delete_table(STAMPED)?;
    write.delete_table(BY_STAMP)?;
    Ok(())
}

pub(super) fn put(write: &WriteTransaction, stamped: &Stamped) -> Result<(), StoreError> {
    let key = stamped.key.as_str();
    let bytes = serde_json::to_vec(stamped).map_err(|e| StoreError::Query(format!("writing the index: {e}")))?;
    write.open_table(STAMPED)?.insert(key, bytes.as_slice())?;
    let mut table = write.open_table(BY_STAMP)?;
    for list in stamped.lists() {
        table.insert((list.as_str(), stamped.datestamp.as_microsecond(), key), ())?;
    }
    Ok(())
}

pub(super) fn forget(write: &WriteTransaction, key: &RecordKey) -> Result<(), StoreError> {
    let key = key.as_str();
    let old: Option<Stamped> = write.open_table(STAMPED)?.remove(key)?.and_then(|bytes| serde_json::from_slice(bytes.value()).ok());
    let Some(old) = old else { return Ok(()) };
    let mut table = write.open_table(BY_STAMP)?;
    for list in old.lists() {
        table.remove((list.as_str(), old.datestamp.as_microsecond(), key))?;
    }
    Ok(())
}

/// What the store says of a record's place in the lists; `listed` is the record itself, if it is there.
pub(super) fn stamped(store: &Reader, key: &RecordKey, listed: Option<&Listed>) -> Result<Option<Stamped>, StoreError> {
    let base = store.base();
    let (meta, tombstones, source) = (store.meta_graph(), base.tombstone_graph(), base.source_graph(key));
    let buried = of_record(store, key, &tombstones)?;
    let (provider, data_set, datestamp) = match listed {
        Some(listed) => (listed.provider.clone(), Some(listed.data_set.clone()), listed.datestamp),
        None if buried.contains(&source) => {
            let provider = store.object(&source, edm::DATA_PROVIDER, &tombstones)?.map(text_of).unwrap_or_default();
            let data_set = store.object(&source, enr::DATA_SET, &tombstones)?.map(text_of);
            let Some(stamp) = store.object(&source, dcterms::MODIFIED, &tombstones)?.and_then(|t| text_of(t).parse().ok()) else {
                return Ok(None);
            };
            (provider, data_set, stamp)
        }
        None => return Ok(None),
    };
    let mut sets: Vec<String> = data_set.iter().filter_map(|iri| base.local(iri)).map(str::to_owned).collect();
    if !provider.is_empty() {
        sets.push(format!("provider/{}", short_key([&provider])));
    }
    // Who once belonged to a run still does when the run was taken back: how else would its harvesters hear of it?
    for (graphs, about) in [(of_record(store, key, &meta)?, &meta), (buried.clone(), &tombstones)] {
        for graph in graphs.iter().filter(|g| is_below(store, g, "graph/enrichment/")) {
            if let Some(Term::NamedNode(run)) = store.object(graph, prov::WAS_GENERATED_BY, about)? {
                sets.extend(base.local(run.as_str()).map(str::to_owned));
            }
        }
    }
    sets.sort_unstable();
    sets.dedup();
    let published = base.published_graph(key);
    let published = match listed {
        Some(listed) if listed.published => Standing::Now,
        _ if buried.contains(&published) => Standing::NoLonger,
        _ => Standing::Never,
    };
    Ok(Some(Stamped { key: key.clone(), datestamp, sets, provider, gone: listed.is_none(), published }))
}

/// The keys of the records that are gone.
pub(super) fn gone(store: &Store) -> Result<Vec<RecordKey>, StoreError> {
    let tombstones = store.base().tombstone_graph();
    let graph = GraphNameRef::from(tombstones.as_ref());
    let mut keys = Vec::new();
    for quad in store.quads().quads_for_pattern(None, Some(enr::RECORD), None, Some(graph)) {
        let quad = quad?;
        if let (NamedOrBlankNode::NamedNode(source), Term::Literal(key)) = (&quad.subject, &quad.object)
            && is_below(store, source, "graph/source/")
        {
            keys.extend(RecordKey::parse(key.value()));
        }
    }
    Ok(keys)
}

/// The graphs of a record of which this graph speaks.
fn of_record(store: &Reader, key: &RecordKey, graph: &NamedNode) -> Result<Vec<NamedNode>, StoreError> {
    let subjects = store.subjects(enr::RECORD, TermRef::Literal(LiteralRef::new_simple_literal(key.as_str())), graph)?;
    Ok(subjects.into_iter().filter_map(|s| if let NamedOrBlankNode::NamedNode(node) = s { Some(node) } else { None }).collect())
}

fn is_below(store: &Reader, graph: &NamedNode, path: &str) -> bool {
    store.base().local(graph.as_str()).is_some_and(|local| local.starts_with(path))
}

/// What is said about a graph that is no more, so that harvesters hear of it for good: that it was, of which record, and what made it.
/// When it stopped is the record's datestamp.
pub fn tombstone(
    store: &Store,
    graph: &NamedNode,
    record: &RecordKey,
    more: impl IntoIterator<Item = (NamedNodeRef<'static>, Term)>,
) -> Vec<oxigraph::model::Quad> {
    let tombstones = store.base().tombstone_graph();
    let said =
        [(rdf::TYPE, Term::from(enr::TOMBSTONE)), (enr::RECORD, oxigraph::model::Literal::new_simple_literal(record.as_str()).into())];
    let quad = |(predicate, object): (NamedNodeRef<'static>, Term)| {
        oxigraph::model::Quad::new(graph.clone(), predicate, object, tombstones.clone())
    };
    said.into_iter().chain(more).map(quad).collect()
}
