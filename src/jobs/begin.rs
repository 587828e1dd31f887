//! A run and its agent: begun with the first new piece of work, named by it, ended when the job is.

use jiff::Timestamp;
use oxigraph::model::{NamedNode, NamedOrBlankNode, Quad};

use super::House;
use crate::{
    enrichment::{TaggerCard, describe_import, describe_outside_agent, describe_run, describe_tagger, enrichments_of},
    rdf::{
        RecordKey,
        mint::short_key,
        ns::{dcterms, prov},
    },
    store::{Change, Reader},
};

/// Whose words a run brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agent {
    /// Our own.
    Ours,
    /// Somebody else's: of their model we know nothing but what they call themselves.
    Outside,
}

/// A run that may still have to begin: where there is nothing to do, there is none.
#[derive(Debug)]
pub(super) struct Begun<'h> {
    house: &'h House,
    pub(super) card: TaggerCard,
    pub(super) vocabularies: Vec<(NamedNode, String)>,
    provider: String,
    started: Timestamp,
    run: Option<NamedNode>,
    agent: Agent,
}

impl<'h> Begun<'h> {
    pub(super) fn new(house: &'h House, card: TaggerCard, vocabularies: Vec<(NamedNode, String)>, provider: &str) -> Self {
        Self { house, card, vocabularies, provider: provider.to_owned(), started: house.store.clock().now(), run: None, agent: Agent::Ours }
    }

    pub(super) fn of(self, agent: Agent) -> Self {
        Self { agent, ..self }
    }

    fn describe(&self, run: &NamedNode, ended: Option<Timestamp>) -> Vec<Quad> {
        let base = self.house.store.base();
        let (card, used, provider) = (&self.card, &self.vocabularies, self.provider.as_str());
        match self.agent {
            Agent::Ours => describe_run(base, run, card, used, provider, self.started, ended),
            Agent::Outside => describe_import(base, run, card, used, self.started, ended),
        }
    }

    /// The run, begun if it is not; `first` is the key of the piece of work that wants it.
    pub(super) fn run(&mut self, first: &str, change: &mut Change) -> anyhow::Result<NamedNode> {
        if let Some(run) = &self.run {
            return Ok(run.clone());
        }
        let store = &self.house.store;
        let mut attempt = 0_u32;
        let run = loop {
            let run = store.base().run(&short_key([first, &attempt.to_string()]));
            if store.object(&run, prov::STARTED_AT_TIME, &store.meta_graph())?.is_none() {
                break run;
            }
            // It was retracted, and is done once more.
            attempt += 1;
        };
        change.add.extend(match self.agent {
            Agent::Ours => describe_tagger(store.base(), &self.card),
            Agent::Outside => describe_outside_agent(store.base(), &self.card),
        });
        change.add.extend(self.describe(&run, None));
        self.run = Some(run.clone());
        Ok(run)
    }

    /// Whether this graph stands already: the work was done before.
    pub(super) fn is_done(store: &Reader, graph: &NamedNode) -> anyhow::Result<bool> {
        Ok(store.object(graph, prov::WAS_GENERATED_BY, &store.meta_graph())?.is_some())
    }

    /// What the same agent said before about an earlier state of the record is replaced, not deleted. `alike` tells which of its graphs the
    /// new one takes the place of.
    pub(super) fn replace_earlier(
        &self,
        store: &Reader,
        record: &RecordKey,
        graph: &NamedNode,
        alike: impl Fn(&NamedNode) -> anyhow::Result<bool>,
        change: &mut Change,
    ) -> anyhow::Result<()> {
        let agents = store.base().tagger(&self.card.id, "").into_string();
        for earlier in enrichments_of(store, record)? {
            let same = earlier.agent.as_ref().is_some_and(|a| a.as_str().starts_with(&agents));
            if same && earlier.graph != *graph && earlier.replaced_by.is_none() && alike(&earlier.graph)? {
                let subject = NamedOrBlankNode::from(earlier.graph);
                change.add.push(Quad::new(subject, dcterms::IS_REPLACED_BY, graph.clone(), store.meta_graph()));
            }
        }
        Ok(())
    }

    /// Ends the run, if it began, and says which it was.
    pub(super) fn end(&self) -> anyhow::Result<Option<NamedNode>> {
        let store = &self.house.store;
        if let Some(run) = &self.run {
            let ended = Some(store.clock().now());
            let mut change = Change::default();
            change.add.extend(self.describe(run, ended));
            store.commit(change)?;
        }
        Ok(self.run.clone())
    }
}
