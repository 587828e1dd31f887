//! Harvesting an OAI-PMH provider: page after page, or header after header, until the list ends.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use oxigraph::io::RdfFormat;
use url::Url;

use super::{
    FromOai, Harvest,
    asker::{AT_ONCE, Asked},
    oai_walk::{Rounds, State, Walk},
    session::{End, Session},
    source::Source,
};
use crate::{
    jobs::{House, Listener, Report},
    net::{Fetched, HeaderMap, NetError},
    records::harvest::{self, Answer, Deletions, Granularity, Identity, Item, Moment, decode},
};

/// How often a page that does not come whole is asked for again.
const BROKEN_PAGES: u32 = 3;
/// So many records in a row that cannot be got one by one end the harvest.
const LOST_IN_A_ROW: u32 = 10;
/// What the reader says of a document in which no record is.
const NO_CHO: &str = "there is no edm:ProvidedCHO";

pub(super) fn run(house: &House, job: &Harvest, asked: &FromOai, listener: Listener<'_>) -> anyhow::Result<Report> {
    let base = Url::parse(&asked.url).with_context(|| format!("`{}` is no address", asked.url))?;
    check_span(asked)?;
    let source = Source::new(house, "oai", base.as_str(), &[&asked.prefix, asked.set.as_deref().unwrap_or_default()]);
    let named = asked.set.clone().or_else(|| base.host_str().map(str::to_owned));
    let session = Session::open(house, job, listener, source, named)?;
    let state: State = session.state()?.unwrap_or_default();
    let granularity = Granularity::Day;
    Harvester {
        session,
        asked,
        job,
        base,
        state,
        walk: Walk::default(),
        rounds: Rounds::default(),
        granularity,
        outside: 0,
        ahead: HashMap::new(),
        unknown: 0,
    }
    .run()
}

/// `from` and `until` are dates or times, both the same, and in their order (OAI-PMH 2.0, section 4.5).
fn check_span(asked: &FromOai) -> anyhow::Result<()> {
    let read = |name: &str, text: &Option<String>| -> anyhow::Result<Option<Moment>> {
        let Some(text) = text else { return Ok(None) };
        match Moment::parse(text).filter(|m| m.utc && !text.contains('.')) {
            Some(moment) => Ok(Some(moment)),
            None => bail!("--{name} takes a day (2026-11-21) or a time in UTC (2026-11-21T10:00:00Z), not `{text}`"),
        }
    };
    if let (Some(from), Some(until)) = (read("from", &asked.from)?, read("until", &asked.until)?) {
        if from.granularity != until.granularity {
            bail!("--from and --until must both be days or both be times");
        }
        if from.at > until.at {
            bail!("--from lies behind --until");
        }
    }
    Ok(())
}

/// What became of asking for an answer.
enum Page {
    Answer(Box<Answer>),
    /// The token is not known any more.
    TokenLost(String),
    Failed(String),
    Stopped,
}

/// How the list goes on.
enum Next {
    Page,
    Over,
    End(End),
}

struct Harvester<'h> {
    session: Session<'h>,
    asked: &'h FromOai,
    job: &'h Harvest,
    base: Url,
    state: State,
    walk: Walk,
    rounds: Rounds,
    granularity: Granularity,
    /// Records that the provider listed although they are not in the set.
    outside: u64,
    /// Records that were asked for before it was their turn, by their addresses.
    ahead: HashMap<String, Asked<Fetched>>,
    /// Deleted records of which we never heard before.
    unknown: u64,
}

impl Harvester<'_> {
    fn run(mut self) -> anyhow::Result<Report> {
        let deletions = match self.identify()? {
            Ok(deletions) => deletions,
            Err(end) => return self.finish(end),
        };
        self.begin_walk()?;
        self.session.listener.progress.begin("harvesting", self.walk.size);
        self.session.listener.progress.advance(self.walk.listed);
        let end = loop {
            match self.step()? {
                Next::Page => {}
                Next::Over => break End::Done,
                Next::End(end) => break end,
            }
        };
        if matches!(end, End::Done) {
            self.complete(deletions)?;
        } else {
            self.state.under_way = Some(self.walk.clone());
        }
        self.finish(end)
    }

    /// Who is it, and how does it tell time?
    fn identify(&mut self) -> anyhow::Result<Result<Deletions, End>> {
        let decoded = match self.session.asker.ask(&harvest::identify(&self.base), &HeaderMap::new()) {
            Asked::Answer(fetched) => decode(&fetched.bytes),
            Asked::Failed(error) => bail!("the provider does not say who it is: {error}"),
            Asked::Stopped => return Ok(Err(End::Stopped)),
        };
        let Some(identity) = Identity::parse(&decoded.text) else {
            let what = Answer::parse(&decoded).err().unwrap_or_else(|| "it has no Identify in it".to_owned());
            bail!("the answer of {} to Identify cannot be used: {what}. Is that the provider's base URL?", self.base);
        };
        tracing::info!(name = identity.name, granularity = ?identity.granularity, deletions = ?identity.deletions, "a provider");
        self.granularity = if self.state.days_only { Granularity::Day } else { identity.granularity };
        Ok(Ok(identity.deletions))
    }

    /// Goes on with the list that was left, or begins one.
    fn begin_walk(&mut self) -> anyhow::Result<()> {
        let words = Walk::words(self.asked, self.job.full);
        if let Some(left) = self.state.under_way.take().filter(|left| left.asked == words) {
            self.walk = left;
            if self.job.full && !self.session.note_seen(&self.walk.id)? {
                // What was listed before is not known any more: a full listing must begin at its beginning.
                self.walk = self.new_walk();
            }
        } else {
            self.walk = self.new_walk();
            if self.job.full {
                let id = self.walk.id.clone();
                self.session.note_seen(&id)?;
            }
        }
        Ok(())
    }

    fn new_walk(&self) -> Walk {
        let changed = || self.state.next_from(self.session.house.settings.harvest.overlap_seconds).map(|at| self.granularity.write(at));
        let from = self.asked.from.clone().or_else(|| if self.job.full { None } else { changed() });
        Walk::begin(self.asked, self.job.full, from, self.session.began().to_string())
    }

    fn verb(&self) -> &'static str {
        if self.asked.each { "ListIdentifiers" } else { "ListRecords" }
    }

    /// One page.
    fn step(&mut self) -> anyhow::Result<Next> {
        let token = self.walk.token.clone();
        let url = match &token {
            Some(token) => harvest::list_on(&self.base, self.verb(), token),
            None => harvest::list(&self.base, self.verb(), self.walk.selection(self.asked)),
        };
        let answer = match self.page(&url, token.is_some())? {
            Page::Answer(answer) => answer,
            Page::TokenLost(why) => return self.begin_anew(&format!("the provider does not know its own token any more ({why})")),
            Page::Failed(why) => return Ok(Next::End(End::Failed(format!("page {}: {why}", self.walk.page + 1)))),
            Page::Stopped => return Ok(Next::End(End::Stopped)),
        };
        if let Some(next) = self.errors(&answer, token.is_some())? {
            return Ok(next);
        }
        if self.walk.responded.is_none() {
            self.walk.responded = Some(self.responded(&answer));
        }
        if let Some(end) = self.items(&answer)? {
            return Ok(Next::End(end));
        }
        self.go_on(token.as_deref(), &answer)
    }

    /// Where the list goes on behind a page.
    fn go_on(&mut self, asked: Option<&str>, answer: &Answer) -> anyhow::Result<Next> {
        let next = answer.token.as_ref().map(|t| t.value.clone()).filter(|t| !t.is_empty());
        if let Some(size) = answer.token.as_ref().and_then(|t| t.complete_size).filter(|_| self.walk.size.is_none()) {
            self.walk.size = Some(size);
            self.session.listener.progress.begin("harvesting", Some(size));
            self.session.listener.progress.advance(self.walk.listed);
        }
        if !answer.whole && next.is_none() {
            let why = format!("page {} breaks off each time that it is asked for, and with it the token", self.walk.page + 1);
            return Ok(Next::End(End::Failed(why)));
        }
        if let Some(sign) = self.rounds.see(asked, answer) {
            self.walk.doubtful = true;
            self.session.remark(format!(
                "the provider's list does not end: page {} brings {sign}. What it listed is taken, and the list is counted as over",
                self.walk.page + 1
            ));
            return Ok(Next::Over);
        }
        self.walk.page += 1;
        self.walk.token.clone_from(&next);
        if next.is_none() {
            return Ok(Next::Over);
        }
        self.state.under_way = Some(self.walk.clone());
        self.session.checkpoint(&self.state)?;
        let stopped = self.session.listener.progress.stopped();
        Ok(if stopped { Next::End(End::Stopped) } else { Next::Page })
    }

    /// Asks for the next records of a list of headers, several at once.
    fn fetch_ahead(&mut self, items: &[Item]) {
        let wanted = items.iter().filter(|i| !i.header.deleted && !self.is_outside(i));
        let urls: Vec<String> = wanted.map(|i| harvest::get_record(&self.base, &self.asked.prefix, &i.header.identifier)).collect();
        let answers = self.session.asker.ask_all(&urls, &HeaderMap::new());
        self.ahead = urls.into_iter().zip(answers).collect();
    }

    /// Asks for a page until it comes whole.
    fn page(&mut self, url: &str, by_token: bool) -> anyhow::Result<Page> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let asked = self.ahead.remove(url).unwrap_or_else(|| self.session.asker.ask(url, &HeaderMap::new()));
            let what = match asked {
                Asked::Stopped => return Ok(Page::Stopped),
                // Some say with HTTP what they should say in OAI-PMH.
                Asked::Failed(NetError::Status { status, .. }) if by_token && matches!(status, 400 | 404 | 410 | 422) => {
                    return Ok(Page::TokenLost(format!("HTTP {status}")));
                }
                Asked::Failed(error) => return Ok(Page::Failed(error.to_string())),
                Asked::Answer(fetched) => match Answer::parse(&decode(&fetched.bytes)) {
                    Ok(answer) if answer.whole || attempt >= BROKEN_PAGES => return Ok(Page::Answer(Box::new(answer))),
                    Ok(_) => "it breaks off".to_owned(),
                    Err(what) => what,
                },
            };
            if attempt >= BROKEN_PAGES {
                return Ok(Page::Failed(format!("{url} was asked for {attempt} times: {what}")));
            }
            tracing::debug!(url, attempt, what, "a page did not come whole");
            if !self.session.asker.pause(Duration::from_millis(500) * attempt) {
                return Ok(Page::Stopped);
            }
        }
    }

    /// What the provider's errors come to, if they leave us without records.
    fn errors(&mut self, answer: &Answer, by_token: bool) -> anyhow::Result<Option<Next>> {
        let Some(first) = answer.errors.first().filter(|_| answer.items.is_empty()) else { return Ok(None) };
        let failed = |why: String| Ok(Some(Next::End(End::Failed(why))));
        let set = self.asked.set.as_deref().unwrap_or_default();
        match first.code.as_str() {
            "noRecordsMatch" => {
                let responded = self.responded(answer);
                self.walk.responded.get_or_insert(responded);
                Ok(Some(Next::Over))
            }
            "badResumptionToken" => self.begin_anew("the provider does not know its own token any more").map(Some),
            "badArgument" if by_token => self.begin_anew("the provider refuses its own token").map(Some),
            "badArgument" if self.only_days() => Ok(Some(Next::Page)),
            "noSetHierarchy" => failed(format!("the provider has no sets; ask it without --set {set}")),
            "cannotDisseminateFormat" => failed(format!(
                "the provider does not have the format `{}`: {} lists those that it has",
                self.asked.prefix,
                self.formats_url()
            )),
            code => failed(format!("the provider answers {code}: {}", first.text)),
        }
    }

    fn formats_url(&self) -> String {
        format!("{}?verb=ListMetadataFormats", self.base)
    }

    /// The provider refuses what we asked: if that held times of day, it may take days. Whether there is something new to ask.
    fn only_days(&mut self) -> bool {
        let day = |text: &Option<String>| text.as_ref().map(|t| t.chars().take(10).collect::<String>());
        let (from, until) = (day(&self.walk.from), day(&self.walk.until));
        if (&from, &until) == (&self.walk.from, &self.walk.until) {
            return false;
        }
        (self.walk.from, self.walk.until) = (from, until);
        (self.state.days_only, self.granularity) = (true, Granularity::Day);
        self.session.remark("the provider announces times of day and refuses them; it is asked by days");
        true
    }

    fn begin_anew(&mut self, why: &str) -> anyhow::Result<Next> {
        if let Err(why) = self.walk.begin_anew(self.granularity, why) {
            // The next run should not stumble over the same token.
            self.walk.token = None;
            return Ok(Next::End(End::Failed(why)));
        }
        let from = self.walk.from.as_deref().unwrap_or("the beginning");
        self.session.remark(format!("{why}: the list was begun anew, from {from}"));
        self.rounds.forget();
        self.state.under_way = Some(self.walk.clone());
        self.session.checkpoint(&self.state)?;
        Ok(Next::Page)
    }

    /// When the provider answered, by its own clock; by ours where it says nothing that can be read.
    fn responded(&mut self, answer: &Answer) -> jiff::Timestamp {
        match Moment::parse(&answer.response_date) {
            Some(moment) => {
                self.note_local(moment.utc);
                // Who is ahead of us would make us miss what comes in the meantime.
                moment.at.min(self.session.began())
            }
            None => self.session.began(),
        }
    }

    fn note_local(&mut self, utc: bool) {
        if !utc && !self.state.local_time {
            self.state.local_time = true;
            self.session.remark(
                "the provider writes times that are not in UTC; each harvest begins a day before the last, so that nothing is missed",
            );
        }
    }

    fn items(&mut self, answer: &Answer) -> anyhow::Result<Option<End>> {
        let (mut records, mut other_formats, mut lost) = (0, 0, 0);
        for (number, item) in answer.items.iter().enumerate() {
            if self.asked.each && number % AT_ONCE == 0 {
                self.fetch_ahead(answer.items.get(number..answer.items.len().min(number + AT_ONCE)).unwrap_or_default());
            }
            self.walk.pass(item);
            self.session.advance(1);
            if let Some(moment) = item.header.moment() {
                self.note_local(moment.utc);
            }
            if self.is_outside(item) {
                self.outside += 1;
                continue;
            }
            if item.header.deleted {
                self.delete(item)?;
                continue;
            }
            let fetched;
            let item = if self.asked.each {
                fetched = match self.one(item)? {
                    Ok(fetched) => fetched,
                    Err(Some(end)) => return Ok(Some(end)),
                    Err(None) => {
                        lost += 1;
                        if lost >= LOST_IN_A_ROW {
                            return Ok(Some(End::Failed(format!("{lost} records in a row could not be got one by one"))));
                        }
                        continue;
                    }
                };
                lost = 0;
                if fetched.header.deleted {
                    self.delete(&fetched)?;
                    continue;
                }
                &fetched
            } else {
                item
            };
            let outcome = self.take(item, number)?;
            records += outcome.records;
            other_formats += usize::from(outcome.refused.is_some_and(|r| r.starts_with(NO_CHO)));
        }
        if self.walk.page == 0 && records == 0 && other_formats > 1 {
            let why = format!(
                "none of the {other_formats} records on the first page is EDM. Is `{}` the right prefix? {} lists what the provider has",
                self.asked.prefix,
                self.formats_url()
            );
            return Ok(Some(End::Failed(why)));
        }
        Ok(None)
    }

    /// Whether the provider lists something that is not in the set, although it says in which sets it is.
    fn is_outside(&self, item: &Item) -> bool {
        let Some(set) = &self.asked.set else { return false };
        let below = |spec: &String| spec == set || spec.strip_prefix(set.as_str()).is_some_and(|rest| rest.starts_with(':'));
        !item.header.sets.is_empty() && !item.header.sets.iter().any(below)
    }

    fn delete(&mut self, item: &Item) -> anyhow::Result<()> {
        if item.header.identifier.is_empty() {
            return self.session.refuse(
                "",
                "a deleted record has no identifier: which one is gone cannot be told".to_owned(),
                Bytes::new(),
            );
        }
        let deleted = self.session.reading.delete_item(&item.header.identifier)?;
        self.unknown += u64::from(deleted == 0);
        Ok(())
    }

    fn take(&mut self, item: &Item, number: usize) -> anyhow::Result<super::session::ItemOutcome> {
        let identifier = &item.header.identifier;
        let shown = if identifier.is_empty() { format!("page {} record {}", self.walk.page + 1, number + 1) } else { identifier.clone() };
        let Some(payload) = &item.payload else {
            self.session.refuse(identifier, "there is no metadata under its header".to_owned(), Bytes::new())?;
            return Ok(super::session::ItemOutcome::default());
        };
        let (bytes, stamp) = (Bytes::from(payload.xml.clone()), item.header.moment().map(|m| m.at));
        self.session.read(identifier, &shown, stamp, &bytes, RdfFormat::RdfXml, &payload.notes)
    }

    /// Gets one record by itself. One that cannot be got is refused, and the others go on.
    fn one(&mut self, header: &Item) -> anyhow::Result<Result<Item, Option<End>>> {
        let identifier = &header.header.identifier;
        if self.session.listener.progress.stopped() {
            return Ok(Err(Some(End::Stopped)));
        }
        let url = harvest::get_record(&self.base, &self.asked.prefix, identifier);
        let why = match self.page(&url, false)? {
            Page::Stopped => return Ok(Err(Some(End::Stopped))),
            Page::Failed(why) | Page::TokenLost(why) => why,
            Page::Answer(answer) => match (answer.items.into_iter().next(), answer.errors.first()) {
                (Some(mut item), _) => {
                    // Who lists it under this name knows it by this name.
                    item.header.identifier.clone_from(identifier);
                    return Ok(Ok(item));
                }
                (None, Some(error)) => format!("the provider lists it and answers {}: {}", error.code, error.text),
                (None, None) => "the provider lists it and gives nothing".to_owned(),
            },
        };
        self.session.refuse(identifier, why, Bytes::new())?;
        Ok(Err(None))
    }

    /// The list is over.
    fn complete(&mut self, deletions: Deletions) -> anyhow::Result<()> {
        if let Some(size) = self.walk.size.filter(|size| *size > self.walk.listed && self.walk.begun_anew == 0) {
            self.walk.doubtful = true;
            self.session.remark(format!("the provider says that the list has {size} records, and listed {}", self.walk.listed));
        }
        if self.outside > 0 {
            let set = self.asked.set.as_deref().unwrap_or_default();
            self.session.remark(format!("{} records that were listed are not in the set `{set}` and were left out", self.outside));
        }
        match (self.walk.full, self.walk.doubtful) {
            (true, false) => self.session.bury_missing(self.job.accept_deletions)?,
            (true, true) => self.session.remark("since the list is not to be relied on, nothing was deleted for not being listed"),
            (false, _) if deletions == Deletions::No => self.session.remark(
                "the provider forgets records that it deletes: run the command with --full from time to time, so that they are deleted here too",
            ),
            (false, _) => {}
        }
        self.state.settle(self.asked, &self.walk);
        Ok(())
    }

    fn finish(self, end: End) -> anyhow::Result<Report> {
        let (pages, unknown, outside, anew) = (self.walk.page, self.unknown, self.outside, self.walk.begun_anew);
        let next = self.state.next_from(self.session.house.settings.harvest.overlap_seconds);
        let mut report = self.session.finish(&self.state, end)?;
        report.figure("pages", pages);
        report.figure("deleted_unknown", unknown);
        report.figure("outside_set", outside);
        report.figure("begun_anew", anew);
        if let Some(next) = next {
            report.figure("next_from", self.granularity.write(next));
        }
        Ok(report)
    }
}
