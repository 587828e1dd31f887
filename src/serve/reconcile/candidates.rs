//! Finding the concepts that a name may mean: exact labels first, then beginnings, then any label with its words, wherever they stand in it,
//! and last near spellings, in every language; scored, and told with their types.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    Branches,
    batch::{Asked, Known},
    score::Name,
};
use crate::{
    serve::{SourceError, Visitor, shown::words::concept_link},
    store::{ConceptHit, Store, StoreError},
    vocab::{ConceptKind, LabelHit, LabelIndex, Vocabularies},
};

/// How many labels are looked at for a beginning, for words, and for a near spelling.
const LABELS: usize = 150;
const LABELS_WITH_WORDS: usize = 400;
const NEAR_LABELS: usize = 100;
/// The least score that is worth telling.
const LEAST: f64 = 35.0;
/// The score from which a candidate may be taken for the one that is meant.
const SURE: f64 = 95.0;

/// The properties that a query may tell values of.
pub(super) const TOLD: [&str; 4] = ["broader", "facet", "language", "scheme"];

/// What finding needs at hand.
pub(super) struct Finder<'f> {
    pub(super) store: &'f Store,
    pub(super) vocabularies: &'f Vocabularies<'f>,
    pub(super) branches: &'f Branches,
    pub(super) visitor: &'f Visitor,
}

/// A concept, by the label of it that fits best.
#[derive(Clone, Debug)]
struct Candidate {
    iri: String,
    label: String,
    language: String,
    score: f64,
    kind: ConceptKind,
}

fn ours(error: impl std::fmt::Display) -> SourceError {
    SourceError::Failed(error.to_string())
}

impl Finder<'_> {
    /// The candidates of one query, as the API tells them.
    pub(super) fn answer(&self, asked: &Asked) -> Result<Vec<Value>, SourceError> {
        let found = self.find(asked)?;
        let sure = found.iter().filter(|c| c.score >= SURE).count();
        let best = found.first().map_or(0.0, |c| c.score);
        let rivals = found.iter().filter(|c| c.score >= best - 2.0).count();
        let mut result = Vec::new();
        for (place, candidate) in found.iter().take(asked.limit).enumerate() {
            let mut told = self.told(candidate)?;
            told["match"] = (place == 0 && sure > 0 && rivals == 1 && candidate.kind.is_taggable()).into();
            result.push(told);
        }
        Ok(result)
    }

    fn find(&self, asked: &Asked) -> Result<Vec<Candidate>, SourceError> {
        let mut scored: HashMap<String, Candidate> = HashMap::new();
        for iri in &asked.ids {
            scored.extend(self.by_iri(iri)?.map(|c| (c.iri.clone(), c)));
        }
        if asked.ids.is_empty() {
            for name in &asked.names {
                // A cell may hold the concept's IRI already, in whichever spelling.
                match self.by_iri(name)? {
                    Some(concept) => drop(scored.insert(concept.iri.clone(), concept)),
                    None => self.named(name, &mut scored)?,
                }
            }
        }
        let mut found: Vec<Candidate> = scored.into_values().filter(|c| c.score >= LEAST).collect();
        best_first(&mut found);
        // What is far down is not worth its look-ups.
        found.truncate(asked.limit.saturating_mul(4).max(40));
        let mut kept = Vec::new();
        for mut candidate in found {
            if !asked.types.is_empty() && !self.is_of(&candidate.iri, &asked.types)? {
                continue;
            }
            candidate.kind = self.vocabularies.kind(&candidate.iri).map_err(ours)?.unwrap_or(ConceptKind::Concept);
            candidate.score *= match candidate.kind {
                ConceptKind::Obsolete => 0.7,
                kind if kind.is_taggable() => 1.0,
                ConceptKind::Agent | ConceptKind::Organization | ConceptKind::Place | ConceptKind::TimeSpan => 1.0,
                _ => 0.85,
            };
            let Some(agreement) = self.agreement(&candidate, &asked.known)? else { continue };
            candidate.score *= agreement;
            // Of two that are called so, the one that is in this language.
            if asked.language.as_ref().is_some_and(|l| !candidate.language.is_empty() && !same_language(&candidate.language, l)) {
                candidate.score *= 0.99;
            }
            kept.push(candidate);
        }
        best_first(&mut kept);
        Ok(kept)
    }

    /// Concepts that are called so, or nearly.
    fn named(&self, text: &str, scored: &mut HashMap<String, Candidate>) -> Result<(), SourceError> {
        let name = Name::of(text);
        self.take(&name, &name.whole, LABELS, scored)?;
        if name.plain != name.whole {
            self.take(&name, &name.plain, LABELS, scored)?;
        }
        let labels = LabelIndex::open(self.store).map_err(ours)?;
        let known = |hit: LabelHit| ConceptHit { concept: hit.concept, label: hit.label, language: hit.language };
        for hit in labels.with_words(text, LABELS_WITH_WORDS).map_err(ours)? {
            self.score(&name, known(hit), scored);
        }
        if scored.values().all(|c| c.score < 80.0) {
            for (hit, _) in labels.like(text, NEAR_LABELS, |_| true).map_err(ours)? {
                self.score(&name, known(hit), scored);
            }
        }
        Ok(())
    }

    /// The concept with this IRI.
    fn by_iri(&self, name: &str) -> Result<Option<Candidate>, SourceError> {
        if !name.starts_with("http://") && !name.starts_with("https://") {
            return Ok(None);
        }
        let concept = self.vocabularies.concept(name).map_err(ours)?;
        Ok(concept.map(|c| Candidate {
            label: c.labels.first().map(|l| l.text.clone()).unwrap_or_default(),
            language: String::new(),
            score: 100.0,
            kind: c.kind,
            iri: c.iri.into_string(),
        }))
    }

    /// Scores every label that begins like this; of a concept's labels the best one counts.
    fn take(&self, name: &Name, beginning: &str, most: usize, scored: &mut HashMap<String, Candidate>) -> Result<(), SourceError> {
        let hits = self.store.index().concepts_by_label(beginning, most).map_err(|e: StoreError| ours(e))?;
        for hit in hits {
            self.score(name, hit, scored);
        }
        Ok(())
    }

    fn score(&self, name: &Name, hit: ConceptHit, scored: &mut HashMap<String, Candidate>) {
        let ConceptHit { concept, label, language } = hit;
        let score = name.fits(&Name::of(&label));
        let better = scored
            .get(&concept)
            .is_none_or(|c| (score, usize::MAX - self.visitor.rank(&language)) > (c.score, usize::MAX - self.visitor.rank(&c.language)));
        if better {
            scored.insert(concept.clone(), Candidate { iri: concept, label, language, score, kind: ConceptKind::Concept });
        }
    }

    /// How far what else is known agrees: 1 where it does or cannot be told; nothing where it has to and does not.
    fn agreement(&self, candidate: &Candidate, known: &[Known]) -> Result<Option<f64>, SourceError> {
        let mut agreement = 1.0;
        for one in known.iter().filter(|k| TOLD.contains(&k.property.as_str())) {
            let mut agreeing = 0;
            for value in &one.values {
                agreeing += usize::from(self.agrees(candidate, &one.property, value)?);
            }
            match (one.holds(agreeing), one.required) {
                (true, _) => {}
                (false, true) => return Ok(None),
                (false, false) => agreement *= 0.8,
            }
        }
        Ok(Some(agreement))
    }

    fn agrees(&self, candidate: &Candidate, property: &str, value: &String) -> Result<bool, SourceError> {
        match property {
            "language" => Ok(same_language(&candidate.language, value)),
            "broader" => {
                let name = Name::of(value);
                for iri in self.vocabularies.ancestors(&candidate.iri).map_err(ours)?.iter().take(50) {
                    let labelled = || self.vocabularies.labels(iri.as_str()).map_err(ours);
                    if iri.as_str() == value || labelled()?.iter().any(|l| Name::of(&l.text).plain == name.plain) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => self.is_of(&candidate.iri, std::slice::from_ref(value)),
        }
    }

    /// Whether a concept is of one of these types: of a scheme by its short name, or below a facet.
    pub(super) fn is_of(&self, iri: &str, types: &[String]) -> Result<bool, SourceError> {
        let own = self.types(iri)?;
        Ok(types.iter().any(|wanted| own.iter().any(|(id, _)| id == wanted)))
    }

    /// A concept's types: its scheme, and its facets.
    pub(super) fn types(&self, iri: &str) -> Result<Vec<(String, String)>, SourceError> {
        let mut types = Vec::new();
        if let Some(scheme) = self.vocabularies.scheme_of(iri).map_err(ours)? {
            types.push((scheme.clone(), format!("{scheme} (all)")));
        }
        for facet in self.branches.of(self.vocabularies, iri)?.iter() {
            types.push((facet.clone(), concept_link(self.vocabularies, self.visitor, facet)?.label.text));
        }
        Ok(types)
    }

    /// Where it stands and how else it is called: what sets it apart from its namesakes.
    pub(super) fn describe(&self, iri: &str) -> Result<String, SourceError> {
        let mut steps = Vec::new();
        if let Some(parent) = self.vocabularies.preferred_parent(iri).map_err(ours)? {
            steps.push(concept_link(self.vocabularies, self.visitor, parent.as_str())?.label.text);
        }
        Ok(steps.join(" › "))
    }

    fn told(&self, candidate: &Candidate) -> Result<Value, SourceError> {
        let name = concept_link(self.vocabularies, self.visitor, &candidate.iri)?.label.text;
        let types: Vec<Value> = self.types(&candidate.iri)?.into_iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
        let mut description = self.describe(&candidate.iri)?;
        if !candidate.label.is_empty() && candidate.label != name {
            let tag = if candidate.language.is_empty() { String::new() } else { format!(" ({})", candidate.language) };
            description = format!("found as “{}”{tag}; {description}", candidate.label);
        }
        let score = (candidate.score * 100.0).round() / 100.0;
        Ok(json!({
            "id": candidate.iri,
            "name": name,
            "description": description.trim_end_matches("; "),
            "type": types,
            "score": score,
            "features": [
                { "id": "label", "name": "How well a label fits, from 0 to 100", "value": score },
                { "id": "taggable", "name": "Whether it may be stated of an object", "value": candidate.kind.is_taggable() },
            ],
        }))
    }

    /// Concepts one of whose labels begins like this, for somebody who types.
    pub(super) fn complete(&self, beginning: &str, skip: usize, most: usize) -> Result<Vec<Value>, SourceError> {
        let hits = self.vocabularies.search(beginning, &[], skip + most).map_err(ours)?;
        let mut told = Vec::new();
        for hit in hits.into_iter().skip(skip) {
            let name = concept_link(self.vocabularies, self.visitor, &hit.concept)?.label.text;
            let mut description = self.describe(&hit.concept)?;
            if hit.label != name {
                description = format!("“{}”; {description}", hit.label);
            }
            let notable: Vec<Value> = self.types(&hit.concept)?.into_iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
            told.push(json!({ "id": hit.concept, "name": name, "description": description.trim_end_matches("; "), "notable": notable }));
        }
        Ok(told)
    }
}

fn same_language(one: &str, other: &str) -> bool {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    primary(one) == primary(other)
}

fn best_first(found: &mut [Candidate]) {
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.label.len().cmp(&b.label.len())).then_with(|| a.iri.cmp(&b.iri)));
}
