//! The pages rendered with values made up for it: every template with everything in it, and with nothing.

use askama::Template as _;

use super::{
    super::{EXAMPLES, ServeError},
    table::Table,
    templates::{Concept, Dumps, Failure, Look, Page, Query, Record, Records, Results, Search, Start, Tree},
    *,
};

fn page() -> Page {
    let notice = Notice { heading: "A <demo>".to_owned(), paragraphs: vec!["Drawn by a program.".to_owned()] };
    Page { site: "Glossator".to_owned(), title: "A & B".to_owned(), here: "start", notice: Some(notice) }
}

fn concept() -> ConceptLink {
    ConceptLink {
        iri: "http://vocab.getty.edu/aat/300041620".to_owned(),
        label: Text { text: "lutes <b>".to_owned(), language: "en".to_owned() },
    }
}

#[test]
fn what_comes_from_outside_is_escaped_everywhere() {
    let annotation = AnnotationView {
        concept: concept(),
        certainty: Certainty::Score { value: 0.83, kind: "softmax".to_owned() },
        paths: vec![Path { steps: vec![concept()] }],
        reasons: Reasons { model_label: "lute".to_owned(), mapping: "exact".to_owned(), ..Reasons::default() },
        verdicts: vec![VerdictView { decision: "rejected".to_owned(), correction: Some(concept()), ..VerdictView::default() }],
        ..AnnotationView::default()
    };
    let sure = AnnotationView { certainty: Certainty::Confidence(0.871), ..annotation.clone() };
    let view = RecordView { title: concept().label, annotations: vec![annotation, sure], has_picture: true, ..RecordView::default() };
    let html = Record { page: page(), view: &view }.render().expect("rendered");
    assert!(!html.contains("<b>") && html.contains("lutes &#60;b&#62;"), "{html}");
    assert!(html.contains("score 0.83 (softmax, not calibrated)") && html.contains("confidence 0.87"));
    assert_eq!(html.matches("<meter").count(), 2, "only the calibrated one has a bar, in both places");
    assert!(html.contains("“lute”, exact match") && html.contains("href=\"/concept?iri=http%3A%2F%2Fvocab.getty.edu%2Faat%2F300041620\""));
}

#[test]
fn empty_pages_render() {
    let refused = ServeError { place: Some((1, 2)), ..ServeError::bad_request("no <script>") };
    let rendered = [
        Start { page: page(), view: &StartView::default() }.render(),
        Records { page: page(), view: &RecordsView::default() }.render(),
        Record { page: page(), view: &RecordView::default() }.render(),
        Concept { page: page(), view: &ConceptView::default() }.render(),
        Tree { page: page(), view: &TreeView::default() }.render(),
        Dumps { page: page(), dumps: &[] }.render(),
        Search { page: page(), view: &SearchView { beginning: "x".to_owned(), ..SearchView::default() } }.render(),
        Look { page: page(), view: &LookView::default() }.render(),
        Query { page: page(), text: "</textarea><script>", examples: EXAMPLES, chosen: "", error: Some(&refused), deadline: 30.0 }.render(),
        Results { page: page(), text: "", table: &Table::default(), graph: "", more: false, version: 1, milliseconds: 1, links: &[] }
            .render(),
        Failure { page: page(), error: &refused, request: "r" }.render(),
    ];
    for html in rendered {
        let html = html.expect("rendered");
        // The editor's own script is the only one.
        let html = html.replace("<script src=\"/static/editor.js\" defer></script>", "");
        assert!(!html.contains("<script") && html.contains("<html lang=\"en\">") && html.contains("id=\"content\""), "{html}");
        assert_eq!(html.matches("<h1").count(), 1, "{html}");
    }
}
