//! A record after it was checked: what was found, and its metadata tier as it came and with what is published of it.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{Finding, MetadataTier, Severity};
use crate::rdf::{prefixed, text_of};

/// What became of one record.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The IRI of its CHO; where it could not be read, the name of its document.
    pub record: String,
    /// Who provides it, or nothing where it does not say.
    pub provider: String,
    /// Its title.
    pub title: String,
    /// The document in which it stands.
    pub source: String,
    /// The line at which it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Whether it could be read at all.
    pub read: bool,
    /// Its metadata tier as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<MetadataTier>,
    /// Its metadata tier with what is published of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier_enriched: Option<MetadataTier>,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Whether it breaks no rule that it must keep.
    pub fn conforms(&self) -> bool {
        self.count(Severity::Violation) == 0
    }

    /// How many findings of this severity there are.
    pub fn count(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|f| f.severity == severity).count() as u64
    }
}

/// For people and programs that do not speak RDF: prefixed names and plain text.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("severity", &self.severity)?;
        map.serialize_entry("rule", &self.rule())?;
        map.serialize_entry("message", &self.message())?;
        map.serialize_entry("focus", &text_of(self.focus.clone()))?;
        if let Some(path) = &self.path {
            map.serialize_entry("path", &path.to_string())?;
        }
        if let Some(value) = &self.value {
            map.serialize_entry("value", &text_of(value.clone()))?;
        }
        map.serialize_entry("component", &prefixed(self.component.as_str()))?;
        if let Some(line) = self.line {
            map.serialize_entry("line", &line)?;
        }
        map.end()
    }
}
