//! The store: changes are whole, counted and on disk; the index follows; snapshots are not far behind.

use std::sync::{Arc, Mutex};

use glossator::{
    rdf::{
        Base, RecordKey,
        ns::{dcterms, enr, foaf, rdf},
    },
    store::{Change, Listing, Settings, Store, StoreError, Stretches, open_snapshot},
    telemetry::{Clock, FixedClock, Silent},
};
use jiff::{Timestamp, ToSpan as _};
use oxigraph::model::{Literal, NamedNode, Triple};

fn base() -> Base {
    Base::new("https://enrich.example/").unwrap()
}

fn time() -> Timestamp {
    "2026-11-21T04:30:00Z".parse().unwrap()
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(FixedClock(time()))
}

/// A clock that can be set.
#[derive(Debug)]
struct Settable(Mutex<Timestamp>);

impl Clock for Settable {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

fn node(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("http://x.example/{local}"))
}

fn triple(value: &str) -> Triple {
    Triple::new(node("s"), node("p"), Literal::new_simple_literal(value))
}

/// A record as `ingest` puts it, in short.
fn record(store: &Store, local: &str) -> (RecordKey, Change) {
    let cho = node(local);
    let key = RecordKey::of(cho.as_ref());
    let (graph, meta) = (store.base().source_graph(&key), store.meta_graph());
    let mut change = Change::default();
    change.put.push((graph.clone(), vec![triple(local)]));
    change.add(graph.clone(), rdf::TYPE, enr::SOURCE_GRAPH, meta.clone());
    change.add(graph.clone(), enr::RECORD, Literal::new_simple_literal(key.as_str()), meta.clone());
    change.add(graph.clone(), foaf::PRIMARY_TOPIC, cho, meta.clone());
    change.add(graph, dcterms::TITLE, Literal::new_simple_literal(local), meta);
    change.touched.push(key.clone());
    (key, change)
}

fn datestamp(store: &Store, key: &RecordKey) -> Timestamp {
    store.index().record(key).unwrap().unwrap().datestamp
}

#[test]
fn what_changes_nothing_is_not_counted() {
    let store = Store::in_memory(&base(), clock()).unwrap();
    let (key, change) = record(&store, "a");
    let first = store.commit(change.clone()).unwrap();
    assert!(first.changed);
    let again = store.commit(change).unwrap();
    assert!(!again.changed && again.version == first.version);
    assert_eq!(datestamp(&store, &key), time());
    assert!(!store.commit(Change { drop: vec![node("nothing")], ..Change::default() }).unwrap().changed);
}

#[test]
fn a_graph_that_is_put_holds_exactly_what_was_said() {
    let store = Store::in_memory(&base(), clock()).unwrap();
    let put = |values: &[&str]| Change { put: vec![(node("g"), values.iter().map(|v| triple(v)).collect())], ..Change::default() };
    assert!(store.commit(put(&["a", "b"])).unwrap().changed);
    assert!(!store.commit(put(&["b", "a", "a"])).unwrap().changed);
    assert!(store.commit(put(&["b", "c"])).unwrap().changed);
    let mut values: Vec<String> = store.triples(&node("g")).unwrap().into_iter().map(|t| t.object.to_string()).collect();
    values.sort();
    assert_eq!(values, ["\"b\"", "\"c\""]);
}

#[test]
fn what_a_change_did_to_a_graph_before_counts() {
    let store = Store::in_memory(&base(), clock()).unwrap();
    let put = |values: &[&str]| (node("g"), values.iter().map(|v| triple(v)).collect::<Vec<_>>());
    let count = || store.triples(&node("g")).unwrap().len();
    store.commit(Change { put: vec![put(&["a", "b"])], ..Change::default() }).unwrap();
    // Dropped, and put as it was: it stands.
    assert!(store.commit(Change { drop: vec![node("g")], put: vec![put(&["a", "b"])], ..Change::default() }).unwrap().changed);
    assert_eq!(count(), 2);
    // Put twice: the last holds.
    assert!(store.commit(Change { put: vec![put(&["a", "b"]), put(&["c"])], ..Change::default() }).unwrap().changed);
    assert_eq!(count(), 1);
    assert!(store.commit(Change { put: vec![put(&["a"]), put(&[])], ..Change::default() }).unwrap().changed);
    assert_eq!(count(), 0);
    assert!(!store.commit(Change { drop: vec![node("g")], put: vec![put(&[])], ..Change::default() }).unwrap().changed);
}

#[test]
fn datestamps_never_go_back_whatever_the_clock_does() {
    let clock = Arc::new(Settable(Mutex::new(time())));
    let store = Store::in_memory(&base(), clock.clone()).unwrap();
    let (a, change) = record(&store, "a");
    store.commit(change).unwrap();
    *clock.0.lock().unwrap() = time() - 1.hour();
    let (b, change) = record(&store, "b");
    store.commit(change).unwrap();
    assert!(datestamp(&store, &b) >= datestamp(&store, &a));
    *clock.0.lock().unwrap() = time() + 1.hour();
    let mut change = record(&store, "a").1;
    change.put[0].1.push(triple("more"));
    store.commit(change).unwrap();
    let order: Vec<String> =
        store.index().page(Listing::ByDatestamp { from: None }, None, 10).unwrap().into_iter().map(|l| l.title).collect();
    assert_eq!(order, ["b", "a"], "what changed last stands last");
    let later = store.index().page(Listing::ByDatestamp { from: Some(time() + 1.second()) }, None, 10).unwrap();
    assert_eq!(later.len(), 1);
}

#[test]
fn paging_gives_each_record_once() {
    let store = Store::in_memory(&base(), clock()).unwrap();
    for number in 0..25 {
        store.commit(record(&store, &number.to_string()).1).unwrap();
    }
    for listing in [Listing::ByKey, Listing::ByDatestamp { from: None }] {
        let (mut seen, mut last) = (Vec::new(), None);
        loop {
            let page = store.index().page(listing, last.as_ref(), 7).unwrap();
            let Some(end) = page.last().cloned() else { break };
            seen.extend(page.into_iter().map(|l| l.key));
            last = Some(end);
        }
        assert_eq!(seen.len(), 25);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 25);
    }
}

#[test]
fn an_index_that_is_gone_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Store::open(folder.path(), &base(), Settings::default(), clock()).unwrap();
    let key = {
        let store = open();
        let (key, change) = record(&store, "a");
        store.commit(change).unwrap();
        store.originals().keep([("0f", b"bytes".as_slice())]).unwrap();
        key
    };
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    let store = open();
    assert_eq!(store.index().record(&key).unwrap().unwrap().title, "a");
    assert_eq!(store.originals().bytes("0f").unwrap().as_deref(), Some(b"bytes".as_slice()));
    assert_eq!(store.originals().bytes("1f").unwrap(), None);
}

#[test]
fn a_replacement_that_fails_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &base(), Settings::default(), clock()).unwrap();
    let graph = base().vocabulary_graph("x", "1");
    let replace =
        |triples: Vec<Result<Triple, StoreError>>| store.replace_graph(&graph, triples.into_iter(), |_| Change::default(), &Silent);
    assert_eq!(replace(vec![Ok(triple("old")), Ok(triple("older"))]).unwrap().triples, 2);
    assert!(replace(vec![Ok(triple("new")), Err(StoreError::Refused("broken".to_owned()))]).is_err());
    assert_eq!(store.triples(&graph).unwrap().len(), 2);
    let replaced = replace(vec![Ok(triple("new"))]).unwrap();
    assert_eq!((replaced.before, replaced.triples), (2, 1));
    let staging = store.quads().iter().filter(|q| q.as_ref().unwrap().to_string().contains("staging")).count();
    assert_eq!(staging, 0, "nothing of the way is left");
}

#[test]
fn a_snapshot_shows_one_version_and_outlives_what_comes_after() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { snapshot_milliseconds: 0, ..Settings::default() };
    let store = Store::open(folder.path(), &base(), settings, clock()).unwrap();
    store.commit(record(&store, "a").1).unwrap();
    let before = store.snapshot().unwrap();
    store.commit(record(&store, "b").1).unwrap();
    let after = store.snapshot().unwrap();
    assert!(before.version() < after.version());
    let about = |snapshot: &glossator::store::Snapshot, local: &str| {
        let quads = open_snapshot(snapshot.folder()).unwrap();
        quads.quads_for_pattern(None, Some(foaf::PRIMARY_TOPIC), Some(node(local).as_ref().into()), None).count()
    };
    assert_eq!((about(&before, "b"), about(&after, "b")), (0, 1));
    let kept = before.folder().to_path_buf();
    drop(before);
    assert!(!kept.exists(), "a snapshot's folder goes with the last who holds it");
}

/// What lies in a store's folder of snapshots.
fn snapshots(store: &Store) -> usize {
    std::fs::read_dir(store.folder().join("snapshots")).map_or(0, Iterator::count)
}

#[test]
fn many_records_at_once_are_in_the_index_when_they_are_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Settable(Mutex::new(time())));
    let store = Store::open(folder.path(), &base(), Settings::default(), clock.clone()).unwrap();
    for round in 0..2 {
        *clock.0.lock().unwrap() = time() + round.hours();
        let mut all = Change::default();
        for n in 0..100 {
            let change = record(&store, &n.to_string()).1;
            let graph = change.put[0].0.clone();
            all.put.push((graph, vec![triple(&format!("{n} in round {round}"))]));
            all.add.extend(change.add);
            all.touched.extend(change.touched);
        }
        store.commit(all).unwrap();
        let page = store.index().page(Listing::ByKey, None, 200).unwrap();
        assert_eq!(page.len(), 100);
        for listed in page {
            assert_eq!(listed.datestamp, time() + round.hours());
            let stamps = store.objects(&store.base().source_graph(&listed.key), dcterms::MODIFIED, &store.meta_graph()).unwrap();
            assert_eq!(stamps.len(), 1, "the datestamp of before is gone: {stamps:?}");
        }
    }
    assert_eq!(snapshots(&store), 0, "what it took to read the change back is gone");
}

#[test]
fn a_datestamp_that_was_written_otherwise_makes_room_for_the_next() {
    let store = Store::in_memory(&base(), clock()).unwrap();
    let (key, change) = record(&store, "a");
    store.commit(change).unwrap();
    let (graph, meta) = (store.base().source_graph(&key), store.meta_graph());
    let stamp = |text: &str| Literal::new_typed_literal(text, oxigraph::model::vocab::xsd::DATE_TIME);
    // As a curator's update or another program's dump may have it.
    let mut otherwise = Change::default();
    otherwise.remove.push(oxigraph::model::Quad::new(graph.clone(), dcterms::MODIFIED, stamp("2026-11-21T04:30:00Z"), meta.clone()));
    otherwise.add(graph.clone(), dcterms::MODIFIED, stamp("2026-11-21T04:30:00.000Z"), meta.clone());
    assert!(store.commit(otherwise).unwrap().changed);
    let mut change = record(&store, "a").1;
    change.put[0].1.push(triple("more"));
    store.commit(change).unwrap();
    let stamps = store.objects(&graph, dcterms::MODIFIED, &meta).unwrap();
    assert_eq!(stamps, [stamp("2026-11-21T04:30:00Z").into()]);
}

#[test]
fn a_long_walk_reads_stretch_by_stretch() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &base(), Settings::default(), clock()).unwrap();
    let put = |values: std::ops::Range<u32>| {
        let triples = values.map(|value| triple(&value.to_string())).collect();
        store.commit(Change { put: vec![(node("g"), triples)], ..Change::default() }).unwrap();
    };
    put(0..3000);
    let mut stretches = Stretches::new(&store).unwrap();
    assert_eq!(stretches.reader().unwrap().triples(&node("g")).unwrap().len(), 3000);
    put(0..4000);
    assert_eq!(stretches.reader().unwrap().triples(&node("g")).unwrap().len(), 3000, "a stretch shows one version");
    assert_eq!(stretches.reader().unwrap().triples(&node("g")).unwrap().len(), 4000, "after some thousand quads another begins");
    assert_eq!(snapshots(&store), 1, "the first stretch's snapshot went with it");
}
