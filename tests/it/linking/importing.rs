//! What services and crowds said, imported: whose words they are, what becomes of each label, and what is wrong with a line.

use std::path::PathBuf;

use super::{ImportTags, Job, Place, Report};

fn import(place: &Place, name: &str, text: &str, agent: &str) -> Report {
    let file = place.folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    place.run(&job(file, agent))
}

fn job(file: PathBuf, agent: &str) -> Job {
    Job::ImportTags(ImportTags {
        file,
        agent: agent.to_owned(),
        version: "1".to_owned(),
        format: None,
        prefix: Some("http://museum.example/pictures/".to_owned()),
        facet: "subjects".to_owned(),
        language: Some("en".to_owned()),
        stop_list: None,
    })
}

fn place() -> Place {
    let place = Place::new();
    place.load();
    for id in ["1", "2"] {
        place.ingest(id, "<dc:title>Something</dc:title>");
    }
    place
}

/// Body or text, score, by whom.
fn claims(place: &Place) -> Vec<(String, String, String)> {
    let rows = place.ask(
        "SELECT ?b ?s ?n WHERE { ?a a oa:Annotation ; oa:hasBody ?body ; enr:rawScore ?s ; dcterms:creator ?c . ?c dcterms:identifier ?n . \
         OPTIONAL { ?body a oa:TextualBody ; rdf:value ?text } BIND(COALESCE(?text, REPLACE(STR(?body), \"http://vocab.example/\", \"\")) AS ?b) } ORDER BY ?n ?b",
    );
    rows.into_iter().map(|r| (r[0].clone(), r[1].clone(), r[2].clone())).collect()
}

#[test]
fn two_services_are_two_agents_and_what_names_no_concept_stays_text() {
    let place = place();
    let google = r#"{"responses":[{"context":{"uri":"1.jpg"},"labelAnnotations":[{"description":"Plant","score":0.9456},{"description":"Font","score":0.9},{"description":"Drawing","score":0.8}]}]}"#;
    let report = import(&place, "google.json", google, "Google Cloud Vision");
    assert_eq!(
        (&report.figures["linked"], &report.figures["texts"], &report.figures["on_stop_list"], &report.figures["homographs"]),
        (&1.into(), &2.into(), &1.into(), &1.into())
    );
    let azure = "image,label\n1.jpg,Office ruler 72.71 %; Plant 88 %\n2.jpg,Brass 77 %\n";
    assert!(!import(&place, "azure.csv", azure, "Azure").partial);
    let claims = claims(&place);
    let told: Vec<(&str, &str, &str)> = claims.iter().map(|(b, s, n)| (b.as_str(), s.as_str(), n.as_str())).collect();
    assert_eq!(
        told,
        [
            ("Office ruler", "0.7271", "Azure"),
            ("brass", "0.77", "Azure"),
            ("plants", "0.88", "Azure"),
            ("Drawing", "0.8", "Google Cloud Vision"),
            ("Font", "0.9", "Google Cloud Vision"),
            ("plants", "0.9456", "Google Cloud Vision"),
        ]
    );
    // None of it has a confidence, so no policy publishes it before somebody looked.
    assert!(place.ask("SELECT ?a WHERE { ?a soa:confidence ?c }").is_empty());
    let version = place.house.store.version();
    import(&place, "azure.csv", azure, "Azure");
    assert_eq!(place.house.store.version(), version, "the same file again changes nothing");
    let run = report.figures["run"].as_str().unwrap().to_owned();
    place.run(&Job::Retract { run });
    assert!(super::importing::claims(&place).iter().all(|(_, _, who)| who == "Azure"));
}

#[test]
fn a_crowds_votes_are_kept_with_who_gave_them() {
    let place = place();
    let votes = "subject_id,label,user_name\nhttp://museum.example/1,lute,ada\nhttp://museum.example/1,Lutes,bob\nhttp://museum.example/1,letter,eve\n";
    let report = import(&place, "votes.csv", votes, "Zooniverse");
    assert_eq!(report.figures["votes"], 3);
    let rows = place.ask("SELECT ?c ?v ?n ?m ?s WHERE { ?a oa:hasBody ?c ; enr:votes ?v ; enr:voters ?n ; enr:majority ?m ; enr:rawScore ?s } ORDER BY DESC(?v)");
    assert_eq!(rows[0], ["http://vocab.example/lutes", "2", "3", "true", "0.6667"]);
    assert_eq!(rows[1], ["http://vocab.example/letters", "1", "3", "false", "0.3333"]);
    let who = place.ask("SELECT ?who WHERE { ?a oa:hasBody <http://vocab.example/letters> ; enr:vote ?v . ?v dcterms:creator/<http://xmlns.com/foaf/0.1/name> ?who }");
    assert_eq!(who, [["eve"]]);
}

#[test]
fn bad_lines_are_told_and_the_rest_is_done() {
    let place = place();
    let tags = "image,label,confidence,concept\n1.jpg,lute,0.9,\n1.jpg,lute,very,\n,lute,0.9,\nnowhere.jpg,lute,0.9,\n2.jpg,letter,120,\n2.jpg,letter,0.5,http://vocab.example/nothing\n";
    let report = import(&place, "tags.csv", tags, "A service");
    assert!(report.partial);
    assert_eq!(report.exit_code(), 3);
    let lines = report.lines.join("\n");
    for told in [
        "line 3: `very` is no score",
        "line 4: it does not say what it is about",
        "line 5: `nowhere.jpg` is no record here",
        "line 6: `120`",
        "line 7: the concept `http://vocab.example/nothing`",
    ] {
        assert!(lines.contains(told), "{told} is not in\n{lines}");
    }
    assert_eq!(claims(&place).len(), 2);
}

#[test]
fn ids_that_a_spreadsheet_filled_in_are_not_believed() {
    let place = place();
    let tags = "image,label,concept\n1.jpg,lute,300181918\n1.jpg,lute,300181919\n2.jpg,lute,300181920\n";
    let report = import(&place, "filled.csv", tags, "A museum");
    let lines = report.lines.join("\n");
    assert!(lines.contains("lines 2 to 4") && lines.contains("300181918") && lines.contains("spreadsheet"), "{lines}");
    assert!(claims(&place).iter().all(|(body, _, _)| body == "lutes"), "{:?}", claims(&place));
}

#[test]
fn a_file_that_is_none_is_refused_and_nothing_changes() {
    let place = place();
    let version = place.house.store.version();
    for (name, text, told) in [("a.csv", "a,b\n1,2\n", "names no column"), ("b.json", "{ \"a\": ", "EOF"), ("c.csv", "", "empty")] {
        let file = place.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let listener = glossator::jobs::Listener { progress: &glossator::telemetry::Silent, outlet: &super::Kept::default() };
        let error = place.house.run(&job(file, "A service"), listener).unwrap_err();
        assert!(format!("{error:#}").contains(told), "{name}: {error:#}");
    }
    assert_eq!(place.house.store.version(), version);
}
