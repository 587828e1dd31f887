//! One statement about a record with all that others want to know of it, wherever it stands in the store.

use oxigraph::model::{NamedNode, NamedNodeRef};

use crate::{
    enrichment::{annotations_of, enrichments_of},
    publication::PublicationError,
    rdf::{
        ns::{EUROPEANA_CONCEPT, foaf, prov},
        text_of,
    },
    review::{Decision, Standing, Verdict, verdicts_of},
    store::{Listed, Store},
    vocab::{Label, Vocabularies},
};

/// What is said about a record: a concept for a property of it, by whom, how surely, and what people decided.
#[derive(Clone, Debug)]
pub struct SharedStatement {
    /// The annotation's IRI.
    pub iri: NamedNode,
    /// The concept.
    pub concept: NamedNode,
    /// Europeana's concept that is the same, where one is known.
    pub europeana: Option<String>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// The property of the CHO.
    pub property: NamedNode,
    /// The CHO.
    pub cho: String,
    /// The web resource that was looked at.
    pub web_resource: Option<NamedNode>,
    /// The calibrated confidence, 0 to 1; a person has none.
    pub confidence: Option<f64>,
    /// Who says so.
    pub creator: NamedNode,
    /// What they are called.
    pub creator_name: String,
    /// Whether that is a person.
    pub by_person: bool,
    /// When.
    pub created: Option<String>,
    /// What people decided.
    pub standing: Standing,
    /// Who decided, and when.
    pub verdicts: Vec<Verdict>,
    /// Whether it is published.
    pub published: bool,
}

/// What is said about a record by taggers, and by people in their place; in the order of the record's page.
pub fn shared_statements(
    store: &Store,
    vocabularies: &Vocabularies<'_>,
    listed: &Listed,
) -> Result<Vec<SharedStatement>, PublicationError> {
    let (base, meta) = (store.base(), store.meta_graph());
    let verdicts = verdicts_of(store, &listed.key)?;
    let published = store.triples(&base.published_graph(&listed.key))?;
    let is_published = |property: &NamedNode, concept: &NamedNode| {
        published.iter().any(|t| t.predicate == *property && t.object == oxigraph::model::Term::from(concept.clone()))
    };
    let told = |node: &NamedNode, predicate: NamedNodeRef<'_>, graph: &NamedNode| -> Result<Option<String>, PublicationError> {
        Ok(store.object(node, predicate, graph)?.map(text_of))
    };
    let on = |property: &NamedNode, concept: &NamedNode| {
        verdicts.iter().filter(|v| v.property == *property && v.concept == *concept).cloned().collect::<Vec<_>>()
    };
    let mut statements = Vec::new();
    for facts in enrichments_of(store, &listed.key)?.iter().filter(|facts| facts.replaced_by.is_none()) {
        let created = facts.run.as_ref().map(|run| told(run, prov::STARTED_AT_TIME, &meta)).transpose()?.flatten();
        for annotation in annotations_of(store, &facts.graph)? {
            statements.push(SharedStatement {
                europeana: europeana_concept(vocabularies, annotation.concept.as_str())?,
                labels: vocabularies.labels(annotation.concept.as_str())?,
                cho: listed.cho.clone(),
                web_resource: Some(annotation.web_resource),
                confidence: annotation.confidence,
                creator_name: told(&annotation.creator, foaf::NAME, &meta)?.unwrap_or_default(),
                creator: annotation.creator,
                by_person: false,
                created: created.clone(),
                standing: Standing::of(&verdicts, &annotation.property, &annotation.concept),
                verdicts: on(&annotation.property, &annotation.concept),
                published: is_published(&annotation.property, &annotation.concept),
                iri: annotation.iri,
                concept: annotation.concept,
                property: annotation.property,
            });
        }
    }
    for verdict in verdicts.iter().filter(|verdict| verdict.decision == Decision::Correct) {
        let Some(concept) = verdict.correction.clone() else { continue };
        statements.push(SharedStatement {
            iri: verdict.iri.clone(),
            europeana: europeana_concept(vocabularies, concept.as_str())?,
            labels: vocabularies.labels(concept.as_str())?,
            cho: listed.cho.clone(),
            web_resource: None,
            confidence: None,
            creator_name: told(&verdict.who, foaf::NAME, &base.review_graph())?.unwrap_or_default(),
            creator: verdict.who.clone(),
            by_person: true,
            created: Some(verdict.at.to_string()),
            standing: Standing::of(&verdicts, &verdict.property, &concept),
            verdicts: on(&verdict.property, &concept),
            published: is_published(&verdict.property, &concept),
            property: verdict.property.clone(),
            concept,
        });
    }
    Ok(statements)
}

/// Europeana's own concept, of those that are said to be the same; the newer spelling where there are two.
fn europeana_concept(vocabularies: &Vocabularies<'_>, concept: &str) -> Result<Option<String>, PublicationError> {
    let own = concept.starts_with(EUROPEANA_CONCEPT).then(|| concept.to_owned());
    let same = vocabularies.equivalents(concept)?;
    let mut found: Vec<String> = own.into_iter().chain(same.iter().map(|node| node.as_str().to_owned())).collect();
    found.retain(|iri| iri.starts_with(EUROPEANA_CONCEPT));
    found.sort_by_key(|iri| (iri.contains("/base/"), iri.len(), iri.clone()));
    Ok(found.into_iter().next())
}

impl SharedStatement {
    /// The label in one of these languages, the best first; any where there is none in them.
    pub fn label(&self, languages: &[&str]) -> Option<&Label> {
        let in_language =
            |language: &&str| self.labels.iter().find(|label| label.preferred && label.language.eq_ignore_ascii_case(language));
        languages.iter().find_map(in_language).or_else(|| self.labels.iter().find(|label| label.preferred)).or(self.labels.first())
    }

    /// The property by its short name: `dc:type`.
    pub fn property_name(&self) -> String {
        let found =
            crate::rdf::ns::PREFIXES.iter().find_map(|(prefix, ns)| Some(format!("{prefix}:{}", self.property.as_str().strip_prefix(ns)?)));
        found.unwrap_or_else(|| self.property.as_str().to_owned())
    }

    /// What people decided, in a word; nothing where nobody did.
    pub fn decided(&self) -> &'static str {
        match self.standing {
            Standing::Open => "",
            Standing::Accepted => "accepted",
            Standing::Rejected => "rejected",
        }
    }
}
