//! Measuring the linker on what cataloguers did: texts with the concepts that they chose, against what the linker says.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context as _, bail};
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{House, Listener, Report, import_tags::concept_iri};
use crate::{
    linking::{Linker, PropertySettings, Reads, Said, Settings, Spoken},
    rdf::mint::digest,
};

/// How many of the wrong sure ones are shown.
const SHOWN: usize = 10;
/// How far down a ranking is looked.
const DEPTH: usize = 10;

/// Measure the linker.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MeasureLinks {
    /// Tables with a header: `text` (or `term`), `concept` (or `aat_id`; several with spaces between them), and perhaps `property`.
    pub files: Vec<PathBuf>,
    /// The property for texts that name none: `dc:type` by default.
    pub property: Option<String>,
    /// The language of the texts: English by default.
    pub language: Option<String>,
    /// Rank within the property's branches first, as is done for records; without it a text is ranked over everything.
    pub within: bool,
}

/// One text and what cataloguers linked it to.
struct Gold {
    text: String,
    concepts: Vec<NamedNode>,
    property: String,
}

/// What was counted over some of the gold.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    texts: u64,
    sure: u64,
    sure_right: u64,
    one: u64,
    one_right: u64,
    any: u64,
    any_right: u64,
    at: [u64; 3],
    found: u64,
    found_right: u64,
    wanted: u64,
    wanted_found: u64,
}

pub(super) fn run(house: &House, job: &MeasureLinks, listener: Listener<'_>) -> anyhow::Result<Report> {
    let mut gold = Vec::new();
    for file in &job.files {
        gold.extend(read(file, job.property.as_deref().unwrap_or("dc:type"))?);
    }
    let settings = house.settings.linking.clone();
    let linker = Linker::new(&house.store, &settings)?;
    if linker.graphs().next().is_none() {
        bail!("no vocabulary is loaded, so no text names anything: `glossator load` the one that the texts are linked to first");
    }
    let unknown = left_out(&linker, &mut gold)?;
    listener.progress.begin("measuring", Some(gold.len() as u64));
    let mut report = Report::default();
    if unknown > 0 {
        report.line(format!("{unknown} texts are left out: the concept that was chosen for them is in none of the loaded vocabularies"));
    }
    report.figure("left_out", unknown);
    // Two halves by the text itself, so that what is chosen on one may be told on the other.
    let mut counts: BTreeMap<(String, &'static str), Counts> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in &gold {
        let half = if digest([row.text.to_lowercase()]).as_bytes().first().is_some_and(|b| b % 2 == 0) { "one half" } else { "the other" };
        let one = measure(&linker, &settings, job, row, &mut wrong)?;
        for half in ["all", half] {
            counts.entry((row.property.clone(), half)).or_default().add(one);
        }
        listener.progress.advance(1);
        if listener.progress.stopped() {
            bail!("stopped");
        }
    }
    for ((property, half), counts) in &counts {
        report.line(counts.line(property, half));
        report.figure(&format!("{property} {half}"), counts.figures());
    }
    if !wrong.is_empty() {
        report.line(format!("sure and not what was chosen: {}", wrong.len()));
        report.lines.extend(wrong.iter().take(SHOWN).map(|w| format!("  {w}")));
    }
    report.figure("texts", gold.len());
    Ok(report)
}

/// Leaves out texts none of whose concepts is loaded (another release has them, perhaps): the linker cannot be right there. Says how many.
fn left_out(linker: &Linker<'_>, gold: &mut Vec<Gold>) -> anyhow::Result<u64> {
    let vocabularies = linker.concepts().hierarchy().vocabularies();
    let before = gold.len();
    let mut known = Vec::with_capacity(before);
    for row in gold.drain(..) {
        let mut is_known = false;
        for concept in &row.concepts {
            is_known = is_known || vocabularies.is_known(concept.as_str())?;
        }
        if is_known {
            known.push(row);
        }
    }
    *gold = known;
    Ok((before - gold.len()) as u64)
}

fn read(file: &std::path::Path, property: &str) -> anyhow::Result<Vec<Gold>> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
    let delimiter = if text.lines().next().is_some_and(|line| line.contains('\t')) { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).quoting(delimiter == b',').from_reader(text.as_bytes());
    let header = reader.headers().with_context(|| format!("reading {name}"))?.clone();
    let column = |names: &[&str]| header.iter().position(|h| names.contains(&h.trim().to_lowercase().as_str()));
    let (Some(texts), Some(concepts)) = (column(&["text", "term", "label"]), column(&["concept", "concepts", "aat_id", "aat"])) else {
        bail!("{name}: its first line must name a column `text` (or `term`) and a column `concept` (or `aat_id`)");
    };
    let properties = column(&["property"]);
    let mut gold = Vec::new();
    for row in reader.records() {
        let row = row.with_context(|| format!("reading {name}"))?;
        let concepts: Vec<NamedNode> = row.get(concepts).unwrap_or_default().split_whitespace().filter_map(concept_iri).collect();
        let text = row.get(texts).unwrap_or_default().trim();
        if !text.is_empty() && !concepts.is_empty() {
            let property = properties.and_then(|p| row.get(p)).filter(|p| !p.is_empty()).unwrap_or(property);
            gold.push(Gold { text: text.to_owned(), concepts, property: property.to_owned() });
        }
    }
    Ok(gold)
}

fn measure(linker: &Linker<'_>, settings: &Settings, job: &MeasureLinks, row: &Gold, wrong: &mut Vec<String>) -> anyhow::Result<Counts> {
    let Some(property) = settings.properties.get(&row.property) else {
        bail!("the property `{}` is not among those that are read ([linking.properties])", row.property);
    };
    let (iri, _) = settings.properties()?.into_iter().find(|(_, p)| *p == property).context("a property that is set has an IRI")?;
    let language = job.language.clone().unwrap_or_else(|| "en".to_owned());
    let said = Said { of: iri.clone(), property: iri, text: row.text.clone(), spoken: Spoken::Tagged(language.clone()) };
    let links = linker.link(&said)?;
    let right = |concept: &NamedNode| row.concepts.contains(concept);
    let mut counts = Counts { texts: 1, ..Counts::default() };
    for link in links.iter().filter(|l| l.confidence.is_some()) {
        counts.sure += 1;
        counts.sure_right += u64::from(right(&link.concept));
        if !right(&link.concept) {
            wrong.push(format!("{}: <{}> “{}”, chosen was {}", row.text, link.concept.as_str(), link.label, row.concepts[0].as_str()));
        }
    }
    if property.reads == Reads::Materials {
        counts.found = links.len() as u64;
        counts.found_right = links.iter().filter(|l| right(&l.concept)).count() as u64;
        counts.wanted = row.concepts.len() as u64;
        counts.wanted_found = row.concepts.iter().filter(|c| links.iter().any(|l| l.concept == **c)).count() as u64;
        return Ok(counts);
    }
    counts.ranked(linker, property, job, row, &language)?;
    Ok(counts)
}

impl Counts {
    fn ranked(
        &mut self,
        linker: &Linker<'_>,
        property: &PropertySettings,
        job: &MeasureLinks,
        row: &Gold,
        language: &str,
    ) -> anyhow::Result<()> {
        let within = if job.within { property.within.as_slice() } else { &[] };
        let ranked = linker.rank(&row.text, Some(language), within, DEPTH)?;
        let right = |iri: &str| row.concepts.iter().any(|c| c.as_str() == iri);
        let same = ranked.iter().filter(|r| r.fit.is_some()).count();
        self.any = u64::from(same > 0);
        self.any_right = u64::from(same > 0 && ranked.first().is_some_and(|r| right(&r.hit.concept)));
        self.one = u64::from(same == 1);
        self.one_right = u64::from(same == 1 && ranked.first().is_some_and(|r| right(&r.hit.concept)));
        let place = ranked.iter().position(|r| right(&r.hit.concept));
        for (count, depth) in self.at.iter_mut().zip([1, 5, 10]) {
            *count = u64::from(place.is_some_and(|place| place < depth));
        }
        Ok(())
    }

    fn add(&mut self, other: Self) {
        for (own, theirs) in [
            (&mut self.texts, other.texts),
            (&mut self.sure, other.sure),
            (&mut self.sure_right, other.sure_right),
            (&mut self.one, other.one),
            (&mut self.one_right, other.one_right),
            (&mut self.any, other.any),
            (&mut self.any_right, other.any_right),
            (&mut self.found, other.found),
            (&mut self.found_right, other.found_right),
            (&mut self.wanted, other.wanted),
            (&mut self.wanted_found, other.wanted_found),
        ] {
            *own += theirs;
        }
        for (own, theirs) in self.at.iter_mut().zip(other.at) {
            *own += theirs;
        }
    }

    fn line(&self, property: &str, half: &str) -> String {
        let sure = format!("sure {} ({:.3}), right {:.3}", self.sure, part(self.sure, self.texts), part(self.sure_right, self.sure));
        if self.wanted > 0 {
            let (precision, recall) = (part(self.found_right, self.found), part(self.wanted_found, self.wanted));
            return format!("{property}, {half}: {} texts; precision {precision:.3}, recall {recall:.3}; {sure}", self.texts);
        }
        let [one, five, ten] = self.at.map(|n| part(n, self.texts));
        format!(
            "{property}, {half}: {} texts; Acc@1 {one:.3}, @5 {five:.3}, @10 {ten:.3}; {sure}; one label hit {:.3}, right {:.3}; any {:.3}, first right {:.3}",
            self.texts,
            part(self.one, self.texts),
            part(self.one_right, self.one),
            part(self.any, self.texts),
            part(self.any_right, self.any)
        )
    }

    fn figures(&self) -> Value {
        let mut figures = Map::new();
        figures.insert("texts".to_owned(), self.texts.into());
        figures.insert("sure".to_owned(), self.sure.into());
        figures.insert("sure_precision".to_owned(), json!(part(self.sure_right, self.sure)));
        if self.wanted > 0 {
            figures.insert("precision".to_owned(), json!(part(self.found_right, self.found)));
            figures.insert("recall".to_owned(), json!(part(self.wanted_found, self.wanted)));
        } else {
            for (name, n) in ["acc_at_1", "acc_at_5", "acc_at_10"].into_iter().zip(self.at) {
                figures.insert(name.to_owned(), json!(part(n, self.texts)));
            }
        }
        figures.into()
    }
}

/// A part of a whole; 0 of nothing.
fn part(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
