//! An update as it is thought through in a worker: what the worker is told, and what it says it comes to.

use std::io::{self, Write};

use oxigraph::{
    io::{RdfFormat, RdfParser, RdfSerializer},
    model::{GraphName, NamedNode, Quad},
    store::Store as Quads,
};
use serde::{Deserialize, Serialize};

use super::{Fault, GuardLimits, QueryError, frame::Frame};
use crate::{
    rdf::Base,
    store::update::{Bounds, Closed, Draft, Ticket, UpdateError, UpdateText, draft, parse_update},
};

/// An update to be thought through.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DraftRequest {
    /// The update.
    pub asked: UpdateText,
    /// The base of the store, under which some graphs are closed.
    pub base: String,
    /// What its text may hold.
    pub guard: GuardLimits,
    /// How many triple patterns one WHERE clause may hold.
    pub patterns: usize,
    /// How many quads it may insert and remove.
    pub quads: usize,
}

/// The end of a draft that was told whole: the graphs that come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Drafted {
    pub(super) created: Vec<String>,
    pub(super) dropped: Vec<String>,
    pub(super) removed: u64,
    pub(super) added: u64,
}

/// Why there is no draft, as it crosses the wall.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum DraftFault {
    Closed(String),
    TooMuch(usize),
    NoSuchGraph(String),
    GraphExists(String),
    Service,
    Syntax(Fault),
    Other(String),
}

/// Which half of a draft a piece belongs to: the first byte of its frame.
const REMOVED: u8 = b'-';
const ADDED: u8 = b'+';

/// Thinks an update through and tells what it comes to, but for the last frame, which says how it went.
pub(super) fn think(quads: &Quads, request: &DraftRequest, out: &mut impl Write) -> io::Result<Frame> {
    let made = Base::new(&request.base).map_err(|e| UpdateError::Evaluation(e.to_string())).and_then(|base| {
        let update = parse_update(&request.asked, &request.guard, request.patterns)?;
        draft(quads, &base, &update, Bounds { quads: request.quads }, &Ticket::default())
    });
    match made {
        Err(error) => Ok(Frame::DraftFault(fault(error))),
        Ok(draft) => {
            tell(REMOVED, &draft.removed, out)?;
            tell(ADDED, &draft.added, out)?;
            Ok(Frame::Drafted(Drafted {
                created: draft.created.iter().map(|g| g.as_str().to_owned()).collect(),
                dropped: draft.dropped.iter().filter_map(iri).collect(),
                removed: draft.removed.len() as u64,
                added: draft.added.len() as u64,
            }))
        }
    }
}

fn iri(graph: &GraphName) -> Option<String> {
    if let GraphName::NamedNode(graph) = graph { Some(graph.as_str().to_owned()) } else { None }
}

fn tell(half: u8, quads: &[Quad], out: &mut impl Write) -> io::Result<()> {
    for some in quads.chunks(200) {
        let mut writer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(vec![half]);
        for quad in some {
            writer.serialize_quad(quad)?;
        }
        Frame::Data(writer.finish()?).write(out)?;
    }
    Ok(())
}

fn fault(error: UpdateError) -> DraftFault {
    match error {
        UpdateError::Closed { graph, .. } => DraftFault::Closed(graph),
        UpdateError::TooMuch { allowed } => DraftFault::TooMuch(allowed),
        UpdateError::NoSuchGraph(graph) => DraftFault::NoSuchGraph(graph),
        UpdateError::GraphExists(graph) => DraftFault::GraphExists(graph),
        UpdateError::Service => DraftFault::Service,
        UpdateError::Syntax(fault) => DraftFault::Syntax(fault),
        other => DraftFault::Other(other.to_string()),
    }
}

/// The error that a fault told from, on this side of the wall.
pub(super) fn error_of(fault: DraftFault, base: &Base) -> UpdateError {
    match fault {
        DraftFault::Closed(graph) => Closed::under(base)
            .refuse(&NamedNode::new_unchecked(&graph))
            .err()
            .unwrap_or(UpdateError::Evaluation(format!("the graph <{graph}> is closed"))),
        DraftFault::TooMuch(allowed) => UpdateError::TooMuch { allowed },
        DraftFault::NoSuchGraph(graph) => UpdateError::NoSuchGraph(graph),
        DraftFault::GraphExists(graph) => UpdateError::GraphExists(graph),
        DraftFault::Service => UpdateError::Service,
        DraftFault::Syntax(fault) => UpdateError::Syntax(fault),
        DraftFault::Other(said) => UpdateError::Evaluation(said),
    }
}

/// A draft that is being heard.
#[derive(Debug, Default)]
pub(super) struct Hearing(Draft);

impl Hearing {
    /// Takes a piece.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), QueryError> {
        let Some((half, text)) = piece.split_first() else { return Ok(()) };
        let quads = if *half == REMOVED { &mut self.0.removed } else { &mut self.0.added };
        for quad in RdfParser::from_format(RdfFormat::NQuads).for_slice(text) {
            quads.push(quad.map_err(|e| broken(&e))?);
        }
        Ok(())
    }

    /// The whole of it, if it is that.
    pub(super) fn end(mut self, drafted: Drafted) -> Result<Draft, QueryError> {
        if (self.0.removed.len() as u64, self.0.added.len() as u64) != (drafted.removed, drafted.added) {
            return Err(broken(&"it is not whole"));
        }
        self.0.created = drafted.created.into_iter().map(NamedNode::new_unchecked).collect();
        self.0.dropped = drafted.dropped.into_iter().map(|graph| NamedNode::new_unchecked(graph).into()).collect();
        Ok(self.0)
    }
}

fn broken(why: &dyn std::fmt::Display) -> QueryError {
    QueryError::Worker { doing: "understand", source: io::Error::other(format!("what an update comes to cannot be read: {why}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_crosses_the_wall_whole() {
        let quads = Quads::new().expect("quads");
        let request = DraftRequest {
            asked: UpdateText {
                text: "INSERT DATA { <a> <b> \"x\\ny\"@en, _:c, 1.50 } ; CREATE GRAPH <g>".to_owned(),
                base: "http://e.example/".to_owned(),
                ..UpdateText::default()
            },
            base: "http://e.example/".to_owned(),
            guard: GuardLimits::default(),
            patterns: 10,
            quads: 10,
        };
        let mut said = Vec::new();
        let Ok(Frame::Drafted(end)) = think(&quads, &request, &mut said) else { panic!("no draft") };
        let mut hearing = Hearing::default();
        let mut rest = said.as_slice();
        while let [b'D', a, b, c, d, tail @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            hearing.take(&tail[..length]).expect("read");
            rest = &tail[length..];
        }
        let draft = hearing.end(end.clone()).expect("whole");
        assert_eq!((draft.added.len(), draft.removed.len(), draft.created.len()), (3, 0, 1));
        assert!(Hearing::default().end(end).is_err(), "what is missing is noticed");
        let closed =
            DraftRequest { asked: UpdateText { text: "CREATE GRAPH <graph/meta>".to_owned(), ..request.asked.clone() }, ..request };
        let Ok(Frame::DraftFault(fault)) = think(&quads, &closed, &mut said) else { panic!("no fault") };
        let base = Base::new("http://e.example/").expect("a base");
        assert!(matches!(error_of(fault, &base), UpdateError::Closed { .. }));
    }
}
