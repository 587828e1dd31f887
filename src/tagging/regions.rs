//! What a detector says: each thing that it found, as the concept of its class at a place of the picture, and what they do to one another.

use oxigraph::model::NamedNode;

use super::{Confidence, FacetPredictions, Prediction, Relation, tagger::TaggerHead};
use crate::model::{Found, HeadFound};

/// The predictions of a detector's head.
pub(super) fn predict(head: &TaggerHead, found: Option<&HeadFound>) -> FacetPredictions {
    let (facet, about) = (head.head.facet.clone(), head.head.about);
    let mut predictions: Vec<Prediction> = Vec::new();
    let mut without = 0;
    for one in found.map(|f| f.found.as_slice()).unwrap_or_default() {
        match prediction(head, one, predictions.len() as u32 + 1) {
            // Two classes with one concept at one place are one thing: many to one.
            Some(new) if predictions.iter().any(|p| (&p.concept, p.region) == (&new.concept, new.region)) => {}
            Some(new) => predictions.push(new),
            None => without += 1,
        }
    }
    let relations: Vec<Relation> = found.into_iter().flat_map(|f| &f.relations).filter_map(|r| relation(head, r)).collect();
    let nothing = match without {
        0 => format!("nothing was found that is as sure as {}", head.head.decode.threshold),
        more => format!("what was found ({more}) has no concept in the label map or the loaded vocabularies"),
    };
    let abstained = (predictions.is_empty() && relations.is_empty()).then_some(nothing);
    FacetPredictions { facet, about, predictions, relations, abstained, caption: None }
}

fn prediction(head: &TaggerHead, found: &Found, rank: u32) -> Option<Prediction> {
    let row = head.head.labels.get(found.class)?;
    let concept = head.map.concepts.get((*head.map.rows.get(found.class)?)?)?;
    let least = row.threshold.unwrap_or(head.head.decode.threshold);
    if !concept.taggable || !concept.known || found.score < least {
        return None;
    }
    Some(Prediction {
        concept: concept.iri.clone(),
        facet: head.head.facet.clone(),
        score: found.score,
        kind: head.kind,
        confidence: head.head.calibration.as_ref().and_then(|c| Confidence::of_sum(c.confidence(found.score))),
        rank,
        label: row.label.clone(),
        mapping: row.mapping,
        region: Some(found.region),
    })
}

fn relation(head: &TaggerHead, found: &crate::model::FoundRelation) -> Option<Relation> {
    let row = head.head.relations.get(found.relation)?;
    Some(Relation {
        subject: found.subject.region,
        relation: NamedNode::new(row.iri.as_ref()?).ok()?,
        object: found.object.region,
        score: found.score,
        label: row.label.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Activation, Closure, Decode, Emit, Head, LabelRow, Mapping, Region, Scores},
        tagging::{NoHierarchy, Tagger},
    };

    fn found(class: usize, score: f64, x: u32) -> Found {
        Found { class, score, region: Region { x, y: 0, width: 10, height: 10 } }
    }

    #[test]
    fn many_classes_become_one_group_and_keep_their_names() {
        let row = |index, iri: &str, label: &str, mapping| LabelRow::new(index, Some(format!("http://v/{iri}")), label, mapping);
        let labels = vec![
            row(0, "birds", "great tit", Mapping::Broad),
            row(1, "birds", "wren", Mapping::Broad),
            row(2, "horses", "horse", Mapping::Exact),
            LabelRow::new(3, None, "frame", Mapping::Exact),
        ];
        let decode = Decode { closure: Closure::None, emit: Emit::All, threshold: 0.3, max_tags: 9 };
        let mut head = Head::new("subjects", "output0", Activation::None, labels, decode);
        head.detect = Some(toml::from_str("kind = \"yolo-v8\"\nthreshold = 0.3").unwrap());
        let tagger = Tagger::of_heads(&[head], &NoHierarchy).unwrap();
        let all = vec![found(1, 0.9, 0), found(0, 0.8, 0), found(2, 0.7, 50), found(0, 0.6, 80), found(3, 0.5, 9)];
        let scores =
            Scores { found: vec![HeadFound { facet: "subjects".to_owned(), found: all, relations: Vec::new() }], ..Scores::default() };
        let said = tagger.predict(&scores).pop().unwrap();
        let told: Vec<(&str, &str, u32, Mapping)> =
            said.predictions.iter().map(|p| (p.concept.as_str(), p.label.as_str(), p.region.unwrap().x, p.mapping)).collect();
        let birds = "http://v/birds";
        let wanted = [
            (birds, "wren", 0, Mapping::Broad),
            ("http://v/horses", "horse", 50, Mapping::Exact),
            (birds, "great tit", 80, Mapping::Broad),
        ];
        assert_eq!(told, wanted);
        assert_eq!(said.predictions.iter().map(|p| p.rank).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
