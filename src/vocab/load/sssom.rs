//! SSSOM, the field's table of mappings: a row is one alignment, with why it holds and how sure its author is.

use std::collections::VecDeque;

use csv::StringRecord;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term, Triple};

use super::{mapping_facts::MappingFacts, notes::Notes, report::TableFigures};
use crate::rdf::{
    iri::mend,
    mint::short_key,
    ns::{owl, pav, rdf, rdfs, short, skos, sssom, xsd},
};

/// The columns without which a table is no SSSOM.
const NEEDED: [&str; 3] = ["subject_id", "predicate_id", "object_id"];
/// The properties that we can read as alignments. Others are kept as they stand, and are not followed.
const ALIGNING: [NamedNodeRef<'static>; 6] =
    [skos::EXACT_MATCH, skos::CLOSE_MATCH, skos::BROAD_MATCH, skos::NARROW_MATCH, skos::RELATED_MATCH, owl::SAME_AS];

/// Whether a table with this header is SSSOM.
pub(super) fn is_header(line: &str, delimiter: char) -> bool {
    let columns: Vec<&str> = line.split(delimiter).map(|c| c.trim().trim_matches('"')).collect();
    NEEDED.iter().all(|needed| columns.contains(needed))
}

/// How the rows of one table are read.
pub(super) struct Sssom {
    file: String,
    graph: NamedNode,
    facts: MappingFacts,
    columns: Vec<String>,
}

impl Sssom {
    pub(super) fn new(file: &str, graph: &NamedNode, facts: &MappingFacts, header: &StringRecord) -> Self {
        let columns = header.iter().map(|c| c.trim().to_ascii_lowercase()).collect();
        Self { file: file.to_owned(), graph: graph.clone(), facts: facts.clone(), columns }
    }

    /// What a row says. One that is no alignment is left out, with a note.
    pub(super) fn take(&self, line: u64, row: &StringRecord, notes: &mut Notes, figures: &mut TableFigures, out: &mut VecDeque<Triple>) {
        let cell = |name: &str| {
            let place = self.columns.iter().position(|column| column == name)?;
            row.get(place).map(str::trim).filter(|cell| !cell.is_empty())
        };
        figures.rows += 1;
        let ends = [cell("subject_id"), cell("object_id")];
        if ends.iter().flatten().any(|id| self.iri(id).is_ok_and(|iri| iri == sssom::NO_TERM_FOUND)) {
            figures.unmapped.push(cell("subject_label").or(ends[0]).unwrap_or_default().to_owned());
            return;
        }
        let names = NEEDED.map(|name| cell(name).ok_or_else(|| format!("`{name}` is empty")).and_then(|id| self.iri(id)));
        let [subject, predicate, object] = match names {
            [Ok(subject), Ok(predicate), Ok(object)] => [subject, predicate, object],
            [subject, predicate, object] => {
                let reasons: Vec<String> = [subject, predicate, object].into_iter().filter_map(Result::err).collect();
                return notes.bad(&self.file, Some(line), &reasons.join("; "));
            }
        };
        if cell("predicate_modifier").is_some_and(|modifier| modifier.eq_ignore_ascii_case("not")) {
            figures.denied += 1;
            return notes.add(
                &self.file,
                Some(line),
                format!("says that {subject} is not {} of {object}: no alignment", short(predicate.as_str())),
            );
        }
        if ALIGNING.iter().any(|known| predicate == *known) {
            figures.mapped += 1;
        } else {
            figures.not_followed += 1;
            notes.add(
                &self.file,
                Some(line),
                format!("{} is no alignment that is followed: it is kept as it stands", short(predicate.as_str())),
            );
        }
        *figures.properties.entry(short(predicate.as_str())).or_default() += 1;
        for (id, label) in [(&subject, cell("subject_label")), (&object, cell("object_label"))] {
            out.extend(label.map(|label| Triple::new(id.clone(), rdfs::LABEL, Literal::new_simple_literal(label))));
        }
        out.extend(self.justified(line, [&subject, &predicate, &object], &cell, notes));
        out.push_back(Triple::new(subject, predicate, object));
    }

    /// What is said about the alignment itself, where anything is.
    fn justified<'c>(
        &self,
        line: u64,
        [subject, predicate, object]: [&NamedNode; 3],
        cell: &impl Fn(&str) -> Option<&'c str>,
        notes: &mut Notes,
    ) -> Vec<Triple> {
        let mut said: Vec<(NamedNodeRef<'static>, Term)> = Vec::new();
        let term = |name: &str| self.iri(name).map_or_else(|_| Literal::new_simple_literal(name).into(), Term::from);
        said.extend(cell("mapping_justification").map(|reason| (sssom::MAPPING_JUSTIFICATION, term(reason))));
        match cell("confidence").map(|text| (text, text.parse::<f64>())) {
            Some((text, Ok(number))) if (0.0..=1.0).contains(&number) => {
                said.push((sssom::CONFIDENCE, Literal::new_typed_literal(text, xsd::DOUBLE).into()));
            }
            Some((text, _)) => {
                notes.add(&self.file, Some(line), format!("the confidence `{text}` is no number from 0 to 1: it is left out"));
            }
            None => {}
        }
        for author in cell("author_id").or(cell("author_label")).into_iter().flat_map(|all| all.split('|')) {
            said.push((pav::AUTHORED_BY, term(author.trim())));
        }
        said.extend(cell("mapping_tool").map(|tool| (sssom::MAPPING_TOOL, term(tool))));
        said.extend(cell("mapping_date").map(|date| (pav::AUTHORED_ON, Literal::new_typed_literal(date, xsd::DATE).into())));
        said.extend(cell("comment").map(|text| (rdfs::COMMENT, Literal::new_simple_literal(text).into())));
        if said.is_empty() {
            return Vec::new();
        }
        let key = short_key([subject.as_str(), predicate.as_str(), object.as_str()]);
        let axiom = NamedNode::new_unchecked(format!("{}#{key}", self.graph.as_str()));
        said.extend([
            (rdf::TYPE, owl::AXIOM.into()),
            (owl::ANNOTATED_SOURCE, subject.clone().into()),
            (owl::ANNOTATED_PROPERTY, predicate.clone().into()),
            (owl::ANNOTATED_TARGET, object.clone().into()),
        ]);
        said.into_iter().map(|(property, object)| Triple::new(axiom.clone(), property, object)).collect()
    }

    /// The IRI of a cell: written out, or with a prefix that the metadata declare.
    fn iri(&self, cell: &str) -> Result<NamedNode, String> {
        let name = self.facts.expand(cell).unwrap_or_else(|| cell.to_owned());
        let whole = name.contains("://") || name.starts_with("urn:");
        if !whole {
            let prefix = cell.split_once(':').map_or(cell, |(prefix, _)| prefix);
            return Err(format!("`{cell}` is no IRI, and `curie_map` does not say what `{prefix}:` stands for"));
        }
        NamedNode::new(mend(&name).unwrap_or(name)).map_err(|e| format!("`{cell}` is no IRI: {e}"))
    }
}
