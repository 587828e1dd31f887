//! From scores to concepts: what is stated, what is not, and that it agrees with the hierarchy.

use std::collections::{BTreeMap, BTreeSet};

use glossator::{
    model::{Activation, Calibration, Closure, Decode, Emit, Head, HeadScores, LabelRow, Mapping, Scores},
    tagging::{FacetPredictions, Hierarchy, ScoreKind, Tagger},
};
use oxigraph::model::NamedNode;
use proptest::prelude::*;

fn concept(name: &str) -> NamedNode {
    NamedNode::new(format!("http://vocab.example/{name}")).unwrap()
}

/// A vocabulary in which each concept has parents, the preferred one first. Names in `<>` are guide terms.
#[derive(Debug)]
struct Vocabulary(BTreeMap<String, Vec<String>>);

impl Vocabulary {
    fn new(above: &[(&str, &[&str])]) -> Self {
        let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Self(above.iter().map(|(name, parents)| ((*name).to_owned(), own(parents))).collect())
    }

    fn parents(&self, concept: &NamedNode) -> &[String] {
        let name = concept.as_str().trim_start_matches("http://vocab.example/");
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Hierarchy for Vocabulary {
    fn ancestors(&self, of: &NamedNode) -> Vec<NamedNode> {
        let mut found = BTreeSet::new();
        let mut next = vec![of.clone()];
        while let Some(at) = next.pop() {
            let parents = self.parents(&at).iter().map(|p| concept(p));
            next.extend(parents.filter(|p| found.insert(p.clone())));
        }
        found.into_iter().collect()
    }

    fn preferred_parent(&self, of: &NamedNode) -> Option<NamedNode> {
        self.parents(of).first().map(|p| concept(p))
    }

    fn taggable(&self, of: &NamedNode) -> bool {
        self.0.contains_key(of.as_str().trim_start_matches("http://vocab.example/")) && !of.as_str().contains("guide")
    }
}

/// Domes and vaults under a guide term under enclosures; a dome is a roof as well, but not in the first place.
fn vocabulary() -> Vocabulary {
    Vocabulary::new(&[
        ("enclosures", &[]),
        ("guide-vaulted", &["enclosures"]),
        ("domes", &["guide-vaulted", "roofs"]),
        ("onion-domes", &["domes"]),
        ("vaults", &["guide-vaulted"]),
        ("roofs", &["enclosures"]),
        ("altars", &[]),
    ])
}

fn head(activation: Activation, closure: Closure, emit: Emit, labels: &[(&str, Mapping)]) -> Head {
    let row = |(index, (name, mapping)): (usize, &(&str, Mapping))| LabelRow {
        index,
        iri: (*name != "-").then(|| concept(name).into_string()),
        label: if *name == "-" { "other".to_owned() } else { format!("a {name}") },
        mapping: *mapping,
        threshold: None,
    };
    let decode = Decode { closure, emit, threshold: 0.5, max_tags: 3 };
    Head::new("subjects", "logits", activation, labels.iter().enumerate().map(row).collect(), decode)
}

fn softmax() -> Head {
    let labels = [
        ("domes", Mapping::Exact),
        ("vaults", Mapping::Close),
        ("altars", Mapping::Exact),
        ("-", Mapping::Exact),
        ("domes", Mapping::Broad),
    ];
    head(Activation::Softmax, Closure::SumDescendants, Emit::BackOff, &labels)
}

fn predict(head: &Head, scores: &[f64]) -> FacetPredictions {
    let raw = match head.activation {
        Activation::Softmax => scores.iter().map(|s| s.ln() as f32).collect(),
        Activation::Sigmoid => scores.iter().map(|s| (s / (1.0 - s)).ln() as f32).collect(),
        Activation::None | Activation::HierarchicalSoftmax => scores.iter().map(|s| *s as f32).collect(),
    };
    let tagger = Tagger::of_heads(std::slice::from_ref(head), &vocabulary()).unwrap();
    let scores = Scores::of_heads(vec![HeadScores::new("subjects", head.activation, raw).unwrap()]);
    tagger.predict(&scores).pop().unwrap()
}

fn names(said: &FacetPredictions) -> Vec<&str> {
    said.predictions.iter().map(|p| p.concept.as_str().trim_start_matches("http://vocab.example/")).collect()
}

#[test]
fn the_most_specific_concept_is_stated_and_nothing_above_it() {
    let said = predict(&softmax(), &[0.5, 0.1, 0.05, 0.05, 0.3]);
    assert_eq!(names(&said), ["domes"]);
    let dome = &said.predictions[0];
    assert!((dome.score - 0.8).abs() < 1e-6, "rows that share a concept add up: {}", dome.score);
    assert_eq!((dome.rank, dome.kind, dome.mapping, dome.confidence), (1, ScoreKind::Softmax, Mapping::Broad, None));
    assert_eq!((dome.label.as_str(), said.abstained), ("a domes", None));
}

#[test]
fn it_backs_off_through_guide_terms_to_what_is_sure() {
    let said = predict(&softmax(), &[0.3, 0.4, 0.1, 0.1, 0.1]);
    assert_eq!(names(&said), ["enclosures"]);
    assert!((said.predictions[0].score - 0.8).abs() < 1e-6);
    assert_eq!((said.predictions[0].label.as_str(), said.predictions[0].mapping), ("enclosures", Mapping::Broad));
    let kept_to_its_labels = Head { decode: Decode { emit: Emit::MostSpecific, ..softmax().decode }, ..softmax() };
    assert!(predict(&kept_to_its_labels, &[0.3, 0.4, 0.1, 0.1, 0.1]).predictions.is_empty());
}

#[test]
fn saying_nothing_has_a_reason() {
    let rejected = predict(&softmax(), &[0.02, 0.02, 0.02, 0.93, 0.01]);
    assert!(rejected.predictions.is_empty());
    assert_eq!(rejected.abstained.as_deref(), Some("the network says: none of its concepts (`other`), 0.93"));
    let unsure = predict(&softmax(), &[0.05, 0.05, 0.46, 0.38, 0.06]);
    assert_eq!(unsure.abstained.as_deref(), Some("best is a altars at 0.46, below 0.5"));
}

#[test]
fn sigmoid_heads_take_the_largest_along_every_broader() {
    let labels = [("onion-domes", Mapping::Exact), ("domes", Mapping::Exact), ("roofs", Mapping::Exact), ("altars", Mapping::Exact)];
    let head = head(Activation::Sigmoid, Closure::MaxDescendant, Emit::MostSpecific, &labels);
    let said = predict(&head, &[0.9, 0.2, 0.1, 0.95]);
    assert_eq!(names(&said), ["altars", "onion-domes"], "domes and roofs are sure only because of what stands below them");
    assert_eq!(said.predictions.iter().map(|p| p.rank).collect::<Vec<_>>(), [1, 2]);
    let all = Head { decode: Decode { emit: Emit::All, max_tags: 9, ..head.decode }, ..head.clone() };
    assert_eq!(names(&predict(&all, &[0.9, 0.2, 0.1, 0.95])), ["altars", "domes", "onion-domes", "roofs"]);
    let few = Head { decode: Decode { max_tags: 1, ..head.decode }, ..head };
    assert_eq!(names(&predict(&few, &[0.9, 0.2, 0.1, 0.95])), ["altars"]);
}

#[test]
fn calibration_decides_and_gives_confidence_beside_the_score() {
    let calibration = Some(Calibration::Temperature { t: 3.0, fitted_on: "others".to_owned(), n: 100 });
    let head = Head { calibration, ..softmax() };
    let sure = predict(&head, &[0.97, 0.005, 0.005, 0.01, 0.01]);
    let dome = &sure.predictions[0];
    let confidence = dome.confidence.unwrap().value();
    assert!(dome.score > 0.97 && confidence < 0.75 && confidence > 0.5, "{dome:?}");
    let unsure = predict(&head, &[0.6, 0.05, 0.15, 0.19, 0.01]);
    assert!(names(&unsure) != ["domes"], "{unsure:?}");
}

#[test]
fn a_label_map_that_the_vocabulary_does_not_have_is_reported() {
    let labels = [("domes", Mapping::Exact), ("teapots", Mapping::Exact), ("guide-vaulted", Mapping::Exact)];
    let head = head(Activation::Softmax, Closure::None, Emit::BackOff, &labels);
    let tagger = Tagger::of_heads(std::slice::from_ref(&head), &vocabulary()).unwrap();
    assert_eq!((tagger.missing(), tagger.untaggable()), (&[concept("teapots")][..], &[concept("guide-vaulted")][..]));
    assert!(predict(&head, &[0.1, 0.8, 0.1]).predictions.is_empty(), "what is unknown is never stated");
    let mut broken = head;
    broken.labels[0].iri = Some("no iri:".to_owned());
    assert!(Tagger::of_heads(&[broken], &vocabulary()).is_err());
}

/// A random vocabulary: each concept has up to two parents among those before it. A cycle cannot arise.
fn random_vocabulary() -> impl Strategy<Value = Vocabulary> {
    prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..3), 2..14).prop_map(|parents| {
        let above = |at: usize, picks: &[prop::sample::Index]| {
            let mut names: Vec<String> = picks.iter().filter(|_| at > 0).map(|i| format!("c{}", i.index(at))).collect();
            names.dedup();
            names
        };
        Vocabulary(parents.iter().enumerate().map(|(at, picks)| (format!("c{at}"), above(at, picks))).collect())
    })
}

/// Every concept's closed value: a head that states everything, with nothing kept back.
fn closed(vocabulary: &Vocabulary, scores: &[f32], activation: Activation, closure: Closure) -> BTreeMap<String, f64> {
    let names: Vec<String> = vocabulary.0.keys().cloned().collect();
    let labels: Vec<(&str, Mapping)> = names.iter().map(|n| (n.as_str(), Mapping::Exact)).collect();
    let mut head = head(activation, closure, Emit::All, &labels);
    (head.decode.threshold, head.decode.max_tags) = (0.0, names.len());
    let raw = (0..names.len()).map(|i| scores[i % scores.len()]).collect();
    let tagger = Tagger::of_heads(&[head], vocabulary).unwrap();
    let said = tagger.predict(&Scores::of_heads(vec![HeadScores::new("subjects", activation, raw).unwrap()])).pop().unwrap();
    said.predictions.iter().map(|p| (p.concept.as_str().trim_start_matches("http://vocab.example/").to_owned(), p.score)).collect()
}

proptest! {
    #[test]
    fn no_child_stands_above_its_parent(vocabulary in random_vocabulary(), scores in prop::collection::vec(-6.0_f32..6.0, 1..14)) {
        let largest = closed(&vocabulary, &scores, Activation::Sigmoid, Closure::MaxDescendant);
        for (name, parents) in &vocabulary.0 {
            for parent in parents {
                prop_assert!(largest[name] <= largest[parent] + 1e-12);
            }
        }
        let sums = closed(&vocabulary, &scores, Activation::Softmax, Closure::SumDescendants);
        for parent in vocabulary.0.keys() {
            let children = vocabulary.0.iter().filter(|(_, parents)| parents.first() == Some(parent));
            let together: f64 = children.map(|(name, _)| sums[name]).sum();
            prop_assert!(together <= sums[parent] + 1e-9, "{parent}: {together} in {}", sums[parent]);
            prop_assert!(sums[parent] <= 1.0 + 1e-9);
        }
    }

    #[test]
    fn nothing_stated_stands_above_anything_else_stated(
        vocabulary in random_vocabulary(),
        scores in prop::collection::vec(-6.0_f32..6.0, 1..14),
        threshold in 0.0_f64..1.0,
    ) {
        for (activation, closure) in [(Activation::Softmax, Closure::SumDescendants), (Activation::Sigmoid, Closure::MaxDescendant)] {
            let names: Vec<String> = vocabulary.0.keys().cloned().collect();
            let labels: Vec<(&str, Mapping)> = names.iter().map(|n| (n.as_str(), Mapping::Exact)).collect();
            let mut head = head(activation, closure, Emit::BackOff, &labels);
            (head.decode.threshold, head.decode.max_tags) = (threshold, names.len());
            let raw = (0..names.len()).map(|i| scores[i % scores.len()]).collect();
            let tagger = Tagger::of_heads(&[head], &vocabulary).unwrap();
            let said = tagger.predict(&Scores::of_heads(vec![HeadScores::new("subjects", activation, raw).unwrap()])).pop().unwrap();
            prop_assert_eq!(said.predictions.is_empty(), said.abstained.is_some());
            for one in &said.predictions {
                let above = vocabulary.ancestors(&one.concept);
                prop_assert!(said.predictions.iter().all(|other| !above.contains(&other.concept)));
            }
        }
    }
}

#[test]
fn a_concept_may_have_its_own_threshold() {
    let labels = [("domes", Mapping::Exact), ("vaults", Mapping::Exact), ("altars", Mapping::Exact)];
    let mut head = head(Activation::Sigmoid, Closure::MaxDescendant, Emit::MostSpecific, &labels);
    head.labels[0].threshold = Some(0.2);
    head.labels[2].threshold = Some(0.95);
    assert_eq!(names(&predict(&head, &[0.3, 0.3, 0.9])), ["domes"]);
}

#[test]
fn an_isotonic_calibration_decides_and_keeps_the_order() {
    let points = vec![[0.0, 0.0], [0.6, 0.1], [1.0, 0.9]];
    let calibration = Some(Calibration::Isotonic { points, fitted_on: "others".to_owned(), n: 100 });
    let head = Head { calibration, ..softmax() };
    let said = predict(&head, &[0.9, 0.02, 0.05, 0.02, 0.01]);
    let dome = &said.predictions[0];
    assert!((dome.confidence.unwrap().value() - 0.72).abs() < 1e-3 && (dome.score - 0.91).abs() < 1e-3, "{dome:?}");
    let unsure = predict(&head, &[0.6, 0.05, 0.15, 0.19, 0.01]);
    assert_eq!(names(&unsure), Vec::<&str>::new(), "0.66 and even 0.86 of enclosures are less than 0.5 sure: {unsure:?}");
}
