//! The whole chain: a record changes at its source, is harvested, tagged and published anew, and a harvester of ours hears of that record alone;
//! then a person takes a statement back, and the same harvester hears of that.

use std::{collections::BTreeMap, path::Path};

use glossator::{
    enrichment::{annotations_of, enrichments_of},
    images::Mirror,
    jobs::{HarvestFrom, Job, ModelJob, PictureSources, Publish, Review, Tag},
    model::RuntimeKind,
    publication::Policy,
    review::Decision,
    vocab::LoadRequest,
};
use jiff::Timestamp;

use super::{
    Place, figures, harvest, oai,
    ourselves::{Endpoint, serve},
    provider::Provider,
};

const RECORDS: [&str; 4] = ["altar", "apse", "gargoyle", "vase"];

fn data() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// A record of the demonstration, as an OAI-PMH answer holds it.
fn metadata(name: &str) -> String {
    let text = std::fs::read_to_string(data().join(format!("records/{name}.xml"))).unwrap();
    text.split_once("?>").unwrap().1.to_owned()
}

fn work() -> [Job; 2] {
    let mirrors = vec![Mirror { prefix: "http://museum.example/pictures/".to_owned(), folder: data().join("pictures") }];
    let policy = std::fs::read_to_string(data().join("policy.toml")).unwrap();
    [
        Job::Tag(Tag { sources: PictureSources { mirrors, ..PictureSources::default() }, ..Tag::default() }),
        Job::Publish(Publish { policy: Some(Policy::from_toml(&policy, "policy.toml").unwrap()) }),
    ]
}

/// Who harvests from us: what it has of each record, and since when it knows all.
struct Harvester<'e> {
    endpoint: &'e Endpoint,
    prefix: &'static str,
    from: Option<String>,
    has: BTreeMap<String, String>,
}

impl Harvester<'_> {
    /// Asks for what changed since it asked last, page by page: identifier and record of each, in the order in which they came.
    fn changes(&mut self) -> Vec<(String, String)> {
        let from = self.from.as_ref().map(|from| format!("&from={from}")).unwrap_or_default();
        let mut target = format!("verb=ListRecords&metadataPrefix={}{from}", self.prefix);
        let (mut all, mut first) = (Vec::new(), true);
        loop {
            let page = self.endpoint.ask(&target);
            if std::mem::take(&mut first) {
                self.from = Some(between(&page, "<responseDate>", "<").unwrap().to_owned());
            }
            for record in page.split("<record>").skip(1) {
                all.push((between(record, "<identifier>", "<").unwrap().to_owned(), record.to_owned()));
            }
            match between(&page, "<resumptionToken", "</resumptionToken>").and_then(|t| t.split_once('>')) {
                Some((_, token)) if !token.is_empty() => target = format!("verb=ListRecords&resumptionToken={token}"),
                _ => break,
            }
        }
        self.has.extend(all.iter().cloned());
        all
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

fn stamps(place: &Place) -> BTreeMap<String, Timestamp> {
    place.chos().into_iter().map(|cho| (cho.clone(), place.stamp(&cho))).collect()
}

fn moved(before: &BTreeMap<String, Timestamp>, after: &BTreeMap<String, Timestamp>) -> Vec<String> {
    after.iter().filter(|(cho, stamp)| before.get(*cho) != Some(stamp)).map(|(cho, _)| cho.clone()).collect()
}

#[test]
fn a_change_and_a_verdict_travel_from_the_source_to_a_harvester() {
    let provider = Provider::new();
    for (day, name) in RECORDS.iter().enumerate() {
        provider.put_at(&format!("oai:museum.example:{name}"), &format!("2024-01-0{}T10:00:00Z", day + 1), Some(metadata(name)));
    }
    let mut place = Place::new();
    place.house.settings.model.runtime = RuntimeKind::Tract;
    place.run(&Job::Load(LoadRequest {
        files: vec![data().join("vocabulary/aat-excerpt.ttl")],
        scheme: Some("aat".to_owned()),
        release: Some("demo".to_owned()),
        ..LoadRequest::default()
    }));
    place.run(&Job::Model(ModelJob::Add { folder: data().join("tagger") }));
    let from_source = Job::Harvest(harvest(HarvestFrom::Oai(oai(&provider.url()))));
    assert_eq!(figures(&place.run(&from_source)), [4, 0, 0, 0, 0]);
    let chain = |place: &Place| work().iter().for_each(|job| assert!(!place.run(job).partial));
    chain(&place);

    let endpoint = serve(&place);
    let harvester = |prefix| Harvester { endpoint: &endpoint, prefix, from: None, has: BTreeMap::new() };
    let (mut records, mut enrichments) = (harvester("edm"), harvester("edm_enrichment"));
    assert_eq!(records.changes().len(), 4);
    assert!(!enrichments.changes().is_empty());
    assert!(records.changes().is_empty() && enrichments.changes().is_empty(), "nothing has changed since");

    // One record changes at its source.
    let name = "gargoyle";
    let text = metadata(name);
    let cho = between(&text, "<edm:ProvidedCHO rdf:about=\"", "\"").unwrap().to_owned();
    let title = between(&text, "<dc:title", "</dc:title>").unwrap().to_owned();
    let changed = text.replacen(&title, &format!("{title}, newly described"), 1);
    provider.put_at(&format!("oai:museum.example:{name}"), "2024-06-02T10:00:00Z", Some(changed));
    provider.with(|inside| inside.now = "2024-07-01T00:00:00Z".to_owned());
    let before = stamps(&place);
    assert_eq!(figures(&place.run(&from_source))[..2], [0, 1]);
    chain(&place);
    let after = stamps(&place);
    assert_eq!(moved(&before, &after), std::slice::from_ref(&cho));
    let got = records.changes();
    assert_eq!(got.len(), 1, "exactly that record: {:?}", got.iter().map(|(id, _)| id).collect::<Vec<_>>());
    assert!(got[0].1.contains("newly described") && got[0].1.contains("wasGeneratedBy=\"SoftwareAgent\""), "{}", got[0].1);
    assert_eq!(enrichments.changes().iter().map(|(id, _)| id).collect::<Vec<_>>(), [&got[0].0]);
    // The same once more moves nothing.
    place.run(&from_source);
    chain(&place);
    assert_eq!(stamps(&place), after);
    assert!(records.changes().is_empty());

    // A person takes a statement back.
    let store = &place.house.store;
    let key = Place::key(&cho);
    let stands = |record: &str, concept: &str| record.contains(&format!("rdf:resource=\"{concept}\""));
    let annotation = enrichments_of(store, &key)
        .unwrap()
        .iter()
        .flat_map(|facts| annotations_of(store, &facts.graph).unwrap())
        .find(|annotation| stands(&got[0].1, annotation.concept.as_str()))
        .expect("a statement that is published");
    let verdict = Review { decision: Decision::Reject, annotation: annotation.iri.as_str().to_owned(), to: None, who: "Ada".to_owned() };
    place.run(&Job::Review(verdict));
    assert_eq!(moved(&after, &stamps(&place)), [cho]);
    let told = records.changes();
    assert_eq!(told.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&got[0].0], "it, and only it");
    assert!(!stands(&told[0].1, annotation.concept.as_str()) && told[0].1.contains("newly described"), "{}", told[0].1);
    let told = enrichments.changes();
    assert_eq!(told.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&got[0].0]);
    assert!(!stands(&told[0].1, annotation.concept.as_str()), "{}", told[0].1);
    assert!(records.changes().is_empty() && enrichments.changes().is_empty());
}
