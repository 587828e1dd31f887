//! One document: its graphs are cut out, parsed and divided into records, and each record is weighed: taken or refused.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    ops::ControlFlow,
};

use bytes::Bytes;
use oxigraph::{
    io::RdfFormat,
    model::{NamedNode, NamedOrBlankNode, Term, Triple},
};

use super::{
    GeneratedBy, Note, NoteKind, Original, ReadSettings, Record, Rejected, StatementNote, Taken,
    clean::Cut,
    cuts::{self, Seen},
    encoding::{decode, forbidden_character},
    graph::{BROKEN, Renaming},
    partition::{Draft, Part, partition},
    rdf_xml,
    read::Sink,
    record::Failure,
    syntaxes,
};
use crate::rdf::{
    RecordKey,
    mint::checksum,
    ns::{edm, ore, rdf},
};

/// Reads one document and hands on what becomes of it, in the document's order.
pub(super) fn read(source: &str, bytes: &Bytes, format: RdfFormat, settings: &ReadSettings, sink: &mut Sink<'_>) -> ControlFlow<()> {
    let mut document = Document { settings, outcomes: Vec::new(), by_cho: HashMap::new(), notes: Vec::new(), deleted: 0 };
    if format == RdfFormat::RdfXml {
        document.read_xml(bytes);
    } else {
        document.read_other(bytes, format);
    }
    let checksum = checksum(bytes);
    let original = |line| Original { bytes: bytes.clone(), format, source: source.to_owned(), line, checksum: checksum.clone() };
    for outcome in document.outcomes {
        let taken = match outcome {
            Outcome::Draft(draft) => weigh(*draft, &document.notes, settings, &original),
            Outcome::Failure(failure, notes) => Err((failure, notes)),
        };
        sink.take(match taken {
            Ok(record) => Taken::Record(Box::new(record)),
            Err((failure, notes)) => Taken::Rejected(Rejected {
                source: source.to_owned(),
                line: failure.line,
                reason: failure.reason,
                bytes: bytes.clone(),
                notes,
            }),
        })?;
    }
    if document.deleted > 0 {
        let reason = format!("{} record(s) that the OAI-PMH answer calls deleted", document.deleted);
        sink.take(Taken::Skipped { source: source.to_owned(), reason })?;
    }
    ControlFlow::Continue(())
}

enum Outcome {
    Draft(Box<Draft>),
    Failure(Failure, Vec<Note>),
}

struct Document<'s> {
    settings: &'s ReadSettings,
    outcomes: Vec<Outcome>,
    /// Where the draft of a CHO stands among the outcomes.
    by_cho: HashMap<NamedNode, usize>,
    /// What is to be said about each record of the document.
    notes: Vec<Note>,
    deleted: u64,
}

impl Document<'_> {
    fn refuse(&mut self, failure: Failure) {
        self.outcomes.push(Outcome::Failure(failure, Vec::new()));
    }

    fn read_xml(&mut self, bytes: &Bytes) {
        let (text, note) = match decode(bytes) {
            Ok(decoded) => decoded,
            Err(failure) => return self.refuse(failure),
        };
        self.notes.extend(note);
        let mut seen = Seen::default();
        let settings = self.settings;
        let read = cuts::cut(&text, settings, &mut seen, &mut |cut, seen| {
            self.take_cut(cut, seen);
            ControlFlow::Continue(())
        });
        self.notes.append(&mut seen.notes);
        self.deleted = seen.deleted;
        match read {
            Err(failure) => self.refuse(failure),
            Ok(_) if self.outcomes.is_empty() && self.deleted == 0 => {
                let root = seen.root.as_deref().unwrap_or("nothing");
                self.refuse(Failure::new(None, format!("there is no edm:ProvidedCHO in it: the document is `{root}`")));
            }
            Ok(_) => {}
        }
    }

    fn take_cut(&mut self, cut: Cut, seen: &Seen) {
        let notes: Vec<Note> = cut.notes.iter().map(|m| m.note.clone()).collect();
        let line = cut.line;
        match rdf_xml::parse(cut) {
            Ok(graph) => self.take_graph(partition(&graph), line, seen.root.as_deref()),
            Err(failure) => self.outcomes.push(Outcome::Failure(failure, notes)),
        }
    }

    fn read_other(&mut self, bytes: &Bytes, format: RdfFormat) {
        match syntaxes::parse(bytes, format, self.settings) {
            Ok(graph) => self.take_graph(partition(&graph), None, None),
            Err(failure) => self.refuse(failure),
        }
    }

    fn take_graph(&mut self, (drafts, failures): (Vec<Draft>, Vec<Failure>), line: impl Into<Option<u64>>, root: Option<&str>) {
        if drafts.is_empty() && failures.is_empty() {
            let inside = root.map(|r| format!(" (inside `{r}`)")).unwrap_or_default();
            self.refuse(Failure::new(line, format!("there is no edm:ProvidedCHO in the graph{inside}")));
        }
        for draft in drafts {
            self.take_draft(draft);
        }
        for failure in failures {
            self.refuse(failure);
        }
    }

    /// Two descriptions of one CHO in a document are one record.
    fn take_draft(&mut self, draft: Draft) {
        let known = self.by_cho.get(&draft.cho).and_then(|place| self.outcomes.get_mut(*place));
        if let Some(Outcome::Draft(first)) = known {
            let line = draft.line;
            first.notes.push(Note::new(
                line,
                NoteKind::Merged,
                format!("{} is described again; the descriptions were put together", draft.cho),
            ));
            first.parts.extend(draft.parts);
            first.notes.extend(draft.notes);
        } else {
            self.by_cho.insert(draft.cho.clone(), self.outcomes.len());
            self.outcomes.push(Outcome::Draft(Box::new(draft)));
        }
    }
}

/// Settles the names in a draft and takes it, unless something in it is broken.
fn weigh(
    draft: Draft,
    document_notes: &[Note],
    settings: &ReadSettings,
    original: &dyn Fn(Option<u64>) -> Original,
) -> Result<Record, (Failure, Vec<Note>)> {
    if let Some(failure) = fault(&draft) {
        return Err((failure, finish_notes(draft.notes, document_notes, settings)));
    }
    let base = settings.relative_references.as_str();
    let mut renaming = Renaming::new(base);
    let (mut triples, mut statements, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for part in draft.parts {
        renaming.begin_part();
        for triple in part.triples.iter().map(|t| renaming.triple(t)) {
            if seen.insert(triple.clone()) {
                triples.push(triple);
            }
        }
        for (triple, lifted) in &part.lifted {
            let note = statement_note(renaming.triple(triple), lifted.generated_by, lifted.confidence.clone());
            statements.extend(note.filter(|n| !statements.contains(n)));
        }
    }
    let cho = renaming.named(&draft.cho);
    let mut notes = draft.notes;
    if !statements.is_empty() {
        let text = format!("Europeana's attributes on {} statement(s) were kept as statements about them", statements.len());
        notes.push(Note::new(draft.line, NoteKind::Lifted, text));
    }
    if !triples.iter().any(|t| t.predicate == edm::AGGREGATED_CHO || (t.predicate == rdf::TYPE && t.object == ore::AGGREGATION.into())) {
        notes.push(Note::new(
            draft.line,
            NoteKind::Untidy,
            "the record has no ore:Aggregation: neither its provider nor its web resources are known",
        ));
    }
    let notes = finish_notes(notes, document_notes, settings);
    Ok(Record { key: RecordKey::of(cho.as_ref()), cho, triples, statements, original: original(draft.line), notes })
}

fn statement_note(triple: Triple, generated_by: Option<GeneratedBy>, confidence: Option<String>) -> Option<StatementNote> {
    (generated_by.is_some() || confidence.is_some()).then_some(StatementNote {
        subject: triple.subject,
        predicate: triple.predicate,
        object: triple.object,
        generated_by,
        confidence,
    })
}

/// What is broken in a draft, if anything is.
fn fault(draft: &Draft) -> Option<Failure> {
    draft.parts.iter().find_map(part_fault).map(|mut failure| {
        failure.line = failure.line.or(draft.line);
        failure
    })
}

fn part_fault(part: &Part) -> Option<Failure> {
    let refused = part.lifted.iter().find_map(|(_, l)| l.refused.as_ref().map(|reason| Failure::new(l.line, reason)));
    refused.or_else(|| part.triples.iter().find_map(|t| triple_fault(t, &part.broken)))
}

fn triple_fault(triple: &Triple, broken: &[Failure]) -> Option<Failure> {
    let beyond = |iri: &str| iri.strip_prefix(BROKEN).and_then(|n| n.parse::<usize>().ok()).and_then(|n| broken.get(n)).cloned();
    if let NamedOrBlankNode::NamedNode(subject) = &triple.subject
        && let Some(failure) = beyond(subject.as_str())
    {
        return Some(failure);
    }
    match &triple.object {
        Term::NamedNode(object) => beyond(object.as_str()),
        Term::Literal(literal) => forbidden_character(literal.value()).map(|c| {
            let text = format!("a value of {} holds U+{:04X}, which XML cannot carry", triple.predicate, u32::from(c));
            Failure::new(None, text)
        }),
        Term::Triple(_) => {
            Some(Failure::new(None, format!("{} has a triple as its value (RDF 1.2); records are read as RDF 1.1", triple.predicate)))
        }
        Term::BlankNode(_) => None,
    }
}

/// The notes in the order of their lines; relative references are told once, and what is beyond the limit is counted.
fn finish_notes(mut notes: Vec<Note>, document: &[Note], settings: &ReadSettings) -> Vec<Note> {
    notes.extend_from_slice(document);
    notes.sort_by_key(|n| n.line.unwrap_or(0));
    let relative = notes.iter().filter(|n| n.kind == NoteKind::Relative).count();
    let mut told = false;
    notes.retain(|n| n.kind != NoteKind::Relative || !std::mem::replace(&mut told, true));
    if let Some(first) = notes.iter_mut().find(|n| n.kind == NoteKind::Relative && relative > 1) {
        let _ = write!(first.text, " (and {} more)", relative - 1);
    }
    let beyond = notes.len().saturating_sub(settings.max_notes);
    notes.truncate(settings.max_notes);
    if beyond > 0 {
        notes.push(Note::new(None, NoteKind::More, format!("{beyond} more notes on this record were not kept")));
    }
    notes
}
