//! Tables with a mapping: what a cataloguer's spreadsheet becomes, and what she is told about it.

use std::path::{Path, PathBuf};

use glossator::{
    jobs::{Job, ReadTable, Report},
    records::table::{Mapping, TableError},
};
use serde_json::Value;

use super::{Place, figure, figures, shared};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/harvest").join(name)
}

fn job(mapping: &Path, table: &Path) -> Job {
    let mapping = Box::new(Mapping::open(mapping).unwrap());
    Job::Table(ReadTable { paths: vec![table.to_path_buf()], mapping, data_set: None, words: None })
}

/// What was odd: kind, value, rows, lines.
fn oddities(report: &Report) -> Vec<(String, String, u64, String)> {
    let text = std::fs::read_to_string(report.figures["oddities_report"].as_str().unwrap()).unwrap();
    let row = |line: &str| {
        let v: Value = serde_json::from_str(line).unwrap();
        (
            v["kind"].as_str().unwrap().to_owned(),
            v["value"].as_str().unwrap().to_owned(),
            v["rows"].as_u64().unwrap(),
            v["lines"].to_string(),
        )
    };
    text.lines().map(row).collect()
}

#[test]
fn rows_become_records_and_no_class_is_made_up() {
    let place = Place::new();
    let table = job(&data("mapping.toml"), &data("table.csv"));
    let report = place.run(&table);
    assert_eq!(
        (figures(&report)[0], figures(&report)[4], figure(&report, "rows"), figure(&report, "blank_rows")),
        (5, 1, 7, 1),
        "{:?}",
        report.lines
    );
    let graphs = place.graphs();
    let one = &graphs["http://museum.example/object/1"];
    for said in [
        "<http://purl.org/dc/elements/1.1/type> <http://vocab.getty.edu/aat/300037680>",
        "<http://purl.org/dc/elements/1.1/type> <http://vocab.getty.edu/aat/300033973>",
        "<http://purl.org/dc/terms/medium> \"fusta\"@ca",
        "<http://purl.org/dc/terms/medium> \"ferro\"@ca",
        "<http://museum.example/1b.jpg> <http://www.europeana.eu/schemas/edm/rights> <http://creativecommons.org/publicdomain/zero/1.0/>",
    ] {
        assert!(one.contains(said), "{said}\n{one}");
    }
    assert!(
        graphs["http://museum.example/object/2"].contains("aat/300266639")
            && graphs["http://museum.example/object/2"].contains("2%20a.jpg")
    );
    assert!(!graphs["http://museum.example/object/3"].contains("elements/1.1/type"), "a word that nobody knows is no class");
    assert!(graphs["http://museum.example/object/5"].contains("Café chair"));
    let odd = oddities(&report);
    let told = |kind: &str, value: &str, rows, lines: &str| odd.contains(&(kind.to_owned(), value.to_owned(), rows, lines.to_owned()));
    assert!(
        told("blanks", "clothing ", 1, "[3]") && told("unknown", "furniiture", 1, "[4]") && told("spelling", "Furniture", 1, "[5]"),
        "{odd:#?}"
    );
    assert!(
        told("no-iri", "no picture", 1, "[4]")
            && told("repeated", "http://museum.example/object/1", 2, "[2,7]")
            && told("encoding", "", 1, "[9]"),
        "{odd:#?}"
    );
    assert!(report.lines.join("\n").contains("is `furniture` meant?"));
    // The words to be reviewed.
    let words = std::fs::read_to_string(report.figures["words_report"].as_str().unwrap()).unwrap();
    assert!(words.contains("dcterms:medium,material vegetal | fusta,fusta,ca,2,2,,"), "{words}");
    let again = place.run(&table);
    assert_eq!((figures(&again)[0], figures(&again)[1], figures(&again)[2]), (0, 0, 5));
    let about = place.house.store.about(&place.house.store.base().source_graph(&Place::key("http://museum.example/object/2"))).unwrap();
    assert!(about.iter().any(|q| q.object.to_string() == "\"table.csv\""), "{about:#?}");
}

#[test]
fn reviewed_words_become_concepts() {
    let place = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let reviewed = "label,iri\nmaterial vegetal | fusta,http://vocab.getty.edu/aat/300011914\nmetall | ferro,\n";
    std::fs::write(folder.path().join("words.csv"), reviewed).unwrap();
    let mapping =
        std::fs::read_to_string(data("mapping.toml")).unwrap().replace("[terms.materials]", "[terms.materials]\nfile = \"words.csv\"");
    std::fs::write(folder.path().join("mapping.toml"), mapping).unwrap();
    place.run(&job(&folder.path().join("mapping.toml"), &data("table.csv")));
    let one = &place.graphs()["http://museum.example/object/1"];
    assert!(one.contains("medium> <http://vocab.getty.edu/aat/300011914>") && one.contains("medium> \"ferro\"@ca"), "{one}");
}

#[test]
fn json_is_read_by_its_paths() {
    let place = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let mapping = write(
        "mapping.toml",
        "name = \"json\"\nrows = \"data.objects\"\ncho = \"{uri}\"\n[[property]]\nname = \"dc:title\"\ncolumn = \"titles.text\"\n[[property]]\nname = \"dc:creator\"\ncolumn = \"makers.0\"\n",
    );
    let table = write(
        "objects.json",
        r#"{"data":{"objects":[{"uri":"http://museum.example/1","titles":[{"text":"a"},{"text":"b"}],"makers":["x","y"]},{"titles":[]}]}}"#,
    );
    let report = place.run(&job(&mapping, &table));
    assert_eq!((figures(&report)[0], figures(&report)[4]), (1, 1));
    let graph = &place.graphs()["http://museum.example/1"];
    assert!(
        graph.contains("title> \"a\"") && graph.contains("title> \"b\"") && graph.contains("creator> \"x\"") && !graph.contains("\"y\""),
        "{graph}"
    );
    let lines = write("objects.jsonl", "{\"uri\":\"http://museum.example/2\",\"titles\":[{\"text\":\"c\"}]}\n\n");
    assert_eq!(figures(&place.run(&job(&mapping, &lines)))[0], 1);
}

#[test]
fn a_mapping_that_is_none_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mapping.toml");
    for (text, word) in [
        ("name = \"x\"\ncho = \"http://museum.example/\"", "no column in braces"),
        ("name = \"x\"\ncho = \"{a}\"\n[[property]]\nname = \"title\"\ncolumn = \"a\"", "`title` is no property"),
        ("name = \"x\"\ncho = \"{a}\"\n[[property]]\nname = \"dc:title\"", "either `column` or `value`"),
        ("name = \"x\"\ncho = \"{a}\"\n[[property]]\nname = \"dc:title\"\ncolumn = \"a\"\nterms = \"t\"", "[terms.t]"),
        ("name = \"x\"\ncho = \"{a}\"\ncolour = 1", "colour"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Mapping::open(&path).unwrap_err();
        assert!(matches!(error, TableError::Mapping { .. }) && error.to_string().contains(word), "{error}");
    }
}

/// A mapping that we ship.
fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mappings").join(name)
}

#[test]
fn the_pilots_own_tables_tell_their_slips() {
    let Some(folder) = shared("europeana/img-pilot") else { return };
    let path = shipped("europeana-pilot.toml");
    let vocabulary: serde_json::Map<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("vocabularies__vocabulary.json")).unwrap()).unwrap();
    let ours = &Mapping::open(&path).unwrap().terms["categories"].values;
    assert_eq!(vocabulary.len(), ours.len());
    assert!(vocabulary.iter().all(|(name, concept)| ours[name] == *concept), "the categories are the pilot's");

    let place = Place::new();
    let report = place.run(&job(&path, &folder.join("data__eval_dataset.csv")));
    // 421 pictures of 419 objects, and four lines of remarks below the table.
    assert_eq!((figure(&report, "rows"), figure(&report, "blank_rows"), figure(&report, "rejected")), (425, 21, 4), "{:?}", report.lines);
    assert_eq!((figures(&report)[0], figure(&report, "repeated_chos")), (419, 2));
    let odd = oddities(&report);
    let rows = |kind: &str, value: &str| odd.iter().find(|(k, v, ..)| k == kind && v == value).map(|o| o.2);
    assert_eq!(
        (rows("blanks", "clothing "), rows("blanks", "drawing "), rows("unknown", "furniiture")),
        (Some(20), Some(20), Some(1)),
        "{odd:#?}"
    );
    let typed: std::collections::BTreeSet<String> = place
        .graphs()
        .values()
        .flat_map(|g| g.lines())
        .filter(|l| l.contains("elements/1.1/type>"))
        .map(|l| l.rsplit(' ').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(typed.len(), 20, "the twenty concepts and no other: {typed:?}");

    let place = Place::new();
    let report = place.run(&job(&path, &folder.join("data__crowdheritage_dataset.csv")));
    assert_eq!((figure(&report, "rows"), figure(&report, "repeated_chos")), (2000, 74), "{:?}", report.lines);

    let place = Place::new();
    let report = place.run(&job(&path, &folder.join("data__multilabel__multilabel_dataset_open_permission.csv")));
    assert_eq!((figure(&report, "rows"), figures(&report)[0], figure(&report, "unknown_values")), (14458, 9070, 0), "{:?}", report.lines);
    assert!(place.graphs()["http://data.europeana.eu/item/91608/SMVK_VKM_objekt_102478"].matches("elements/1.1/type>").count() == 2);
}

#[test]
fn catalan_paths_are_listed_for_review_and_given_no_iri() {
    let Some(table) = shared("aat/eufcc/test_id.csv") else { return };
    let place = Place::new();
    let report = place.run(&job(&shipped("eufcc.toml"), &table));
    assert_eq!((figure(&report, "new"), figure(&report, "rejected")), (2633, 0), "{:?}", report.lines);
    let words = figure(&report, "words");
    assert!(words > 300, "{words}");
    let about_concepts = place
        .graphs()
        .values()
        .filter(|g| g.lines().any(|l| (l.contains("1.1/type>") || l.contains("terms/medium>")) && !l.contains("@ca")))
        .count();
    assert_eq!(about_concepts, 0, "all of them are words, and none is an IRI");
    eprintln!("{}", report.lines.join("\n"));
}
