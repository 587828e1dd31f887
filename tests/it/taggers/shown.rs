//! What a visitor sees of what was found on a picture: boxes drawn on it, what two things have to do with each other, and what is said of the
//! digital picture.

use std::sync::Arc;

use glossator::{
    jobs::Looker,
    rdf::RecordKey,
    serve::{Shown, Source as _, Visitor, pages::RecordView},
};
use oxigraph::model::NamedNodeRef;

use super::place::{Place, kind};

fn page(place: &Place, name: &str) -> RecordView {
    let shown = Shown::new(place.house.clone(), Arc::new(Looker::new(place.house.clone())), false);
    let cho = format!("http://museum.example/{name}");
    shown.record(&Visitor { languages: vec!["en".to_owned()] }, &RecordKey::of(NamedNodeRef::new(&cho).unwrap())).unwrap()
}

#[test]
fn boxes_are_drawn_and_relations_told_by_their_boxes() {
    let place = Place::with_scene();
    let before = page(&place, "scene");
    assert!(!before.looked_at && before.drawn_height.is_none());
    place.add(&kind("detr"));
    place.tag("detr");
    let view = page(&place, "scene");
    // The scene is 200 × 100 pixels; it is drawn 1000 wide.
    assert_eq!(view.drawn_height, Some(500));
    let knight = view.annotations.iter().find(|a| a.concept.label.text == "knight").unwrap();
    let drawn = knight.region.as_ref().unwrap();
    for (side, wanted) in [drawn.x, drawn.y, drawn.width, drawn.height].into_iter().zip([100, 50, 350, 250]) {
        assert!(side.abs_diff(wanted) <= 15, "{drawn:?}");
    }
    assert!(drawn.words.contains("pixels") && drawn.alone.is_none(), "without an image service there is no link");
    let [relation] = view.asides.as_slice() else { panic!("{:?}", view.asides) };
    let (subject, object) = (relation.subject.as_ref().unwrap(), relation.object.as_ref().unwrap());
    let told = [&subject.concept, &relation.concept, &object.concept].map(|c| c.label.text.as_str());
    assert_eq!(told, ["knight", "riding", "horse"]);
    assert_eq!(view.annotations[subject.number - 1].concept.label.text, "knight");
    assert_eq!(view.annotations[object.number - 1].concept.label.text, "horse");
}

#[test]
fn a_box_leads_to_the_image_service() {
    let place = Place::with_scene();
    let png = std::fs::read(kind("yolo").join("golden.png")).unwrap();
    place.record("iiif", &png, "; svcs:has_service <https://iiif.example/image/7>");
    place.add(&kind("end2end"));
    place.tag("end2end");
    let alone: Vec<String> = page(&place, "iiif").annotations.iter().filter_map(|a| Some(a.region.as_ref()?.alone.as_ref()?.href.clone())).collect();
    assert!(alone.len() == 2 && alone.iter().all(|href| href.starts_with("https://iiif.example/image/7/pct:")), "{alone:?}");
}

#[test]
fn what_is_said_of_the_digital_picture_stands_beside() {
    let place = Place::with_scene();
    place.add(&kind("two"));
    place.tag("two");
    let view = page(&place, "scene");
    let noticed: Vec<&str> = view.asides.iter().map(|a| a.concept.label.text.as_str()).collect();
    assert_eq!(noticed, ["watermark"]);
    assert!(view.annotations.iter().all(|a| a.concept.label.text != "watermark"), "nothing of it is said of the object");
}
