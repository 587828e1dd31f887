//! Labels that services give to almost anything and that say nothing of a thing: never linked to a concept, kept as text.

use std::{collections::HashSet, path::Path};

use crate::{linking::LinkingError, vocab::Form};

/// What is on the list where nobody gives another.
const BUILT_IN: &str = include_str!("stop-list.txt");

/// Labels that are never linked.
#[derive(Clone, Debug)]
pub struct StopList(HashSet<String>);

impl Default for StopList {
    fn default() -> Self {
        Self::of(BUILT_IN)
    }
}

impl StopList {
    /// The list in a text, a label a line; what stands behind # is a remark.
    pub fn of(text: &str) -> Self {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty());
        Self(lines.map(|line| Form::of(line).singular).collect())
    }

    /// The list in a file.
    pub fn read(path: &Path) -> Result<Self, LinkingError> {
        let text = std::fs::read_to_string(path).map_err(|e| LinkingError::File { path: path.to_path_buf(), reason: e.to_string() })?;
        Ok(Self::of(&text))
    }

    /// Whether a label is on it.
    pub fn has(&self, label: &str) -> bool {
        self.0.contains(&Form::of(label).singular)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_labels_whatever_their_case_and_number() {
        let list = StopList::default();
        assert!(list.has("Font") && list.has("rectangles") && list.has("SYMMETRY") && !list.has("lute"));
        assert!(StopList::of("# nothing\nlutes # but these").has("Lute"));
    }
}
