//! Mapping sets as the field exchanges them: SSSOM tables with their metadata, and RDF; who says what, and taking one's place.

use std::path::PathBuf;

use glossator::vocab::{LoadRequest, Vocabularies, load};

use super::{request, store, try_load};
use glossator::telemetry::Silent;

const INSTRUMENT: &str = "http://data.europeana.eu/concept/46";
const AAT: &str = "http://vocab.getty.edu/aat/300041620";

const SSSOM: &str = "#curie_map:
#  eu: http://data.europeana.eu/concept/
#  tool: https://tools.example/
#mapping_set_id: https://mappings.example/europeana-aat.sssom.tsv
#mapping_set_version: 2026-07
#license: https://creativecommons.org/publicdomain/zero/1.0/
#creator_id:
#  - orcid:0000-0002-1825-0097
#  - https://museum.example/staff/7
#mapping_date: 2026-07-01
#mapping_tool: tool:matcher
subject_id\tsubject_label\tpredicate_id\tpredicate_modifier\tobject_id\tmapping_justification\tconfidence\tauthor_id\tcomment
eu:46\tinstrument\tskos:exactMatch\t\taat:300041620\tsemapv:ManualMappingCuration\t0.97\torcid:0000-0002-1825-0097\tseen by two
eu:47\tclothing\tskos:closeMatch\t\taat:300266639\tsemapv:LexicalMatching\t1.7\t\t
eu:48\tcoins\tskos:exactMatch\tNot\taat:300041620\tsemapv:ManualMappingCuration\t\t\t
eu:49\tnothing\tskos:exactMatch\t\tsssom:NoTermFound\tsemapv:ManualMappingCuration\t\t\t
nobody:1\twrong\tskos:exactMatch\t\taat:300041620\tsemapv:ManualMappingCuration\t\t\t
eu:50\tpart\trdfs:subClassOf\t\taat:300264092\tsemapv:ManualMappingCuration\t\t\t
";

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_sssom_table_keeps_who_says_what_and_how_sure() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    let path = written(&folder, "a.sssom.tsv", SSSOM);
    let report = try_load(&store, std::slice::from_ref(&path)).unwrap();
    assert_eq!((report.scheme.as_str(), report.release.as_str()), ("europeana-aat", "2026-07"));
    assert!(report.is_mapping_set());
    let figures = report.table.clone().unwrap();
    assert_eq!((figures.rows, figures.mapped, figures.denied, figures.not_followed), (6, 2, 1, 1));
    assert_eq!(figures.unmapped, ["nothing"]);
    assert_eq!(report.bad_lines, 1);
    let told = |text: &str, line: u64| report.notes.iter().any(|n| n.text.contains(text) && n.line == Some(line));
    assert!(told("`nobody:1` is no IRI, and `curie_map` does not say", 17), "{:?}", report.notes);
    assert!(told("the confidence `1.7`", 14), "{:?}", report.notes);
    assert_eq!(report.alignments.into_iter().collect::<Vec<_>>(), [("skos:closeMatch".to_owned(), 1), ("skos:exactMatch".to_owned(), 1)]);

    let vocabularies = Vocabularies::new(&store).unwrap();
    let set = &vocabularies.mapping_sets()[0];
    assert_eq!(set.authors, ["https://museum.example/staff/7", "https://orcid.org/0000-0002-1825-0097"]);
    assert_eq!(set.date.as_deref(), Some("2026-07-01"));
    assert_eq!(set.licence.as_deref(), Some("https://creativecommons.org/publicdomain/zero/1.0/"));
    assert_eq!(set.methods, ["https://tools.example/matcher"]);
    let equivalents = vocabularies.equivalents_told(AAT).unwrap();
    let found = equivalents.iter().find(|e| e.iri.as_str() == INSTRUMENT).unwrap();
    let step = &found.steps[0];
    assert_eq!(vocabularies.release_of(&step.graph).unwrap().name(), "europeana-aat 2026-07");
    let why = vocabularies.justification(step).unwrap();
    assert_eq!(why.confidence, Some(0.97));
    assert_eq!(why.reasons, ["https://w3id.org/semapv/vocab/ManualMappingCuration"]);
    assert_eq!((why.authors.len(), why.comments), (1, vec!["seen by two".to_owned()]));
    // What says that it is not so, or is near at most, makes nothing the same.
    assert!(vocabularies.equivalents("http://data.europeana.eu/concept/48").unwrap().iter().all(|e| e.as_str() != AAT));
    assert!(vocabularies.equivalents("http://data.europeana.eu/concept/47").unwrap().iter().all(|e| !e.as_str().contains("aat")));

    let again = try_load(&store, &[path]).unwrap();
    assert!(again.unchanged);
    assert_eq!(again.table.unwrap(), figures);
}

#[test]
fn metadata_may_stand_in_a_file_of_their_own() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    let table: String = SSSOM.lines().filter(|l| !l.starts_with('#')).flat_map(|l| [l, "\n"]).collect();
    let metadata: String = SSSOM.lines().filter_map(|l| l.strip_prefix('#')).flat_map(|l| [l, "\n"]).collect();
    let files = [written(&folder, "b.tsv", &table), written(&folder, "b.yml", &metadata)];
    let report = try_load(&store, &files).unwrap();
    assert_eq!((report.scheme.as_str(), report.release.as_str(), report.bad_lines), ("europeana-aat", "2026-07", 1));
    let bomb = written(&folder, "c.yml", "a: &a [x, x]\nb: &b [*a, *a]\n");
    let error = try_load(&store, &[files[0].clone(), bomb]).unwrap_err();
    assert!(error.to_string().contains("anchors"), "{error}");
    let broken = written(&folder, "d.yml", "a: [\n");
    assert!(try_load(&store, &[files[0].clone(), broken]).unwrap_err().to_string().contains("no YAML"));
}

#[test]
fn rdf_is_a_mapping_set_where_the_operator_says_so() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    let text = format!(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
         @prefix dcterms: <http://purl.org/dc/terms/> . @prefix sssom: <https://w3id.org/sssom/> .
         <https://mappings.example/set> a sssom:MappingSet ; dcterms:title \"by hand\" ; owl:versionInfo \"3\" ; dcterms:creator \"Ada\" .
         <{INSTRUMENT}> skos:exactMatch <http://www.wikidata.org/entity/Q34379> .
         [] a owl:Axiom ; owl:annotatedSource <{INSTRUMENT}> ; owl:annotatedProperty skos:exactMatch ; owl:annotatedTarget <{AAT}> ;
            sssom:confidence 0.5 ."
    );
    let path = written(&folder, "set.ttl", &text);
    let wanted = LoadRequest { mapping: true, method: Some("two people, one week".to_owned()), ..request(&[path]) };
    let report = load(&store, &wanted, &Silent).unwrap();
    assert_eq!((report.scheme.as_str(), report.release.as_str()), ("by hand", "3"));
    assert_eq!(report.alignments["skos:exactMatch"], 2);
    let vocabularies = Vocabularies::new(&store).unwrap();
    assert!(vocabularies.releases().is_empty());
    let set = &vocabularies.mapping_sets()[0];
    assert_eq!((set.authors.clone(), set.methods.clone()), (vec!["Ada".to_owned()], vec!["two people, one week".to_owned()]));
    let found = vocabularies.equivalents_told("http://www.wikidata.org/entity/Q34379").unwrap();
    let aat = found.iter().find(|e| e.iri.as_str() == AAT).unwrap();
    assert_eq!(aat.steps.len(), 2, "one is the same as the other by way of Europeana's");
    assert_eq!(vocabularies.justification(&aat.steps[1]).unwrap().confidence, Some(0.5));
}
