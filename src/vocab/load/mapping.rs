//! Loading a mapping set: alignments between vocabularies as SSSOM, as a table of IRIs, or as RDF, in a graph of their own.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
};

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};

use super::{
    LoadReport, LoadRequest, MOST_BAD_LINES, TableFigures,
    describe::Description,
    mapping_facts::MappingFacts,
    notes::Notes,
    release, replace,
    source::Sources,
    stream::{Statements, Terms},
    table::{About, Rows},
};
use crate::{
    rdf::ns::{dcterms, enr, owl},
    store::Store,
    telemetry::Progress,
    vocab::{VocabError, Vocabularies},
};

pub(super) fn load_mapping(
    store: &Store,
    request: &LoadRequest,
    sources: &Sources,
    notes: &RefCell<Notes>,
    progress: &dyn Progress,
) -> Result<LoadReport, VocabError> {
    let base = store.base().relative_references();
    let facts = MappingFacts::gather(sources, &base)?;
    let name = request.scheme.clone().or_else(|| facts.name.clone()).unwrap_or_else(|| sources.stem.clone());
    let named = LoadRequest { release: request.release.clone().or_else(|| facts.release.clone()), ..request.clone() };
    let release = release(&named, sources);
    let graph = store.base().mapping_graph(&name, &release);
    let description = Description {
        graph: &graph,
        class: enr::MAPPING_GRAPH,
        scheme: &name,
        release: &release,
        checksum: &sources.checksum,
        request,
        facts: said(&facts, request),
    };
    let most_bad = request.max_bad_lines.unwrap_or(MOST_BAD_LINES);
    let is_rdf = sources.documents.iter().any(|d| !d.form.is_table());
    let mut report = if is_rdf {
        let terms = Terms { graph: &graph, base: &base, most_bad_lines: most_bad, notes, progress };
        let statements = Aligned { statements: Statements::new(&sources.documents, terms), open: HashMap::new(), waiting: VecDeque::new() };
        replace(store, &description, statements, notes, progress)?
    } else {
        let figures = RefCell::new(TableFigures::default());
        let about = About { graph: &graph, facts: &facts, notes, figures: &figures, most_bad };
        let mut report = replace(store, &description, Rows::new(&sources.documents, about), notes, progress)?;
        if report.unchanged {
            // The figures are told again all the same; nothing is written.
            Rows::new(&sources.documents, about).try_for_each(|row| row.map(|_| ()))?;
        }
        report.table = Some(figures.into_inner());
        report
    };
    report.count_alignments(store, &graph)?;
    let sets = Vocabularies::new(store)?;
    let others = sets.mapping_sets().iter().filter(|set| set.scheme == name && set.graph != graph);
    report.others = others.map(|set| set.graph.as_str().to_owned()).collect();
    Ok(report)
}

/// What the set says about itself, where the operator says nothing else.
fn said(facts: &MappingFacts, request: &LoadRequest) -> Vec<(NamedNodeRef<'static>, String)> {
    let mut said = Vec::new();
    if request.authors.is_empty() {
        said.extend(facts.authors.iter().map(|who| (dcterms::CREATOR, who.clone())));
    }
    if request.method.is_none() {
        said.extend(facts.methods.iter().map(|how| (enr::METHOD, how.clone())));
    }
    let single = [
        (dcterms::ISSUED, &request.date, &facts.date),
        (dcterms::LICENSE, &request.licence, &facts.licence),
        (dcterms::SOURCE, &request.source, &facts.source),
    ];
    said.extend(single.into_iter().filter(|(_, asked, _)| asked.is_none()).filter_map(|(p, _, fact)| Some((p, fact.clone()?))));
    said
}

/// The statements of a mapping set in RDF: where alignments stand as OWL axioms alone, they are stated too.
struct Aligned<'l> {
    statements: Statements<'l>,
    open: HashMap<NamedOrBlankNode, [Option<NamedNode>; 3]>,
    waiting: VecDeque<Triple>,
}

impl Iterator for Aligned<'_> {
    type Item = Result<Triple, VocabError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(triple) = self.waiting.pop_front() {
            return Some(Ok(triple));
        }
        let triple = match self.statements.next()? {
            Ok(triple) => triple,
            Err(error) => return Some(Err(error)),
        };
        let parts = [owl::ANNOTATED_SOURCE, owl::ANNOTATED_PROPERTY, owl::ANNOTATED_TARGET];
        if let (Some(part), Term::NamedNode(node)) = (parts.iter().position(|p| triple.predicate == *p), &triple.object) {
            let axiom = self.open.entry(triple.subject.clone()).or_default();
            if let Some(place) = axiom.get_mut(part) {
                *place = Some(node.clone());
            }
            if let [Some(subject), Some(predicate), Some(object)] = axiom {
                self.waiting.push_back(Triple::new(subject.clone(), predicate.clone(), object.clone()));
                self.open.remove(&triple.subject);
            }
        }
        Some(Ok(triple))
    }
}
