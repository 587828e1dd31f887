//! A wait for the word to stop.

use std::time::Duration;

use crate::telemetry::Progress;

/// How often somebody looks whether the work should stop.
const LOOKS_UP: Duration = Duration::from_millis(100);

/// Ends when whoever watches the work wants it stopped.
pub(super) async fn until_stopped(progress: &dyn Progress) {
    while !progress.stopped() {
        tokio::time::sleep(LOOKS_UP).await;
    }
}
