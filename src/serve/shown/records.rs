//! Lists of records: all of them, a data set's, or those that have a concept or something narrower.

use std::collections::BTreeMap;

use super::{
    Shown, ours,
    words::{concept_link, short},
};
use crate::{
    rdf::{RecordKey, iri::encode_segment},
    serve::{
        RecordsAsked, SourceError, Visitor,
        pages::{RecordCard, RecordsView, Text},
    },
    store::{Listed, Listing},
    vocab::Vocabularies,
};

/// How many records stand on a page.
const PAGE: usize = 24;
/// How many concepts a card names.
const CONCEPTS: usize = 3;
/// How many narrower concepts are followed; more than any tag has below it in AAT but the facets themselves.
pub(super) const NARROWER: usize = 5_000;

impl Shown {
    pub(super) fn records_view(&self, visitor: &Visitor, asked: &RecordsAsked) -> Result<RecordsView, SourceError> {
        let vocabularies = self.vocabularies()?;
        let after = match &asked.after {
            Some(key) => self.store().index().record(key).map_err(ours)?,
            None => None,
        };
        let mut view = RecordsView { heading: "All records".to_owned(), ..RecordsView::default() };
        let mut listed = match (&asked.concept, &asked.set) {
            (Some(concept), _) => {
                let link = concept_link(&vocabularies, visitor, concept)?;
                view.heading = format!("Records with {} or something narrower", link.label.text);
                view.concept = Some(link);
                self.with_concept(&vocabularies, concept, after.as_ref(), PAGE + 1)?
            }
            (None, Some(set)) => {
                view.heading = format!("Records of {}", short(set));
                self.store().index().page(Listing::DataSet(set), after.as_ref(), PAGE + 1).map_err(ours)?
            }
            (None, None) => {
                view.total = Some(self.store().index().len().map_err(ours)?);
                self.store().index().page(Listing::ByKey, after.as_ref(), PAGE + 1).map_err(ours)?
            }
        };
        if listed.len() > PAGE {
            listed.truncate(PAGE);
            view.next = listed.last().map(|last| next(asked, &last.key));
        }
        view.records = self.cards(&vocabularies, visitor, &listed)?;
        Ok(view)
    }

    /// Records that have an annotation with the concept, or with anything narrower, by key.
    pub(super) fn with_concept(
        &self,
        vocabularies: &Vocabularies<'_>,
        concept: &str,
        after: Option<&Listed>,
        most: usize,
    ) -> Result<Vec<Listed>, SourceError> {
        let mut concepts = vec![concept.to_owned()];
        concepts
            .extend(vocabularies.descendants(concept, NARROWER).map_err(ours)?.into_iter().map(oxigraph::model::NamedNode::into_string));
        let mut found: BTreeMap<RecordKey, Listed> = BTreeMap::new();
        for concept in &concepts {
            for listed in self.store().index().page(Listing::Concept(concept), after, most).map_err(ours)? {
                found.insert(listed.key.clone(), listed);
            }
            while found.len() > most {
                found.pop_last();
            }
        }
        Ok(found.into_values().collect())
    }

    pub(super) fn cards(
        &self,
        vocabularies: &Vocabularies<'_>,
        visitor: &Visitor,
        listed: &[Listed],
    ) -> Result<Vec<RecordCard>, SourceError> {
        listed.iter().map(|listed| self.card(vocabularies, visitor, listed)).collect()
    }

    fn card(&self, vocabularies: &Vocabularies<'_>, visitor: &Visitor, listed: &Listed) -> Result<RecordCard, SourceError> {
        let concepts =
            listed.concepts.iter().take(CONCEPTS).map(|iri| concept_link(vocabularies, visitor, iri)).collect::<Result<Vec<_>, _>>()?;
        Ok(RecordCard {
            key: listed.key.to_string(),
            title: Text { text: listed.title.clone(), language: String::new() },
            provider: listed.provider.clone(),
            has_picture: self.has_picture(&listed.key)?,
            concepts,
            annotations: listed.annotations,
            published: listed.published,
        })
    }
}

fn next(asked: &RecordsAsked, after: &RecordKey) -> String {
    let mut address = format!("/records?after={after}");
    for (name, value) in [("set", &asked.set), ("concept", &asked.concept)] {
        if let Some(value) = value {
            address.extend(["&", name, "=", &encode_segment(value)]);
        }
    }
    address
}
