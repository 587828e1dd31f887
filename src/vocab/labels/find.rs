//! Asking the label index: which labels are this text, which are spelled like it, which have these words.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use redb::{ReadTransaction, ReadableDatabase as _, ReadableTable as _};

use super::{
    build,
    english::singular,
    form::{Form, words},
    grams::{grams, weight},
    tables::{FORMS, GRAMS, LENGTHS, ROWS, Row, SEGMENTS, WORDS, lengths, number, places, segment_of},
};
use crate::{
    store::{Store, StoreError},
    vocab::VocabError,
};

/// How many labels that share a form are looked at.
const MOST_SHARING: usize = 500;
/// How many of the labels that are spelled most alike are read, at most.
const MOST_READ: usize = 3_000;
/// What is less alike than this is not read.
const LEAST_ALIKE: f32 = 0.1;
/// How many labels that begin with one word are looked at.
const MOST_WITH_WORD: usize = 20_000;

/// How exactly a label is the text that was asked for, the least exact first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// The same in the singular, both taken for English.
    Singular,
    /// The same, but for the qualifier of one of them.
    Plain,
    /// The same, with its qualifier.
    Whole,
}

/// A label that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelHit {
    /// The concept that has it.
    pub concept: String,
    /// The label as it is written.
    pub label: String,
    /// Its language tag in lower case, or nothing.
    pub language: String,
    /// Whether it is a preferred label.
    pub preferred: bool,
    /// The graph of the release that says so.
    pub graph: String,
}

/// The labels of all loaded vocabularies.
#[derive(Clone, Copy, Debug)]
pub struct LabelIndex<'s> {
    store: &'s Store,
}

/// A transaction's view of the index.
struct Reading {
    read: ReadTransaction,
    /// Segment: how many labels, and its graph.
    segments: BTreeMap<u32, (u32, String)>,
}

impl<'s> LabelIndex<'s> {
    /// The index of a store, brought up to it.
    pub fn open(store: &'s Store) -> Result<Self, VocabError> {
        build::follow(store)?;
        Ok(Self { store })
    }

    /// How many labels there are, by graph.
    pub fn labels(&self) -> Result<HashMap<String, u64>, VocabError> {
        let mut counts: HashMap<String, u64> = HashMap::new();
        for (count, graph) in self.reading()?.segments.into_values() {
            *counts.entry(graph).or_default() += u64::from(count);
        }
        Ok(counts)
    }

    /// The labels that are this text: the same but for case, accents, punctuation, qualifier, order around a comma and English number.
    pub fn named(&self, text: &str) -> Result<Vec<(LabelHit, Fit)>, VocabError> {
        let reading = self.reading()?;
        let form = Form::of(text);
        let table = reading.read.open_table(FORMS).map_err(StoreError::from)?;
        let mut numbers: BTreeSet<u32> = BTreeSet::new();
        for key in [&form.whole, &form.plain, &form.singular] {
            if key.is_empty() {
                continue;
            }
            for row in table.range((key.as_str(), 0)..=(key.as_str(), u32::MAX)).map_err(StoreError::from)?.take(MOST_SHARING) {
                numbers.insert(row.map_err(StoreError::from)?.0.value().1);
            }
        }
        let mut hits = Vec::new();
        for number in numbers {
            if let Some(hit) = reading.row(number)? {
                hits.extend(fit(&form, &hit).map(|fit| (hit, fit)));
            }
        }
        hits.sort_by(|(a, x), (b, y)| {
            y.cmp(x).then(b.preferred.cmp(&a.preferred)).then_with(|| (&a.concept, &a.label).cmp(&(&b.concept, &b.label)))
        });
        Ok(hits)
    }

    /// The labels that are spelled most like this text and that the caller wants, each with the cosine of the two, from 0 to 1, the most
    /// alike first. Of a concept the label that is most alike stands for it.
    pub fn like(&self, text: &str, most: usize, mut wanted: impl FnMut(&LabelHit) -> bool) -> Result<Vec<(LabelHit, f64)>, VocabError> {
        let reading = self.reading()?;
        let mut scored = reading.alike(&Form::of(text).singular)?;
        if scored.len() > MOST_READ {
            scored.select_nth_unstable_by(MOST_READ, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            scored.truncate(MOST_READ);
        }
        scored.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for (number, alike) in scored {
            let Some(hit) = reading.row(number)? else { continue };
            if !seen.contains(&hit.concept) && wanted(&hit) {
                seen.insert(hit.concept.clone());
                found.push((hit, f64::from(alike)));
                if found.len() == most {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Labels that have all of these words, or at least the rarest of them, those with the most words of the text first. The last word may
    /// be the beginning of one.
    pub fn with_words(&self, text: &str, most: usize) -> Result<Vec<LabelHit>, VocabError> {
        let reading = self.reading()?;
        let wanted = words(&Form::of(text).plain);
        let table = reading.read.open_table(WORDS).map_err(StoreError::from)?;
        let mut having: HashMap<u32, (u32, Reverse<usize>)> = HashMap::new();
        let mut lists: Vec<Vec<u32>> = Vec::new();
        for (place, word) in wanted.iter().enumerate() {
            let mut numbers = Vec::new();
            for word in HashSet::from([word.clone(), singular(word)]) {
                let until = if place + 1 == wanted.len() && word.chars().count() > 2 { format!("{word}\u{10ffff}") } else { word.clone() };
                for row in table.range((word.as_str(), 0)..=(until.as_str(), u32::MAX)).map_err(StoreError::from)? {
                    let (key, list) = row.map_err(StoreError::from)?;
                    numbers.extend(places(list.value()).map(|place| number(key.value().1, place)));
                    if numbers.len() >= MOST_WITH_WORD {
                        break;
                    }
                }
            }
            numbers.sort_unstable();
            numbers.dedup();
            lists.push(numbers);
        }
        // Rare words first: a label with a rare word goes before one with a frequent one.
        lists.sort_by_key(Vec::len);
        for (rarity, list) in lists.into_iter().enumerate() {
            for number in list {
                let entry = having.entry(number).or_insert((0, Reverse(rarity)));
                entry.0 += 1;
            }
        }
        let mut numbers: Vec<(u32, (u32, Reverse<usize>))> = having.into_iter().collect();
        numbers.sort_unstable_by_key(|(number, rank)| (Reverse(*rank), *number));
        numbers.truncate(most);
        let mut hits = Vec::new();
        for (number, _) in numbers {
            hits.extend(reading.row(number)?);
        }
        Ok(hits)
    }

    fn reading(self) -> Result<Reading, VocabError> {
        let read = self.store.index().database().begin_read().map_err(StoreError::from)?;
        let mut segments = BTreeMap::new();
        for row in read.open_table(SEGMENTS).map_err(StoreError::from)?.iter().map_err(StoreError::from)? {
            let (segment, told) = row.map_err(StoreError::from)?;
            let (count, graph) = told.value();
            segments.insert(segment.value(), (count, graph.to_owned()));
        }
        Ok(Reading { read, segments })
    }
}

impl Reading {
    fn row(&self, number: u32) -> Result<Option<LabelHit>, StoreError> {
        let table = self.read.open_table(ROWS)?;
        let row = table.get(number)?.and_then(|row| Row::read(row.value()));
        let graph = self.segments.get(&segment_of(number)).map(|(_, graph)| graph.clone()).unwrap_or_default();
        Ok(row.map(|Row { concept, language, preferred, label }| LabelHit { concept, label, language, preferred, graph }))
    }

    /// Every label that shares a piece with the text, with the cosine of the two.
    fn alike(&self, text: &str) -> Result<Vec<(u32, f32)>, StoreError> {
        let pieces = self.read.open_table(GRAMS)?;
        let labels: u64 = self.segments.values().map(|(count, _)| u64::from(*count)).sum();
        let mut sums: BTreeMap<u32, Vec<f32>> = BTreeMap::new();
        let mut own = 0.0;
        for (gram, _) in grams(text) {
            let mut lists = Vec::new();
            for row in pieces.range((gram.as_str(), 0)..=(gram.as_str(), u32::MAX))? {
                let (key, list) = row?;
                lists.push((key.value().1, list));
            }
            let with: u64 = lists.iter().map(|(_, list)| list.value().len() as u64 / 2).sum();
            let square = weight(labels, with).powi(2);
            own += square;
            for (segment, list) in &lists {
                let count = self.segments.get(segment).map_or(0, |(count, _)| *count as usize);
                let sums = sums.entry(*segment).or_insert_with(|| vec![0.0; count]);
                for place in places(list.value()) {
                    if let Some(sum) = sums.get_mut(usize::from(place)) {
                        *sum += square as f32;
                    }
                }
            }
        }
        let table = self.read.open_table(LENGTHS)?;
        let own = (own.sqrt() as f32).max(f32::MIN_POSITIVE);
        let mut scored = Vec::new();
        for (segment, sums) in sums {
            let Some(list) = table.get(segment)? else { continue };
            for (place, (sum, length)) in (0_u16..).zip(sums.into_iter().zip(lengths(list.value()))) {
                let cosine = sum / (own * length.max(f32::MIN_POSITIVE));
                if cosine >= LEAST_ALIKE {
                    scored.push((number(segment, place), cosine.min(1.0)));
                }
            }
        }
        Ok(scored)
    }
}

/// How a label is the text; `None` where the two only share a form that means something in one of the two languages.
fn fit(asked: &Form, hit: &LabelHit) -> Option<Fit> {
    let label = Form::of(&hit.label);
    if label.whole == asked.whole {
        return Some(Fit::Whole);
    }
    // Two qualifiers that differ set two things apart.
    if asked.qualifier.is_some() && label.qualifier.is_some() && asked.qualifier != label.qualifier {
        return None;
    }
    if label.plain == asked.plain {
        return Some(Fit::Plain);
    }
    let forms = build::forms_of(&label, &hit.language);
    (forms.contains(asked.singular.as_str()) || forms.contains(asked.plain.as_str())).then_some(Fit::Singular)
}
