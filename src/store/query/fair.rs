//! Fair use: how much of our processor each client has had, how many mistakes it made, and how much it asks at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::QueryError;

/// What one client may have.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct FairUse {
    /// Seconds of processor time that it may use up at once, and that come back in a minute. 0 does not count them.
    pub cpu_seconds_per_minute: f64,
    /// Queries that are wrong, a minute. 0 does not count them.
    pub errors_per_minute: f64,
    /// Queries under way at once, those that wait among them. 0 does not count them.
    pub parallel: usize,
}

impl Default for FairUse {
    fn default() -> Self {
        Self { cpu_seconds_per_minute: 60.0, errors_per_minute: 120.0, parallel: 5 }
    }
}

/// How many clients are remembered before those who have all that they may are forgotten.
const REMEMBERED: usize = 4096;

/// What each client has had.
#[derive(Debug)]
pub struct Ledger {
    settings: FairUse,
    accounts: Mutex<HashMap<String, Account>>,
}

#[derive(Clone, Copy, Debug)]
struct Account {
    /// Seconds of processor time that are left. Below nothing after a query that took more than there was.
    cpu: f64,
    /// Mistakes that are left.
    errors: f64,
    at: Instant,
    under_way: usize,
}

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// Seconds of processor time a minute.
    pub limit: f64,
    /// What is left of them, never below 0.
    pub remaining: f64,
    /// Seconds until all of it is there again.
    pub reset: u64,
}

/// A client's place among its own queries, until it is let go. What the query cost is told to it.
#[derive(Debug)]
pub(super) struct Seat {
    ledger: Arc<Ledger>,
    client: String,
}

impl Ledger {
    pub(super) fn new(settings: FairUse) -> Self {
        Self { settings, accounts: Mutex::default() }
    }

    /// Where a client stands; nothing where we do not count.
    pub fn allowance(&self, client: &str) -> Option<Allowance> {
        let limit = self.settings.cpu_seconds_per_minute;
        if limit <= 0.0 {
            return None;
        }
        let account = self.account(&mut self.accounts(), client, Instant::now());
        let reset = ((limit - account.cpu) / limit * 60.0).ceil().max(0.0) as u64;
        Some(Allowance { limit, remaining: account.cpu.clamp(0.0, limit), reset })
    }

    /// Lets a client in, or says when to come back.
    pub(super) fn admit(self: &Arc<Self>, client: &str) -> Result<Seat, QueryError> {
        let mut accounts = self.accounts();
        if accounts.len() > REMEMBERED {
            forget_the_rested(&mut accounts);
        }
        let mut account = self.account(&mut accounts, client, Instant::now());
        let over = |what, retry_seconds: u64| Err(QueryError::FairUse { what, retry_seconds: retry_seconds.max(1) });
        let FairUse { cpu_seconds_per_minute: cpu, errors_per_minute: errors, parallel } = self.settings;
        if cpu > 0.0 && account.cpu <= 0.0 {
            return over("has used up the processor time that a client has in a minute", ((1.0 - account.cpu) / cpu * 60.0).ceil() as u64);
        }
        if errors > 0.0 && account.errors < 1.0 {
            return over(
                "has sent more wrong queries than a client may in a minute",
                ((1.0 - account.errors) / errors * 60.0).ceil() as u64,
            );
        }
        if parallel > 0 && account.under_way >= parallel {
            return over("has as many queries under way as a client may have at once", 1);
        }
        account.under_way += 1;
        accounts.insert(client.to_owned(), account);
        Ok(Seat { ledger: Arc::clone(self), client: client.to_owned() })
    }

    /// A query was wrong.
    pub(super) fn mistaken(&self, client: &str) {
        let mut accounts = self.accounts();
        let mut account = self.account(&mut accounts, client, Instant::now());
        account.errors -= 1.0;
        accounts.insert(client.to_owned(), account);
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<String, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account as it stands now: what time gave back is in it.
    fn account(&self, accounts: &mut HashMap<String, Account>, client: &str, now: Instant) -> Account {
        let FairUse { cpu_seconds_per_minute: cpu, errors_per_minute: errors, .. } = self.settings;
        let Some(mut account) = accounts.get(client).copied() else { return Account { cpu, errors, at: now, under_way: 0 } };
        let minutes = now.saturating_duration_since(account.at).as_secs_f64() / 60.0;
        account.cpu = (account.cpu + minutes * cpu).min(cpu);
        account.errors = (account.errors + minutes * errors).min(errors);
        account.at = now;
        account
    }
}

/// After two minutes a client has all that it may have.
fn forget_the_rested(accounts: &mut HashMap<String, Account>) {
    let now = Instant::now();
    accounts.retain(|_, account| account.under_way > 0 || now.saturating_duration_since(account.at) < Duration::from_mins(2));
}

impl Seat {
    /// The client's query took so much of the processor.
    pub(super) fn spent(&self, time: Duration) {
        let mut accounts = self.ledger.accounts();
        let mut account = self.ledger.account(&mut accounts, &self.client, Instant::now());
        account.cpu -= time.as_secs_f64();
        accounts.insert(self.client.clone(), account);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(account) = self.ledger.accounts().get_mut(&self.client) {
            account.under_way = account.under_way.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(cpu: f64, errors: f64, parallel: usize) -> Arc<Ledger> {
        Arc::new(Ledger::new(FairUse { cpu_seconds_per_minute: cpu, errors_per_minute: errors, parallel }))
    }

    #[test]
    fn who_used_much_waits_and_others_do_not() {
        let ledger = ledger(10.0, 0.0, 0);
        ledger.admit("a").expect("let in").spent(Duration::from_secs(15));
        let Err(QueryError::FairUse { retry_seconds, .. }) = ledger.admit("a") else { panic!("let in") };
        assert!((30..=37).contains(&retry_seconds), "{retry_seconds}");
        assert!(ledger.admit("b").is_ok());
        let allowance = ledger.allowance("a").expect("counted");
        assert!(allowance.remaining < 0.1 && allowance.reset >= 88, "{allowance:?}");
    }

    #[test]
    fn so_many_at_once_and_so_many_mistakes() {
        let ledger = ledger(0.0, 2.0, 1);
        let seat = ledger.admit("a").expect("let in");
        assert!(ledger.admit("a").is_err());
        drop(seat);
        drop(ledger.admit("a").expect("let in"));
        ledger.mistaken("a");
        ledger.mistaken("a");
        assert!(matches!(ledger.admit("a"), Err(QueryError::FairUse { .. })));
        assert!(ledger.allowance("a").is_none());
    }
}
