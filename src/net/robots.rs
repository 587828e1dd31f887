//! What a host's `robots.txt` lets us ask (RFC 9309): read once a day for each host, and heeded where a record, and no person, sends us there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use texting_robots::Robot;
use tokio::{sync::OnceCell, time::Instant};
use url::Url;

use super::NetError;

/// The name by which a host may address us.
pub(crate) const AGENT: &str = "Glossator";
/// How much of the file is read (RFC 9309, section 2.5).
pub(crate) const MOST_BYTES: u64 = 500 * 1024;
/// For how long it is believed (RFC 9309, section 2.4).
const BELIEVED: Duration = Duration::from_hours(24);
/// Beyond so many hosts, the oldest are read again.
const REMEMBERED: usize = 4096;

/// What each host said.
#[derive(Debug, Default)]
pub(crate) struct Robots {
    hosts: Mutex<HashMap<String, Said>>,
}

#[derive(Clone, Debug)]
struct Said {
    read: Instant,
    rules: Arc<OnceCell<Rules>>,
}

/// The rules of one host.
#[derive(Debug)]
pub(crate) enum Rules {
    /// There are none.
    None,
    /// These.
    Some(Box<Robot>),
}

impl Rules {
    /// The rules in the text of a file. One that cannot be read has none.
    pub(crate) fn parse(text: &[u8]) -> Self {
        Robot::new(AGENT, text).map_or(Self::None, |robot| Self::Some(Box::new(robot)))
    }

    /// Whether they let us ask for this.
    pub(crate) fn allow(&self, url: &Url) -> bool {
        match self {
            Self::None => true,
            Self::Some(robot) => robot.allowed(url.as_str()),
        }
    }

    /// How long we are to wait between two requests.
    pub(crate) fn delay(&self) -> Option<Duration> {
        match self {
            Self::Some(robot) => robot.delay.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok()),
            Self::None => None,
        }
    }
}

impl Robots {
    /// The place for a host's rules, empty where they were not read today.
    pub(crate) fn place(&self, url: &Url) -> Arc<OnceCell<Rules>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if hosts.len() > REMEMBERED {
            hosts.retain(|_, said| now.duration_since(said.read) < BELIEVED / 24);
        }
        let fresh = || Said { read: now, rules: Arc::default() };
        let said = hosts.entry(url.origin().ascii_serialization()).or_insert_with(fresh);
        if now.duration_since(said.read) > BELIEVED {
            *said = fresh();
        }
        Arc::clone(&said.rules)
    }
}

/// Where a host keeps its rules.
pub(crate) fn address(url: &Url) -> Url {
    let mut address = url.clone();
    address.set_path("/robots.txt");
    address.set_query(None);
    address.set_fragment(None);
    address
}

/// What follows when the file cannot be had: a host that has none lets us in, one that fails does not for now (RFC 9309, section 2.3.1).
pub(crate) fn without(error: NetError) -> Result<Rules, NetError> {
    match error {
        NetError::Status { status, .. } if (400..500).contains(&status) && status != 429 => Ok(Rules::None),
        NetError::TooLarge { .. } | NetError::Redirects { .. } | NetError::Ratio { .. } | NetError::Packed { .. } | NetError::Url { .. } => {
            Ok(Rules::None)
        }
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_us_come_before_rules_for_all() {
        let rules = Rules::parse(b"User-agent: *\nDisallow: /\n\nUser-agent: glossator\nDisallow: /private/\nCrawl-delay: 3\n");
        let allow = |path: &str| rules.allow(&Url::parse(&format!("https://museum.example{path}")).unwrap());
        assert!(allow("/pictures/1.jpg") && !allow("/private/1.jpg"));
        assert_eq!(rules.delay(), Some(Duration::from_secs(3)));
        let all = Rules::parse(b"User-agent: *\nDisallow: /iiif/\nAllow: /iiif/open/\n");
        assert!(!all.allow(&Url::parse("https://m.example/iiif/1").unwrap()));
        assert!(all.allow(&Url::parse("https://m.example/iiif/open/1").unwrap()));
        assert!(Rules::parse(b"<html>not found</html>").allow(&Url::parse("https://m.example/1").unwrap()));
    }

    #[test]
    fn a_file_that_is_not_there_forbids_nothing_and_a_host_that_fails_is_not_asked() {
        let status = |status| NetError::Status { url: String::new(), status };
        assert!(without(status(404)).is_ok() && without(status(403)).is_ok());
        assert!(without(status(503)).is_err() && without(status(429)).is_err());
        let url = Url::parse("http://m.example:8080/a/b?c#d").unwrap();
        assert_eq!(address(&url).as_str(), "http://m.example:8080/robots.txt");
    }
}
