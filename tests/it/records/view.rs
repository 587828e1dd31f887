//! A record is asked the same questions whether it came as external or as internal EDM.

use glossator::records::{RecordView, Role};
use oxigraph::model::{NamedNodeRef, Triple};

use super::{Read, external, read_fixture};

type Answers = Vec<Vec<String>>;

fn answers(view: &RecordView<'_>) -> Answers {
    let texts = |terms: Vec<oxigraph::model::TermRef<'_>>| {
        let mut all: Vec<_> = terms.iter().map(ToString::to_string).collect();
        all.sort();
        all
    };
    vec![
        texts(view.titles()),
        texts(view.descriptions()),
        texts(view.types()),
        texts(view.subjects()),
        texts(view.creators()),
        texts(view.media()),
        texts(view.rights().into_iter().chain(view.data_provider()).chain(view.provider()).collect()),
        view.edm_type().map(str::to_owned).into_iter().collect(),
        view.is_shown_at().map(|n| n.to_string()).into_iter().collect(),
        view.web_resources()
            .iter()
            .map(|w| format!("{} {:?} {:?} {:?}", w.iri, w.role, w.rights.map(|r| r.to_string()), w.mime_type))
            .collect(),
    ]
}

#[test]
fn external_and_internal_read_the_same() {
    let (external, internal) = (read_fixture("external.xml"), read_fixture("internal.xml"));
    let (external, internal) = (external.one().view(), internal.one().view());
    assert_eq!(answers(&external), answers(&internal));
    assert_eq!((external.proxies().len(), internal.proxies().len()), (0, 1));
    assert_eq!(external.subjects().len(), 1, "neither Europeana's nor an aggregator's proxy is the provider's word");
    assert_eq!(external.titles().len(), 2);
    assert_eq!(external.edm_type(), Some("IMAGE"));
    assert_eq!((external.data_set(), internal.data_set()), (None, Some("91608_Examples")));
}

#[test]
fn the_best_view_comes_first_and_the_page_is_no_picture() {
    let read = read_fixture("external.xml");
    let view = read.one().view();
    let all = view.web_resources();
    let short: Vec<_> = all.iter().map(|w| (w.iri.as_str().rsplit('/').next().unwrap(), w.role)).collect();
    assert_eq!(short, [("jug-1.jpg", Role::IsShownBy), ("jug-2.jpg", Role::HasView), ("jug-3.jpg", Role::HasView)]);
    assert_eq!(view.best_web_resource(), Some(all[0]));
    assert_eq!(all[0].mime_type, Some("image/jpeg"));
    assert!(all[0].rights.is_some() && all[1].rights.is_none());
}

#[test]
fn a_store_keeps_no_order_and_need_not() {
    for name in ["external.xml", "internal.xml"] {
        let read = read_fixture(name);
        let record = read.one();
        let backwards: Vec<Triple> = record.triples.iter().rev().cloned().collect();
        assert_eq!(answers(&record.view()), answers(&RecordView::new(record.cho.as_ref(), &backwards)), "{name}");
    }
}

#[test]
fn the_data_set_is_told_by_an_item_of_europeana() {
    let view = RecordView::new(NamedNodeRef::new_unchecked("http://data.europeana.eu/item/2048128/618580"), &[]);
    assert_eq!(view.data_set(), Some("2048128"));
    assert_eq!(view.best_web_resource(), None);
}

#[test]
fn one_iri_may_be_thing_and_proxy() {
    let text = external("")
        .replace("</rdf:RDF>", "<ore:Proxy rdf:about='http://museum.example/cho/1'><dc:title>a</dc:title></ore:Proxy></rdf:RDF>");
    let read = Read::document("a.xml", text);
    assert_eq!((read.one().view().titles().len(), read.one().view().proxies().len()), (1, 0));
}
