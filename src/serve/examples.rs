//! The worked examples on the query page, each a file that can be run as it stands.

/// A worked example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its name in addresses, which is its file's.
    pub name: &'static str,
    /// What it is called on the page.
    pub title: &'static str,
    /// The query.
    pub text: &'static str,
}

impl Example {
    /// What it gives: the first line of its opening comment.
    pub fn gives(&self) -> &'static str {
        self.text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default()
    }

    /// The example with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        EXAMPLES.iter().find(|example| example.name == name)
    }
}

macro_rules! examples {
    ($($name:literal: $title:literal),* $(,)?) => {
        /// Every worked example, the researcher's question first.
        pub const EXAMPLES: &[Example] = &[$(Example {
            name: $name,
            title: $title,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/examples/", $name, ".rq")),
        }),*];
    };
}

examples! {
    "narrower-and-sure": "A concept and all that is narrower, surely enough, not rejected",
    "most-frequent-concepts": "The concepts seen most often",
    "why-this-annotation": "Where each annotation comes from",
    "provider-and-picture": "The provider’s words beside what the picture shows",
    "one-branch": "One branch of the thesaurus",
    "alignments": "Europeana’s concepts and the thesaurus",
    "what-records-say": "What the records’ own words name",
    "word-and-concept": "A word in the title and a concept in the picture",
    "relations": "What one thing on a picture does to another",
    "flagged-pictures": "Pictures with a watermark or a colour chart",
    "verdicts": "What people decided",
    "published": "What is published, as EDM",
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::query::{GuardLimits, check};

    #[test]
    fn every_query_parses_and_opens_with_a_comment() {
        let mut seen = 0;
        for file in walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")).into_iter().filter_map(Result::ok) {
            let path = file.path();
            let Some("rq") = path.extension().and_then(|e| e.to_str()) else { continue };
            let text = std::fs::read_to_string(path).expect("readable");
            assert!(text.starts_with("# "), "{} has no opening comment", path.display());
            check(&text, &GuardLimits::default()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let parsed = oxigraph::sparql::SparqlEvaluator::new().parse_query(&text).map(drop);
            parsed.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            seen += 1;
        }
        assert!(seen >= EXAMPLES.len());
    }

    #[test]
    fn every_example_is_on_the_page() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/examples");
        for file in std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
            let path = file.path();
            let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
            assert!(Example::named(name).is_some_and(|e| !e.gives().is_empty()), "{name}");
        }
    }
}
