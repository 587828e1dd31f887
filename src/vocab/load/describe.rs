//! What is said about a release in the graph of graphs: its name, its date, where it is from, and the checksum of its bytes.

use oxigraph::model::{GraphNameRef, Literal, NamedNode, NamedNodeRef, Quad, Term, TermRef};

use super::LoadRequest;
use crate::{
    rdf::ns::{dcterms, enr, rdf, spdx, void, xsd},
    store::{Change, Store, StoreError},
};

/// A release as it is described.
pub(super) struct Description<'d> {
    /// Its graph.
    pub(super) graph: &'d NamedNode,
    /// `enr:VocabularyGraph` or `enr:MappingGraph`.
    pub(super) class: NamedNodeRef<'static>,
    /// The scheme.
    pub(super) scheme: &'d str,
    /// The release.
    pub(super) release: &'d str,
    /// The checksum of the content.
    pub(super) checksum: &'d str,
    /// What was asked for.
    pub(super) request: &'d LoadRequest,
    /// What a mapping set says about itself.
    pub(super) facts: Vec<(NamedNodeRef<'static>, String)>,
}

impl Description<'_> {
    /// The change that describes the release anew.
    pub(super) fn change(&self, store: &Store, triples: u64, bad_lines: u64, old: Vec<Quad>) -> Change {
        let meta = store.meta_graph();
        let mut change = Change { remove: old, ..Change::default() };
        let mut say = |predicate: NamedNodeRef<'_>, object: Term| change.add(self.graph.clone(), predicate, object, meta.clone());
        let text = |text: &str| Term::from(Literal::new_simple_literal(text));
        say(rdf::TYPE, self.class.into());
        say(dcterms::TITLE, text(self.scheme));
        say(enr::RELEASE, text(self.release));
        say(spdx::CHECKSUM_VALUE, text(self.checksum));
        say(void::TRIPLES, Literal::new_typed_literal(triples.to_string(), xsd::INTEGER).into());
        if bad_lines > 0 {
            say(enr::NOTE, text(&format!("{bad_lines} bad lines were left out")));
        }
        for (predicate, object) in self.asked() {
            say(predicate, object);
        }
        change
    }

    /// What the request says about the release.
    fn asked(&self) -> Vec<(NamedNodeRef<'static>, Term)> {
        let mut asked = Vec::new();
        asked.extend(self.facts.iter().map(|(property, said)| {
            let term = match *property {
                dcterms::ISSUED => dated(said),
                enr::METHOD => Literal::new_simple_literal(said).into(),
                _ => iri_or_text(said),
            };
            (*property, term)
        }));
        asked.extend(self.request.authors.iter().map(|who| (dcterms::CREATOR, iri_or_text(who))));
        asked.extend(self.request.method.as_deref().map(|how| (enr::METHOD, Literal::new_simple_literal(how).into())));
        asked.extend(self.request.date.as_deref().map(|date| (dcterms::ISSUED, dated(date))));
        asked.extend(self.request.source.as_deref().map(|source| (dcterms::SOURCE, iri_or_text(source))));
        asked.extend(self.request.licence.as_deref().map(|licence| (dcterms::LICENSE, iri_or_text(licence))));
        asked
    }

    /// Whether these very bytes are there whole: described under their checksum, and no replacement of the graph is unfinished.
    pub(super) fn is_loaded(&self, store: &Store) -> Result<bool, StoreError> {
        let meta = store.meta_graph();
        let checksum = Term::from(Literal::new_simple_literal(self.checksum));
        let same = store.object(self.graph, spdx::CHECKSUM_VALUE, &meta)?.is_some_and(|found| found == checksum);
        let unfinished = !store.subjects(enr::STAGING_FOR, TermRef::NamedNode(self.graph.as_ref()), &meta)?.is_empty();
        Ok(same && !unfinished && store.has_graph(self.graph)?)
    }

    /// The change that makes what the request says hold for a release that is there already.
    pub(super) fn amend(&self, store: &Store) -> Result<Change, StoreError> {
        let meta = store.meta_graph();
        let mut change = Change::default();
        let asked = self.asked();
        for (predicate, object) in &asked {
            let (predicate, object) = (*predicate, object.clone());
            for old in store.objects(self.graph, predicate, &meta)? {
                if !asked.contains(&(predicate, old.clone())) {
                    change.remove.push(Quad::new(self.graph.clone(), predicate, old, meta.clone()));
                }
            }
            change.add(self.graph.clone(), predicate, object, meta.clone());
        }
        Ok(change)
    }
}

/// Everything that is said about a graph now.
pub(super) fn described(store: &Store, graph: &NamedNode) -> Result<Vec<Quad>, StoreError> {
    let meta = store.meta_graph();
    let quads = store.quads().quads_for_pattern(Some(graph.as_ref().into()), None, None, Some(GraphNameRef::from(meta.as_ref())));
    // Intents are the store's own.
    let quads = quads.filter(|quad| quad.as_ref().map_or(true, |q| q.predicate != enr::STAGING_FOR));
    Ok(quads.collect::<Result<_, _>>()?)
}

fn dated(date: &str) -> Term {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let shape: Vec<usize> = date.split('-').filter(|p| digits(p)).map(str::len).collect();
    match shape.as_slice() {
        [4, 2, 2] if date.len() == 10 => Literal::new_typed_literal(date, xsd::DATE).into(),
        [4, 2] if date.len() == 7 => Literal::new_typed_literal(date, xsd::G_YEAR_MONTH).into(),
        [4] if date.len() == 4 => Literal::new_typed_literal(date, xsd::G_YEAR).into(),
        _ => Literal::new_simple_literal(date).into(),
    }
}

fn iri_or_text(text: &str) -> Term {
    NamedNode::new(text).map_or_else(|_| Literal::new_simple_literal(text).into(), Term::from)
}
