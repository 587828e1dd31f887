//! Tags in tables: comma, semicolon or tab between the columns, named by what people call them.

use std::io::Read;

use ::csv::{ReaderBuilder, StringRecord};

use super::{BadTag, Score, Tag, read_score, split_label};

/// What columns may be called, by what they hold.
const NAMES: [(Column, &[&str]); 8] = [
    (
        Column::About,
        &[
            "record",
            "cho",
            "id",
            "item",
            "identifier",
            "url",
            "uri",
            "image",
            "image_url",
            "imageurl",
            "picture",
            "file",
            "filename",
            "file_name",
            "path",
            "subject",
            "subject_id",
            "europeana_id",
            "object",
            "about",
        ],
    ),
    (
        Column::Label,
        &[
            "label",
            "tag",
            "labels",
            "tags",
            "name",
            "description",
            "class",
            "classname",
            "category",
            "value",
            "annotation",
            "term",
            "keyword",
        ],
    ),
    (Column::Score, &["score", "confidence", "probability", "percent", "percentage", "topicality", "certainty", "weight"]),
    (Column::Concept, &["concept", "concept_uri", "concept_iri", "skos_concept", "aat", "aat_id", "aat_uri", "aatid"]),
    (Column::Annotator, &["annotator", "user", "user_name", "username", "user_id", "creator", "contributor", "who", "volunteer"]),
    (Column::Count, &["count", "votes", "vote_count", "n", "upvotes"]),
    (Column::Language, &["language", "lang", "locale"]),
    (Column::Ignored, &[]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    About,
    Label,
    Score,
    Concept,
    Annotator,
    Count,
    Language,
    Ignored,
}

/// Which column holds what.
struct Columns(Vec<Column>);

/// Reads a table and hands on its tags, and the lines that cannot be read. The error is about the whole table.
pub(super) fn read(table: impl Read, delimiter: u8, mut take: impl FnMut(Result<Tag, BadTag>) -> bool) -> Result<(), String> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(table);
    let mut records = reader.records();
    let header = match records.next() {
        Some(header) => header.map_err(|e| e.to_string())?,
        None => return Err("it is empty".to_owned()),
    };
    let columns = Columns::of(&header)?;
    for record in records {
        let taken = match record {
            Ok(record) => columns.tags(&record).into_iter().all(&mut take),
            Err(error) => {
                let line = error.position().map_or(0, ::csv::Position::line);
                take(Err(BadTag { line, reason: error.to_string() }))
            }
        };
        if !taken {
            break;
        }
    }
    Ok(())
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, String> {
        let mut taken: Vec<Column> = Vec::new();
        for name in header {
            let name = name.trim_start_matches('\u{feff}').trim().to_lowercase().replace([' ', '-'], "_");
            let column =
                NAMES.iter().find(|(c, names)| names.contains(&name.as_str()) && !taken.contains(c)).map_or(Column::Ignored, |(c, _)| *c);
            taken.push(column);
        }
        for (column, what) in
            [(Column::About, "what a tag is about (record, image, url, id)"), (Column::Label, "the label (label, tag, name)")]
        {
            if !taken.contains(&column) {
                return Err(format!("its first line names no column for {what}; it has: {}", header.iter().collect::<Vec<_>>().join(", ")));
            }
        }
        Ok(Self(taken))
    }

    /// A row's tags: several where one cell lists several, `Plant 94.56 %; Flower 88 %`.
    fn tags(&self, record: &StringRecord) -> Vec<Result<Tag, BadTag>> {
        let line = record.position().map_or(0, ::csv::Position::line);
        let bad = |reason: String| vec![Err(BadTag { line, reason })];
        let cell = |column: Column| {
            let place = self.0.iter().position(|c| *c == column)?;
            record.get(place).map(str::trim).filter(|v| !v.is_empty())
        };
        let Some(about) = cell(Column::About) else { return bad("it does not say what it is about".to_owned()) };
        let Some(labels) = cell(Column::Label) else { return bad("it has no label".to_owned()) };
        let column_score = match cell(Column::Score).map(|text| (text, read_score(text).and_then(Score::part))) {
            Some((text, None)) => return bad(format!("`{text}` is no score from 0 to 1 or percentage")),
            Some((_, score)) => score,
            None => None,
        };
        let count = match cell(Column::Count).map(|text| (text, text.parse().ok())) {
            Some((text, None)) => return bad(format!("`{text}` is no number of votes")),
            Some((_, count)) => count,
            None => None,
        };
        let mut tags = Vec::new();
        for part in labels.split([';', '|']).map(str::trim).filter(|part| !part.is_empty()) {
            let (label, score) = split_label(part);
            let own = match score.map(Score::part) {
                Some(None) => {
                    tags.push(Err(BadTag { line, reason: format!("`{part}` has a percentage over 100") }));
                    continue;
                }
                Some(own) => own,
                None => None,
            };
            if label.is_empty() {
                tags.push(Err(BadTag { line, reason: format!("`{part}` has a number and no label") }));
                continue;
            }
            tags.push(Ok(Tag {
                about: about.to_owned(),
                label,
                language: cell(Column::Language).map(str::to_lowercase),
                score: own.or(column_score),
                concept: cell(Column::Concept).map(str::to_owned),
                annotator: cell(Column::Annotator).map(str::to_owned),
                count,
                line,
            }));
        }
        tags
    }
}
