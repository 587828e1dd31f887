//! Comparing taggers on pictures of which people said what they show; and whether an ensemble is worth its members.

use std::{collections::BTreeMap, path::Path};

use oxigraph::model::NamedNode;

use super::{Ranking, TaggingError};

/// What people said of one picture in one facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldLine {
    /// The picture's file, relative to the list's folder.
    pub picture: String,
    /// The facet.
    pub facet: String,
    /// The concepts.
    pub concepts: Vec<NamedNode>,
}

/// How a tagger did in one facet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// On how many pictures.
    pub pictures: u64,
    /// The mean share of right concepts among the first as many as are right (R-Precision).
    pub r_precision: f64,
    /// How often the first concept is right.
    pub accuracy: f64,
}

/// Reads what people said: a table with tabs, `picture`, `facet`, `concept`; a picture may stand on several lines.
pub fn read_gold(text: &str, path: &Path) -> Result<Vec<GoldLine>, TaggingError> {
    let refused = |line: usize, reason: String| TaggingError::Gold { path: path.to_owned(), line, reason };
    let mut lines = text.lines().map(|l| l.trim_end_matches('\r')).enumerate();
    if lines.next().map(|(_, line)| line.trim_start_matches('\u{feff}')) != Some("picture\tfacet\tconcept") {
        return Err(refused(1, "the first line is `picture, facet, concept`, with tabs between them".to_owned()));
    }
    let mut found: Vec<GoldLine> = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[picture, facet, concept] = cells.as_slice() else {
            return Err(refused(number + 1, format!("it has {} cells in place of 3", cells.len())));
        };
        let concept = NamedNode::new(concept).map_err(|e| refused(number + 1, format!("`{concept}` is no IRI: {e}")))?;
        match found.iter_mut().find(|g| g.picture == picture && g.facet == facet) {
            Some(known) => known.concepts.push(concept),
            None => found.push(GoldLine { picture: picture.to_owned(), facet: facet.to_owned(), concepts: vec![concept] }),
        }
    }
    Ok(found)
}

/// How a tagger did, by facet: `ranked` holds what it said of each picture.
pub fn compare(gold: &[GoldLine], ranked: &BTreeMap<String, Vec<Ranking>>) -> BTreeMap<String, Figures> {
    let mut by_facet: BTreeMap<String, Figures> = BTreeMap::new();
    for line in gold {
        let said = ranked.get(&line.picture).and_then(|all| all.iter().find(|(facet, _)| *facet == line.facet));
        let Some((_, said)) = said else { continue };
        let right = |(concept, _): &&(NamedNode, f64)| line.concepts.contains(concept);
        let first = said.iter().take(line.concepts.len()).filter(right).count();
        let figures = by_facet.entry(line.facet.clone()).or_default();
        figures.pictures += 1;
        figures.r_precision += first as f64 / line.concepts.len() as f64;
        figures.accuracy += f64::from(u8::from(said.first().as_ref().is_some_and(right)));
    }
    for figures in by_facet.values_mut() {
        let count = figures.pictures as f64;
        (figures.r_precision, figures.accuracy) = (figures.r_precision / count, figures.accuracy / count);
    }
    by_facet
}

/// Where an ensemble is below its best member: then that one is better used alone.
pub fn warnings(ensemble: &BTreeMap<String, Figures>, members: &[(String, BTreeMap<String, Figures>)]) -> Vec<String> {
    let mut told = Vec::new();
    for (facet, own) in ensemble {
        let best = members.iter().filter_map(|(name, figures)| Some((name, figures.get(facet)?)));
        let best = best.max_by(|(_, a), (_, b)| a.r_precision.total_cmp(&b.r_precision));
        if let Some((name, best)) = best.filter(|(_, best)| best.r_precision > own.r_precision) {
            told.push(format!(
                "warning: in `{facet}` the ensemble is below its best member: R-Precision {:.3} against {:.3} of {name}. Give it a larger weight there, or use it alone",
                own.r_precision, best.r_precision
            ));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iri(name: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("http://v/{name}"))
    }

    #[test]
    fn an_ensemble_below_its_best_member_is_told() {
        let text =
            "picture\tfacet\tconcept\na.jpg\tmaterials\thttp://v/oak\na.jpg\tmaterials\thttp://v/silver\nb.jpg\tmaterials\thttp://v/oak\n";
        let gold = read_gold(text, Path::new("gold.tsv")).unwrap();
        let ranked = |a: [&str; 3], b: [&str; 3]| {
            let of = |names: [&str; 3]| vec![("materials".to_owned(), names.iter().map(|n| (iri(n), 0.5)).collect())];
            compare(&gold, &BTreeMap::from([("a.jpg".to_owned(), of(a)), ("b.jpg".to_owned(), of(b))]))
        };
        let best = ranked(["oak", "silver", "ink"], ["oak", "ink", "silver"]);
        let other = ranked(["ink", "silver", "oak"], ["ink", "oak", "silver"]);
        assert_eq!(best["materials"], Figures { pictures: 2, r_precision: 1.0, accuracy: 1.0 });
        assert_eq!(other["materials"], Figures { pictures: 2, r_precision: 0.25, accuracy: 0.0 });
        let told = warnings(&other, &[("one@1".to_owned(), best.clone())]);
        assert!(told[0].contains("0.250 against 1.000 of one@1"), "{told:?}");
        assert!(warnings(&best, &[("two@1".to_owned(), other)]).is_empty());
        assert!(read_gold("a\tb\n", Path::new("gold.tsv")).is_err());
    }
}
