//! A label map: which concept each of a network's outputs means.

use std::path::Path;

use super::ModelError;

/// The first line of a label map; a fifth word, `threshold`, may follow.
const HEADER: &str = "index\tiri\tlabel\tmapping";
/// The first line of a label map that leaves the order to the names in the files beside the network.
const BY_NAME: &str = "label\tiri\tmapping";
/// The name of the further column.
const THRESHOLD: &str = "\tthreshold";

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
#[derive(Clone, Debug, PartialEq)]
pub struct LabelRow {
    /// Which output.
    pub index: usize,
    /// The concept's IRI; none where the output means no concept (the reject class, a label without one).
    pub iri: Option<String>,
    /// What the network's makers call it.
    pub label: String,
    /// How near the concept is to the label.
    pub mapping: Mapping,
    /// The least score or confidence of this concept; the head's own where there is none.
    pub threshold: Option<f64>,
}

impl LabelRow {
    /// A row that leaves the threshold to the head.
    pub fn new(index: usize, iri: Option<String>, label: impl Into<String>, mapping: Mapping) -> Self {
        Self { index, iri, label: label.into(), mapping, threshold: None }
    }
}

/// Reads a label map: tab-separated, in the order of the outputs. `names` are the outputs' names as the files beside the network tell
/// them: where both say them, they have to agree, since a wrong order gives wrong tags without a word.
pub(crate) fn read(text: &str, names: Option<&[String]>, path: &Path) -> Result<Vec<LabelRow>, ModelError> {
    let refused = |line: usize, reason: String| ModelError::Labels { path: path.to_owned(), line, reason };
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let header = lines.next().unwrap_or_default().trim_start_matches('\u{feff}');
    let (columns, further) = header.strip_suffix(THRESHOLD).map_or((header, false), |columns| (columns, true));
    let mut rows = Vec::new();
    match columns {
        HEADER => {
            for (number, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
                rows.push(row(line, rows.len(), further).map_err(|reason| refused(number + 2, reason))?);
            }
            if let Some(names) = names {
                agree(&rows, names).map_err(|(index, reason)| refused(index + 2, reason))?;
            }
        }
        BY_NAME => {
            let no_names = "it leaves the order of the outputs to `id2label` in config.json or the network's own names, and there are none";
            let names = names.ok_or_else(|| refused(1, no_names.to_owned()))?;
            rows = by_name(lines, names, further).map_err(|(line, reason)| refused(line, reason))?;
        }
        _ => {
            return Err(refused(
                1,
                "the first line is `index, iri, label, mapping` or `label, iri, mapping`, with tabs between them".to_owned(),
            ));
        }
    }
    if rows.is_empty() {
        return Err(refused(2, "there is no row".to_owned()));
    }
    Ok(rows)
}

/// Whether a label map has the outputs in the order of the network's own names. Where it speaks of other words altogether (a translation),
/// nothing can be said; where it has the same words in another order, it is wrong.
fn agree(rows: &[LabelRow], names: &[String]) -> Result<(), (usize, String)> {
    let same = |row: &LabelRow| names.iter().position(|name| name.trim().eq_ignore_ascii_case(row.label.trim()));
    for row in rows {
        let here = names.get(row.index).is_some_and(|name| name.trim().eq_ignore_ascii_case(row.label.trim()));
        if let (false, Some(there)) = (here, same(row)) {
            let own = names.get(row.index).map_or("nothing", String::as_str);
            return Err((
                row.index,
                format!("output {} is `{own}` by the network's own names, and `{}` is output {there}", row.index, row.label),
            ));
        }
    }
    Ok(())
}

fn by_name<'t>(lines: impl Iterator<Item = &'t str>, names: &[String], further: bool) -> Result<Vec<LabelRow>, (usize, String)> {
    let mut rows: Vec<LabelRow> = names.iter().enumerate().map(|(index, name)| LabelRow::new(index, None, name, Mapping::Exact)).collect();
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        let refused = |reason: String| (number + 2, reason);
        let cells: Vec<&str> = line.split('\t').collect();
        let (label, iri, mapping, least) = match cells.as_slice() {
            [label, iri, mapping] if !further => (*label, *iri, *mapping, ""),
            [label, iri, mapping, least] if further => (*label, *iri, *mapping, *least),
            _ => return Err(refused(format!("it has {} cells in place of {}", cells.len(), if further { 4 } else { 3 }))),
        };
        let mut found = rows.iter_mut().filter(|row| row.label == label).peekable();
        if found.peek().is_none() {
            return Err(refused(format!("the network has no output `{label}`")));
        }
        let (iri, mapping) = concept(iri, mapping).map_err(refused)?;
        let least = threshold(least).map_err(refused)?;
        for row in found {
            (row.iri, row.mapping, row.threshold) = (iri.clone(), mapping, least);
        }
    }
    Ok(rows)
}

fn row(line: &str, expected: usize, further: bool) -> Result<LabelRow, String> {
    let cells: Vec<&str> = line.split('\t').collect();
    let (index, iri, label, mapping, least) = match cells.as_slice() {
        [index, iri, label, mapping] if !further => (*index, *iri, *label, *mapping, ""),
        [index, iri, label, mapping, least] if further => (*index, *iri, *label, *mapping, *least),
        _ => return Err(format!("it has {} cells in place of {}", cells.len(), if further { 5 } else { 4 })),
    };
    let index: usize = index.parse().map_err(|_| format!("`{index}` is not an index"))?;
    if index != expected {
        return Err(format!("its index is {index}, and {expected} is next"));
    }
    let (iri, mapping) = concept(iri, mapping)?;
    Ok(LabelRow { index, iri, label: label.to_owned(), mapping, threshold: threshold(least)? })
}

fn concept(iri: &str, mapping: &str) -> Result<(Option<String>, Mapping), String> {
    let iri = match iri {
        "-" => None,
        iri if iri.contains(':') && !iri.contains(char::is_whitespace) => Some(iri.to_owned()),
        other => return Err(format!("`{other}` is neither an IRI nor `-`")),
    };
    let mapping = match (&iri, mapping) {
        (None, "-" | "") => Mapping::Exact,
        (_, word) => word.parse()?,
    };
    Ok((iri, mapping))
}

fn threshold(cell: &str) -> Result<Option<f64>, String> {
    match cell {
        "" | "-" => Ok(None),
        number => match number.parse::<f64>() {
            Ok(least) if least.is_finite() => Ok(Some(least)),
            _ => Err(format!("the threshold is `{number}`, and that is no number")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_in_order() {
        let text = "index\tiri\tlabel\tmapping\n0\thttp://a/1\taltar\texact\n1\t-\tother\t-\n2\thttp://a/1\tside altar\tbroad\n";
        let rows = read(text, None, Path::new("x.tsv")).unwrap();
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
            let error = read(&format!("{HEADER}\n{row}\n"), None, Path::new("x.tsv")).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains(word), "{error}");
        }
        assert!(read("", None, Path::new("x.tsv")).is_err());
        assert!(read(HEADER, None, Path::new("x.tsv")).is_err());
    }

    #[test]
    fn a_concept_may_have_a_threshold_of_its_own() {
        let text = "index\tiri\tlabel\tmapping\tthreshold\n0\thttp://a/1\taltar\texact\t0.25\n1\thttp://a/2\tdome\texact\t-\n";
        let rows = read(text, None, Path::new("x.tsv")).unwrap();
        assert_eq!(rows.iter().map(|r| r.threshold).collect::<Vec<_>>(), [Some(0.25), None]);
        let error = read(&text.replace("0.25", "low"), None, Path::new("x.tsv")).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("`low`"), "{error}");
    }

    #[test]
    fn the_order_is_the_networks_own() {
        let names: Vec<String> = ["altar", "dome", "other"].map(str::to_owned).to_vec();
        let text = "label\tiri\tmapping\ndome\thttp://a/2\tbroad\naltar\thttp://a/1\texact\n";
        let rows = read(text, Some(&names), Path::new("x.tsv")).unwrap();
        assert_eq!(rows.iter().map(|r| r.iri.as_deref()).collect::<Vec<_>>(), [Some("http://a/1"), Some("http://a/2"), None]);
        assert!(read(text, None, Path::new("x.tsv")).is_err());
        assert!(read(&text.replace("dome", "roof"), Some(&names), Path::new("x.tsv")).unwrap_err().to_string().contains("`roof`"));
        let swapped = format!("{HEADER}\n0\thttp://a/2\tdome\texact\n1\thttp://a/1\taltar\texact\n2\t-\tother\t-\n");
        let error = read(&swapped, Some(&names), Path::new("x.tsv")).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("`altar`") && error.contains("`dome` is output 1"), "{error}");
        let translated = format!("{HEADER}\n0\thttp://a/1\tAltar, Altäre\texact\n1\thttp://a/2\tKuppel\texact\n2\t-\tandere\t-\n");
        assert!(read(&translated, Some(&names), Path::new("x.tsv")).is_ok());
    }
}
