//! Small bounded questions to the quads, without SPARQL: what a page or a job asks a thousand times.
//!
//! The engine keeps every block in which it looked a string up, some 160 MB of them, for as long as it is open, and lets nobody set
//! less. Who walks over many records therefore reads stretch by stretch ([`Stretches`]): each is an engine of its own, and what it
//! kept goes with it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use oxigraph::{
    model::{GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, Term, TermRef, Triple},
    store::Store as Quads,
};

use super::{Snapshot, Store, StoreError};
use crate::rdf::Base;

/// How many quads are read in one stretch: each may bring a block of 4 KiB into memory.
const STRETCH: usize = 4096;

/// The quads, to be read: as they stand, or as they stood in a snapshot.
pub struct Reader {
    pub(super) quads: Quads,
    pub(super) base: Base,
    /// What is read, where that is a snapshot: its folder goes with its last reader.
    snapshot: Option<Arc<Snapshot>>,
    /// How many quads were read by the questions of this room.
    read: AtomicUsize,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("base", &self.base).field("snapshot", &self.snapshot).finish_non_exhaustive()
    }
}

impl Reader {
    pub(super) fn new(quads: Quads, base: Base, snapshot: Option<Arc<Snapshot>>) -> Self {
        Self { quads, base, snapshot, read: AtomicUsize::new(0) }
    }

    /// The quads, for reading. Nothing outside this room writes to them.
    pub fn quads(&self) -> &Quads {
        &self.quads
    }

    /// The base under which the store's IRIs stand.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The graph of runs, models, agents and graphs.
    pub fn meta_graph(&self) -> NamedNode {
        self.base.meta_graph()
    }

    /// Every triple of one graph, in the store's own order. For graphs of one record's size.
    pub fn triples(&self, graph: &NamedNode) -> Result<Vec<Triple>, StoreError> {
        self.find(None, None, None, Some(graph)).map(|quad| Ok(Triple::from(quad?))).collect()
    }

    /// The objects of a subject and predicate, in one graph.
    pub fn objects<'s>(
        &self,
        subject: impl Into<NamedOrBlankNodeRef<'s>>,
        predicate: NamedNodeRef<'_>,
        graph: &NamedNode,
    ) -> Result<Vec<Term>, StoreError> {
        self.find(Some(subject.into()), Some(predicate), None, Some(graph)).map(|quad| Ok(quad?.object)).collect()
    }

    /// One object of a subject and predicate, in one graph.
    pub fn object<'s>(
        &self,
        subject: impl Into<NamedOrBlankNodeRef<'s>>,
        predicate: NamedNodeRef<'_>,
        graph: &NamedNode,
    ) -> Result<Option<Term>, StoreError> {
        Ok(self.find(Some(subject.into()), Some(predicate), None, Some(graph)).next().transpose()?.map(|quad| quad.object))
    }

    /// The subjects that have this object by this predicate, in one graph.
    pub fn subjects<'o>(
        &self,
        predicate: NamedNodeRef<'_>,
        object: impl Into<TermRef<'o>>,
        graph: &NamedNode,
    ) -> Result<Vec<NamedOrBlankNode>, StoreError> {
        self.find(None, Some(predicate), Some(object.into()), Some(graph)).map(|quad| Ok(quad?.subject)).collect()
    }

    /// What stands about a subject anywhere, with its graph. For subjects of a concept's size.
    pub fn about<'s>(&self, subject: impl Into<NamedOrBlankNodeRef<'s>>) -> Result<Vec<Quad>, StoreError> {
        self.find(Some(subject.into()), None, None, None).collect()
    }

    /// Whether the graph holds anything.
    pub fn has_graph(&self, graph: &NamedNode) -> Result<bool, StoreError> {
        Ok(self.find(None, None, None, Some(graph)).next().transpose()?.is_some())
    }

    fn find<'r>(
        &'r self,
        subject: Option<NamedOrBlankNodeRef<'_>>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<TermRef<'_>>,
        graph: Option<&NamedNode>,
    ) -> impl Iterator<Item = Result<Quad, StoreError>> + use<'r> {
        let graph = graph.map(|graph| GraphNameRef::from(graph.as_ref()));
        self.quads.quads_for_pattern(subject, predicate, object, graph).map(|quad| {
            self.read.fetch_add(1, Ordering::Relaxed);
            Ok(quad?)
        })
    }
}

/// Readers for a walk over many records, one for each stretch of it.
#[derive(Debug)]
pub struct Stretches<'s> {
    store: &'s Store,
    reader: Reader,
}

impl<'s> Stretches<'s> {
    /// Sets out: the first reader shows every change that was acknowledged before, and none that comes after.
    pub fn new(store: &'s Store) -> Result<Self, StoreError> {
        Ok(Self { store, reader: store.stretch()? })
    }

    /// The reader for the next record: a new one where this one has read enough, and then it shows what changed in between.
    pub fn reader(&mut self) -> Result<&Reader, StoreError> {
        if self.reader.read.load(Ordering::Relaxed) > STRETCH {
            self.reader = self.store.stretch()?;
        }
        Ok(&self.reader)
    }
}
