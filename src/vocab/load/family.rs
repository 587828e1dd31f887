//! Whose concept an IRI in a table is, so that one in the wrong column is noticed and put right.

use oxigraph::model::NamedNode;

use crate::rdf::{
    iri::mend,
    ns::{AAT, DBPEDIA_PAGE, DBPEDIA_RESOURCE, EUROPEANA, EUROPEANA_CONCEPT, WIKIDATA_ENTITY},
};

/// Who minted an IRI. The order is the order in which an alignment starts: Europeana's concept first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Family {
    Europeana,
    Aat,
    Wikidata,
    Dbpedia,
    Other,
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Europeana => "Europeana",
            Self::Aat => "AAT",
            Self::Wikidata => "Wikidata",
            Self::Dbpedia => "DBpedia",
            Self::Other => "another vocabulary",
        })
    }
}

impl Family {
    /// The family that a column's header names.
    pub(super) fn of_header(header: &str) -> Option<Self> {
        let header = header.trim().to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| header.contains(word));
        if has(&["europeana", "ef_entity", "entity_collection"]) {
            Some(Self::Europeana)
        } else if has(&["aat", "getty"]) {
            Some(Self::Aat)
        } else if has(&["wikidata"]) {
            Some(Self::Wikidata)
        } else if has(&["dbpedia"]) {
            Some(Self::Dbpedia)
        } else if has(&["iri", "uri", "url", "match", "same_as", "sameas"]) {
            Some(Self::Other)
        } else {
            None
        }
    }

    /// The family of an IRI.
    pub(super) fn of_iri(iri: &str) -> Self {
        let http = iri.strip_prefix("https://").map_or_else(|| iri.to_owned(), |rest| format!("http://{rest}"));
        if http.starts_with(EUROPEANA) {
            Self::Europeana
        } else if http.starts_with("http://vocab.getty.edu/") && http.contains("/aat/") || http.starts_with(AAT) {
            Self::Aat
        } else if http.starts_with("http://www.wikidata.org/") || http.starts_with("http://wikidata.org/") {
            Self::Wikidata
        } else if http.split('/').nth(2).is_some_and(|host| host == "dbpedia.org" || host.ends_with(".dbpedia.org")) {
            Self::Dbpedia
        } else {
            Self::Other
        }
    }
}

/// What a cell holds once it is put right.
pub(super) struct Value {
    /// The IRI as it is stored.
    pub(super) iri: NamedNode,
    /// Whose it is.
    pub(super) family: Family,
    /// What was odd about it, in words.
    pub(super) odd: Option<String>,
}

/// Reads a trimmed cell of a column. An identifier without its namespace is completed; anything else that is no IRI is an error in words.
pub(super) fn value(cell: &str, column: Family) -> Result<Value, String> {
    if let Some(completed) = complete(cell, column) {
        let family = Family::of_iri(&completed);
        let iri = NamedNode::new(&completed).map_err(|e| format!("`{cell}` is no IRI: {e}"))?;
        return Ok(Value { odd: Some(format!("`{cell}` is no IRI; it was taken for {iri}")), iri, family });
    }
    let mended = if cell.contains("://") { mend(cell) } else { None };
    let iri = NamedNode::new(mended.as_deref().unwrap_or(cell)).map_err(|_| format!("`{cell}` is no IRI; it was left out"))?;
    let family = Family::of_iri(iri.as_str());
    if let Some(name) = iri.as_str().strip_prefix(DBPEDIA_PAGE) {
        let resource = NamedNode::new_unchecked(format!("{DBPEDIA_RESOURCE}{name}"));
        return Ok(Value { odd: Some(format!("{iri} is a page; its resource is {resource}")), iri: resource, family });
    }
    let odd = mended.map(|_| format!("`{cell}` was mended to {iri}"));
    Ok(Value { iri, family, odd })
}

/// `300041620` and `Q34379` say enough.
fn complete(cell: &str, column: Family) -> Option<String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let local = cell.strip_prefix("aat:").unwrap_or(cell);
    if digits(local) && local.len() == 9 && local.starts_with("300") {
        return Some(format!("{AAT}{local}"));
    }
    let local = cell.strip_prefix("wd:").unwrap_or(cell);
    if local.strip_prefix('Q').is_some_and(digits) {
        return Some(format!("{WIKIDATA_ENTITY}{local}"));
    }
    (column == Family::Europeana && digits(cell)).then(|| format!("{EUROPEANA_CONCEPT}{cell}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_find_their_family() {
        let read = |cell: &str, column| value(cell, column).map(|v| (v.iri.into_string(), v.family));
        assert_eq!(read("300041620", Family::Wikidata), Ok(("http://vocab.getty.edu/aat/300041620".to_owned(), Family::Aat)));
        assert_eq!(read("Q34379", Family::Aat), Ok(("http://www.wikidata.org/entity/Q34379".to_owned(), Family::Wikidata)));
        assert_eq!(
            read("http://dbpedia.org/page/Toy", Family::Dbpedia),
            Ok(("http://dbpedia.org/resource/Toy".to_owned(), Family::Dbpedia))
        );
        assert!(read("unknown", Family::Aat).is_err());
    }
}
