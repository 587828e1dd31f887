//! The whole way once, over the demonstration set: loaded, read, looked at, published, judged, taken back.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use glossator::{
    images::Mirror,
    jobs::{
        Export, House, Ingest, Job, Link, ListObsolete, Listener, Looker, ModelJob, Outlet, PictureSources, Publish, Query, Report, Review,
        Settings, SocketServer, Tag, VocabularyJob, hand_over,
    },
    model::RuntimeKind,
    publication::Policy,
    rdf::Base,
    review::Decision,
    store::{Listing, Store},
    telemetry::{FixedClock, Silent},
    vocab::LoadRequest,
};
use serde_json::Value;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

#[derive(Default)]
struct Kept(Mutex<Vec<u8>>);

impl Outlet for Kept {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

struct Place {
    house: House,
    _waiting: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Self {
        let base = Base::new("https://enrich.example/").unwrap();
        let clock = Arc::new(FixedClock("2026-11-21T04:30:00Z".parse().unwrap()));
        Self::with(Store::in_memory(&base, clock).unwrap())
    }

    /// So many sessions of the network side by side, each with a batch of two.
    fn with_sessions(sessions: usize) -> Self {
        let mut place = Self::new();
        (place.house.settings.stages.sessions, place.house.settings.stages.batch) = (sessions, 2);
        place
    }

    fn with(store: Store) -> Self {
        let waiting = tokio::runtime::Runtime::new().unwrap();
        // The runtime that is always there, so that a machine with ONNX Runtime gives the same digits.
        let mut settings = Settings::default();
        settings.model.runtime = RuntimeKind::Tract;
        let house = House { store: Arc::new(store), settings, waiting: waiting.handle().clone() };
        Self { house, _waiting: waiting }
    }

    fn run(&self, job: &Job) -> Report {
        self.house.run(job, Listener { progress: &Silent, outlet: &Kept::default() }).unwrap()
    }

    fn ask(&self, query: &str) -> Vec<Vec<String>> {
        let kept = Kept::default();
        let job = Job::Query(Query { text: query.to_owned(), format: Some("csv".to_owned()) });
        self.house.run(&job, Listener { progress: &Silent, outlet: &kept }).unwrap();
        let text = String::from_utf8(kept.0.into_inner().unwrap()).unwrap();
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    /// Everything up to publication.
    fn demonstrated() -> Self {
        Self::new().demonstrating()
    }

    fn demonstrating(self) -> Self {
        let place = self;
        for job in [load("aat-excerpt.ttl", "aat"), load("europeana-excerpt.jsonld", "europeana"), ingest(), add(), tag(), publish()] {
            assert!(!place.run(&job).partial, "{}", job.name());
        }
        place
    }

    fn dump(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.house.store.quads().iter().map(|q| q.unwrap().to_string()).collect();
        lines.sort();
        lines
    }
}

fn load(file: &str, scheme: &str) -> Job {
    Job::Load(LoadRequest {
        files: vec![data().join("vocabulary").join(file)],
        scheme: Some(scheme.to_owned()),
        release: Some("demo".to_owned()),
        ..LoadRequest::default()
    })
}

fn ingest() -> Job {
    Job::Ingest(Ingest { paths: vec![data().join("records")], data_set: Some("demonstration".to_owned()) })
}

fn add() -> Job {
    Job::Model(ModelJob::Add { folder: data().join("tagger") })
}

fn tag() -> Job {
    let mirrors = vec![Mirror { prefix: "http://museum.example/pictures/".to_owned(), folder: data().join("pictures") }];
    Job::Tag(Tag { sources: PictureSources { mirrors, ..PictureSources::default() }, ..Tag::default() })
}

fn publish() -> Job {
    let text = std::fs::read_to_string(data().join("policy.toml")).unwrap();
    Job::Publish(Publish { policy: Some(Policy::from_toml(&text, "policy.toml").unwrap()) })
}

fn judge(decision: Decision, annotation: &str, to: Option<&str>) -> Job {
    Job::Review(Review { decision, annotation: annotation.to_owned(), to: to.map(str::to_owned), who: "Ada".to_owned() })
}

/// The annotation that names this concept.
const ANNOTATION: &str = "PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX enr: <https://w3id.org/glossator/ns#> \
    SELECT ?a WHERE { ?a oa:hasBody <http://vocab.getty.edu/aat/300001571> ; enr:rank 1 }";

/// What the aggregator's proxies say.
const PUBLISHED: &str = "PREFIX ore: <http://www.openarchives.org/ore/terms/> PREFIX dc: <http://purl.org/dc/elements/1.1/> \
    PREFIX edm: <http://www.europeana.eu/schemas/edm/> \
    SELECT ?concept WHERE { ?p a ore:Proxy ; edm:europeanaProxy \"false\" ; ore:proxyIn ?g ; dc:subject ?concept \
    FILTER(STRSTARTS(STR(?p), \"https://enrich.example/\")) } ORDER BY ?concept";

#[test]
fn the_demonstration_says_what_its_pictures_show() {
    let place = Place::demonstrated();
    let published = place.ask(PUBLISHED);
    for concept in ["300003725", "300004607", "300004848", "300001571", "300001280", "300000905", "300002330", "300263722", "300001324"] {
        let iri = format!("http://vocab.getty.edu/aat/{concept}");
        assert!(published.iter().any(|row| row[0] == iri), "{iri} is not among {published:?}");
    }
    assert_eq!(published.len(), 9);
}

#[test]
fn doing_it_all_again_adds_nothing() {
    let place = Place::demonstrated();
    let (before, version) = (place.dump(), place.house.store.version());
    for job in [load("aat-excerpt.ttl", "aat"), ingest(), add(), tag(), publish()] {
        place.run(&job);
    }
    assert_eq!(place.dump(), before);
    assert_eq!(place.house.store.version(), version);
}

#[test]
fn two_stores_come_to_the_same_triples() {
    assert_eq!(Place::demonstrated().dump(), Place::demonstrated().dump());
}

#[test]
fn several_sessions_come_to_the_same_triples() {
    assert_eq!(Place::with_sessions(3).demonstrating().dump(), Place::demonstrated().dump());
}

#[test]
fn a_providers_graph_is_never_changed() {
    let place = Place::new();
    place.run(&load("aat-excerpt.ttl", "aat"));
    place.run(&ingest());
    let sources = |place: &Place| -> Vec<String> {
        place.dump().into_iter().filter(|l| l.contains("/graph/source/") && !l.contains("graph/meta")).collect()
    };
    let before = sources(&place);
    for job in [add(), tag(), publish()] {
        place.run(&job);
    }
    assert_eq!(sources(&place), before);
}

#[test]
fn publication_obeys_a_verdict_and_outlives_the_tagger() {
    let place = Place::demonstrated();
    let annotation = place.ask(ANNOTATION).remove(0).remove(0);
    let column = "http://vocab.getty.edu/aat/300001571";
    let is_published = |concept: &str| place.ask(PUBLISHED).iter().any(|row| row[0] == concept);
    place.run(&judge(Decision::Reject, &annotation, None));
    assert!(!is_published(column));
    // Said once more, the same verdict changes nothing.
    let version = place.house.store.version();
    place.run(&judge(Decision::Reject, &annotation, None));
    assert_eq!(place.house.store.version(), version);
    place.run(&judge(Decision::Accept, &annotation, None));
    assert!(is_published(column));
    place.run(&judge(Decision::Correct, &annotation, Some("http://vocab.getty.edu/aat/300001280")));
    assert!(!is_published(column));
    let domes = place.ask(PUBLISHED).iter().filter(|row| row[0] == "http://vocab.getty.edu/aat/300001280").count();
    assert_eq!(domes, 2, "the dome that was seen, and the one that a person put in the column's place");
}

#[test]
fn a_guide_term_is_no_correction() {
    let place = Place::demonstrated();
    let annotation = place.ask(ANNOTATION).remove(0).remove(0);
    let guide = place.ask("SELECT ?g WHERE { ?g a <http://vocab.getty.edu/ontology#GuideTerm> } ORDER BY ?g LIMIT 1").remove(0).remove(0);
    let job = judge(Decision::Correct, &annotation, Some(&guide));
    let error = place.house.run(&job, Listener { progress: &Silent, outlet: &Kept::default() }).unwrap_err();
    assert!(error.to_string().contains("never a tag"), "{error}");
}

#[test]
fn a_run_is_taken_back_whole_and_can_be_done_again() {
    let place = Place::demonstrated();
    let runs = place.run(&Job::Runs);
    let run = runs.figures["runs"][0]["run"].as_str().unwrap().to_owned();
    let annotations =
        |place: &Place| place.ask("PREFIX enr: <https://w3id.org/glossator/ns#> SELECT ?a WHERE { ?a enr:rawScore ?s } ORDER BY ?a");
    let before = annotations(&place);
    let report = place.run(&Job::Retract { run });
    assert_eq!(report.figures["annotations"], Value::from(9));
    assert!(annotations(&place).is_empty());
    assert!(place.ask(PUBLISHED).is_empty());
    place.run(&tag());
    place.run(&publish());
    assert_eq!(annotations(&place), before, "the same work has the same IRIs");
    assert_eq!(place.ask(PUBLISHED).len(), 9);
}

#[test]
fn the_index_follows_from_the_store() {
    let place = Place::demonstrated();
    let report = place.run(&Job::Check);
    assert!(!report.partial, "{:?}", report.lines);
    let all = place.house.store.index().page(Listing::ByKey, None, 100).unwrap();
    assert_eq!(all.len(), 12);
    let of_concept = place.house.store.index().page(Listing::Concept("http://vocab.getty.edu/aat/300001571"), None, 100).unwrap();
    assert_eq!(of_concept.len(), 1);
}

#[test]
fn an_uncalibrated_score_is_never_published_as_sure() {
    let place = Place::demonstrated();
    let strict = "name = \"strict\"\n[[rules]]\nstatus = \"approved\"\nleast_confidence = 0.5\n";
    place.run(&Job::Publish(Publish { policy: Some(Policy::from_toml(strict, "strict").unwrap()) }));
    assert!(place.ask(PUBLISHED).is_empty(), "a demonstration's tagger is not approved");
}

#[test]
fn a_store_on_disk_survives_and_takes_jobs_over_its_socket() {
    let folder = tempfile::tempdir().unwrap();
    let base = Base::new("https://enrich.example/").unwrap();
    let clock = Arc::new(FixedClock("2026-11-21T04:30:00Z".parse().unwrap()));
    let open = || Store::open(folder.path(), &base, glossator::store::Settings::default(), clock.clone());
    let dump = {
        let place = Place::with(open().unwrap());
        for job in [load("aat-excerpt.ttl", "aat"), ingest(), add(), tag(), publish()] {
            place.run(&job);
        }
        assert!(open().is_err(), "a second writer is refused");
        place.dump()
    };
    let place = Place::with(open().unwrap());
    assert_eq!(place.dump(), dump);
    let served = folder.path().canonicalize().unwrap();
    assert!(
        hand_over(&served, &Job::Runs, Listener { progress: &Silent, outlet: &Kept::default() }).unwrap().is_none(),
        "nobody serves yet"
    );
    let socket = SocketServer::start(place.house.clone()).unwrap();
    let kept = Kept::default();
    let listener = Listener { progress: &Silent, outlet: &kept };
    let report = hand_over(&served, &Job::Runs, listener).unwrap().unwrap();
    assert_eq!(report.figures["runs"].as_array().unwrap().len(), 1);
    let asked = Job::Query(Query { text: PUBLISHED.to_owned(), format: Some("csv".to_owned()) });
    hand_over(&served, &asked, listener).unwrap().unwrap();
    assert_eq!(String::from_utf8(kept.0.into_inner().unwrap()).unwrap().lines().count(), 10);
    let again = hand_over(&served, &ingest(), Listener { progress: &Silent, outlet: &Kept::default() }).unwrap().unwrap();
    assert_eq!(again.figures["unchanged"], Value::from(12));
    drop(socket);
    assert!(
        Store::open(folder.path(), &Base::new("https://other.example/").unwrap(), glossator::store::Settings::default(), clock).is_err()
    );
}

#[test]
fn every_worked_example_gives_something() {
    let place = Place::demonstrated();
    place.run(&load("europeana-aat.csv", "europeana-aat"));
    let annotation = place.ask(ANNOTATION).remove(0).remove(0);
    place.run(&judge(Decision::Accept, &annotation, None));
    place.run(&Job::Link(Link::default()));
    // The demonstration's tagger says nothing of the kind; the tests of taggers ask these two.
    let of_other_taggers = ["relations", "flagged-pictures"];
    for example in glossator::serve::EXAMPLES.iter().filter(|e| !of_other_taggers.contains(&e.name)) {
        let kept = Kept::default();
        let report = place
            .house
            .run(&Job::Query(Query { text: example.text.to_owned(), format: None }), Listener { progress: &Silent, outlet: &kept })
            .unwrap_or_else(|error| panic!("{}: {error:#}", example.name));
        assert!(report.figures["rows"].as_u64().unwrap() > 0, "{} gives nothing over the demonstration", example.name);
    }
}

#[test]
fn a_second_reader_understands_what_we_write() {
    use rio_api::parser::TriplesParser as _;
    let place = Place::demonstrated();
    let kept = Kept::default();
    let job = Job::Export(Export { format: "ttl".to_owned(), graph: None, published: true });
    let report = place.house.run(&job, Listener { progress: &Silent, outlet: &kept }).unwrap();
    let text = kept.0.into_inner().unwrap();
    let mut read = 0_u64;
    let mut count = |_: rio_api::model::Triple<'_>| -> Result<(), rio_turtle::TurtleError> {
        read += 1;
        Ok(())
    };
    rio_turtle::TurtleParser::new(text.as_slice(), None).parse_all(&mut count).unwrap();
    assert_eq!(report.figures["quads"], Value::from(read));
    assert!(read > 50);
}

#[test]
fn a_photograph_is_looked_at_and_forgotten() {
    let place = Place::demonstrated();
    let looker = Looker::new(place.house.clone());
    let before = place.dump();
    let column = std::fs::read(data().join("pictures/column-under-a-beam.jpg")).unwrap();
    let seen = looker.look(&column).unwrap();
    assert_eq!(seen.facets[0].predictions[0].concept.as_str(), "http://vocab.getty.edu/aat/300001571");
    let leaf = std::fs::read(data().join("pictures/leaf-with-red-initial.png")).unwrap();
    let seen = looker.look(&leaf).unwrap();
    assert!(seen.facets[0].predictions.is_empty() && seen.facets[0].abstained.is_some());
    assert!(looker.look(b"<html>").is_err());
    assert_eq!(place.dump(), before);
    assert_eq!(looker.provided()["provider"], "cpu");
}

#[test]
fn what_a_new_release_made_obsolete_is_listed_and_left_alone() {
    let place = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let excerpt = std::fs::read_to_string(data().join("vocabulary/aat-excerpt.ttl")).unwrap();
    let column = "aat:300001571";
    // The second release merged columns into domes, and no longer has flying buttresses.
    let without: String = excerpt
        .split("\n\n")
        .filter(|block| !block.starts_with(column) && !block.starts_with("aat:300002330"))
        .collect::<Vec<_>>()
        .join("\n\n");
    let second = format!("{without}\n\n{column} <http://purl.org/dc/terms/isReplacedBy> aat:300001280 .\n");
    let release = |name: &str, text: &str| {
        let path = folder.path().join(format!("{name}.ttl"));
        std::fs::write(&path, text).unwrap();
        Job::Load(LoadRequest {
            files: vec![path],
            scheme: Some("aat".to_owned()),
            release: Some(name.to_owned()),
            ..LoadRequest::default()
        })
    };
    let first = place.run(&release("2026-07", &excerpt));
    assert_eq!(first.figures["resting_on_obsolete"], Value::from(0));
    for job in [ingest(), add(), tag(), publish()] {
        place.run(&job);
    }
    let annotation = place.ask(ANNOTATION).remove(0).remove(0);
    place.run(&judge(Decision::Accept, &annotation, None));
    let report = place.run(&release("2027-01", &second));
    // An annotation and a publication each, the verdict, and a row of the label map each.
    assert_eq!((&report.figures["resting_on_obsolete"], &report.figures["obsolete_concepts"]), (&Value::from(7), &Value::from(2)));
    assert!(report.lines.iter().any(|l| l.contains("7 statements rest on 2 concepts")), "{:?}", report.lines);

    let before = place.dump();
    let kept = Kept::default();
    let job = Job::Vocabulary(VocabularyJob::Obsolete(ListObsolete { csv: true, ..ListObsolete::default() }));
    let report = place.house.run(&job, Listener { progress: &Silent, outlet: &kept }).unwrap();
    assert_eq!(place.dump(), before, "nothing is changed");
    let figures = &report.figures;
    assert_eq!(
        ["annotations", "publications", "verdicts", "label_maps", "records"].map(|name| figures[name].as_u64().unwrap()),
        [2, 2, 1, 2, 2]
    );
    let text = String::from_utf8(kept.0.into_inner().unwrap()).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 8);
    let of_column: Vec<&Vec<&str>> = rows.iter().filter(|r| r[6] == "http://vocab.getty.edu/aat/300001571").collect();
    assert_eq!(of_column.len(), 4);
    assert!(
        of_column.iter().all(|r| r[8] == "replaced" && r[9] == "http://vocab.getty.edu/aat/300001280" && r[11] == "aat 2027-01"),
        "{text}"
    );
    let verdict = of_column.iter().find(|r| r[3] == "verdict").unwrap();
    assert!(verdict[0].starts_with("http://") && verdict[4].contains("/review/"), "{verdict:?}");
    assert!(rows.iter().any(|r| r[3] == "label map" && r[0].is_empty() && r[8] == "gone"), "{text}");

    // The older release goes whole: nothing says any more what the concept was called, and it still counts as obsolete.
    let retract = |release: Option<&str>| VocabularyJob::Retract { name: "aat".to_owned(), release: release.map(str::to_owned) };
    let listener = Listener { progress: &Silent, outlet: &Kept::default() };
    let error = place.house.run(&Job::Vocabulary(retract(None)), listener).unwrap_err();
    assert!(error.to_string().contains("several releases"), "{error}");
    let report = place.run(&Job::Vocabulary(retract(Some("2026-07"))));
    assert_eq!(report.figures["resting_on_obsolete"], Value::from(7));
    let listed = place.run(&Job::Vocabulary(VocabularyJob::List));
    assert_eq!(listed.figures["vocabularies"].as_array().unwrap().len(), 1);
    assert!(place.dump().iter().any(|l| {
        l.contains("graph/vocab/aat/2026-07> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/glossator/ns#Tombstone>")
    }));
    // With the older one loaded again, it is there again.
    place.run(&release("2026-07", &excerpt));
    assert_eq!(place.run(&Job::Vocabulary(VocabularyJob::List)).figures["vocabularies"].as_array().unwrap().len(), 2);
}

#[test]
fn a_mapping_set_takes_the_place_of_another() {
    let place = Place::new();
    place.run(&load("aat-excerpt.ttl", "aat"));
    let folder = tempfile::tempdir().unwrap();
    let set = |version: &str, object: &str, replace| {
        let path = folder.path().join(format!("{version}.sssom.tsv"));
        let text = format!(
            "#mapping_set_title: ours\n#mapping_set_version: {version}\n#creator_label: Ada\nsubject_id\tpredicate_id\tobject_id\tmapping_justification\nhttp://t.example/1\tskos:exactMatch\t{object}\tsemapv:ManualMappingCuration\n"
        );
        std::fs::write(&path, text).unwrap();
        Job::Load(LoadRequest { files: vec![path], replace, ..LoadRequest::default() })
    };
    let same = |place: &Place| -> Vec<String> {
        let report = place.run(&Job::Vocabulary(VocabularyJob::Equivalents { concept: "http://t.example/1".to_owned() }));
        let all = report.figures["equivalents"].as_array().unwrap().clone();
        all.iter().map(|e| format!("{} {} {}", e["concept"].as_str().unwrap(), e["steps"][0]["set"], e["steps"][0]["authors"][0])).collect()
    };
    let aat = |number: &str| format!("http://vocab.getty.edu/aat/{number}");
    place.run(&set("1", "aat:300001571", false));
    let beside = place.run(&set("2", "aat:300001280", false));
    assert!(beside.lines.iter().any(|l| l.contains("ours 1 stands beside it")), "{:?}", beside.lines);
    assert_eq!(same(&place).len(), 2);
    let replaced = place.run(&set("3", "aat:300001280", true));
    assert_eq!(replaced.figures["replaced"], Value::from(2));
    assert_eq!(same(&place), [format!("{} \"ours\" \"Ada\"", aat("300001280"))]);
    place.run(&Job::Vocabulary(VocabularyJob::Retract { name: "ours".to_owned(), release: None }));
    assert!(same(&place).is_empty());
}
