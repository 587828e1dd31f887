//! Looking the store over: is the index what follows from the store, has every record its original, does every invariant hold?

use jiff::Timestamp;
use oxigraph::model::{GraphNameRef, NamedOrBlankNode, Term, TermRef};

use super::{House, Report, walk::Walk};
use crate::{
    rdf::ns::{enr, oa, rdf, soa},
    store::{Listed, Span, StampList, Stamped},
};

/// How many records are compared at once.
const PAGE: usize = 500;

pub(super) fn run(house: &House) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut faults = Vec::new();
    missing_originals(house, &mut faults)?;
    scores_without_annotation(house, &mut faults)?;
    let before = (listed(house)?, stamped(house)?);
    house.store.index().rebuild(&house.store)?;
    let after = (listed(house)?, stamped(house)?);
    if before != after {
        faults.push(format!(
            "the index was not what follows from the store ({} records listed, {} in the store); it is made anew",
            before.0.len(),
            after.0.len()
        ));
    }
    let after = after.0;
    report.line(format!("{} records, {} quads, version {}", after.len(), house.store.quads().len()?, house.store.version()));
    if faults.is_empty() {
        report.line("the index follows from the store, every record has its original, scores stand on annotations alone");
    }
    report.partial = !faults.is_empty();
    report.figure("records", after.len());
    report.figure("quads", house.store.quads().len()?);
    report.figure("faults", faults.clone());
    report.figure("version", house.store.version());
    report.lines.extend(faults);
    Ok(report)
}

fn listed(house: &House) -> anyhow::Result<Vec<Listed>> {
    let pages: Vec<Vec<Listed>> = Walk::new(&house.store, None).collect::<Result<_, _>>()?;
    Ok(pages.into_iter().flatten().collect())
}

/// What harvesters see, in their order.
fn stamped(house: &House) -> anyhow::Result<Vec<Stamped>> {
    let span = Span { from: Timestamp::MIN, until: Timestamp::MAX };
    let mut all: Vec<Stamped> = Vec::new();
    loop {
        let after = all.last().map(|s| (s.datestamp, &s.key));
        let page = house.store.index().stamped_page(StampList::default(), span, after, PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn missing_originals(house: &House, faults: &mut Vec<String>) -> anyhow::Result<()> {
    let meta = house.store.meta_graph();
    let quads = house.store.quads().quads_for_pattern(None, Some(enr::ORIGINAL_DIGEST), None, Some(GraphNameRef::from(meta.as_ref())));
    for quad in quads {
        let quad = quad?;
        if let Term::Literal(checksum) = &quad.object
            && house.store.originals().bytes(checksum.value())?.is_none()
        {
            faults.push(format!("the original of {} is not there", quad.subject));
        }
    }
    Ok(())
}

/// A score stands on an annotation and nowhere else, least of all on a concept.
fn scores_without_annotation(house: &House, faults: &mut Vec<String>) -> anyhow::Result<()> {
    for property in [soa::CONFIDENCE, enr::RAW_SCORE] {
        for quad in house.store.quads().quads_for_pattern(None, Some(property), None, None) {
            let quad = quad?;
            let NamedOrBlankNode::NamedNode(subject) = &quad.subject else { continue };
            let is_annotation = house
                .store
                .quads()
                .quads_for_pattern(
                    Some(subject.as_ref().into()),
                    Some(rdf::TYPE),
                    Some(TermRef::from(oa::ANNOTATION)),
                    Some(quad.graph_name.as_ref()),
                )
                .next()
                .is_some();
            if !is_annotation {
                faults.push(format!("{subject} has a score in {}, and is no annotation there", quad.graph_name));
            }
        }
    }
    Ok(())
}
