//! The write-back file: a row for each statement, for a museum that takes terms into its own system by its own identifiers.

use oxigraph::model::NamedNode;

use super::SharedStatement;
use crate::{
    publication::PublicationError,
    rdf::{ns::dc, text_of},
    store::{Listed, Store},
};

/// The columns, in order.
pub const TABLE_COLUMNS: [&str; 12] = [
    "object",
    "identifier",
    "title",
    "property",
    "concept",
    "label",
    "language",
    "confidence",
    "published",
    "decision",
    "said_by",
    "annotation",
];

/// The rows of a record. What begins like a formula is marked as text, since these files are opened in spreadsheets.
pub fn table_rows(
    store: &Store,
    listed: &Listed,
    statements: &[SharedStatement],
    languages: &[&str],
) -> Result<Vec<[String; TABLE_COLUMNS.len()]>, PublicationError> {
    let source = store.base().source_graph(&listed.key);
    let cho = NamedNode::new_unchecked(&listed.cho);
    let mut identifiers: Vec<String> = store.objects(&cho, dc::IDENTIFIER, &source)?.into_iter().map(text_of).collect();
    identifiers.sort();
    let identifier = identifiers.join("; ");
    let row = |statement: &SharedStatement| {
        let label = statement.label(languages);
        [
            listed.cho.clone(),
            identifier.clone(),
            listed.title.clone(),
            statement.property_name(),
            statement.concept.as_str().to_owned(),
            label.map(|l| l.text.clone()).unwrap_or_default(),
            label.map(|l| l.language.clone()).unwrap_or_default(),
            statement.confidence.map(|c| format!("{c:.4}")).unwrap_or_default(),
            if statement.published { "yes" } else { "no" }.to_owned(),
            statement.decided().to_owned(),
            if statement.creator_name.is_empty() { statement.creator.as_str().to_owned() } else { statement.creator_name.clone() },
            statement.iri.as_str().to_owned(),
        ]
        .map(|cell| text_cell(&cell))
    };
    Ok(statements.iter().map(row).collect())
}

fn text_cell(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(text_cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(text_cell("lutes"), "lutes");
    }
}
