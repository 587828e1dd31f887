//! The server: connections with limits on their number and on the patience that we have with slow ones.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

use super::Settings;

/// Serves until `stop` is done, then lets open connections end in the time that is set.
///
/// `axum::serve` sets no time for the head of a request, and hyper's own is off without a timer: a few hundred clients that send nothing
/// would hold every connection. So the connections are built here.
pub async fn serve(listener: TcpListener, router: Router, settings: &Settings, stop: impl Future<Output = ()> + Send) -> io::Result<()> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(settings.header_seconds)).max_buf_size(256 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(settings.header_seconds * 3))
        .max_concurrent_streams(64)
        .max_header_list_size(64 << 10);
    let graceful = GracefulShutdown::new();
    let open = Arc::new(Semaphore::new(settings.connections.max(1)));
    let addresses = Addresses { most: settings.connections_per_address.max(1), open: Arc::default() };
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &open) => accepted,
        };
        let (stream, peer, slot) = accepted?;
        let Some(place) = addresses.take(peer.ip()) else {
            tracing::debug!(address = %peer.ip(), "too many connections from one address");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection is gone already");
        }
        let service = router.clone().map_request(move |mut request: axum::http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(peer);
            request.map(Body::new)
        });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(Duration::from_secs(settings.unread_seconds.max(1))));
        let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(service)).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended badly");
            }
            drop((slot, place));
        });
    }
    drop(listener);
    if tokio::time::timeout(Duration::from_secs(settings.shutdown_seconds), graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time and are closed");
    }
    Ok(())
}

type Accepted = (tokio::net::TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

/// Accepts a connection when there is room for it. What goes wrong with one client does not stop the server.
async fn accept(listener: &TcpListener, open: &Arc<Semaphore>) -> io::Result<Accepted> {
    let slot = Arc::clone(open).acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Ok((stream, peer, slot)),
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// How many connections each address has.
#[derive(Clone, Debug)]
struct Addresses {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection's place among those of its address.
#[derive(Debug)]
struct Place {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Addresses {
    fn take(&self, address: IpAddr) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { address, open: Arc::clone(&self.open) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
