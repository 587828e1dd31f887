//! `glossator serve`: the doors over a store, until somebody asks it to stop.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{bar, run::Bench};
use crate::{
    images::Mirror,
    jobs::{Dump, House, Job, Listener, Looker, Outlet, SocketServer, dumps},
    serve::{App, Runtime, Settings, Shown, WriteToken, router, serve as serve_doors, write_router},
    store::query::QueryPool,
    telemetry::Silent,
};

/// The environment's name for the token of the write door.
const WRITE_TOKEN: &str = "GLOSSATOR_WRITE_TOKEN";

/// Where the command line says to listen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doors<'d> {
    pub(super) listen: Option<&'d str>,
    pub(super) write_listen: Option<&'d str>,
}

pub(super) fn run(bench: &Bench, listen: Option<&str>, write_listen: Option<&str>) -> anyhow::Result<u8> {
    // What is wrong with the doors is told before the store is opened.
    let doors = Doors { listen, write_listen };
    write_token(&settings(bench, doors)?)?;
    let house = bench.house()?;
    serve(bench, house, doors, None)
}

/// Serves a house. `demonstration` is the folder of the demonstration's pictures, where that is what is shown.
pub(super) fn serve(bench: &Bench, mut house: House, doors: Doors<'_>, demonstration: Option<(&str, &Path)>) -> anyhow::Result<u8> {
    let settings = settings(bench, doors)?;
    let token = write_token(&settings)?;
    if let Some((prefix, folder)) = demonstration {
        house.settings.images.mirrors.push(Mirror { prefix: prefix.to_owned(), folder: folder.to_path_buf() });
    }
    settings.check().map_err(anyhow::Error::msg)?;
    let jobs = SocketServer::start(house.clone())?;
    keep_dumps(house.clone(), &settings)?;
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
        let (listener, address) = bind(settings.listen).await?;
        bar::say(&format!("\nGlossator serves {} at http://{address}/  (SPARQL at /sparql; Ctrl-C ends it)", store.folder().display()));
        let write_door = match token {
            Some((at, token)) => {
                let (listener, address) = bind(at).await?;
                bar::say(&format!(
                    "Changes are taken at http://{address}/update and http://{address}/graph-store from who bears the token"
                ));
                Some((listener, token))
            }
            None => None,
        };
        // The first visitor should not wait for the first snapshot.
        pool.warm().await?;
        let app = Arc::new(App::new(store, pool, Arc::new(pages), runtime, settings.clone()));
        let ending = CancellationToken::new();
        let signal = ending.clone();
        let draining = Arc::clone(&app);
        let patience = Duration::from_secs_f64(settings.drain_seconds.clamp(0.0, 3600.0));
        tokio::spawn(async move {
            stop().await;
            draining.drain();
            tokio::time::sleep(patience).await;
            signal.cancel();
        });
        let public = serve_doors(listener, router(Arc::clone(&app)), &settings, ending.cancelled());
        let write = async {
            match write_door {
                Some((listener, token)) => serve_doors(listener, write_router(app, token), &settings, ending.cancelled()).await,
                None => Ok(()),
            }
        };
        tokio::try_join!(public, write).context("serving")
    })?;
    drop(jobs);
    bar::say("ended");
    Ok(0)
}

/// Makes a dump now and then, in the background.
fn keep_dumps(house: House, settings: &Settings) -> anyhow::Result<()> {
    if settings.dump_hours <= 0.0 {
        return Ok(());
    }
    let (seconds, keep) = ((settings.dump_hours * 3600.0) as i64, settings.dumps_kept);
    let work = move || loop {
        let newest = dumps(house.store.folder()).into_iter().next();
        let due = newest.is_none_or(|dump| {
            dump.version != house.store.version() && house.store.clock().now().duration_since(dump.made).as_secs() >= seconds
        });
        if due {
            match house.run(&Job::Dump(Dump { keep }), Listener { progress: &Silent, outlet: &Nowhere }) {
                Ok(report) => tracing::info!(figures = %serde_json::Value::Object(report.figures), "a dump is made"),
                Err(error) => tracing::warn!(error = %format!("{error:#}"), "no dump could be made"),
            }
        }
        std::thread::sleep(Duration::from_mins(1));
    };
    std::thread::Builder::new().name("dumps".to_owned()).spawn(work).context("starting the thread of the dumps")?;
    Ok(())
}

/// Nobody reads what a dump prints.
struct Nowhere;

impl Outlet for Nowhere {
    fn write(&self, _bytes: &[u8]) -> std::io::Result<()> {
        Ok(())
    }
}

/// The settings, with what the command line says of the doors.
fn settings(bench: &Bench, doors: Doors<'_>) -> anyhow::Result<Settings> {
    let mut settings = bench.settings.serve.clone();
    let parse = |option: &str, address: &str| {
        let found = address.parse::<SocketAddr>();
        found.with_context(|| format!("{option} takes an address and a port, as in 127.0.0.1:7878; `{address}` is none"))
    };
    if let Some(listen) = doors.listen {
        settings.listen = parse("--listen", listen)?;
    }
    if let Some(listen) = doors.write_listen {
        settings.write_listen = Some(parse("--write-listen", listen)?);
    }
    Ok(settings)
}

/// Where to write, and with which token; nothing where no write door is wanted.
fn write_token(settings: &Settings) -> anyhow::Result<Option<(SocketAddr, WriteToken)>> {
    let Some(at) = settings.write_listen else { return Ok(None) };
    let token = match (std::env::var(WRITE_TOKEN), &settings.write_token_file) {
        (Ok(token), _) => WriteToken::new(&token),
        (Err(_), Some(file)) => WriteToken::from_file(file).with_context(|| format!("reading the write token in {}", file.display()))?,
        (Err(_), None) => None,
    };
    let Some(token) = token else {
        bail!(
            "a door that writes wants a token: set {WRITE_TOKEN}, or serve.write_token_file to a file that holds it (printable characters, no blanks). `openssl rand -hex 32` makes one"
        );
    };
    if token.is_short() {
        tracing::warn!("the write token has fewer than 16 characters: it can be guessed");
    }
    if !at.ip().is_loopback() {
        tracing::warn!(address = %at, "the write door can be reached from elsewhere, and speaks plain HTTP: put a proxy with TLS before it");
    }
    Ok(Some((at, token)))
}

async fn bind(at: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(at).await.with_context(|| format!("listening on {at}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
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
