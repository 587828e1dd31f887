//! One change: what is to be put, dropped, added and removed, applied as one transaction and on disk when it is acknowledged.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use oxigraph::{
    model::{GraphName, GraphNameRef, Literal, NamedNode, NamedOrBlankNode, Quad, Term, Triple},
    store::Transaction,
};

use super::{Reader, Store, StoreError};
use crate::rdf::{
    RecordKey,
    ns::{dcterms, enr, xsd},
};

/// From how many records on a change is read back through an engine of its own: fewer are read sooner than one is opened.
const MANY: usize = 64;

/// What is to become of the store. Applied whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Graphs that shall hold exactly these triples.
    pub put: Vec<(NamedNode, Vec<Triple>)>,
    /// Graphs that shall be no more.
    pub drop: Vec<NamedNode>,
    /// Quads that shall stand.
    pub add: Vec<Quad>,
    /// Quads that shall not stand.
    pub remove: Vec<Quad>,
    /// Records whose dissemination this changes: they get the change's datestamp, and their place in the lists.
    pub touched: Vec<RecordKey>,
    /// Records whose dissemination changes although nothing of theirs does, because a vocabulary says something else now.
    pub relabelled: Vec<RecordKey>,
}

impl Change {
    /// Adds one statement.
    pub fn add(
        &mut self,
        subject: impl Into<NamedOrBlankNode>,
        predicate: impl Into<NamedNode>,
        object: impl Into<Term>,
        graph: impl Into<GraphName>,
    ) {
        self.add.push(Quad::new(subject, predicate, object, graph));
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.drop.is_empty() && self.add.is_empty() && self.remove.is_empty() && self.relabelled.is_empty()
    }
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The store's version now.
    pub version: u64,
    /// Whether anything changed. If not, the version is the old one, and no datestamp moved.
    pub changed: bool,
}

impl Store {
    /// Applies a change as one transaction. When this returns, the change is on disk and in the index.
    pub fn commit(&self, change: Change) -> Result<Committed, StoreError> {
        let _writing = self.writing();
        let committed = self.commit_while_writing(change)?;
        self.acknowledge();
        Ok(committed)
    }

    /// The same, for those who are the writer already.
    pub(super) fn commit_while_writing(&self, mut change: Change) -> Result<Committed, StoreError> {
        let stretch = self.reader_for(change.touched.len() + change.relabelled.len());
        let before: &Reader = stretch.as_ref().unwrap_or(self);
        let mut transaction = self.quads.start_transaction()?;
        let mut changed = !change.relabelled.is_empty();
        for graph in &change.drop {
            if graph_holds_something(&transaction, graph)? {
                changed = true;
                self.touch_graph(graph, &transaction)?;
                transaction.remove_named_graph(graph)?;
            }
        }
        let mut settled: HashSet<NamedNode> = change.drop.iter().cloned().collect();
        for (graph, triples) in change.put.drain(..) {
            let quads: Vec<Quad> = triples.into_iter().map(|t| t.in_graph(graph.clone())).collect();
            // What this change itself did to the graph is not to be seen in the store as it stands.
            let holds = if settled.contains(&graph) { Holds::Others } else { holds(before, &graph, &quads)? };
            if holds == Holds::Others {
                changed |= !quads.is_empty() || graph_holds_something(&transaction, &graph)?;
                self.touch_graph(&graph, &transaction)?;
                transaction.clear_graph(&graph)?;
            }
            if holds != Holds::These {
                changed |= !quads.is_empty();
                for quad in &quads {
                    self.touch_quad(quad);
                    transaction.insert(quad);
                }
            }
            settled.insert(graph);
        }
        for quad in &change.remove {
            if transaction.contains(quad)? {
                changed = true;
                self.touch_quad(quad);
                transaction.remove(quad);
            }
        }
        for quad in &change.add {
            // Once something has changed, nobody asks whether this does.
            if changed || !transaction.contains(quad)? {
                changed = true;
                self.touch_quad(quad);
                transaction.insert(quad);
            }
        }
        let version = self.version();
        if !changed {
            return Ok(Committed { version, changed });
        }
        change.touched.append(&mut change.relabelled);
        let (stamp, stamping) = self.next_stamp(change.touched.is_empty())?;
        self.stamp_records(&mut transaction, before, &change, stamp)?;
        self.count_up(&mut transaction, version)?;
        drop(stretch);
        transaction.commit()?;
        if let Err(error) = self.committed(version + 1, &change.touched) {
            // Harvesters must not pass what they cannot see: they wait here until the index is made anew.
            std::mem::forget(stamping);
            return Err(error);
        }
        Ok(Committed { version: version + 1, changed })
    }

    /// What follows a transaction that made this version: it is made durable, counted, and shown in the index.
    pub(super) fn committed(&self, version: u64, touched: &[RecordKey]) -> Result<(), StoreError> {
        // The engine itself never syncs its log: only this makes the change durable.
        self.quads.flush()?;
        self.version.store(version, Ordering::Release);
        self.index.update(self.reader_for(touched.len()).as_ref().unwrap_or(self), touched, version)
    }

    /// Where a change is about many records, an engine of its own to read them through: what it keeps of them goes with it.
    fn reader_for(&self, records: usize) -> Option<Reader> {
        let stretch = (records >= MANY).then(|| self.own_stretch()).transpose();
        stretch.unwrap_or_else(|error| {
            tracing::warn!(%error, "a change is looked up in the engine that writes it, which takes memory");
            None
        })
    }

    /// From here on, whoever asks for a fresh snapshot sees this version.
    pub(super) fn acknowledge(&self) {
        self.acknowledged.store(self.version(), Ordering::Release);
    }

    /// A datestamp that never goes back, whatever the clock does, and never below what [`Store::settled_until`] told. While the guard
    /// lives, nobody is told that its time is settled.
    fn next_stamp(&self, stamps_nothing: bool) -> Result<(Timestamp, Option<Stamping<'_>>), StoreError> {
        let began = self.clock.now();
        let guard = (!stamps_nothing).then(|| Stamping::begin(&self.stamping, began.as_microsecond()));
        let told = Timestamp::from_microsecond(self.settled.load(Ordering::SeqCst)).unwrap_or(Timestamp::MIN);
        let last = self.index.last_stamp()?.unwrap_or(Timestamp::MIN);
        Ok((began.max(self.clock.now()).max(told).max(last), guard))
    }

    /// A whole second: every change with a datestamp before it is there to be read, and none will be added.
    pub fn settled_until(&self) -> Timestamp {
        let now = floor_second(self.clock.now().as_microsecond());
        self.settled.fetch_max(now, Ordering::SeqCst);
        let second = now.min(floor_second(self.stamping.load(Ordering::SeqCst)));
        Timestamp::from_microsecond(second).unwrap_or(Timestamp::MIN)
    }

    /// Gives the records that a change touches its datestamp. `before` shows the store without the change.
    fn stamp_records(
        &self,
        transaction: &mut Transaction<'_>,
        before: &Reader,
        change: &Change,
        stamp: Timestamp,
    ) -> Result<(), StoreError> {
        let (meta, tombstones) = (self.base.meta_graph(), self.base.tombstone_graph());
        let stamp = Literal::new_typed_literal(stamp.to_string(), xsd::DATE_TIME);
        for record in &change.touched {
            let graph = self.base.source_graph(record);
            for old in self.stamps(before, record, &graph)? {
                transaction.remove(&old);
            }
            // A record that is gone keeps its datestamp among the tombstones.
            let key = Literal::new_simple_literal(record.as_str());
            let is_said = Quad::new(graph.clone(), enr::RECORD, key, meta.clone());
            let is_there = (change.remove.is_empty() && before.quads.contains(&is_said)?) || transaction.contains(&is_said)?;
            let place = if is_there { &meta } else { &tombstones };
            transaction.insert(&Quad::new(graph, dcterms::MODIFIED, stamp.clone(), place.clone()));
        }
        Ok(())
    }

    /// Where a record's datestamp stands. The index knows it, so that it need not be looked for among the quads.
    fn stamps(&self, before: &Reader, record: &RecordKey, graph: &NamedNode) -> Result<Vec<Quad>, StoreError> {
        let (meta, tombstones) = (self.base.meta_graph(), self.base.tombstone_graph());
        if let Some(known) = self.index.stamped(record)? {
            let place = if known.gone { &tombstones } else { &meta };
            let stamp = Literal::new_typed_literal(known.datestamp.to_string(), xsd::DATE_TIME);
            let quad = Quad::new(graph.clone(), dcterms::MODIFIED, stamp, place.clone());
            if before.quads.contains(&quad)? {
                return Ok(vec![quad]);
            }
        }
        let standing = [&meta, &tombstones].map(|place| {
            let (about, place) = (graph.as_ref().into(), place.as_ref().into());
            before.quads.quads_for_pattern(Some(about), Some(dcterms::MODIFIED), None, Some(place))
        });
        standing.into_iter().flatten().map(|quad| Ok(quad?)).collect()
    }

    /// Writes the next version down.
    pub(super) fn count_up(&self, transaction: &mut Transaction<'_>, version: u64) -> Result<(), StoreError> {
        let (store, meta) = (self.base.store(), self.base.meta_graph());
        let old: Vec<Quad> = transaction
            .quads_for_pattern(Some(store.as_ref().into()), Some(enr::VERSION), None, Some(GraphNameRef::from(meta.as_ref())))
            .collect::<Result<_, _>>()?;
        for quad in &old {
            transaction.remove(quad);
        }
        let next = Literal::new_typed_literal((version + 1).to_string(), xsd::INTEGER);
        transaction.insert(&Quad::new(store, enr::VERSION, next, meta));
        Ok(())
    }
}

fn floor_second(microseconds: i64) -> i64 {
    microseconds.div_euclid(1_000_000) * 1_000_000
}

/// A change that gives datestamps is under way.
struct Stamping<'f> {
    since: &'f AtomicI64,
    before: i64,
}

impl<'f> Stamping<'f> {
    fn begin(since: &'f AtomicI64, now: i64) -> Self {
        let before = since.fetch_min(now, Ordering::SeqCst);
        Self { since, before }
    }
}

impl Drop for Stamping<'_> {
    fn drop(&mut self) {
        self.since.store(self.before, Ordering::SeqCst);
    }
}

/// What a graph holds, beside what it shall hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    These,
    Others,
}

/// What the graph holds, beside these quads.
fn holds(before: &Reader, graph: &NamedNode, quads: &[Quad]) -> Result<Holds, StoreError> {
    let distinct: HashSet<&Quad> = quads.iter().collect();
    let mut standing = 0;
    for quad in before.quads.quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))) {
        standing += 1;
        if !distinct.contains(&quad?) {
            return Ok(Holds::Others);
        }
    }
    Ok(match standing {
        _ if standing == distinct.len() => Holds::These,
        0 => Holds::Nothing,
        _ => Holds::Others,
    })
}

fn graph_holds_something(transaction: &Transaction<'_>, graph: &NamedNode) -> Result<bool, StoreError> {
    Ok(transaction.quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))).next().transpose()?.is_some())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{rdf::Base, telemetry::FixedClock};

    #[test]
    fn nobody_is_told_that_a_second_is_over_in_which_a_change_began() {
        let base = Base::new("https://enrich.example/").unwrap();
        let now: Timestamp = "2026-11-21T04:30:05.5Z".parse().unwrap();
        let store = Store::in_memory(&base, Arc::new(FixedClock(now))).unwrap();
        assert_eq!(store.settled_until().to_string(), "2026-11-21T04:30:05Z");
        let began: Timestamp = "2026-11-21T04:30:02.9Z".parse().unwrap();
        let earlier = Stamping::begin(&store.stamping, began.as_microsecond());
        assert_eq!(store.settled_until().to_string(), "2026-11-21T04:30:02Z");
        // What was told once holds for every stamp that comes.
        let (stamp, later) = store.next_stamp(false).unwrap();
        assert_eq!(stamp, now);
        drop(later);
        assert_eq!(store.settled_until().to_string(), "2026-11-21T04:30:02Z");
        drop(earlier);
        assert_eq!(store.settled_until().to_string(), "2026-11-21T04:30:05Z");
    }
}
