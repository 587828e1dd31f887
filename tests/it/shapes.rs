//! The shapes: that they parse, and that each constraint tells a cataloguer what is wrong. Beside each lies a case that breaks it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{NamedOrBlankNode, Term, Triple},
};

const SH: &str = "http://www.w3.org/ns/shacl#";
/// What a shape may have that constrains nothing by itself.
const NO_CONSTRAINTS: [&str; 13] = [
    "path",
    "message",
    "property",
    "name",
    "description",
    "order",
    "severity",
    "targetClass",
    "targetNode",
    "targetSubjectsOf",
    "targetObjectsOf",
    "inversePath",
    "alternativePath",
];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn parse(path: &Path) -> Vec<Triple> {
    let text = std::fs::read_to_string(path).unwrap();
    let parser = RdfParser::from_format(RdfFormat::Turtle);
    parser.for_slice(&text).map(|quad| quad.map_or_else(|e| panic!("{}: {e}", path.display()), Triple::from)).collect()
}

fn shapes() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(repository("shapes")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    assert!(all.len() >= 5);
    all
}

#[test]
fn every_constraint_has_a_message() {
    for path in shapes() {
        let triples = parse(&path);
        let local = |t: &Triple| t.predicate.as_str().strip_prefix(SH).map(str::to_owned);
        let constraining = triples.iter().filter(|t| local(t).is_some_and(|name| !NO_CONSTRAINTS.contains(&name.as_str())));
        let subjects: BTreeSet<String> = constraining.map(|t| t.subject.to_string()).collect();
        assert!(!subjects.is_empty(), "{}", path.display());
        for subject in subjects {
            let messages = triples.iter().filter(|t| t.subject.to_string() == subject && local(t).as_deref() == Some("message"));
            let messages: Vec<&Term> = messages.map(|t| &t.object).collect();
            let told = matches!(messages.as_slice(), [Term::Literal(l)] if l.language() == Some("en") && !l.value().is_empty());
            assert!(told, "{}: {subject} has no one message in English", path.display());
        }
    }
}

#[test]
fn a_shape_has_a_name_of_its_files() {
    for path in shapes() {
        let base = format!("https://w3id.org/glossator/shapes/{}#", path.file_stem().unwrap().to_str().unwrap());
        for triple in parse(&path) {
            if let NamedOrBlankNode::NamedNode(shape) = &triple.subject {
                assert!(shape.as_str().starts_with(&base), "{}: {shape}", path.display());
            }
        }
    }
}

#[test]
fn every_shape_has_a_case_that_breaks_it() {
    for path in shapes() {
        let places = ["tests/data/publication/invalid", "tests/data/validation/invalid"];
        let case = places.iter().map(|place| repository(place).join(path.file_name().unwrap())).find(|case| case.exists());
        assert!(!parse(&case.unwrap_or_else(|| panic!("{} has no case", path.display()))).is_empty(), "{}", path.display());
    }
}
