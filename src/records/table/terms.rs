//! Lists of words: what a value stands for, and what becomes of one that is not in the list.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::TableError;
use crate::store::fold_label;

/// A list of words and the concepts that they stand for. One without words is open: its values are text, and are listed for review.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Words and their concepts; an empty IRI where a word has none.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// A CSV file with more of them.
    pub file: Option<PathBuf>,
    /// In that file, the column with the words.
    pub label: Option<String>,
    /// In that file, the column with the concepts' IRIs.
    pub iri: Option<String>,
    /// What becomes of a value that is not in the list.
    #[serde(default)]
    pub unknown: Unknown,
}

/// What becomes of a value that is not in its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// It is left out, and told.
    #[default]
    LeaveOut,
    /// It is kept as text, and told.
    Text,
}

/// What a value comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It is in the list; its concept, where it has one.
    Known(String, Option<String>),
    /// It is in the list under another spelling: that.
    Respelled(String, Option<String>),
    /// It is not in the list; the word that may be meant.
    Unknown(Option<String>),
}

impl Terms {
    /// Whether any value will do.
    pub fn is_open(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn load(&mut self, folder: &Path) -> Result<(), TableError> {
        let Some(file) = &self.file else { return Ok(()) };
        let path = folder.join(file);
        let broken = |reason: String| TableError::Mapping { path: path.clone(), reason };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path).map_err(|e| broken(e.to_string()))?;
        let headers = reader.headers().map_err(|e| broken(e.to_string()))?.clone();
        let place = |name: &Option<String>, otherwise: &str| {
            let name = name.as_deref().unwrap_or(otherwise);
            headers.iter().position(|h| h.trim() == name).ok_or_else(|| broken(format!("it has no column `{name}`")))
        };
        let (label, iri) = (place(&self.label, "label")?, place(&self.iri, "iri")?);
        for row in reader.records() {
            let row = row.map_err(|e| broken(e.to_string()))?;
            let (word, concept) = (row.get(label).unwrap_or_default().trim(), row.get(iri).unwrap_or_default().trim());
            if word.is_empty() {
                continue;
            }
            if !concept.is_empty() && oxiri::Iri::parse(concept).is_err() {
                return Err(broken(format!("the concept of `{word}` is `{concept}`, which is no IRI")));
            }
            self.values.insert(word.to_owned(), concept.to_owned());
        }
        self.file = None;
        Ok(())
    }

    /// Looks a value up; blanks around it are no part of it.
    pub fn look_up(&self, value: &str) -> Word {
        let concept = |word: &str| self.values.get(word).filter(|iri| !iri.is_empty()).cloned();
        if self.values.contains_key(value) {
            return Word::Known(value.to_owned(), concept(value));
        }
        let folded = fold_label(value);
        if let Some(word) = self.values.keys().find(|word| fold_label(word) == folded) {
            return Word::Respelled(word.clone(), concept(word));
        }
        let mut near: Vec<(usize, &String)> =
            self.values.keys().map(|word| (distance(&folded, &fold_label(word)), word)).filter(|(d, _)| *d <= 2).collect();
        near.sort_unstable();
        let meant = match near.as_slice() {
            [(_, only)] => Some((*only).clone()),
            [(first, word), (second, _), ..] if first < second => Some((*word).clone()),
            _ => None,
        };
        Word::Unknown(meant.filter(|word| word.chars().count() > 3))
    }

    /// The concept of a path through a hierarchy, where it was reviewed.
    pub(super) fn concept_of(&self, path: &str) -> Option<String> {
        self.values.get(path).filter(|iri| !iri.is_empty()).cloned()
    }
}

/// How many letters must be changed, added or left out to make one word of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut before = row.first().copied().unwrap_or_default();
        let mut next = vec![i + 1];
        for (b, above) in right.iter().zip(row.iter().skip(1)) {
            let beside = next.last().copied().unwrap_or_default();
            next.push((before + usize::from(a != *b)).min(above + 1).min(beside + 1));
            before = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// How often each value of an open list stood in a table, and where first.
pub(super) type Counted = HashMap<(usize, String), (u64, u64)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_looked_up_and_never_made_up() {
        let values = [("furniture", "http://a/1"), ("clothing", ""), ("map", "http://a/2")];
        let terms = Terms { values: values.into_iter().map(|(w, i)| (w.to_owned(), i.to_owned())).collect(), ..Terms::default() };
        assert_eq!(terms.look_up("furniture"), Word::Known("furniture".to_owned(), Some("http://a/1".to_owned())));
        assert_eq!(terms.look_up("Clothing"), Word::Respelled("clothing".to_owned(), None));
        assert_eq!(terms.look_up("furniiture"), Word::Unknown(Some("furniture".to_owned())));
        assert_eq!(terms.look_up("mop"), Word::Unknown(None), "too short to guess");
        assert_eq!(terms.look_up("weaponry"), Word::Unknown(None));
        assert_eq!((distance("", "abc"), distance("kitten", "sitting"), distance("a", "a")), (3, 3, 0));
    }
}
