//! What is counted, in Prometheus' text format: requests, queries and their time, workers that were killed, versions.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::App;

/// The upper ends of the buckets, in seconds.
const BUCKETS: [f64; 9] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];

/// Counters of one process.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// By route, as the router spells it, and status: neither is the client's to make up.
    requests: BTreeMap<(String, u16), u64>,
    buckets: [u64; BUCKETS.len()],
    queries: u64,
    seconds: f64,
}

impl Metrics {
    /// A request was answered.
    pub(super) fn request(&self, route: &str, status: u16) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.requests.get_mut(&(route.to_owned(), status)) {
            Some(count) => *count += 1,
            None => drop(counts.requests.insert((route.to_owned(), status), 1)),
        }
    }

    /// A query's answer began, or it was refused, after this time.
    pub(super) fn query(&self, time: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = time.as_secs_f64();
        counts.queries += 1;
        counts.seconds += seconds;
        for (bucket, end) in counts.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= end);
        }
    }

    fn text(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        head(&mut text, "glossator_http_requests_total", "counter", "Requests answered, by route and status.");
        for ((route, status), count) in &counts.requests {
            line(&mut text, &format!("glossator_http_requests_total{{route=\"{route}\",status=\"{status}\"}}"), count);
        }
        head(&mut text, "glossator_query_seconds", "histogram", "Time until a query's answer began.");
        for (end, count) in BUCKETS.iter().zip(counts.buckets) {
            line(&mut text, &format!("glossator_query_seconds_bucket{{le=\"{end}\"}}"), count);
        }
        line(&mut text, "glossator_query_seconds_bucket{le=\"+Inf\"}", counts.queries);
        line(&mut text, "glossator_query_seconds_sum", counts.seconds);
        line(&mut text, "glossator_query_seconds_count", counts.queries);
        text
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let written = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    debug_assert!(written.is_ok(), "a string takes all");
}

fn line(text: &mut String, name: &str, value: impl std::fmt::Display) {
    let written = writeln!(text, "{name} {value}");
    debug_assert!(written.is_ok(), "a string takes all");
}

/// `/metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let mut text = app.metrics.text();
    let mut one = |name: &str, kind: &str, help: &str, value: f64| {
        head(&mut text, name, kind, help);
        line(&mut text, name, value);
    };
    one("glossator_workers_killed_total", "counter", "Query workers that were killed or died.", app.pool.killed() as f64);
    one("glossator_store_version", "gauge", "The store's version.", app.store.version() as f64);
    if let Some((version, age)) = app.store.newest_snapshot() {
        one("glossator_snapshot_version", "gauge", "The version that queries see.", version as f64);
        one("glossator_snapshot_age_seconds", "gauge", "How long ago that snapshot was made.", age.as_secs_f64());
    }
    one("glossator_uptime_seconds", "gauge", "How long this process has served.", app.started.elapsed().as_secs_f64());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_all_that_is_below_them() {
        let metrics = Metrics::default();
        metrics.request("/sparql", 200);
        metrics.request("/sparql", 200);
        metrics.query(Duration::from_millis(50));
        metrics.query(Duration::from_secs(200));
        let text = metrics.text();
        for said in [
            "glossator_http_requests_total{route=\"/sparql\",status=\"200\"} 2\n",
            "glossator_query_seconds_bucket{le=\"0.03\"} 0\n",
            "glossator_query_seconds_bucket{le=\"0.1\"} 1\n",
            "glossator_query_seconds_bucket{le=\"+Inf\"} 2\n",
            "# TYPE glossator_query_seconds histogram\n",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
    }
}
