//! What stands in the store after a tagger has looked: regions, relations, sentences, what is said of the digital picture, and who said it.

use std::fs;

use glossator::{
    jobs::{Job, ModelJob, Publish, Review, Tag},
    publication::Policy,
    review::Decision,
    vocab::LoadRequest,
};

use super::place::{Place, altered, kind};

const REGIONS: &str = "SELECT ?label ?value WHERE { ?a oa:motivatedBy oa:tagging ; enr:modelLabel ?label ; oa:hasTarget ?t .
    ?t oa:hasSource <http://museum.example/pictures/scene.png> ; oa:hasScope <http://museum.example/scene> ; oa:hasSelector ?s .
    ?s a oa:FragmentSelector ; rdf:value ?value } ORDER BY ?label";

#[test]
fn every_detector_says_where_things_are_in_original_pixels() {
    for name in ["yolo", "end2end", "detr", "owl"] {
        let place = Place::with_scene();
        place.add(&kind(name));
        place.tag(name);
        let rows = place.ask(REGIONS);
        // A pixel of the network's is three of the picture's.
        for (row, (label, corners)) in rows.iter().zip([("horse", [120, 40, 60, 50]), ("knight", [20, 10, 70, 50])]) {
            assert_eq!(row[0], label);
            let found: Vec<i32> = row[1].strip_prefix("xywh=").unwrap().split(',').map(|n| n.parse().unwrap()).collect();
            assert!(found.iter().zip(corners).all(|(f, w)| (f - w).abs() <= 4), "{name}: {found:?} is not {corners:?}");
        }
        assert_eq!(rows.len(), 2, "{name}");
        let before =
            place.ask("SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), '/enrichment/')) } ORDER BY ?s ?p ?o");
        let again = place.tag(name);
        assert_eq!(again.figures["unchanged"], 1);
        assert_eq!(
            place.ask("SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), '/enrichment/')) } ORDER BY ?s ?p ?o"),
            before
        );
        assert_eq!(place.run(&Job::Check).figures["faults"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn a_thing_that_tiles_cut_is_one_box() {
    // A picture of five tiles, with a red thing over three of them and a small blue one.
    let (width, height) = (1000, 300);
    let mut pixels = image::RgbImage::from_pixel(width, height, image::Rgb([200, 200, 200]));
    for (x, y, pixel) in pixels.enumerate_pixels_mut() {
        match (x, y) {
            (150..=779, 100..=199) => *pixel = image::Rgb([250, 20, 20]),
            (900..=929, 30..=49) => *pixel = image::Rgb([20, 20, 250]),
            _ => {}
        }
    }
    let mut png = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut png, image::ImageFormat::Png).unwrap();
    for whole in ["false", "true"] {
        let tiles = format!("threshold = 0.25, tiles = {{ size = 320, overlap = 0.25, whole = {whole} }} }}");
        let (_home, folder) = altered("end2end", "bundle.toml", &[("threshold = 0.25 }", &tiles)]);
        let place = Place::with_scene();
        place.record("frieze", png.get_ref(), "");
        place.add(&folder);
        place.tag("end2end");
        let rows = place.ask(&REGIONS.replace("scene", "frieze"));
        let boxes: Vec<(&str, Vec<i32>)> = rows
            .iter()
            .map(|r| (r[0].as_str(), r[1].trim_start_matches("xywh=").split(',').map(|n| n.parse().unwrap()).collect()))
            .collect();
        assert_eq!(boxes.len(), 2, "tiles, whole = {whole}: {boxes:?}");
        // The whole, seen 16 times smaller, is coarser than the tiles.
        let near = if whole == "true" { 16 } else { 6 };
        for ((_, found), wanted) in boxes.iter().zip([[900, 30, 30, 20], [150, 100, 630, 100]]) {
            assert!(found.iter().zip(wanted).all(|(f, w)| (f - w).abs() <= near), "whole = {whole}: {found:?} is not {wanted:?}");
        }
    }
}

#[test]
fn a_region_opens_at_the_image_service() {
    let place = Place::with_scene();
    let png = fs::read(kind("yolo").join("golden.png")).unwrap();
    place.record("iiif", &png, "; svcs:has_service <https://iiif.example/image/7>");
    place.add(&kind("end2end"));
    place.tag("end2end");
    let links = place.ask("SELECT (STR(?link) AS ?address) ?value WHERE { ?t oa:hasScope <http://museum.example/iiif> ; foaf:depiction ?link ; oa:hasSelector ?s . ?s rdf:value ?value }");
    assert_eq!(links.len(), 2);
    for row in links {
        let percent = row[0].strip_prefix("https://iiif.example/image/7/pct:").and_then(|r| r.strip_suffix("/max/0/default.jpg")).unwrap();
        let percent: Vec<f64> = percent.split(',').map(|n| n.parse().unwrap()).collect();
        let pixels: Vec<f64> = row[1].trim_start_matches("xywh=").split(',').map(|n| n.parse().unwrap()).collect();
        for (percent, (pixel, side)) in percent.iter().zip(pixels.iter().zip([200.0, 100.0, 200.0, 100.0])) {
            assert!((percent * side / 100.0 - pixel).abs() < 0.01, "{row:?}");
        }
    }
    assert!(place.ask("SELECT ?link WHERE { ?t oa:hasScope <http://museum.example/scene> ; foaf:depiction ?link }").is_empty());
}

#[test]
fn a_relation_names_both_regions() {
    let place = Place::with_scene();
    place.add(&kind("detr"));
    place.tag("detr");
    let rows = place.example("relations");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let rows: Vec<&[String]> = rows.iter().map(|row| &row[1..]).collect();
    let names: Vec<&str> = rows[0][..3].iter().map(|n| n.trim_start_matches("http://vocab.example/")).collect();
    assert_eq!(names, ["knight", "riding", "horse"]);
    assert!(rows[0][3].starts_with("xywh=") && rows[0][4].starts_with("xywh=") && rows[0][3] != rows[0][4]);
}

fn policy(text: &str) -> Job {
    Job::Publish(Publish { policy: Some(Policy::from_toml(text, "test").unwrap()) })
}

const EVERYTHING: &str = "name = \"all\"\n[[rules]]\nstatus = \"approved\"\nbest_ranks = 9";
const DESCRIPTIONS: &str = "SELECT ?words WHERE { ?p a ore:Proxy ; dc:description ?words FILTER(CONTAINS(STR(?p), 'enrich.example')) }";

#[test]
fn a_caption_is_published_only_where_a_person_accepts_it() {
    let (_home, folder) = altered("captioner", "bundle.toml", &[("\"candidate\"", "\"approved\"")]);
    let place = Place::with_scene();
    place.add(&folder);
    place.tag("captioner");
    let said = place.ask("SELECT ?a ?words (LANG(?words) AS ?language) ?kind WHERE { ?a oa:motivatedBy oa:describing ; oa:hasBody ?b ; enr:scoreKind ?kind . ?b a oa:TextualBody ; rdf:value ?words }");
    assert_eq!((said.len(), said[0][1].as_str(), said[0][2].as_str()), (1, "a knight rides the horse", "en"));
    assert!(said[0][3].ends_with("#Likelihood"));
    place.run(&policy(EVERYTHING));
    assert!(place.ask(DESCRIPTIONS).is_empty(), "no rule publishes what a machine says in words");
    let judge = |decision| Job::Review(Review { decision, annotation: said[0][0].clone(), to: None, who: "Ada".to_owned() });
    place.run(&judge(Decision::Accept));
    assert_eq!(place.ask(DESCRIPTIONS), [["a knight rides the horse"]]);
    place.run(&judge(Decision::Reject));
    assert!(place.ask(DESCRIPTIONS).is_empty());
}

#[test]
fn a_watermark_is_said_of_the_web_resource_alone() {
    let (_home, folder) = altered("two", "bundle.toml", &[("\"candidate\"", "\"approved\"")]);
    let place = Place::with_scene();
    place.record("golden", &fs::read(kind("two").join("golden.png")).unwrap(), "");
    place.add(&folder);
    place.tag("two");
    let flagged = place.example("flagged-pictures");
    let flags: Vec<(&str, &str)> =
        flagged.iter().map(|r| (r[0].trim_start_matches("http://museum.example/pictures/"), r[1].as_str())).collect();
    assert!(flags.contains(&("scene.png", "watermark")) && flags.len() == 2, "{flagged:?}");
    let about_object = place.ask("SELECT ?a WHERE { ?a a dqv:QualityAnnotation ; oa:hasTarget ?t . ?t oa:hasScope ?cho }");
    assert!(about_object.is_empty());
    place.run(&policy(EVERYTHING));
    assert!(place.ask("SELECT ?s WHERE { ?s ?p v:watermark FILTER(?p != oa:hasBody) }").is_empty(), "nothing of it is said of the object");
    // The other head's scores are calibrated by a file: its confidences are the file's.
    let sure = place.ask("SELECT ?score ?sure WHERE { ?a enr:facet 'subjects' ; enr:rawScore ?score ; soa:confidence ?sure }");
    assert!(!sure.is_empty());
    for row in sure {
        let (score, sure): (f64, f64) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        let wanted = if score < 0.5 { score * 0.5 } else { 0.25 + (score - 0.5) * 1.3 };
        assert!((sure - wanted).abs() < 1e-4, "{row:?}");
    }
}

#[test]
fn four_heads_answer_four_facets() {
    let place = Place::with_scene();
    place.record("golden", &fs::read(kind("facets").join("golden.png")).unwrap(), "");
    place.add(&kind("facets"));
    place.tag("facets");
    let said = place.ask("SELECT DISTINCT ?facet ?property WHERE { ?a enr:facet ?facet ; enr:proposedProperty ?property ; enr:scoreKind enr:Sigmoid } ORDER BY ?facet");
    assert!(said.iter().any(|r| r[0] == "materials" && r[1].ends_with("/medium")), "{said:?}");
    assert!(said.len() >= 3, "{said:?}");
}

fn zero_shot(place: &Place, prompts: &[(&str, &str)]) -> (String, Vec<Vec<String>>) {
    let prompts = prompts.iter().map(|(f, t)| ((*f).to_owned(), (*t).to_owned())).collect();
    let report = place.run(&Job::Tag(Tag { prompts, ..place.tagging("clip") }));
    let run = report.figures.get("run").and_then(|r| r.as_str()).unwrap_or_default().to_owned();
    let said = place.ask("SELECT ?concept ?score WHERE { ?g <http://www.w3.org/ns/prov#wasAttributedTo> ?t FILTER NOT EXISTS { ?g <http://purl.org/dc/terms/isReplacedBy> ?n } GRAPH ?g { ?a oa:hasBody ?concept ; enr:rawScore ?score } } ORDER BY ?concept");
    (run, said)
}

#[test]
fn zero_shot_chooses_from_what_is_loaded() {
    let place = Place::with_scene();
    place.add(&kind("clip"));
    let (run, first) = zero_shot(&place, &[]);
    assert!(!first.is_empty());
    let known = ["oak", "silver", "paper", "wood", "metal", "materials"];
    assert!(first.iter().all(|r| known.iter().any(|k| r[0] == format!("http://vocab.example/{k}"))), "{first:?}");
    let (again, _) = zero_shot(&place, &[]);
    assert!(again.is_empty(), "the same work makes no run");
    let mut runs = vec![run];
    for template in ["1 tag", "all tags", "a photo of {tag}"] {
        let (run, said) = zero_shot(&place, &[("materials", template)]);
        assert!(!run.is_empty() && !runs.contains(&run), "{template}: another template is another run");
        assert_ne!(said, first, "{template}");
        runs.push(run);
    }
    let cached = |place: &Place| {
        walkdir::WalkDir::new(place.folder.path().join("store/text-vectors"))
            .into_iter()
            .filter(|e| e.as_ref().unwrap().file_type().is_file())
            .count()
    };
    assert_eq!(cached(&place), 4, "a file for each template");
    assert!(
        place.try_run(&Job::Tag(Tag { prompts: [("subjects".to_owned(), "1 tag".to_owned())].into(), ..place.tagging("clip") })).is_err()
    );
}

#[test]
fn a_new_concept_needs_no_training() {
    let place = Place::with_scene();
    // "metal" below materials takes the word that the picture is likest to, whatever that is: all of them are asked about.
    let (_home, folder) =
        altered("clip", "bundle.toml", &[("threshold = 0.3, max_tags = 3", "threshold = 0.0, max_tags = 50"), ("\"back-off\"", "\"all\"")]);
    place.add_unchecked(&folder);
    let (_, before) = zero_shot(&place, &[]);
    let vocabulary = place.folder.path().join("vocabulary.ttl");
    let text = fs::read_to_string(kind("vocabulary.ttl")).unwrap();
    fs::write(
        &vocabulary,
        format!("{text}v:blue a skos:Concept ; skos:inScheme v:scheme ; skos:prefLabel \"blue\"@en ; skos:broader v:materials .\n"),
    )
    .unwrap();
    place.run(&Job::Load(LoadRequest {
        files: vec![vocabulary],
        scheme: Some("made-up".to_owned()),
        release: Some("1".to_owned()),
        ..LoadRequest::default()
    }));
    let (_, after) = zero_shot(&place, &[]);
    assert_eq!(after.len(), before.len() + 1, "{after:?}");
    assert!(after.iter().any(|r| r[0] == "http://vocab.example/blue"));
}

const ENSEMBLE: &str = "schema = 1\nid = \"both\"\nversion = \"1\"\ntitle = \"Both\"\nlicence = \"CC0-1.0\"\nstatus = \"candidate\"
[[member]]\ntagger = \"facets@1\"\nweights = { object-types = 3.0 }\n[[member]]\ntagger = \"other@1\"
[[facet]]\nfacet = \"object-types\"\nemit = \"all\"\nthreshold = 0.0\nmax_tags = 20\n";

#[test]
fn an_ensemble_is_the_mean_by_iri_and_who_does_not_know_abstains() {
    let place = Place::with_scene();
    let low = [("threshold = 0.3", "threshold = 0.0"), ("\"most-specific\"", "\"all\""), ("\"max-descendant\"", "\"none\"")];
    let (_home, facets) = altered("facets", "bundle.toml", &low);
    let (_home2, other) = altered("facets", "bundle.toml", &[&low[..], &[("id = \"facets\"", "id = \"other\"")]].concat());
    // The other one knows its outputs by other concepts, in another order, and one that the first does not know.
    let labels = "index\tiri\tlabel\tmapping\n0\thttp://vocab.example/chair\tlute\texact\n1\thttp://vocab.example/lute\tchair\texact\n2\thttp://vocab.example/table\tprint\texact\n3\t-\tcoin\t-\n";
    fs::write(other.join("labels/object-types.tsv"), labels).unwrap();
    place.add(&facets);
    place.add(&other);
    let ensemble = place.folder.path().join("ensemble");
    fs::create_dir_all(&ensemble).unwrap();
    fs::write(ensemble.join("ensemble.toml"), ENSEMBLE).unwrap();
    place.add(&ensemble);
    let score = |tagger: &str| -> std::collections::BTreeMap<String, f64> {
        let rows = place.ask(&format!("SELECT ?concept ?score WHERE {{ ?a <http://purl.org/dc/terms/creator> <https://enrich.example/agent/{tagger}/1> ; enr:facet 'object-types' ; oa:hasBody ?concept ; enr:rawScore ?score }}"));
        rows.into_iter().map(|r| (r[0].trim_start_matches("http://vocab.example/").to_owned(), r[1].parse().unwrap())).collect()
    };
    for tagger in ["facets", "other", "both"] {
        place.tag(tagger);
    }
    let (one, two, both) = (score("facets"), score("other"), score("both"));
    for (concept, mean) in &both {
        let wanted = match (one.get(concept), two.get(concept)) {
            (Some(a), Some(b)) => (3.0 * a + b) / 4.0,
            (Some(a), None) => *a,
            (None, Some(b)) => *b,
            (None, None) => panic!("{concept}"),
        };
        assert!((mean - wanted).abs() < 1e-5, "{concept}: {mean} is not {wanted}");
    }
    assert_eq!(both.len(), 5);
    let members = place.ask("SELECT ?m WHERE { <https://enrich.example/agent/both/1> enr:member ?m } ORDER BY ?m");
    assert_eq!(members, [["https://enrich.example/agent/facets/1"], ["https://enrich.example/agent/other/1"]]);
    assert!(place.ask("SELECT ?a WHERE { ?a enr:scoreKind enr:Mean ; soa:confidence ?c }").is_empty(), "a mean is no confidence");
    let gold = place.folder.path().join("pictures/gold.tsv");
    let best = |s: &std::collections::BTreeMap<String, f64>| s.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0.clone();
    fs::write(&gold, format!("picture\tfacet\tconcept\nscene.png\tobject-types\thttp://vocab.example/{}\n", best(&two))).unwrap();
    let report = place.run(&Job::Model(ModelJob::Compare { id: "both".to_owned(), gold }));
    let warned = report.figures["warnings"].as_array().unwrap().len();
    assert_eq!(warned, usize::from(best(&both) != best(&two)), "{:?}", report.lines);
    let error = place.try_run(&Job::Model(ModelJob::Remove { id: "other".to_owned() })).unwrap_err();
    assert!(error.to_string().contains("member of the ensemble"), "{error}");
}

#[test]
fn numbers_of_different_measure_have_no_mean() {
    let place = Place::with_scene();
    place.add(&kind("facets"));
    place.add(&kind("nodes"));
    let ensemble = place.folder.path().join("ensemble");
    fs::create_dir_all(&ensemble).unwrap();
    let text = ENSEMBLE.replace("other@1", "nodes@1");
    fs::write(ensemble.join("ensemble.toml"), &text).unwrap();
    place.add(&ensemble);
    let error = format!("{:#}", place.try_run(&Job::Tag(place.tagging("both"))).unwrap_err());
    assert!(error.contains("sigmoid scores") && error.contains("product scores"), "{error}");
    fs::write(
        ensemble.join("ensemble.toml"),
        text.replace("id = \"both\"", "id = \"measured\"").replace("emit = \"all\"", "normalise = \"max\"\nemit = \"all\""),
    )
    .unwrap();
    place.add(&ensemble);
    place.tag("measured");
}

#[test]
fn a_policy_that_takes_scores_for_confidences_is_refused() {
    let (_home, folder) = altered("nodes", "bundle.toml", &[("\"candidate\"", "\"approved\"")]);
    let place = Place::with_scene();
    place.add(&folder);
    place.tag("nodes");
    let rule = |facet: &str| format!("name = \"x\"\n[[rules]]\nstatus = \"approved\"\nfacet = \"{facet}\"\nleast_confidence = 0.5");
    let error = format!("{:#}", place.try_run(&policy(&rule("object-types"))).unwrap_err());
    assert!(error.contains("object-types") && error.contains("nodes") && error.contains("not calibrated"), "{error}");
    place.run(&policy(&rule("subjects")));
    place.run(&policy(EVERYTHING));
    assert!(
        Policy::from_toml("name = \"x\"\n[[rules]]\nstatus = \"approved\"\nleast_score = 0.5", "x")
            .unwrap_err()
            .to_string()
            .contains("threshold")
    );
}
