//! A tagger: a bundle's heads joined with a vocabulary, ready to make predictions of scores.

use oxigraph::model::NamedNode;

use super::{
    Confidence, FacetPredictions, Hierarchy, Mapping, Prediction, ScoreKind, TaggingError,
    closure::{Values, close},
    emit::emit,
    label_map::LabelMap,
};
use crate::model::{Bundle, Calibration, Head, HeadScores, Scores};

/// Makes predictions of scores. It holds all that it needs of the vocabulary and never asks it again.
#[derive(Clone, Debug)]
pub struct Tagger {
    heads: Vec<TaggerHead>,
    missing: Vec<NamedNode>,
    untaggable: Vec<NamedNode>,
}

#[derive(Clone, Debug)]
struct TaggerHead {
    head: Head,
    map: LabelMap,
}

/// The values of a head's concepts: as the network gives them, and calibrated where that is known.
struct Closed {
    scores: Values,
    confidences: Option<Values>,
}

impl Closed {
    /// What decides: the confidence where there is one.
    fn deciding(&self) -> &Values {
        self.confidences.as_ref().unwrap_or(&self.scores)
    }
}

impl Tagger {
    /// Joins a bundle with a vocabulary. Look at [`Tagger::missing`] before you trust it.
    pub fn new(bundle: &Bundle, hierarchy: &dyn Hierarchy) -> Result<Self, TaggingError> {
        Self::of_heads(bundle.heads(), hierarchy)
    }

    /// Joins heads with a vocabulary.
    pub fn of_heads(heads: &[Head], hierarchy: &dyn Hierarchy) -> Result<Self, TaggingError> {
        let mut tagger = Self { heads: Vec::new(), missing: Vec::new(), untaggable: Vec::new() };
        for head in heads {
            let map = LabelMap::new(head, hierarchy)?;
            for concept in map.concepts.iter().filter(|c| c.mapping.is_some()) {
                if !concept.known {
                    tagger.missing.push(concept.iri.clone());
                } else if !concept.taggable {
                    tagger.untaggable.push(concept.iri.clone());
                }
            }
            tagger.heads.push(TaggerHead { head: head.clone(), map });
        }
        for list in [&mut tagger.missing, &mut tagger.untaggable] {
            list.sort();
            list.dedup();
        }
        Ok(tagger)
    }

    /// The concepts of the label maps that the vocabulary does not have: they are never stated, and have no place in the hierarchy.
    pub fn missing(&self) -> &[NamedNode] {
        &self.missing
    }

    /// The concepts of the label maps that the vocabulary has and that may not be stated (guide terms and their like).
    pub fn untaggable(&self) -> &[NamedNode] {
        &self.untaggable
    }

    /// The concepts of its labels that the vocabularies hold.
    pub fn concepts(&self) -> impl Iterator<Item = &NamedNode> {
        self.heads.iter().flat_map(|h| h.map.concepts.iter().filter(|c| c.mapping.is_some() && c.known).map(|c| &c.iri))
    }

    /// The facets, in the bundle's order.
    pub fn facets(&self) -> impl Iterator<Item = &str> {
        self.heads.iter().map(|h| h.head.facet.as_str())
    }

    /// What is seen in a picture: each facet with its predictions, or with the reason why there are none.
    pub fn predict(&self, scores: &Scores) -> Vec<FacetPredictions> {
        self.heads.iter().map(|head| head.predict(scores.heads.iter().find(|s| s.facet == head.head.facet))).collect()
    }
}

impl TaggerHead {
    fn predict(&self, scores: Option<&HeadScores>) -> FacetPredictions {
        let facet = self.head.facet.clone();
        let Some(scores) = scores.filter(|s| s.raw.len() == self.map.rows.len()) else {
            let reason = "the network gave no scores for this facet".to_owned();
            return FacetPredictions { facet, predictions: Vec::new(), abstained: Some(reason) };
        };
        let closed = self.closed(scores);
        let stated =
            if self.rejects(closed.deciding()) { Vec::new() } else { emit(&self.map, &closed.deciding().concepts, &self.head.decode) };
        let predictions: Vec<Prediction> = stated.iter().zip(1..).map(|(place, rank)| self.prediction(*place, rank, &closed)).collect();
        let abstained = predictions.is_empty().then(|| self.why_nothing(closed.deciding()));
        FacetPredictions { facet, predictions, abstained }
    }

    fn closed(&self, scores: &HeadScores) -> Closed {
        let Head { activation, decode, .. } = self.head;
        let closed = |t: f64| close(&self.map, &activation.apply(&scores.raw, t), activation, decode.closure);
        let confidences = self.head.calibration.as_ref().map(|Calibration::Temperature { t, .. }| closed(*t));
        Closed { scores: closed(1.0), confidences }
    }

    fn prediction(&self, place: usize, rank: u32, closed: &Closed) -> Prediction {
        let concept = &self.map.concepts[place];
        Prediction {
            concept: concept.iri.clone(),
            facet: self.head.facet.clone(),
            score: closed.scores.concepts[place],
            kind: ScoreKind::from(self.head.activation),
            confidence: closed.confidences.as_ref().and_then(|c| Confidence::of_sum(c.concepts[place])),
            rank,
            label: concept.label.clone(),
            mapping: concept.mapping.unwrap_or_else(|| self.farthest_below(place)),
            region: None,
        }
    }

    /// Whether the reject class is the likeliest of all outputs. Then nothing is said, not even a broad concept that the others add up to:
    /// a network that was taught to say "none of them" is taken at its word.
    fn rejects(&self, values: &Values) -> bool {
        let best = self.map.concepts.iter().zip(&values.concepts).filter(|(c, _)| c.mapping.is_some()).map(|(_, v)| *v);
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        self.map.reject.is_some() && values.reject.is_some_and(|reject| reject >= best)
    }

    /// For a concept that only stands above the label map: the farthest mapping of those below it, since it is said because of them.
    fn farthest_below(&self, place: usize) -> Mapping {
        let below = self.map.concepts.iter().filter(|c| c.ancestors.binary_search(&place).is_ok());
        below.filter_map(|c| c.mapping).max().unwrap_or(Mapping::Exact)
    }

    /// Says why nothing is said: the reject class has it, or nothing is sure enough.
    fn why_nothing(&self, values: &Values) -> String {
        let concepts = self.map.concepts.iter().zip(&values.concepts).filter(|(c, _)| c.mapping.is_some() && c.taggable);
        let best = concepts.max_by(|(a, x), (b, y)| x.total_cmp(y).then_with(|| b.iri.as_str().cmp(a.iri.as_str())));
        let threshold = self.head.decode.threshold;
        match (values.reject, best) {
            (Some(reject), best) if best.is_none_or(|(_, value)| reject >= *value) => {
                let name = self.map.reject.as_ref().map_or_else(String::new, |label| format!(" (`{label}`)"));
                format!("the network says: none of its concepts{name}, {reject:.2}")
            }
            (_, Some((concept, value))) => format!("best is {} at {value:.2}, below {threshold}", concept.label),
            (_, None) => "none of the network's concepts may be stated in the loaded vocabulary".to_owned(),
        }
    }
}
