//! A record's page: what the provider said, what we say and why, what people decided, what is published of it.

use std::collections::BTreeMap;

use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Term, TermRef, Triple};

use super::{
    Shown, ours,
    regions::{ByTarget, Regions},
    words::{concept_link, link, path_to, property, short, thing_link, value_here},
};
use crate::{
    enrichment::{Annotation, EnrichmentFacts, annotations_of, enrichments_of},
    publication::EdmXml,
    rdf::{
        RecordKey,
        ns::{dcterms, edm, enr, foaf, ore, prov, rdf},
        plain,
    },
    records,
    review::{Decision, Standing, Verdict, verdicts_of},
    serve::{
        SourceError, Visitor,
        pages::{
            AnnotationView, Certainty, ConceptLink, DRAWN, Link, Placed, PropertyRow, Reasons, RecordView, Section, StatementView, Text,
            VerdictView,
        },
    },
    store::Listed,
    validation::{MetadataTier, metadata_tier},
    vocab::Vocabularies,
};

/// One record's page in the making.
struct Making<'m> {
    shown: &'m Shown,
    visitor: &'m Visitor,
    vocabularies: Vocabularies<'m>,
    listed: Listed,
    verdicts: Vec<Verdict>,
    published: Vec<Triple>,
}

impl Shown {
    pub(super) fn record_view(&self, visitor: &Visitor, key: &RecordKey) -> Result<RecordView, SourceError> {
        let store = self.store();
        let Some(listed) = store.index().record(key).map_err(ours)? else {
            return Err(SourceError::NotFound("there is no such record here".to_owned()));
        };
        let making = Making {
            shown: self,
            visitor,
            vocabularies: self.vocabularies()?,
            verdicts: verdicts_of(store, key).map_err(ours)?,
            published: store.triples(&store.base().published_graph(key)).map_err(ours)?,
            listed,
        };
        making.view()
    }
}

impl Making<'_> {
    fn view(&self) -> Result<RecordView, SourceError> {
        let (store, key) = (self.shown.store(), &self.listed.key);
        let base = store.base();
        let source = base.source_graph(key);
        let triples = store.triples(&source).map_err(ours)?;
        let cho = NamedNode::new_unchecked(&self.listed.cho);
        let said = records::RecordView::new(cho.as_ref(), &triples);
        let title = said.titles().into_iter().min_by_key(|t| self.rank(*t)).map(text_of);
        let regions = Regions { shown: self.shown, visitor: self.visitor, vocabularies: &self.vocabularies };
        let (mut annotations, mut asides, mut drawn_height, mut looked_at) = (Vec::new(), Vec::new(), None, false);
        let mut enrichments = Vec::new();
        for facts in enrichments_of(store, key).map_err(ours)?.into_iter().filter(|f| f.replaced_by.is_none()) {
            let of_it = annotations_of(store, &facts.graph).map_err(ours)?;
            enrichments.push((facts, of_it));
        }
        // What we stand by comes first, suggestions after it.
        enrichments.sort_by_key(|(_, of_it)| !of_it.iter().any(|a| self.is_published(&a.property, &a.concept)));
        for (facts, of_it) in &enrichments {
            let (size, mut placed) = (regions.picture_size(facts)?, ByTarget::new());
            looked_at = true;
            for annotation in of_it {
                let mut view = self.annotation(annotation, facts)?;
                view.region = Regions::region(annotation, size);
                if let (Some(_), None, Some([wide, high])) = (&view.region, drawn_height, size) {
                    drawn_height = Some((f64::from(high) * f64::from(DRAWN) / f64::from(wide)) as u32);
                }
                let number = annotations.len() + 1;
                placed.entry(annotation.target.clone()).or_insert_with(|| Placed { number, concept: view.concept.clone() });
                annotations.push(view);
            }
            asides.extend(regions.asides(facts, &placed)?);
        }
        annotations.extend(self.corrections()?);
        let notes = store.objects(&source, enr::NOTE, &store.meta_graph()).map_err(ours)?;
        let graph_here = |what: &str, graph: &NamedNode| thing_link(base, format!("{what}: {}", graph.as_str()), graph.as_str());
        let mut graphs = vec![graph_here("what the provider said", &source)];
        if !self.published.is_empty() {
            graphs.push(graph_here("what is published", &base.published_graph(key)));
        }
        let mut abstained = Vec::new();
        for facts in enrichments_of(store, key).map_err(ours)? {
            graphs.push(graph_here("what a tagger said", &facts.graph));
            if facts.replaced_by.is_none() {
                abstained.extend(facts.abstained.iter().map(|reason| format!("A tagger said nothing. {reason}")));
            }
        }
        graphs
            .push(Link { text: "the annotations, as a Web Annotation collection".to_owned(), href: format!("/record/{key}/annotations") });
        for (form, what) in crate::serve::shared::FORMS {
            graphs.push(Link { text: format!("the annotations, {what}"), href: format!("/record/{key}/share/{form}") });
        }
        Ok(RecordView {
            tiers: self.tiers(&cho, &triples)?,
            key: key.to_string(),
            title: title.unwrap_or_else(|| Text { text: self.listed.title.clone(), language: String::new() }),
            cho: self.listed.cho.clone(),
            provider: self.listed.provider.clone(),
            shown_at: said.is_shown_at().map(|page| link("At the provider’s", page.as_str())),
            has_picture: self.shown.has_picture(key)?,
            rights: said.rights().map(|r| link(short(&plain(&r.into_owned())), &plain(&r.into_owned()))),
            source: self.sections(&triples)?,
            annotations,
            asides,
            drawn_height,
            looked_at,
            published: self.rows(&self.published, |s| s == NamedOrBlankNodeRef::from(base.aggregator_proxy(key).as_ref()))?,
            statements: self.statements()?,
            notes: notes.iter().map(plain).chain(abstained).collect(),
            graphs,
            query: self.query(),
        })
    }

    /// The metadata tier as the record came, and with what is published of it where that is another one.
    fn tiers(&self, cho: &NamedNode, triples: &[Triple]) -> Result<Vec<String>, SourceError> {
        let words = |tier: &MetadataTier, when: &str| {
            format!(
                "Metadata tier {} {when}: languages {}, enabling elements {}, contextual classes {}",
                tier.tier, tier.language, tier.enabling_elements, tier.contextual_classes
            )
        };
        let before = metadata_tier(cho.as_ref(), triples);
        let mut lines = vec![words(&before, "as it came")];
        if self.listed.published {
            let added = EdmXml::new(self.shown.store()).publication_triples(&self.listed).map_err(ours)?;
            let with: Vec<Triple> = triples.iter().cloned().chain(added).collect();
            let after = metadata_tier(cho.as_ref(), &with);
            lines.push(words(&after, "with what is published here"));
        }
        Ok(lines)
    }

    fn rank(&self, term: TermRef<'_>) -> usize {
        match term {
            TermRef::Literal(literal) => self.visitor.rank(literal.language().unwrap_or_default()),
            _ => usize::MAX,
        }
    }

    /// What the provider said, a section for each thing described: the object first, then its aggregation, its views, and the rest.
    fn sections(&self, triples: &[Triple]) -> Result<Vec<Section>, SourceError> {
        let mut subjects: Vec<NamedOrBlankNodeRef<'_>> = Vec::new();
        for triple in triples {
            if !subjects.contains(&triple.subject.as_ref()) {
                subjects.push(triple.subject.as_ref());
            }
        }
        let class = |subject: NamedOrBlankNodeRef<'_>| -> Option<NamedNodeRef<'_>> {
            triples.iter().find_map(|t| match (&t.object, t.subject.as_ref() == subject && t.predicate == rdf::TYPE) {
                (Term::NamedNode(class), true) => Some(class.as_ref()),
                _ => None,
            })
        };
        let order = |subject: &NamedOrBlankNodeRef<'_>| match class(*subject) {
            Some(c) if c == edm::PROVIDED_CHO => 0,
            Some(c) if c == ore::PROXY => 1,
            Some(c) if c == ore::AGGREGATION => 2,
            Some(c) if c == edm::WEB_RESOURCE => 3,
            _ => 4,
        };
        subjects.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.to_string().cmp(&b.to_string())));
        let mut sections = Vec::new();
        for subject in subjects {
            let heading = match class(subject) {
                Some(c) if c == edm::PROVIDED_CHO => "The object".to_owned(),
                Some(c) if c == ore::PROXY => "The provider’s view of it".to_owned(),
                Some(c) if c == ore::AGGREGATION => "The aggregation".to_owned(),
                Some(c) if c == edm::WEB_RESOURCE => "A digital view".to_owned(),
                Some(c) => short(c.as_str()),
                None => "Something else".to_owned(),
            };
            let iri = if let NamedOrBlankNodeRef::NamedNode(n) = subject { n.as_str().to_owned() } else { String::new() };
            sections.push(Section { heading, iri, rows: self.rows(triples, |s| s == subject)? });
        }
        Ok(sections)
    }

    fn rows(&self, triples: &[Triple], of: impl Fn(NamedOrBlankNodeRef<'_>) -> bool) -> Result<Vec<PropertyRow>, SourceError> {
        let mut rows: BTreeMap<String, PropertyRow> = BTreeMap::new();
        for triple in triples.iter().filter(|t| of(t.subject.as_ref()) && t.predicate != rdf::TYPE) {
            let name = property(triple.predicate.as_ref());
            let row = rows.entry(name.text.clone()).or_insert_with(|| PropertyRow { property: name, values: Vec::new() });
            row.values.push(value_here(self.shown.store().base(), &self.vocabularies, self.visitor, triple.object.as_ref())?);
        }
        Ok(rows.into_values().collect())
    }

    fn annotation(&self, annotation: &Annotation, facts: &EnrichmentFacts) -> Result<AnnotationView, SourceError> {
        let certainty = match (annotation.confidence, &annotation.score) {
            (Some(confidence), _) => Certainty::Confidence(confidence),
            (None, Some((value, kind))) => Certainty::Score { value: *value, kind: kind.to_lowercase() },
            (None, None) => Certainty::Person,
        };
        let concept = match &annotation.text {
            Some(text) => ConceptLink { iri: annotation.concept.as_str().to_owned(), label: text_of(TermRef::Literal(text.as_ref())) },
            None => concept_link(&self.vocabularies, self.visitor, annotation.concept.as_str())?,
        };
        Ok(AnnotationView {
            page: thing_link(self.shown.store().base(), annotation.iri.as_str(), annotation.iri.as_str()),
            concept,
            property: property(annotation.property.as_ref()),
            certainty,
            paths: match &annotation.text {
                Some(_) => Vec::new(),
                None => vec![path_to(&self.vocabularies, self.visitor, annotation.concept.as_str())?],
            },
            reasons: self.reasons(annotation, facts)?,
            region: None,
            verdicts: self.verdicts_on(&annotation.property, &annotation.concept)?,
            published: self.is_published(&annotation.property, &annotation.concept),
            standing: standing_word(Standing::of(&self.verdicts, &annotation.property, &annotation.concept)),
        })
    }

    /// What people put in the place of what a tagger said.
    fn corrections(&self) -> Result<Vec<AnnotationView>, SourceError> {
        let mut views = Vec::new();
        for verdict in self.verdicts.iter().filter(|v| v.decision == Decision::Correct) {
            let Some(concept) = &verdict.correction else { continue };
            views.push(AnnotationView {
                page: thing_link(self.shown.store().base(), verdict.iri.as_str(), verdict.iri.as_str()),
                concept: concept_link(&self.vocabularies, self.visitor, concept.as_str())?,
                property: property(verdict.property.as_ref()),
                certainty: Certainty::Person,
                paths: vec![path_to(&self.vocabularies, self.visitor, concept.as_str())?],
                published: self.is_published(&verdict.property, concept),
                standing: standing_word(Standing::of(&self.verdicts, &verdict.property, concept)),
                ..AnnotationView::default()
            });
        }
        Ok(views)
    }

    fn is_published(&self, property: &NamedNode, concept: &NamedNode) -> bool {
        // A caption is published as its words.
        let words = |t: &Triple| matches!(&t.object, Term::Literal(l) if self.shown.store().base().text(l.value(), l.language().unwrap_or_default()) == *concept);
        self.published.iter().any(|t| t.predicate == *property && (t.object == Term::from(concept.clone()) || words(t)))
    }

    fn reasons(&self, annotation: &Annotation, facts: &EnrichmentFacts) -> Result<Reasons, SourceError> {
        let store = self.shown.store();
        let meta = store.meta_graph();
        let of = |subject: &NamedNode, predicate: NamedNodeRef<'_>| -> Result<String, SourceError> {
            Ok(store.object(subject, predicate, &meta).map_err(ours)?.as_ref().map(plain).unwrap_or_default())
        };
        let agent = &annotation.creator;
        let status = of(agent, enr::TAGGER_STATUS)?;
        let here = |text: String, iri: &str| if iri.is_empty() { Link::default() } else { thing_link(store.base(), text, iri) };
        let run = facts.run.as_ref().map(|run| (run, here(last(run.as_str()), run.as_str())));
        let used = match &facts.run {
            Some(run) => store.objects(run, prov::USED, &meta).map_err(ours)?,
            None => Vec::new(),
        };
        let model = used.iter().map(plain).find(|n| store.base().local(n).is_some_and(|l| l.starts_with("model/"))).unwrap_or_default();
        let vocabulary = facts.derived_from.iter().find(|n| store.base().local(n.as_str()).is_some_and(|l| l.starts_with("graph/vocab/")));
        let picture = facts
            .derived_from
            .iter()
            .find_map(|n| n.as_str().rsplit_once("picture/sha256-").map(|(_, sum)| here(sum.to_owned(), n.as_str())));
        let mapping_set = of(agent, enr::LABEL_MAPPING)?;
        Ok(Reasons {
            words: annotation
                .words
                .as_ref()
                .map(|(words, property)| format!("“{words}” in {}", short(property.as_str())))
                .unwrap_or_default(),
            model_label: annotation.model_label.clone(),
            mapping: annotation.mapping.trim_end_matches("Match").to_owned(),
            mapping_set: here(last(&mapping_set), &mapping_set),
            tagger: here(of(agent, foaf::NAME)?, agent.as_str()),
            model: here(last(&model), &model),
            tagger_version: of(agent, dcterms::HAS_VERSION)?,
            tagger_status: status.strip_prefix(enr::NS).unwrap_or(&status).to_lowercase(),
            calibrated_on: of(agent, enr::CALIBRATED_ON)?,
            date: run.as_ref().map(|(run, _)| of(run, prov::STARTED_AT_TIME)).transpose()?.unwrap_or_default(),
            execution_provider: run.as_ref().map(|(run, _)| of(run, enr::PROVIDER)).transpose()?.unwrap_or_default(),
            run: run.map(|(_, link)| link).unwrap_or_default(),
            picture_checksum: picture.unwrap_or_default(),
            decoder: facts.decoder.clone(),
            vocabulary: vocabulary.map(|v| here(vocabulary_name(vocabulary), v.as_str())).unwrap_or_default(),
        })
    }

    fn verdicts_on(&self, of: &NamedNode, concept: &NamedNode) -> Result<Vec<VerdictView>, SourceError> {
        let mut views = Vec::new();
        for verdict in self.verdicts.iter().filter(|v| v.property == *of && v.concept == *concept) {
            let correction = verdict.correction.as_ref().map(|c| concept_link(&self.vocabularies, self.visitor, c.as_str())).transpose()?;
            views.push(VerdictView {
                who: self.person(&verdict.who)?,
                decision: match verdict.decision {
                    Decision::Accept => "accepted",
                    Decision::Reject => "rejected",
                    Decision::Correct => "corrected",
                }
                .to_owned(),
                when: verdict.at.to_string(),
                correction,
            });
        }
        Ok(views)
    }

    fn person(&self, who: &NamedNode) -> Result<Link, SourceError> {
        let store = self.shown.store();
        let name = store.object(who, foaf::NAME, &store.base().review_graph()).map_err(ours)?;
        Ok(match name {
            Some(name) => thing_link(store.base(), plain(&name), who.as_str()),
            None => link(who.as_str(), who.as_str()),
        })
    }

    fn statements(&self) -> Result<Vec<StatementView>, SourceError> {
        let store = self.shown.store();
        let graph = store.base().statements_graph(&self.listed.key);
        let mut views = Vec::new();
        for subject in store.subjects(rdf::TYPE, rdf::STATEMENT, &graph).map_err(ours)? {
            let NamedOrBlankNode::NamedNode(statement) = subject else { continue };
            let one = |predicate| store.object(&statement, predicate, &graph).map_err(ours);
            let (Some(Term::NamedNode(predicate)), Some(object)) = (one(rdf::PREDICATE)?, one(rdf::OBJECT)?) else { continue };
            views.push(StatementView {
                property: property(predicate.as_ref()),
                value: value_here(store.base(), &self.vocabularies, self.visitor, object.as_ref())?,
                generated_by: one(edm::WAS_GENERATED_BY)?.as_ref().map(plain).unwrap_or_default(),
                confidence: one(edm::CONFIDENCE_LEVEL)?.as_ref().map(plain).unwrap_or_default(),
            });
        }
        Ok(views)
    }

    /// The query that shows what stands on this page about the object.
    fn query(&self) -> String {
        format!(
            "# What taggers say about <{cho}>\nPREFIX oa: <http://www.w3.org/ns/oa#>\nPREFIX enr: <{enr}>\nPREFIX soa: <http://sw.islab.ntua.gr/annotation/>\nPREFIX dcterms: <http://purl.org/dc/terms/>\nPREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n\nSELECT ?annotation ?concept ?label ?confidence ?score ?tagger WHERE {{\n  ?target oa:hasScope <{cho}> .\n  ?annotation oa:hasTarget ?target ; oa:hasBody ?concept ; dcterms:creator ?tagger .\n  OPTIONAL {{ ?annotation soa:confidence ?confidence }}\n  OPTIONAL {{ ?annotation enr:rawScore ?score }}\n  OPTIONAL {{ ?concept skos:prefLabel ?label FILTER(LANGMATCHES(LANG(?label), \"en\")) }}\n}}",
            cho = self.listed.cho,
            enr = enr::NS
        )
    }
}

fn standing_word(standing: Standing) -> String {
    match standing {
        Standing::Open => "",
        Standing::Accepted => "accepted",
        Standing::Rejected => "rejected",
    }
    .to_owned()
}

fn text_of(term: TermRef<'_>) -> Text {
    match term {
        TermRef::Literal(literal) => Text { text: literal.value().to_owned(), language: literal.language().unwrap_or_default().to_owned() },
        other => Text { text: other.to_string(), language: String::new() },
    }
}

fn last(iri: &str) -> String {
    iri.rsplit('/').next().unwrap_or(iri).to_owned()
}

fn vocabulary_name(graph: Option<&NamedNode>) -> String {
    graph.and_then(|g| g.as_str().rsplit_once("graph/vocab/")).map(|(_, name)| name.replace('/', " ")).unwrap_or_default()
}
