//! What we stand by, as aggregators get it: EDM-external XML of records with what is published of them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use glossator::{
    enrichment::{Seen, TaggerCard, Work, annotations_of, describe, describe_run, describe_tagger},
    jobs::{Export, House, Ingest, Job, Listener, Outlet, Publish, Report, Review, Settings},
    publication::{EdmDocument, EdmXml, Policy},
    rdf::{Base, RecordKey, canonical::canonical},
    records::{ReadSettings, Taken, read_document},
    review::Decision,
    store::{Change, Listed, Listing, Store},
    tagging::{Confidence, FacetPredictions, Mapping, Prediction, ScoreKind},
    telemetry::{FixedClock, Silent},
    vocab::LoadRequest,
};
use oxigraph::{
    io::{RdfFormat, RdfParser, RdfSerializer},
    model::{NamedNode, NamedNodeRef, Quad},
};

const LUTE: &str = "http://museum.example/cho/lute";
const AAT: &str = "http://vocab.getty.edu/aat/";

#[derive(Default)]
struct Kept(Mutex<Vec<u8>>);

impl Outlet for Kept {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A store with a vocabulary and a record.
struct Place {
    house: House,
    _waiting: tokio::runtime::Runtime,
}

impl Place {
    fn with(records: &[&str]) -> Self {
        let base = Base::new("https://enrich.example/").unwrap();
        let clock = Arc::new(FixedClock("2026-11-21T04:30:00Z".parse().unwrap()));
        let waiting = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let store = Arc::new(Store::in_memory(&base, clock).unwrap());
        let place = Self { house: House { store, settings: Settings::default(), waiting: waiting.handle().clone() }, _waiting: waiting };
        let load = |file: &str, scheme: &str| {
            let files = vec![repository("tests/data/publication").join(file)];
            Job::Load(LoadRequest { files, scheme: Some(scheme.to_owned()), release: Some("test".to_owned()), ..LoadRequest::default() })
        };
        place.run(&load("vocabulary.ttl", "aat"));
        place.run(&load("alignments.csv", "europeana-aat"));
        place.run(&Job::Ingest(Ingest { paths: records.iter().map(|r| repository(r)).collect(), data_set: Some("examples".to_owned()) }));
        place
    }

    fn run(&self, job: &Job) -> Report {
        self.house.run(job, Listener { progress: &Silent, outlet: &Kept::default() }).unwrap()
    }

    fn store(&self) -> &Store {
        &self.house.store
    }

    fn listed(&self, cho: &str) -> Listed {
        self.store().index().record(&RecordKey::of(NamedNodeRef::new(cho).unwrap())).unwrap().unwrap()
    }

    fn all(&self) -> Vec<Listed> {
        self.store().index().page(Listing::ByKey, None, 1_000).unwrap()
    }

    fn document(&self, cho: &str) -> EdmDocument {
        EdmXml::new(self.store()).record(&self.listed(cho)).unwrap()
    }

    /// A tagger that is approved sees a lute (surely), wood (by rank alone), and music (not surely enough).
    fn enrich(&self) -> NamedNode {
        let base = self.store().base();
        let card = TaggerCard {
            id: "tagger".to_owned(),
            version: "1.0".to_owned(),
            title: "A tagger".to_owned(),
            status: "approved".to_owned(),
            licence: "http://creativecommons.org/licenses/by/4.0/".to_owned(),
            model_checksum: "ab".repeat(32),
            settings_digest: "cd".repeat(32),
            calibrated_on: vec![("object-types".to_owned(), "a test".to_owned())],
        };
        let vocabulary = (base.vocabulary_graph("aat", "test"), "ef".repeat(32));
        let cho = NamedNode::new_unchecked(LUTE);
        let work = Work {
            record: RecordKey::of(cho.as_ref()),
            cho,
            record_digest: "01".repeat(32),
            picture_checksum: "23".repeat(32),
            vocabularies: vec![vocabulary.clone()],
        };
        let seen = Seen {
            web_resource: NamedNode::new_unchecked("http://museum.example/img/lute.jpg"),
            checksum: "23".repeat(32),
            width: 800,
            height: 600,
            decoder: "a decoder".to_owned(),
            through: None,
            service: None,
            notes: Vec::new(),
        };
        let facets = [
            facet("object-types", &[("300042168", 1.9, Some(0.870_04))]),
            facet("materials", &[("300011914", 0.7, None)]),
            facet("subjects", &[("300041620", 0.4, Some(0.41))]),
        ];
        let run = base.run("one");
        let enrichment = describe(base, &work, &seen, &card, &facets, &run, &self.house.settings.enrichment).unwrap();
        let graph = enrichment.graph.clone();
        let mut change = Change::default();
        change.put.push((enrichment.graph, enrichment.triples));
        change.add.extend(enrichment.about);
        change.add.extend(describe_tagger(base, &card));
        let at = self.store().clock().now();
        change.add.extend(describe_run(base, &run, &card, &[vocabulary], "cpu", at, Some(at)));
        change.touched.push(work.record.clone());
        self.store().commit(change).unwrap();
        graph
    }

    fn publish(&self) {
        let policy = "name = \"test\"\naggregator = \"Examples\"\n\
            [[rules]]\nstatus = \"approved\"\nleast_confidence = 0.8\n\
            [[rules]]\nstatus = \"approved\"\nfacet = \"materials\"\nbest_ranks = 1\n";
        self.run(&Job::Publish(Publish { policy: Some(Policy::from_toml(policy, "test").unwrap()) }));
    }

    fn judge(&self, graph: &NamedNode, concept: &str, decision: Decision, to: Option<&str>) {
        let of = annotations_of(self.store(), graph).unwrap();
        let annotation = of.iter().find(|a| a.concept.as_str() == aat(concept)).unwrap().iri.as_str().to_owned();
        self.run(&Job::Review(Review { decision, annotation, to: to.map(aat), who: "A. Cataloguer".to_owned() }));
    }
}

fn aat(number: &str) -> String {
    format!("{AAT}{number}")
}

fn facet(name: &str, seen: &[(&str, f64, Option<f64>)]) -> FacetPredictions {
    let predictions = seen.iter().zip(1_u32..).map(|((concept, score, confidence), rank)| Prediction {
        concept: NamedNode::new_unchecked(aat(concept)),
        facet: name.to_owned(),
        score: *score,
        kind: ScoreKind::Raw,
        confidence: confidence.and_then(Confidence::new),
        rank,
        label: (*concept).to_owned(),
        mapping: Mapping::Exact,
        region: None,
    });
    FacetPredictions { facet: name.to_owned(), predictions: predictions.collect(), ..FacetPredictions::default() }
}

/// Reads a document back as a provider's record: what it says in canonical form.
fn read_back(xml: &str) -> String {
    let mut found = Vec::new();
    let settings = ReadSettings { relative_references: "https://enrich.example/provider/".to_owned(), ..ReadSettings::default() };
    read_document("back.xml", xml.as_bytes(), &settings, &mut |taken| {
        match taken {
            Taken::Record(record) => found.push(canonical(&record.triples).unwrap()),
            other => panic!("{other:?}"),
        }
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[test]
fn what_is_published_stands_on_the_cho_with_who_said_it() {
    let place = Place::with(&["tests/data/publication/record.xml"]);
    place.enrich();
    place.publish();
    let document = place.document(LUTE);
    for expected in [
        r#"<dc:type rdf:resource="http://vocab.getty.edu/aat/300042168" edm:wasGeneratedBy="SoftwareAgent" edm:confidenceLevel="0.87"/>"#,
        r#"<dcterms:medium rdf:resource="http://vocab.getty.edu/aat/300011914" edm:wasGeneratedBy="SoftwareAgent"/>"#,
        r#"<dc:type rdf:resource="http://vocab.getty.edu/aat/300041620"/>"#,
        r#"<dc:subject xml:lang="en" edm:wasGeneratedBy="SoftwareAgent" edm:confidenceLevel="0.61">music</dc:subject>"#,
        r#"<skos:Concept rdf:about="http://vocab.getty.edu/aat/300042168">"#,
        r#"<skos:prefLabel xml:lang="nl">luiten</skos:prefLabel>"#,
        r#"<skos:altLabel xml:lang="en">lute</skos:altLabel>"#,
        r#"<skos:broader rdf:resource="http://vocab.getty.edu/aat/300041620"/>"#,
        r#"<skos:inScheme rdf:resource="http://vocab.getty.edu/aat/"/>"#,
        r#"<skos:exactMatch rdf:resource="http://data.europeana.eu/concept/base/9001"/>"#,
    ] {
        assert!(document.xml.contains(expected), "{expected}\n{}", document.xml);
    }
    assert!(!document.xml.contains("<dc:subject rdf:resource"), "0.41 is not sure enough\n{}", document.xml);
    assert_eq!(document.left_out, ["foaf:depiction of <http://museum.example/cho/lute>: edm:ProvidedCHO has no such element"]);
    assert_eq!(document.missing, [""; 0]);
    assert_eq!(document, place.document(LUTE));
}

#[test]
fn a_persons_own_word_is_a_persons() {
    let place = Place::with(&["tests/data/publication/record.xml"]);
    let graph = place.enrich();
    place.publish();
    place.judge(&graph, "300042168", Decision::Correct, Some("300041620"));
    place.judge(&graph, "300041620", Decision::Accept, None);
    place.judge(&graph, "300011914", Decision::Correct, Some("300042168"));
    let xml = place.document(LUTE).xml;
    for expected in [
        // What the provider said before anybody else stays the provider's.
        r#"<dc:type rdf:resource="http://vocab.getty.edu/aat/300041620"/>"#,
        r#"<dc:subject rdf:resource="http://vocab.getty.edu/aat/300041620" edm:wasGeneratedBy="SoftwareAgent" edm:confidenceLevel="0.41"/>"#,
        r#"<dcterms:medium rdf:resource="http://vocab.getty.edu/aat/300042168" edm:wasGeneratedBy="Person"/>"#,
    ] {
        assert!(xml.contains(expected), "{expected}\n{xml}");
    }
    assert!(!xml.contains(r#"<dc:type rdf:resource="http://vocab.getty.edu/aat/300042168""#) && !xml.contains("300011914"), "{xml}");
}

#[test]
fn something_without_a_name_gets_one_of_ours_and_keeps_it() {
    let place = Place::with(&["tests/data/publication/record.xml"]);
    let xml = place.document(LUTE).xml;
    let name = xml.split("<edm:Agent rdf:about=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(name.starts_with(place.store().base().source_graph(&place.listed(LUTE).key).as_str()), "{name}");
    assert!(xml.contains(&format!("<dc:creator rdf:resource=\"{name}\"/>")), "{xml}");
}

#[test]
fn external_and_internal_edm_are_written_alike() {
    let [external, internal] = ["external", "internal"].map(|name| {
        let place = Place::with(&[&format!("tests/data/records/{name}.xml")]);
        let listed = place.all().remove(0);
        let document = EdmXml::new(place.store()).record(&listed).unwrap();
        assert_eq!(document.left_out, [""; 0], "{name}");
        document.xml.replace(&listed.cho, "CHO").replace(aggregation(&document.xml), "AGGREGATION")
    });
    assert_eq!(external, internal);
}

fn aggregation(xml: &str) -> &str {
    xml.split("<ore:Aggregation rdf:about=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap()
}

#[test]
fn a_record_read_back_says_what_it_said() {
    let place = Place::with(&["tests/data/records/external.xml", "data/records"]);
    let mut compared = 0;
    for listed in place.all() {
        let document = EdmXml::new(place.store()).record(&listed).unwrap();
        assert!(document.missing.is_empty(), "{}: {:?}", listed.cho, document.missing);
        let back = read_back(&document.xml);
        let source = place.store().triples(&place.store().base().source_graph(&listed.key)).unwrap();
        let is_internal = canonical(&source).unwrap().contains("ore/terms/Proxy");
        if document.left_out.is_empty() && !is_internal {
            assert_eq!(back, canonical(&source).unwrap(), "{}", listed.cho);
            compared += 1;
        }
    }
    assert!(compared > 9, "{compared}");
}

#[test]
fn an_aggregation_of_two_is_written_for_each_and_an_iri_of_two_things_for_both() {
    let place = Place::with(&["tests/data/publication/shared.xml"]);
    for (cho, other) in [("a", "z"), ("z", "a")] {
        let document = place.document(&format!("http://museum.example/cho/{cho}"));
        let expected = format!("<edm:aggregatedCHO rdf:resource=\"http://museum.example/cho/{cho}\"/>");
        assert_eq!(document.xml.matches("<edm:aggregatedCHO").count(), 1, "{}", document.xml);
        assert!(document.xml.contains(&expected), "{}", document.xml);
        assert!(document.xml.contains(r#"<edm:WebResource rdf:about="http://museum.example/both">"#), "{}", document.xml);
        assert!(document.missing.is_empty(), "{:?}", document.missing);
        assert!(document.left_out.iter().all(|l| l.contains(&format!("cho/{other}> is another CHO"))), "{:?}", document.left_out);
    }
}

#[test]
fn an_export_holds_a_file_for_each_record() {
    let place = Place::with(&["tests/data/publication/record.xml", "tests/data/records/attributes.xml"]);
    let kept = Kept::default();
    let job = Job::Export(Export { format: "edm".to_owned(), graph: None, published: false });
    let report = place.house.run(&job, Listener { progress: &Silent, outlet: &kept }).unwrap();
    assert_eq!((report.figures["records"].as_u64(), report.figures["incomplete"].as_u64()), (Some(2), Some(1)));
    let bytes = kept.0.into_inner().unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: BTreeSet<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, place.all().iter().map(|l| format!("{}.xml", l.key)).collect());
    let first = zip.by_index(0).unwrap();
    assert!(std::io::read_to_string(first).unwrap().starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF "));
}

/// The graphs on which the shapes are tried.
#[test]
fn the_example_for_the_shapes_is_what_we_emit() {
    let place = Place::with(&["tests/data/publication/record.xml"]);
    let graph = place.enrich();
    place.publish();
    place.judge(&graph, "300041620", Decision::Accept, None);
    place.judge(&graph, "300042168", Decision::Correct, Some("300041620"));
    let base = place.store().base();
    let key = place.listed(LUTE).key;
    let graphs = [graph, base.review_graph(), base.published_graph(&key), base.meta_graph()];
    let about = |quad: &Quad| quad.subject.to_string();
    let quads = place.store().quads().iter().map(Result::unwrap);
    let quads = quads.filter(|q| graphs.iter().any(|g| q.graph_name == g.clone().into()) && !about(q).contains("/store>"));
    // What other rooms say about their own graphs is not tried here.
    let theirs = ["graph/vocab", "graph/mapping", "graph/source", "/dataset/"];
    let mut emitted: Vec<Quad> = quads.filter(|q| !theirs.iter().any(|t| about(q).contains(t))).collect();
    emitted.sort_by_cached_key(|q| (q.graph_name.to_string(), q.to_string()));
    let path = repository("tests/data/publication/valid.trig");
    if std::env::var_os("GLOSSATOR_WRITE_EXAMPLES").is_some() {
        let mut serializer = RdfSerializer::from_format(RdfFormat::TriG);
        for (prefix, namespace) in glossator::rdf::ns::PREFIXES {
            serializer = serializer.with_prefix(*prefix, *namespace).unwrap();
        }
        let mut writer = serializer.for_writer(Vec::new());
        for quad in &emitted {
            writer.serialize_quad(quad).unwrap();
        }
        std::fs::write(&path, writer.finish().unwrap()).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    let kept: Vec<Quad> = RdfParser::from_format(RdfFormat::TriG).for_slice(&kept).collect::<Result<_, _>>().unwrap();
    let lines = |quads: &[Quad]| quads.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(lines(&kept), lines(&emitted), "run with GLOSSATOR_WRITE_EXAMPLES=1 to write it anew, and try the shapes on it");
}
