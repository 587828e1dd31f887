//! A tagger: a bundle's heads joined with a vocabulary, ready to make predictions of scores.

use oxigraph::model::NamedNode;

use super::{
    Confidence, FacetPredictions, Hierarchy, Mapping, NoHierarchy, Prediction, ScoreKind, TaggingError,
    closure::{Values, close},
    emit::emit,
    ensemble::Ensemble,
    label_map::LabelMap,
    regions,
};
use crate::model::{About, Activation, Bundle, Head, HeadScores, Scores};

/// Makes predictions of scores. It holds all that it needs of the vocabulary and never asks it again.
#[derive(Clone, Debug)]
pub struct Tagger {
    pub(super) heads: Vec<TaggerHead>,
    pub(super) ensemble: Option<Ensemble>,
    /// The facet of its captions, where it makes such.
    pub(super) captions: Option<String>,
    pub(super) missing: Vec<NamedNode>,
    pub(super) untaggable: Vec<NamedNode>,
}

/// Concepts by rank, with their values, in one facet: all that a tagger knows there, whatever their values.
pub type Ranking = (String, Vec<(NamedNode, f64)>);

#[derive(Clone, Debug)]
pub(super) struct TaggerHead {
    pub(super) head: Head,
    pub(super) map: LabelMap,
    pub(super) kind: ScoreKind,
}

/// The values of a head's concepts: as the network gives them, and calibrated where that is known.
pub(super) struct Closed {
    pub(super) scores: Values,
    pub(super) confidences: Option<Values>,
}

impl Closed {
    /// What decides: the confidence where there is one.
    pub(super) fn deciding(&self) -> &Values {
        self.confidences.as_ref().unwrap_or(&self.scores)
    }
}

impl Tagger {
    /// Joins a bundle with a vocabulary. Look at [`Tagger::missing`] before you trust it.
    pub fn new(bundle: &Bundle, hierarchy: &dyn Hierarchy) -> Result<Self, TaggingError> {
        let captions = bundle.manifest().caption.as_ref().map(|c| c.facet.clone());
        Ok(Self { captions, ..Self::of_heads(bundle.heads(), hierarchy)? })
    }

    /// Joins heads with a vocabulary.
    pub fn of_heads(heads: &[Head], hierarchy: &dyn Hierarchy) -> Result<Self, TaggingError> {
        let mut tagger = Self { heads: Vec::new(), ensemble: None, captions: None, missing: Vec::new(), untaggable: Vec::new() };
        for head in heads {
            // What is said of the digital picture is in no thesaurus of objects.
            let hierarchy = if head.about == About::WebResource { &NoHierarchy } else { hierarchy };
            let map = LabelMap::new(head, hierarchy)?;
            for concept in map.concepts.iter().filter(|c| c.mapping.is_some()) {
                if !concept.known {
                    tagger.missing.push(concept.iri.clone());
                } else if !concept.taggable {
                    tagger.untaggable.push(concept.iri.clone());
                }
            }
            tagger.heads.push(TaggerHead { head: head.clone(), map, kind: kind(head) });
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

    /// How many heads it has.
    pub fn heads_count(&self) -> usize {
        self.heads.len()
    }

    /// The facets of what is said about the object, in the bundle's order: each needs a property.
    pub fn facets(&self) -> impl Iterator<Item = &str> {
        let heads = self.heads.iter().filter(|h| h.head.about == About::Object).map(|h| h.head.facet.as_str());
        heads.chain(self.captions.as_deref())
    }

    /// What is seen in a picture: each facet with its predictions, or with the reason why there are none.
    pub fn predict(&self, scores: &Scores) -> Vec<FacetPredictions> {
        if let Some(ensemble) = &self.ensemble {
            let joined = ensemble.join(scores);
            return self.heads.iter().map(|head| head.predict(joined.iter().find(|s| s.facet == head.head.facet))).collect();
        }
        let mut said: Vec<FacetPredictions> = self.heads.iter().map(|head| head.said(scores)).collect();
        if let Some(facet) = &self.captions {
            let caption = scores.captions.iter().find(|c| c.facet == *facet).cloned();
            let abstained = caption.is_none().then(|| "no sentence was sure enough".to_owned());
            said.push(FacetPredictions { facet: facet.clone(), caption, abstained, ..FacetPredictions::default() });
        }
        said
    }

    /// All concepts of the label maps by rank, whatever their values: for measuring.
    pub fn rank(&self, scores: &Scores) -> Vec<Ranking> {
        let joined = self.ensemble.as_ref().map(|e| e.join(scores));
        let heads = joined.as_ref().unwrap_or(&scores.heads);
        let of = |head: &TaggerHead| {
            let closed = head.closed(heads.iter().find(|s| s.facet == head.head.facet)?);
            let values = &closed.deciding().concepts;
            let own = head.map.concepts.iter().zip(values).filter(|(c, v)| c.mapping.is_some() && c.taggable && v.is_finite());
            let mut ranked: Vec<(NamedNode, f64)> = own.map(|(c, v)| (c.iri.clone(), *v)).collect();
            ranked.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.as_str().cmp(b.as_str())));
            Some((head.head.facet.clone(), ranked))
        };
        self.heads.iter().filter_map(of).collect()
    }
}

/// What kind of number a head gives.
fn kind(head: &Head) -> ScoreKind {
    let cosine = head.texts.is_some() && head.activation == Activation::None;
    if cosine { ScoreKind::Cosine } else { ScoreKind::from(head.activation) }
}

impl TaggerHead {
    fn said(&self, scores: &Scores) -> FacetPredictions {
        if self.head.detect.is_some() {
            return regions::predict(self, scores.found.iter().find(|f| f.facet == self.head.facet));
        }
        self.predict(scores.heads.iter().find(|s| s.facet == self.head.facet))
    }

    fn predict(&self, scores: Option<&HeadScores>) -> FacetPredictions {
        let (facet, about) = (self.head.facet.clone(), self.head.about);
        let Some(scores) = scores.filter(|s| s.raw.len() == self.map.rows.len()) else {
            let reason = "the network gave no scores for this facet".to_owned();
            return FacetPredictions { facet, about, abstained: Some(reason), ..FacetPredictions::default() };
        };
        let closed = self.closed(scores);
        let stated =
            if self.rejects(closed.deciding()) { Vec::new() } else { emit(&self.map, &closed.deciding().concepts, &self.head.decode) };
        let predictions: Vec<Prediction> =
            stated.iter().zip(1..).map(|(place, rank)| self.prediction(*place, rank, &closed, &scores.scores)).collect();
        let abstained = predictions.is_empty().then(|| self.why_nothing(closed.deciding()));
        FacetPredictions { facet, about, predictions, abstained, ..FacetPredictions::default() }
    }

    pub(super) fn closed(&self, scores: &HeadScores) -> Closed {
        let Head { activation, decode, .. } = self.head;
        let closed = |t: f64| close(&self.map, &self.head.scores(&scores.raw, t), activation, decode.closure);
        let confidences = self.head.calibration.as_ref().map(|calibration| {
            let values = closed(calibration.temperature());
            // What has no value of its own stays without.
            let confidence = |value: f64| if value == f64::NEG_INFINITY { value } else { calibration.confidence(value) };
            Values { concepts: values.concepts.into_iter().map(confidence).collect(), reject: values.reject.map(confidence) }
        });
        Closed { scores: closed(1.0), confidences }
    }

    fn prediction(&self, place: usize, rank: u32, closed: &Closed, scores: &[f32]) -> Prediction {
        let concept = &self.map.concepts[place];
        // Of several labels with one concept, the one that the network saw most of: the original class is kept.
        let rows = self.map.rows.iter().zip(&self.head.labels).zip(scores).filter(|((row, _), _)| **row == Some(place));
        let label = rows.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|((_, row), _)| row.label.clone());
        Prediction {
            concept: concept.iri.clone(),
            facet: self.head.facet.clone(),
            score: closed.scores.concepts[place],
            kind: self.kind,
            confidence: closed.confidences.as_ref().and_then(|c| Confidence::of_sum(c.concepts[place])),
            rank,
            label: label.unwrap_or_else(|| concept.label.clone()),
            mapping: concept.mapping.unwrap_or_else(|| self.farthest_below(place)),
            region: None,
        }
    }

    /// Whether the reject class is the likeliest of all outputs. Then nothing is said, not even a broad concept that the others add up to:
    /// a network that was taught to say "none of them" is taken at its word.
    pub(super) fn rejects(&self, values: &Values) -> bool {
        // Where each output stands for itself, that one without a concept is likely says nothing of the others.
        if self.head.activation == Activation::Sigmoid {
            return false;
        }
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
