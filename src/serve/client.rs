//! Who asks, for fair use: a network of addresses, and the address that a proxy in front of us tells, where the operator trusts it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderName, request::Parts};

use super::{door::Door, protocol::text};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client of a request, as fair use counts it. Nobody where it is the operator, through the write door.
pub(super) fn client(door: &Door, parts: &Parts, proxies: &[IpAddr]) -> Option<String> {
    if door.writes() {
        return None;
    }
    let peer = parts.extensions.get::<SocketAddr>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), SocketAddr::ip);
    Some(network(address(peer, &text(&parts.headers, &FORWARDED_FOR), proxies)))
}

/// The address from which a request came: what the nearest proxy that we trust tells, else the connection's own.
fn address(peer: IpAddr, forwarded: &str, proxies: &[IpAddr]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.contains(&plain(address));
    if !trusted(peer) {
        return peer;
    }
    // Each proxy adds the address that it saw: from the right, the first that is no proxy of ours.
    let told = forwarded.rsplit(',').map(|part| part.trim().parse::<IpAddr>());
    told.take_while(Result::is_ok).flatten().find(|address| !trusted(*address)).unwrap_or(peer)
}

/// An IPv4 address that is written as IPv6 is one of IPv4.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The network that an address stands for: its /24, or its /56 of IPv6.
fn network(address: IpAddr) -> String {
    match plain(address) {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let kept = v6.to_bits() & (u128::MAX << 72);
            format!("{}/56", Ipv6Addr::from_bits(kept))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks() {
        assert_eq!(network(ip("198.51.100.77")), "198.51.100.0/24");
        assert_eq!(network(ip("::ffff:198.51.100.77")), "198.51.100.0/24");
        assert_eq!(network(ip("2001:db8:1:23ff:1::2")), "2001:db8:1:2300::/56");
    }

    #[test]
    fn only_a_proxy_that_we_trust_tells_who_asks() {
        let proxies = [ip("127.0.0.1")];
        assert_eq!(address(ip("203.0.113.9"), "198.51.100.1", &proxies), ip("203.0.113.9"));
        assert_eq!(address(ip("127.0.0.1"), "10.9.9.9, 198.51.100.1", &proxies), ip("198.51.100.1"));
        assert_eq!(address(ip("127.0.0.1"), "198.51.100.1, 127.0.0.1", &proxies), ip("198.51.100.1"));
        assert_eq!(address(ip("127.0.0.1"), "198.51.100.1, nonsense", &proxies), ip("127.0.0.1"), "what a client makes up is not followed");
        assert_eq!(address(ip("127.0.0.1"), "", &proxies), ip("127.0.0.1"));
    }
}
