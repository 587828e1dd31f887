//! The pages: what a visitor reads in a browser, without a script.

mod certainty;
mod handlers;
mod queries;
mod regions;
mod table;
mod templates;
mod views;

pub use certainty::Certainty;
pub(super) use handlers::{
    concept, dumps_page, editor_script, error_page, flyout, look, picture, preview_page, record, records, report, search, start, style,
    terms, thing_page, tree,
};
pub(super) use queries::{query, query_page, results};
pub use regions::{AsideView, DRAWN, Placed, RegionView};
pub use views::{
    AnnotationView, ConceptLink, ConceptView, Figure, GraphView, Hit, Level, Link, LookView, Notice, Path, PredictionView, PropertyRow,
    Reasons, RecordCard, RecordView, RecordsView, SearchView, Section, StartView, StatementView, Text, ThingView, TreeNode, TreeView,
    Trunk, Value, VerdictView,
};

#[cfg(test)]
mod samples;
