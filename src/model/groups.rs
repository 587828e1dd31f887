//! Sibling groups: how the outputs of a hierarchical softmax hang together.

use std::{collections::HashMap, path::Path};

use super::{LabelRow, ModelError};

/// The first line of a file of groups (by nodes).
const GROUPS: &str = "parent\tfirst\tcount";
/// The first line of a file of parents (by levels).
const PARENTS: &str = "index\tparent";

/// The groups of siblings, each after the group in which its parent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups(Vec<Group>);

/// Outputs of which one excludes the others, given their parent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// The output of their parent; none for the top.
    parent: Option<usize>,
    outputs: Vec<usize>,
}

impl Groups {
    /// Reads groups by nodes: the parent (its IRI, its output, or `-` for the top), the first output of its children, and how many they are.
    pub(crate) fn by_nodes(text: &str, labels: &[LabelRow], path: &Path) -> Result<Self, ModelError> {
        let outputs = outputs_of(labels);
        let mut groups = Vec::new();
        for (line, cells) in rows(text, GROUPS, path)? {
            let refused = |reason: String| ModelError::Labels { path: path.to_owned(), line, reason };
            let [parent, first, count] = cells.as_slice() else {
                return Err(refused(format!("it has {} cells in place of 3", cells.len())));
            };
            let number = |cell: &str| cell.parse::<usize>().map_err(|_| refused(format!("`{cell}` is no number")));
            let (first, count) = (number(first)?, number(count)?);
            if count == 0 || first.checked_add(count).is_none_or(|end| end > labels.len()) {
                return Err(refused(format!(
                    "outputs {first} to {} are not among the {} of the label map",
                    first.saturating_add(count),
                    labels.len()
                )));
            }
            let parent = parent_of(parent, &outputs, labels.len()).map_err(refused)?;
            groups.push(Group { parent, outputs: (first..first + count).collect() });
        }
        Self::in_order(groups, labels.len()).map_err(|reason| ModelError::Labels { path: path.to_owned(), line: 1, reason })
    }

    /// Reads groups by levels: for each output its parent (its IRI, its output, or `-` for the top).
    pub(crate) fn by_levels(text: &str, labels: &[LabelRow], path: &Path) -> Result<Self, ModelError> {
        let iris = outputs_of(labels);
        let mut of_parent: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        for (place, (line, cells)) in rows(text, PARENTS, path)?.into_iter().enumerate() {
            let refused = |reason: String| ModelError::Labels { path: path.to_owned(), line, reason };
            let [index, parent] = cells.as_slice() else { return Err(refused(format!("it has {} cells in place of 2", cells.len()))) };
            if index.parse() != Ok(place) {
                return Err(refused(format!("its index is {index}, and {place} is next")));
            }
            of_parent.entry(parent_of(parent, &iris, labels.len()).map_err(refused)?).or_default().push(place);
        }
        let mut groups: Vec<Group> = of_parent.into_iter().map(|(parent, outputs)| Group { parent, outputs }).collect();
        groups.sort_by_key(|g| g.outputs.first().copied());
        Self::in_order(groups, labels.len()).map_err(|reason| ModelError::Labels { path: path.to_owned(), line: 1, reason })
    }

    /// Each output stands in one group, one group stands at the top, and each hangs below it.
    fn in_order(mut groups: Vec<Group>, width: usize) -> Result<Self, String> {
        let mut seen = vec![false; width];
        for output in groups.iter().flat_map(|g| &g.outputs) {
            if std::mem::replace(&mut seen[*output], true) {
                return Err(format!("output {output} stands in two groups"));
            }
        }
        if let Some(output) = seen.iter().position(|s| !s) {
            return Err(format!("output {output} stands in no group"));
        }
        let at_top = groups.iter().filter(|g| g.parent.is_none()).count();
        if at_top != 1 {
            return Err(format!("{at_top} groups stand at the top (`-`), and it has to be one: the scores of its outputs sum to 1"));
        }
        let mut ordered: Vec<Group> = Vec::with_capacity(groups.len());
        let mut ready = vec![false; width];
        while !groups.is_empty() {
            let (now, later): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|g| g.parent.is_none_or(|p| ready[p]));
            if let (true, Some(group)) = (now.is_empty(), later.first()) {
                return Err(format!("the parents of the outputs from {} on go round in a circle", group.outputs[0]));
            }
            now.iter().flat_map(|g| &g.outputs).for_each(|output| ready[*output] = true);
            ordered.extend(now);
            groups = later;
        }
        Ok(Self(ordered))
    }

    /// The product along the path from the top: a softmax within each group, times the parent's own score.
    pub(crate) fn path_product(&self, raw: &[f32], temperature: f64) -> Vec<f64> {
        let mut scores = vec![0.0; raw.len()];
        for group in &self.0 {
            let scaled = group.outputs.iter().map(|o| f64::from(raw[*o]) / temperature);
            let largest = scaled.clone().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = scaled.map(|value| (value - largest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            let parent = group.parent.map_or(1.0, |p| scores[p]);
            for (output, power) in group.outputs.iter().zip(powers) {
                scores[*output] = parent * power / sum;
            }
        }
        scores
    }

    /// The parent of each output.
    pub fn parents(&self) -> Vec<Option<usize>> {
        let width = self.0.iter().map(|g| g.outputs.len()).sum();
        let mut parents = vec![None; width];
        for group in &self.0 {
            group.outputs.iter().for_each(|output| parents[*output] = group.parent);
        }
        parents
    }
}

/// The lines of a file behind its first one, in cells, with their numbers.
fn rows<'t>(text: &'t str, header: &str, path: &Path) -> Result<Vec<(usize, Vec<&'t str>)>, ModelError> {
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    if lines.next().map(|line| line.trim_start_matches('\u{feff}')) != Some(header) {
        let reason = format!("the first line is `{}`, with tabs between the words", header.replace('\t', " "));
        return Err(ModelError::Labels { path: path.to_owned(), line: 1, reason });
    }
    Ok(lines.enumerate().filter(|(_, line)| !line.is_empty()).map(|(number, line)| (number + 2, line.split('\t').collect())).collect())
}

/// The output of each IRI that only one output has.
fn outputs_of(labels: &[LabelRow]) -> HashMap<&str, Option<usize>> {
    let mut outputs: HashMap<&str, Option<usize>> = HashMap::new();
    for row in labels {
        if let Some(iri) = &row.iri {
            outputs.entry(iri).and_modify(|o| *o = None).or_insert(Some(row.index));
        }
    }
    outputs
}

fn parent_of(cell: &str, iris: &HashMap<&str, Option<usize>>, width: usize) -> Result<Option<usize>, String> {
    if cell == "-" {
        return Ok(None);
    }
    if let Ok(index) = cell.parse::<usize>() {
        return if index < width { Ok(Some(index)) } else { Err(format!("there is no output {index}")) };
    }
    match iris.get(cell) {
        Some(Some(index)) => Ok(Some(*index)),
        Some(None) => Err(format!("<{cell}> is the concept of several outputs: name the output by its number")),
        None => Err(format!("<{cell}> is not in the label map")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Mapping;

    fn labels(count: usize) -> Vec<LabelRow> {
        let row = |index| LabelRow {
            index,
            iri: Some(format!("http://v/{index}")),
            label: index.to_string(),
            mapping: Mapping::Exact,
            threshold: None,
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn a_score_is_the_product_along_its_path() {
        let text = "parent\tfirst\tcount\nhttp://v/1\t2\t3\n-\t0\t2\n4\t5\t1\n";
        let groups = Groups::by_nodes(text, &labels(6), Path::new("g.tsv")).unwrap();
        let scores = groups.path_product(&[0.0, 0.0, 1.0, 1.0, 1.0, 9.0], 1.0);
        for (found, wanted) in scores.iter().zip([0.5, 0.5, 1.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0]) {
            assert!((found - wanted).abs() < 1e-12, "{scores:?}");
        }
        let levels = "index\tparent\n0\t-\n1\t-\n2\t1\n3\t1\n4\thttp://v/1\n5\t4\n";
        let by_levels = Groups::by_levels(levels, &labels(6), Path::new("p.tsv")).unwrap();
        assert_eq!((by_levels.parents(), by_levels), (groups.parents(), groups));
    }

    #[test]
    fn groups_that_do_not_hang_together_are_refused() {
        for (text, word) in [
            ("parent\tfirst\tcount\n-\t0\t2\n", "no group"),
            ("parent\tfirst\tcount\n-\t0\t2\n0\t1\t2\n", "two groups"),
            ("parent\tfirst\tcount\n-\t0\t2\n-\t2\t1\n", "at the top"),
            ("parent\tfirst\tcount\n-\t0\t1\n2\t1\t1\n1\t2\t1\n", "circle"),
            ("parent\tfirst\tcount\n-\t0\t9\n", "not among"),
            ("parent\tfirst\tcount\nhttp://v/9\t0\t3\n", "not in the label map"),
            ("first\tcount\n", "first line"),
        ] {
            let error = Groups::by_nodes(text, &labels(3), Path::new("g.tsv")).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("g.tsv"), "{error}");
        }
    }
}
