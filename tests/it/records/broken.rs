//! What is broken is refused, with the line and a reason, and keeps its bytes.

use glossator::records::ReadSettings;
use proptest::prelude::*;

use super::{Read, external, fixture};

fn refused(name: &str, text: impl AsRef<[u8]>, line: Option<u64>, part: &str) {
    let read = Read::document(name, &text);
    let (at, reason) = read.refusal();
    assert!(reason.contains(part), "`{part}` is not in `{reason}`");
    assert_eq!(at, line, "{reason}");
    assert_eq!(read.rejected[0].bytes, text.as_ref());
}

#[test]
fn a_confidence_that_is_none_refuses_the_record() {
    for bad in ["1.2", "-0.1", "NaN", "0,87", "8.7e-1", "high", ""] {
        let text = external(&format!("<dc:title>Jug</dc:title>\n<dc:subject edm:confidenceLevel='{bad}'>jug</dc:subject>"));
        refused("a.xml", text, Some(5), &format!("edm:confidenceLevel is `{bad}`"));
    }
}

#[test]
fn document_types_and_entities_are_refused() {
    let bomb = "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
    refused("a.xml", external("<dc:subject>&b;</dc:subject>").replace("<rdf:RDF", &format!("{bomb}<rdf:RDF")), Some(2), "DOCTYPE");
    let file = "<!DOCTYPE r SYSTEM 'file:///etc/passwd'>";
    refused("a.xml", external("").replace("<rdf:RDF", &format!("{file}<rdf:RDF")), Some(2), "DOCTYPE");
    refused("a.xml", external("<dc:subject>a&nbsp;b</dc:subject>"), Some(4), "`&nbsp;` is not declared");
}

#[test]
fn what_xml_cannot_carry_is_refused() {
    refused("a.xml", external("<dc:subject>a\u{1}b</dc:subject>"), Some(4), "U+0001");
    refused("a.xml", external("<dc:subject>\na&#1;b</dc:subject>"), Some(5), "U+0001");
    refused("a.xml", external("<dc:subject>a\u{fffe}b</dc:subject>"), Some(4), "U+FFFE");
    refused("a.xml", external("<dc:subject rdf:resource='http://a.example/&#2;'/>"), Some(4), "U+0002");
    let nul = "<http://m.example/1> <http://purl.org/dc/elements/1.1/title> \"a\\u0000b\" .\n<http://m.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.europeana.eu/schemas/edm/ProvidedCHO> .\n";
    refused("a.nt", nul, None, "U+0000");
}

#[test]
fn depth_is_limited() {
    let deep = format!("{}{}", "<dc:subject><rdf:Description>".repeat(50_000), "</rdf:Description></dc:subject>".repeat(50_000));
    refused("a.xml", external(&deep), Some(4), "more than 128 deep");
    refused("a.json", "[".repeat(100_000), Some(1), "more than 128 deep");
    let lists = format!("<http://a.example/> <http://b.example/> {}{} .", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(Read::document("a.ttl", lists).rejected.len(), 1);
}

#[test]
fn what_is_not_well_formed_is_refused_at_its_line() {
    refused("a.xml", external("<dc:subject>jug</dc:title>"), Some(4), "not well formed");
    refused("a.xml", external("<dc:subject").replace("</edm:ProvidedCHO>", ""), Some(6), "");
    refused("a.xml", external("<dc:subject>jug").split("</edm:ProvidedCHO>").next().unwrap(), Some(5), "the document ends in the middle");
    refused("a.xml", external("<dc:subject a='1' a='2'>jug</dc:subject>"), Some(4), "attribute");
    refused("a.xml", external("<foo:subject>jug</foo:subject>"), Some(4), "xmlns:foo is missing");
    refused("a.xml", external("<subject>jug</subject>"), Some(4), "no namespace");
    refused("a.xml", external("<dc:subject>a <dc:b>bold</dc:b> jug</dc:subject>"), Some(4), "mixes text and elements");
    refused("a.xml", external("loose text"), Some(4), "loose text");
    refused("a.xml", b"<?xml version='1.0'?>\n<a>\xff</a>", Some(2), "not UTF-8");
    refused("a.xml", b"<?xml version='1.0' encoding='X-UNKNOWN'?><a/>", Some(1), "X-UNKNOWN");
    refused("a.xml", "plain words", Some(1), "outside of any element");
}

#[test]
fn what_is_not_rdf_is_refused_at_its_line() {
    refused("a.xml", external("<dc:title>a</dc:title>\n<dc:subject rdf:ID='1 2'>jug</dc:subject>"), Some(5), "this is not RDF/XML");
    refused("a.xml", external("<dc:title>a\nb</dc:title>\n<dc:subject><rdf:li/></dc:subject>"), Some(6), "this is not RDF/XML");
    refused("a.ttl", "<http://a.example/> a <http://b.example/> .\n<rel> a <http://b.example/> .", Some(2), "this is not Turtle");
    refused("a.nt", "<http://a.example/> <http://b.example/> <http://c d/> .", Some(1), "this is not N-Triples");
    refused(
        "a.json",
        "{\"@context\": \"http://remote.example/context.jsonld\", \"@id\": \"http://a.example/\"}",
        None,
        "contexts are not fetched",
    );
    refused("a.json", "{\"a\":\n,}", Some(2), "this is not JSON-LD");
}

#[test]
fn a_record_without_a_name_is_refused() {
    refused(
        "a.xml",
        external("").replace("<edm:ProvidedCHO rdf:about=\"http://museum.example/cho/1\">", "<edm:ProvidedCHO>"),
        Some(2),
        "no rdf:about",
    );
    refused(
        "a.xml",
        external("").replace("cho/1\">", "cho/1\u{20}%zz:// [\">").replace("http://museum.example/cho/1 ", "http://[/"),
        Some(3),
        "not an IRI",
    );
}

#[test]
fn what_is_no_record_is_refused_or_skipped() {
    refused("a.xml", "<elevate><query text='Mona Lisa'/></elevate>", None, "no edm:ProvidedCHO in it: the document is `elevate`");
    refused("a.json", "{\"success\": true, \"items\": []}", None, "no edm:ProvidedCHO");
    refused("a.xml", "", None, "the document is `nothing`");
    let read = Read::document("readme.txt", "These are our records.");
    assert_eq!((read.skipped.len(), read.rejected.len()), (1, 0));
}

#[test]
fn a_document_that_is_too_large_is_refused_unread() {
    let settings = ReadSettings { max_document_bytes: 1000, ..ReadSettings::default() };
    let read = Read::with("a.xml", external(&" ".repeat(2000)), &settings);
    assert!(read.refusal().1.contains("larger than 1000 bytes"));
}

#[test]
fn a_triple_as_a_value_is_refused() {
    let text = "VERSION \"1.2\"\n<http://m.example/1> a <http://www.europeana.eu/schemas/edm/ProvidedCHO> ; <http://p.example/> <<( <http://a.example/> <http://b.example/> 1 )>> .";
    let read = Read::document("a.ttl", text);
    assert!(read.refusal().1.contains("triple"), "{read:?}");
}

#[test]
fn settings_that_make_no_sense_stop_the_reading() {
    let settings = ReadSettings { relative_references: "provider/".to_owned(), ..ReadSettings::default() };
    let error = glossator::records::read_document("a.xml", b"", &settings, &mut |_| std::ops::ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().contains("`provider/`"));
}

proptest! {
    /// Whatever is done to a document, reading it ends, without a panic, in something that is handed on.
    #[test]
    fn no_spoilt_document_vanishes(
        name in prop::sample::select(vec!["untidy.xml", "attributes.xml", "oai.xml", "two.xml", "record.jsonld", "record.ttl", "record.trig"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut bytes = fixture(name);
        for (place, byte, how) in changes {
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let read = Read::document(name, &bytes);
        prop_assert!(read.summary.records + read.summary.rejected + read.summary.skipped > 0);
        for record in &read.records {
            prop_assert!(record.canonical_digest().is_ok());
            prop_assert!(record.triples.iter().all(|t| !t.to_string().contains("glossator.invalid")));
        }
    }
}
