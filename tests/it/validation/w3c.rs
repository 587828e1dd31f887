//! The W3C's tests of SHACL Core through our own door: what must be found is found, and nothing else.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use glossator::validation::{Finding, Shapes};
use oxigraph::model::{NamedOrBlankNode, Term, Triple};

use super::{address, say, shared, turtle};

const MF: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#";
const SHT: &str = "http://www.w3.org/ns/shacl-test#";
const SH: &str = "http://www.w3.org/ns/shacl#";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// How many of the tests of SHACL Core must pass, of how many there are.
const PASSED: (usize, usize) = (98, 98);

/// A graph to be asked.
struct Graph(Vec<Triple>);

impl Graph {
    fn all(&self, subject: &Term, predicate: &str) -> Vec<Term> {
        self.0
            .iter()
            .filter(|t| Term::from(t.subject.clone()) == *subject && t.predicate.as_str() == predicate)
            .map(|t| t.object.clone())
            .collect()
    }

    fn one(&self, subject: &Term, predicate: &str) -> Option<Term> {
        self.all(subject, predicate).into_iter().next()
    }

    fn list(&self, head: &Term) -> Vec<Term> {
        let mut all = Vec::new();
        let mut head = head.clone();
        while let Some(first) = self.one(&head, &format!("{RDF}first")) {
            all.push(first);
            head = self.one(&head, &format!("{RDF}rest")).unwrap();
        }
        all
    }

    /// A path, spelled as ours are.
    fn path(&self, node: &Term) -> String {
        if let Term::NamedNode(n) = node {
            return format!("<{}>", n.as_str());
        }
        let of = |name: &str| self.one(node, &format!("{SH}{name}")).map(|inner| self.path(&inner));
        let joined =
            |list: &Term, between: &str| format!("({})", self.list(list).iter().map(|p| self.path(p)).collect::<Vec<_>>().join(between));
        if let Some(ways) = self.one(node, &format!("{SH}alternativePath")) {
            return joined(&ways, "|");
        }
        for (name, before, after) in
            [("inversePath", "^", ""), ("zeroOrMorePath", "", "*"), ("oneOrMorePath", "", "+"), ("zeroOrOnePath", "", "?")]
        {
            if let Some(inner) = of(name) {
                return format!("{before}{inner}{after}");
            }
        }
        joined(node, "/")
    }
}

/// Blank nodes of different files are different: any will do.
fn shown(term: &Term) -> String {
    if matches!(term, Term::BlankNode(_)) { "_:".to_owned() } else { term.to_string() }
}

fn path_of(finding: &Finding) -> String {
    finding.path.as_ref().map_or_else(String::new, |path| {
        let mut triples = Vec::new();
        let node = path.to_rdf("x", &mut triples);
        Graph(triples).path(&node)
    })
}

/// One result, comparable: focus, path, value, component, severity, shape.
type Line = [String; 6];

fn found(finding: &Finding) -> Line {
    [
        shown(&finding.focus),
        path_of(finding),
        finding.value.as_ref().map_or_else(String::new, shown),
        finding.component.to_string(),
        finding.grade.to_string(),
        match &finding.shape {
            NamedOrBlankNode::NamedNode(n) => n.to_string(),
            NamedOrBlankNode::BlankNode(_) => "_:".to_owned(),
        },
    ]
}

fn expected(graph: &Graph, result: &Term) -> Line {
    let of = |name: &str| graph.one(result, &format!("{SH}{name}"));
    let text = |name: &str| of(name).as_ref().map_or_else(String::new, shown);
    [
        text("focusNode"),
        of("resultPath").map_or_else(String::new, |path| graph.path(&path)),
        text("value"),
        text("sourceConstraintComponent"),
        text("resultSeverity"),
        text("sourceShape"),
    ]
}

/// Every test below a manifest: its file, its graph and itself.
fn tests(manifest: &Path, all: &mut Vec<(PathBuf, Term)>) {
    let graph = Graph(turtle(manifest));
    for triple in &graph.0 {
        let Term::NamedNode(object) = &triple.object else { continue };
        if triple.predicate.as_str() == format!("{MF}include") {
            tests(Path::new(object.as_str().strip_prefix("file://").unwrap()), all);
        } else if triple.predicate.as_str() == format!("{RDF}type") && object.as_str() == format!("{SHT}Validate") {
            all.push((manifest.to_path_buf(), triple.subject.clone().into()));
        }
    }
}

fn run(file: &Path, test: &Term) -> Result<(), String> {
    let graph = Graph(turtle(file));
    let action = graph.one(test, &format!("{MF}action")).unwrap();
    let place = |name: &str| match graph.one(&action, &format!("{SHT}{name}")) {
        Some(Term::NamedNode(n)) => PathBuf::from(n.as_str().strip_prefix("file://").unwrap()),
        other => panic!("{other:?}"),
    };
    let (data, shapes) = (place("dataGraph"), place("shapesGraph"));
    let result = graph.one(test, &format!("{MF}result")).unwrap();
    let must_fail = matches!(&result, Term::NamedNode(n) if n.as_str() == format!("{SHT}Failure"));
    let written = std::fs::read_to_string(&shapes).unwrap();
    let found_all = Shapes::parse(&shapes.display().to_string(), &written, &address(&shapes))
        .and_then(|shapes| shapes.validate("the test's data", &turtle(&data)))
        .map_err(|e| e.to_string());
    if must_fail {
        return found_all.map_or(Ok(()), |_| Err("the shapes should have been refused".to_owned()));
    }
    let findings = found_all?;
    let mut found: Vec<Line> = findings.iter().map(found).collect();
    let results = graph.all(&result, &format!("{SH}result"));
    let mut wanted: Vec<Line> = results.iter().map(|r| expected(&graph, r)).collect();
    found.sort();
    wanted.sort();
    if found != wanted {
        return Err(format!("found  {found:#?}\n wanted {wanted:#?}"));
    }
    // Messages count where the test has them.
    for result in &results {
        for message in graph.all(result, &format!("{SH}resultMessage")) {
            let line = expected(&graph, result);
            let said =
                findings.iter().filter(|f| self::found(f) == line).any(|f| f.messages.iter().any(|m| Term::from(m.clone()) == message));
            if !said {
                return Err(format!("the message {message} is missing"));
            }
        }
    }
    Ok(())
}

fn suite(folder: &str) -> Option<(usize, usize, Vec<String>)> {
    let manifest = shared("conformance/shacl-tests/data-shapes-test-suite/tests")?.join(folder).join("manifest.ttl");
    let mut all = Vec::new();
    tests(&manifest, &mut all);
    let mut failed = BTreeMap::new();
    for (file, test) in &all {
        if let Err(reason) = run(file, test) {
            failed.insert(test.to_string(), format!("{}: {reason}", file.strip_prefix(manifest.parent().unwrap()).unwrap().display()));
        }
    }
    Some((all.len() - failed.len(), all.len(), failed.into_values().collect()))
}

#[test]
fn shacl_core() {
    let Some((passed, total, failed)) = suite("core") else { return };
    for line in &failed {
        say(line);
    }
    say(&format!("SHACL Core: {passed} of {total} pass"));
    assert_eq!((passed, total), PASSED);
}

#[test]
fn what_we_do_not_understand_is_refused_and_not_passed_over() {
    let Some((passed, total, failed)) = suite("sparql") else { return };
    for line in &failed {
        assert!(line.contains("SHACL-SPARQL"), "{line}");
    }
    say(&format!("SHACL-SPARQL: {passed} of {total} pass, the others are refused as such"));
}
