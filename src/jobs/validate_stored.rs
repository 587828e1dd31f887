//! Checking what the store holds: what the providers said, and what we added to it ourselves, by the shapes for each.

use oxigraph::model::{GraphName, LiteralRef, NamedNode, Quad, Term, TermRef, Triple};

use super::{House, Listener, Report, Validate, validate::in_parallel, validation_report::Reporting, walk::Walk};
use crate::{
    enrichment::enrichments_of,
    publication::EdmXml,
    rdf::{
        RecordKey,
        ns::{dcterms, enr},
        text_of,
    },
    records::text_of_document,
    store::Listed,
    validation::{Checked, Checker, Finding, Rule, Shapes, Survey, metadata_tier},
};

/// What it takes to check the store's records.
struct Checking<'c> {
    house: &'c House,
    checker: &'c Checker,
    publication: Shapes,
    enrichment: Shapes,
    /// The base of relative references.
    relative: String,
}

pub(super) fn run(
    house: &House,
    checker: &Checker,
    job: &Validate,
    mut reporting: Reporting<'_>,
    listener: Listener<'_>,
) -> anyhow::Result<Report> {
    let store = &house.store;
    let relative = store.base().relative_references();
    let checking = Checking { house, checker, publication: Shapes::publication()?, enrichment: Shapes::enrichment()?, relative };
    let mut seen = 0;
    for page in Walk::new(store, job.data_set.as_deref()) {
        let page = page?;
        let count = page.len() as u64;
        let check = |listed: Listed| Some(checking.check(&listed));
        for checked in in_parallel(house.settings.validation.threads, page, &check) {
            reporting.add(checked)?;
        }
        seen += count;
        listener.progress.advance(count);
        if listener.progress.stopped() {
            return reporting.end(true);
        }
    }
    if let (0, Some(name)) = (seen, &job.data_set) {
        anyhow::bail!("the data set `{name}` has no record");
    }
    reporting.end(false)
}

impl Checking<'_> {
    /// A record that cannot be looked at does not stop the others.
    fn check(&self, listed: &Listed) -> Checked {
        self.checked(listed).unwrap_or_else(|error| {
            let finding = Finding::of_rule(Rule::Untried, NamedNode::new_unchecked(&listed.cho), &format!("{error:#}"));
            Checked { findings: vec![finding], ..empty(listed) }
        })
    }

    fn checked(&self, listed: &Listed) -> anyhow::Result<Checked> {
        let store = &self.house.store;
        let source = store.base().source_graph(&listed.key);
        let triples = store.triples(&source)?;
        let survey = self.survey(&source)?;
        let mut findings = self.checker.check(&listed.cho, &triples, survey.as_ref());
        let cho = NamedNode::new_unchecked(&listed.cho);
        let tier = metadata_tier(cho.as_ref(), &triples);
        let mut enriched = tier.clone();
        if self.checker.is_europeanas() {
            findings.extend(self.our_own(&listed.key)?);
            if listed.published {
                let with: Vec<Triple> = triples.iter().cloned().chain(EdmXml::new(store).publication_triples(listed)?).collect();
                enriched = metadata_tier(cho.as_ref(), &with);
            }
        }
        let place = store.object(&source, dcterms::SOURCE, &store.meta_graph())?.map(text_of).unwrap_or_default();
        let line = survey.as_ref().and_then(|s| s.line_of(&listed.cho));
        Ok(Checked { source: place, line, tier: Some(tier), tier_enriched: Some(enriched), findings, ..empty(listed) })
    }

    /// The record's document, looked over, where it was XML.
    fn survey(&self, source: &NamedNode) -> anyhow::Result<Option<Survey>> {
        let store = &self.house.store;
        let of = |property| store.object(source, property, &store.meta_graph());
        let is_xml = of(dcterms::FORMAT)?.is_some_and(|f| text_of(f) == oxigraph::io::RdfFormat::RdfXml.media_type());
        let Some(Term::Literal(checksum)) = of(enr::ORIGINAL_DIGEST)?.filter(|_| is_xml) else { return Ok(None) };
        let bytes = store.originals().bytes(checksum.value())?;
        let text = bytes.as_deref().and_then(text_of_document);
        Ok(text.map(|text| Survey::of(&text, &self.relative)))
    }

    /// What does not conform in our own graphs about the record. There should be nothing.
    fn our_own(&self, key: &RecordKey) -> anyhow::Result<Vec<Finding>> {
        let store = &self.house.store;
        let published = store.triples(&store.base().published_graph(key))?;
        let mut findings = self.publication.validate("what is published", &published)?;
        let mut ours = Vec::new();
        let mut described = Vec::new();
        for facts in enrichments_of(store, key)? {
            ours.extend(store.triples(&facts.graph)?);
            described.extend([Some(facts.graph), facts.run, facts.agent].into_iter().flatten().chain(facts.derived_from));
        }
        let (review, meta) = (store.base().review_graph(), store.meta_graph());
        let of_record = TermRef::Literal(LiteralRef::new_simple_literal(key.as_str()));
        for verdict in store.subjects(enr::RECORD, of_record, &review)? {
            let said: Vec<Quad> = store.about(&verdict)?.into_iter().filter(|q| q.graph_name == GraphName::from(review.clone())).collect();
            let people = said.iter().filter(|q| q.predicate == dcterms::CREATOR).filter_map(|q| match &q.object {
                Term::NamedNode(person) => Some(person.clone()),
                _ => None,
            });
            described.extend(people);
            ours.extend(said.into_iter().map(Triple::from));
        }
        described.sort();
        described.dedup();
        for thing in described {
            let of_ours = [GraphName::from(meta.clone()), GraphName::from(review.clone())];
            ours.extend(store.about(&thing)?.into_iter().filter(|q| of_ours.contains(&q.graph_name)).map(Triple::from));
        }
        findings.extend(self.enrichment.validate("what was added", &ours)?);
        Ok(findings)
    }
}

fn empty(listed: &Listed) -> Checked {
    Checked {
        record: listed.cho.clone(),
        provider: listed.provider.clone(),
        title: listed.title.clone(),
        source: String::new(),
        line: None,
        read: true,
        tier: None,
        tier_enriched: None,
        findings: Vec::new(),
    }
}
