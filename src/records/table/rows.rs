//! The rows of a table, one after the other, with the line where each begins.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    ops::ControlFlow,
    path::Path,
    sync::Arc,
};

use encoding_rs::WINDOWS_1252;
use serde_json::Value;

use super::{Format, Mapping, TableError};

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where it begins.
    pub(super) line: u64,
    cells: Cells,
    /// Whether some of its bytes were not UTF-8.
    pub(super) strange: bool,
}

#[derive(Clone, Debug)]
enum Cells {
    Csv(Arc<HashMap<String, usize>>, Vec<String>),
    Json(Value),
}

impl Row {
    /// The values of a column: none where the row has none, several where JSON has a list.
    pub(super) fn values(&self, column: &str) -> Vec<String> {
        match &self.cells {
            Cells::Csv(columns, cells) => {
                let cell = columns.get(column).and_then(|at| cells.get(*at)).filter(|c| !c.trim().is_empty());
                cell.cloned().into_iter().collect()
            }
            Cells::Json(object) => {
                let mut found = vec![object];
                for step in column.split('.') {
                    found = found.into_iter().flat_map(|v| below(v, step)).collect();
                }
                found.into_iter().flat_map(texts).filter(|t| !t.trim().is_empty()).collect()
            }
        }
    }

    /// Whether nothing stands in it.
    pub(super) fn is_blank(&self) -> bool {
        match &self.cells {
            Cells::Csv(_, cells) => cells.iter().all(|c| c.trim().is_empty()),
            Cells::Json(value) => value.is_null(),
        }
    }
}

/// What a step of a path leads to; a list is gone through, unless the step is a number.
fn below<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(all) => match step.parse::<usize>() {
            Ok(at) => all.get(at).into_iter().collect(),
            Err(_) => all.iter().flat_map(|v| below(v, step)).collect(),
        },
        _ => value.get(step).into_iter().collect(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(truth) => vec![truth.to_string()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// Hands on the rows of a table until told to stop.
pub(super) fn rows(path: &Path, mapping: &Mapping, most: u64, each: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), TableError> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let told = match ending.as_str() {
        "json" => Format::Json,
        "jsonl" | "ndjson" => Format::JsonLines,
        "tsv" | "tab" => Format::Tsv,
        _ => Format::Csv,
    };
    match mapping.format.unwrap_or(told) {
        Format::Csv => csv_rows(path, mapping, ',', each),
        Format::Tsv => csv_rows(path, mapping, '\t', each),
        Format::Json => json_rows(path, mapping, most, each),
        Format::JsonLines => json_lines(path, most, each),
    }
}

fn open(path: &Path) -> Result<File, TableError> {
    File::open(path).map_err(|reason| TableError::File { path: path.to_path_buf(), reason })
}

fn format(path: &Path, line: u64, reason: &dyn ToString) -> TableError {
    TableError::Format { path: path.to_path_buf(), line, reason: reason.to_string() }
}

/// A cell as text; bytes that are not UTF-8 are read as Windows-1252.
fn text(bytes: &[u8], strange: &mut bool) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| {
        *strange = true;
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    })
}

fn csv_rows(path: &Path, mapping: &Mapping, between: char, each: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), TableError> {
    let delimiter = mapping.delimiter.unwrap_or(between);
    let delimiter = u8::try_from(delimiter).map_err(|_| format(path, 1, &"`delimiter` must be one ASCII character"))?;
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(BufReader::new(open(path)?));
    let headers = reader.byte_headers().map_err(|e| format(path, 1, &e))?.clone();
    let mut columns = HashMap::new();
    for (at, name) in headers.iter().enumerate() {
        let name = text(name, &mut false);
        columns.entry(name.trim_start_matches('\u{feff}').trim().to_owned()).or_insert(at);
    }
    let named = mapping.cho_columns().chain(mapping.properties.iter().filter_map(|p| p.column.as_deref()));
    if let Some(column) = named.into_iter().find(|c| !columns.contains_key(*c)) {
        let known: Vec<String> = headers.iter().map(|h| format!("`{}`", text(h, &mut false))).collect();
        return Err(TableError::Column { path: path.to_path_buf(), column: column.to_owned(), known: known.join(", ") });
    }
    let columns = Arc::new(columns);
    for record in reader.byte_records() {
        let record = record.map_err(|e| format(path, e.position().map_or(0, csv::Position::line), &e))?;
        let (line, mut strange) = (record.position().map_or(0, csv::Position::line), false);
        let cells = record.iter().map(|cell| text(cell, &mut strange)).collect();
        if each(Row { line, cells: Cells::Csv(Arc::clone(&columns), cells), strange }).is_break() {
            break;
        }
    }
    Ok(())
}

fn json_rows(path: &Path, mapping: &Mapping, most: u64, each: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), TableError> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes).map_err(|reason| TableError::File { path: path.to_path_buf(), reason })?;
    if bytes.len() as u64 > most {
        return Err(format(
            path,
            1,
            &format_args!("it is larger than {most} bytes, the most that is read as one document: send JSON Lines"),
        ));
    }
    let mut value: Value = serde_json::from_slice(&bytes).map_err(|e| format(path, e.line() as u64, &e))?;
    for step in mapping.rows.iter().flat_map(|rows| rows.split('.')) {
        value = value.get_mut(step).map(Value::take).ok_or_else(|| format(path, 1, &format_args!("there is no `{step}` in it")))?;
    }
    let Value::Array(all) = value else { return Err(format(path, 1, &"there is no list of rows: `rows` in the mapping says where it is")) };
    for (number, object) in all.into_iter().enumerate() {
        // JSON has no lines to speak of: the place in the list stands for it.
        if each(Row { line: number as u64 + 1, cells: Cells::Json(object), strange: false }).is_break() {
            break;
        }
    }
    Ok(())
}

fn json_lines(path: &Path, most: u64, each: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), TableError> {
    let mut reader = BufReader::new(open(path)?);
    let mut line = 0;
    loop {
        let mut bytes = Vec::new();
        let read = (&mut reader)
            .take(most)
            .read_until(b'\n', &mut bytes)
            .map_err(|reason| TableError::File { path: path.to_path_buf(), reason })?;
        if read == 0 {
            return Ok(());
        }
        line += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let object = serde_json::from_slice(&bytes).map_err(|e| format(path, line, &e))?;
        if each(Row { line, cells: Cells::Json(object), strange: false }).is_break() {
            return Ok(());
        }
    }
}
