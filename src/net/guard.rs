//! The address guard: which machines must not be asked on behalf of a record that somebody else wrote.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::NetError;

/// Whether an address is reachable by everyone, and so no secret of this machine or its network.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// IANA's registry of special-purpose IPv4 addresses, with multicast and the reserved block above it.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240)
}

/// Only global unicast (`2000::/3`) is public, less what carries an IPv4 address or is set aside for documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = carried_v4(address) {
        return is_public_v4(v4);
    }
    let segments = address.segments();
    let global = segments[0] & 0xe000 == 0x2000;
    let set_aside = (segments[0] == 0x2001 && (segments[1] < 0x200 || segments[1] == 0xdb8)) || segments[0] == 0x3fff;
    global && !set_aside
}

/// The IPv4 address within a mapped (`::ffff:a.b.c.d`), translated (`64:ff9b::/96`) or 6to4 (`2002::/16`) address.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let from = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

/// What may be asked although it is not public.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    /// Everything.
    pub(crate) allow_private: bool,
    /// These hosts, by name or by address, in lower case.
    pub(crate) hosts: Vec<String>,
}

impl Guard {
    pub(crate) fn new(allow_private: bool, hosts: &[String]) -> Self {
        let hosts = hosts.iter().map(|host| host.trim().trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()).collect();
        Self { allow_private, hosts }
    }

    /// Looks at an address before it is asked: its scheme, and its host where that is a number. The parser has by then turned every odd
    /// spelling of a number (`0x7f000001`, `2130706433`, `127.1`) into four bytes.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NetError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NetError::Url { url: url.to_string(), reason: format!("its scheme is `{}`", url.scheme()) });
        }
        let address = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(NetError::Url { url: url.to_string(), reason: "it names no host".to_owned() }),
        };
        if is_public(address) || self.allows(&address.to_string()) {
            return Ok(());
        }
        Err(NetError::Address { host: address.to_string(), address })
    }

    /// Of the addresses that a name leads to, those that may be asked. Every look-up is vetted anew, so a name that led elsewhere a moment
    /// ago gains nothing by it.
    fn vet(&self, host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NetError> {
        let refused = found.iter().map(SocketAddr::ip).find(|ip| !is_public(*ip));
        let passed: Vec<SocketAddr> = found.into_iter().filter(|a| is_public(a.ip()) || self.allows(host)).collect();
        match (passed.is_empty(), refused) {
            (false, _) => Ok(passed),
            (true, Some(address)) => Err(NetError::Address { host: host.to_owned(), address }),
            (true, None) => Err(NetError::Name { host: host.to_owned(), reason: "the resolver gives no address".to_owned() }),
        }
    }

    fn allows(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.allow_private || self.hosts.contains(&host)
    }

    async fn look_up(&self, host: &str) -> Result<Addrs, NetError> {
        let found = tokio::net::lookup_host((host, 0)).await;
        let found: Vec<SocketAddr> = found.map_err(|e| NetError::Name { host: host.to_owned(), reason: e.to_string() })?.collect();
        Ok(Box::new(self.vet(host, found)?.into_iter()))
    }
}

/// Resolves names, and keeps back every address that must not be asked. The connection is made to the addresses that passed here and to
/// none that a second look-up might give.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move { guard.look_up(name.as_str()).await.map_err(Into::into) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow_private: bool) -> Guard {
        Guard::new(allow_private, &[])
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        for bad in [
            "http://127.0.0.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://127.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://10.1.2.3/",
            "http://192.168.0.1/",
            "http://172.16.0.1/",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://224.0.0.1/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
            "http://[ff02::1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[::]/",
            "http://255.255.255.255/",
            "http://[2001:db8::1]/",
        ] {
            let url = Url::parse(bad).unwrap();
            assert!(matches!(guard(false).check(&url), Err(NetError::Address { .. })), "{bad}");
            assert!(guard(true).check(&url).is_ok(), "{bad}");
        }
    }

    #[test]
    fn public_addresses_and_names_pass_and_other_schemes_do_not() {
        for good in ["http://93.184.215.14/", "https://[2606:2800:220:1::1]/", "https://museum.example/a.jpg"] {
            assert!(guard(false).check(&Url::parse(good).unwrap()).is_ok(), "{good}");
        }
        for bad in ["file:///etc/passwd", "ftp://museum.example/a", "data:image/png;base64,AA", "gopher://127.0.0.1/"] {
            assert!(matches!(guard(true).check(&Url::parse(bad).unwrap()), Err(NetError::Url { .. })), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused() {
        for name in ["localhost", "localhost."] {
            // Some machines know no `localhost.`: then there is no address at all, which is refused as well.
            assert!(guard(false).look_up(name).await.is_err(), "{name}");
        }
        assert!(guard(true).look_up("localhost").await.is_ok());
    }

    #[test]
    fn a_name_that_leads_elsewhere_at_the_second_look_up_gains_nothing() {
        let guard = guard(false);
        let at = |address: &str| SocketAddr::new(address.parse().unwrap(), 0);
        assert_eq!(guard.vet("rebinding.example", vec![at("93.184.215.14")]).unwrap(), [at("93.184.215.14")]);
        assert!(matches!(guard.vet("rebinding.example", vec![at("127.0.0.1")]), Err(NetError::Address { .. })));
        // Of a public and a private address, only the public one is ever connected to.
        assert_eq!(guard.vet("both.example", vec![at("10.0.0.1"), at("93.184.215.14"), at("::1")]).unwrap(), [at("93.184.215.14")]);
        assert!(matches!(guard.vet("none.example", Vec::new()), Err(NetError::Name { .. })));
    }

    #[test]
    fn a_host_that_is_allowed_by_name_allows_no_other() {
        let guard = Guard::new(false, &["Images.Local.".to_owned(), "[::1]".to_owned(), "10.0.0.7".to_owned()]);
        let private = vec![SocketAddr::from(([10, 0, 0, 9], 0))];
        assert!(guard.vet("images.local", private.clone()).is_ok());
        assert!(guard.vet("images.local.evil.example", private).is_err());
        for good in ["http://10.0.0.7/", "http://[::1]:8080/", "http://167772167/"] {
            assert!(guard.check(&Url::parse(good).unwrap()).is_ok(), "{good}");
        }
        for bad in ["http://10.0.0.8/", "http://127.0.0.1/", "http://169.254.169.254/"] {
            assert!(guard.check(&Url::parse(bad).unwrap()).is_err(), "{bad}");
        }
    }
}
