//! Link rot: how the pictures' addresses are doing, by provider, with when they were last seen, since when they fail, and why.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{House, Listener, Report, pictures::PictureSources, query::ToOutlet, walk::Walk};
use crate::{
    images::{Link, LinkState, Origin, Pictures},
    records::{RecordView, Role},
    store::{Listed, Reader, Stretches},
};

/// How many dead addresses the report shows.
const SHOWN: usize = 20;

/// Report how the pictures' addresses are doing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LinkReport {
    /// Whether each of them is asked now, without fetching the picture.
    pub check: bool,
    /// Only records of this data set.
    pub data_set: Option<String>,
    /// Whether all of them are put out as CSV.
    pub csv: bool,
    /// Where else pictures may come from.
    pub sources: PictureSources,
}

/// One address in one record.
struct Row<'l> {
    listed: &'l Listed,
    iri: String,
    role: Role,
    link: Link,
}

/// How many addresses are in which state.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    alive: u64,
    failing: u64,
    dead: u64,
    unasked: u64,
}

impl Counts {
    fn count(&mut self, state: LinkState) {
        match state {
            LinkState::Alive => self.alive += 1,
            LinkState::Failing => self.failing += 1,
            LinkState::Dead => self.dead += 1,
            LinkState::Unasked => self.unasked += 1,
        }
    }

    fn all(&self) -> u64 {
        self.alive + self.failing + self.dead + self.unasked
    }

    fn line(&self) -> String {
        format!(
            "{} addresses: {} alive, {} failing, {} dead, {} not asked yet",
            self.all(),
            self.alive,
            self.failing,
            self.dead,
            self.unasked
        )
    }
}

/// What is gathered while the records pass.
#[derive(Default)]
struct Gathered {
    all: Counts,
    by_provider: BTreeMap<String, Counts>,
    /// The first of the dead, by provider.
    dead: Vec<(String, String)>,
}

pub(super) fn run(house: &House, job: &LinkReport, listener: Listener<'_>) -> anyhow::Result<Report> {
    let store = &house.store;
    let pictures = house.pictures(&job.sources)?;
    let what = if job.check { "asking for pictures" } else { "looking at links" };
    listener.progress.begin(what, Some(store.index().len()?));
    let mut table = csv::Writer::from_writer(ToOutlet { outlet: listener.outlet, buffer: Vec::new() });
    if job.csv {
        table.write_record([
            "provider",
            "data_set",
            "record",
            "role",
            "address",
            "state",
            "last_seen",
            "failing_since",
            "last_asked",
            "last_error",
            "got_through",
            "sha256",
        ])?;
    }
    let mut gathered = Gathered::default();
    let mut stretches = Stretches::new(store)?;
    let mut stopped = false;
    for page in Walk::new(store, job.data_set.as_deref()) {
        let page = page?;
        for row in rows(house, stretches.reader()?, &pictures, &page, job.check)? {
            gathered.take(&row);
            if job.csv {
                table.write_record(record(&row))?;
            }
        }
        listener.progress.advance(page.len() as u64);
        if listener.progress.stopped() {
            stopped = true;
            break;
        }
    }
    if job.csv {
        table.flush()?;
    }
    Ok(gathered.report(stopped))
}

/// The addresses of these records, asked now if they are to be.
fn rows<'l>(house: &House, store: &Reader, pictures: &Pictures, page: &'l [Listed], check: bool) -> anyhow::Result<Vec<Row<'l>>> {
    let mut rows = Vec::new();
    for listed in page {
        let triples = store.triples(&store.base().source_graph(&listed.key))?;
        let cho = NamedNode::new_unchecked(&listed.cho);
        for resource in RecordView::new(cho.as_ref(), &triples).web_resources() {
            let iri = resource.iri.as_str();
            if matches!(Origin::of(iri, pictures.settings()), Ok(Origin::Http(_))) && store.base().local(iri).is_none() {
                rows.push(Row { listed, iri: iri.to_owned(), role: resource.role, link: Link::default() });
            }
        }
    }
    if check {
        probe(pictures, &rows, house.settings.stages.fetchers);
    }
    for row in &mut rows {
        if let Ok(Origin::Http(url)) = Origin::of(&row.iri, pictures.settings()) {
            row.link = pictures.links().of(&url)?.unwrap_or_default();
        }
    }
    Ok(rows)
}

/// Asks for each address, several at once; each host is asked politely all the same.
fn probe(pictures: &Pictures, rows: &[Row<'_>], threads: usize) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = pictures.probe(&row.iri) {
                        tracing::debug!(iri = row.iri, %error, "a picture is not there");
                    }
                }
            });
        }
    });
}

fn record(row: &Row<'_>) -> [String; 12] {
    let time = |time: Option<jiff::Timestamp>| time.map(|t| t.to_string()).unwrap_or_default();
    let link = &row.link;
    [
        row.listed.provider.clone(),
        row.listed.data_set.clone(),
        row.listed.cho.clone(),
        role(row.role).to_owned(),
        row.iri.clone(),
        link.state().as_str().to_owned(),
        time(link.last_seen),
        time(link.first_failure),
        time(link.last_asked),
        link.last_error.clone().unwrap_or_default(),
        link.through.clone().unwrap_or_default(),
        link.checksum.clone().unwrap_or_default(),
    ]
}

fn role(role: Role) -> &'static str {
    match role {
        Role::IsShownBy => "isShownBy",
        Role::HasView => "hasView",
        Role::Object => "object",
    }
}

impl Gathered {
    fn take(&mut self, row: &Row<'_>) {
        let state = row.link.state();
        self.all.count(state);
        let provider = if row.listed.provider.is_empty() { "no provider named" } else { row.listed.provider.as_str() };
        if let Some(counts) = self.by_provider.get_mut(provider) {
            counts.count(state);
        } else {
            self.by_provider.entry(provider.to_owned()).or_default().count(state);
        }
        if state == LinkState::Dead && self.dead.len() < SHOWN {
            let day = |time: Option<jiff::Timestamp>| time.map_or("never".to_owned(), |t| t.strftime("%Y-%m-%d").to_string());
            let error = row.link.last_error.as_deref().unwrap_or_default();
            let line =
                format!("{}: {error}; last seen {}, failing since {}", row.iri, day(row.link.last_seen), day(row.link.first_failure));
            self.dead.push((provider.to_owned(), line));
        }
    }

    fn report(mut self, stopped: bool) -> Report {
        let mut report = Report::default();
        report.line(self.all.line());
        self.dead.sort();
        for (provider, counts) in &self.by_provider {
            report.line(format!("{provider}: {}", counts.line()));
            for (_, line) in self.dead.iter().filter(|(of, _)| of == provider) {
                report.line(format!("  dead: {line}"));
            }
        }
        if self.all.dead > self.dead.len() as u64 {
            report.line(format!("… and {} dead ones more; --csv FILE writes them all", self.all.dead - self.dead.len() as u64));
        }
        if stopped {
            report.line("stopped before the end");
        }
        report.figure("addresses", self.all.all());
        for (name, count) in
            [("alive", self.all.alive), ("failing", self.all.failing), ("dead", self.all.dead), ("not_asked", self.all.unasked)]
        {
            report.figure(name, count);
        }
        let providers: Vec<_> = self
            .by_provider
            .iter()
            .map(|(provider, c)| {
                json!({ "provider": provider, "alive": c.alive, "failing": c.failing, "dead": c.dead, "not_asked": c.unasked })
            })
            .collect();
        report.figure("providers", providers);
        report.figure("stopped", stopped);
        report
    }
}
