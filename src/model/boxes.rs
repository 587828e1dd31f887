//! Boxes: what a detector's outputs say of where something is, and which boxes are one and the same thing.

use super::{Activation, DetectKind, DetectSpec, Region, RelativeTo, preprocess::Placement, tensor::Output};

/// Something at a place of the picture that was looked at, in its pixels: two corners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Boxed {
    pub(crate) corners: [f64; 4],
    pub(crate) class: usize,
    pub(crate) score: f64,
    /// Which sides (left, top, right, bottom) a tile cut off: the thing goes on beyond them.
    pub(crate) cut: [bool; 4],
}

/// The view of a picture that a network was given: how large it is, and where it lay in the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) size: [u32; 2],
    pub(crate) input: [u32; 2],
    pub(crate) placement: Placement,
}

impl View {
    /// From numbers of the network's to pixels of the view.
    fn corners(&self, middle: [f64; 4], spec: &DetectSpec, parts: bool) -> [f64; 4] {
        let [x, y, width, height] = middle;
        let corners = [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0];
        self.there(corners, spec, parts)
    }

    fn there(&self, corners: [f64; 4], spec: &DetectSpec, parts: bool) -> [f64; 4] {
        let mut out = [0.0; 4];
        for (place, value) in corners.into_iter().enumerate() {
            let axis = place % 2;
            let limit = f64::from(self.size[axis]);
            let there = if parts && spec.relative_to == RelativeTo::Picture {
                value * limit
            } else {
                let pixel = if parts { value * f64::from(self.input[axis]) } else { value };
                (pixel - self.placement.from[axis]) / self.placement.scale[axis]
            };
            out[place] = there.clamp(0.0, limit);
        }
        out
    }
}

impl Boxed {
    fn area(&self) -> f64 {
        let [x0, y0, x1, y1] = self.corners;
        (x1 - x0).max(0.0) * (y1 - y0).max(0.0)
    }

    fn common(&self, other: &Self) -> f64 {
        let (mine, theirs) = (self.corners, other.corners);
        let along = |axis: usize| (mine[axis + 2].min(theirs[axis + 2]) - mine[axis].max(theirs[axis])).max(0.0);
        along(0) * along(1)
    }

    /// Intersection over union.
    pub(crate) fn iou(&self, other: &Self) -> f64 {
        let common = self.common(other);
        if common > 0.0 { common / (self.area() + other.area() - common) } else { 0.0 }
    }

    /// The intersection as a part of the smaller one.
    fn inside(&self, other: &Self) -> f64 {
        let smaller = self.area().min(other.area());
        if smaller > 0.0 { self.common(other) / smaller } else { 0.0 }
    }

    /// In original pixels, within the picture; `None` where nothing is left of it.
    pub(crate) fn region(&self, scale: [f64; 2], limit: [u32; 2]) -> Option<Region> {
        let along = |from: f64, to: f64, axis: usize| {
            let (from, to) = ((from * scale[axis]).round() as u32, (to * scale[axis]).round() as u32);
            let (from, to) = (from.min(limit[axis]), to.min(limit[axis]));
            (to > from).then_some((from, to - from))
        };
        let [x0, y0, x1, y1] = self.corners;
        let ((x, width), (y, height)) = (along(x0, x1, 0)?, along(y0, y1, 1)?);
        Some(Region { x, y, width, height })
    }
}

/// The boxes in the outputs of one view; an error is a reason.
pub(crate) fn decode(
    spec: &DetectSpec,
    activation: Activation,
    classes: usize,
    outputs: &[&Output],
    view: &View,
) -> Result<Vec<Boxed>, String> {
    let first = outputs.first().ok_or("there is no output")?;
    let mut found = match spec.kind {
        DetectKind::YoloV8 => yolo_v8(spec, activation, classes, first, view)?,
        DetectKind::YoloEnd2End => yolo_end2end(spec, classes, first, view)?,
        DetectKind::Detr | DetectKind::Owl => {
            let boxes = outputs.get(1).ok_or("there is no output with boxes")?;
            by_query(spec, activation, classes, first, boxes, view)?
        }
    };
    if found.iter().any(|b| !b.score.is_finite() || b.corners.iter().any(|c| !c.is_finite())) {
        return Err("a box is no number".to_owned());
    }
    found.retain(|b| b.area() > 0.0);
    Ok(found)
}

fn best(scores: impl Iterator<Item = f64>) -> Option<(usize, f64)> {
    scores.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// `[4 + classes, boxes]`, or the same turned round.
fn yolo_v8(spec: &DetectSpec, activation: Activation, classes: usize, output: &Output, view: &View) -> Result<Vec<Boxed>, String> {
    let rows = classes + 4;
    let (boxes, at): (usize, Box<dyn Fn(usize, usize) -> f64>) = match output.shape.as_slice() {
        [r, boxes] if *r == rows as i64 => {
            let boxes = *boxes as usize;
            (boxes, Box::new(move |row, place| f64::from(output.numbers[row * boxes + place])))
        }
        [boxes, r] if *r == rows as i64 => (*boxes as usize, Box::new(move |row, place| f64::from(output.numbers[place * rows + row]))),
        shape => return Err(format!("the output has the shape {shape:?}, and 4 + {classes} rows were expected")),
    };
    let mut found = Vec::new();
    for place in 0..boxes {
        let scores =
            (0..classes).map(|class| if activation == Activation::Sigmoid { sigmoid(at(4 + class, place)) } else { at(4 + class, place) });
        if let Some((class, score)) = best(scores).filter(|(_, score)| *score >= spec.threshold) {
            let corners = view.corners([at(0, place), at(1, place), at(2, place), at(3, place)], spec, false);
            found.push(Boxed { corners, class, score, cut: [false; 4] });
        }
    }
    Ok(found)
}

/// `[boxes, 6]`.
fn yolo_end2end(spec: &DetectSpec, classes: usize, output: &Output, view: &View) -> Result<Vec<Boxed>, String> {
    if output.shape.last() != Some(&6) {
        return Err(format!("the output has the shape {:?}, and rows of 6 were expected", output.shape));
    }
    let mut found = Vec::new();
    for row in output.rows() {
        let &[x0, y0, x1, y1, score, class] = row else { continue };
        if f64::from(score) < spec.threshold {
            continue;
        }
        if class < 0.0 || class as usize >= classes {
            return Err(format!("a box is of class {class}, and the label map has {classes} rows"));
        }
        let corners = view.there([x0, y0, x1, y1].map(f64::from), spec, false);
        found.push(Boxed { corners, class: class as usize, score: f64::from(score), cut: [false; 4] });
    }
    Ok(found)
}

/// `[boxes, classes]` and `[boxes, 4]`: DETR and OWL.
fn by_query(
    spec: &DetectSpec,
    activation: Activation,
    classes: usize,
    logits: &Output,
    boxes: &Output,
    view: &View,
) -> Result<Vec<Boxed>, String> {
    let width = if activation == Activation::Softmax { classes + 1 } else { classes };
    if logits.shape.last() != Some(&(width as i64)) || boxes.shape.last() != Some(&4) || logits.rows().len() != boxes.rows().len() {
        return Err(format!(
            "the outputs have the shapes {:?} and {:?}, and rows of {width} and 4 were expected",
            logits.shape, boxes.shape
        ));
    }
    let mut found = Vec::new();
    for (logits, place) in logits.rows().zip(boxes.rows()) {
        // The last of a softmax stands for no object.
        let scores = activation.apply(logits, 1.0).into_iter().take(classes);
        if let Some((class, score)) = best(scores).filter(|(_, score)| *score >= spec.threshold) {
            found.push(Boxed { corners: corners_of(place, spec, view), class, score, cut: [false; 4] });
        }
    }
    Ok(found)
}

/// The corners of a row of middle, width and height, as parts of the whole.
pub(crate) fn corners_of(row: &[f32], spec: &DetectSpec, view: &View) -> [f64; 4] {
    let number = |place: usize| f64::from(row.get(place).copied().unwrap_or_default());
    view.corners([number(0), number(1), number(2), number(3)], spec, true)
}

fn sigmoid(value: f64) -> f64 {
    1.0 / (1.0 + (-value).exp())
}

/// Of boxes that cover one another, the surer one stays.
pub(crate) fn suppress(mut boxes: Vec<Boxed>, spec: &DetectSpec) -> Vec<Boxed> {
    boxes.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Boxed> = Vec::new();
    for one in boxes {
        let same = |other: &&Boxed| !spec.class_aware || other.class == one.class;
        if !kept.iter().filter(same).any(|other| other.iou(&one) > spec.least_iou()) {
            kept.push(one);
        }
    }
    kept
}

/// Joins what tiles saw: boxes of one class in different tiles are one thing where they cover one another, where a part that a tile cut off
/// lies within the other, or where both are parts of it that were cut off towards one another.
pub(crate) fn merge(tiles: Vec<Vec<Boxed>>, spec: &DetectSpec) -> Vec<Boxed> {
    let all: Vec<(usize, Boxed)> =
        tiles.into_iter().enumerate().flat_map(|(tile, boxes)| boxes.into_iter().map(move |b| (tile, b))).collect();
    let mut leader: Vec<usize> = (0..all.len()).collect();
    for (place, (tile, one)) in all.iter().enumerate() {
        for (other_place, (other_tile, other)) in all.iter().enumerate().skip(place + 1) {
            if tile != other_tile && one.class == other.class && is_one_thing(one, other, spec) {
                let (a, b) = (lead(&mut leader, place), lead(&mut leader, other_place));
                leader[a.max(b)] = a.min(b);
            }
        }
    }
    let mut joined: Vec<Option<Boxed>> = vec![None; all.len()];
    for (place, (_, one)) in all.iter().enumerate() {
        let to = lead(&mut leader, place);
        joined[to] = Some(joined[to].map_or(*one, |so_far| union(&so_far, one)));
    }
    suppress(joined.into_iter().flatten().collect(), spec)
}

fn lead(leader: &mut [usize], mut place: usize) -> usize {
    while leader[place] != place {
        leader[place] = leader[leader[place]];
        place = leader[place];
    }
    place
}

fn is_one_thing(one: &Boxed, other: &Boxed, spec: &DetectSpec) -> bool {
    let any_cut = one.cut.contains(&true) || other.cut.contains(&true);
    one.iou(other) > spec.least_iou() || (any_cut && one.inside(other) >= 0.5) || cut_towards(one, other) || cut_towards(other, one)
}

/// Whether the first goes on to the right or below where the second comes from, and both are as high or as wide as one another.
fn cut_towards(one: &Boxed, other: &Boxed) -> bool {
    let alike = |axis: usize| {
        let ([from, to], [other_from, other_to]) =
            ([one.corners[axis], one.corners[axis + 2]], [other.corners[axis], other.corners[axis + 2]]);
        let (common, all) = (to.min(other_to) - from.max(other_from), to.max(other_to) - from.min(other_from));
        all > 0.0 && common / all >= 0.5
    };
    let touches = |axis: usize| one.corners[axis + 2] >= other.corners[axis] && one.corners[axis] <= other.corners[axis];
    (one.cut[2] && other.cut[0] && touches(0) && alike(1)) || (one.cut[3] && other.cut[1] && touches(1) && alike(0))
}

/// Both together, as sure as the surer one.
fn union(one: &Boxed, other: &Boxed) -> Boxed {
    let (mine, theirs) = (one.corners, other.corners);
    let reaches = |side: usize| if side < 2 { mine[side] <= theirs[side] } else { mine[side] >= theirs[side] };
    // A side is still cut where the one that reaches farther was cut there.
    let cut = std::array::from_fn(|side| if reaches(side) { one.cut[side] } else { other.cut[side] });
    let corners = std::array::from_fn(|side| if reaches(side) { mine[side] } else { theirs[side] });
    Boxed { corners, class: one.class, score: one.score.max(other.score), cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(corners: [f64; 4], class: usize, score: f64, cut: [bool; 4]) -> Boxed {
        Boxed { corners, class, score, cut }
    }

    fn spec(kind: &str) -> DetectSpec {
        let boxes = if matches!(kind, "detr" | "owl") { "boxes = \"pred_boxes\"\n" } else { "" };
        toml::from_str(&format!("kind = \"{kind}\"\nthreshold = 0.5\n{boxes}")).unwrap()
    }

    const WHOLE: View =
        View { size: [200, 100], input: [64, 64], placement: Placement { scale: [0.32, 0.32], from: [0.0, 16.0], shown: [64, 32] } };

    #[test]
    fn the_letterbox_is_undone() {
        let output =
            Output { shape: vec![6, 2], numbers: [[32.0, 1.0], [32.0, 1.0], [32.0, 1.0], [16.0, 1.0], [0.2, 0.1], [0.9, 0.3]].concat() };
        let found = decode(&spec("yolo-v8"), Activation::None, 2, &[&output], &WHOLE).unwrap();
        assert_eq!(found, [boxed([50.0, 25.0, 150.0, 75.0], 1, 0.899_999_976_158_142_1, [false; 4])]);
        let turned = Output { shape: vec![1, 6], numbers: vec![32.0, 32.0, 32.0, 16.0, 0.2, 0.9] };
        assert_eq!(decode(&spec("yolo-v8"), Activation::None, 2, &[&turned], &WHOLE).unwrap(), found);
        let end = Output { shape: vec![2, 6], numbers: vec![16.0, 24.0, 48.0, 40.0, 0.9, 1.0, 0.0, 0.0, 9.0, 9.0, 0.1, 7.0] };
        assert_eq!(decode(&spec("yolo-end2end"), Activation::None, 2, &[&end], &WHOLE).unwrap(), found);
        assert!(decode(&spec("yolo-v8"), Activation::None, 3, &[&output], &WHOLE).unwrap_err().contains("4 + 3"));
    }

    #[test]
    fn detr_and_owl_speak_of_parts() {
        let boxes = Output { shape: vec![2, 4], numbers: vec![0.5, 0.5, 0.5, 0.25, 0.1, 0.1, 0.1, 0.1] };
        let logits = Output { shape: vec![2, 3], numbers: vec![0.0, 6.0, 0.0, 0.0, 1.0, 9.0] };
        let found = decode(&spec("detr"), Activation::Softmax, 2, &[&logits, &boxes], &WHOLE).unwrap();
        assert_eq!((found.len(), found[0].class, found[0].corners), (1, 1, [50.0, 25.0, 150.0, 75.0]));
        let mut of_picture = spec("detr");
        of_picture.relative_to = RelativeTo::Picture;
        let found = decode(&of_picture, Activation::Softmax, 2, &[&logits, &boxes], &WHOLE).unwrap();
        assert_eq!(found, [boxed([50.0, 37.5, 150.0, 62.5], 1, found[0].score, [false; 4])]);
        let logits = Output { shape: vec![2, 2], numbers: vec![-3.0, 3.0, -9.0, -9.0] };
        let found = decode(&spec("owl"), Activation::Sigmoid, 2, &[&logits, &boxes], &WHOLE).unwrap();
        assert!(found.len() == 1 && (found[0].score - 0.952_574).abs() < 1e-5);
    }

    #[test]
    fn of_boxes_that_cover_one_another_the_surer_one_stays() {
        let spec = spec("yolo-v8");
        let boxes = vec![
            boxed([0.0, 0.0, 10.0, 10.0], 0, 0.6, [false; 4]),
            boxed([1.0, 0.0, 10.0, 10.0], 0, 0.9, [false; 4]),
            boxed([1.0, 0.0, 10.0, 10.0], 1, 0.7, [false; 4]),
        ];
        assert_eq!(suppress(boxes.clone(), &spec).iter().map(|b| b.score).collect::<Vec<_>>(), [0.9, 0.7]);
        let across = DetectSpec { class_aware: false, ..spec };
        assert_eq!(suppress(boxes, &across).len(), 1);
    }

    #[test]
    fn what_a_tile_cut_is_one_thing_again() {
        let spec = spec("yolo-v8");
        let left = boxed([300.0, 100.0, 640.0, 180.0], 0, 0.8, [false, false, true, false]);
        let right = boxed([600.0, 102.0, 900.0, 181.0], 0, 0.7, [true, false, false, false]);
        let apart = boxed([620.0, 400.0, 700.0, 480.0], 0, 0.7, [true, false, false, false]);
        let merged = merge(vec![vec![left], vec![right, apart]], &spec);
        assert_eq!(merged.len(), 2);
        assert_eq!((merged[0].corners, merged[0].score), ([300.0, 100.0, 900.0, 181.0], 0.8));
        // A whole view that saw all of it, and a tile that saw a part.
        let whole = boxed([295.0, 99.0, 905.0, 182.0], 0, 0.6, [false; 4]);
        assert_eq!(merge(vec![vec![whole], vec![left], vec![right]], &spec).len(), 1);
        // Two small things side by side in different tiles, neither of them cut, stay two.
        let one = boxed([600.0, 0.0, 620.0, 20.0], 0, 0.9, [false; 4]);
        let two = boxed([618.0, 0.0, 638.0, 20.0], 0, 0.9, [false; 4]);
        assert_eq!(merge(vec![vec![one], vec![two]], &spec).len(), 2);
    }

    #[test]
    fn regions_lie_within_the_picture() {
        let all = boxed([-0.4, 10.2, 100.4, 50.0], 0, 1.0, [false; 4]);
        assert_eq!(all.region([2.0, 2.0], [200, 90]), Some(Region { x: 0, y: 20, width: 200, height: 70 }));
        assert_eq!(boxed([5.1, 5.0, 5.3, 9.0], 0, 1.0, [false; 4]).region([1.0, 1.0], [10, 10]), None);
    }
}
