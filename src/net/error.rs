//! What can go wrong when another machine is asked.

use std::{net::IpAddr, time::Duration};

/// A fetch that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Not an address that can be fetched.
    #[error("`{url}` cannot be fetched: {reason}. Only http and https addresses are")]
    Url {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The host is, or its name leads to, an address that must not be asked.
    #[error(
        "`{host}` is not asked: {address} is an address of this machine or of a private network. If that is meant, say --allow-private, or set `net.allow_private`"
    )]
    Address {
        /// The host as it was written.
        host: String,
        /// The address that is refused.
        address: IpAddr,
    },
    /// The name leads nowhere.
    #[error("no address is known for `{host}`: {reason}")]
    Name {
        /// The host.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// The host did not answer several times in a row.
    #[error("`{host}` did not answer {times} times in a row, and is left alone for five minutes; run the command again later")]
    LeftAlone {
        /// The host.
        host: String,
        /// How many times.
        times: u32,
    },
    /// We were sent elsewhere too often.
    #[error("`{url}` sends us elsewhere more than {limit} times")]
    Redirects {
        /// Where we were at last.
        url: String,
        /// How often is allowed.
        limit: usize,
    },
    /// The body is too large.
    #[error("`{url}` is larger than {limit} bytes; `net.max_body_mib` sets the limit")]
    TooLarge {
        /// What was fetched.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The packed body becomes suspiciously large.
    #[error("`{url}` unpacks to more than {ratio} times its size, and is refused as a bomb")]
    Ratio {
        /// What was fetched.
        url: String,
        /// The largest ratio.
        ratio: u64,
    },
    /// The packed body cannot be unpacked.
    #[error("`{url}` cannot be unpacked: {reason}")]
    Packed {
        /// What was fetched.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The host answered with an error.
    #[error("`{url}` answers {status}")]
    Status {
        /// What was fetched.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The host asks us to wait longer than we do.
    #[error("`{url}` answers {status} and wants us to wait for {}; ask again after that", seconds(wait))]
    Busy {
        /// What was fetched.
        url: String,
        /// The HTTP status.
        status: u16,
        /// For how long.
        wait: Duration,
    },
    /// It took too long.
    #[error("`{url}` took longer than {}; `net.total_seconds` sets the limit", seconds(limit))]
    Time {
        /// What was fetched.
        url: String,
        /// The limit.
        limit: Duration,
    },
    /// The host's `robots.txt` forbids it.
    #[error(
        "`{url}` is not fetched: the host's robots.txt forbids it to us. Agree with the provider, and put the host into `net.robots_exempt`"
    )]
    Robots {
        /// What was not fetched.
        url: String,
    },
    /// All attempts together took too long.
    #[error("`{url}` took longer than {} with all attempts and waits; `net.patience_seconds` sets the limit", seconds(limit))]
    Patience {
        /// What was fetched.
        url: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection failed.
    #[error("`{url}` cannot be reached: {reason}")]
    Connection {
        /// What was fetched.
        url: String,
        /// What broke.
        reason: String,
    },
    /// What comes cannot be put on disk.
    #[error("`{url}` cannot be kept in {}: {reason}", path.display())]
    Disk {
        /// What was fetched.
        url: String,
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
    /// What came is not what the host, or the caller, says that it is.
    #[error("`{url}` came with the checksum {got}, and should have {wanted}; it was thrown away. Fetch it again, or ask the provider")]
    Checksum {
        /// What was fetched.
        url: String,
        /// The SHA-256 of what came.
        got: String,
        /// The SHA-256 that it should have.
        wanted: String,
    },
    /// Somebody stopped it.
    #[error("`{url}` was stopped; the same command goes on where it ended")]
    Stopped {
        /// What was being fetched.
        url: String,
    },
    /// The client itself cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

fn seconds(time: &Duration) -> String {
    format!("{} s", time.as_secs())
}

impl NetError {
    /// Whether the same request may succeed a little later.
    pub fn passes(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::Time { .. } | Self::Connection { .. } | Self::Name { .. } | Self::Busy { .. } => true,
            _ => false,
        }
    }

    /// Whether what was asked for is gone, as far as the host can tell: asking again tomorrow would bring the same.
    pub fn is_gone(&self) -> bool {
        match self {
            Self::Status { status, .. } => (400..500).contains(status) && !matches!(status, 401 | 403 | 408 | 425 | 429),
            Self::Url { .. } | Self::Redirects { .. } => true,
            _ => false,
        }
    }
}
