//! The tables of the label index, in the database of the store's sorted index, and how a label is written in them.

use redb::TableDefinition;

/// The version of these tables' layout: another one makes them anew.
pub(super) const LAYOUT: u64 = 1;
/// How many labels a segment has at most: their places in it are 16-bit numbers.
pub(super) const SEGMENT: usize = 1 << 15;

/// Graph, and which version of its labels is indexed; under the empty name the layout.
pub(super) const INDEXED: TableDefinition<'_, &str, u64> = TableDefinition::new("label index: graphs");
/// Segment: how many labels, of which graph.
pub(super) const SEGMENTS: TableDefinition<'_, u32, (u32, &str)> = TableDefinition::new("label index: segments");
/// Segment and place: the label as [`Row`] writes it.
pub(super) const ROWS: TableDefinition<'_, u32, &str> = TableDefinition::new("label index: labels");
/// A form, segment and place.
pub(super) const FORMS: TableDefinition<'_, (&str, u32), ()> = TableDefinition::new("label index: forms");
/// A piece of a word, a segment; the places of the labels with it, 16-bit numbers, ascending.
pub(super) const GRAMS: TableDefinition<'_, (&str, u32), &[u8]> = TableDefinition::new("label index: pieces");
/// A word in the singular, a segment; the places likewise.
pub(super) const WORDS: TableDefinition<'_, (&str, u32), &[u8]> = TableDefinition::new("label index: words");
/// Segment: the lengths of its labels' vectors, 32-bit floats.
pub(super) const LENGTHS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("label index: lengths");

/// A label's number: its segment and its place in it.
pub(super) fn number(segment: u32, place: u16) -> u32 {
    (segment << 15) | u32::from(place)
}

/// The segment of a label's number.
pub(super) fn segment_of(number: u32) -> u32 {
    number >> 15
}

/// The places in a list.
pub(super) fn places(list: &[u8]) -> impl Iterator<Item = u16> + '_ {
    list.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]]))
}

/// A list of places, as it is written.
pub(super) fn list_of(places: &[u16]) -> Vec<u8> {
    places.iter().flat_map(|place| place.to_le_bytes()).collect()
}

/// The lengths of a segment's vectors.
pub(super) fn lengths(list: &[u8]) -> Vec<f32> {
    list.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

/// A label as it stands in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) concept: String,
    pub(super) language: String,
    pub(super) preferred: bool,
    pub(super) label: String,
}

impl Row {
    pub(super) fn written(&self) -> String {
        let preferred = if self.preferred { 'p' } else { 'a' };
        format!("{preferred}{}\u{1f}{}\u{1f}{}", self.language, self.concept, self.label)
    }

    /// `None` for what we did not write.
    pub(super) fn read(text: &str) -> Option<Self> {
        let preferred = text.starts_with('p');
        let mut parts = text.get(1..)?.splitn(3, '\u{1f}');
        let (language, concept, label) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { concept: concept.to_owned(), language: language.to_owned(), preferred, label: label.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let row = Row { concept: "http://c.example/1".into(), language: "en-gb".into(), preferred: false, label: "a \u{1f} b".into() };
        assert_eq!(Row::read(&row.written()), Some(row));
        assert_eq!(places(&list_of(&[0, 7, 32_767])).collect::<Vec<_>>(), [0, 7, 32_767]);
        assert_eq!(segment_of(number(9, 32_767)), 9);
    }
}
