//! OAI-PMH: pages, tokens, what changed and what is gone, and providers that do it wrong.

use glossator::jobs::{FromOai, Harvest, HarvestFrom, Job, Report};

use super::{
    Place, figure, figures, harvest, oai,
    provider::{Entry, Faults, Provider, cho, edm, identifier},
    shared,
};

fn from(provider: &Provider) -> FromOai {
    oai(&provider.url())
}

fn job(from: FromOai) -> Job {
    Job::Harvest(harvest(HarvestFrom::Oai(from)))
}

fn full(from: FromOai) -> Job {
    Job::Harvest(Harvest { full: true, ..harvest(HarvestFrom::Oai(from)) })
}

fn remarks(report: &Report) -> String {
    report.figures["remarks"].to_string()
}

#[test]
fn what_changed_is_asked_for_and_nothing_else_is_written() {
    let (provider, place) = (Provider::of(10), Place::new());
    let report = place.run(&job(from(&provider)));
    assert_eq!(figures(&report), [10, 0, 0, 0, 0]);
    assert_eq!((figure(&report, "harvested"), report.exit_code()), (10, 0));
    assert_eq!(place.chos().len(), 10);
    assert!(!provider.with(|i| i.asked.iter().any(|a| a.contains("from="))), "the first time everything is asked for");
    let (before, stamps) = (place.graphs(), place.stamp(&cho(4)));

    // Two runs are the same as one.
    provider.with(|i| i.now = "2024-07-01T00:00:00Z".to_owned());
    let report = place.run(&job(from(&provider)));
    assert_eq!((figures(&report), figure(&report, "harvested")), ([0, 0, 0, 0, 0], 0));
    assert!(provider.times_asked("from=2024-05-31T23%3A00%3A00Z") == 1, "an hour before the provider's last answer");
    assert_eq!((place.graphs(), place.stamp(&cho(4))), (before, stamps));
    assert!(!report.figures.contains_key("run"), "a run that finds nothing is none");

    provider.put_at(&identifier(4), "2024-07-02T00:00:00Z", Some(edm(4, "another jug")));
    provider.put_at(&identifier(5), "2024-07-02T00:00:00Z", None);
    provider.put_at(&identifier(77), "2024-07-02T00:00:00Z", None);
    provider.put_at(&identifier(6), "2024-07-02T00:00:00Z", Some(edm(6, "jug 6")));
    let report = place.run(&job(from(&provider)));
    assert_eq!(figures(&report), [0, 1, 1, 1, 0]);
    assert_eq!(figure(&report, "deleted_unknown"), 1);
    assert!(place.is_gone(&cho(5)) && !place.chos().contains(&cho(5)));
    assert!(place.stamp(&cho(4)) > stamps);

    // Back again.
    provider.put_at(&identifier(5), "2024-07-03T00:00:00Z", Some(edm(5, "a jug that was found again")));
    assert_eq!(figures(&place.run(&job(from(&provider))))[0], 1);
    assert!(!place.is_gone(&cho(5)));
}

#[test]
fn the_run_and_its_source_are_written_down() {
    let (provider, place) = (Provider::of(2), Place::new());
    let report = place.run(&job(from(&provider)));
    let run = oxigraph::model::NamedNode::new(report.figures["run"].as_str().unwrap()).unwrap();
    let about = place.house.store.about(&run).unwrap();
    let says = |text: &str| about.iter().any(|q| q.to_string().contains(text));
    assert!(says("prov#Activity") && says("startedAtTime") && says("endedAtTime") && says("\\\"new\\\":2"), "{about:#?}");
    assert!(says(report.figures["source"].as_str().unwrap()));
    let listed = place.run(&Job::Harvest(harvest(HarvestFrom::Sources)));
    assert_eq!(listed.figures["sources"][0]["records"], 2);
    assert!(listed.lines[0].contains("until 2024-06-01T00:00:00Z"), "{:?}", listed.lines);
    assert!(!place.run(&Job::Check).partial);
}

#[test]
fn a_full_listing_deletes_what_it_lacks_unless_that_is_too_much() {
    let (provider, place) = (Provider::of(10), Place::new());
    place.run(&job(from(&provider)));
    provider.with(|i| i.records.remove(&identifier(3)));
    assert_eq!(figures(&place.run(&job(from(&provider))))[3], 0, "nobody said so");
    let report = place.run(&full(from(&provider)));
    assert_eq!((figures(&report), figure(&report, "gone")), ([0, 0, 9, 1, 0], 1));
    assert!(place.is_gone(&cho(3)));

    provider.with(|i| i.records.retain(|id, _| *id < identifier(2)));
    let report = place.run(&full(from(&provider)));
    assert_eq!((figures(&report)[3], figure(&report, "not_deleted")), (0, 7));
    assert!(remarks(&report).contains("--accept-deletions"));
    let meant = Job::Harvest(Harvest { full: true, accept_deletions: true, ..harvest(HarvestFrom::Oai(from(&provider))) });
    assert_eq!(figures(&place.run(&meant))[3], 7);
    assert_eq!(place.chos(), [cho(0), cho(1)]);
}

#[test]
fn a_harvest_that_is_stopped_goes_on_where_it_was() {
    for (each, all) in [(false, false), (true, false), (false, true)] {
        let (provider, place) = (Provider::of(20), Place::new());
        let from = FromOai { each, ..from(&provider) };
        let job = if all { full(from) } else { job(from) };
        let (mut runs, mut new) = (0, 0);
        loop {
            let report = place.run_a_while(&job, 4);
            new += figure(&report, "new");
            runs += 1;
            assert!(runs < 20, "it comes to its end");
            if report.figures["stopped"] == false {
                break;
            }
        }
        assert!(runs > 3, "it was stopped");
        assert_eq!((new, place.chos().len()), (20, 20));
        if !each {
            assert_eq!(provider.times_asked("verb=ListRecords&metadataPrefix"), 1, "the list was begun once");
        }
        assert_eq!(figures(&place.run(&job))[0], 0);
        assert_eq!(place.chos().len(), 20, "nothing was deleted");
    }
}

#[test]
fn sets_and_spans_are_kept_apart() {
    let (provider, place) = (Provider::of(10), Place::new());
    let even = FromOai { set: Some("even".to_owned()), ..from(&provider) };
    assert_eq!(figures(&place.run(&job(even.clone())))[0], 5);
    // From here on the tokens forget the set.
    provider.faults(Faults { forgets_set: true, ..Faults::default() });
    let place = Place::new();
    let report = place.run(&job(even));
    assert_eq!((figures(&report)[0], place.chos().len()), (5, 5), "the first page, and what the others have of the set");
    assert!(figure(&report, "outside_set") > 0 && remarks(&report).contains("not in the set"));

    provider.faults(Faults::default());
    let place = Place::new();
    let span =
        |from: &str, until: &str| FromOai { from: Some(from.to_owned()), until: Some(until.to_owned()), ..super::oai(&provider.url()) };
    assert_eq!(figures(&place.run(&job(span("2024-01-03", "2024-01-05"))))[0], 3);
    assert_eq!(figures(&place.run(&job(span("2024-01-03T10:00:00Z", "2024-01-06T09:00:00Z"))))[2], 3);
    for (wrong, word) in [
        (span("2024-01-03", "2024-01-05T00:00:00Z"), "both"),
        (span("2024-02-30", "2024-03-01"), "2024-02-30"),
        (span("2024-02-02", "2024-01-01"), "behind"),
    ] {
        let listener = glossator::jobs::Listener { progress: &glossator::telemetry::Silent, outlet: &super::Unheard };
        let error = place.house.run(&job(wrong), listener).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_provider_that_is_busy_or_breaks_off_is_asked_again() {
    let (provider, place) = (Provider::of(12), Place::new());
    provider.faults(Faults { busy_every: Some(4), truncated: Some((1, 2)), ..Faults::default() });
    let report = place.run(&job(from(&provider)));
    assert_eq!((figures(&report), report.exit_code()), ([12, 0, 0, 0, 0], 0));

    // One that always breaks off there: what comes whole is taken, and the harvest says that it is not at its end.
    let place = Place::new();
    provider.faults(Faults { truncated: Some((1, 1000)), ..Faults::default() });
    let report = place.run(&job(from(&provider)));
    assert_eq!((report.exit_code(), place.chos().len()), (1, 5), "three, and two that came whole");
    assert!(report.figures["failed"].as_str().unwrap().contains("breaks off"));
    provider.faults(Faults::default());
    let report = place.run(&job(from(&provider)));
    assert_eq!((figures(&report)[0], report.exit_code(), place.chos().len()), (7, 0, 12));
    assert_eq!(provider.times_asked("verb=ListRecords&metadataPrefix"), 2, "the second run went on where the first was");
}

#[test]
fn a_token_that_is_lost_leads_back_to_the_last_datestamp() {
    for lost_by_http in [false, true] {
        let (provider, place) = (Provider::of(12), Place::new());
        provider.faults(Faults { lost_token: Some((2, 1)), lost_by_http, ..Faults::default() });
        let report = place.run(&job(from(&provider)));
        assert_eq!((place.chos().len(), report.exit_code(), figure(&report, "begun_anew")), (12, 0, 1));
        assert_eq!(provider.times_asked("from=2024-01-06T10%3A00%3A00Z"), 1, "from the last datestamp of the second page");
        assert!(remarks(&report).contains("begun anew"));
        // A provider that never knows it: we do not ask for ever.
        let place = Place::new();
        provider.faults(Faults { lost_token: Some((1, 1_000_000)), lost_by_http, ..Faults::default() });
        let report = place.run(&job(from(&provider)));
        assert!(provider.with(|i| i.asked.len()) < 100);
        assert_eq!((report.exit_code(), place.chos().len()), (0, 12), "by its datestamps the list is gone through all the same");
    }
}

#[test]
fn a_list_without_end_ends() {
    let (provider, place) = (Provider::of(7), Place::new());
    provider.faults(Faults { endless: true, ..Faults::default() });
    let report = place.run(&full(from(&provider)));
    assert_eq!((figures(&report)[0], report.exit_code()), (7, 0));
    assert!(remarks(&report).contains("does not end"), "{}", remarks(&report));
    assert!(provider.with(|i| i.asked.len()) < 10);
    // Such a list is not to be trusted with deletions.
    provider.with(|i| i.records.remove(&identifier(6)));
    assert_eq!(figures(&place.run(&full(from(&provider))))[3], 0);
}

#[test]
fn a_list_that_is_shorter_than_it_says_deletes_nothing() {
    let (provider, place) = (Provider::of(9), Place::new());
    place.run(&job(from(&provider)));
    provider.faults(Faults { hides: 2, claims_more: 2, ..Faults::default() });
    let report = place.run(&full(from(&provider)));
    assert_eq!(figures(&report)[3], 0);
    assert!(remarks(&report).contains("has 9 records, and listed 7"), "{}", remarks(&report));
}

#[test]
fn a_provider_whose_time_is_not_right_loses_nothing() {
    let (provider, place) = (Provider::of(4), Place::new());
    provider.faults(Faults { local_time: true, refuses_times: true, ..Faults::default() });
    let report = place.run(&job(from(&provider)));
    assert_eq!(figures(&report)[0], 4);
    assert!(remarks(&report).contains("not in UTC"));
    let report = place.run(&job(from(&provider)));
    assert_eq!(report.exit_code(), 0);
    assert!(remarks(&report).contains("asked by days"), "{}", remarks(&report));
    assert_eq!(provider.times_asked("from=2024-05-30"), 2, "a day before, first as a time and then as a day");
    place.run(&job(from(&provider)));
    assert_eq!(provider.times_asked("from=2024-05-30T"), 1, "it is remembered that it takes days");
}

#[test]
fn a_broken_record_keeps_to_itself() {
    let (provider, place) = (Provider::of(6), Place::new());
    let stamp = "2024-01-01T00:00:00Z";
    provider.put_at(&identifier(100), stamp, Some(edm(100, "a\u{1}b &#x2; AT&T")));
    provider.put_at(&identifier(101), stamp, Some(edm(101, "broken").replace("</dc:title>", "")));
    provider.put_at(&identifier(102), stamp, Some(edm(102, "prefix").replace("xmlns:dc=", "xmlns:dd=")));
    provider.put_at(&identifier(103), stamp, Some(format!("<![CDATA[{}]]>", edm(103, "cdata"))));
    provider.put_at(&identifier(104), stamp, Some(String::new()));
    provider.put_at(&identifier(105), stamp, Some(format!("<?xml version=\"1.0\"?>{}", edm(105, "declared"))));
    let report = place.run(&job(from(&provider)));
    assert_eq!((figures(&report), report.exit_code()), ([9, 0, 0, 0, 3], 3));
    assert!(place.graphs()[&cho(100)].contains("\"ab  AT&T\"@en"), "{}", place.graphs()[&cho(100)]);
    let about = place.house.store.about(&place.house.store.base().source_graph(&Place::key(&cho(100)))).unwrap();
    for told in ["U+0001", "U+0002", "ampersand"] {
        assert!(about.iter().any(|q| q.to_string().contains(told)), "{told}: {about:#?}");
    }
    let lines = report.lines.join("\n");
    assert!(lines.contains(&identifier(101)) && lines.contains("xmlns:dc is missing"), "{lines}");
    let quarantine = std::fs::read_dir(place.house.store.folder().join("quarantine")).unwrap().count();
    assert_eq!(quarantine, 6, "the bytes and the reason of each");

    // What is refused once does not delete what we have of it, and is told again.
    provider.put_at(&identifier(2), "2024-07-01T00:00:00Z", Some("<rdf:RDF>".to_owned()));
    let report = place.run(&full(from(&provider)));
    assert_eq!((figures(&report)[3], figures(&report)[4]), (0, 4));
    assert!(place.chos().contains(&cho(2)));
}

#[test]
fn one_by_one_a_dead_record_does_not_stop_the_others() {
    let (provider, place) = (Provider::of(5), Place::new());
    let each = FromOai { each: true, ..from(&provider) };
    assert_eq!(figures(&place.run(&job(each.clone())))[0], 5);
    assert_eq!(provider.times_asked("verb=GetRecord"), 5);
    // Where lists of records fail on a page, headers do not.
    let place = Place::new();
    provider.faults(Faults { dead_page: Some(1), ..Faults::default() });
    let report = place.run(&job(from(&provider)));
    assert_eq!((report.exit_code(), place.chos().len()), (1, 3));
    assert!(report.figures["failed"].as_str().unwrap().contains("500"));
}

#[test]
fn identifiers_and_sources_that_contend_for_a_record() {
    let (provider, place) = (Provider::of(3), Place::new());
    place.run(&job(from(&provider)));
    // The same object under another identifier: the later version stands, whatever the order.
    provider.put_at("oai:museum.example:new", "2024-03-01T00:00:00Z", Some(edm(1, "a better title")));
    assert_eq!(figures(&place.run(&full(from(&provider))))[1], 1);
    let again = place.run(&full(from(&provider)));
    assert_eq!((figures(&again), figure(&again, "contradicted")), ([0, 0, 3, 0, 0], 1), "the older version is refused each time");
    // The old identifier is deleted: the object stays.
    provider.put_at(&identifier(1), "2024-04-01T00:00:00Z", None);
    assert_eq!(figures(&place.run(&full(from(&provider))))[3], 0);
    assert!(place.graphs()[&cho(1)].contains("a better title"));

    let other = Provider::of(1);
    other.put(0, "what another says");
    let report = place.run(&job(from(&other)));
    assert_eq!(figure(&report, "contradicted"), 1);
    assert!(report.lines.join("\n").contains("--take-over"));
    let taken = Job::Harvest(Harvest { full: true, take_over: true, ..harvest(HarvestFrom::Oai(from(&other))) });
    assert_eq!(figures(&place.run(&taken))[1], 1);
    // The first source has lost it and does not delete it.
    provider.with(|i| i.records.remove(&identifier(0)));
    let report = place.run(&full(from(&provider)));
    assert_eq!((figures(&report)[3], place.chos().len()), (0, 3));
}

#[test]
fn what_is_no_provider_says_so() {
    let (provider, place) = (Provider::of(2), Place::new());
    let listener = || glossator::jobs::Listener { progress: &glossator::telemetry::Silent, outlet: &super::Unheard };
    let wrong = FromOai { url: format!("http://{}/nothing", provider.address), ..from(&provider) };
    let error = place.house.run(&job(wrong), listener()).unwrap_err();
    assert!(format!("{error:#}").contains("404"), "{error:#}");
    let private = Job::Harvest(Harvest { allow_private: false, ..harvest(HarvestFrom::Oai(from(&provider))) });
    let error = place.house.run(&private, listener()).unwrap_err();
    assert!(format!("{error:#}").contains("private network"), "{error:#}");
    let report = place.run(&job(FromOai { prefix: "oai_dc".to_owned(), ..from(&provider) }));
    assert!(report.figures["failed"].as_str().unwrap().contains("ListMetadataFormats"));
    // A format that is not EDM is told on the first page, not after a million records.
    let place = Place::new();
    for number in 0..2 {
        provider.put_at(&identifier(number), "2024-01-01T00:00:00Z", Some("<dc xmlns='urn:x'><title>x</title></dc>".to_owned()));
    }
    let report = place.run(&job(from(&provider)));
    assert!(report.figures["failed"].as_str().unwrap().contains("is EDM"), "{:?}", report.figures);
}

#[test]
fn real_records_come_through_a_provider_with_faults() {
    let Some(folder) = shared("edm") else { return };
    let provider = Provider::new();
    provider.with(|i| i.page = 25);
    let mut number = 0;
    for file in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let file = file.unwrap();
        let is_xml = file.path().extension().is_some_and(|e| e == "xml" || e == "rdf");
        // A record a file, as providers have them; collections of many are the files' own tests.
        if !is_xml || file.metadata().unwrap().len() > 100_000 {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
        let stamp = format!("2024-01-01T{:02}:{:02}:{:02}Z", number / 3600, number / 60 % 60, number % 60);
        let entry = Entry { stamp, sets: Vec::new(), metadata: Some(text.trim_start_matches('\u{feff}').to_owned()) };
        provider.with(|i| i.records.insert(format!("oai:real:{number:05}"), entry));
        number += 1;
    }
    let place = Place::new();
    provider.faults(Faults { busy_every: Some(4), truncated: Some((3, 1)), lost_token: Some((5, 1)), ..Faults::default() });
    let report = place.run(&full(from(&provider)));
    eprintln!("{number} files: {}", serde_json::Value::Object(report.figures.clone()));
    assert!(!report.failed, "{:?}", report.lines);
    let [new, ..] = figures(&report);
    assert!(new as usize > number * 8 / 10, "{:?}", report.lines);
    let before = place.graphs();
    let again = place.run(&full(from(&provider)));
    assert_eq!((figures(&again)[0], figures(&again)[1], figures(&again)[3]), (0, 0, 0), "{:?}", again.lines);
    assert_eq!(place.graphs(), before);
}

#[test]
fn answers_of_other_providers_are_taken_apart() {
    use glossator::records::harvest::{Answer, Granularity, Identity, decode};
    let Some(folder) = shared("conformance/oai-pmh") else { return };
    let read = |name: &str| decode(&std::fs::read(folder.join(name)).unwrap());
    let parse = |name: &str| Answer::parse(&read(name)).unwrap();
    let first = parse("sickle.ListRecords.xml");
    assert_eq!((first.items.len(), first.items[0].header.deleted, first.items[1].payload.is_some()), (2, true, true));
    assert_eq!(first.token.map(|t| (t.value, t.complete_size)), Some(("ListRecords2.xml".to_owned(), Some(8))));
    let nameless = parse("sickle.ListRecords4.xml");
    assert!(nameless.items[0].header.identifier.is_empty() && nameless.items[0].header.deleted && nameless.items.len() == 2);
    assert_eq!(parse("sickle.badResumptionToken.xml").errors[0].code, "badResumptionToken");
    assert_eq!(parse("sickle.undefinedError.xml").errors[0].code, "undefinedError");
    assert!(parse("sickle.noRecordsMatch.xml").error("noRecordsMatch").is_some());
    assert_eq!(parse("sickle.ListIdentifiers2.xml").items.len(), 2);
    assert!(Answer::parse(&read("sickle.ListRecordsBroken.xml")).is_err());
    let cdata = parse("xoai.oai_dc-CDATA.xml");
    assert_eq!((cdata.items[0].header.sets.len(), cdata.items[0].header.identifier.as_str()), (2, "oai:ojs.spmfrjournal.org:article/88"));
    assert!(cdata.items[0].payload.as_ref().unwrap().xml.contains("<![CDATA[Article Title]]>"));
    let granularity = |name: &str| Identity::parse(&read(name).text).unwrap().granularity;
    assert_eq!((granularity("sickle.Identify.xml"), granularity("xoai.identify.xml")), (Granularity::Day, Granularity::Second));
    for file in std::fs::read_dir(&folder).unwrap() {
        let decoded = decode(&std::fs::read(file.unwrap().path()).unwrap());
        if let Ok(answer) = Answer::parse(&decoded) {
            assert!(answer.whole);
        }
    }
}

proptest::proptest! {
    /// Whatever a provider sends, it is taken apart or refused.
    #[test]
    fn any_answer_is_taken_apart(parts in proptest::collection::vec(proptest::sample::select(vec![
        "<OAI-PMH", ">", "/>", "</OAI-PMH>", "<ListRecords>", "<record>", "</record>", "<header>", "<header status='deleted'/>", "</header>", "<metadata>",
        "</metadata>", "<identifier>", "a", "é", "&", "&amp;", "&#0;", "&#xffffffff;", "<![CDATA[", "]]>", "<!--", "-->", "<?x", "\"", "'", "<", "=", "\u{1}",
        " xmlns='", "<resumptionToken", "<about>", "\n", "<x:y ", "xmlns:x=\"u\"",
    ]), 0..60)) {
        use glossator::records::harvest::{Answer, decode, mend};
        let text = parts.concat();
        for text in [text.clone(), format!("<OAI-PMH><ListRecords>{text}")] {
            let _ = Answer::parse(&decode(text.as_bytes()));
        }
        let _ = mend(&text);
    }
}
