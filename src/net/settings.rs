//! What an operator may set about asking other machines.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits and manners of the HTTP client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A web page or a `mailto:` IRI at which a provider finds who is asking; it is added to the user agent.
    pub contact: Option<String>,
    /// The largest body that is taken, in MiB, before and after it is unpacked.
    pub max_body_mib: u64,
    /// How many times larger than what was sent a packed body may become.
    pub max_gzip_ratio: u64,
    /// From asking to the last byte, in seconds, for each attempt.
    pub total_seconds: u64,
    /// For one address in all: attempts, the waits between them, and every address that we are sent on to, in seconds.
    pub patience_seconds: u64,
    /// How often an answer may send us elsewhere; each address is checked anew.
    pub max_redirects: usize,
    /// How many requests may be under way to one host.
    pub parallel_per_host: usize,
    /// The least time between two requests to one host, in milliseconds.
    pub delay_per_host_ms: u64,
    /// How often an error that may pass (429, 5xx, a broken connection) is tried again.
    pub retries: u32,
    /// The longest wait that a host may ask for (`Retry-After`) before we give up instead, in seconds.
    pub max_wait_seconds: u64,
    /// Whether a host's `robots.txt` is heeded where something is fetched because a record or a vocabulary names it.
    pub robots: bool,
    /// Hosts that agreed to be asked whatever their `robots.txt` says.
    pub robots_exempt: Vec<String>,
    /// Whether addresses of the own machine and of private networks may be asked.
    pub allow_private: bool,
    /// Hosts that may be asked although they are this machine or in a private network: by name, or by address.
    pub allow_private_hosts: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            contact: None,
            max_body_mib: 32,
            max_gzip_ratio: 100,
            total_seconds: 30,
            patience_seconds: 300,
            max_redirects: 3,
            parallel_per_host: 2,
            delay_per_host_ms: 100,
            retries: 3,
            max_wait_seconds: 60,
            robots: true,
            robots_exempt: Vec::new(),
            allow_private: false,
            allow_private_hosts: Vec::new(),
        }
    }
}

impl Settings {
    /// The largest body in bytes.
    pub fn max_body(&self) -> u64 {
        self.max_body_mib.saturating_mul(1024 * 1024)
    }

    /// How an attempt is limited in time.
    pub fn total_time(&self) -> Duration {
        Duration::from_secs(self.total_seconds)
    }

    /// How one address is limited in time, retries and redirects included.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds)
    }

    /// What we call ourselves.
    pub fn user_agent(&self) -> String {
        let name = concat!("Glossator/", env!("CARGO_PKG_VERSION"));
        match &self.contact {
            Some(contact) => format!("{name} (+{contact})"),
            None => name.to_owned(),
        }
    }
}
