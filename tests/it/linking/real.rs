//! The linker on what cataloguers of real museums did, over the whole of the AAT, where that lies beside the repository.

use std::path::{Path, PathBuf};

use super::{Job, Linker, LoadRequest, MeasureLinks, NamedNode, Place, Said, Spoken};

fn shared(path: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("GLOSSATOR_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = folder.join("data").join(path);
    if found.exists() {
        return Some(found);
    }
    skipped(path);
    None
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests should see which of them had nothing to test")]
fn skipped(path: &str) {
    println!("skipped: {path} is not beside the repository");
}

#[test]
fn museum_terms_over_the_whole_of_aat() {
    let (Some(aat), Some(terms)) = (shared("aat/aat-2016-derived.nt.gz"), shared("aat/museum-term-to-aat.tsv")) else { return };
    let mut place = Place::new();
    place.house.settings.linking = glossator::linking::Settings::default();
    place.run(&Job::Load(LoadRequest { files: vec![aat], scheme: Some("aat".to_owned()), ..LoadRequest::default() }));
    let measure = |within| {
        let mut report = place.run(&Job::MeasureLinks(MeasureLinks { files: vec![terms.clone()], within, ..MeasureLinks::default() }));
        report.figures.remove("dc:type all").unwrap()
    };
    let plain = measure(false);
    assert!(plain["acc_at_1"].as_f64().unwrap() >= 0.775, "{plain}");
    assert!(plain["acc_at_10"].as_f64().unwrap() >= 0.9, "{plain}");
    assert!(plain["sure_precision"].as_f64().unwrap() >= 0.975 && plain["sure"].as_u64().unwrap() >= 100, "{plain}");
    let within = measure(true);
    assert!(within["acc_at_1"].as_f64() >= plain["acc_at_1"].as_f64(), "{within}");
    // A confidence that is told is one that was reached.
    assert!(plain["sure_precision"].as_f64().unwrap() >= place.house.settings.linking.confidence);

    let linker = Linker::new(&place.house.store, &place.house.settings.linking).unwrap();
    let named = |property: &str, text: &str| {
        let property = NamedNode::new(property).unwrap();
        let said = Said { of: property.clone(), property, text: text.to_owned(), spoken: Spoken::Tagged("en".to_owned()) };
        linker.link(&said).unwrap().into_iter().map(|l| l.concept.into_string()).collect::<Vec<_>>()
    };
    let aat = |id: &str| format!("http://vocab.getty.edu/aat/{id}");
    assert_eq!(named("http://purl.org/dc/terms/medium", "oil on canvas"), [aat("300015050"), aat("300014078")]);
    assert_eq!(
        named("http://purl.org/dc/terms/medium", "pencil and watercolour on cream-coloured paper"),
        [aat("300011098"), aat("300015045"), aat("300014109")]
    );
    assert_eq!(named("http://purl.org/dc/elements/1.1/type", "visitors' book"), [aat("300027135")]);
}
