//! Bringing the label index up to the store: the labels of vocabularies that changed are cut into forms, words and pieces, segment by segment.

use std::collections::{HashMap, HashSet};

use oxigraph::model::{GraphNameRef, NamedNode, NamedOrBlankNode, Term};
use redb::{ReadableDatabase as _, ReadableTable as _, WriteTransaction};

use super::{
    form::{Form, words},
    grams::{grams, weight},
    tables::{FORMS, GRAMS, INDEXED, LAYOUT, LENGTHS, ROWS, Row, SEGMENT, SEGMENTS, WORDS, list_of, number, places},
};
use crate::{
    rdf::ns::skos,
    store::{Store, StoreError},
    vocab::lookup::is_english,
};

/// What stands under the empty name in [`INDEXED`].
const LAYOUT_ROW: &str = "";

/// Makes the index follow the store; does nothing where it does already. Says whether it had to.
pub(super) fn follow(store: &Store) -> Result<bool, StoreError> {
    let wanted: HashMap<String, u64> = store.index().label_readings()?.into_iter().collect();
    if indexed(store)?.is_some_and(|indexed| indexed == wanted) {
        return Ok(false);
    }
    let write = store.index().database().begin_write()?;
    if !ready(&write)? {
        begin_anew(&write)?;
    }
    // Somebody else may have been quicker.
    let standing = standing(&write)?;
    if standing == wanted {
        write.commit()?;
        return Ok(false);
    }
    let gone: HashSet<String> =
        standing.iter().filter(|(graph, reading)| wanted.get(*graph) != Some(reading)).map(|(g, _)| g.clone()).collect();
    forget(&write, &gone)?;
    let mut new: Vec<(&String, &u64)> = wanted.iter().filter(|(graph, reading)| standing.get(*graph) != Some(reading)).collect();
    new.sort();
    for (graph, reading) in new {
        add(&write, store, &NamedNode::new_unchecked(graph.as_str()))?;
        write.open_table(INDEXED)?.insert(graph.as_str(), *reading)?;
    }
    measure(&write)?;
    write.commit()?;
    Ok(true)
}

/// The graphs that are indexed, with their readings; nothing where there is no index, or one of another layout.
fn indexed(store: &Store) -> Result<Option<HashMap<String, u64>>, StoreError> {
    let read = store.index().database().begin_read()?;
    let Ok(table) = read.open_table(INDEXED) else { return Ok(None) };
    let mut all = HashMap::new();
    for row in table.iter()? {
        let (graph, reading) = row?;
        all.insert(graph.value().to_owned(), reading.value());
    }
    Ok((all.remove(LAYOUT_ROW) == Some(LAYOUT)).then_some(all))
}

fn ready(write: &WriteTransaction) -> Result<bool, StoreError> {
    let layout = write.open_table(INDEXED)?.get(LAYOUT_ROW)?.map(|v| v.value());
    Ok(layout == Some(LAYOUT))
}

fn standing(write: &WriteTransaction) -> Result<HashMap<String, u64>, StoreError> {
    let table = write.open_table(INDEXED)?;
    let mut all = HashMap::new();
    for row in table.iter()? {
        let (graph, reading) = row?;
        if graph.value() != LAYOUT_ROW {
            all.insert(graph.value().to_owned(), reading.value());
        }
    }
    Ok(all)
}

fn begin_anew(write: &WriteTransaction) -> Result<(), StoreError> {
    write.delete_table(INDEXED)?;
    write.delete_table(SEGMENTS)?;
    write.delete_table(ROWS)?;
    write.delete_table(FORMS)?;
    write.delete_table(GRAMS)?;
    write.delete_table(WORDS)?;
    write.delete_table(LENGTHS)?;
    write.open_table(INDEXED)?.insert(LAYOUT_ROW, LAYOUT)?;
    write.open_table(SEGMENTS)?;
    write.open_table(ROWS)?;
    write.open_table(FORMS)?;
    write.open_table(GRAMS)?;
    write.open_table(WORDS)?;
    write.open_table(LENGTHS)?;
    Ok(())
}

/// Takes the segments of these graphs out.
fn forget(write: &WriteTransaction, graphs: &HashSet<String>) -> Result<(), StoreError> {
    if graphs.is_empty() {
        return Ok(());
    }
    let mut segments = write.open_table(SEGMENTS)?;
    let mut gone = HashSet::new();
    for row in segments.iter()? {
        let (segment, told) = row?;
        if graphs.contains(told.value().1) {
            gone.insert(segment.value());
        }
    }
    segments.retain(|segment, _| !gone.contains(&segment))?;
    write.open_table(ROWS)?.retain(|row, _| !gone.contains(&super::tables::segment_of(row)))?;
    write.open_table(FORMS)?.retain(|(_, row), ()| !gone.contains(&super::tables::segment_of(row)))?;
    write.open_table(GRAMS)?.retain(|(_, segment), _| !gone.contains(&segment))?;
    write.open_table(WORDS)?.retain(|(_, segment), _| !gone.contains(&segment))?;
    write.open_table(LENGTHS)?.retain(|segment, _| !gone.contains(&segment))?;
    let mut indexed = write.open_table(INDEXED)?;
    for graph in graphs {
        indexed.remove(graph.as_str())?;
    }
    Ok(())
}

/// Adds the labels of one graph.
fn add(write: &WriteTransaction, store: &Store, graph: &NamedNode) -> Result<(), StoreError> {
    let name = GraphNameRef::from(graph.as_ref());
    let mut rows = Vec::new();
    for (predicate, preferred) in [(skos::PREF_LABEL, true), (skos::ALT_LABEL, false), (skos::HIDDEN_LABEL, false)] {
        for quad in store.quads().quads_for_pattern(None, Some(predicate), None, Some(name)) {
            let quad = quad?;
            if let (NamedOrBlankNode::NamedNode(concept), Term::Literal(label)) = (quad.subject, quad.object) {
                let language = label.language().unwrap_or_default().to_lowercase();
                rows.push(Row { concept: concept.into_string(), language, preferred, label: label.value().to_owned() });
            }
            if rows.len() == SEGMENT {
                put(write, graph.as_str(), &rows)?;
                rows.clear();
            }
        }
    }
    if rows.is_empty() { Ok(()) } else { put(write, graph.as_str(), &rows) }
}

/// Writes one segment.
fn put(write: &WriteTransaction, graph: &str, rows: &[Row]) -> Result<(), StoreError> {
    let mut segments = write.open_table(SEGMENTS)?;
    let segment = segments.last()?.map_or(0, |(last, _)| last.value() + 1);
    segments.insert(segment, (rows.len() as u32, graph))?;
    let (mut labels, mut forms) = (write.open_table(ROWS)?, write.open_table(FORMS)?);
    let mut pieces: HashMap<String, Vec<u16>> = HashMap::new();
    let mut by_word: HashMap<String, Vec<u16>> = HashMap::new();
    for (place, row) in (0_u16..).zip(rows) {
        let number = number(segment, place);
        labels.insert(number, row.written().as_str())?;
        let form = Form::of(&row.label);
        for form in forms_of(&form, &row.language) {
            forms.insert((form, number), ())?;
        }
        for (gram, _) in grams(spelled(&form, &row.language)) {
            pieces.entry(gram).or_default().push(place);
        }
        let all: HashSet<String> = words(&form.singular).into_iter().chain(words(&form.plain)).collect();
        for word in all {
            by_word.entry(word).or_default().push(place);
        }
    }
    for (table, lists) in [(GRAMS, pieces), (WORDS, by_word)] {
        let mut table = write.open_table(table)?;
        let mut lists: Vec<(String, Vec<u16>)> = lists.into_iter().collect();
        lists.sort_unstable();
        for (key, places) in lists {
            table.insert((key.as_str(), segment), list_of(&places).as_slice())?;
        }
    }
    Ok(())
}

/// The forms under which a label is found: the singular is an English one, or of nobody knows which language.
pub(super) fn forms_of<'f>(form: &'f Form, language: &str) -> HashSet<&'f str> {
    let mut forms = HashSet::from([form.whole.as_str(), form.plain.as_str()]);
    if is_english(language) || language.is_empty() {
        forms.insert(form.singular.as_str());
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// The form in which a label's spelling is compared: the singular where it is English.
fn spelled<'f>(form: &'f Form, language: &str) -> &'f str {
    if is_english(language) || language.is_empty() { &form.singular } else { &form.plain }
}

/// Computes the lengths of all labels' vectors: what a piece weighs depends on how many labels of all vocabularies have it.
fn measure(write: &WriteTransaction) -> Result<(), StoreError> {
    let segments = write.open_table(SEGMENTS)?;
    let mut counts: Vec<(u32, u32)> = Vec::new();
    for row in segments.iter()? {
        let (segment, told) = row?;
        counts.push((segment.value(), told.value().0));
    }
    let labels: u64 = counts.iter().map(|(_, count)| u64::from(*count)).sum();
    let pieces = write.open_table(GRAMS)?;
    let mut squares: HashMap<u32, Vec<f64>> = counts.iter().map(|(segment, count)| (*segment, vec![0.0; *count as usize])).collect();
    // The rows of one piece stand together: its weight is known when the last of them has been seen.
    let mut lists: Vec<(u32, Vec<u16>)> = Vec::new();
    let mut piece = String::new();
    for row in pieces.iter()? {
        let (key, list) = row?;
        let (gram, segment) = key.value();
        if gram != piece {
            settle(labels, &lists, &mut squares);
            lists.clear();
            gram.clone_into(&mut piece);
        }
        lists.push((segment, places(list.value()).collect()));
    }
    settle(labels, &lists, &mut squares);
    let mut lengths = write.open_table(LENGTHS)?;
    for (segment, squares) in squares {
        let list: Vec<u8> = squares.iter().flat_map(|s| (s.sqrt() as f32).to_le_bytes()).collect();
        lengths.insert(segment, list.as_slice())?;
    }
    Ok(())
}

/// Adds one piece's weight to the vectors that it is part of.
fn settle(labels: u64, lists: &[(u32, Vec<u16>)], squares: &mut HashMap<u32, Vec<f64>>) {
    let with: u64 = lists.iter().map(|(_, places)| places.len() as u64).sum();
    let square = weight(labels, with).powi(2);
    for (segment, places) in lists {
        if let Some(sums) = squares.get_mut(segment) {
            for place in places {
                if let Some(sum) = sums.get_mut(usize::from(*place)) {
                    *sum += square;
                }
            }
        }
    }
}
