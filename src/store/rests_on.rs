//! What workers found out about a snapshot holds for the next one too, unless something changed that it rests on: hierarchies and labels.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use oxigraph::{
    model::{GraphName, GraphNameRef, NamedNode, NamedNodeRef, Quad},
    store::Transaction,
};

use super::{
    Snapshot, Store, StoreError,
    query::{EDGES_FILE, HIERARCHY, WORDS_FILE},
};

/// The versions with which something changed last that shortcuts rest on.
#[derive(Debug, Default)]
pub(super) struct RestsOn {
    hierarchy: AtomicU64,
    labels: AtomicU64,
}

impl Store {
    /// A quad comes or goes with the next version.
    pub(super) fn touch(&self, predicate: NamedNodeRef<'_>, graph: &GraphName) {
        let next = self.version() + 1;
        if HIERARCHY.contains(&predicate) {
            self.rests_on.hierarchy.store(next, Ordering::Release);
        }
        if let GraphName::NamedNode(graph) = graph {
            self.touch_labels(graph);
        }
    }

    /// A graph goes, or is made anew, with the next version.
    pub(super) fn touch_graph(&self, graph: &NamedNode, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let place = Some(GraphNameRef::from(graph.as_ref()));
        for predicate in HIERARCHY {
            if transaction.quads_for_pattern(None, Some(predicate), None, place).next().transpose()?.is_some() {
                self.touch(predicate, &graph.clone().into());
            }
        }
        self.touch_labels(graph);
        Ok(())
    }

    /// Anything may come and go with the next version.
    pub(super) fn touch_all(&self) {
        let next = self.version() + 1;
        self.rests_on.hierarchy.store(next, Ordering::Release);
        self.rests_on.labels.store(next, Ordering::Release);
    }

    /// Labels are looked up in vocabularies alone.
    fn touch_labels(&self, graph: &NamedNode) {
        if self.base.local(graph.as_str()).is_some_and(|local| local.starts_with("graph/vocab/")) {
            self.rests_on.labels.store(self.version() + 1, Ordering::Release);
        }
    }

    pub(super) fn touch_quad(&self, quad: &Quad) {
        self.touch(quad.predicate.as_ref(), &quad.graph_name);
    }

    /// Hands on what workers left beside an older snapshot, as far as it still holds. What cannot be handed on is found out again.
    pub(super) fn hand_on(&self, older: &Snapshot, folder: &Path) {
        let holds = |changed: &AtomicU64| older.version() >= changed.load(Ordering::Acquire);
        let (hierarchy, labels) = (holds(&self.rests_on.hierarchy), holds(&self.rests_on.labels));
        let Ok(files) = std::fs::read_dir(older.folder()) else { return };
        for file in files.filter_map(Result::ok) {
            let name = file.file_name();
            let Some(name) = name.to_str() else { continue };
            let goes_on = (hierarchy && name.starts_with(EDGES_FILE)) || (labels && name == WORDS_FILE);
            if goes_on && let Err(error) = std::fs::hard_link(file.path(), folder.join(name)) {
                tracing::debug!(%error, name, "what a worker found out is not handed on");
            }
        }
    }
}
