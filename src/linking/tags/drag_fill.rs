//! Columns of numbers that a spreadsheet filled in by itself: ids that count up from line to line while the labels do not agree with them.

use crate::vocab::Form;

/// How many ids in a row must each be one more than the one before.
const LEAST: usize = 3;

/// One line's id and label, and whether the vocabulary agrees that they belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// On which line.
    pub line: u64,
    /// The number at the end of the concept's IRI.
    pub id: u64,
    /// The label beside it.
    pub label: String,
    /// Whether one of the concept's labels is this one.
    pub agrees: bool,
}

/// A run of lines that a spreadsheet seems to have filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DragFill {
    /// Its lines; the first is not among them where its label agrees with its id: that is what somebody meant.
    pub lines: Vec<u64>,
    /// The first line.
    pub first: u64,
    /// The first and the last id.
    pub ids: (u64, u64),
}

impl DragFill {
    /// The runs in lines that stand one below the other. A run is one where each id is one more than the one before, and the labels of more
    /// than half the lines do not agree with their ids, or are all the same.
    pub fn find(rows: &[Filled]) -> Vec<Self> {
        let mut found = Vec::new();
        let mut from = 0;
        for at in 1..=rows.len() {
            let goes_on = at < rows.len() && rows[at].id == rows[at - 1].id + 1;
            if goes_on {
                continue;
            }
            found.extend(Self::of(&rows[from..at]));
            from = at;
        }
        found
    }

    fn of(run: &[Filled]) -> Option<Self> {
        let (first, last) = (run.first()?, run.last()?);
        let disagreeing = run[1..].iter().filter(|row| !row.agrees).count();
        let same = run.iter().all(|row| Form::of(&row.label).singular == Form::of(&first.label).singular);
        let filled = run.len() >= LEAST && (disagreeing * 2 > run.len() - 1 || (same && disagreeing > 0));
        filled.then(|| Self {
            lines: run[usize::from(first.agrees)..].iter().map(|row| row.line).collect(),
            first: first.line,
            ids: (first.id, last.id),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, id: u64, label: &str, agrees: bool) -> Filled {
        Filled { line, id, label: label.to_owned(), agrees }
    }

    #[test]
    fn ids_that_count_up_beside_labels_that_do_not_agree_are_told() {
        let rows = [
            row(2, 300_033_618, "paintings", true),
            row(3, 300_181_918, "watercolour box", false),
            row(4, 300_181_919, "watercolour box", false),
            row(5, 300_181_920, "watercolour box", false),
            row(6, 300_000_001, "lute", false),
        ];
        let found = DragFill::find(&rows);
        assert_eq!(found, [DragFill { lines: vec![3, 4, 5], first: 3, ids: (300_181_918, 300_181_920) }]);
    }

    #[test]
    fn neighbours_that_agree_are_neighbours() {
        let rows: Vec<Filled> = (0..4).map(|n| row(n, 300_000_100 + n, &format!("label {n}"), true)).collect();
        assert!(DragFill::find(&rows).is_empty());
    }
}
