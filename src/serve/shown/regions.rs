//! What a record's page draws on the picture, and what it tells beside it: boxes, relations between them, and the picture's own quality.

use std::collections::HashMap;

use oxigraph::model::{NamedNode, Term};

use super::{
    Shown, ours,
    words::{concept_link, link, thing_link},
};
use crate::{
    enrichment::{Annotation, Aside, EnrichmentFacts, Said, asides_of},
    rdf::{
        ns::{ebucore, foaf},
        text_of,
    },
    serve::{
        SourceError, Visitor,
        pages::{AsideView, Certainty, ConceptLink, DRAWN, Placed, RegionView, Text},
    },
    vocab::Vocabularies,
};

/// What stands on a page already, by the target that it is about.
pub(super) type ByTarget = HashMap<NamedNode, Placed>;

/// Regions and asides of one page.
#[derive(Clone, Copy)]
pub(super) struct Regions<'r> {
    pub(super) shown: &'r Shown,
    pub(super) visitor: &'r Visitor,
    pub(super) vocabularies: &'r Vocabularies<'r>,
}

impl Regions<'_> {
    /// The width and height of the picture that an enrichment is about, in pixels.
    pub(super) fn picture_size(&self, facts: &EnrichmentFacts) -> Result<Option<[u32; 2]>, SourceError> {
        let store = self.shown.store();
        let is_picture = |node: &&NamedNode| store.base().local(node.as_str()).is_some_and(|local| local.starts_with("picture/"));
        let Some(picture) = facts.derived_from.iter().find(is_picture) else { return Ok(None) };
        let side = |predicate| -> Result<Option<u32>, SourceError> {
            let found = store.object(picture, predicate, &store.meta_graph()).map_err(ours)?;
            Ok(found.map(text_of).and_then(|text| text.parse().ok()).filter(|side| *side > 0))
        };
        Ok(side(ebucore::WIDTH)?.zip(side(ebucore::HEIGHT)?).map(|(width, height)| [width, height]))
    }

    /// The part of the picture that an annotation is about.
    pub(super) fn region(&self, annotation: &Annotation, size: Option<[u32; 2]>) -> Option<RegionView> {
        let sides: Vec<u32> = annotation.region.as_deref()?.strip_prefix("xywh=")?.split(',').filter_map(|side| side.parse().ok()).collect();
        let (&[x, y, width, height], [wide, _]) = (sides.as_slice(), size?) else { return None };
        let drawn = |side: u32| u32::try_from(u64::from(side) * u64::from(DRAWN) / u64::from(wide)).unwrap_or(DRAWN);
        Some(RegionView {
            x: drawn(x),
            y: drawn(y),
            width: drawn(width).max(1),
            height: drawn(height).max(1),
            words: format!("{width} × {height} pixels of the picture, {x} from the left and {y} from the top"),
            alone: annotation.alone.as_ref().map(|iri| link("look at it by itself", iri.as_str())),
        })
    }

    /// What is said beside the object in one enrichment.
    pub(super) fn asides(&self, facts: &EnrichmentFacts, placed: &ByTarget) -> Result<Vec<AsideView>, SourceError> {
        let mut views = Vec::new();
        for aside in asides_of(self.shown.store(), &facts.graph).map_err(ours)? {
            views.push(self.aside(&aside, placed)?);
        }
        Ok(views)
    }

    fn aside(&self, aside: &Aside, placed: &ByTarget) -> Result<AsideView, SourceError> {
        let store = self.shown.store();
        let words = |text: &str| ConceptLink { label: Text { text: text.to_owned(), ..Text::default() }, ..ConceptLink::default() };
        // A quality need not be in any vocabulary: then it goes by the network's own label.
        let concept = |iri: &NamedNode| match self.vocabularies.is_known(iri.as_str()).map_err(ours)? {
            true => concept_link(self.vocabularies, self.visitor, iri.as_str()),
            false => Ok(words(&aside.model_label)),
        };
        let unnamed = || Placed { number: 0, concept: words("something") };
        let thing = |target: &NamedNode| Some(placed.get(target).cloned().unwrap_or_else(unnamed));
        let certainty = match (aside.confidence, &aside.score) {
            (Some(confidence), _) => Certainty::Confidence(confidence),
            (None, Some((value, kind))) => Certainty::Score { value: *value, kind: kind.to_lowercase() },
            (None, None) => Certainty::Person,
        };
        let name = store.object(&aside.creator, foaf::NAME, &store.meta_graph()).map_err(ours)?;
        let name = name.map_or_else(|| aside.creator.as_str().to_owned(), |name: Term| text_of(name));
        let mut view = AsideView {
            page: thing_link(store.base(), aside.iri.as_str(), aside.iri.as_str()),
            certainty,
            tagger: thing_link(store.base(), name, aside.creator.as_str()),
            ..AsideView::default()
        };
        match &aside.said {
            Said::OfThePicture(noticed) => view.concept = concept(noticed)?,
            Said::Between { subject, relation, object } => {
                (view.subject, view.concept, view.object) = (thing(subject), concept(relation)?, thing(object));
            }
        }
        Ok(view)
    }
}
