//! Loading: each syntax, faults, and what becomes of what was there.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use glossator::{
    rdf::{
        Base,
        canonical::canonical,
        ns::{enr, skos},
    },
    store::{Change, Settings, Store},
    telemetry::{Progress, Silent, SystemClock},
    vocab::{LoadRequest, VocabError, Vocabularies, load},
};
use oxigraph::{
    io::{JsonLdProfileSet, RdfFormat, RdfSerializer},
    model::{Literal, NamedNode, Triple},
};

use super::{fixture, load_fixtures, request, store, strings, try_load};

fn triples(store: &Store, graph: &str) -> Vec<Triple> {
    store.triples(&NamedNode::new_unchecked(graph)).expect("triples")
}

#[test]
fn getty_in_its_own_shape_gets_plain_labels_and_plain_broader() {
    let store = store();
    let report = load_fixtures(&store, &["getty-shape.ttl"]);
    assert_eq!((report.scheme.as_str(), report.facets, report.guide_terms, report.concepts), ("aat", 2, 1, 5));
    assert_eq!(report.bad_lines, 0);
    let vocabularies = Vocabularies::new(&store).unwrap();
    let concept = vocabularies.concept("http://vocab.getty.edu/aat/300041620").unwrap().unwrap();
    let texts: Vec<_> = concept.labels.iter().map(|l| (l.language.as_str(), l.text.as_str(), l.preferred)).collect();
    assert_eq!(
        texts,
        [
            ("en", "musical instruments", true),
            ("en", "instruments (musical instruments)", false),
            ("nl", "muziekinstrumenten", true),
            ("zh-hant", "樂器", true)
        ]
    );
    assert_eq!(concept.labels[1].qualifier.as_deref(), Some("musical instruments"));
    assert_eq!(concept.notes.len(), 2);
    assert_eq!(strings(&vocabularies.broader("http://vocab.getty.edu/aat/300041620").unwrap()), ["300264551"]);
    // The label of the church that hangs on a blank node is found too.
    let hits = vocabularies.search("eglis", &["fr"], 5).unwrap();
    assert_eq!(hits[0].concept, "http://vocab.getty.edu/aat/300007466");
}

#[test]
fn every_syntax_gives_the_same_release() {
    let first = store();
    let report = load_fixtures(&first, &["getty-shape.ttl"]);
    let all = triples(&first, &report.graph);
    let wanted = canonical(&all).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let formats = [
        ("x.nt", RdfFormat::NTriples),
        ("x.nq", RdfFormat::NQuads),
        ("x.trig", RdfFormat::TriG),
        ("x.rdf", RdfFormat::RdfXml),
        ("x.jsonld", RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() }),
        ("without-ending", RdfFormat::NTriples),
    ];
    for (name, format) in formats {
        let path = folder.path().join(name);
        let mut writer = RdfSerializer::from_format(format).for_writer(std::fs::File::create(&path).unwrap());
        for triple in &all {
            writer.serialize_triple(triple).unwrap();
        }
        writer.finish().unwrap();
        let store = store();
        let report = try_load(&store, &[path]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(canonical(&triples(&store, &report.graph)).unwrap(), wanted, "{name}");
    }
}

#[test]
fn packed_files_are_read_as_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read(fixture("getty-shape.ttl")).unwrap();
    let gz = folder.path().join("aat.ttl.gz");
    let mut packer = GzEncoder::new(std::fs::File::create(&gz).unwrap(), Compression::fast());
    packer.write_all(&text).unwrap();
    packer.finish().unwrap();
    let zip = folder.path().join("aat.zip");
    let mut packer = zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
    for (name, text) in [("full/aat.ttl", text.as_slice()), ("readme.txt", b"Hello"), ("__MACOSX/aat.ttl", b"x")] {
        packer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        packer.write_all(text).unwrap();
    }
    packer.finish().unwrap();
    let plain = load_fixtures(&store(), &["getty-shape.ttl"]);
    for path in [gz, zip] {
        let report = try_load(&store(), std::slice::from_ref(&path)).unwrap();
        assert_eq!((report.triples, report.concepts, report.scheme.as_str()), (plain.triples, plain.concepts, "aat"), "{path:?}");
    }
}

#[test]
fn loading_the_same_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let base = Base::new("https://glossator.example/").unwrap();
    let open = || Store::open(folder.path(), &base, Settings::default(), std::sync::Arc::new(SystemClock)).unwrap();
    let store = open();
    let first = load_fixtures(&store, &["getty-shape.ttl"]);
    assert!(!first.unchanged);
    let (version, before) = (store.version(), triples(&store, &first.graph));
    drop(store);
    let store = open();
    let second = load_fixtures(&store, &["getty-shape.ttl"]);
    assert!(second.unchanged);
    assert_eq!((store.version(), second.triples, second.graph), (version, first.triples, first.graph.clone()));
    // Blank nodes too have the same names: the same content in the same graph of another store is the same triples.
    let other = super::store();
    load_fixtures(&other, &["getty-shape.ttl"]);
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    let text = |all: Vec<Triple>| sorted(all.iter().map(ToString::to_string).collect());
    assert_eq!(text(triples(&other, &first.graph)), text(before));
}

#[test]
fn what_a_killed_process_left_is_not_taken_for_what_was_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let base = Base::new("https://glossator.example/").unwrap();
    let open = || Store::open(folder.path(), &base, Settings::default(), std::sync::Arc::new(SystemClock)).unwrap();
    let store = open();
    let first = load_fixtures(&store, &["getty-shape.ttl"]);
    // As if it was killed when the next release, of which one triple is here, was to take the first one's place.
    let graph = NamedNode::new_unchecked(first.graph.as_str());
    let staging = base.staging_graph(graph.as_ref());
    let mut left = Change::default();
    left.add(staging.clone(), enr::STAGING_FOR, graph, store.meta_graph());
    left.add(staging.clone(), skos::PREF_LABEL, Literal::new_simple_literal("half"), staging);
    store.commit(left).unwrap();
    drop(store);
    let store = open();
    assert_eq!(triples(&store, &first.graph).len(), 1);
    let again = load_fixtures(&store, &["getty-shape.ttl"]);
    assert_eq!((again.unchanged, again.triples), (false, first.triples));
    assert!(load_fixtures(&store, &["getty-shape.ttl"]).unchanged);
}

/// Says stop at once.
struct Impatient;

impl Progress for Impatient {
    fn begin(&self, _stage: &str, _total: Option<u64>) {}
    fn advance(&self, _units: u64) {}
    fn say(&self, _line: &str) {}
    fn stopped(&self) -> bool {
        true
    }
}

#[test]
fn a_load_that_is_stopped_changes_nothing() {
    let store = store();
    let error = load(&store, &request(&[fixture("getty-shape.ttl")]), &Impatient).unwrap_err();
    assert!(matches!(error, VocabError::Stopped), "{error}");
    assert!(Vocabularies::new(&store).unwrap().releases().is_empty());
}

#[test]
fn what_the_request_says_is_told_of_the_release() {
    let store = store();
    let mut wanted = request(&[fixture("getty-shape.ttl")]);
    wanted.release = Some("2026-07".to_owned());
    wanted.date = Some("2026-07-01".to_owned());
    wanted.licence = Some("https://opendatacommons.org/licenses/by/1-0/".to_owned());
    load(&store, &wanted, &Silent).unwrap();
    wanted.source = Some("http://vocab.getty.edu/".to_owned());
    assert!(load(&store, &wanted, &Silent).unwrap().unchanged);
    let version = store.version();
    assert!(load(&store, &wanted, &Silent).unwrap().unchanged);
    assert_eq!(store.version(), version);
    let vocabularies = Vocabularies::new(&store).unwrap();
    let release = &vocabularies.releases()[0];
    assert_eq!((release.scheme.as_str(), release.release.as_str(), release.date.as_deref()), ("aat", "2026-07", Some("2026-07-01")));
    assert_eq!((release.licence.as_deref(), release.source.as_deref()), (wanted.licence.as_deref(), wanted.source.as_deref()));
    assert!(release.triples > 80);
}

#[test]
fn other_content_under_the_same_release_takes_its_place_whole() {
    let store = store();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tools.ttl");
    let wanted = LoadRequest { scheme: Some("tools".to_owned()), release: Some("1".to_owned()), ..request(std::slice::from_ref(&path)) };
    let prefixes = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix t: <http://museum.example/t/> .\n";
    std::fs::write(&path, format!("{prefixes} t:old a skos:Concept ; skos:prefLabel \"old\"@en ; skos:note [ skos:note \"n\" ] ."))
        .unwrap();
    let first = load(&store, &wanted, &Silent).unwrap();
    std::fs::write(&path, format!("{prefixes} t:new a skos:Concept ; skos:prefLabel \"new\"@en .")).unwrap();
    let second = load(&store, &wanted, &Silent).unwrap();
    assert_eq!((second.before, second.triples, second.graph == first.graph), (first.triples, 2, true));
    let vocabularies = Vocabularies::new(&store).unwrap();
    assert!(!vocabularies.is_known("http://museum.example/t/old").unwrap());
    assert!(vocabularies.search("old", &[], 5).unwrap().is_empty());
    assert_eq!(vocabularies.search("new", &[], 5).unwrap().len(), 1);
    assert_eq!(vocabularies.releases().len(), 1);

    // A syntax error in the middle leaves what is there, and says where it is.
    let version = vocabularies.releases()[0].triples;
    std::fs::write(&path, format!("{prefixes} t:third a skos:Concept .\n t:third skos:prefLabel ] .")).unwrap();
    let error = load(&store, &wanted, &Silent).unwrap_err();
    assert!(error.to_string().starts_with("tools.ttl:3:"), "{error}");
    let vocabularies = Vocabularies::new(&store).unwrap();
    assert!(vocabularies.is_known("http://museum.example/t/new").unwrap());
    assert!(!vocabularies.is_known("http://museum.example/t/third").unwrap());
    assert_eq!(vocabularies.releases()[0].triples, version);
}

#[test]
fn bad_lines_are_left_out_and_counted_until_there_are_too_many() {
    let store = store();
    let report = load_fixtures(&store, &["faults.nt"]);
    assert_eq!((report.triples, report.bad_lines, report.mended), (5, 1, 1));
    let bad = report.notes.iter().find(|n| n.text.starts_with("left out")).unwrap();
    assert_eq!((bad.file.as_str(), bad.line), ("faults.nt", Some(3)));
    assert!(report.notes.iter().any(|n| n.text.contains("with%20a%20space")));
    let strict = LoadRequest { max_bad_lines: Some(0), release: Some("strict".to_owned()), ..request(&[fixture("faults.nt")]) };
    let error = load(&store, &strict, &Silent).unwrap_err();
    assert!(matches!(error, VocabError::TooManyBadLines { .. }), "{error}");
    assert_eq!(Vocabularies::new(&store).unwrap().releases().len(), 1);
}

#[test]
fn europeana_s_entities_come_in_four_forms() {
    let store = store();
    let names = ["concept-bare.xml", "concept-solr.xml", "entity-page.json", "entity-bare.json", "entity-page-empty.json"];
    let report = load_fixtures(&store, &names);
    assert_eq!((report.scheme.as_str(), report.concepts), ("europeana", 5));
    let vocabularies = Vocabularies::new(&store).unwrap();
    for (iri, label) in [("46", "Musical instrument"), ("base/56", "Toy & game"), ("35", "Drawing"), ("47", "Painting"), ("43", "Map")] {
        let label_found = vocabularies.label(&format!("http://data.europeana.eu/concept/{iri}"), &["en"]).unwrap().unwrap();
        assert_eq!(label_found.text, label);
    }
    // The page that carried them is no entity.
    assert!(!triples(&store, &report.graph).iter().any(|t| t.to_string().contains("entity-api.example")));
    assert!(report.notes.iter().any(|n| n.file == "entity-page-empty.json"));
    let error = try_load(&store, &[fixture("entity-page-empty.json")]).unwrap_err();
    assert!(matches!(error, VocabError::Empty { .. }), "{error}");
}

#[test]
fn the_order_of_fields_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.json");
    let text = r#"{"partOf": {"total": 1, "id": "http://api.example/list", "type": "ResultList"}, "items": [
        {"prefLabel": {"en": "Map"}, "isPartOf": ["http://data.europeana.eu/concept/1"], "type": "Concept", "id": "http://data.europeana.eu/concept/43"}
        ], "type": "ResultPage", "id": "http://api.example/page"}"#;
    std::fs::write(&path, text).unwrap();
    let store = store();
    let report = try_load(&store, &[path]).unwrap();
    let all = triples(&store, &report.graph);
    assert_eq!((report.concepts, all.len()), (1, 3), "{all:?}");
}

#[test]
fn contexts_that_we_do_not_have_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.jsonld");
    std::fs::write(&path, r#"{"@context": "http://elsewhere.example/context.jsonld", "@id": "http://a.example/1"}"#).unwrap();
    let error = try_load(&store(), &[path]).unwrap_err();
    assert!(error.to_string().contains("http://elsewhere.example/context.jsonld"), "{error}");
}

#[test]
fn broken_xml_is_refused_with_its_line_and_unknown_files_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixture("concept-bare.xml")).unwrap().replace("<skos:prefLabel xml:lang=\"de\">", "");
    let broken = folder.path().join("broken.rdf");
    std::fs::write(&broken, text).unwrap();
    let error = try_load(&store(), &[broken]).unwrap_err();
    assert!(error.to_string().starts_with("broken.rdf:3"), "{error}");
    let unknown = folder.path().join("letter.txt");
    std::fs::write(&unknown, "Dear museum").unwrap();
    assert!(matches!(try_load(&store(), &[unknown]).unwrap_err(), VocabError::UnknownForm { .. }));
    assert!(matches!(try_load(&store(), &[]).unwrap_err(), VocabError::NoFiles));
}
