//! In which formats a record can be had, and under which identifier.

use crate::{
    rdf::{Base, RecordKey},
    store::{Stamped, Standing},
};

/// A metadata format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Dublin Core, which every repository must have.
    DublinCore,
    /// The whole record, with what is published of it, as EDM for aggregators.
    Edm,
    /// Only what we publish of it.
    Enrichment,
}

impl Format {
    pub(super) const ALL: [Self; 3] = [Self::DublinCore, Self::Edm, Self::Enrichment];

    pub(super) fn with_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.prefix() == prefix)
    }

    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::DublinCore => "oai_dc",
            Self::Edm => "edm",
            Self::Enrichment => "edm_enrichment",
        }
    }

    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::DublinCore => "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            Self::Edm => "http://www.europeana.eu/schemas/edm/EDM.xsd",
            Self::Enrichment => "http://www.europeana.eu/schemas/edm/EDM-INTERNAL.xsd",
        }
    }

    pub(super) fn namespace(self) -> &'static str {
        match self {
            Self::DublinCore => "http://www.openarchives.org/OAI/2.0/oai_dc/",
            Self::Edm | Self::Enrichment => "http://www.europeana.eu/schemas/edm/",
        }
    }

    /// Whether the record is, or once was, there in this format.
    pub(super) fn knows(self, record: &Stamped) -> bool {
        self != Self::Enrichment || record.published != Standing::Never
    }

    /// Whether the record is no longer there in this format.
    pub(super) fn is_deleted(self, record: &Stamped) -> bool {
        record.gone || (self == Self::Enrichment && record.published == Standing::NoLonger)
    }
}

/// How a record is called: `oai:HOST:KEY`, the host being that of the base.
#[derive(Clone, Debug)]
pub(super) struct Identifiers {
    /// The host, and whether the identifier scheme of OAI takes it for a domain.
    pub(super) host: String,
    pub(super) is_domain: bool,
}

impl Identifiers {
    pub(super) fn new(base: &Base) -> Self {
        let host = url::Url::parse(base.as_str()).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let host: String = host.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '-' }).collect();
        let is_label = |label: &str| label.len() > 1 && label.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_domain = host.contains('.') && host.split('.').all(is_label);
        Self { host, is_domain }
    }

    pub(super) fn of(&self, key: &RecordKey) -> String {
        format!("oai:{}:{key}", self.host)
    }

    pub(super) fn key(&self, identifier: &str) -> Option<RecordKey> {
        RecordKey::parse(identifier.strip_prefix("oai:")?.strip_prefix(&self.host)?.strip_prefix(':')?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_back_and_know_domains() {
        for (base, host, is_domain) in [
            ("https://enrich.example/", "enrich.example", true),
            ("http://localhost:7878/", "localhost", false),
            ("http://127.0.0.1:7878/x/", "127.0.0.1", false),
            ("http://[::1]/", "---1-", false),
        ] {
            let identifiers = Identifiers::new(&Base::new(base).unwrap());
            assert_eq!((identifiers.host.as_str(), identifiers.is_domain), (host, is_domain), "{base}");
            let key = RecordKey::parse(&"0a".repeat(16)).unwrap();
            assert_eq!(identifiers.key(&identifiers.of(&key)), Some(key));
            assert_eq!(identifiers.key("oai:other.example:0"), None);
        }
    }
}
