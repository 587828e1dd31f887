//! The address guard: which machines must not be asked on behalf of a record that somebody else wrote.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

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

/// Looks at an address before it is asked: its scheme, and its host where that is a number. The parser has by then turned every odd
/// spelling of a number (`0x7f000001`, `2130706433`, `127.1`) into four bytes.
pub(crate) fn check(url: &Url, allow_private: bool) -> Result<(), NetError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(NetError::Url { url: url.to_string(), reason: format!("its scheme is `{}`", url.scheme()) });
    }
    let address = match url.host() {
        Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
        Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
        Some(Host::Domain(_)) => return Ok(()),
        None => return Err(NetError::Url { url: url.to_string(), reason: "it names no host".to_owned() }),
    };
    if allow_private || is_public(address) { Ok(()) } else { Err(NetError::Address { host: address.to_string(), address }) }
}

/// Resolves names, and keeps back every address that must not be asked. The connection is made to the addresses that passed here and to
/// none that a second look-up might give.
#[derive(Clone, Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) allow_private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move { look_up(name.as_str(), allow_private).await.map_err(Into::into) })
    }
}

async fn look_up(host: &str, allow_private: bool) -> Result<Addrs, NetError> {
    let found = tokio::net::lookup_host((host, 0)).await;
    let found: Vec<SocketAddr> = found.map_err(|e| NetError::Name { host: host.to_owned(), reason: e.to_string() })?.collect();
    let refused = found.iter().map(SocketAddr::ip).find(|ip| !is_public(*ip));
    let passed: Vec<SocketAddr> = found.into_iter().filter(|a| allow_private || is_public(a.ip())).collect();
    match (passed.is_empty(), refused) {
        (false, _) => Ok(Box::new(passed.into_iter())),
        (true, Some(address)) => Err(NetError::Address { host: host.to_owned(), address }),
        (true, None) => Err(NetError::Name { host: host.to_owned(), reason: "the resolver gives no address".to_owned() }),
    }
}

/// The resolver in the form in which the client takes it.
pub(crate) fn resolver(allow_private: bool) -> Arc<GuardedResolver> {
    Arc::new(GuardedResolver { allow_private })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(matches!(check(&url, false), Err(NetError::Address { .. })), "{bad}");
            assert!(check(&url, true).is_ok(), "{bad}");
        }
    }

    #[test]
    fn public_addresses_and_names_pass_and_other_schemes_do_not() {
        for good in ["http://93.184.215.14/", "https://[2606:2800:220:1::1]/", "https://museum.example/a.jpg"] {
            assert!(check(&Url::parse(good).unwrap(), false).is_ok(), "{good}");
        }
        for bad in ["file:///etc/passwd", "ftp://museum.example/a", "data:image/png;base64,AA", "gopher://127.0.0.1/"] {
            assert!(matches!(check(&Url::parse(bad).unwrap(), true), Err(NetError::Url { .. })), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused() {
        for name in ["localhost", "localhost."] {
            // Some machines know no `localhost.`: then there is no address at all, which is refused as well.
            assert!(look_up(name, false).await.is_err(), "{name}");
        }
        assert!(look_up("localhost", true).await.is_ok());
    }
}
