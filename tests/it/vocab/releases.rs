//! One release after the other: what became of concepts in the second one.

use glossator::telemetry::Silent;
use glossator::vocab::{ConceptKind, Fate, LoadRequest, Vocabularies, load};

use super::{request, store};

const HEAD: &str = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix gvp: <http://vocab.getty.edu/ontology#> .
    @prefix dcterms: <http://purl.org/dc/terms/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix t: <http://t.example/> .
    t:Facet a gvp:Facet ; skos:prefLabel \"objects\"@en . t:Other a gvp:Facet ; skos:prefLabel \"materials\"@en .
    t:kept a skos:Concept ; skos:prefLabel \"kept\"@en ; skos:broader t:Facet .\n";
const FIRST: &str = "t:gone a skos:Concept ; skos:prefLabel \"gone\"@en ; skos:broader t:Facet .
    t:merged a skos:Concept ; skos:prefLabel \"merged\"@en ; skos:broader t:Facet .
    t:backwards a skos:Concept ; skos:prefLabel \"backwards\"@en ; skos:broader t:Facet .
    t:withdrawn a skos:Concept ; skos:prefLabel \"withdrawn\"@en ; skos:broader t:Facet .
    t:guide a skos:Concept ; skos:prefLabel \"guide\"@en ; skos:broader t:Facet .
    t:moved a skos:Concept ; skos:prefLabel \"moved\"@en ; skos:broader t:kept .
    t:stays a skos:Concept ; skos:prefLabel \"stays\"@en ; skos:broader t:Facet .\n";
const SECOND: &str = "t:merged dcterms:isReplacedBy t:middle . t:middle dcterms:isReplacedBy t:kept .
    t:stays a skos:Concept ; skos:prefLabel \"stays\"@en ; skos:broader t:kept .
    t:heir a skos:Concept ; skos:prefLabel \"heir\"@en ; skos:broader t:Facet ; dcterms:replaces t:backwards .
    t:withdrawn a skos:Concept ; skos:prefLabel \"withdrawn\"@en ; owl:deprecated true .
    t:guide a gvp:GuideTerm ; skos:prefLabel \"guide\"@en ; skos:broader t:Facet .
    t:moved a skos:Concept ; skos:prefLabel \"moved\"@en ; skos:broader t:Other .\n";

#[test]
fn a_second_release_tells_what_became_of_the_firsts_concepts() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    let add = |name: &str, text: &str, release: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{HEAD}{text}")).unwrap();
        let wanted = LoadRequest { scheme: Some("t".to_owned()), release: Some(release.to_owned()), ..request(&[path]) };
        load(&store, &wanted, &Silent).unwrap();
    };
    let fate = |name: &str| Vocabularies::new(&store).unwrap().fate(&format!("http://t.example/{name}")).unwrap();
    let by = |name: &str| -> Vec<String> {
        fate(name).unwrap().replaced_by.iter().map(|n| n.as_str().rsplit('/').next().unwrap().to_owned()).collect()
    };
    add("first.ttl", FIRST, "2026-07");
    for name in ["kept", "gone", "merged", "moved", "stays"] {
        assert_eq!(fate(name), None, "{name}");
    }
    add("second.ttl", SECOND, "2027-01");
    assert_eq!(fate("kept"), None);
    assert_eq!(fate("stays"), None, "under another parent of the same facet it is what it was");
    assert_eq!(fate("gone").unwrap().fate, Fate::Gone);
    assert!(fate("gone").unwrap().release.unwrap().as_str().ends_with("2027-01"));
    assert_eq!((fate("merged").unwrap().fate, by("merged")), (Fate::Replaced, vec!["kept".to_owned()]));
    assert_eq!((fate("backwards").unwrap().fate, by("backwards")), (Fate::Replaced, vec!["heir".to_owned()]));
    assert_eq!(fate("withdrawn").unwrap().fate, Fate::Withdrawn);
    assert_eq!(fate("guide").unwrap().fate, Fate::NoTag(ConceptKind::GuideTerm));
    let Fate::Moved { from, to } = fate("moved").unwrap().fate else { panic!("{:?}", fate("moved")) };
    assert!(from.as_str().ends_with("/Facet") && to.as_str().ends_with("/Other"));
    assert_eq!(fate("never").unwrap().fate, Fate::Gone);
    assert_eq!(fate("never").unwrap().release, None);
}

#[test]
fn parts_without_a_date_stand_beside_one_another() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    for (name, text, release) in [("a.ttl", FIRST, "part-a"), ("b.ttl", SECOND, "part-b")] {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{HEAD}{text}")).unwrap();
        let wanted = LoadRequest { scheme: Some("t".to_owned()), release: Some(release.to_owned()), ..request(&[path]) };
        load(&store, &wanted, &Silent).unwrap();
    }
    assert_eq!(Vocabularies::new(&store).unwrap().fate("http://t.example/gone").unwrap(), None);
}
