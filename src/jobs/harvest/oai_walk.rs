//! Where a harvest stands with an OAI-PMH provider: what the next one begins with, and, in the middle of a list, how to go on with it.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hasher as _},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::FromOai;
use crate::records::harvest::{Answer, Granularity, Item, Selection};

/// A provider's clock that is not at one with itself is within a day of the truth.
const A_DAY: SignedDuration = SignedDuration::from_hours(26);

/// What is remembered of a provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// When it began to answer the last harvest that came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) harvested_until: Option<Timestamp>,
    /// Whether it writes times that are not in UTC.
    #[serde(default)]
    pub(super) local_time: bool,
    /// Whether it refused times of day, whatever it announces.
    #[serde(default)]
    pub(super) days_only: bool,
    /// The list that is being gone through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) under_way: Option<Walk>,
}

impl State {
    /// From when on to ask for what changed since the last harvest.
    pub(super) fn next_from(&self, overlap_seconds: u64) -> Option<Timestamp> {
        let overlap = SignedDuration::from_secs(i64::try_from(overlap_seconds).unwrap_or(i64::MAX));
        let overlap = if self.local_time { overlap.max(A_DAY) } else { overlap };
        Some(self.harvested_until?.checked_sub(overlap).unwrap_or(Timestamp::MIN))
    }

    /// The list has come to its end; whether the next harvest may begin where this one did.
    pub(super) fn settle(&mut self, asked: &FromOai, walk: &Walk) {
        self.under_way = None;
        let read = |text: &Option<String>| text.as_deref().and_then(crate::records::harvest::Moment::parse).map(|m| m.at);
        let (from, until) = (read(&asked.from), read(&asked.until));
        // Between what was harvested before and what was asked for now there must be no gap.
        let gap = match (self.harvested_until, from) {
            (_, None) => false,
            (None, Some(_)) => asked.until.is_some(),
            (Some(before), Some(from)) => from > before,
        };
        if gap {
            return;
        }
        let reached = walk.responded.map(|responded| until.map_or(responded, |until| until.min(responded)));
        self.harvested_until = self.harvested_until.max(reached);
    }
}

/// A list that is being gone through.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Walk {
    /// Which it is.
    pub(super) id: String,
    /// What was asked for; another command begins anew.
    pub(super) asked: String,
    pub(super) full: bool,
    pub(super) from: Option<String>,
    pub(super) until: Option<String>,
    /// Where to go on; nothing at the beginning.
    pub(super) token: Option<String>,
    /// Pages since the list was last begun, and the most there ever were.
    pub(super) page: u64,
    pub(super) furthest: u64,
    /// How often the list was begun anew.
    pub(super) begun_anew: u32,
    /// When the provider answered first.
    pub(super) responded: Option<Timestamp>,
    /// Whether the list is in the order of its datestamps so far, and the last of them.
    pub(super) unordered: bool,
    pub(super) last: Option<Timestamp>,
    /// How many headers there were, and how many the provider says there are.
    pub(super) listed: u64,
    pub(super) size: Option<u64>,
    /// Whether it cannot be relied on that what was not listed is not there.
    pub(super) doubtful: bool,
}

impl Walk {
    pub(super) fn begin(asked: &FromOai, full: bool, from: Option<String>, id: String) -> Self {
        Self { id, asked: Self::words(asked, full), full, from, until: asked.until.clone(), ..Self::default() }
    }

    /// What the command asks for, as far as it decides which list it is.
    pub(super) fn words(asked: &FromOai, full: bool) -> String {
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        format!("{} {} {} {}", text(&asked.from), text(&asked.until), asked.each, full)
    }

    pub(super) fn selection<'s>(&'s self, asked: &'s FromOai) -> Selection<'s> {
        Selection { prefix: &asked.prefix, set: asked.set.as_deref(), from: self.from.as_deref(), until: self.until.as_deref() }
    }

    /// Takes note of a header.
    pub(super) fn pass(&mut self, item: &Item) {
        self.listed += 1;
        if let Some(moment) = item.header.moment() {
            self.unordered |= self.last.is_some_and(|last| moment.at < last);
            self.last = self.last.max(Some(moment.at));
        }
    }

    /// The provider does not know the token any more: begins the list anew, from the last datestamp where the list is in their order. Says
    /// why not, if that leads nowhere.
    pub(super) fn begin_anew(&mut self, granularity: Granularity, why: &str) -> Result<(), String> {
        let later = self.last.filter(|_| !self.unordered).map(|last| granularity.write(last));
        let gained = later.is_some() && later > self.from;
        if !gained && self.page <= self.furthest {
            return Err(format!("{why}, and that at page {} again", self.page + 1));
        }
        if gained {
            self.from = later;
            self.furthest = 0;
        } else {
            self.furthest = self.page;
        }
        self.begun_anew += 1;
        self.token = None;
        self.page = 0;
        Ok(())
    }
}

/// Notices a list that goes round: a token or a page that was there before.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    tokens: HashSet<u64>,
    pages: HashSet<u64>,
    empty: u32,
}

impl Rounds {
    /// What shows that the list will not end, if something does.
    pub(super) fn see(&mut self, asked: Option<&str>, answer: &Answer) -> Option<&'static str> {
        if let Some(asked) = asked {
            self.tokens.insert(hash(asked));
        }
        let identifiers: Vec<&str> = answer.items.iter().map(|i| i.header.identifier.as_str()).collect();
        self.empty = if identifiers.is_empty() { self.empty + 1 } else { 0 };
        let next = answer.token.as_ref().map(|t| t.value.as_str()).filter(|t| !t.is_empty())?;
        if self.tokens.contains(&hash(next)) {
            return Some("a token that was given before");
        }
        if !identifiers.is_empty() && !self.pages.insert(hash(&identifiers)) {
            return Some("a page that was there before");
        }
        (self.empty >= 3).then_some("one empty page after the other")
    }

    /// The list begins anew: what was there will be there again.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

fn hash<T: std::hash::Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::harvest::{Header, Token};

    fn asked(from: Option<&str>, until: Option<&str>) -> FromOai {
        let own = |t: Option<&str>| t.map(str::to_owned);
        FromOai { url: String::new(), prefix: "edm".to_owned(), set: None, from: own(from), until: own(until), each: false }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_harvest_begins_before_the_last_one_and_leaves_no_gap() {
        let mut state = State::default();
        let walk = Walk { responded: Some(at("2024-03-10T12:00:00Z")), ..Walk::default() };
        // Until March: what comes after was not asked for.
        state.settle(&asked(Some("2024-01-01"), Some("2024-03-01")), &walk);
        assert_eq!(state.harvested_until, None, "nothing is known of what came before January");
        state.settle(&asked(None, None), &walk);
        assert_eq!(state.next_from(3600), Some(at("2024-03-10T11:00:00Z")));
        let later = Walk { responded: Some(at("2024-05-01T00:00:00Z")), ..Walk::default() };
        state.settle(&asked(Some("2024-04-01"), None), &later);
        assert_eq!(state.harvested_until, Some(at("2024-03-10T12:00:00Z")), "March would be missing");
        state.settle(&asked(Some("2024-03-01"), None), &later);
        assert_eq!(state.harvested_until, Some(at("2024-05-01T00:00:00Z")));
        state.local_time = true;
        assert_eq!(state.next_from(0), Some(at("2024-04-29T22:00:00Z")));
    }

    #[test]
    fn a_list_begins_anew_where_that_leads_on() {
        let item = |stamp: &str| Item { header: Header { datestamp: stamp.to_owned(), ..Header::default() }, payload: None };
        let mut walk = Walk { page: 3, token: Some("x".to_owned()), ..Walk::default() };
        walk.pass(&item("2024-01-01T00:00:00Z"));
        walk.pass(&item("2024-01-02T00:00:00Z"));
        assert!(walk.begin_anew(Granularity::Day, "").is_ok());
        assert_eq!((walk.from.as_deref(), walk.page, walk.token.as_deref()), (Some("2024-01-02"), 0, None));
        walk.page = 1;
        assert!(walk.begin_anew(Granularity::Day, "").is_ok(), "one page more than ever before");
        walk.page = 1;
        assert!(walk.begin_anew(Granularity::Day, "why").is_err_and(|e| e == "why, and that at page 2 again"));
        walk.pass(&item("2023-01-02T00:00:00Z"));
        assert!(walk.unordered);
    }

    #[test]
    fn a_list_that_goes_round_is_noticed() {
        let page = |identifier: &str, token: &str| Answer {
            items: vec![Item { header: Header { identifier: identifier.to_owned(), ..Header::default() }, payload: None }],
            token: Some(Token { value: token.to_owned(), ..Token::default() }),
            ..Answer::default()
        };
        let mut rounds = Rounds::default();
        assert_eq!(rounds.see(None, &page("a", "1")), None);
        assert_eq!(rounds.see(Some("1"), &page("b", "2")), None);
        assert!(rounds.see(Some("2"), &page("c", "1")).is_some(), "the first token again");
        let mut rounds = Rounds::default();
        assert_eq!(rounds.see(None, &page("a", "1")), None);
        assert!(rounds.see(Some("1"), &page("a", "2")).is_some(), "the same page under another token");
        assert_eq!(Rounds::default().see(Some("1"), &page("a", "")), None, "the last page");
    }
}
