//! The templates, each with what it shows.

use askama::Template;

use super::{
    super::{Example, ServeError},
    ConceptView, LookView, Notice, RecordView, RecordsView, SearchView, StartView, ThingView, TreeView,
    table::Table,
};
use crate::jobs::DumpManifest;

/// What stands on every page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// The site's name.
    pub(super) site: String,
    /// The page's title.
    pub(super) title: String,
    /// Which of the site's parts this is, for the line of links.
    pub(super) here: &'static str,
    pub(super) notice: Option<Notice>,
}

macro_rules! templates {
    ($($(#[$doc:meta])* $name:ident = $path:literal { $($field:ident: $type:ty),* $(,)? }),* $(,)?) => {
        $($(#[$doc])*
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub(super) struct $name<'v> {
            pub(super) page: Page,
            $(pub(super) $field: $type,)*
        })*
    };
}

templates! {
    Start = "start.html" { view: &'v StartView },
    Records = "records.html" { view: &'v RecordsView },
    Record = "record.html" { view: &'v RecordView },
    Concept = "concept.html" { view: &'v ConceptView },
    Tree = "tree.html" { view: &'v TreeView },
    Search = "search.html" { view: &'v SearchView },
    Dumps = "dumps.html" { dumps: &'v [DumpManifest] },
    Look = "look.html" { view: &'v LookView },
    Thing = "thing.html" { view: &'v ThingView },
    Preview = "preview.html" { view: &'v ConceptView },
    Query = "query.html" { text: &'v str, examples: &'v [Example], chosen: &'v str, error: Option<&'v ServeError>, deadline: f64 },
    Results = "results.html" { text: &'v str, table: &'v Table, graph: &'v str, more: bool, version: u64, milliseconds: u64, links: &'v [(&'static str, String)] },
    Failure = "error.html" { error: &'v ServeError, request: &'v str },
}

/// What stands beside a suggestion: a piece of a page of somebody else's.
#[derive(Debug, Template)]
#[template(path = "flyout.html")]
pub(super) struct Flyout<'v> {
    pub(super) name: &'v str,
    pub(super) view: Option<&'v ConceptView>,
}

/// How numbers are written for people: 12 345.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
pub(super) fn number(count: &u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_stand_apart() {
        assert_eq!(super::number(&1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(super::number(&12), "12");
    }
}
