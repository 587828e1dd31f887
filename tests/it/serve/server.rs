//! The server under test: a store on disk, a pool whose workers are the program itself, a port of its own.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use glossator::{
    rdf::Base,
    serve::{App, Runtime, Settings, router, serve},
    store::{
        Change, Store,
        query::{QueryPool, Settings as QuerySettings},
    },
    telemetry::SystemClock,
};
use oxigraph::model::{Literal, NamedNode, Quad};
use tokio::net::TcpListener;

use super::sample::Sample;

/// A running server. It ends with the test.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<Store>,
    pub(crate) pool: QueryPool,
    _folder: tempfile::TempDir,
}

pub(crate) async fn served(queries: QuerySettings) -> Served {
    served_by(queries, Settings::default()).await
}

pub(crate) async fn served_by(queries: QuerySettings, settings: Settings) -> Served {
    let folder = tempfile::tempdir().expect("a folder");
    let base = Base::new("https://enrich.example/").expect("a base");
    let store = Arc::new(Store::open(folder.path(), &base, glossator::store::Settings::default(), Arc::new(SystemClock)).expect("a store"));
    fill(&store, 600);
    let pool = QueryPool::with_program(Arc::clone(&store), queries, PathBuf::from(env!("CARGO_BIN_EXE_glossator")));
    let runtime = Runtime::new(|| serde_json::json!({ "provider": "CPU" }));
    let settings = Settings { header_seconds: 2, ..settings };
    let app = Arc::new(App::new(Arc::clone(&store), pool.clone(), Arc::new(Sample::new()), runtime, settings.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        serve(listener, router(app), &settings, std::future::pending()).await.expect("served");
    });
    Served { address, store, pool, _folder: folder }
}

/// So many quads, in one change.
pub(crate) fn fill(store: &Store, count: usize) {
    let mut change = Change::default();
    let graph = NamedNode::new_unchecked("https://enrich.example/graph/test");
    for number in 0..count {
        let subject = NamedNode::new_unchecked(format!("http://e.example/s{}", number / 3));
        let predicate = NamedNode::new_unchecked(format!("http://e.example/p{}", number % 3));
        change.add.push(Quad::new(subject, predicate, Literal::new_simple_literal(format!("value {number}")), graph.clone()));
    }
    change.add.push(Quad::new(
        NamedNode::new_unchecked("http://e.example/control"),
        NamedNode::new_unchecked("http://e.example/p0"),
        Literal::new_simple_literal("a\u{1}b"),
        graph,
    ));
    store.commit(change).expect("committed");
}
