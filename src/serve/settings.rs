//! What an operator may set about the doors.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

/// Where we listen, and how much we bear.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The address and port of the public door. It only reads.
    pub listen: SocketAddr,
    /// The address and port of the door that also writes; none where there is none.
    pub write_listen: Option<SocketAddr>,
    /// A file with the token that the write door wants, where the environment does not name it.
    pub write_token_file: Option<PathBuf>,
    /// How large a graph that is put or added may be, packed or unpacked, in megabytes.
    pub write_megabytes: usize,
    /// How long the body of a change may take, and then the change itself, in seconds.
    pub write_seconds: u64,
    /// How long an update's text may be, in megabytes.
    pub update_megabytes: usize,
    /// How many quads one update may insert and remove.
    pub update_quads: usize,
    /// The name that stands on the pages.
    pub name: String,
    /// Where harvesters write to: OAI-PMH wants an address of the administrator.
    pub admin_email: String,
    /// Under which licence the metadata stand, as an IRI; harvesters are told. Nothing where it is empty.
    pub metadata_rights: String,
    /// How many records stand on a page for harvesters.
    pub oai_page: usize,
    /// How many connections are open at once.
    pub connections: usize,
    /// How many of them come from one address. Behind a proxy all do: set it as high as `connections` there.
    pub connections_per_address: usize,
    /// How long a client may take to send the head of a request, in seconds.
    pub header_seconds: u64,
    /// How long it may take to send the body, in seconds.
    pub body_seconds: u64,
    /// How long it may take to read on when the answer is under way and nothing more fits into the line, in seconds.
    pub unread_seconds: u64,
    /// How long `/readyz` says no before no more connections are taken, when the server ends, in seconds.
    pub drain_seconds: f64,
    /// The addresses of proxies in front of us: what they tell of who asks (`X-Forwarded-For`) is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long open connections may go on when the server ends, in seconds.
    pub shutdown_seconds: u64,
    /// How long a cache may show an answer without asking whether the store has moved on, in seconds.
    pub cache_seconds: u64,
    /// How many hours after the last dump a new one is made, where the store has moved on; 0 makes none by itself.
    pub dump_hours: f64,
    /// How many dumps are kept.
    pub dumps_kept: usize,
    /// How large a photograph of a visitor's own may be, in megabytes.
    pub look_megabytes: usize,
    /// How many of them are looked at in one moment.
    pub look_parallel: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7878)),
            write_listen: None,
            write_token_file: None,
            write_megabytes: 64,
            write_seconds: 120,
            update_megabytes: 4,
            update_quads: 1_000_000,
            name: "Glossator".to_owned(),
            admin_email: "not-set@admin-email.invalid".to_owned(),
            metadata_rights: String::new(),
            oai_page: 100,
            connections: 512,
            connections_per_address: 64,
            header_seconds: 10,
            body_seconds: 30,
            unread_seconds: 30,
            drain_seconds: 0.0,
            trusted_proxies: Vec::new(),
            shutdown_seconds: 10,
            cache_seconds: 0,
            dump_hours: 0.0,
            dumps_kept: 3,
            look_megabytes: 20,
            look_parallel: 1,
        }
    }
}

impl Settings {
    /// Refuses what harvesters could not read.
    pub fn check(&self) -> Result<(), String> {
        let email = self.admin_email.split_once('@');
        let is_email =
            email.is_some_and(|(name, host)| !name.is_empty() && host.split('.').count() > 1 && host.split('.').all(|l| !l.is_empty()));
        if !is_email || self.admin_email.contains(char::is_whitespace) {
            return Err(format!("serve.admin_email is `{}`, which is no address such as admin@museum.example", self.admin_email));
        }
        if !self.metadata_rights.is_empty() && oxiri::Iri::parse(self.metadata_rights.as_str()).is_err() {
            return Err(format!("serve.metadata_rights is `{}`, which is no IRI of a licence", self.metadata_rights));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_administrator_is_one() {
        let with =
            |email: &str, rights: &str| Settings { admin_email: email.into(), metadata_rights: rights.into(), ..Settings::default() };
        assert!(Settings::default().check().is_ok());
        assert!(with("a@b.example", "http://creativecommons.org/publicdomain/zero/1.0/").check().is_ok());
        for (email, rights) in
            [("a", ""), ("a@localhost", ""), ("a b@c.example", ""), ("@b.example", ""), ("a@b.", ""), ("a@b.example", "CC0")]
        {
            assert!(with(email, rights).check().is_err(), "{email} {rights}");
        }
    }
}
