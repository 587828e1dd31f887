//! Metadata tiers, counted by hand and beside those that Europeana wrote into records.

use std::ops::ControlFlow;

use glossator::{
    records::{ReadSettings, Taken, read_paths},
    validation::{MetadataTier, Tier, metadata_tier},
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{NamedNode, Term, Triple},
};

use super::{say, shared};

fn tier(turtle: &str) -> MetadataTier {
    let text = format!(
        "@prefix dc: <http://purl.org/dc/elements/1.1/> . @prefix dcterms: <http://purl.org/dc/terms/> .
         @prefix edm: <http://www.europeana.eu/schemas/edm/> . @prefix ore: <http://www.openarchives.org/ore/terms/> .
         @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix w: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
         @prefix : <http://e.example/> . :cho a edm:ProvidedCHO . {turtle}"
    );
    let triples: Vec<Triple> = RdfParser::from_format(RdfFormat::Turtle).for_slice(&text).map(|q| q.unwrap().into()).collect();
    metadata_tier(NamedNode::new("http://e.example/cho").unwrap().as_ref(), &triples)
}

#[test]
fn languages_are_counted_by_quarters() {
    let language = |turtle: &str| tier(turtle).language;
    assert_eq!(language(""), Tier::Zero);
    assert_eq!(language(":cho dc:title 'a' ; dc:type 'b' ; dc:subject 'c' ; dc:format 'd' ; dc:source 'e'@en ."), Tier::Zero);
    assert_eq!(language(":cho dc:title 'a' ; dc:type 'b' ; dc:subject 'c' ; dc:format 'd'@en ."), Tier::A);
    assert_eq!(language(":cho dc:title 'a'@en ; dc:type 'b' ."), Tier::B);
    assert_eq!(language(":cho dc:title 'a'@en , 'b' ; dc:type 'b'@en ; dc:subject 'c'@en ; dc:format 'd' ."), Tier::C);
    // A creator is not asked for its language, an empty text is none.
    assert_eq!(language(":cho dc:title 'a'@en ; dc:creator 'b' ; dc:description ' ' ."), Tier::C);
    // A link counts by the label of what it names, if that is a concept, a place or a time span.
    assert_eq!(language(":cho dc:type :t . :t a skos:Concept ; skos:prefLabel 't'@en ."), Tier::C);
    assert_eq!(language(":cho dc:type :t . :t a edm:Agent ; skos:prefLabel 't'@en ."), Tier::Zero);
    assert_eq!(language(":cho dc:type :t ."), Tier::Zero);
}

#[test]
fn enabling_elements_count_with_their_groups() {
    let elements = |turtle: &str| tier(turtle).enabling_elements;
    assert_eq!(elements(":cho dc:title 'a' ."), Tier::Zero);
    assert_eq!(elements(":cho dc:type 'a' ; dc:format 'b' ; dcterms:medium 'c' ."), Tier::A);
    assert_eq!(elements(":cho dc:type 'a' ; dc:format 'b' ; dc:creator 'c' ."), Tier::B);
    assert_eq!(elements(":cho dc:type 'a' ; dc:format 'b' ; dc:creator 'c' ; dc:publisher 'd' ."), Tier::C);
    // A subject counts where it links to an entity that the record describes.
    assert_eq!(elements(":cho dc:type 'a' ; dc:format 'b' ; dc:subject 'c' ."), Tier::A);
    assert_eq!(elements(":cho dc:type 'a' ; dc:format 'b' ; dc:subject :p . :p a edm:Place ."), Tier::B);
}

#[test]
fn contextual_classes_count_where_they_are_linked_and_described() {
    let classes = |turtle: &str| tier(turtle).contextual_classes;
    assert_eq!(classes(""), Tier::A);
    let concept = ":c a skos:Concept ; skos:prefLabel 'c' ; skos:broader :d .";
    assert_eq!(classes(concept), Tier::A);
    assert_eq!(classes(&format!(":cho dc:type :c . {concept}")), Tier::B);
    assert_eq!(classes(":cho dc:type :c . :c a skos:Concept ; skos:prefLabel 'c' ; skos:inScheme :s ."), Tier::A);
    let two = format!(":cho dc:type :c ; dcterms:created :t . {concept} :t a edm:TimeSpan ; edm:begin '1' ; edm:end '2' .");
    assert_eq!(classes(&two), Tier::C);
    assert_eq!(classes(":cho dcterms:spatial :p . :p a edm:Place ; skos:prefLabel 'p' ; w:lat '1' ; w:long '2' ."), Tier::B);
    assert_eq!(classes(":cho dc:creator :a . :a a edm:Agent ; skos:prefLabel 'a' ; edm:begin '1' ."), Tier::B);
}

#[test]
fn an_aggregators_proxy_counts_and_europeanas_does_not() {
    let concept = ":c a skos:Concept ; skos:prefLabel 'c'@en ; skos:exactMatch :d .";
    let proxy = |flag: &str| format!(":p a ore:Proxy ; ore:proxyFor :cho ; edm:europeanaProxy '{flag}' ; dc:type :c . {concept}");
    assert_eq!(tier(&proxy("false")).contextual_classes, Tier::B);
    assert_eq!(tier(&proxy("true")).contextual_classes, Tier::A);
}

/// Europeana writes the tier of a record into it, about the provider's aggregation.
#[test]
fn europeana_counts_the_same() {
    let Some(folder) = shared("data/edm/fixtures") else { return };
    let (mut same, mut of) = (0, 0);
    read_paths(&[folder], &ReadSettings::default(), &mut |taken| {
        let Taken::Record(record) = taken else { return ControlFlow::Continue(()) };
        let theirs = record.triples.iter().filter_map(|t| match &t.object {
            Term::NamedNode(n) if n.as_str().contains("/epf/metadataTier") => Some((t.subject.clone(), n.as_str().chars().last().unwrap())),
            _ => None,
        });
        for (annotation, theirs) in theirs {
            let target = record.triples.iter().find(|t| t.subject == annotation && t.predicate.as_str().ends_with("hasTarget"));
            let target = target.map(|t| t.object.to_string()).unwrap_or_default();
            let ours = metadata_tier(record.cho.as_ref(), &record.triples);
            say(&format!(
                "{} {target}: Europeana says {theirs}, we say {} ({} {} {})",
                record.original.source, ours.tier, ours.language, ours.enabling_elements, ours.contextual_classes
            ));
            if target.contains("aggregation/provider") {
                of += 1;
                same += usize::from(ours.tier.letter() == theirs.to_string());
            }
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    say(&format!("{same} of {of} are the same"));
    assert_eq!(same, of);
    assert!(of > 0);
}
