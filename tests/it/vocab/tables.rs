//! Tables of alignments, with the faults that tables have.

use glossator::vocab::{Direction, Vocabularies};

use super::{fixture, load_fixtures, store, try_load};

#[test]
fn a_table_is_put_right_and_told() {
    let store = store();
    let report = load_fixtures(&store, &["alignments.csv"]);
    let figures = report.table.clone().unwrap();
    assert_eq!((figures.rows, figures.with_europeana, figures.with_aat, figures.mapped), (6, 3, 3, 4));
    assert_eq!((figures.misplaced, figures.trimmed), (1, 2));
    assert_eq!(figures.unmapped, ["lonely", "broken"]);
    assert_eq!(report.bad_lines, 1);
    let told = |text: &str, line: u64| report.notes.iter().any(|n| n.text.contains(text) && n.line == Some(line));
    assert!(told("Q45621> stands in the column of AAT", 4), "{:?}", report.notes);
    assert!(told("`clothing` was trimmed", 3));
    assert!(told("`300036973` is no IRI; it was taken for", 6));
    assert!(told("`not an identifier`", 8), "{:?}", report.notes);
    let again = load_fixtures(&store, &["alignments.csv"]);
    assert!(again.unchanged);
    assert_eq!(again.table.unwrap(), figures);
}

/// What stands in such a row would be taken for the same as the concept.
#[test]
fn a_table_of_objects_is_no_mapping_set() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pictures.csv");
    let row = "toy,http://data.europeana.eu/concept/base/55,http://data.europeana.eu/item/1/a,/1/a,http://museum.example/a.jpg";
    std::fs::write(&path, format!("category,skos_concept,URI,ID,URL\n{row}\n")).unwrap();
    let error = try_load(&store(), &[path]).unwrap_err().to_string();
    assert!(error.contains("line 2 names the object") && error.contains("ingest --mapping"), "{error}");
}

#[test]
fn lines_are_numbered_alike_however_they_end() {
    let folder = tempfile::tempdir().unwrap();
    for (name, ending) in [("unix.csv", "\n"), ("windows.csv", "\r\n")] {
        let path = folder.path().join(name);
        let text = ["concept,getty_aat,wikidata", "\"two", "lines\",300041620,Q1", "toy,nothing,Q2", ""].join(ending);
        std::fs::write(&path, text).unwrap();
        let report = try_load(&store(), &[path]).unwrap();
        let lines: Vec<_> = report.notes.iter().map(|n| n.line).collect();
        assert_eq!(lines, [Some(2), Some(2), Some(4), Some(4)], "{name}: {:?}", report.notes);
    }
}

#[test]
fn alignments_are_found_both_ways_and_under_both_spellings() {
    let store = store();
    load_fixtures(&store, &["alignments.csv"]);
    load_fixtures(&store, &["getty-shape.ttl"]);
    let vocabularies = Vocabularies::new(&store).unwrap();
    assert_eq!(vocabularies.mapping_sets().len(), 1);
    let aat = "http://vocab.getty.edu/aat/300041620";
    for europeana in ["http://data.europeana.eu/concept/46", "http://data.europeana.eu/concept/base/46"] {
        assert!(vocabularies.equivalents(europeana).unwrap().iter().any(|e| e.as_str() == aat));
        assert!(vocabularies.equivalents(aat).unwrap().iter().any(|e| e.as_str() == europeana));
        assert!(vocabularies.alignments(europeana).unwrap().iter().any(|a| a.to.as_str() == aat && a.direction == Direction::Forward));
        // Europeana's concept is not described here; the one that is aligned with it is.
        assert_eq!(vocabularies.concept(europeana).unwrap().unwrap().iri.as_str(), aat);
    }
    let back = vocabularies.alignments("http://www.wikidata.org/wiki/Q34379").unwrap();
    assert!(back.iter().all(|a| a.direction == Direction::Backward) && back.len() == 2, "{back:?}");
    assert!(vocabularies.equivalents("http://museum.example/nothing").unwrap().is_empty());
}

#[test]
fn tables_and_vocabularies_do_not_mix() {
    let error = try_load(&store(), &[fixture("alignments.csv"), fixture("faults.nt")]).unwrap_err();
    assert!(error.to_string().contains("one after the other"), "{error}");
}
