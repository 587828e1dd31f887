//! Record → Picture → Scores → Prediction → Enrichment: the corridor, walked by threads side by side and left in order.
//!
//! One thread reads records, some fetch and decode, the caller's thread scores and describes. Between them stand bounded channels, and
//! results leave in the order in which the records came, so that the same store gives the same run.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, PoisonError},
    thread,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use oxigraph::model::NamedNode;

use crate::{
    images::{Picture, Pictures, decode},
    rdf::ns::enr,
    records::RecordView,
    store::{Listed, Listing, Store},
};

/// How many records may be on their way at once: decoded pictures are large.
const WINDOW: usize = 16;
/// How many threads fetch and decode.
const FETCHERS: usize = 2;
/// How many records are listed at once.
const PAGE: usize = 200;

/// A record whose picture is to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub listed: Listed,
    /// The digest of the record's canonical form.
    pub digest: String,
    /// The best web resource, or why there is none.
    pub web_resource: Result<NamedNode, String>,
}

/// What fetching and decoding came to.
#[derive(Debug)]
pub(super) enum Fetched {
    /// A picture to be looked at.
    Picture(Box<Picture>),
    /// The picture was looked at before, by the same tagger, on the same record: its bytes tell.
    Known,
    /// No picture, and why.
    Missing(String),
}

/// Walks the records: each with its picture, in order. `known` says, given the record and the picture's checksum, whether the work is done
/// already; `visit` returns `false` to end early.
pub(super) fn walk(
    store: &Store,
    pictures: &Pictures,
    data_set: Option<&str>,
    known: &(dyn Fn(&Candidate, &str) -> bool + Sync),
    visit: &mut dyn FnMut(Candidate, Fetched) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let window = Window::default();
    let (tasks_in, tasks) = bounded::<(usize, Candidate)>(WINDOW);
    let (outcomes_in, outcomes) = bounded::<(usize, Candidate, Fetched)>(WINDOW);
    thread::scope(|scope| {
        let ahead = &window;
        let plan_thread = scope.spawn(move || plan(store, data_set, ahead, &tasks_in));
        for _ in 0..FETCHERS {
            let (tasks, outcomes_in) = (tasks.clone(), outcomes_in.clone());
            scope.spawn(move || {
                for (number, candidate) in tasks {
                    let fetched = fetch(pictures, &candidate, known);
                    if outcomes_in.send((number, candidate, fetched)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((tasks, outcomes_in));
        let result = in_order(&outcomes, &window, visit);
        window.close();
        drop(outcomes);
        match plan_thread.join() {
            Ok(planned) => result.and(planned),
            Err(_) => anyhow::bail!("reading the records ended unexpectedly; run the command again"),
        }
    })
}

fn plan(store: &Store, data_set: Option<&str>, window: &Window, tasks: &Sender<(usize, Candidate)>) -> anyhow::Result<()> {
    let mut last: Option<Listed> = None;
    let mut number = 0;
    loop {
        let listing = data_set.map_or(Listing::ByKey, Listing::DataSet);
        let page = store.index().page(listing, last.as_ref(), PAGE)?;
        let Some(end) = page.last().cloned() else { return Ok(()) };
        for listed in page {
            let candidate = candidate(store, listed)?;
            if !window.enter(number) || tasks.send((number, candidate)).is_err() {
                return Ok(());
            }
            number += 1;
        }
        last = Some(end);
    }
}

fn candidate(store: &Store, listed: Listed) -> anyhow::Result<Candidate> {
    let graph = store.base().source_graph(&listed.key);
    let triples = store.triples(&graph)?;
    let cho = NamedNode::new_unchecked(&listed.cho);
    let view = RecordView::new(cho.as_ref(), &triples);
    let web_resource = match view.best_web_resource() {
        // A relative reference of the provider's leads to us, where there is no picture.
        Some(resource) if store.base().local(resource.iri.as_str()).is_some() => {
            Err(format!("its web resource <{}> was given as a relative reference, which leads nowhere", resource.iri.as_str()))
        }
        Some(resource) => Ok(resource.iri.into_owned()),
        None => Err(match view.edm_type() {
            Some(kind) if kind != "IMAGE" => format!("it has no picture (edm:type {kind})"),
            _ => "it names no web resource that could be a picture".to_owned(),
        }),
    };
    let digest = match store.object(&graph, enr::CANONICAL_DIGEST, &store.meta_graph())? {
        Some(oxigraph::model::Term::Literal(l)) => l.value().to_owned(),
        _ => String::new(),
    };
    Ok(Candidate { listed, digest, web_resource })
}

fn fetch(pictures: &Pictures, candidate: &Candidate, known: &(dyn Fn(&Candidate, &str) -> bool + Sync)) -> Fetched {
    let web_resource = match &candidate.web_resource {
        Ok(iri) => iri,
        Err(reason) => return Fetched::Missing(reason.clone()),
    };
    let bytes = match pictures.fetch(web_resource.as_str()) {
        Ok(bytes) => bytes,
        Err(error) => return Fetched::Missing(error.to_string()),
    };
    if known(candidate, &bytes.checksum) {
        return Fetched::Known;
    }
    match decode(&bytes.bytes, &pictures.settings().limits) {
        Ok(picture) => Fetched::Picture(Box::new(picture)),
        Err(error) => Fetched::Missing(format!("{}: {error}", web_resource.as_str())),
    }
}

fn in_order(
    done: &Receiver<(usize, Candidate, Fetched)>,
    window: &Window,
    visit: &mut dyn FnMut(Candidate, Fetched) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, candidate, fetched) in done {
        waiting.insert(number, (candidate, fetched));
        while let Some((candidate, fetched)) = waiting.remove(&next) {
            next += 1;
            window.leave(next);
            if !visit(candidate, fetched)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// How far the last record may be ahead of the first that has not left.
#[derive(Debug, Default)]
struct Window {
    /// How many have left, and whether nobody waits for more.
    state: Mutex<(usize, bool)>,
    moved: Condvar,
}

impl Window {
    /// Waits until this record may set out; `false` when no more are wanted.
    fn enter(&self, number: usize) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state =
            self.moved.wait_while(state, |(left, closed)| !*closed && number >= *left + WINDOW).unwrap_or_else(PoisonError::into_inner);
        !state.1
    }

    fn leave(&self, left: usize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 = left;
        self.moved.notify_all();
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.moved.notify_all();
    }
}
