//! A detector: looks at a picture or its tiles, and says what is where in original pixels, and what one thing does to another.

use super::{
    Activation, DetectSpec, Found, FoundRelation, Head, HeadFound, ModelError, RelationSpec,
    boxes::{self, Boxed, View},
    eye::Eye,
    tensor::Output,
    tiles::{self, Tile},
};
use crate::images::Picture;

/// How many tiles are cut at once: each is a copy of its pixels.
const AT_ONCE: usize = 16;

/// What a detector's head finds on a picture.
pub(crate) fn find(eye: &mut Eye, head: &Head, picture: &Picture) -> Result<HeadFound, ModelError> {
    let Some(spec) = &head.detect else { return Ok(HeadFound::default()) };
    let all = tiles::tiles(picture.width, picture.height, spec.tiles.as_ref())?;
    let (mut by_tile, mut relations) = (Vec::with_capacity(all.len()), Vec::new());
    for part in all.chunks(AT_ONCE) {
        let cut = |tile: &Tile| if tile.size == [picture.width, picture.height] { Some(picture.clone()) } else { tile.of(picture) };
        let missing = || ModelError::Prepare("a tile lies outside of the picture".to_owned());
        let views = part.iter().map(|tile| cut(tile).ok_or_else(missing)).collect::<Result<Vec<_>, _>>()?;
        let seen = eye.look(&views.iter().collect::<Vec<_>>())?;
        for ((tile, view), outputs) in part.iter().zip(&views).zip(&seen) {
            let at = View { size: [view.width, view.height], input: eye.image.input_size(), placement: eye.placement(view) };
            let boxed = decode(eye, head, spec, outputs, &at)?;
            by_tile.push(boxes::suppress(boxed, spec).into_iter().map(|b| tile.place(b)).collect::<Vec<_>>());
            if let Some(wanted) = &spec.relations {
                relations = decode_relations(eye, head, (spec, wanted), outputs, &at)?;
            }
        }
    }
    let mut boxed = if by_tile.len() > 1 { boxes::merge(by_tile, spec) } else { by_tile.pop().unwrap_or_default() };
    boxed.truncate(spec.max_boxes);
    Ok(in_original(head, picture, &boxed, relations))
}

fn refused(head: &Head, reason: String) -> ModelError {
    ModelError::Boxes { facet: head.facet.clone(), reason }
}

fn decode(eye: &Eye, head: &Head, spec: &DetectSpec, outputs: &[Output], view: &View) -> Result<Vec<Boxed>, ModelError> {
    let mut chosen = Vec::new();
    for name in head.outputs.iter().chain(&spec.boxes) {
        chosen.extend(outputs.get(eye.output(name)?));
    }
    boxes::decode(spec, head.activation, head.labels.len(), &chosen, view).map_err(|reason| refused(head, reason))
}

/// A relation before its things have been found among the boxes.
struct Triple {
    subject: Boxed,
    relation: usize,
    object: Boxed,
    score: f64,
}

fn decode_relations(
    eye: &Eye,
    head: &Head,
    (spec, wanted): (&DetectSpec, &RelationSpec),
    outputs: &[Output],
    view: &View,
) -> Result<Vec<Triple>, ModelError> {
    let output = |name: &str| -> Result<&Output, ModelError> {
        let place = eye.output(name)?;
        outputs.get(place).ok_or_else(|| refused(head, format!("there is no output `{name}`")))
    };
    let (relations, subjects, objects) = (output(&wanted.output)?, output(&wanted.subjects)?, output(&wanted.objects)?);
    let (subject_boxes, object_boxes) = (output(&wanted.subject_boxes)?, output(&wanted.object_boxes)?);
    let widths = [(relations, head.relations.len() + 1), (subjects, head.labels.len() + 1), (objects, head.labels.len() + 1)];
    let counts = [relations, subjects, objects, subject_boxes, object_boxes].map(|o| o.rows().len());
    if widths.iter().any(|(o, width)| o.shape.last() != Some(&(*width as i64))) || counts.iter().any(|c| *c != counts[0]) {
        let shapes: Vec<&[i64]> = [relations, subjects, objects, subject_boxes, object_boxes].iter().map(|o| o.shape.as_slice()).collect();
        return Err(refused(head, format!("the outputs of its relations have the shapes {shapes:?}, which do not fit the label maps")));
    }
    let best = |logits: &[f32]| {
        let scores = Activation::Softmax.apply(logits, 1.0);
        let without_none = scores.len().saturating_sub(1);
        scores.into_iter().take(without_none).enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap_or((0, 0.0))
    };
    let mut found = Vec::new();
    let things = subjects.rows().zip(subject_boxes.rows()).zip(objects.rows().zip(object_boxes.rows()));
    for (relation, ((subject, subject_box), (object, object_box))) in relations.rows().zip(things) {
        let ((relation, r), (subject, s), (object, o)) = (best(relation), best(subject), best(object));
        let thing = |class, score, row| Boxed { corners: boxes::corners_of(row, spec, view), class, score, cut: [false; 4] };
        if r * s * o >= wanted.threshold {
            found.push(Triple {
                subject: thing(subject, s, subject_box),
                relation,
                object: thing(object, o, object_box),
                score: r * s * o,
            });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(spec.max_boxes);
    Ok(found)
}

/// In original pixels. A relation's things are boxes that were found where there are such; else they are found with it.
fn in_original(head: &Head, picture: &Picture, boxed: &[Boxed], relations: Vec<Triple>) -> HeadFound {
    let limit = picture.full_size();
    let scale = [f64::from(limit[0]) / f64::from(picture.width.max(1)), f64::from(limit[1]) / f64::from(picture.height.max(1))];
    let place = |b: &Boxed| Some(Found { class: b.class, score: b.score, region: b.region(scale, limit)? });
    let mut found: Vec<Found> = boxed.iter().filter_map(place).collect();
    let mut told: Vec<FoundRelation> = Vec::new();
    for triple in relations {
        let mut known = |thing: &Boxed| {
            let same = boxed.iter().filter(|b| b.class == thing.class && b.iou(thing) >= 0.5);
            let nearest = same.max_by(|a, b| a.iou(thing).total_cmp(&b.iou(thing)));
            let known = place(nearest.unwrap_or(thing))?;
            if !found.contains(&known) {
                found.push(known);
            }
            Some(known)
        };
        if let (Some(subject), Some(object)) = (known(&triple.subject), known(&triple.object)) {
            let relation = FoundRelation { subject, relation: triple.relation, object, score: triple.score };
            if !told.iter().any(|t| (t.subject, t.relation, t.object) == (subject, triple.relation, object)) {
                told.push(relation);
            }
        }
    }
    // Two boxes may come to the same whole pixels.
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.region.cmp(&b.region)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|f| seen.insert((f.class, f.region)));
    HeadFound { facet: head.facet.clone(), found, relations: told }
}
