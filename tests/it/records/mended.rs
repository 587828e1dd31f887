//! What is only untidy is taken, and every change is told with its line.

use glossator::records::{GeneratedBy, NoteKind, ReadSettings};
use oxigraph::model::{NamedOrBlankNode, Term};

use super::{Read, external, kinds, note, read_fixture};

fn has(read: &Read, triple: &str) -> bool {
    read.one().triples.iter().any(|t| t.to_string() == triple)
}

const CHO: &str = "<http://museum.example/cho/1>";
const SUBJECT: &str = "<http://purl.org/dc/elements/1.1/subject>";

#[test]
fn a_good_record_is_taken_without_a_word() {
    let read = read_fixture("external.xml");
    let record = read.one();
    assert_eq!(record.notes, []);
    assert_eq!(record.cho.as_str(), "http://museum.example/cho/jug");
    assert_eq!((record.triples.len(), record.original.line), (24, Some(2)));
    assert_eq!(record.original.media_type(), "application/rdf+xml");
    assert_eq!(record.original.source, "external.xml");
    assert_eq!(record.original.checksum, glossator::rdf::mint::checksum(&record.original.bytes));
}

#[test]
fn europeanas_attributes_become_statements_about_statements() {
    let read = read_fixture("attributes.xml");
    let record = read.one();
    assert_eq!(kinds(record), [NoteKind::Lifted]);
    let said: Vec<_> = record
        .statements
        .iter()
        .map(|s| {
            assert!(matches!(&s.subject, NamedOrBlankNode::NamedNode(n) if n.as_str() == "http://museum.example/cho/jug"));
            (s.predicate.as_str().rsplit('/').next().unwrap(), s.object.to_string(), s.generated_by, s.confidence.as_deref())
        })
        .collect();
    assert_eq!(
        said,
        [
            ("type", "<http://vocab.getty.edu/aat/300041620>".to_owned(), Some(GeneratedBy::SoftwareAgent), Some("0.87")),
            ("subject", "\"aardewerk\"@nl".to_owned(), Some(GeneratedBy::Person), None),
            ("subject", "\"pottery\"".to_owned(), None, Some(".5")),
        ]
    );
    assert_eq!(record.triples.len(), 7);
    assert!(!record.triples.iter().any(|t| t.predicate.as_str().contains("confidenceLevel")));
}

#[test]
fn the_digest_sees_confidence_and_not_the_layout() {
    let digest = |text: &str| Read::document("a.xml", text).one().canonical_digest().unwrap();
    let plain = external("<dc:subject>jug</dc:subject><dc:title>Jug</dc:title>");
    let sure = external("<dc:subject edm:confidenceLevel='0.9'>jug</dc:subject><dc:title>Jug</dc:title>");
    let surer = external("<dc:subject edm:confidenceLevel='0.95'>jug</dc:subject><dc:title>Jug</dc:title>");
    let moved = external("<dc:title>Jug</dc:title>\n\n<dc:subject edm:confidenceLevel='0.9'>jug</dc:subject>");
    assert_eq!(digest(&sure), digest(&moved));
    assert_ne!(digest(&sure), digest(&surer));
    assert_ne!(digest(&sure), digest(&plain));
}

#[test]
fn an_untidy_record_is_mended_and_every_change_is_told() {
    let read = read_fixture("untidy.xml");
    let record = read.one();
    assert_eq!(record.cho.as_str(), "http://museum.example/cho/a%20jug");
    for (part, line, kind) in [
        ("` http://museum.example/cho/a jug`; it was read as `http://museum.example/cho/a%20jug`", 3, NoteKind::Mended),
        ("xml:lang of `dc:title` is empty", 4, NoteKind::LeftOut),
        ("`en_GB`; it was read as `en-GB`", 5, NoteKind::Mended),
        ("`not a language`", 6, NoteKind::LeftOut),
        ("`dc:description` is empty", 7, NoteKind::Untidy),
        ("both rdf:resource and text", 8, NoteKind::Mended),
        ("rdf:resource of `dc:relation` is empty", 9, NoteKind::LeftOut),
        ("`http://[broken`", 10, NoteKind::Mended),
        ("xsi:type=\"text\"", 11, NoteKind::LeftOut),
        ("class=\"x\"", 11, NoteKind::LeftOut),
        ("`/series/7` is a relative reference", 12, NoteKind::Relative),
        ("(and 2 more)", 12, NoteKind::Relative),
        ("`about` of `ore:Aggregation` has no prefix", 15, NoteKind::Mended),
        ("rdf:about=\"http://museum.example/cho/a jug\"; it was read as rdf:resource", 16, NoteKind::Mended),
        ("a%7B1%7D%7Cb.jpg", 17, NoteKind::Mended),
    ] {
        let note = note(record, part);
        assert_eq!((note.line, note.kind), (Some(line), kind), "{part}: {note:?}");
    }
    let cho = "<http://museum.example/cho/a%20jug>";
    for triple in [
        format!("{cho} <http://purl.org/dc/elements/1.1/title> \"Jug\""),
        format!("{cho} <http://purl.org/dc/elements/1.1/title> \"Mug\"@en-gb"),
        format!("{cho} <http://purl.org/dc/elements/1.1/title> \"Krug\""),
        format!("{cho} <http://purl.org/dc/elements/1.1/description> \"\""),
        format!("{cho} {SUBJECT} <http://vocab.getty.edu/aat/300041620>"),
        format!("{cho} {SUBJECT} \"ceramics\""),
        format!("{cho} <http://purl.org/dc/elements/1.1/relation> \"http://[broken\""),
        format!("{cho} <http://purl.org/dc/elements/1.1/type> \"jug\""),
        // A reference stays below our base, wherever it tries to lead.
        format!("{cho} <http://purl.org/dc/terms/isPartOf> <https://glossator.example/provider/series/7>"),
        format!("{cho} <http://purl.org/dc/terms/isPartOf> <https://glossator.example/provider/#set>"),
        format!("<https://glossator.example/provider/aggregation> <http://www.europeana.eu/schemas/edm/aggregatedCHO> {cho}"),
    ] {
        assert!(has(&read, &triple), "{triple}\n{:#?}", record.triples);
    }
    assert_eq!(record.triples.len(), 14);
}

#[test]
fn an_empty_language_undoes_the_one_around_it() {
    let text = external("<dc:subject>one</dc:subject><dc:subject xml:lang=''>two</dc:subject><dc:subject xml:lang='fr'>three</dc:subject>")
        .replace("<edm:ProvidedCHO", "<edm:ProvidedCHO xml:lang='nl'");
    let read = Read::document("a.xml", text);
    for value in ["\"one\"@nl", "\"two\"", "\"three\"@fr"] {
        assert!(has(&read, &format!("{CHO} {SUBJECT} {value}")), "{value}");
    }
}

#[test]
fn text_in_pieces_is_one_text() {
    let read = Read::document("a.xml", external("<dc:subject>A<!-- b --> &amp;<![CDATA[ <c> ]]>&#233;\r\nd&#13;</dc:subject>"));
    let value = Term::from(oxigraph::model::Literal::new_simple_literal("A & <c> é\nd\r"));
    assert!(read.one().triples.iter().any(|t| t.object == value), "{:?}", read.one().triples);
    assert!(read.one().notes.is_empty());
}

#[test]
fn xml_inside_a_statement_is_kept_as_it_is() {
    let read =
        Read::document("a.xml", external("<dc:subject rdf:parseType='Literal'>a <b:i xmlns:b='http://b.example/'>b</b:i>\nc</dc:subject>"));
    let literal = read.one().triples.iter().find(|t| t.predicate.as_str().ends_with("subject")).unwrap().object.to_string();
    assert!(literal.contains("a <b:i") && literal.contains(">b</b:i>\\nc"), "{literal}");
}

#[test]
fn rdf_in_all_its_forms_is_understood() {
    let read = Read::document(
        "a.xml",
        external(
            "<dc:subject rdf:nodeID='x'/><dc:type rdf:parseType='Resource'><skos:prefLabel>t</skos:prefLabel></dc:type>\
             <dc:creator><rdf:Description rdf:nodeID='x' skos:prefLabel='c'/></dc:creator><dc:date skos:note='n'/>\
             <dc:format rdf:parseType='Collection'><rdf:Description rdf:about='http://a.example/'/></dc:format>",
        ),
    );
    assert_eq!(read.one().notes, []);
    assert_eq!(read.one().triples.len(), 13);
    let first = &read.one().triples;
    assert_eq!(first, &Read::document("a.xml", &read.one().original.bytes).one().triples);
    assert!(first.iter().any(|t| t.to_string() == format!("{CHO} {SUBJECT} _:b0")), "{first:#?}");
}

#[test]
fn a_base_of_the_documents_own_is_no_matter_for_notes() {
    let text = external("<dc:subject rdf:resource='a'/>").replace("<rdf:RDF", "<rdf:RDF xml:base='http://museum.example/b/'");
    let read = Read::document("a.xml", text);
    assert!(has(&read, &format!("{CHO} {SUBJECT} <http://museum.example/b/a>")));
    assert_eq!(read.one().notes, []);
}

#[test]
fn other_encodings_are_decoded() {
    let latin: Vec<u8> =
        external("<dc:subject>é</dc:subject>").replace("UTF-8", "ISO-8859-1").chars().map(|c| u8::try_from(c).unwrap()).collect();
    assert!(has(&Read::document("a.xml", latin), &format!("{CHO} {SUBJECT} \"é\"")));
    let wide: Vec<u8> = format!("\u{feff}{}", external("<dc:subject>é</dc:subject>").replace("UTF-8", "UTF-16"))
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert!(has(&Read::document("upload", wide), &format!("{CHO} {SUBJECT} \"é\"")));
}

#[test]
fn a_word_that_europeana_does_not_know_is_left_out_and_told() {
    let read = Read::document(
        "a.xml",
        external("<dc:subject edm:wasGeneratedBy='http://model.example/' edm:confidenceLevel='1.0'>jug</dc:subject>"),
    );
    assert_eq!((read.one().statements[0].generated_by, read.one().statements[0].confidence.as_deref()), (None, Some("1.0")));
    assert_eq!(note(read.one(), "http://model.example/").kind, NoteKind::LeftOut);
    let read = Read::document("a.xml", external("").replace("<edm:ProvidedCHO", "<edm:ProvidedCHO edm:confidenceLevel='0.5'"));
    assert_eq!(note(read.one(), "stands on the thing").kind, NoteKind::LeftOut);
    assert!(read.one().statements.is_empty());
}

#[test]
fn a_flood_of_notes_is_counted() {
    let read = Read::with("a.xml", external(&"<dc:subject/>\n".repeat(50)), &ReadSettings { max_notes: 10, ..ReadSettings::default() });
    assert_eq!(read.one().notes.len(), 11);
    assert_eq!(note(read.one(), "40 more").kind, NoteKind::More);
}

#[test]
fn other_syntaxes_say_the_same() {
    let digests: Vec<_> =
        ["record.ttl", "record.jsonld", "record.trig"].iter().map(|n| read_fixture(n).one().canonical_digest().unwrap()).collect();
    assert!(digests.iter().all(|d| *d == digests[0]));
    assert_eq!(read_fixture("record.ttl").one().notes, []);
    assert_eq!(note(read_fixture("record.trig").one(), "named graphs").kind, NoteKind::LeftOut);
}

#[test]
fn europeanas_context_is_known_and_nothing_is_lost() {
    let text = r#"{"@context": "https://www.europeana.eu/schemas/context/edm.jsonld", "id": "http://museum.example/cho/1", "type": "ProvidedCHO",
        "title": {"@value": "Jug", "@language": "en"}, "unheardOf": "x",
        "isAggregatedBy": {"id": "agg", "type": "Aggregation", "isShownBy": "http://museum.example/1.jpg"}}"#;
    let read = Read::document("a.json", text);
    for triple in [
        format!("{CHO} <http://purl.org/dc/elements/1.1/title> \"Jug\"@en"),
        format!("{CHO} <http://www.europeana.eu/schemas/edm/unheardOf> \"x\""),
        format!("<https://glossator.example/provider/agg> <http://www.europeana.eu/schemas/edm/aggregatedCHO> {CHO}"),
    ] {
        assert!(has(&read, &triple), "{triple}\n{:#?}", read.one().triples);
    }
    assert_eq!(kinds(read.one()), [NoteKind::Relative]);
    assert_eq!(read.one().view().best_web_resource().unwrap().iri.as_str(), "http://museum.example/1.jpg");
}
