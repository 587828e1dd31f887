//! English nouns in the singular: thesauri name in the plural what catalogues name in the singular.

/// Those that follow no rule, plural first.
const IRREGULAR: [(&str, &str); 26] = [
    ("men", "man"),
    ("women", "woman"),
    ("children", "child"),
    ("people", "person"),
    ("feet", "foot"),
    ("teeth", "tooth"),
    ("geese", "goose"),
    ("mice", "mouse"),
    ("oxen", "ox"),
    ("leaves", "leaf"),
    ("knives", "knife"),
    ("wives", "wife"),
    ("lives", "life"),
    ("shelves", "shelf"),
    ("halves", "half"),
    ("calves", "calf"),
    ("scarves", "scarf"),
    ("loaves", "loaf"),
    ("hooves", "hoof"),
    ("dice", "die"),
    ("axes", "axe"),
    ("indices", "index"),
    ("matrices", "matrix"),
    ("codices", "codex"),
    ("vertices", "vertex"),
    ("media", "medium"),
];

/// Words that end like a plural and are none, or whose plural is the same.
const NO_PLURAL: [&str; 26] = [
    "glass",
    "brass",
    "canvas",
    "lens",
    "series",
    "species",
    "news",
    "physics",
    "mathematics",
    "ceramics",
    "graphics",
    "politics",
    "acoustics",
    "optics",
    "textiles",
    "christmas",
    "atlas",
    "chaos",
    "gas",
    "bus",
    "iris",
    "pancreas",
    "albus",
    "arts",
    "always",
    "this",
];

/// The singular of a word in lower case. Made to bring two spellings of one word together, not to be read.
pub(super) fn singular(word: &str) -> String {
    if let Some((_, singular)) = IRREGULAR.iter().find(|(plural, _)| *plural == word) {
        return (*singular).to_owned();
    }
    if word.len() > 5 && word.ends_with("women") {
        return format!("{}an", &word[..word.len() - 2]);
    }
    if word.len() > 4 && word.ends_with("men") && word.is_ascii() && !word.ends_with("specimen") && !word.ends_with("abdomen") {
        return format!("{}an", &word[..word.len() - 2]);
    }
    if word.len() < 4 || NO_PLURAL.contains(&word) || !word.ends_with('s') || word.ends_with("ss") || word.ends_with("us") {
        return word.to_owned();
    }
    if word.ends_with("is") {
        return word.to_owned();
    }
    for (plural, singular) in [("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("zzes", "zz"), ("uses", "us")] {
        if let Some(stem) = word.strip_suffix(plural)
            && stem.len() > 1
        {
            // `houses`, `causes`: the e belongs to the word.
            if plural == "uses" && stem.ends_with(['o', 'a', 'l', 'f', 'm']) {
                break;
            }
            return format!("{stem}{singular}");
        }
    }
    if let Some(stem) = word.strip_suffix("oes")
        && stem.len() > 2
    {
        return format!("{stem}o");
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn plurals_and_singulars_meet() {
        for (plural, one) in [
            ("baskets", "basket"),
            ("churches", "church"),
            ("boxes", "box"),
            ("altarpieces", "altarpiece"),
            ("houses", "house"),
            ("watches", "watch"),
            ("photocopies", "photocopy"),
            ("draftsmen", "draftsman"),
            ("chairwomen", "chairwoman"),
            ("leaves", "leaf"),
            ("dresses", "dress"),
            ("glasses", "glass"),
            ("tiles", "tile"),
            ("cameos", "cameo"),
        ] {
            assert_eq!(singular(plural), singular(one), "{plural}");
        }
    }

    #[test]
    fn what_is_no_plural_stays() {
        for word in ["glass", "canvas", "brass", "series", "gas", "bus", "iris", "oil", "specimen"] {
            assert_eq!(singular(word), word);
        }
    }
}
