//! A source as the store knows it: what it is, and how far it has been harvested.

use anyhow::Context as _;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Quad, Term};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    jobs::House,
    rdf::{
        mint::short_key,
        ns::{dcat, dcterms, enr, rdf},
        text_of,
    },
    store::Change,
};

/// Somewhere records come from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) iri: NamedNode,
    /// What distinguishes it, as hexadecimal digits.
    pub(super) key: String,
    title: String,
    url: String,
}

impl Source {
    /// The source of this kind (`oai`, `archive`, …) at this address, for what is asked there.
    pub(super) fn new(house: &House, kind: &str, url: &str, asked: &[&str]) -> Self {
        let key = short_key([kind, url].iter().chain(asked));
        let more: Vec<&str> = asked.iter().copied().filter(|a| !a.is_empty()).collect();
        let title = if more.is_empty() { format!("{kind} {url}") } else { format!("{kind} {url} ({})", more.join(", ")) };
        Self { iri: house.store.base().source(&key), key, title, url: url.to_owned() }
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// Where its harvest stands. What an earlier version of ours wrote, and this one cannot read, counts as nothing.
    pub(super) fn state<S: DeserializeOwned>(&self, house: &House) -> anyhow::Result<Option<S>> {
        let state = house.store.object(&self.iri, enr::HARVEST_STATE, &house.store.meta_graph())?;
        Ok(state.and_then(|term| serde_json::from_str(&text_of(term)).ok()))
    }

    /// Puts into a change that its harvest stands there now.
    pub(super) fn put_state<S: Serialize>(&self, house: &House, state: &S, change: &mut Change) -> anyhow::Result<()> {
        let meta = house.store.meta_graph();
        let text = serde_json::to_string(state).context("writing down where the harvest stands")?;
        let quad = |predicate: NamedNodeRef<'_>, object: Term| Quad::new(self.iri.clone(), predicate, object, meta.clone());
        let said = [
            quad(rdf::TYPE, enr::SOURCE.into()),
            quad(dcterms::TITLE, Literal::new_simple_literal(&self.title).into()),
            quad(dcat::ENDPOINT_URL, Literal::new_simple_literal(&self.url).into()),
            quad(enr::HARVEST_STATE, Literal::new_typed_literal(text, rdf::JSON).into()),
        ];
        change.remove.extend(house.store.about(&self.iri)?.into_iter().filter(|q| q.predicate == enr::HARVEST_STATE));
        change.add.extend(said);
        Ok(())
    }
}
