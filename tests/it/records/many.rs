//! Many records in one document: divided, each with what it leads to, and nothing lost.

use std::ops::ControlFlow;

use glossator::records::{NoteKind, ReadSettings, Taken, read_document};

use super::{Read, external, fixture, kinds, note, read_fixture};

/// No prefix for RDF's own namespace, and an attribute of the RDF/XML of 1999.
const RDF_BY_DEFAULT: &str = "<RDF xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><ProvidedCHO \
    xmlns='http://www.europeana.eu/schemas/edm/' about='http://museum.example/cho/1'/></RDF>";

fn subjects(read: &Read, number: usize) -> Vec<String> {
    let mut all: Vec<_> = read.records[number].triples.iter().map(|t| t.subject.to_string()).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn a_file_is_divided_by_its_things_and_shared_entities_are_copied() {
    let read = read_fixture("two.xml");
    assert_eq!((read.records.len(), read.rejected.len()), (2, 0), "{read:#?}");
    let of = |name: &str| format!("<http://museum.example/{name}>");
    assert_eq!(subjects(&read, 0), [of("agent/potter"), of("aggregation/jug"), of("cho/jug"), of("place/raeren"), "_:b0".to_owned()]);
    assert_eq!(subjects(&read, 1), [of("agent/potter"), of("aggregation/set"), of("cho/set")]);
    assert_eq!(kinds(&read.records[0]), [NoteKind::Orphan, NoteKind::Untidy]);
    assert!(note(&read.records[0], "place/raeren").line == Some(2) && note(&read.records[0], "`dc:date` is empty").line == Some(7));
    assert_eq!(read.records[1].notes, []);
    assert_eq!(read.records[0].original.checksum, read.records[1].original.checksum);
}

#[test]
fn an_oai_answer_gives_its_good_records_and_refuses_the_bad_one() {
    let read = read_fixture("oai.xml");
    let chos: Vec<_> = read.records.iter().map(|r| (r.cho.as_str(), r.original.line, r.notes.len())).collect();
    assert_eq!(chos, [("http://museum.example/cho/1", Some(9), 0), ("http://museum.example/cho/4", Some(31), 0)]);
    assert_eq!((read.rejected.len(), read.rejected[0].line), (1, Some(23)));
    assert_eq!(read.skipped.len(), 1);
    assert!(read.skipped[0].1.starts_with("1 record(s)"));
}

#[test]
fn descriptions_of_one_thing_are_put_together() {
    let read = Read::document(
        "a.xml",
        external("<dc:title>a</dc:title>").replace(
            "</rdf:RDF>",
            "<edm:ProvidedCHO rdf:about='http://museum.example/cho/1'><dc:title>b</dc:title></edm:ProvidedCHO></rdf:RDF>",
        ),
    );
    assert_eq!((read.one().view().titles().len(), read.one().notes.len()), (2, 0));
    let graph =
        |title: &str| external(&format!("<dc:title>{title}</dc:title><dc:creator rdf:nodeID='x'/>")).split_once("?>").unwrap().1.to_owned();
    let read = Read::document("a.xml", format!("<records>{}{}</records>", graph("a"), graph("b")));
    assert_eq!(read.one().view().titles().len(), 2);
    assert_eq!(note(read.one(), "described again").kind, NoteKind::Merged);
    // A blank node of one graph is none of the other's.
    assert_eq!(read.one().view().creators().len(), 2);
}

#[test]
fn wrappers_are_looked_into() {
    let graph = external("<dc:title>a</dc:title>").split_once("?>").unwrap().1.to_owned();
    let names = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:edm='http://www.europeana.eu/schemas/edm/'";
    for text in [
        format!("<metadata>{graph}</metadata>"),
        format!("<metadata><a:x xmlns:a='http://a.example/'>{graph}</a:x></metadata>"),
        format!("<edm:ProvidedCHO {names} rdf:about='http://museum.example/cho/1'/>"),
        format!("<records {names}><note>text</note><record><edm:ProvidedCHO rdf:about='http://museum.example/cho/1'/></record></records>"),
        format!("<w {names}><rdf:RDF><edm:ProvidedCHO rdf:about='http://museum.example/cho/1'/></rdf:RDF></w>"),
        RDF_BY_DEFAULT.to_owned(),
        format!("\n{}", external("")),
    ] {
        assert_eq!(Read::document("a.xml", &text).one().cho.as_str(), "http://museum.example/cho/1", "{text}");
    }
    let lone = format!("<edm:ProvidedCHO {names} rdf:about='http://museum.example/cho/1'/>");
    assert!(note(Read::document("a.xml", lone).one(), "no ore:Aggregation").kind == NoteKind::Untidy);
    let loose =
        format!("<all {names}><edm:ProvidedCHO rdf:about='http://m.example/1'/><edm:ProvidedCHO rdf:about='http://m.example/2'/></all>");
    assert_eq!(Read::document("a.xml", loose).records.len(), 2);
}

#[test]
fn what_breaks_in_the_middle_gives_what_came_before() {
    let mut text = String::from_utf8(fixture("oai.xml")).unwrap();
    text.truncate(text.find("oai:museum.example:4").unwrap());
    let read = Read::document("oai.xml", text);
    assert_eq!((read.records.len(), read.rejected.len()), (1, 2));
    assert!(read.rejected[1].reason.contains("ends in the middle"));
}

#[test]
fn a_thing_without_a_name_takes_no_other_with_it() {
    let text =
        external("<dc:title>a</dc:title>").replace("</rdf:RDF>", "<edm:ProvidedCHO><dc:title>b</dc:title></edm:ProvidedCHO></rdf:RDF>");
    let read = Read::document("a.xml", text);
    assert_eq!((read.records.len(), read.rejected.len()), (1, 1));
    assert_eq!(read.records[0].view().titles().len(), 1);
}

#[test]
fn what_is_aggregated_but_not_called_a_cho_is_taken_with_a_note() {
    let read = Read::document("a.xml", external("<dc:title>a</dc:title>").replace("edm:ProvidedCHO", "rdf:Description"));
    assert_eq!(note(read.one(), "not said to be an edm:ProvidedCHO").kind, NoteKind::Untidy);
}

#[test]
fn reading_stops_when_it_is_told_to() {
    let mut count = 0;
    let mut stop = |_: Taken| {
        count += 1;
        ControlFlow::Break(())
    };
    let summary = read_document("oai.xml", &fixture("oai.xml"), &ReadSettings::default(), &mut stop).unwrap();
    assert!(summary.stopped && summary.records == 1 && count == 1);
}
