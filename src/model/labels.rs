//! A label map: which concept each of a network's outputs means.

use std::path::Path;

use super::ModelError;

/// The first line of a label map.
const HEADER: &str = "index\tiri\tlabel\tmapping";

/// How near a concept is to what the network learnt under a label. From the nearest to the farthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mapping {
    /// The same.
    Exact,
    /// Nearly the same.
    Close,
    /// The concept is broader.
    Broad,
}

impl Mapping {
    /// The word in a label map.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Close => "close",
            Self::Broad => "broad",
        }
    }
}

impl std::str::FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "exact" => Ok(Self::Exact),
            "close" => Ok(Self::Close),
            "broad" => Ok(Self::Broad),
            other => Err(format!("the mapping is `{other}`; it is one of exact, close, broad")),
        }
    }
}

/// One output of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRow {
    /// Which output.
    pub index: usize,
    /// The concept's IRI; none where the output means no concept (the reject class, a label without one).
    pub iri: Option<String>,
    /// What the network's makers call it.
    pub label: String,
    /// How near the concept is to the label.
    pub mapping: Mapping,
}

/// Reads a label map: tab-separated, in the order of the outputs.
pub(crate) fn read(text: &str, path: &Path) -> Result<Vec<LabelRow>, ModelError> {
    let refused = |line: usize, reason: String| ModelError::Labels { path: path.to_owned(), line, reason };
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    if lines.next().map(|line| line.trim_start_matches('\u{feff}')) != Some(HEADER) {
        return Err(refused(1, "the first line is `index, iri, label, mapping`, with tabs between them".to_owned()));
    }
    let mut rows = Vec::new();
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        rows.push(row(line, rows.len()).map_err(|reason| refused(number + 2, reason))?);
    }
    if rows.is_empty() {
        return Err(refused(2, "there is no row".to_owned()));
    }
    Ok(rows)
}

fn row(line: &str, expected: usize) -> Result<LabelRow, String> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [index, iri, label, mapping] = cells.as_slice() else {
        return Err(format!("it has {} cells in place of 4", cells.len()));
    };
    let index: usize = index.parse().map_err(|_| format!("`{index}` is not an index"))?;
    if index != expected {
        return Err(format!("its index is {index}, and {expected} is next"));
    }
    let iri = match *iri {
        "-" => None,
        iri if iri.contains(':') && !iri.contains(char::is_whitespace) => Some(iri.to_owned()),
        other => return Err(format!("`{other}` is neither an IRI nor `-`")),
    };
    let mapping = match (&iri, *mapping) {
        (None, "-" | "") => Mapping::Exact,
        (_, word) => word.parse()?,
    };
    Ok(LabelRow { index, iri, label: (*label).to_owned(), mapping })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_in_order() {
        let text = "index\tiri\tlabel\tmapping\n0\thttp://a/1\taltar\texact\n1\t-\tother\t-\n2\thttp://a/1\tside altar\tbroad\n";
        let rows = read(text, Path::new("x.tsv")).unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[1].iri.as_deref(), rows[2].mapping), (None, Mapping::Broad));
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        for (row, word) in [
            ("1\thttp://a/1\taltar\texact", "0 is next"),
            ("0\taltar\taltar\texact", "neither an IRI"),
            ("0\thttp://a/1\taltar\tsame", "`same`"),
            ("0\thttp://a/1\taltar", "3 cells"),
            ("x\thttp://a/1\taltar\texact", "not an index"),
        ] {
            let error = read(&format!("{HEADER}\n{row}\n"), Path::new("x.tsv")).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains(word), "{error}");
        }
        assert!(read("", Path::new("x.tsv")).is_err());
        assert!(read(HEADER, Path::new("x.tsv")).is_err());
    }
}
