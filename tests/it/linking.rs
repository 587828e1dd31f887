//! Words to concepts: what records say, what services and crowds said, and how often the linker is right.

use std::{path::PathBuf, sync::Arc};

use glossator::{
    jobs::{House, ImportTags, Ingest, Job, Link, Listener, MeasureLinks, Outlet, Publish, Query, Report, Review, Settings},
    linking::{Linker, Said, Spoken},
    model::TextVectors,
    publication::Policy,
    rdf::{Base, mint::checksum},
    review::Decision,
    store::Store,
    telemetry::{FixedClock, Silent},
    vocab::{LabelIndex, LoadRequest},
};
use oxigraph::model::NamedNode;

mod importing;
mod real;

/// Takes what a query answers.
#[derive(Default)]
struct Kept(std::sync::Mutex<Vec<u8>>);

impl Outlet for Kept {
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

/// A house in memory, and a folder for what the tests hand to it.
pub(crate) struct Place {
    pub(crate) house: House,
    pub(crate) folder: tempfile::TempDir,
    _waiting: tokio::runtime::Runtime,
}

impl Place {
    pub(crate) fn new() -> Self {
        let base = Base::new("https://enrich.example/").unwrap();
        let clock = Arc::new(FixedClock("2026-11-21T04:30:00Z".parse().unwrap()));
        let waiting = tokio::runtime::Runtime::new().unwrap();
        let mut settings = Settings::default();
        for property in settings.linking.properties.values_mut() {
            property.within = property
                .within
                .iter()
                .map(|top| top.replace("http://vocab.getty.edu/aat/300264092", "http://vocab.example/objects"))
                .collect();
            property.within = property
                .within
                .iter()
                .map(|top| top.replace("http://vocab.getty.edu/aat/300264091", "http://vocab.example/materials"))
                .collect();
        }
        settings.linking.least_labels = 1;
        settings.linking.least_score = 0.4;
        let store = Arc::new(Store::in_memory(&base, clock).unwrap());
        let house = House { store, settings, waiting: waiting.handle().clone() };
        Self { house, folder: tempfile::tempdir().unwrap(), _waiting: waiting }
    }

    /// With the small thesaurus and a record that says these things.
    fn with(said: &str) -> Self {
        let place = Self::new();
        place.load();
        place.ingest("1", said);
        place
    }

    pub(crate) fn load(&self) {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/linking/vocabulary.ttl");
        self.run(&Job::Load(LoadRequest {
            files: vec![file],
            scheme: Some("small".to_owned()),
            release: Some("1".to_owned()),
            ..LoadRequest::default()
        }));
    }

    pub(crate) fn ingest(&self, id: &str, said: &str) {
        let text = format!(
            r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/">
<edm:ProvidedCHO rdf:about="http://museum.example/{id}">{said}<edm:type>IMAGE</edm:type></edm:ProvidedCHO>
<ore:Aggregation rdf:about="http://museum.example/aggregation/{id}"><edm:aggregatedCHO rdf:resource="http://museum.example/{id}"/><edm:isShownBy rdf:resource="http://museum.example/pictures/{id}.jpg"/><edm:dataProvider>Museum</edm:dataProvider><edm:provider>Museum</edm:provider><edm:rights rdf:resource="http://creativecommons.org/publicdomain/zero/1.0/"/></ore:Aggregation>
</rdf:RDF>"#
        );
        let file = self.folder.path().join(format!("{id}.xml"));
        std::fs::write(&file, text).unwrap();
        assert!(!self.run(&Job::Ingest(Ingest { paths: vec![file], data_set: None })).partial);
    }

    pub(crate) fn run(&self, job: &Job) -> Report {
        self.house.run(job, Listener { progress: &Silent, outlet: &Kept::default() }).unwrap()
    }

    pub(crate) fn ask(&self, query: &str) -> Vec<Vec<String>> {
        let kept = Kept::default();
        let text = format!(
            "PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX enr: <https://w3id.org/glossator/ns#> PREFIX soa: <http://sw.islab.ntua.gr/annotation/> \
             PREFIX dc: <http://purl.org/dc/elements/1.1/> PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX ore: <http://www.openarchives.org/ore/terms/> \
             PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> {query}"
        );
        let job = Job::Query(Query { text, format: Some("csv".to_owned()) });
        self.house.run(&job, Listener { progress: &Silent, outlet: &kept }).unwrap();
        let text = String::from_utf8(kept.0.into_inner().unwrap()).unwrap();
        text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect()).collect()
    }

    /// Concept, method, the words, and the confidence or nothing.
    fn links(&self) -> Vec<[String; 4]> {
        let rows = self.ask(
            "SELECT ?c ?m ?w ?f WHERE { ?a oa:hasBody ?c ; enr:method ?m ; oa:hasTarget/oa:hasSelector/oa:exact ?w . OPTIONAL { ?a soa:confidence ?f } } ORDER BY ?c",
        );
        rows.into_iter()
            .map(|r| [r[0].replace("http://vocab.example/", ""), r[1].clone(), r[2].clone(), r.get(3).cloned().unwrap_or_default()])
            .collect()
    }

    fn dump(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.house.store.quads().iter().map(|q| q.unwrap().to_string()).collect();
        lines.sort();
        lines
    }
}

fn link() -> Job {
    Job::Link(Link::default())
}

fn own(links: &[[&str; 4]]) -> Vec<[String; 4]> {
    links.iter().map(|l| l.map(str::to_owned)).collect()
}

#[test]
fn a_label_with_one_meaning_is_sure_and_a_homograph_is_a_suggestion() {
    let place = Place::with(r#"<dc:type xml:lang="en">Lute</dc:type><dc:type xml:lang="en">Drawing</dc:type>"#);
    place.run(&link());
    assert_eq!(
        place.links(),
        own(&[["drawing", "homograph", "Drawing", ""], ["drawings", "homograph", "Drawing", ""], ["lutes", "label", "Lute", "0.97"]])
    );
    // The one of the expected branch comes first.
    let first = place.ask("SELECT ?c WHERE { ?a oa:hasBody ?c ; enr:method \"homograph\" ; enr:modelLabel ?l ; enr:rank ?r } ORDER BY ?r");
    assert_eq!(first[0][0], "http://vocab.example/drawings");
}

#[test]
fn words_are_taken_in_their_own_language() {
    let place = Place::with(r#"<dc:type xml:lang="nl">Brief</dc:type>"#);
    place.run(&link());
    // Not the English briefs; and sure it is not, since that was measured on English alone.
    assert_eq!(place.links(), own(&[["letters", "label", "Brief", ""]]));
    let unknown = Place::with("<dc:type>brief</dc:type>");
    unknown.run(&link());
    assert!(unknown.links().iter().all(|l| l[3].is_empty()), "{:?}", unknown.links());
    let english = Place::with("<dc:type>brief</dc:type>");
    english.run(&Job::Link(Link { language: Some("en".to_owned()), ..Link::default() }));
    assert_eq!(english.links(), own(&[["briefs", "label", "brief", "0.97"]]));
}

#[test]
fn media_are_read_within_the_materials() {
    let place = Place::with(
        r#"<dcterms:medium xml:lang="en">oil on canvas</dcterms:medium><dcterms:medium xml:lang="en">lost-wax-cast bronze</dcterms:medium>
           <dc:format xml:lang="en">cream-colored paper</dc:format><dc:format>image/jpeg</dc:format><dc:format>30 x 40 cm</dc:format>"#,
    );
    place.run(&link());
    let links = place.links();
    let found: Vec<(&str, &str)> = links.iter().map(|l| (l[0].as_str(), l[2].as_str())).collect();
    assert_eq!(found, [("bronze", "bronze"), ("canvas", "canvas"), ("oil-paint", "oil"), ("paper", "paper")]);
    let quoted = place.ask("SELECT ?p ?s ?property WHERE { ?t enr:sourceProperty ?property ; oa:hasSelector ?q . ?q oa:exact \"canvas\" ; oa:prefix ?p OPTIONAL { ?q oa:suffix ?s } }");
    assert_eq!((quoted[0][0].as_str(), quoted[0][2].as_str()), ("oil on ", "http://purl.org/dc/terms/medium"));
}

#[test]
fn guide_terms_titles_and_descriptions_are_never_applied() {
    let place = Place::with(
        r#"<dc:type xml:lang="en">visual works by kind</dc:type><dc:title xml:lang="en">Lutes</dc:title><dc:description xml:lang="en">lutes</dc:description>"#,
    );
    place.run(&link());
    let links = place.links();
    assert!(links.iter().all(|l| l[0] != "works" && l[3].is_empty()), "{links:?}");
    let of: Vec<Vec<String>> = place.ask("SELECT DISTINCT ?p WHERE { ?t enr:sourceProperty ?p }");
    assert!(of.iter().all(|row| !row[0].ends_with("description")), "{of:?}");
}

#[test]
fn doing_it_again_adds_nothing_and_a_run_can_be_taken_back() {
    let place = Place::with(r#"<dc:type xml:lang="en">Lute</dc:type>"#);
    let before: Vec<String> = place.dump().into_iter().filter(|l| l.contains("/graph/source/") && !l.contains("graph/meta")).collect();
    let report = place.run(&link());
    let (dump, version) = (place.dump(), place.house.store.version());
    assert_eq!(place.run(&link()).figures["unchanged"], 1);
    assert_eq!((place.dump(), place.house.store.version()), (dump, version));
    let run = report.figures["run"].as_str().unwrap().to_owned();
    place.run(&Job::Retract { run });
    assert!(place.links().is_empty());
    let after: Vec<String> = place.dump().into_iter().filter(|l| l.contains("/graph/source/") && !l.contains("graph/meta")).collect();
    assert_eq!(before, after);
    // Done once more, it stands again, as the same annotations of another run.
    place.run(&link());
    assert_eq!(place.links().len(), 1);
}

#[test]
fn sure_links_are_published_and_a_verdict_takes_one_back() {
    let place = Place::with(r#"<dc:type xml:lang="en">Lute</dc:type><dc:subject xml:lang="en">drawing</dc:subject>"#);
    place.run(&link());
    place.run(&Job::Publish(Publish { policy: Some(Policy::default()) }));
    let published = || {
        place
            .ask("SELECT ?c WHERE { GRAPH ?g { ?p a ore:Proxy ; dc:type|dc:subject ?c } FILTER(CONTAINS(STR(?g), \"/graph/published/\")) }")
    };
    assert_eq!(published(), [["http://vocab.example/lutes"]]);
    let annotation = place.ask("SELECT ?a WHERE { ?a enr:method \"label\" }").remove(0).remove(0);
    place.run(&Job::Review(Review { decision: Decision::Reject, annotation, to: None, who: "Ada".to_owned() }));
    assert!(published().is_empty());
    // Likeness is for people to decide, whatever a policy says of ranks.
    let by_rank = "name = \"ranks\"\n[[rules]]\nstatus = \"approved\"\nbest_ranks = 9";
    place.run(&Job::Publish(Publish { policy: Some(Policy::from_toml(by_rank, "test").unwrap()) }));
    let kinds = place.ask("SELECT DISTINCT ?k WHERE { GRAPH ?g { ?p <http://www.w3.org/ns/prov#wasDerivedFrom> ?a } ?a enr:scoreKind ?k FILTER(CONTAINS(STR(?g), \"/graph/published/\")) }");
    assert!(kinds.iter().all(|k| !k[0].ends_with("Likeness")), "{kinds:?}");
}

#[test]
fn another_load_is_followed() {
    let place = Place::new();
    place.load();
    let named = |text: &str| LabelIndex::open(&place.house.store).unwrap().named(text).unwrap().len();
    assert_eq!((named("Theorbo"), named("citole")), (1, 0));
    let file = place.folder.path().join("more.ttl");
    std::fs::write(&file, "<http://vocab.example/citoles> a <http://www.w3.org/2004/02/skos/core#Concept> ; <http://www.w3.org/2004/02/skos/core#prefLabel> \"citoles\"@en .").unwrap();
    place.run(&Job::Load(LoadRequest {
        files: vec![file.clone()],
        scheme: Some("more".to_owned()),
        release: Some("1".to_owned()),
        ..LoadRequest::default()
    }));
    assert_eq!((named("Theorbo"), named("citole")), (1, 1));
    std::fs::write(&file, "<http://vocab.example/citoles> a <http://www.w3.org/2004/02/skos/core#Concept> ; <http://www.w3.org/2004/02/skos/core#prefLabel> \"citterns\"@en .").unwrap();
    place.run(&Job::Load(LoadRequest {
        files: vec![file],
        scheme: Some("more".to_owned()),
        release: Some("1".to_owned()),
        ..LoadRequest::default()
    }));
    assert_eq!((named("citole"), named("cittern")), (0, 1));
    place.house.store.index().rebuild(&place.house.store).unwrap();
    assert_eq!((named("Theorbo"), named("cittern")), (1, 1));
}

#[test]
fn spelling_and_words_lead_to_labels() {
    let place = Place::new();
    place.load();
    let index = LabelIndex::open(&place.house.store).unwrap();
    let like = index.like("theorboe", 3, |_| true).unwrap();
    assert_eq!(like[0].0.label, "theorboes");
    assert!(like[0].1 > 0.6 && like.windows(2).all(|w| w[0].1 >= w[1].1), "{like:?}");
    let words: Vec<String> = index.with_words("liturgical font", 5).unwrap().into_iter().map(|h| h.label).collect();
    assert_eq!(words, ["fonts (liturgical basins)"]);
    let begun: Vec<String> = index.with_words("living org", 5).unwrap().into_iter().map(|h| h.label).collect();
    assert!(begun.is_empty() || begun == ["plants (living organisms)"], "{begun:?}");
}

#[test]
fn the_text_model_is_the_one_that_its_card_names() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/text-model");
    let card = std::fs::read_to_string(folder.join("card.md")).unwrap();
    let mut size = 0;
    for file in ["model.safetensors", "tokenizer.json"] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        size += bytes.len();
        assert!(card.contains(&format!("| `{file}` | `{}` |", checksum(&bytes))), "{file}");
    }
    assert!(size <= 5_000_000, "{size} bytes");
    assert!(card.contains(TextVectors::built_in().unwrap().checksum()));
}
