//! `glossator serve`: the doors over a store, until somebody asks it to stop.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::{bar, run::Bench};
use crate::{
    images::Mirror,
    jobs::{House, Looker, SocketServer},
    serve::{App, Runtime, Shown, router, serve as serve_doors},
    store::query::QueryPool,
};

pub(super) fn run(bench: &Bench, listen: Option<&str>) -> anyhow::Result<u8> {
    let house = bench.house()?;
    serve(bench, house, listen, None)
}

/// Serves a house. `demonstration` is the folder of the demonstration's pictures, where that is what is shown.
pub(super) fn serve(bench: &Bench, mut house: House, listen: Option<&str>, demonstration: Option<(&str, &Path)>) -> anyhow::Result<u8> {
    let mut settings = bench.settings.serve.clone();
    if let Some(listen) = listen {
        settings.listen = listen
            .parse::<SocketAddr>()
            .with_context(|| format!("--listen takes an address and a port, as in 127.0.0.1:7878; `{listen}` is none"))?;
    }
    if let Some((prefix, folder)) = demonstration {
        house.settings.images.mirrors.push(Mirror { prefix: prefix.to_owned(), folder: folder.to_path_buf() });
    }
    settings.check().map_err(anyhow::Error::msg)?;
    let jobs = SocketServer::start(house.clone())?;
    let store = Arc::clone(&house.store);
    let looker = Arc::new(Looker::new(house.clone()));
    looker.prepare();
    tracing::info!(provided = %looker.provided(), "what networks run on");
    let runtime = Runtime::new({
        let looker = Arc::clone(&looker);
        move || looker.provided()
    });
    let pages = Shown::new(house, looker, demonstration.is_some());
    bench.waiting.block_on(async {
        let pool = QueryPool::new(Arc::clone(&store), bench.settings.query.clone())?;
        let listener = TcpListener::bind(settings.listen).await.with_context(|| format!("listening on {}", settings.listen))?;
        let address = listener.local_addr()?;
        bar::say(&format!("\nGlossator serves {} at http://{address}/  (SPARQL at /sparql; Ctrl-C ends it)", store.folder().display()));
        // The first visitor should not wait for the first snapshot.
        pool.warm().await?;
        let app = Arc::new(App::new(store, pool, Arc::new(pages), runtime, settings.clone()));
        serve_doors(listener, router(app), &settings, stop()).await.context("serving")
    })?;
    drop(jobs);
    bar::say("ended");
    Ok(0)
}

/// Ctrl-C, or the signal with which services are ended.
async fn stop() {
    let ended = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = ended => {}
    }
}
