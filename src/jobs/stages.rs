//! Record → Picture → Scores: the stages of tagging, side by side.
//!
//! One thread reads records, some wait for hosts, some decode and scale, one for each session computes, and the caller's thread describes and
//! writes. Between them stand bounded channels, so that the slowest sets the pace and memory stays flat; a window bounds how far the first may
//! run ahead of the last. What leaves is in the order in which the records came, so that the same store gives the same run.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, ScopedJoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::{
    StageSettings,
    candidates::{self, Candidate},
    pace::Pace,
};
use crate::{
    images::{Enough, Picture, PictureBytes, Pictures},
    model::{ModelError, Prepared, Preparer, Scorer, Scores},
    records::Rights,
    store::Store,
};

/// How many records may be on their way at once where each carries only what its network wants.
const WINDOW: usize = 64;
/// The same where whole pictures are carried, which may be large, and how many of them go into one batch: they are looked at one by one.
const WINDOW_OF_WHOLE: usize = 4;
const BATCH_OF_WHOLE: usize = 2;
/// How often somebody looks whether the work should end.
const LOOKS_UP: Duration = Duration::from_millis(200);

/// What the stages work with.
pub(super) struct Stages<'s> {
    pub store: &'s Store,
    pub pictures: &'s Pictures,
    pub settings: &'s StageSettings,
    pub rights: &'s Rights,
    /// Only records of this data set.
    pub data_set: Option<&'s str>,
    /// At most so many pictures.
    pub limit: Option<u64>,
    /// Given the record and the checksum of its picture, whether the work is done already.
    pub known: &'s (dyn Fn(&Candidate, &str) -> bool + Sync),
    /// Whether the work should end.
    pub stopped: &'s (dyn Fn() -> bool + Sync),
}

/// What became of one record.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was looked at.
    Scored(Viewed, Scores),
    /// Its picture was looked at before, by the same tagger, on the same record: its bytes tell.
    Known,
    /// No picture, and why.
    Missing(String),
}

/// What is to be told of a picture when its pixels are gone.
#[derive(Clone, Debug)]
pub(super) struct Viewed {
    pub iri: String,
    pub checksum: String,
    pub width: u32,
    pub height: u32,
    pub decoder: String,
    pub through: Option<String>,
}

/// On its way from fetching to the network.
enum Step {
    Ready(Viewed, Eyes),
    Known,
    Missing(String),
}

/// What the network gets to see.
enum Eyes {
    Prepared(Prepared),
    Picture(Picture),
}

type Numbered<T> = (usize, Candidate, T);
type Batch = Vec<(Candidate, Step)>;
/// What became of a batch, by its number.
type Scored = (usize, Vec<(Candidate, Outcome)>);

impl Stages<'_> {
    /// Lets all records pass; `visit` gets each of them in order. What was given to `visit` when this fails was done. All sessions are of the
    /// same tagger.
    pub(super) fn run(
        &self,
        sessions: &mut [Box<dyn Scorer>],
        pace: &Pace,
        visit: &mut dyn FnMut(Candidate, Outcome) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let preparer = sessions.first().and_then(|session| session.preparer());
        let enough = preparer.as_ref().map_or(Enough::Whole, Preparer::enough);
        let whole = enough == Enough::Whole;
        let batch = if whole { self.settings.batch.min(BATCH_OF_WHOLE) } else { self.settings.batch }.max(1);
        let size = if whole { WINDOW_OF_WHOLE } else { WINDOW.max(batch * 4) };
        let window = &Window::new(size);
        let decoding = self.settings.decoding_threads();
        let (wanted_in, wanted) = bounded::<(usize, Candidate)>(size);
        let (bytes_in, bytes) = bounded::<Numbered<PictureBytes>>(decoding * 2);
        let (ready_in, ready) = bounded::<Numbered<Step>>(size);
        let (scored_in, scored) = bounded::<Scored>(2);
        let gathering = Arc::new(Mutex::new(Gathering { ready, waiting: BTreeMap::new(), next: 0, seen: 0, batches: 0, open: true }));
        thread::scope(|scope| {
            let mut threads: Vec<ScopedJoinHandle<'_, anyhow::Result<()>>> = Vec::new();
            threads.push(scope.spawn(move || self.plan(window, enough, &wanted_in)));
            for _ in 0..self.settings.fetchers.max(1) {
                let (wanted, bytes_in, ready_in) = (wanted.clone(), bytes_in.clone(), ready_in.clone());
                threads.push(scope.spawn(move || {
                    self.fetch(&wanted, &bytes_in, &ready_in, pace);
                    Ok(())
                }));
            }
            for _ in 0..decoding {
                let (bytes, ready_in, preparer) = (bytes.clone(), ready_in.clone(), preparer.clone());
                threads.push(scope.spawn(move || {
                    self.decode(&bytes, &ready_in, enough, preparer.as_ref(), pace);
                    Ok(())
                }));
            }
            drop((wanted, bytes_in, bytes, ready_in));
            for session in sessions {
                let (gathering, scored_in) = (Arc::clone(&gathering), scored_in.clone());
                threads.push(scope.spawn(move || {
                    let done = self.infer(&gathering, (&scored_in, window), session.as_mut(), batch, pace);
                    gathering.lock().unwrap_or_else(PoisonError::into_inner).open = false;
                    window.close();
                    done
                }));
            }
            // With the last session goes what waits for it: nobody fetches and decodes for a run that has ended.
            drop((gathering, scored_in));
            let mut result = in_order(&scored, |candidate, outcome| pace.timed(Pace::writing, || visit(candidate, outcome)));
            window.close();
            drop(scored);
            for thread in threads {
                let ended =
                    || anyhow::anyhow!("a stage of the work ended unexpectedly; run the command again, and it goes on with what is left");
                result = result.and(thread.join().unwrap_or_else(|_| Err(ended())));
            }
            result
        })
    }

    /// Reads records, and says how much of their pictures is enough.
    fn plan(&self, window: &Window, enough: Enough, wanted: &Sender<(usize, Candidate)>) -> anyhow::Result<()> {
        let mut number = 0;
        candidates::each(self.store, self.data_set, self.rights, |mut candidate| {
            if let Ok(ask) = &mut candidate.ask {
                ask.enough = enough;
            }
            let goes_on = window.enter(number) && wanted.send((number, candidate)).is_ok();
            number += 1;
            Ok(goes_on)
        })
    }

    /// Waits for hosts and files.
    fn fetch(
        &self,
        wanted: &Receiver<(usize, Candidate)>,
        bytes: &Sender<Numbered<PictureBytes>>,
        ready: &Sender<Numbered<Step>>,
        pace: &Pace,
    ) {
        for (number, candidate) in wanted {
            let fetched = match &candidate.ask {
                Ok(ask) => pace.timed(Pace::fetching, || self.pictures.fetch_enough(ask)).map_err(|e| e.to_string()),
                Err(reason) => Err(reason.clone()),
            };
            let sent = match fetched {
                Err(reason) => ready.send((number, candidate, Step::Missing(reason))).is_ok(),
                Ok(found) if (self.known)(&candidate, &found.checksum) => ready.send((number, candidate, Step::Known)).is_ok(),
                Ok(found) => {
                    pace.fetched(found.way, found.bytes.len());
                    bytes.send((number, candidate, found)).is_ok()
                }
            };
            if !sent {
                return;
            }
        }
    }

    /// Decodes, and makes ready what the network wants to see.
    fn decode(
        &self,
        bytes: &Receiver<Numbered<PictureBytes>>,
        ready: &Sender<Numbered<Step>>,
        enough: Enough,
        preparer: Option<&Preparer>,
        pace: &Pace,
    ) {
        for (number, candidate, found) in bytes {
            let iri = candidate.ask.as_ref().map(|ask| ask.iri.clone()).unwrap_or_default();
            let step = pace.timed(Pace::decoding, || self.eyes(&iri, found, enough, preparer));
            let step = step.unwrap_or_else(|reason| Step::Missing(format!("{iri}: {reason}")));
            if ready.send((number, candidate, step)).is_err() {
                return;
            }
        }
    }

    fn eyes(&self, iri: &str, found: PictureBytes, enough: Enough, preparer: Option<&Preparer>) -> Result<Step, String> {
        let picture = found.decode(&self.pictures.settings().limits, enough).map_err(|e| e.to_string())?;
        let [width, height] = picture.full_size();
        let viewed = Viewed {
            iri: iri.to_owned(),
            checksum: found.checksum,
            width,
            height,
            decoder: picture.decoder.clone(),
            through: found.through,
        };
        let eyes = match preparer {
            Some(preparer) => Eyes::Prepared(preparer.prepare(picture).map_err(|e| e.to_string())?),
            None => Eyes::Picture(picture),
        };
        Ok(Step::Ready(viewed, eyes))
    }

    /// Lets a network see one batch after the other, each with its number, until there are no more.
    fn infer(
        &self,
        gathering: &Mutex<Gathering>,
        (scored, window): (&Sender<Scored>, &Window),
        session: &mut dyn Scorer,
        size: usize,
        pace: &Pace,
    ) -> anyhow::Result<()> {
        loop {
            // Whoever is free gathers; the others compute, or wait for their turn to gather.
            let (number, batch) = gathering.lock().unwrap_or_else(PoisonError::into_inner).batch(self, window, size);
            if batch.is_empty() {
                return Ok(());
            }
            let outcomes = pace.timed(Pace::computing, || score(session, batch))?;
            if scored.send((number, outcomes)).is_err() {
                return Ok(());
            }
        }
    }
}

/// What stands before the networks: records are put back in order here, and make batches.
struct Gathering {
    ready: Receiver<Numbered<Step>>,
    /// Those that came before their turn.
    waiting: BTreeMap<usize, (Candidate, Step)>,
    next: usize,
    /// How many pictures went into batches.
    seen: u64,
    batches: usize,
    /// Whether more may come.
    open: bool,
}

impl Gathering {
    /// The next batch and its number: full, or as much of it as came in time; an empty one when there are no more.
    fn batch(&mut self, stages: &Stages<'_>, window: &Window, size: usize) -> (usize, Batch) {
        let patience = Duration::from_millis(stages.settings.batch_milliseconds);
        let mut batch = Batch::new();
        let (mut pictures, mut deadline) = (0_usize, None);
        while self.open && pictures < size {
            // What waits in order goes in first.
            if let Some((candidate, step)) = self.waiting.remove(&self.next) {
                self.next += 1;
                window.leave(self.next);
                if matches!(step, Step::Ready(..)) {
                    pictures += 1;
                    self.seen += 1;
                }
                deadline = deadline.or_else(|| Some(Instant::now() + patience));
                batch.push((candidate, step));
                self.open = stages.limit.is_none_or(|limit| self.seen < limit);
                continue;
            }
            let until = deadline.unwrap_or_else(|| Instant::now() + LOOKS_UP);
            match self.ready.recv_deadline(until) {
                Ok((number, candidate, step)) => drop(self.waiting.insert(number, (candidate, step))),
                Err(RecvTimeoutError::Disconnected) => self.open = false,
                Err(RecvTimeoutError::Timeout) if deadline.is_some() => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.open = self.open && !(stages.stopped)();
        }
        self.batches += 1;
        (self.batches - 1, batch)
    }
}

/// Hands on what several networks saw in the order in which it was gathered.
fn in_order(scored: &Receiver<Scored>, mut visit: impl FnMut(Candidate, Outcome) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    for (number, outcomes) in scored {
        waiting.insert(number, outcomes);
        while let Some(outcomes) = waiting.remove(&next) {
            next += 1;
            outcomes.into_iter().try_for_each(|(candidate, outcome)| visit(candidate, outcome))?;
        }
    }
    Ok(())
}

/// Lets the network see a batch.
fn score(session: &mut dyn Scorer, batch: Batch) -> Result<Vec<(Candidate, Outcome)>, ModelError> {
    let (mut prepared, mut pictures) = (Vec::new(), Vec::new());
    for (_, step) in &batch {
        match step {
            Step::Ready(_, Eyes::Prepared(one)) => prepared.push(one),
            Step::Ready(_, Eyes::Picture(one)) => pictures.push(one),
            _ => {}
        }
    }
    let mut scores = if prepared.is_empty() { Vec::new() } else { session.score_prepared(&prepared)? };
    if !pictures.is_empty() {
        scores.extend(session.score(&pictures)?);
    }
    let mut scores = scores.into_iter();
    let outcome = |step| match step {
        Step::Ready(viewed, _) => match scores.next() {
            Some(scores) => Outcome::Scored(viewed, scores),
            None => Outcome::Missing(format!("{}: the network gave no answer", viewed.iri)),
        },
        Step::Known => Outcome::Known,
        Step::Missing(reason) => Outcome::Missing(reason),
    };
    let (candidates, steps): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
    Ok(candidates.into_iter().zip(steps.into_iter().map(outcome).collect::<Vec<_>>()).collect())
}

/// How far the last record may be ahead of the first that has not left.
#[derive(Debug)]
struct Window {
    size: usize,
    /// How many have left, and whether nobody waits for more.
    state: Mutex<(usize, bool)>,
    moved: Condvar,
}

impl Window {
    fn new(size: usize) -> Self {
        Self { size, state: Mutex::default(), moved: Condvar::new() }
    }

    /// Waits until this record may set out; `false` when no more are wanted.
    fn enter(&self, number: usize) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state =
            self.moved.wait_while(state, |(left, closed)| !*closed && number >= *left + self.size).unwrap_or_else(PoisonError::into_inner);
        !state.1
    }

    fn leave(&self, left: usize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 = left;
        self.moved.notify_all();
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.moved.notify_all();
    }
}
