//! Several taggers that look together: the mean of their values, concept by concept, by IRI and never by index.

use std::path::Path;

use super::{EnsembleSpec, Hierarchy, Mapping, Normalise, ScoreKind, Tagger, TaggingError, label_map::LabelMap, tagger::TaggerHead};
use crate::model::{Activation, Closure, Decode, Head, HeadScores, LabelRow, Scores};

/// The members of an ensemble, and how much each counts.
#[derive(Clone, Debug)]
pub(super) struct Ensemble {
    members: Vec<Member>,
    facets: Vec<Facet>,
}

#[derive(Clone, Debug)]
struct Member {
    tagger: Tagger,
    weights: Vec<f64>,
    /// Where its heads begin among the scores of all, and how many they are.
    heads: (usize, usize),
}

#[derive(Clone, Debug)]
struct Facet {
    name: String,
    normalise: Normalise,
    /// For each row of the joined label map, for each member the place of the concept in its own map.
    places: Vec<Vec<Option<usize>>>,
}

impl Tagger {
    /// Joins taggers, in the order of the ensemble's members. Their numbers have to be of one measure.
    pub fn ensemble(spec: &EnsembleSpec, members: Vec<Self>, hierarchy: &dyn Hierarchy, path: &Path) -> Result<Self, TaggingError> {
        let refused = |reason: String| TaggingError::Ensemble { path: path.to_owned(), reason };
        let mut begin = 0;
        let mut joined = Vec::new();
        for (tagger, member) in members.into_iter().zip(&spec.members) {
            let count = tagger.heads.iter().filter(|h| h.head.detect.is_none()).count();
            let weights = spec.facets.iter().map(|f| member.weight(&f.facet)).collect();
            joined.push(Member { tagger, weights, heads: (begin, count) });
            begin += count;
        }
        let (mut facets, mut heads) = (Vec::new(), Vec::new());
        for (number, facet) in spec.facets.iter().enumerate() {
            one_measure(spec, number, &joined).map_err(refused)?;
            let (rows, places) = union(&facet.facet, number, &joined);
            if rows.is_empty() {
                return Err(refused(format!("none of its members answers the facet `{}`", facet.facet)));
            }
            let (emit, threshold, max_tags) = (facet.emit, facet.threshold, facet.max_tags);
            let decode = Decode { closure: Closure::MaxDescendant, emit, threshold, max_tags };
            let mut head = Head::new(&facet.facet, "mean", Activation::None, rows, decode);
            head.calibration.clone_from(&facet.calibration);
            heads.push(TaggerHead { map: LabelMap::new(&head, hierarchy)?, head, kind: ScoreKind::Mean });
            facets.push(Facet { name: facet.facet.clone(), normalise: facet.normalise, places });
        }
        let mut missing: Vec<_> = joined.iter().flat_map(|m| m.tagger.missing.iter().cloned()).collect();
        missing.sort();
        missing.dedup();
        Ok(Self { missing, heads, ensemble: Some(Ensemble { members: joined, facets }), ..Self::of_heads(&[], hierarchy)? })
    }
}

/// The heads of those who count in a facet.
fn counting<'m>(number: usize, facet: &'m str, members: &'m [Member]) -> impl Iterator<Item = (usize, &'m TaggerHead)> {
    let heads = members.iter().enumerate().filter(move |(_, m)| m.weights[number] > 0.0);
    heads.filter_map(move |(place, m)| Some((place, m.tagger.heads.iter().find(|h| h.head.facet == facet && h.head.detect.is_none())?)))
}

/// Whether the members' numbers mean the same: all are confidences, or all scores of one kind, or the manifest says how they are brought
/// to one measure.
fn one_measure(spec: &EnsembleSpec, number: usize, members: &[Member]) -> Result<(), String> {
    let facet = &spec.facets[number];
    let measures: Vec<(usize, Option<ScoreKind>)> = counting(number, &facet.facet, members)
        .map(|(place, head)| (place, head.head.calibration.is_none().then_some(head.kind)))
        .collect();
    let told = |measure: &Option<ScoreKind>| measure.map_or("confidence".to_owned(), |kind| format!("{kind:?} scores").to_lowercase());
    match measures.iter().find(|(_, measure)| *measure != measures[0].1) {
        Some((other, measure)) if facet.normalise == Normalise::None => Err(format!(
            "facet `{}`: `{}` gives {} and `{}` {}: a mean of both means nothing. Calibrate them, or set `normalise = \"max\"` or `\"sum\"`",
            facet.facet,
            spec.members[measures[0].0].tagger,
            told(&measures[0].1),
            spec.members[*other].tagger,
            told(measure)
        )),
        _ => Ok(()),
    }
}

/// All concepts that any of the members knows in a facet, and where each of them has it.
fn union(facet: &str, number: usize, members: &[Member]) -> (Vec<LabelRow>, Vec<Vec<Option<usize>>>) {
    let (mut rows, mut places): (Vec<LabelRow>, Vec<Vec<Option<usize>>>) = (Vec::new(), Vec::new());
    for (member, head) in counting(number, facet, members) {
        for (place, concept) in head.map.concepts.iter().enumerate() {
            let named = concept.mapping.is_some();
            // What only stands above a member's labels is known to it where its closure or its back-off makes a value of it.
            if !(named || (concept.taggable && head.head.decode.closure != Closure::None)) {
                continue;
            }
            let known = rows.iter().position(|row| row.iri.as_deref() == Some(concept.iri.as_str()));
            let row = known.unwrap_or_else(|| {
                let mapping = concept.mapping.unwrap_or(Mapping::Broad);
                rows.push(LabelRow::new(rows.len(), Some(concept.iri.as_str().to_owned()), &concept.label, mapping));
                places.push(vec![None; members.len()]);
                rows.len() - 1
            });
            rows[row].mapping = rows[row].mapping.max(concept.mapping.unwrap_or(rows[row].mapping));
            places[row][member] = Some(place);
        }
    }
    (rows, places)
}

impl Ensemble {
    /// The members' means, facet by facet: a member that does not know a concept abstains, and the others count for it.
    pub(super) fn join(&self, scores: &Scores) -> Vec<HeadScores> {
        let facets = self.facets.iter().enumerate();
        facets
            .filter_map(|(number, facet)| HeadScores::new(&facet.name, Activation::None, self.means(number, facet, scores)).ok())
            .collect()
    }

    fn means(&self, number: usize, facet: &Facet, scores: &Scores) -> Vec<f32> {
        let values: Vec<Option<Vec<f64>>> = self.members.iter().map(|member| member.values(number, facet, scores)).collect();
        let mean = |places: &Vec<Option<usize>>| {
            let (mut sum, mut weights) = (0.0, 0.0);
            for ((place, values), member) in places.iter().zip(&values).zip(&self.members) {
                let value = place.and_then(|place| values.as_ref()?.get(place).copied()).filter(|v| v.is_finite());
                if let Some(value) = value {
                    sum += member.weights[number] * value;
                    weights += member.weights[number];
                }
            }
            if weights > 0.0 { (sum / weights) as f32 } else { 0.0 }
        };
        facet.places.iter().map(mean).collect()
    }
}

impl Member {
    /// Its values in a facet, of one measure with the others'.
    fn values(&self, number: usize, facet: &Facet, scores: &Scores) -> Option<Vec<f64>> {
        if self.weights[number] <= 0.0 {
            return None;
        }
        let head = self.tagger.heads.iter().find(|h| h.head.facet == facet.name && h.head.detect.is_none())?;
        let own = scores.heads.get(self.heads.0..self.heads.0 + self.heads.1)?;
        let closed = head.closed(own.iter().find(|s| s.facet == facet.name)?);
        let mut values = closed.deciding().concepts.clone();
        // A member that says "none of these" knows its concepts, and gives them nothing.
        if head.rejects(closed.deciding()) {
            values.iter_mut().filter(|v| v.is_finite()).for_each(|v| *v = 0.0);
            return Some(values);
        }
        let named = || head.map.concepts.iter().zip(&values).filter(|(c, v)| c.mapping.is_some() && v.is_finite()).map(|(_, v)| *v);
        let measure = match facet.normalise {
            Normalise::None => 1.0,
            Normalise::Max => named().fold(f64::NEG_INFINITY, f64::max),
            Normalise::Sum => named().sum(),
        };
        if measure > 0.0 {
            for value in &mut values {
                *value /= measure;
            }
        }
        Some(values)
    }
}
