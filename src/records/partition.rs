//! A graph divided into records: each CHO with its aggregations, proxies and everything that they lead to.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use oxigraph::model::{NamedNode, NamedOrBlankNode, Term, Triple};

use super::{Note, NoteKind, confidence::Lifted, graph::Graph, record::Failure};
use crate::rdf::ns::{edm, ore, rdf};

/// A record before its names are settled and its faults are weighed.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) cho: NamedNode,
    pub(super) line: Option<u64>,
    /// What is said, one part a graph of the document: blank nodes of different graphs are different.
    pub(super) parts: Vec<Part>,
    pub(super) notes: Vec<Note>,
}

/// What one graph says about a record.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) triples: Vec<Triple>,
    pub(super) lifted: Vec<(Triple, Lifted)>,
    /// IRIs beyond mending, by the number in their placeholder.
    pub(super) broken: Arc<[Failure]>,
}

/// The records of a graph, and why parts of it are none.
pub(super) fn partition(graph: &Graph) -> (Vec<Draft>, Vec<Failure>) {
    let index = Index::of(&graph.triples);
    let (chos, notes) = index.chos();
    let mut failures = Vec::new();
    let unnamed = index.unnamed_chos();
    if let Some(first) = unnamed.first() {
        let several = if unnamed.len() > 1 { format!(" ({} of them)", unnamed.len()) } else { String::new() };
        failures.push(Failure::new(graph.line, format!("an edm:ProvidedCHO has no rdf:about{several}, so its record has no name")));
        tracing::debug!(node = %first, "a CHO without a name");
    }
    let all: HashSet<&NamedOrBlankNode> = chos.iter().collect();
    let mut reached: Vec<Reached> = chos.iter().map(|cho| index.reach(cho, &all)).collect();
    let refused: HashSet<usize> = unnamed.iter().flat_map(|cho| index.reach(cho, &all).triples).collect();
    let orphans = give_orphans(graph, &mut reached, &refused);
    let said = Said::of(graph);
    let mut drafts: Vec<Draft> = chos.iter().zip(&reached).map(|(cho, reached)| said.draft(cho, reached, &notes)).collect();
    if let (Some(note), Some(first)) = (orphans, drafts.first_mut()) {
        first.notes.push(note);
    }
    (drafts, failures)
}

/// What one record leads to: places in the graph's list of triples, and the things they describe.
#[derive(Debug, Default)]
struct Reached {
    cho: Option<NamedNode>,
    triples: BTreeSet<usize>,
    things: HashSet<String>,
}

struct Index<'g> {
    triples: &'g [Triple],
    by_subject: HashMap<&'g NamedOrBlankNode, Vec<usize>>,
    /// The aggregations and proxies of each CHO.
    parties: HashMap<&'g Term, Vec<&'g NamedOrBlankNode>>,
    /// The CHOs of each aggregation and proxy.
    party_of: HashMap<&'g NamedOrBlankNode, Vec<&'g Term>>,
}

impl<'g> Index<'g> {
    fn of(triples: &'g [Triple]) -> Self {
        let mut index = Self { triples, by_subject: HashMap::new(), parties: HashMap::new(), party_of: HashMap::new() };
        for (place, triple) in triples.iter().enumerate() {
            index.by_subject.entry(&triple.subject).or_default().push(place);
            if triple.predicate == edm::AGGREGATED_CHO || triple.predicate == ore::PROXY_FOR {
                index.parties.entry(&triple.object).or_default().push(&triple.subject);
                index.party_of.entry(&triple.subject).or_default().push(&triple.object);
            }
        }
        index
    }

    fn typed_chos(&self) -> impl Iterator<Item = &'g NamedOrBlankNode> {
        let triples = self.triples;
        triples.iter().filter(|t| t.predicate == rdf::TYPE && t.object == edm::PROVIDED_CHO.into()).map(|t| &t.subject)
    }

    fn unnamed_chos(&self) -> Vec<NamedOrBlankNode> {
        let mut all: Vec<_> = self.typed_chos().filter(|s| matches!(s, NamedOrBlankNode::BlankNode(_))).cloned().collect();
        all.dedup();
        all
    }

    /// The CHOs in the document's order; where none is said to be one, what an aggregation aggregates.
    fn chos(&self) -> (Vec<NamedOrBlankNode>, Vec<Note>) {
        let typed: Vec<_> = unique(self.typed_chos().filter(|s| matches!(s, NamedOrBlankNode::NamedNode(_))).cloned());
        if !typed.is_empty() || self.typed_chos().next().is_some() {
            return (typed, Vec::new());
        }
        let aggregated = self.triples.iter().filter(|t| t.predicate == edm::AGGREGATED_CHO).filter_map(|t| match &t.object {
            Term::NamedNode(n) if self.is_described(n) => Some(NamedOrBlankNode::from(n.clone())),
            _ => None,
        });
        let note = Note::new(None, NoteKind::Untidy, "the thing that is aggregated is not said to be an edm:ProvidedCHO");
        (unique(aggregated), vec![note])
    }

    fn is_described(&self, node: &NamedNode) -> bool {
        let proxied = self.triples.iter().any(|t| t.predicate == ore::PROXY_FOR && t.object == Term::from(node.clone()));
        proxied || self.by_subject.contains_key(&NamedOrBlankNode::from(node.clone()))
    }

    /// Follows the statements from a CHO, its aggregations and its proxies, up to other CHOs and what is theirs alone.
    fn reach(&self, cho: &NamedOrBlankNode, chos: &HashSet<&NamedOrBlankNode>) -> Reached {
        let is_other = |node: &NamedOrBlankNode| node != cho && chos.contains(node);
        let as_object = Term::from(cho.clone());
        let mut ahead: Vec<NamedOrBlankNode> = self.parties.get(&as_object).into_iter().flatten().map(|s| (*s).clone()).collect();
        ahead.push(cho.clone());
        let mut seen: HashSet<NamedOrBlankNode> = ahead.iter().cloned().collect();
        let mut reached = Reached::default();
        if let NamedOrBlankNode::NamedNode(cho) = cho {
            reached.cho = Some(cho.clone());
        }
        while let Some(thing) = ahead.pop() {
            for place in self.by_subject.get(&thing).into_iter().flatten() {
                reached.triples.insert(*place);
                let Some(next) = self.triples.get(*place).and_then(|t| node(&t.object)) else { continue };
                let is_theirs = self
                    .party_of
                    .get(&next)
                    .is_some_and(|owners| !owners.contains(&&as_object) && owners.iter().any(|o| node(o).is_some_and(|o| is_other(&o))));
                if self.by_subject.contains_key(&next) && !is_other(&next) && !is_theirs && seen.insert(next.clone()) {
                    ahead.push(next);
                }
            }
        }
        reached.things = seen.iter().map(name).collect();
        reached
    }
}

fn unique<T: Clone + Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(one.clone())).collect()
}

fn node(term: &Term) -> Option<NamedOrBlankNode> {
    match term {
        Term::NamedNode(n) => Some(n.clone().into()),
        Term::BlankNode(b) => Some(b.clone().into()),
        Term::Literal(_) | Term::Triple(_) => None,
    }
}

fn name(node: &NamedOrBlankNode) -> String {
    match node {
        NamedOrBlankNode::NamedNode(n) => n.as_str().to_owned(),
        NamedOrBlankNode::BlankNode(b) => format!("_:{}", b.as_str()),
    }
}

/// What no record leads to goes to the first, so that nothing vanishes; with several records that is worth a note.
fn give_orphans(graph: &Graph, reached: &mut [Reached], refused: &HashSet<usize>) -> Option<Note> {
    let known: HashSet<usize> = reached.iter().flat_map(|r| r.triples.iter().copied()).collect();
    let several = reached.len() > 1;
    let first = reached.first_mut()?;
    let mut orphans = Vec::new();
    for (place, triple) in graph.triples.iter().enumerate().filter(|(place, _)| !known.contains(place) && !refused.contains(place)) {
        first.triples.insert(place);
        let thing = name(&triple.subject);
        if first.things.insert(thing.clone()) {
            orphans.push(thing);
        }
    }
    let example = orphans.first().filter(|_| several)?;
    let text =
        format!("{} thing(s) that no record of the document leads to, like `{example}`, were kept with its first record", orphans.len());
    Some(Note::new(graph.line, NoteKind::Orphan, text))
}

/// Values with their place in the document's order.
type Placed<'g, T> = Vec<(usize, &'g T)>;

/// What is said about things beside their triples, by the thing.
struct Said<'g> {
    graph: &'g Graph,
    /// By their place, so that they come back in the document's order.
    notes: HashMap<Option<&'g str>, Placed<'g, Note>>,
    lifted: HashMap<String, Placed<'g, (Triple, Lifted)>>,
}

impl<'g> Said<'g> {
    fn of(graph: &'g Graph) -> Self {
        let mut said = Self { graph, notes: HashMap::new(), lifted: HashMap::new() };
        for (place, marked) in graph.notes.iter().enumerate() {
            said.notes.entry(marked.subject.as_deref()).or_default().push((place, &marked.note));
        }
        for (place, lifted) in graph.lifted.iter().enumerate() {
            said.lifted.entry(name(&lifted.0.subject)).or_default().push((place, lifted));
        }
        said
    }

    /// A record of the graph, with the notes on what it leads to and those on the graph itself.
    fn draft(&self, cho: &NamedOrBlankNode, reached: &Reached, notes: &[Note]) -> Draft {
        let triples = reached.triples.iter().filter_map(|place| self.graph.triples.get(*place)).cloned().collect();
        let things = || reached.things.iter();
        let lifted = in_order(things().filter_map(|thing| self.lifted.get(thing)).flatten());
        let about = things().map(|thing| Some(thing.as_str())).chain([None]);
        let mut notes = notes.to_vec();
        notes.extend(in_order(about.filter_map(|subject| self.notes.get(&subject)).flatten()));
        let cho = reached.cho.clone().unwrap_or_else(|| NamedNode::new_unchecked(name(cho)));
        Draft { cho, line: self.graph.line, parts: vec![Part { triples, lifted, broken: Arc::clone(&self.graph.broken) }], notes }
    }
}

fn in_order<'a, T: Clone + 'a>(placed: impl Iterator<Item = &'a (usize, &'a T)>) -> Vec<T> {
    let mut placed: Vec<_> = placed.collect();
    placed.sort_unstable_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, what)| (*what).clone()).collect()
}
