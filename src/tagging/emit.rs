//! Which concepts are stated: the most specific that are sure enough, never what stands above them.

use super::label_map::LabelMap;
use crate::model::{Decode, Emit};

/// The places of the concepts that are stated, the surest first.
pub(crate) fn emit(map: &LabelMap, values: &[f64], decode: &Decode) -> Vec<usize> {
    let sure = |place: &usize| {
        let concept = &map.concepts[*place];
        let stated_at_all = decode.emit == Emit::BackOff || concept.mapping.is_some();
        concept.taggable && stated_at_all && values[*place] >= concept.threshold.unwrap_or(decode.threshold)
    };
    let mut stated: Vec<usize> = (0..map.concepts.len()).filter(sure).collect();
    if decode.emit != Emit::All {
        stated = most_specific(map, &stated);
    }
    stated.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then_with(|| map.concepts[*a].iri.as_str().cmp(map.concepts[*b].iri.as_str())));
    stated.truncate(decode.max_tags);
    stated
}

/// Those of which none of the others stands below.
fn most_specific(map: &LabelMap, stated: &[usize]) -> Vec<usize> {
    let above_another = |place: &usize| stated.iter().any(|other| map.concepts[*other].ancestors.binary_search(place).is_ok());
    stated.iter().copied().filter(|place| !above_another(place)).collect()
}
