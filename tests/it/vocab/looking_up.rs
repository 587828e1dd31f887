//! Looking up: hierarchy, facets, labels.

use glossator::vocab::{ConceptKind, LoadRequest, StoredHierarchy, Vocabularies, load};
use oxigraph::model::NamedNode;

use super::{fixture, load_fixtures, request, store, strings};

const AAT: &str = "http://vocab.getty.edu/aat/";

#[test]
fn the_tree_is_walked_with_and_without_guide_terms() {
    let store = store();
    load_fixtures(&store, &["getty-shape.ttl"]);
    let vocabularies = Vocabularies::new(&store).unwrap();
    let pianos = format!("{AAT}300042909");
    let path = vocabularies.path_to_facet(&pianos).unwrap();
    assert_eq!(strings(&path), ["300041674", "300999998", "300041620", "300264551", "300264092"]);
    assert_eq!(vocabularies.kind(path[1].as_str()).unwrap(), Some(ConceptKind::GuideTerm));
    assert_eq!(strings(&vocabularies.taggable_ancestors(&pianos).unwrap()), ["300041674", "300041620"]);
    assert_eq!(vocabularies.taggable_parent(&format!("{AAT}300041674")).unwrap().unwrap().as_str(), format!("{AAT}300041620"));
    assert_eq!(vocabularies.facet(&pianos).unwrap().unwrap().as_str(), format!("{AAT}300264092"));
    assert_eq!(strings(&vocabularies.descendants(&format!("{AAT}300264092"), 100).unwrap()).len(), 6);
    assert_eq!(vocabularies.descendants(&format!("{AAT}300264092"), 2).unwrap().len(), 2);
    assert_eq!(strings(&vocabularies.narrower(&format!("{AAT}300041620"), 10).unwrap()), ["300999998"]);
    for (id, taggable) in
        [("300042909", true), ("300999998", false), ("300264551", false), ("300264092", false), ("300999999", false), ("1", false)]
    {
        assert_eq!(vocabularies.is_taggable(&format!("{AAT}{id}")).unwrap(), taggable, "{id}");
    }
}

#[test]
fn a_concept_in_two_facets_is_told_and_the_preferred_parent_decides() {
    let store = store();
    load_fixtures(&store, &["getty-shape.ttl"]);
    let vocabularies = Vocabularies::new(&store).unwrap();
    let churches = format!("{AAT}300007466");
    assert_eq!(strings(&vocabularies.facets_of(&churches).unwrap()), ["300264091", "300264092"]);
    assert_eq!(strings(&vocabularies.path_to_facet(&churches).unwrap()), ["300264551", "300264092"]);
    assert_eq!(strings(&vocabularies.broader(&churches).unwrap()), ["300010358", "300264551"]);
    // The withdrawn subject stands nowhere: it is outside.
    assert_eq!(vocabularies.facet(&format!("{AAT}300999999")).unwrap(), None);
}

#[test]
fn plain_thesauri_have_tops_for_facets_and_circles_end() {
    let store = store();
    let report = load_fixtures(&store, &["tools.trig"]);
    assert_eq!(report.scheme, "tools");
    assert!(report.notes.iter().any(|n| n.text.contains("named graphs")));
    let vocabularies = Vocabularies::new(&store).unwrap();
    let t = |name: &str| format!("http://museum.example/thesauri/tools/{name}");
    assert_eq!(strings(&vocabularies.path_to_facet(&t("bow-saws")).unwrap()), ["saws", "tools"]);
    assert_eq!(strings(&vocabularies.facets_of(&t("bow-saws")).unwrap()), ["tools"]);
    assert_eq!(vocabularies.facet(&t("tools")).unwrap().unwrap().as_str(), t("tools"));
    assert_eq!(strings(&vocabularies.path_to_facet(&t("egg")).unwrap()), ["hen"]);
    assert_eq!(strings(&vocabularies.ancestors(&t("egg")).unwrap()), ["hen"]);
    assert_eq!(strings(&vocabularies.descendants(&t("tools"), 10).unwrap()), ["saws", "bow-saws"]);
}

#[test]
fn the_best_label_for_a_reader() {
    let store = store();
    load_fixtures(&store, &["getty-shape.ttl"]);
    load_fixtures(&store, &["tools.trig"]);
    let vocabularies = Vocabularies::new(&store).unwrap();
    let label = |id: &str, languages: &[&str]| vocabularies.label(id, languages).unwrap().map(|l| l.text);
    let instruments = format!("{AAT}300041620");
    assert_eq!(label(&instruments, &["fr", "nl"]).as_deref(), Some("muziekinstrumenten"));
    assert_eq!(label(&instruments, &["fr"]).as_deref(), Some("musical instruments"));
    assert_eq!(label(&instruments, &["zh"]).as_deref(), Some("樂器"));
    assert_eq!(label("https://vocab.getty.edu/page/aat/300041620", &[]).as_deref(), Some("musical instruments"));
    assert_eq!(label("http://museum.example/nothing", &["en"]), None);
    let hits = vocabularies.search("HAND", &["en"], 5).unwrap();
    assert_eq!(hits[0].concept, "http://museum.example/thesauri/tools/saws");
    assert!(vocabularies.search("hand", &["de"], 5).unwrap().is_empty());
}

#[test]
fn of_two_releases_the_newer_speaks() {
    let store = store();
    let folder = tempfile::tempdir().unwrap();
    for (year, parent) in [("2020", "old"), ("2026", "new")] {
        let path = folder.path().join(format!("{year}.ttl"));
        let text = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix t: <http://museum.example/t/> . \
             t:x a skos:Concept ; skos:prefLabel \"x of YEAR\"@en ; skos:broader t:PARENT . t:PARENT a skos:Concept .";
        std::fs::write(&path, text.replace("YEAR", year).replace("PARENT", parent)).unwrap();
        let scheme = Some("t".to_owned());
        let wanted = LoadRequest { scheme, release: Some(year.to_owned()), date: Some(year.to_owned()), ..request(&[path]) };
        load(&store, &wanted, &glossator::telemetry::Silent).unwrap();
    }
    let vocabularies = Vocabularies::new(&store).unwrap();
    let x = "http://museum.example/t/x";
    assert_eq!(vocabularies.labels(x).unwrap().len(), 1);
    assert_eq!(vocabularies.label(x, &[]).unwrap().unwrap().text, "x of 2026");
    assert_eq!(strings(&vocabularies.ancestors(x).unwrap()), ["new"]);
    assert!(vocabularies.narrower("http://museum.example/t/old", 10).unwrap().is_empty());
}

#[test]
fn the_stored_hierarchy_answers_as_the_vocabularies_do() {
    let store = store();
    super::try_load(&store, &[fixture("getty-shape.ttl")]).unwrap();
    let hierarchy = StoredHierarchy::new(&store).unwrap();
    let pianos = NamedNode::new_unchecked(format!("{AAT}300042909"));
    for _ in 0..2 {
        assert_eq!(hierarchy.ancestors(&pianos), hierarchy.vocabularies().ancestors(pianos.as_str()).unwrap());
        assert_eq!(hierarchy.preferred_parent(&pianos).map(|p| p.as_str().to_owned()), Some(format!("{AAT}300041674")));
        assert!(hierarchy.known(&pianos) && hierarchy.taggable(&pianos));
    }
    let unknown = NamedNode::new_unchecked("http://museum.example/nothing");
    assert!(!hierarchy.known(&unknown) && !hierarchy.taggable(&unknown) && hierarchy.ancestors(&unknown).is_empty());
}
