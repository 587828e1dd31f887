//! Harvesting an archive at an address, as Europeana's ingestion takes them: fetched where it changed, read whole; what it no longer holds is
//! deleted.

use std::{ops::ControlFlow, path::Path};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    FromArchive, Harvest,
    asker::Asked,
    session::{End, Session},
    source::Source,
};
use crate::{
    jobs::{House, Listener, Report},
    net::{Download, Mark, Wanted},
    records::{self, ReadSettings, Taken},
};

/// What is remembered of an archive.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    /// The version that was read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<Mark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    harvested_until: Option<Timestamp>,
    /// The version that was fetched and lies beside the store, not yet read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    under_way: Option<Fetched>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Fetched {
    mark: Mark,
    sha256: String,
    since: Timestamp,
}

pub(super) fn run(house: &House, job: &Harvest, asked: &FromArchive, listener: Listener<'_>) -> anyhow::Result<Report> {
    let url = Url::parse(&asked.url).with_context(|| format!("`{}` is no address", asked.url))?;
    let name = url.path_segments().and_then(|mut s| s.next_back()).filter(|s| !s.is_empty()).unwrap_or("archive").to_owned();
    let source = Source::new(house, "archive", url.as_str(), &[]);
    let stem = name.split('.').next().filter(|s| !s.is_empty()).unwrap_or("archive").to_owned();
    let mut session = Session::open(house, job, listener, source, Some(stem))?;
    let mut state: State = session.state()?.unwrap_or_default();
    std::fs::create_dir_all(session.folder()).with_context(|| format!("making the folder {}", session.folder().display()))?;
    let path = session.folder().join(format!("{}.archive", session.source.key));
    if !path.exists() {
        state.under_way = None;
    }
    match fetch(&mut session, &mut state, asked, &path, job.full)? {
        Got::There => {}
        Got::Unchanged => {
            session.remark("the archive is the one that was read before; nothing was to be done");
            return session.finish(&state, End::Done);
        }
        Got::End(end) => return session.finish(&state, end),
    }
    let end = read(&mut session, &state, &path, &name, job.accept_deletions)?;
    if matches!(end, End::Done)
        && let Some(fetched) = state.under_way.take()
    {
        state = State { mark: Some(fetched.mark), sha256: Some(fetched.sha256), harvested_until: Some(fetched.since), under_way: None };
    }
    let done = matches!(end, End::Done);
    let report = session.finish(&state, end)?;
    if done {
        std::fs::remove_file(&path).with_context(|| format!("clearing away {}", path.display()))?;
    }
    Ok(report)
}

enum Got {
    There,
    Unchanged,
    End(End),
}

/// Has the archive lie beside the store, in its version of now.
fn fetch(session: &mut Session<'_>, state: &mut State, asked: &FromArchive, path: &Path, full: bool) -> anyhow::Result<Got> {
    let known = match (&state.under_way, &state.mark) {
        (Some(fetched), _) => Some(fetched.mark.clone()),
        (None, mark) => mark.clone().filter(|_| !full),
    };
    let max_bytes = session.house.settings.harvest.max_archive_mib.saturating_mul(1 << 20);
    let wanted = Wanted { url: &asked.url, into: path, max_bytes, known: known.as_ref(), sha256: asked.sha256.as_deref() };
    match session.asker.download(wanted) {
        Asked::Stopped => Ok(Got::End(End::Stopped)),
        Asked::Failed(error) => Ok(Got::End(End::Failed(error.to_string()))),
        Asked::Answer(Download::Unchanged) => Ok(if state.under_way.is_some() { Got::There } else { Got::Unchanged }),
        Asked::Answer(Download::Whole { mark, sha256, bytes, resumed }) => {
            tracing::info!(bytes, resumed, sha256, "an archive was fetched");
            // A host that tells no versions apart sends the same again.
            let same = !full && state.under_way.is_none() && state.sha256.as_ref() == Some(&sha256);
            if same {
                state.mark = Some(mark);
                std::fs::remove_file(path).with_context(|| format!("clearing away {}", path.display()))?;
                return Ok(Got::Unchanged);
            }
            state.under_way = Some(Fetched { mark, sha256, since: session.began() });
            session.commit(state)?;
            Ok(Got::There)
        }
    }
}

/// Reads the archive to its end, and deletes what it no longer holds.
fn read(session: &mut Session<'_>, state: &State, path: &Path, name: &str, accept: bool) -> anyhow::Result<End> {
    let walk = session.began().to_string();
    session.note_seen(&walk)?;
    session.listener.progress.begin("reading the archive", None);
    let base = session.house.store.base().relative_references();
    let settings = ReadSettings { relative_references: base, ..session.house.settings.records.clone() };
    let (mut open, mut failure, mut broken) = (None::<String>, None, None);
    let summary = records::read_file_as(name, path, &settings, &mut |taken| {
        let source = match &taken {
            Taken::Record(record) => &record.original.source,
            Taken::Rejected(rejected) => &rejected.source,
            Taken::Skipped { source, .. } => source,
        };
        // A refusal that names the archive itself is about the whole of it.
        let member = source.strip_prefix(name).and_then(|rest| rest.strip_prefix('!')).map(str::to_owned);
        if let (None, Taken::Rejected(rejected)) = (&member, &taken) {
            broken = Some(rejected.reason.clone());
        }
        let member = member.unwrap_or_else(|| name.to_owned());
        let done = one(session, state, &mut open, member, taken);
        failure = done.err();
        if failure.is_some() || session.listener.progress.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if let Some(member) = open {
        session.end_item(&member)?;
    }
    if summary.stopped {
        return Ok(End::Stopped);
    }
    if let Some(reason) = broken {
        return Ok(End::Failed(format!("{reason}. Nothing was deleted for not being in the archive")));
    }
    session.bury_missing(accept)?;
    Ok(End::Done)
}

/// Takes what came of one document; documents come one after the other, each with all its records.
fn one(session: &mut Session<'_>, state: &State, open: &mut Option<String>, member: String, taken: Taken) -> anyhow::Result<()> {
    if open.as_ref() != Some(&member) {
        if let Some(before) = open.take() {
            session.end_item(&before)?;
            session.checkpoint(state)?;
        }
        session.reading.begin_item(&member, None)?;
        *open = Some(member);
    }
    session.advance(u64::from(!matches!(taken, Taken::Skipped { .. })));
    session.reading.take(taken)
}
