//! The mapping from columns to EDM, as a TOML file that a cataloguer can write and check.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{TableError, Terms};
use crate::rdf::ns;

/// How a table's rows become records.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What it is called.
    pub name: String,
    /// The table's format; told from the file's ending where it is left out.
    pub format: Option<Format>,
    /// What stands between the columns: one character; a comma, or a tab in `.tsv`, where it is left out.
    pub delimiter: Option<char>,
    /// In JSON, where the list of rows is: names with dots between them.
    pub rows: Option<String>,
    /// The CHO's IRI, with columns in braces: `http://museum.example/object/{ID}`. Values are percent-encoded unless they are the whole IRI.
    pub cho: String,
    /// What is changed in IRIs that are spelled otherwise.
    #[serde(default)]
    pub rewrite: Vec<Rewrite>,
    /// The properties.
    #[serde(default, rename = "property")]
    pub properties: Vec<Property>,
    /// Lists of words.
    #[serde(default)]
    pub terms: BTreeMap<String, Terms>,
}

/// A table's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Comma-separated values, with a line of names.
    Csv,
    /// The same with tabs.
    Tsv,
    /// JSON: a list of objects, or an object with a list in it.
    Json,
    /// JSON, an object a line.
    JsonLines,
}

/// An IRI that begins like this begins like that instead.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// As the table has it.
    pub from: String,
    /// As it should be.
    pub to: String,
}

/// Whose property it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// The CHO's.
    #[default]
    Cho,
    /// The aggregation's.
    Aggregation,
    /// The web resources', those of `edm:isShownBy` and `edm:hasView`.
    WebResource,
}

/// What the values are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum As {
    /// Text.
    #[default]
    Text,
    /// IRIs; what is none is left out and told.
    Iri,
}

/// One property, and where its values come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Its prefixed name: `dc:title`.
    pub name: String,
    /// Whose it is.
    #[serde(default)]
    pub of: Of,
    /// The column; in JSON, names with dots between them.
    pub column: Option<String>,
    /// The same value for every row.
    pub value: Option<String>,
    /// What the values are.
    #[serde(default, rename = "as")]
    pub kind: As,
    /// The language of the text.
    pub language: Option<String>,
    /// What stands between several values of a cell.
    pub split: Option<String>,
    /// What stands between the levels of a path through a hierarchy; the last one is the value.
    pub levels: Option<String>,
    /// The list in which the values are looked up.
    pub terms: Option<String>,
}

impl Mapping {
    /// Reads a mapping, with the tables of words that it names; those lie beside it unless their paths are absolute.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let text = std::fs::read_to_string(path).map_err(|reason| TableError::File { path: path.to_path_buf(), reason })?;
        let broken = |reason: String| TableError::Mapping { path: path.to_path_buf(), reason };
        let mut mapping: Self = toml::from_str(&text).map_err(|e| broken(e.to_string()))?;
        mapping.check().map_err(broken)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for terms in mapping.terms.values_mut() {
            terms.load(folder)?;
        }
        Ok(mapping)
    }

    fn check(&self) -> Result<(), String> {
        if !self.cho.contains('{') {
            return Err("`cho` names no column in braces, so all rows would be one record".to_owned());
        }
        for property in &self.properties {
            let Property { name, column, value, terms, .. } = property;
            if ns::expand(name).is_none() {
                return Err(format!("`{name}` is no property that we know: write it with a prefix, as in `dc:title`"));
            }
            if column.is_some() == value.is_some() {
                return Err(format!("`{name}` wants either `column` or `value`"));
            }
            if let Some(terms) = terms.as_ref().filter(|t| !self.terms.contains_key(*t)) {
                return Err(format!("`{name}` looks its values up in `{terms}`, and there is no [terms.{terms}]"));
            }
        }
        Ok(())
    }

    /// The columns in braces of the CHO's IRI.
    pub(super) fn cho_columns(&self) -> impl Iterator<Item = &str> {
        self.cho.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
    }
}
