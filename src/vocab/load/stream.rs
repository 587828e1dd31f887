//! All statements of a release in one stream: read, mended, renamed, and with the plain SKOS that follows from what Getty writes.

use std::{
    cell::RefCell,
    collections::{HashSet, VecDeque},
};

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};

use super::{
    clean::{BlankNames, Cleaner, Mending},
    document::{OpenDocument, Read1},
    form::Form,
    labels::LabelJoin,
    notes::Notes,
    source::Document,
};
use crate::{
    rdf::ns::{EUROPEANA_CONCEPT, activity_streams, dcterms, gvp, rdf, skos},
    telemetry::Progress,
    vocab::VocabError,
};

/// Getty's kinds of broader, of which plain `skos:broader` follows. The extended ones are closures and do not count.
const BROADER: [NamedNodeRef<'static>; 6] = [
    gvp::BROADER,
    gvp::BROADER_PREFERRED,
    gvp::BROADER_NON_PREFERRED,
    gvp::BROADER_GENERIC,
    gvp::BROADER_PARTITIVE,
    gvp::BROADER_INSTANTIAL,
];

/// What holds for all documents of a load.
#[derive(Clone, Copy)]
pub(super) struct Terms<'l> {
    /// The graph of the release.
    pub(super) graph: &'l NamedNode,
    /// Against what relative references are resolved.
    pub(super) base: &'l str,
    /// How many bad lines are let pass.
    pub(super) most_bad_lines: u64,
    /// Where notes go.
    pub(super) notes: &'l RefCell<Notes>,
    /// Who listens.
    pub(super) progress: &'l dyn Progress,
}

/// The statements of a release.
pub(super) struct Statements<'l> {
    terms: Terms<'l>,
    documents: VecDeque<Document>,
    open: Option<Open>,
    waiting: VecDeque<Triple>,
    labels: LabelJoin,
    files: String,
    given: u64,
}

/// The document that is being read.
struct Open {
    document: Document,
    statements: OpenDocument,
    cleaner: Cleaner,
    /// Result pages and lists: what carries the entities is no entity.
    pages: HashSet<NamedOrBlankNode>,
    /// What is part of what in JSON, held until it is known which subjects are pages.
    held: Vec<Triple>,
    named_graphs: bool,
    given: u64,
}

impl<'l> Statements<'l> {
    pub(super) fn new(documents: &[Document], terms: Terms<'l>) -> Self {
        let files = documents.iter().take(3).map(|d| d.name.as_str()).collect::<Vec<_>>().join(", ");
        Self {
            terms,
            documents: documents.to_vec().into(),
            open: None,
            waiting: VecDeque::new(),
            labels: LabelJoin::default(),
            files,
            given: 0,
        }
    }

    /// The next statement that waits or is read; nothing at the end.
    fn advance(&mut self) -> Result<Option<Triple>, VocabError> {
        loop {
            if let Some(triple) = self.waiting.pop_front() {
                self.given += 1;
                return Ok(Some(triple));
            }
            if self.terms.progress.stopped() {
                return Err(VocabError::Stopped);
            }
            if let Some(open) = &mut self.open {
                match open.statements.next().transpose()? {
                    Some(Read1::Triple(triple, named_graph)) => self.take(triple, named_graph)?,
                    Some(Read1::BadLine(line, reason)) => self.bad(line, &reason)?,
                    None => self.close(),
                }
            } else if let Some(document) = self.documents.pop_front() {
                self.terms.progress.begin(&format!("reading {}", document.name), None);
                self.open = Some(Open::new(document, &self.terms)?);
            } else if let Some(labels) = self.labels.next_part()? {
                self.waiting.extend(labels);
            } else if self.given == 0 {
                return Err(VocabError::Empty { files: self.files.clone() });
            } else {
                return Ok(None);
            }
        }
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let pages = open.pages;
        open.held.retain(|triple| !pages.contains(&triple.subject));
        open.given += open.held.len() as u64;
        self.waiting.extend(open.held);
        if open.given == 0 {
            self.terms.notes.borrow_mut().add(&open.document.name, None, "no concept and no statement is in it");
        }
    }

    fn bad(&mut self, line: Option<u64>, reason: &str) -> Result<(), VocabError> {
        let mut notes = self.terms.notes.borrow_mut();
        let file = self.open.as_ref().map(|o| o.document.name.clone()).unwrap_or_default();
        notes.bad(&file, line, reason);
        if notes.bad_lines > self.terms.most_bad_lines {
            let first = notes.first_bad.clone().unwrap_or_default();
            return Err(VocabError::TooManyBadLines { file, most: self.terms.most_bad_lines, first });
        }
        Ok(())
    }

    /// Mends a statement and puts it in line, with what follows from it.
    fn take(&mut self, triple: Triple, named_graph: bool) -> Result<(), VocabError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if named_graph && !open.named_graphs {
            open.named_graphs = true;
            self.terms.notes.borrow_mut().add(&open.document.name, None, "its named graphs are left away: a release is one graph");
        }
        let mut mending = Mending::default();
        let triple = match open.cleaner.clean(triple, &mut mending) {
            Ok(triple) => triple,
            Err(reason) => return self.bad(None, &reason),
        };
        for mended in mending.mended {
            self.terms.notes.borrow_mut().mended(&open.document.name, mended);
        }
        if open.is_about_a_page(&triple) {
            return Ok(());
        }
        if triple.predicate == dcterms::IS_PART_OF && open.document.form.is_json() {
            open.held.push(triple);
            return Ok(());
        }
        open.given += 1;
        self.labels.see(&triple)?;
        if let Some(follows) = open.follows(&triple) {
            self.waiting.push_back(follows);
        }
        self.waiting.push_back(triple);
        Ok(())
    }
}

impl Iterator for Statements<'_> {
    type Item = Result<Triple, VocabError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

impl Open {
    fn new(document: Document, terms: &Terms<'_>) -> Result<Self, VocabError> {
        let statements = OpenDocument::open(&document, terms.base)?;
        let member = document.member.map_or_else(String::new, |m| m.to_string());
        let blank = BlankNames::new(terms.graph, &document.checksum, &member, document.form.is_by_line());
        Ok(Self {
            statements,
            cleaner: Cleaner::new(blank),
            pages: HashSet::new(),
            held: Vec::new(),
            named_graphs: false,
            given: 0,
            document,
        })
    }

    fn is_about_a_page(&mut self, triple: &Triple) -> bool {
        if triple.predicate == rdf::TYPE {
            let Term::NamedNode(class) = &triple.object else { return false };
            if *class == activity_streams::COLLECTION_PAGE || *class == activity_streams::COLLECTION {
                self.pages.insert(triple.subject.clone());
            }
        }
        !self.pages.is_empty() && self.pages.contains(&triple.subject)
    }

    /// What is meant but not written.
    fn follows(&self, triple: &Triple) -> Option<Triple> {
        if triple.predicate == skos::PREF_LABEL && matches!(self.document.form, Form::EntityObject | Form::EntityList) {
            // Records carry their concepts without a type.
            let NamedOrBlankNode::NamedNode(subject) = &triple.subject else { return None };
            return subject.as_str().starts_with(EUROPEANA_CONCEPT).then(|| Triple::new(subject.clone(), rdf::TYPE, skos::CONCEPT));
        }
        let broader = matches!(triple.object, Term::NamedNode(_)) && BROADER.contains(&triple.predicate.as_ref());
        broader.then(|| Triple::new(triple.subject.clone(), skos::BROADER, triple.object.clone()))
    }
}
