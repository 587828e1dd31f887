//! SHACL by rudof: shapes compiled, tried on a graph in memory, and what was found in our own words. Nothing else here knows rudof.
//!
//! Shapes are tried one after the other on the calling thread: a record's graph is small, and records are spread over threads by whoever
//! calls. A panic inside the library is an error of that graph, not the end of the program.

use std::panic::{AssertUnwindSafe, catch_unwind};

use oxigraph::model::{Literal, NamedNode, NamedOrBlankNode, Term, Triple};
use rudof_rdf::{
    rdf_core::{RDFFormat, SHACLPath, term::Object},
    rdf_impl::{OxigraphInMemory, ReaderMode},
};
use shacl::{
    ir::{IRSchema, IRShape, RecursionSemantics},
    rdf::ShaclParser,
    types::{MessageMap, Severity as Grade},
    validator::{
        engine::{Engine, NativeEngine, Retention, Validate as _},
        report::ValidationResult,
    },
};

use super::{Finding, Path, Severity};
use crate::rdf::ns::sh;

/// Shapes as rudof holds them.
pub(super) struct Compiled {
    schema: IRSchema,
    /// The shapes that have targets, in the order of their names.
    targeted: Vec<Object>,
}

impl Compiled {
    /// Compiles shapes: Turtle documents, each with its base.
    pub(super) fn compile(documents: &[(&str, &str)]) -> Result<Self, String> {
        guarded(|| {
            let mut graph = OxigraphInMemory::new();
            for (base, text) in documents {
                graph
                    .merge_from_reader(&mut text.as_bytes(), base, &RDFFormat::Turtle, Some(base), &ReaderMode::Strict)
                    .map_err(|e| e.to_string())?;
            }
            let ast = ShaclParser::new(graph).parse().map_err(|e| e.to_string())?;
            let schema = IRSchema::compile(&ast).map_err(|e| e.to_string())?;
            let mut targeted: Vec<Object> = schema.iter_with_targets().map(|(name, _)| name.clone()).collect();
            targeted.sort_by_key(ToString::to_string);
            Ok(Self { schema, targeted })
        })
    }

    /// Tries the shapes on a graph.
    pub(super) fn validate(&self, triples: &[Triple]) -> Result<Vec<Finding>, String> {
        guarded(|| {
            let mut graph = OxigraphInMemory::new();
            for triple in triples {
                graph
                    .add_triple_ref(triple.subject.as_ref(), triple.predicate.as_ref(), triple.object.as_ref())
                    .map_err(|e| e.to_string())?;
            }
            let mut engine = NativeEngine::new(RecursionSemantics::default());
            let engine: &mut dyn Engine<OxigraphInMemory> = &mut engine;
            engine.set_retention(Retention { max_results: None, store_evidences: false });
            engine.build_indexes(&graph).map_err(|e| e.to_string())?;
            let mut findings = Vec::new();
            for name in &self.targeted {
                let Some(shape) = self.schema.get_shape(name) else { continue };
                let outcome = shape.validate(&graph, engine, None, Some(shape), &self.schema).map_err(|e| e.to_string())?;
                let (results, _) = outcome.into_parts();
                findings.extend(results.iter().map(|result| self.finding(result, triples)));
            }
            Ok(findings)
        })
    }

    fn finding(&self, result: &ValidationResult, triples: &[Triple]) -> Finding {
        let (severity, grade) = match result.severity() {
            Grade::Warning => (Severity::Warning, sh::WARNING.into_owned()),
            Grade::Info | Grade::Debug | Grade::Trace => (Severity::Info, sh::INFO.into_owned()),
            Grade::Violation => (Severity::Violation, sh::VIOLATION.into_owned()),
            Grade::Generic(iri) => (Severity::Violation, NamedNode::new_unchecked(iri.as_str())),
        };
        // What a shape says itself goes before the library's words, which it puts in their place for some constraints and beside them for others.
        let own = result.source().and_then(|source| self.schema.get_shape(source)).and_then(IRShape::message).map(MessageMap::messages);
        let said = own.filter(|messages| !messages.is_empty()).unwrap_or(result.message().messages());
        let message = |language: Option<String>, text: &str| match language {
            Some(language) => Literal::new_language_tagged_literal_unchecked(text, language),
            None => Literal::new_simple_literal(text),
        };
        let mut messages: Vec<Literal> =
            said.iter().map(|(language, text)| message(language.as_ref().map(ToString::to_string), text)).collect();
        messages.sort_by_key(ToString::to_string);
        Finding {
            severity,
            grade,
            focus: term(result.focus_node(), triples),
            path: result.path().map(path),
            value: result.value().map(|value| term(value, triples)),
            component: match result.constraint_component() {
                Object::Iri(iri) => NamedNode::new_unchecked(iri.as_str()),
                other => NamedNode::new_unchecked(other.to_string()),
            },
            shape: match result.source() {
                Some(Object::Iri(iri)) => NamedNode::new_unchecked(iri.as_str()).into(),
                Some(Object::BlankNode(name)) => oxigraph::model::BlankNode::new_unchecked(name).into(),
                _ => NamedOrBlankNode::from(oxigraph::model::BlankNode::default()),
            },
            messages,
            line: None,
        }
    }
}

/// Runs what may panic.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        Err(format!("the validator broke down: {}", said.unwrap_or_else(|| "it did not say why".to_owned())))
    })
}

/// The term of the graph that rudof means: it keeps numbers, dates and truth values by what they mean and forgets how they were spelled.
fn term(object: &Object, triples: &[Triple]) -> Term {
    let plain = Term::from(object.clone());
    if matches!(object, Object::Literal(_)) {
        let same = |term: &Term| term == &plain || Object::try_from(term.clone()).is_ok_and(|o| &o == object);
        let literals = || triples.iter().map(|t| &t.object).filter(|t| matches!(t, Term::Literal(_)));
        if literals().any(|t| t == &plain) {
            return plain;
        }
        return literals().find(|t| same(t)).cloned().unwrap_or(plain);
    }
    plain
}

fn path(path: &SHACLPath) -> Path {
    let boxed = |path: &SHACLPath| Box::new(self::path(path));
    match path {
        SHACLPath::Predicate { pred } => Path::Property(NamedNode::new_unchecked(pred.as_str())),
        SHACLPath::Alternative { paths } => Path::Alternative(paths.iter().map(self::path).collect()),
        SHACLPath::Sequence { paths } => Path::Sequence(paths.iter().map(self::path).collect()),
        SHACLPath::Inverse { path } => Path::Inverse(boxed(path)),
        SHACLPath::ZeroOrMore { path } => Path::ZeroOrMore(boxed(path)),
        SHACLPath::OneOrMore { path } => Path::OneOrMore(boxed(path)),
        SHACLPath::ZeroOrOne { path } => Path::ZeroOrOne(boxed(path)),
    }
}
