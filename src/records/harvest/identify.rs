//! What a provider says of itself (OAI-PMH 2.0, section 4.2).

use serde::{Deserialize, Serialize};

use super::{
    Granularity,
    answer::text_of,
    tags::{Kind, Tags},
};

/// What a provider does about records that it deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deletions {
    /// It forgets them: only a full listing shows that they are gone.
    No,
    /// It tells of them for a while.
    Transient,
    /// It tells of them for good.
    Persistent,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its name.
    pub name: String,
    /// Its own address.
    pub base_url: String,
    /// How finely it tells time.
    pub granularity: Granularity,
    /// What it does about deleted records.
    pub deletions: Deletions,
}

impl Identity {
    /// Reads the answer to `Identify`. What it lacks is taken to be the least that a provider may offer.
    pub fn parse(text: &str) -> Option<Self> {
        let mut identity = Self { name: String::new(), base_url: String::new(), granularity: Granularity::Day, deletions: Deletions::No };
        let mut seen = false;
        for tag in Tags::new(text) {
            if tag.kind != Kind::Start {
                continue;
            }
            match tag.local() {
                "Identify" => seen = true,
                // Whatever stands in there is not about the protocol.
                "description" => break,
                "repositoryName" => identity.name = text_of(text, tag.end),
                "baseURL" => identity.base_url = text_of(text, tag.end),
                "granularity" if text_of(text, tag.end).len() > 10 => identity.granularity = Granularity::Second,
                "deletedRecord" => {
                    identity.deletions = match text_of(text, tag.end).as_str() {
                        "persistent" => Deletions::Persistent,
                        "transient" => Deletions::Transient,
                        _ => Deletions::No,
                    };
                }
                _ => {}
            }
        }
        seen.then_some(identity)
    }
}
