//! What a new release of a vocabulary made obsolete: everything that rests on a concept that was replaced, withdrawn or moved, or is gone,
//! record by record, with what stands in its place. Nothing is changed: whether the replacement is meant is for a person to say.

use oxigraph::model::{NamedNode, NamedNodeRef};
use serde::{Deserialize, Serialize};

use super::{
    obsolete_report::Gathered,
    resting::{Fates, Statement, judged, of_label_maps, of_record},
};
use crate::{
    jobs::{House, Listener, Report, query::ToOutlet, walk::Walk},
    rdf::ns::short,
    store::Listed,
};

/// List what rests on concepts that are no longer what they were.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListObsolete {
    /// Only of records of this data set.
    pub data_set: Option<String>,
    /// Whether all of it is put out as CSV.
    pub csv: bool,
}

pub(super) fn run(house: &House, job: &ListObsolete, listener: Listener<'_>) -> anyhow::Result<Report> {
    let mut gathered = Gathered::default();
    let mut table = Table::new(listener, job.csv)?;
    let stopped = walk(house, job, listener, &mut |record, statement, fates| {
        gathered.take(record, statement, fates)?;
        table.take(record, statement, fates)
    })?;
    table.end()?;
    Ok(gathered.report(house, stopped))
}

/// How many statements rest on concepts that are no longer what they were, and on how many concepts: for the end of a load.
pub(in crate::jobs) fn resting_on_obsolete(house: &House, listener: Listener<'_>) -> anyhow::Result<(u64, u64)> {
    let mut gathered = Gathered::default();
    walk(house, &ListObsolete::default(), listener, &mut |record, statement, fates| gathered.take(record, statement, fates))?;
    Ok(gathered.figures())
}

/// Who is told of a statement that rests on an obsolete concept.
type Told<'t> = dyn FnMut(Option<&Listed>, &Statement, &Fates<'_>) -> anyhow::Result<()> + 't;

/// Goes through the records, and tells of every such statement; whether it was stopped. The index knows the concepts of each record's
/// annotations, so that only records are read that have something to tell.
fn walk(house: &House, job: &ListObsolete, listener: Listener<'_>, tell: &mut Told<'_>) -> anyhow::Result<bool> {
    let store = &house.store;
    let mut fates = Fates::new(house)?;
    listener.progress.begin("looking for what rests on obsolete concepts", Some(store.index().len()?));
    let judged = judged(house, &mut fates)?;
    for page in Walk::new(store, job.data_set.as_deref()) {
        let page = page?;
        for listed in &page {
            let mut has_some = judged.contains(&listed.key);
            for concept in &listed.concepts {
                has_some |= fates.is_obsolete(concept)?;
            }
            if has_some {
                for statement in of_record(house, listed, &mut fates)? {
                    tell(Some(listed), &statement, &fates)?;
                }
            }
        }
        listener.progress.advance(page.len() as u64);
        if listener.progress.stopped() {
            return Ok(true);
        }
    }
    if job.data_set.is_none() {
        for statement in of_label_maps(house, &mut fates)? {
            tell(None, &statement, &fates)?;
        }
    }
    Ok(false)
}

/// All of them as CSV.
struct Table<'o> {
    rows: Option<csv::Writer<ToOutlet<'o>>>,
}

impl<'o> Table<'o> {
    fn new(listener: Listener<'o>, wanted: bool) -> anyhow::Result<Self> {
        if !wanted {
            return Ok(Self { rows: None });
        }
        let mut rows = csv::Writer::from_writer(ToOutlet { outlet: listener.outlet, buffer: Vec::new() });
        rows.write_record(COLUMNS)?;
        Ok(Self { rows: Some(rows) })
    }

    fn take(&mut self, record: Option<&Listed>, statement: &Statement, fates: &Fates<'_>) -> anyhow::Result<()> {
        let Some(rows) = &mut self.rows else { return Ok(()) };
        let Some(obsolete) = fates.of(&statement.concept) else { return Ok(()) };
        let label = |iri: &str| fates.vocabularies().last_label(NamedNodeRef::new_unchecked(iri));
        let replaced_by: Vec<&str> = obsolete.replaced_by.iter().map(NamedNode::as_str).collect();
        let replacement = obsolete.replaced_by.first().map(|by| label(by.as_str())).transpose()?.unwrap_or_default();
        let release = obsolete.release.as_ref().and_then(|graph| fates.vocabularies().release_of(graph));
        let of_record = |field: fn(&Listed) -> &String| record.map(field).map(String::as_str).unwrap_or_default();
        rows.write_record([
            of_record(|r| &r.cho),
            of_record(|r| &r.data_set),
            of_record(|r| &r.provider),
            statement.resting.word(),
            &statement.iri,
            &short(&statement.property),
            &statement.concept,
            &label(&statement.concept)?,
            obsolete.fate.word(),
            &replaced_by.join(" "),
            &replacement,
            &release.map(crate::vocab::Release::name).unwrap_or_default(),
        ])?;
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        if let Some(mut rows) = self.rows {
            rows.flush()?;
        }
        Ok(())
    }
}

const COLUMNS: [&str; 12] = [
    "record",
    "data_set",
    "provider",
    "rests",
    "statement",
    "property",
    "concept",
    "label",
    "became",
    "replaced_by",
    "replacement",
    "told_by",
];
