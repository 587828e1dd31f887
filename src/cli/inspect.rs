//! `glossator inspect`: what is in a Turtle or N-Triples dump, counted without storing it.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use anyhow::{Context as _, bail};
use flate2::read::MultiGzDecoder;
use oxigraph::io::RdfFormat;
use rio_api::{
    model::{Literal, NamedNode, Subject, Term, Triple},
    parser::TriplesParser as _,
};
use rio_turtle::{NTriplesParser, TurtleError, TurtleParser};
use serde_json::json;

use super::{bar, run::Bench};
use crate::rdf::{ns::PREFIXES, syntax};

/// How many rows of each table are shown.
const ROWS: usize = 15;

#[derive(Default)]
struct Counts {
    triples: u64,
    predicates: HashMap<String, u64>,
    languages: HashMap<String, u64>,
    namespaces: HashMap<String, u64>,
}

pub(super) fn run(bench: &Bench, file: &Path) -> anyhow::Result<u8> {
    let name = file.to_string_lossy();
    let opened = File::open(file).with_context(|| format!("opening {name}"))?;
    let reader: Box<dyn Read> =
        if name.ends_with(".gz") { Box::new(MultiGzDecoder::new(BufReader::new(opened))) } else { Box::new(opened) };
    let reader = BufReader::with_capacity(1 << 20, reader);
    let mut counts = Counts::default();
    let mut count = |triple: Triple<'_>| -> Result<(), TurtleError> {
        counts.add(&triple);
        Ok(())
    };
    // rio reads Turtle twice as fast as our loader does, and stops at the first fault, which is what a look beforehand is for.
    let read = match syntax::from_file_name(&name) {
        Some(RdfFormat::NTriples) => NTriplesParser::new(reader).parse_all(&mut count),
        Some(RdfFormat::Turtle) => TurtleParser::new(reader, None).parse_all(&mut count),
        _ => bail!("{name}: inspect reads Turtle (.ttl) and N-Triples (.nt), plain or .gz"),
    };
    let fault = read.err().map(|e| e.to_string());
    show(bench, &counts, fault.as_deref());
    Ok(u8::from(fault.is_some()))
}

impl Counts {
    fn add(&mut self, triple: &Triple<'_>) {
        self.triples += 1;
        bump(&mut self.predicates, triple.predicate.iri);
        if let Subject::NamedNode(NamedNode { iri }) = triple.subject {
            bump(&mut self.namespaces, namespace(iri));
        }
        if let Term::Literal(Literal::LanguageTaggedString { language, .. }) = triple.object {
            bump(&mut self.languages, language);
        }
    }
}

fn bump(counts: &mut HashMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}

fn namespace(iri: &str) -> &str {
    iri.rfind(['#', '/']).and_then(|at| iri.get(..=at)).unwrap_or(iri)
}

fn show(bench: &Bench, counts: &Counts, fault: Option<&str>) {
    if bench.json {
        bar::say(
            &json!({
                "triples": counts.triples, "predicates": counts.predicates, "languages": counts.languages,
                "namespaces": counts.namespaces.len(), "fault": fault,
            })
            .to_string(),
        );
        return;
    }
    bar::say(&format!("{} triples", counts.triples));
    for (heading, table) in
        [("predicates", &counts.predicates), ("languages", &counts.languages), ("subjects' namespaces", &counts.namespaces)]
    {
        let mut rows: Vec<_> = table.iter().collect();
        rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        bar::say(&format!("\n{heading}: {}", rows.len()));
        for (key, count) in rows.iter().take(ROWS) {
            bar::say(&format!("{count:>10}  {}", short(key)));
        }
    }
    if let Some(fault) = fault {
        bar::say(&format!("\nit breaks here: {fault}"));
    }
}

fn short(iri: &str) -> String {
    let prefixed = PREFIXES.iter().find_map(|(prefix, namespace)| Some(format!("{prefix}:{}", iri.strip_prefix(namespace)?)));
    prefixed.unwrap_or_else(|| iri.to_owned())
}
