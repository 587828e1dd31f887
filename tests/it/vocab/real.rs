//! Real vocabularies, where they lie beside the repository: the folder in `GLOSSATOR_SHARED`, else `../shared`.

use std::path::{Path, PathBuf};

use glossator::vocab::{VocabError, Vocabularies};

use super::{store, strings, try_load};

/// The folder with the real data, or a word that it is not there.
fn shared(path: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = folder.join("data").join(path);
    if found.exists() {
        return Some(found);
    }
    skipped(path);
    None
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests should see which of them had nothing to test")]
fn skipped(path: &str) {
    println!("skipped: {path} is not beside the repository");
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == ending));
    files.sort();
    files
}

#[test]
fn the_whole_of_aat() {
    let Some(path) = shared("aat/aat-2016-derived.nt.gz") else { return };
    let store = store();
    let report = try_load(&store, &[path]).unwrap();
    assert_eq!((report.scheme.as_str(), report.triples, report.bad_lines), ("aat", 342_643, 0));
    assert_eq!((report.concepts, report.facets, report.guide_terms), (41_033, 8, 1_526));
    let vocabularies = Vocabularies::new(&store).unwrap();
    let below = vocabularies.descendants("http://vocab.getty.edu/aat/300264092", 100_000).unwrap();
    assert_eq!(below.len(), 19_656);
    // Concepts of three facets, as deep as Getty's own string of parents says.
    for (id, steps, facet) in [
        ("300041620", 5, "300264092"),
        ("300033618", 5, "300264092"),
        ("300014844", 5, "300264091"),
        ("300054146", 7, "300264090"),
        ("300007466", 9, "300264092"),
    ] {
        let iri = format!("http://vocab.getty.edu/aat/{id}");
        let path = vocabularies.path_to_facet(&iri).unwrap();
        assert_eq!((path.len(), strings(&path).last().copied()), (steps, Some(facet)), "{id}");
        assert_eq!(strings(&vocabularies.facets_of(&iri).unwrap()), [facet], "{id}");
    }
    for concept in below.iter().step_by(97) {
        for ancestor in vocabularies.taggable_ancestors(concept.as_str()).unwrap() {
            assert!(vocabularies.is_taggable(ancestor.as_str()).unwrap());
        }
    }
}

#[test]
fn the_thesauri_of_an_archive() {
    let Some(folder) = shared("aat") else { return };
    let store = store();
    for (name, triples, concepts) in [("nha-thesaurus.trig", 16_798, 1_796), ("nha-scene-detection.ttl", 1_099, 143)] {
        let report = try_load(&store, &[folder.join(name)]).unwrap();
        assert_eq!((report.triples, report.concepts, report.bad_lines), (triples, concepts, 0), "{name}: {report:?}");
    }
}

#[test]
fn europeana_s_concepts_in_three_serialisations_meet_aat_both_ways() {
    let Some(folder) = shared("europeana/concepts") else { return };
    let store = store();
    let report = try_load(&store, &[folder]).unwrap();
    assert_eq!((report.scheme.as_str(), report.concepts), ("europeana", 20), "{:?}", report.notes);
    let vocabularies = Vocabularies::new(&store).unwrap();
    let concept = vocabularies.concept("http://data.europeana.eu/concept/base/2978").unwrap().unwrap();
    assert_eq!(concept.iri.as_str(), "http://data.europeana.eu/concept/2978");
    let aat = vocabularies.equivalents("http://vocab.getty.edu/aat/300189623").unwrap();
    for spelling in ["http://data.europeana.eu/concept/2978", "http://data.europeana.eu/concept/base/2978"] {
        assert!(aat.iter().any(|e| e.as_str() == spelling));
    }
}

#[test]
fn answers_of_the_entity_api_are_loaded_or_refused_with_a_reason() {
    let Some(folder) = shared("europeana/entity-api") else { return };
    for path in files(&folder, "json") {
        let empty = ["entity-api-response-concept-nomatch.json", "entity-api-response-timespan.json"];
        let is_empty = empty.iter().any(|e| path.ends_with(e));
        match try_load(&store(), std::slice::from_ref(&path)) {
            Ok(report) => assert!(!is_empty && report.scheme == "europeana", "{path:?}: {report:?}"),
            Err(error) => assert!(is_empty && matches!(error, VocabError::Empty { .. }), "{path:?}: {error}"),
        }
    }
}

#[test]
fn the_concepts_of_sound_archives() {
    let Some(folder) = shared("europeana/sounds-concepts") else { return };
    for path in files(&folder, "rdf") {
        let report = try_load(&store(), std::slice::from_ref(&path)).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        assert!(report.triples > 200 && report.bad_lines == 0, "{report:?}");
    }
}

#[test]
fn the_tables_of_the_pilot() {
    let Some(folder) = shared("europeana/img-pilot") else { return };
    let store = store();
    let report = try_load(&store, &[folder.join("vocabularies__uris_vocabularies.csv")]).unwrap();
    let figures = report.table.unwrap();
    assert_eq!((figures.rows, figures.with_europeana, figures.with_aat, figures.mapped), (34, 15, 34, 34), "{figures:?}");
    assert_eq!((figures.misplaced, figures.trimmed), (0, 3));
    let map = try_load(&store, &[folder.join("vocabularies__vocabulary.json")]).unwrap();
    assert_eq!(map.table.unwrap().unmapped.len(), 20);
    // Each of the pilot's twenty concepts finds its one AAT concept through the table.
    let text = std::fs::read_to_string(folder.join("vocabularies__vocabulary.json")).unwrap();
    let pilot: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let vocabularies = Vocabularies::new(&store).unwrap();
    for (label, iri) in pilot {
        let iri = iri.as_str().unwrap().to_owned();
        let mut all = vocabularies.equivalents(&iri).unwrap();
        all.push(oxigraph::model::NamedNode::new_unchecked(iri));
        assert_eq!(all.iter().filter(|e| e.as_str().starts_with("http://vocab.getty.edu/aat/")).count(), 1, "{label}");
    }
}
