//! Which concepts a word names: the words of all labels of the vocabularies, without case and accents.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{self, BufReader, Read as _},
    path::Path,
    sync::Arc,
};

use oxigraph::{
    model::{GraphName, NamedNodeRef, NamedOrBlankNode, Quad, Term},
    store::{StorageError, Store as Quads},
};

use super::{
    Shortcuts, WORDS_FILE,
    names::{Names, put_number, put_text, take_number, take_text, write_file},
    text::Text,
};
use crate::{
    rdf::ns::{skos, skosxl},
    store::fold_label,
};

/// The predicates by which a concept has a label, as a text or as a thing with a text.
const LABELS: [NamedNodeRef<'static>; 3] = [skos::PREF_LABEL, skos::ALT_LABEL, skos::HIDDEN_LABEL];
const LABELS_AS_THINGS: [NamedNodeRef<'static>; 3] = [skosxl::PREF_LABEL, skosxl::ALT_LABEL, skosxl::HIDDEN_LABEL];
const MARK: &[u8; 4] = b"GlW1";

/// The words of the labels, each with the labels that have it.
#[derive(Debug, Default)]
pub(super) struct Words {
    concepts: Names,
    /// Each label once for each concept: the words of it, and whose it is.
    labels: Vec<(u32, Box<str>)>,
    labels_with: BTreeMap<String, Vec<u32>>,
}

/// The words of a text as they are looked up.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = String> {
    let folded = fold_label(text);
    let words: Vec<String> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}

impl Words {
    fn gather(quads: &Quads, base: &str) -> Result<Self, StorageError> {
        let vocabularies = format!("{base}graph/vocab/");
        let is_ours = |quad: &Quad| matches!(&quad.graph_name, GraphName::NamedNode(g) if g.as_str().starts_with(&vocabularies));
        let mut words = Self::default();
        for predicate in LABELS {
            for quad in quads.quads_for_pattern(None, Some(predicate), None, None) {
                let quad = quad?;
                if let (true, NamedOrBlankNode::NamedNode(concept), Term::Literal(label)) = (is_ours(&quad), &quad.subject, &quad.object) {
                    words.add(concept.as_str(), label.value());
                }
            }
        }
        let mut of: HashMap<Term, Vec<String>> = HashMap::new();
        for predicate in LABELS_AS_THINGS {
            for quad in quads.quads_for_pattern(None, Some(predicate), None, None) {
                let quad = quad?;
                if let (true, NamedOrBlankNode::NamedNode(concept)) = (is_ours(&quad), &quad.subject) {
                    of.entry(quad.object).or_default().push(concept.as_str().to_owned());
                }
            }
        }
        if !of.is_empty() {
            for quad in quads.quads_for_pattern(None, Some(skosxl::LITERAL_FORM), None, None) {
                let quad = quad?;
                let (true, Term::Literal(label)) = (is_ours(&quad), &quad.object) else { continue };
                for concept in of.get(&Term::from(quad.subject)).into_iter().flatten() {
                    words.add(concept, label.value());
                }
            }
        }
        Ok(words)
    }

    fn add(&mut self, concept: &str, label: &str) {
        let concept = self.concepts.number(concept);
        let split: Vec<String> = words_of(label).collect();
        let number = self.labels.len() as u32;
        for word in split.iter().collect::<BTreeSet<_>>() {
            self.labels_with.entry(word.clone()).or_default().push(number);
        }
        self.labels.push((concept, split.join(" ").into()));
    }

    fn parse(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::new(std::fs::File::open(path)?);
        let mut mark = [0; 4];
        file.read_exact(&mut mark)?;
        if mark != *MARK {
            return Err(io::Error::other("another layout"));
        }
        let mut words = Self::default();
        for _ in 0..take_number(&mut file)? {
            let concept = take_text(&mut file)?;
            words.add(&concept, &take_text(&mut file)?);
        }
        Ok(words)
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        write_file(path, |out| {
            out.write_all(MARK)?;
            put_number(out, self.labels.len())?;
            self.labels.iter().try_for_each(|(concept, label)| {
                put_text(out, self.concepts.name(*concept).map(|n| &**n).unwrap_or_default())?;
                put_text(out, label)
            })
        })
    }

    /// The concepts that a text asks for, in the order of their numbers.
    fn find(&self, text: &Text) -> Vec<Arc<str>> {
        self.matching(text).into_iter().filter_map(|concept| self.concepts.name(concept).cloned()).collect()
    }

    fn matching(&self, text: &Text) -> BTreeSet<u32> {
        match text {
            Text::Word(word) => self.concepts_of(self.labels_with.get(word).into_iter().flatten()),
            Text::Pattern(pattern) => {
                let beginning: String = pattern.chars().take_while(|c| !matches!(c, '*' | '?')).collect();
                let words = self.labels_with.range(beginning.clone()..).take_while(|(word, _)| word.starts_with(&beginning));
                self.concepts_of(words.filter(|(word, _)| fits(pattern, word)).flat_map(|(_, labels)| labels))
            }
            Text::Phrase(words) => {
                let Some(rarest) = words.iter().map(|w| self.labels_with.get(w).map_or(&[][..], Vec::as_slice)).min_by_key(|l| l.len())
                else {
                    return BTreeSet::new();
                };
                let phrase = format!(" {} ", words.join(" "));
                let has = |label: &&u32| self.labels.get(**label as usize).is_some_and(|(_, l)| format!(" {l} ").contains(&phrase));
                self.concepts_of(rarest.iter().filter(has))
            }
            Text::All { must, may, not } => {
                let mut found: Option<BTreeSet<u32>> = None;
                for part in must {
                    let these = self.matching(part);
                    found = Some(found.map_or_else(|| these.clone(), |found| found.intersection(&these).copied().collect()));
                }
                let mut found = found.unwrap_or_else(|| may.iter().flat_map(|part| self.matching(part)).collect());
                for part in not {
                    let these = self.matching(part);
                    found.retain(|concept| !these.contains(concept));
                }
                found
            }
        }
    }

    fn concepts_of<'l>(&self, labels: impl IntoIterator<Item = &'l u32>) -> BTreeSet<u32> {
        labels.into_iter().filter_map(|label| self.labels.get(*label as usize).map(|(concept, _)| *concept)).collect()
    }
}

/// Whether a word fits a pattern with `*` for any letters and `?` for one: in a time that grows with their product.
fn fits(pattern: &str, word: &str) -> bool {
    let (pattern, word): (Vec<char>, Vec<char>) = (pattern.chars().collect(), word.chars().collect());
    let mut reached = vec![false; word.len() + 1];
    reached[0] = true;
    for letter in pattern {
        let mut next = vec![false; word.len() + 1];
        for place in 0..=word.len() {
            next[place] = match letter {
                '*' => reached[place] || (place > 0 && next[place - 1]),
                '?' => place > 0 && reached[place - 1],
                other => place > 0 && reached[place - 1] && word[place - 1] == other,
            };
        }
        reached = next;
    }
    reached[word.len()]
}

impl Shortcuts {
    /// The concepts that a text asks for.
    pub(super) fn named_by(&self, quads: &Quads, text: &Text) -> Result<Vec<Arc<str>>, StorageError> {
        let mut words = self.words.borrow_mut();
        if words.is_none() {
            *words = Some(self.all_words(quads)?);
        }
        Ok(words.as_ref().map(|words| words.find(text)).unwrap_or_default())
    }

    fn all_words(&self, quads: &Quads) -> Result<Words, StorageError> {
        let path = self.folder.as_ref().map(|folder| folder.join(WORDS_FILE));
        if let Some(found) = path.as_deref().and_then(|path| Words::parse(path).ok()) {
            return Ok(found);
        }
        let found = Words::gather(quads, &self.base)?;
        if let Some(path) = path
            && let Err(error) = found.write(&path)
        {
            tracing::debug!(%error, "the words of the labels cannot be left for others");
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_patterns() {
        let mut words = Words::default();
        for (concept, label) in
            [("1", "Still lifes (visual works)"), ("2", "life drawings"), ("2", "Zeichnungen nach dem Leben"), ("3", "Étagères")]
        {
            words.add(concept, label);
        }
        let find = |text: &str| words.find(&Text::parse(text)).iter().map(|c| &**c).collect::<Vec<_>>().concat();
        for (text, found) in [
            ("still", "1"),
            ("life", "2"),
            ("lif*", "12"),
            ("LIFES OR leben", "12"),
            ("lif* AND draw*", "2"),
            ("lif* -draw*", "1"),
            ("lif* NOT drawings", "1"),
            ("\"visual works\"", "1"),
            ("\"works visual\"", ""),
            ("etageres", "3"),
            ("(still OR etageres) AND *s", "13"),
            ("l?fe", "2"),
            ("nothing", ""),
            ("", ""),
        ] {
            assert_eq!(find(text), found, "{text}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("words");
        words.write(&path).expect("written");
        let again = Words::parse(&path).expect("read");
        assert_eq!(again.labels_with, words.labels_with);
    }
}
