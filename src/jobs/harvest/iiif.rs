//! Harvesting IIIF: a manifest, or every manifest to which a collection leads.

use std::collections::{HashSet, VecDeque};

use anyhow::Context as _;
use bytes::Bytes;
use jiff::Timestamp;
use oxigraph::model::{Literal, NamedNode, Term};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    FromIiif, Harvest,
    asker::Asked,
    session::{End, Session},
    source::Source,
};
use crate::{
    jobs::{House, Listener, Report},
    net::{ACCEPT, HeaderMap, HeaderValue, NetError},
    rdf::{ns::edm, syntax::JSON_LD},
    records::harvest::iiif::{Found, Member, look},
};

/// How deep collections may lead into one another.
const DEPTH: usize = 20;
/// So many failures in a row end the harvest.
const FAILED_IN_A_ROW: u32 = 10;

/// What is remembered of a collection.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    #[serde(skip_serializing_if = "Option::is_none")]
    harvested_until: Option<Timestamp>,
    /// The name of the harvest that did not come to its end: what it has seen need not be asked for again.
    #[serde(skip_serializing_if = "Option::is_none")]
    under_way: Option<String>,
}

pub(super) fn run(house: &House, job: &Harvest, asked: &FromIiif, listener: Listener<'_>) -> anyhow::Result<Report> {
    let url = Url::parse(&asked.url).with_context(|| format!("`{}` is no address", asked.url))?;
    let source = Source::new(house, "iiif", url.as_str(), &[]);
    let mut session = Session::open(house, job, listener, source, url.host_str().map(str::to_owned))?;
    if let Some(provider) = &asked.data_provider {
        session.lacking.push((edm::DATA_PROVIDER.into_owned(), Literal::new_simple_literal(provider).into()));
    }
    if let Some(rights) = &asked.rights {
        let rights = NamedNode::new(rights).with_context(|| format!("`{rights}` is no IRI"))?;
        session.lacking.push((edm::RIGHTS.into_owned(), Term::from(rights)));
    }
    let mut state: State = session.state()?.unwrap_or_default();
    let walk = state.under_way.take().unwrap_or_else(|| session.began().to_string());
    session.note_seen(&walk)?;
    state.under_way = Some(walk);
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/ld+json, application/json;q=0.9, */*;q=0.1"));
    let mut harvester = Harvester { session, state, headers, collections: HashSet::new(), doubtful: false, failed: 0 };
    let end = harvester.go_through(asked.url.clone())?;
    let Harvester { mut session, mut state, doubtful, .. } = harvester;
    if matches!(end, End::Done) {
        if doubtful {
            session.remark("since not every collection could be read, nothing was deleted for not being listed");
        } else {
            session.bury_missing(job.accept_deletions)?;
        }
        state = State { harvested_until: Some(session.began()), under_way: None };
    }
    session.finish(&state, end)
}

struct Harvester<'h> {
    session: Session<'h>,
    state: State,
    headers: HeaderMap,
    collections: HashSet<String>,
    doubtful: bool,
    failed: u32,
}

impl Harvester<'_> {
    fn go_through(&mut self, first: String) -> anyhow::Result<End> {
        self.session.listener.progress.begin("harvesting", None);
        // Nobody says of the first address what stands there.
        let mut waiting = VecDeque::from([(Member { url: first, collection: true }, 0)]);
        while let Some((member, depth)) = waiting.pop_front() {
            if self.session.listener.progress.stopped() {
                return Ok(End::Stopped);
            }
            if self.is_known(&member)? {
                continue;
            }
            let bytes = match self.session.asker.ask(&member.url, &self.headers) {
                Asked::Stopped => return Ok(End::Stopped),
                Asked::Answer(fetched) => Bytes::from(fetched.bytes),
                Asked::Failed(error) => {
                    if let Some(end) = self.failure(&member, &error)? {
                        return Ok(end);
                    }
                    continue;
                }
            };
            self.failed = 0;
            match look(&bytes) {
                Ok(Found::Manifest) => self.manifest(&member.url, &bytes)?,
                Ok(Found::Collection(_)) if depth >= DEPTH => {
                    self.doubtful = true;
                    self.session.remark(format!("{} lies more than {DEPTH} collections deep and was left", member.url));
                }
                Ok(Found::Collection(members)) => waiting.extend(members.into_iter().map(|m| (m, depth + 1))),
                Err(why) if depth == 0 => return Ok(End::Failed(format!("{}: {why}", member.url))),
                Err(why) => {
                    self.doubtful |= member.collection;
                    self.session.refuse(&member.url, why, bytes)?;
                }
            }
            self.session.checkpoint(&self.state)?;
        }
        Ok(End::Done)
    }

    /// Whether it was asked for before: collections may lead back to one another, and a harvest that was stopped has seen its part.
    fn is_known(&mut self, member: &Member) -> anyhow::Result<bool> {
        if member.collection {
            return Ok(!self.collections.insert(member.url.clone()));
        }
        self.session.has_taken(&member.url)
    }

    fn manifest(&mut self, url: &str, bytes: &Bytes) -> anyhow::Result<()> {
        self.session.read(url, url, None, bytes, JSON_LD, &[])?;
        self.session.advance(1);
        Ok(())
    }

    /// One that cannot be got is refused; when nothing can be got any more, it is not about the one.
    fn failure(&mut self, member: &Member, error: &NetError) -> anyhow::Result<Option<End>> {
        self.failed += 1;
        if self.session.asker.requests == 1 || self.failed >= FAILED_IN_A_ROW {
            return Ok(Some(End::Failed(error.to_string())));
        }
        self.doubtful |= member.collection;
        self.session.refuse(&member.url, error.to_string(), Bytes::new())?;
        Ok(None)
    }
}
