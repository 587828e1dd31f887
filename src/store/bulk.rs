//! Replacing a large graph whole: a vocabulary release of millions of triples, in bounded memory, never seen half.
//!
//! The engine's bulk load is atomic but clears nothing first, and a transaction holds all it does in memory. So a graph that is there
//! already is replaced in steps that an interrupted process finishes when the store is next opened: fill a staging graph, write down
//! the intent, empty the target piece by piece, fill it, forget the intent. Readers see snapshots from before or after, none between.

use std::sync::atomic::{AtomicBool, Ordering};

use oxigraph::{
    model::{GraphNameRef, NamedNode, Quad, Term, Triple},
    store::StorageError,
};

use super::{Change, Store, StoreError};
use crate::{
    rdf::ns::{enr, spdx},
    telemetry::{Progress, Silent},
};

/// How many quads go in one transaction while a graph is emptied.
const PIECE: usize = 20_000;
/// By what part a load makes a store larger that is put in order afterwards: a small vocabulary in a large store is not worth the time.
const GROWN: u64 = 4;
/// And by how many bytes at least: what is small is read in no time.
const GROWN_LEAST: u64 = 4 << 20;

/// What a replacement did.
#[derive(Clone, Copy, Debug)]
pub struct Replaced {
    /// Triples in the graph now.
    pub triples: u64,
    /// Triples in it before.
    pub before: u64,
    /// The store's version now.
    pub version: u64,
}

impl Store {
    /// Makes the graph hold exactly these triples, however many they are. An error from the triples leaves the store as it was.
    /// `describe` makes the statements about the graph, given its size; they are committed with the last step.
    pub fn replace_graph<E: From<StoreError>>(
        &self,
        graph: &NamedNode,
        triples: impl Iterator<Item = Result<Triple, E>>,
        describe: impl FnOnce(u64) -> Change,
        progress: &dyn Progress,
    ) -> Result<Replaced, E> {
        let size = self.size_on_disk();
        let replaced = self.replace_while_others_wait(graph, triples, describe, progress)?;
        // Nobody has to wait for this: it changes nothing that can be asked.
        self.put_in_order(size, progress);
        Ok(replaced)
    }

    fn replace_while_others_wait<E: From<StoreError>>(
        &self,
        graph: &NamedNode,
        triples: impl Iterator<Item = Result<Triple, E>>,
        describe: impl FnOnce(u64) -> Change,
        progress: &dyn Progress,
    ) -> Result<Replaced, E> {
        // Those who ask while we work see the store as it is now.
        self.refresh_snapshot()?;
        let _writing = self.writing();
        let _replacing = Replacing::begin(&self.replacing);
        self.touch_all();
        let before = self.count(graph)?;
        let target = if before == 0 { graph.clone() } else { self.base.staging_graph(graph.as_ref()) };
        self.empty(&target)?;
        let mut intent = Change::default();
        intent.add(target.clone(), enr::STAGING_FOR, target.clone(), self.base.meta_graph());
        self.commit_while_writing(intent)?;
        if let Err(error) = self.fill(&target, triples, progress) {
            self.abandon(&target)?;
            return Err(error);
        }
        if target != *graph {
            self.promote(&target, graph, progress)?;
        }
        let triples = self.count(graph)?;
        let mut last = describe(triples);
        last.remove.extend(self.intents()?.into_iter().map(|i| i.quad));
        self.index.refresh_labels(self, graph)?;
        self.touch_all();
        let committed = self.commit_while_writing(last)?;
        self.acknowledge();
        Ok(Replaced { triples, before, version: committed.version })
    }

    /// After a load that made the store much larger: what came and went lies in layers, and every question looks through all of them.
    fn put_in_order(&self, size_before: u64, progress: &dyn Progress) {
        if self.size_on_disk() < size_before + (size_before / GROWN).max(GROWN_LEAST) {
            return;
        }
        progress.say("the store is put in order");
        if let Err(error) = self.quads.optimize() {
            tracing::warn!(%error, "the store could not be put in order; it answers all the same, a little slower");
        }
    }

    /// What the tables of the engine take, in bytes; nothing in memory.
    fn size_on_disk(&self) -> u64 {
        let files = std::fs::read_dir(self.folder().join("quads")).into_iter().flatten().flatten();
        files.filter(|file| file.path().extension().is_some_and(|e| e == "sst")).filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    /// Finishes or undoes what a killed process left: called once, when the store is opened.
    pub(super) fn finish_replacements(&self) -> Result<(), StoreError> {
        let _writing = self.writing();
        for intent in self.intents()? {
            if intent.staging == intent.target {
                // The fill did not end: what is there of it goes.
                self.abandon(&intent.staging)?;
            } else {
                self.promote(&intent.staging, &intent.target, &Silent)?;
                self.index.refresh_labels(self, &intent.target)?;
                let mut done = Change::default();
                done.remove.push(intent.quad);
                // What is said of the target is about what it held before: without a checksum nobody takes the two for the same.
                let meta = self.base.meta_graph();
                for old in self.objects(&intent.target, spdx::CHECKSUM_VALUE, &meta)? {
                    done.remove.push(Quad::new(intent.target.clone(), spdx::CHECKSUM_VALUE, old, meta.clone()));
                }
                self.commit_while_writing(done)?;
            }
        }
        Ok(())
    }

    fn abandon(&self, staging: &NamedNode) -> Result<(), StoreError> {
        self.empty(staging)?;
        let mut undo = Change::default();
        undo.remove.extend(self.intents()?.into_iter().filter(|i| i.staging == *staging).map(|i| i.quad));
        self.commit_while_writing(undo)?;
        Ok(())
    }

    fn fill<E: From<StoreError>>(
        &self,
        graph: &NamedNode,
        triples: impl Iterator<Item = Result<Triple, E>>,
        progress: &dyn Progress,
    ) -> Result<(), E> {
        let mut failed = None;
        let mut loader = self
            .quads
            .bulk_loader()
            .with_num_threads(self.settings.bulk_threads)
            .with_max_memory_size_in_megabytes(self.settings.bulk_megabytes);
        let mut pending = 0;
        let quads = triples.map_while(|triple| match triple {
            Ok(triple) => {
                pending += 1;
                if pending == 1_000 {
                    progress.advance(pending);
                    pending = 0;
                }
                Some(triple.in_graph(graph.clone()))
            }
            Err(error) => {
                failed = Some(error);
                None
            }
        });
        loader.load_quads(quads).map_err(StoreError::from)?;
        if let Some(error) = failed {
            return Err(error);
        }
        progress.advance(pending);
        loader.commit().map_err(StoreError::from)?;
        Ok(())
    }

    /// Makes the target hold what the staging graph holds. May be interrupted and begun again.
    fn promote(&self, staging: &NamedNode, target: &NamedNode, progress: &dyn Progress) -> Result<(), StoreError> {
        let mut intent = Change::default();
        intent.add(staging.clone(), enr::STAGING_FOR, target.clone(), self.base.meta_graph());
        intent.remove.push(Quad::new(staging.clone(), enr::STAGING_FOR, staging.clone(), self.base.meta_graph()));
        self.commit_while_writing(intent)?;
        progress.say("the new release is read; it takes the old one's place now");
        self.empty(target)?;
        let graph = GraphNameRef::from(staging.as_ref());
        let copies =
            self.quads.quads_for_pattern(None, None, None, Some(graph)).map(|quad| Ok(Triple::from(quad?).in_graph(target.clone())));
        let mut loader = self
            .quads
            .bulk_loader()
            .with_num_threads(self.settings.bulk_threads)
            .with_max_memory_size_in_megabytes(self.settings.bulk_megabytes);
        loader.load_ok_quads::<StorageError, StorageError>(copies)?;
        loader.commit()?;
        self.empty(staging)
    }

    /// Empties a graph piece by piece, so that memory does not grow with it.
    pub(super) fn empty(&self, graph: &NamedNode) -> Result<(), StoreError> {
        loop {
            let piece: Vec<Quad> = self
                .quads
                .quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref())))
                .take(PIECE)
                .collect::<Result<_, _>>()?;
            let mut transaction = self.quads.start_transaction()?;
            if piece.is_empty() {
                transaction.remove_named_graph(graph)?;
                transaction.commit()?;
                return Ok(());
            }
            for quad in &piece {
                transaction.remove(quad);
            }
            transaction.commit()?;
        }
    }

    fn count(&self, graph: &NamedNode) -> Result<u64, StoreError> {
        let mut count = 0;
        for quad in self.quads.quads_for_pattern(None, None, None, Some(GraphNameRef::from(graph.as_ref()))) {
            quad?;
            count += 1;
        }
        Ok(count)
    }

    fn intents(&self) -> Result<Vec<Intent>, StoreError> {
        let meta = self.base.meta_graph();
        let mut intents = Vec::new();
        for quad in self.quads.quads_for_pattern(None, Some(enr::STAGING_FOR), None, Some(GraphNameRef::from(meta.as_ref()))) {
            let quad = quad?;
            if let (oxigraph::model::NamedOrBlankNode::NamedNode(staging), Term::NamedNode(target)) = (&quad.subject, &quad.object) {
                intents.push(Intent { staging: staging.clone(), target: target.clone(), quad });
            }
        }
        Ok(intents)
    }
}

/// Up while a replacement is under way.
struct Replacing<'f>(&'f AtomicBool);

impl<'f> Replacing<'f> {
    fn begin(flag: &'f AtomicBool) -> Self {
        flag.store(true, Ordering::Release);
        Self(flag)
    }
}

impl Drop for Replacing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What was begun: the staging graph is being filled (it is its own target), or it takes the target's place.
struct Intent {
    staging: NamedNode,
    target: NamedNode,
    quad: Quad,
}
