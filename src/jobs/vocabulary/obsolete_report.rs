//! What the report of obsolete concepts says: by concept, and the first of the records.

use std::collections::BTreeMap;

use serde_json::json;

use super::resting::{Fates, Resting, Statement};
use crate::{
    jobs::{House, Report},
    rdf::ns::short,
    store::Listed,
    vocab::{Fate, Obsolete, Release},
};

/// How many concepts and records the report shows.
const SHOWN: usize = 20;
/// How many concepts stand in the figures.
const FIGURED: usize = 1_000;

/// What is gathered while the records pass. It grows with the concepts and not with the records.
#[derive(Default)]
pub(super) struct Gathered {
    concepts: BTreeMap<String, Concept>,
    records: u64,
    last: Option<String>,
    first: Vec<String>,
    by_kind: BTreeMap<Resting, u64>,
}

/// One obsolete concept, with what rests on it.
struct Concept {
    obsolete: Obsolete,
    label: String,
    replacements: Vec<(String, String)>,
    told_by: String,
    facets: Option<(String, String)>,
    by_kind: BTreeMap<Resting, u64>,
}

impl Gathered {
    pub(super) fn take(&mut self, record: Option<&Listed>, statement: &Statement, fates: &Fates<'_>) -> anyhow::Result<()> {
        let Some(obsolete) = fates.of(&statement.concept) else { return Ok(()) };
        if !self.concepts.contains_key(&statement.concept) {
            self.concepts.insert(statement.concept.clone(), Concept::of(&statement.concept, obsolete, fates)?);
        }
        *self.by_kind.entry(statement.resting).or_default() += 1;
        if let Some(concept) = self.concepts.get_mut(&statement.concept) {
            *concept.by_kind.entry(statement.resting).or_default() += 1;
            if let Some(record) = record
                && self.records < SHOWN as u64 + 1
                && (self.first.len() < SHOWN || self.last.as_deref() == Some(&record.cho))
            {
                self.first.push(format!(
                    "  <{}> {} {}: {} {} {}",
                    record.cho,
                    statement.resting.word(),
                    short(&statement.property),
                    short(&statement.concept),
                    concept.label,
                    concept.became()
                ));
            }
        }
        if let Some(record) = record
            && self.last.as_deref() != Some(&record.cho)
        {
            self.records += 1;
            self.last = Some(record.cho.clone());
        }
        Ok(())
    }

    /// How many statements, on how many concepts.
    pub(super) fn figures(&self) -> (u64, u64) {
        (self.by_kind.values().sum(), self.concepts.len() as u64)
    }

    pub(super) fn report(self, house: &House, stopped: bool) -> Report {
        let mut report = Report::default();
        let (statements, concepts) = self.figures();
        if stopped {
            report.line("stopped before the end: what follows is what was seen until then");
        }
        if concepts == 0 {
            report.line("nothing rests on a concept that was replaced, withdrawn or moved, or is gone");
        } else {
            report.line(format!(
                "{statements} statements on {} records rest on {concepts} concepts that are no longer what they were: {}",
                self.records,
                counts(&self.by_kind)
            ));
        }
        let mut by_weight: Vec<(&String, &Concept)> = self.concepts.iter().collect();
        by_weight.sort_by_key(|(iri, concept)| (std::cmp::Reverse(concept.by_kind.values().sum::<u64>()), (*iri).clone()));
        for (iri, concept) in by_weight.iter().take(SHOWN) {
            let told_by = if concept.told_by.is_empty() { String::new() } else { format!(" ({})", concept.told_by) };
            report.line(format!("  {} {} {}{told_by}: {}", short(iri), concept.label, concept.became(), counts(&concept.by_kind)));
        }
        if by_weight.len() > SHOWN {
            report.line(format!("  … and {} concepts more", by_weight.len() - SHOWN));
        }
        if !self.first.is_empty() {
            report.line("By record:");
            report.lines.extend(self.first.iter().cloned());
            report.line("--csv FILE writes them all; nothing was changed: `review correct` puts another concept in the place of one, tagging again with a label map that follows the new release does it for all");
        }
        let rows: Vec<_> = by_weight.iter().take(FIGURED).map(|(iri, concept)| concept.figures(iri)).collect();
        report.figure("statements", statements);
        report.figure("concepts", concepts);
        report.figure("records", self.records);
        for kind in Resting::ALL {
            let name = format!("{}s", kind.word().replace(' ', "_"));
            report.figure(&name, self.by_kind.get(&kind).copied().unwrap_or(0));
        }
        report.figure("obsolete", rows);
        report.figure("stopped", stopped);
        report.figure("version", house.store.version());
        report
    }
}

impl Concept {
    fn of(iri: &str, obsolete: &Obsolete, fates: &Fates<'_>) -> anyhow::Result<Self> {
        let vocabularies = fates.vocabularies();
        let label = |iri: &str| vocabularies.last_label(oxigraph::model::NamedNodeRef::new_unchecked(iri));
        let replacements =
            obsolete.replaced_by.iter().map(|by| Ok((by.as_str().to_owned(), label(by.as_str())?))).collect::<anyhow::Result<Vec<_>>>()?;
        let facets = match &obsolete.fate {
            Fate::Moved { from, to } => {
                let name = |iri: &str| -> anyhow::Result<String> { Ok(format!("{} {}", short(iri), label(iri)?).trim_end().to_owned()) };
                Some((name(from.as_str())?, name(to.as_str())?))
            }
            _ => None,
        };
        let told_by = obsolete.release.as_ref().and_then(|graph| vocabularies.release_of(graph)).map(Release::name).unwrap_or_default();
        Ok(Self { obsolete: obsolete.clone(), label: label(iri)?, replacements, told_by, facets, by_kind: BTreeMap::new() })
    }

    /// What became of it, in words.
    fn became(&self) -> String {
        match (&self.obsolete.fate, &self.facets) {
            (Fate::Replaced, _) => {
                let by: Vec<String> =
                    self.replacements.iter().map(|(iri, label)| format!("{} {label}", short(iri)).trim_end().to_owned()).collect();
                format!("was replaced by {}", by.join(" and "))
            }
            (Fate::Withdrawn, _) => "was withdrawn, and nothing is named in its place".to_owned(),
            (Fate::Gone, _) if self.told_by.is_empty() => "is in none of the loaded vocabularies".to_owned(),
            (Fate::Gone, _) => "is not in the newest release".to_owned(),
            (Fate::NoTag(_), _) => "orders the hierarchy now, and is no tag".to_owned(),
            (Fate::Moved { .. }, Some((from, to))) => format!("moved from {from} to {to}"),
            (Fate::Moved { from, to }, None) => format!("moved from {} to {}", short(from.as_str()), short(to.as_str())),
        }
    }

    fn figures(&self, iri: &str) -> serde_json::Value {
        let by: BTreeMap<&str, u64> = self.by_kind.iter().map(|(kind, count)| (kind.word(), *count)).collect();
        json!({
            "concept": iri,
            "label": self.label,
            "became": self.obsolete.fate.word(),
            "replaced_by": self.replacements.iter().map(|(iri, _)| iri).collect::<Vec<_>>(),
            "told_by": self.told_by,
            "statements": by,
        })
    }
}

/// `12 annotations, 3 verdicts`.
fn counts(by_kind: &BTreeMap<Resting, u64>) -> String {
    let said = by_kind.iter().map(|(kind, count)| match (kind, count) {
        (Resting::LabelMap, 1) => "1 row of a label map".to_owned(),
        (Resting::LabelMap, count) => format!("{count} rows of label maps"),
        (kind, 1) => format!("1 {}", kind.word()),
        (kind, count) => format!("{count} {}s", kind.word()),
    });
    said.collect::<Vec<_>>().join(", ")
}
