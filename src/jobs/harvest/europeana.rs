//! Harvesting Europeana: a search is gone through by its cursor, and each record that is new or changed is fetched.

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use jiff::Timestamp;
use oxigraph::model::{LiteralRef, NamedOrBlankNode, TermRef};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    FromEuropeana, Harvest,
    asker::{AT_ONCE, Asked},
    pilot::Table,
    session::{End, Session},
    source::Source,
};
use crate::{
    jobs::{House, Listener, Report, source_graph::key_of},
    net::{Fetched, HeaderMap, HeaderName, HeaderValue, NetError},
    rdf::{ns::enr, syntax::JSON_LD, text_of},
    records::harvest::europeana::{Found, Hit, KEY_HEADER, Search, record_alone, record_url},
};

/// How often an answer that is not what it should be is asked for again.
const ATTEMPTS: u32 = 3;

/// What is remembered of a search.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    #[serde(skip_serializing_if = "Option::is_none")]
    harvested_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    under_way: Option<Walk>,
}

/// A search that is being gone through.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Walk {
    id: String,
    since: Option<Timestamp>,
    /// Which of the searches, where each category has its own.
    search: usize,
    cursor: Option<String>,
    listed: u64,
    /// How much of the table is written.
    table: u64,
}

/// One search, and the category whose items it finds.
struct Part {
    category: Option<(String, String)>,
    qf: Vec<String>,
}

pub(super) fn run(house: &House, job: &Harvest, asked: &FromEuropeana, listener: Listener<'_>) -> anyhow::Result<Report> {
    let api = asked.api.as_deref().unwrap_or(&house.settings.harvest.europeana);
    let api = Url::parse(api).with_context(|| format!("`{api}` is no address"))?;
    if asked.key.0.is_empty() {
        bail!("Europeana's API wants a key: put it into the environment as EUROPEANA_API_KEY");
    }
    if asked.no_records && asked.csv.is_none() {
        bail!("with --no-records nothing is left to do: name a file with --csv");
    }
    let key = HeaderValue::from_str(&asked.key.0).map_err(|_| anyhow::anyhow!("the API key holds characters that no header can carry"))?;
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static(KEY_HEADER), key);
    let categories: Vec<String> = asked.categories.iter().map(|(name, concept)| format!("{name}={concept}")).collect();
    let alone = if asked.no_records { "the table alone" } else { "" };
    let words = [asked.qf.join(" "), asked.reusability.join(" "), categories.join(" "), alone.to_owned()];
    let words: Vec<&str> = std::iter::once(asked.query.as_str()).chain(words.iter().map(String::as_str)).collect();
    let source = Source::new(house, "europeana", api.as_str(), &words);
    let mut session = Session::open(house, job, listener, source, None)?;
    let mut state: State = session.state()?.unwrap_or_default();
    let mut walk = state.under_way.take().unwrap_or_else(|| {
        let since = session.began();
        Walk { id: since.to_string(), since: Some(since), ..Walk::default() }
    });
    if !session.note_seen(&walk.id)? && walk.listed > 0 {
        walk = Walk { id: walk.id, since: walk.since, ..Walk::default() };
    }
    let table = asked.csv.as_deref().map(|path| Table::open(path, walk.table)).transpose()?;
    let mut harvester = Harvester { session, job, asked, api, headers, state, walk, table, same: 0 };
    let end = harvester.go_through()?;
    harvester.finish(end)
}

struct Harvester<'h> {
    session: Session<'h>,
    job: &'h Harvest,
    asked: &'h FromEuropeana,
    api: Url,
    headers: HeaderMap,
    state: State,
    walk: Walk,
    table: Option<Table>,
    /// Records that were not fetched, since what we hold is as new as what was found.
    same: u64,
}

impl Harvester<'_> {
    fn parts(&self) -> Vec<Part> {
        if self.asked.categories.is_empty() {
            return vec![Part { category: None, qf: self.asked.qf.clone() }];
        }
        let of = |(name, concept): &(String, String)| {
            let own = format!("(skos_concept:\"{concept}\" AND TYPE:IMAGE)");
            let qf = self.asked.qf.iter().cloned().chain([own]).collect();
            Part { category: Some((name.clone(), concept.clone())), qf }
        };
        self.asked.categories.iter().map(of).collect()
    }

    fn go_through(&mut self) -> anyhow::Result<End> {
        // Who stops in the middle of a page goes on with the whole of it.
        self.state.under_way = Some(self.walk.clone());
        let parts = self.parts();
        self.session.listener.progress.begin("harvesting", self.asked.limit);
        self.session.listener.progress.advance(self.walk.listed);
        while let Some(part) = parts.get(self.walk.search) {
            let cursor = self.walk.cursor.clone().unwrap_or_else(|| "*".to_owned());
            let search = Search { query: &self.asked.query, qf: &part.qf, reusability: &self.asked.reusability };
            let url = search.url(&self.api, &cursor).context("making the address of a search")?;
            let found = match self.search(&url)? {
                Ok(found) => found,
                Err(end) => return Ok(end),
            };
            if cursor == "*" && self.asked.limit.is_none() && parts.len() == 1 {
                self.session.listener.progress.begin("harvesting", found.total_results);
            }
            for hits in found.items.chunks(AT_ONCE) {
                let room = self.asked.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.walk.listed));
                let hits = hits.get(..hits.len().min(usize::try_from(room).unwrap_or(usize::MAX))).unwrap_or_default();
                if let Some(end) = self.hits(hits, part)? {
                    return Ok(end);
                }
                if self.asked.limit.is_some_and(|limit| self.walk.listed >= limit) {
                    return Ok(End::Done);
                }
            }
            let next = found.next_cursor.filter(|next| *next != cursor && !found.items.is_empty());
            self.walk.search += usize::from(next.is_none());
            self.walk.cursor = next;
            self.checkpoint()?;
            if self.session.listener.progress.stopped() {
                return Ok(End::Stopped);
            }
        }
        Ok(End::Done)
    }

    fn checkpoint(&mut self) -> anyhow::Result<()> {
        if let Some(table) = &mut self.table {
            self.walk.table = table.flush()?;
        }
        self.state.under_way = Some(self.walk.clone());
        self.session.checkpoint(&self.state)
    }

    fn search(&mut self, url: &str) -> anyhow::Result<Result<Found, End>> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let why = match self.session.asker.ask(url, &self.headers) {
                Asked::Stopped => return Ok(Err(End::Stopped)),
                Asked::Failed(NetError::Status { status: 401 | 403, .. }) => {
                    return Ok(Err(End::Failed("Europeana's API does not take the key (EUROPEANA_API_KEY)".to_owned())));
                }
                Asked::Failed(error) => return Ok(Err(End::Failed(error.to_string()))),
                Asked::Answer(fetched) => match Found::parse(&fetched.bytes) {
                    Ok(found) if found.success => return Ok(Ok(found)),
                    Ok(found) => return Ok(Err(End::Failed(format!("the search is refused: {}", found.error.unwrap_or_default())))),
                    Err(why) => why,
                },
            };
            if attempt >= ATTEMPTS {
                return Ok(Err(End::Failed(why)));
            }
            if !self.session.asker.pause(Duration::from_secs(1)) {
                return Ok(Err(End::Stopped));
            }
        }
    }

    fn hits(&mut self, hits: &[Hit], part: &Part) -> anyhow::Result<Option<End>> {
        if !self.asked.no_records
            && let Some(end) = self.records(hits)?
        {
            return Ok(Some(end));
        }
        for hit in hits {
            if let Some(table) = &mut self.table {
                let (category, concept) = part.category.clone().unwrap_or_default();
                table.row(&category, &concept, &hit.id, hit.is_shown_by.first().map_or("", String::as_str))?;
            }
            self.walk.listed += 1;
            self.session.advance(1);
        }
        Ok(None)
    }

    /// Fetches records, unless what we hold is as new.
    fn records(&mut self, hits: &[Hit]) -> anyhow::Result<Option<End>> {
        let (mut wanted, mut urls) = (Vec::new(), Vec::new());
        for hit in hits {
            let updated: Option<Timestamp> = hit.timestamp_update.as_deref().and_then(|t| t.parse().ok());
            if !self.job.full && updated.is_some() && self.held_of(&hit.id)? == updated {
                self.same += 1;
                self.session.see(&hit.id);
            } else if let Some(url) = record_url(&self.api, &hit.id, self.asked.rich) {
                wanted.push((hit, updated));
                urls.push(url);
            } else {
                self.session.refuse(&hit.id, format!("`{}` is no identifier of a record", hit.id), Bytes::new())?;
            }
        }
        let answers = self.session.asker.ask_all(&urls, &self.headers);
        for ((hit, updated), answer) in wanted.into_iter().zip(answers) {
            if let Some(end) = self.record(hit, updated, answer)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    fn record(&mut self, hit: &Hit, updated: Option<Timestamp>, answer: Asked<Fetched>) -> anyhow::Result<Option<End>> {
        match answer {
            Asked::Stopped => return Ok(Some(End::Stopped)),
            // One record that is missing is its own trouble; an API that is away is everybody's.
            Asked::Failed(error @ NetError::Status { status: 400..=499, .. }) => {
                self.session.refuse(&hit.id, error.to_string(), Bytes::new())?;
            }
            Asked::Failed(error) => return Ok(Some(End::Failed(error.to_string()))),
            Asked::Answer(fetched) => match record_alone(&fetched.bytes) {
                Ok(bytes) => drop(self.session.read(&hit.id, &hit.id, updated, &Bytes::from(bytes), JSON_LD, &[])?),
                Err(why) => self.session.refuse(&hit.id, why, Bytes::new())?,
            },
        }
        Ok(None)
    }

    /// Of when the version is that we hold under an identifier.
    fn held_of(&self, id: &str) -> anyhow::Result<Option<Timestamp>> {
        let (store, meta) = (&self.session.house.store, self.session.house.store.meta_graph());
        let name = LiteralRef::new_simple_literal(id);
        for graph in store.subjects(enr::SOURCE_IDENTIFIER, TermRef::Literal(name), &meta)? {
            let NamedOrBlankNode::NamedNode(graph) = graph else { continue };
            let ours = store.object(&graph, enr::HARVESTED_FROM, &meta)? == Some(self.session.source.iri.clone().into());
            if ours && key_of(self.session.house, &graph).is_some() {
                return Ok(store.object(&graph, enr::SOURCE_DATESTAMP, &meta)?.and_then(|t| text_of(t).parse().ok()));
            }
        }
        Ok(None)
    }

    fn finish(mut self, end: End) -> anyhow::Result<Report> {
        if matches!(end, End::Done) {
            // A search that was cut short shows nothing of what is gone.
            if self.asked.limit.is_none() && !self.asked.no_records {
                self.session.bury_missing(self.job.accept_deletions)?;
            }
            self.state.harvested_until = self.walk.since;
            self.state.under_way = None;
        }
        let (same, rows, left_out) = (self.same, self.table.as_ref().map(Table::rows), self.table.as_ref().map(Table::without_picture));
        if let Some(table) = self.table.take() {
            let line = table.finish(matches!(end, End::Done))?;
            self.session.remark(line);
        }
        let mut report = self.session.finish(&self.state, end)?;
        report.line(format!("{same} were not fetched, since what we hold is as new"));
        report.figure("not_fetched", same);
        if let (Some(rows), Some(left_out)) = (rows, left_out) {
            report.figure("csv_rows", rows);
            report.figure("csv_without_picture", left_out);
        }
        Ok(report)
    }
}
